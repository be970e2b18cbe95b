//! What telephones keep: passwords, registrations, and what was dialled.

use std::time::Duration;

use bellwire::store::{Dialled, Doc, Registered, Store};
use bellwire_proto::{
    admin::Kind,
    id::{PhoneId, QueueId},
    setup::{DialLimits, Phone, Queue},
    time::Timestamp,
};

use super::{NOW, Place, agent, user};

fn phone() -> Phone {
    Phone {
        id: PhoneId::new(NOW, 1),
        name: "Anna's desk".to_owned(),
        user: "anna".to_owned(),
        agent: agent(1),
        secure: false,
    }
}

async fn put(store: &Store, phone: &Phone, secret: &str) -> i64 {
    let mut change = store.change("admin", NOW).await.expect("a change");
    change
        .put(&Doc::of(phone).expect("a document"))
        .await
        .expect("put");
    let id = phone.id.to_string();
    let set = change
        .set_secret(Kind::Phone, &id, &phone.name, secret)
        .await;
    set.expect("a password");
    change.commit().await.expect("done")
}

async fn with_anna(place: &Place) -> Store {
    let store = Store::open(&place.config).await.expect("the store opens");
    let mut change = store.change("admin", NOW).await.expect("a change");
    change
        .add_user(&user(1, "anna", vec![]), "a hash")
        .await
        .expect("a user");
    change.commit().await.expect("done");
    store
}

fn at(contact: &str) -> Registered {
    Registered {
        phone: "anna".to_owned(),
        contact: contact.to_owned(),
        source: "198.51.100.2:40112".to_owned(),
        transport: "udp".to_owned(),
        agent: "Desk 1".to_owned(),
        expires_at: NOW + Duration::from_secs(300),
        whole: r#"{"path":["<sip:edge.example;lr>"]}"#.to_owned(),
    }
}

#[tokio::test]
async fn a_password_is_kept_as_it_is_and_counts_as_a_change() {
    let place = Place::new();
    let store = with_anna(&place).await;
    let first = put(&store, &phone(), "hush").await;

    let second = put(&store, &phone(), "other").await;

    assert_eq!(second, first + 1);
    assert_eq!(store.setup_version().await.expect("a version"), second);
    let own = (Kind::Phone, phone().id.to_string(), "other".to_owned());
    assert_eq!(store.secrets().await.expect("secrets"), [own]);
    assert_eq!(put(&store, &phone(), "other").await, second);
    let audit = store.audit_rows(1).await.expect("rows");
    assert_eq!(
        (audit[0].action.as_str(), audit[0].object.as_str()),
        ("phone.password", "Anna's desk")
    );
}

#[tokio::test]
async fn a_password_goes_when_its_phone_cannot_come_back_any_more() {
    let place = Place::new();
    let store = with_anna(&place).await;
    put(&store, &phone(), "hush").await;
    let id = phone().id.to_string();
    let mut change = store.change("admin", NOW).await.expect("a change");
    change.remove(Kind::Phone, &id).await.expect("removed");
    change.commit().await.expect("done");
    let has = async || {
        let mut change = store.change("admin", NOW).await.expect("a change");
        change
            .has_secret(Kind::Phone, &id)
            .await
            .expect("an answer")
    };
    assert!(has().await, "undoing brings it back");
    assert_eq!(store.secrets().await.expect("secrets"), []);

    for n in 0..25 {
        let queue = Queue::new(QueueId::new(NOW, n), &format!("Queue {n}"));
        let mut change = store.change("admin", NOW).await.expect("a change");
        change
            .put(&Doc::of(&queue).expect("a document"))
            .await
            .expect("put");
        change.commit().await.expect("done");
    }

    assert!(!has().await);
}

#[tokio::test]
async fn registrations_outlive_a_restart() {
    let place = Place::new();
    let store = with_anna(&place).await;
    put(&store, &phone(), "hush").await;
    let both = [at("sip:anna@192.0.2.9"), at("sip:anna@192.0.2.10")];
    store.keep_registrations("anna", &both).await.expect("kept");
    store
        .keep_registrations("anna", &both[..1])
        .await
        .expect("kept");
    store.close().await;

    let store = Store::open(&place.config).await.expect("the store opens");

    let kept = store.registrations().await.expect("registrations");
    assert_eq!(kept, both[..1]);
}

#[tokio::test]
async fn a_phone_with_another_password_name_or_owner_is_not_reached_where_it_was() {
    let place = Place::new();
    let store = with_anna(&place).await;
    put(&store, &phone(), "hush").await;
    let other = Phone {
        name: "Another name only".to_owned(),
        secure: true,
        ..phone()
    };
    let register = async || {
        let here = [at("sip:anna@192.0.2.9")];
        store.keep_registrations("anna", &here).await.expect("kept");
    };
    let count = async || store.registrations().await.expect("registrations").len();

    register().await;
    put(&store, &other, "hush").await;
    assert_eq!(count().await, 1);
    put(&store, &other, "another").await;
    assert_eq!(count().await, 0);
    register().await;
    let renamed = Phone {
        user: "anna2".to_owned(),
        ..phone()
    };
    put(&store, &renamed, "another").await;
    assert_eq!(count().await, 0);
}

#[tokio::test]
async fn what_was_dialled_is_known_for_a_while() {
    let place = Place::new();
    let store = with_anna(&place).await;
    let call = |at: Timestamp| Dialled {
        at,
        number: "+34910000001".to_owned(),
        visitor: Some("ses_1".to_owned()),
        trunk: None,
        seconds: 61,
        outcome: "answered".to_owned(),
    };
    let day = Duration::from_secs(24 * 60 * 60);
    for at in [NOW - 40 * day, NOW - day, NOW] {
        store.add_dialled(&call(at)).await.expect("kept");
    }

    let lately = store.dialled_since(NOW - day).await.expect("calls");
    let all = store.dialled_since(Timestamp(0)).await.expect("calls");

    assert_eq!(lately, [call(NOW - day), call(NOW)]);
    assert_eq!(all, lately);
}

#[tokio::test]
async fn limits_that_say_nothing_are_no_change() {
    let place = Place::new();
    let store = with_anna(&place).await;
    let before = store.setup_version().await.expect("a version");

    let mut change = store.change("admin", NOW).await.expect("a change");
    let none = Doc::of(&DialLimits::default()).expect("a document");
    change.put(&none).await.expect("put");

    assert_eq!(change.commit().await.expect("done"), before);
}
