//! The whole set-up as a file, out and in; and rules tried before they are saved.

use bellwire::store::Store;
use bellwire_core::record::Record;
use bellwire_proto::{
    admin::{Current, Imported, Tried},
    id::{AgentId, SessionId, SiteKey},
    journey::{JourneyEvent, JourneyKind},
    setup::{Setup, User},
    time::Timestamp,
};
use serde_json::{Value, json};

use crate::{admin::current, server::Server};

async fn import(server: &Server, cookie: &str, body: &Value) -> (u16, Value) {
    server.api(cookie, "POST", "/api/admin/import", body).await
}

fn imported(json: Value) -> Imported {
    serde_json::from_value(json).expect("an import")
}

#[tokio::test]
async fn what_is_exported_imports_as_it_is() {
    let server = Server::start().await;
    let admin = server.sign_in("admin").await;
    let headers = [("Cookie", admin.as_str())];
    let file = server.ask("GET", "/api/admin/export", &headers, "").await;
    let name = file.header("content-disposition");
    assert!(
        name.starts_with("attachment; filename=\"bellwire-") && name.ends_with(".json\""),
        "{name}"
    );
    assert!(!file.body.contains("argon2") && file.body.contains("\n  \"format\": 1,\n"));
    let setup: Setup = serde_json::from_str(&file.body).expect("a set-up");
    let store = Store::open(server.config()).await.expect("the store opens");
    let last = store.audit_rows(1).await.expect("rows");
    assert_eq!(
        (last[0].actor.as_str(), last[0].action.as_str()),
        ("admin", "setup.export")
    );
    let before = current(&server, &admin).await;
    assert_eq!(setup, before.setup);

    let body = json!({ "version": before.version, "setup": setup });
    let (status, same) = import(&server, &admin, &body).await;

    assert_eq!(status, 200, "{same}");
    let same = imported(same);
    assert_eq!((same.version, same.changes), (before.version, Vec::new()));
    assert_eq!(same.findings, []);
}

#[tokio::test]
async fn a_file_of_another_centre_takes_the_place_of_the_set_up() {
    let (server, other) = (Server::start().await, Server::start().await);
    let (admin, others) = (server.sign_in("admin").await, other.sign_in("admin").await);
    let mut setup = current(&other, &others).await.setup;
    let carla = User {
        id: AgentId::new(Timestamp(1), 1),
        user: "carla".to_owned(),
        ..setup.users[0].clone()
    };
    setup.users.push(carla);
    setup.queues.reverse();
    let before = current(&server, &admin).await;
    let mut body = json!({ "version": before.version, "setup": setup, "dry_run": true });

    let (status, tried) = import(&server, &admin, &body).await;
    assert_eq!(status, 200, "{tried}");
    let tried = imported(tried);
    assert!(
        tried.changes.contains(&"added user carla".to_owned()),
        "{tried:?}"
    );
    assert!(tried.passwords.is_empty());
    assert_eq!(current(&server, &admin).await, before);

    body["dry_run"] = json!(false);
    let (status, done) = import(&server, &admin, &body).await;
    assert_eq!(status, 200, "{done}");
    let done = imported(done);
    assert_eq!(done.changes, tried.changes);
    assert_eq!(done.passwords.len(), 1);
    let after = current(&server, &admin).await.setup;
    assert_eq!(after.queues, setup.queues);
    // Who was here under the same name stays who they are, and signed in.
    let own = |setup: &Setup| {
        setup
            .users
            .iter()
            .find(|user| user.user == "admin")
            .map(|u| u.id)
    };
    assert_eq!(own(&after), own(&before.setup));
    server
        .sign_in_as("carla", &done.passwords[0].password)
        .await;
    server.sign_in("anna").await;

    let undo = json!({ "version": done.version });
    let (status, _) = server.api(&admin, "POST", "/api/admin/undo", &undo).await;
    assert_eq!(status, 200);
    assert_eq!(current(&server, &admin).await.setup, before.setup);
}

#[tokio::test]
async fn a_file_that_would_do_harm_is_refused_whole() {
    let server = Server::start().await;
    let admin = server.sign_in("admin").await;
    let Current { version, setup, .. } = current(&server, &admin).await;
    let mut headless = setup.clone();
    headless.users.retain(|user| user.user != "admin");
    let mut twice = setup.clone();
    twice.queues.push(setup.queues[0].clone());
    let mut broken = setup.clone();
    broken.hours.clear();
    let mut future = setup.clone();
    future.format = 9;
    let mut crowd = setup.clone();
    crowd.users.extend((0..101).map(|n| User {
        id: AgentId::new(Timestamp(1), n),
        user: format!("user{n}"),
        ..setup.users[0].clone()
    }));

    for (setup, word) in [
        (headless, "yourself"),
        (twice, "twice"),
        (broken, "ours"),
        (future, "newer"),
        (crowd, "at most 100"),
    ] {
        let body = json!({ "version": version, "setup": setup, "despite_warnings": true });
        let (status, why) = import(&server, &admin, &body).await;
        assert_eq!((status, &why["error"]), (422, &json!("invalid")), "{word}");
        assert!(
            why["message"].as_str().expect("text").contains(word),
            "{why}"
        );
    }
    let (status, why) = import(&server, &admin, &json!({ "version": version })).await;
    assert_eq!(status, 422);
    assert!(
        why["message"].as_str().expect("text").contains("setup"),
        "{why}"
    );
    assert_eq!(current(&server, &admin).await.version, version);
}

#[tokio::test]
async fn an_import_with_warnings_asks_first() {
    let server = Server::start().await;
    let admin = server.sign_in("admin").await;
    let Current {
        version, mut setup, ..
    } = current(&server, &admin).await;
    setup.sites.clear();
    setup.invitations.clear();
    let mut body = json!({ "version": version, "setup": setup });

    let (asked, why) = import(&server, &admin, &body).await;
    body["despite_warnings"] = json!(true);
    let (done, _) = import(&server, &admin, &body).await;

    assert_eq!((asked, &why["error"]), (422, &json!("warnings")));
    assert_eq!(done, 200);
    assert!(current(&server, &admin).await.setup.sites.is_empty());
}

fn viewed(n: u32, categories: &[&str]) -> JourneyEvent {
    JourneyEvent {
        n,
        at: Timestamp(1_790_000_000_000 + u64::from(n)),
        kind: JourneyKind::Viewed {
            url: format!("https://shop.example/{n}"),
            title: "A page".to_owned(),
            referrer: String::new(),
            language: "en".to_owned(),
            categories: categories.iter().map(|&c| c.to_owned()).collect(),
        },
    }
}

#[tokio::test]
async fn rules_are_tried_on_recorded_journeys() {
    let server = Server::start().await;
    let admin = server.sign_in("admin").await;
    let store = Store::open(server.config()).await.expect("the store opens");
    let journey = |n, events| {
        let session = SessionId::new(Timestamp(1_790_000_000_000), n);
        let site = SiteKey("demo".to_owned());
        [
            Record::Session {
                session,
                site,
                opted_out: false,
            },
            Record::Journey { session, events },
        ]
    };
    let laptops = journey(
        1,
        vec![viewed(1, &["laptop-help"]), viewed(2, &["laptop-help"])],
    );
    let phones = journey(2, vec![viewed(1, &["phones"])]);
    store.write(&laptops).await.expect("stored");
    store.write(&phones).await.expect("stored");
    store.close().await;
    let mut rules = current(&server, &admin).await.setup.intents;
    let trouble = rules
        .iter_mut()
        .find(|rule| rule.name == "Laptop trouble")
        .expect("a rule");
    trouble.enabled = false;
    let id = trouble.id;

    let body = json!({ "rules": rules });
    let (status, tried) = server.api(&admin, "POST", "/api/admin/try", &body).await;

    assert_eq!(status, 200, "{tried}");
    let tried: Tried = serde_json::from_value(tried).expect("an answer");
    assert_eq!((tried.journeys, tried.changed), (2, 1));
    let line = tried
        .rules
        .iter()
        .find(|rule| rule.rule == id)
        .expect("a line");
    assert_eq!((line.before, line.after), (1, 0));
    let example = &tried.examples[0];
    assert_eq!(example.before.as_ref().map(|intent| intent.rule), Some(id));
    assert_eq!(example.after, None);
    assert_eq!(
        example.pages,
        ["https://shop.example/1", "https://shop.example/2"]
    );

    rules[0].confidence = 0;
    let body = json!({ "rules": rules });
    let (status, why) = server.api(&admin, "POST", "/api/admin/try", &body).await;
    assert_eq!((status, &why["error"]), (422, &json!("invalid")));
}
