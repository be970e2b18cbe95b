//! Phones, trunks and numbers as administrators save them, and their passwords, which nobody reads.

use bellwire::store::Store;
use bellwire_proto::{
    admin::{Imported, Kind, Saved},
    id::{NumberId, PhoneId, TrunkId},
    setup::{Destination, Number, Phone, SipTransport, Trunk, TrunkLogin},
    time::Timestamp,
};
use serde_json::{Value, json};

use crate::{admin::current, server::Server};

const SECRET: &str = "k7mq-2xvd-9hpt-w3nc";

async fn put(server: &Server, cookie: &str, kind: &str, doc: &Value, more: Value) -> (u16, Value) {
    let version = current(server, cookie).await.version;
    let mut body = json!({ "version": version, "doc": doc, "despite_warnings": true });
    if let (Some(body), Value::Object(mut more)) = (body.as_object_mut(), more) {
        body.append(&mut more);
    }
    let id = doc["id"].as_str().unwrap_or("all");
    let path = format!("/api/admin/{kind}/{id}");
    server.api(cookie, "PUT", &path, &body).await
}

async fn phone(server: &Server, cookie: &str) -> Phone {
    let setup = current(server, cookie).await.setup;
    let anna = setup.users.iter().find(|user| user.user == "anna");
    Phone {
        id: PhoneId::new(Timestamp(1), 1),
        name: "Meeting room".to_owned(),
        user: "201".to_owned(),
        agent: anna.expect("a user").id,
        secure: false,
    }
}

fn trunk() -> Trunk {
    Trunk {
        id: TrunkId::new(Timestamp(1), 1),
        name: "Carrier".to_owned(),
        on: true,
        host: "sip.carrier.example".to_owned(),
        transport: SipTransport::Tls,
        secure: false,
        login: Some(TrunkLogin {
            user: "lumen".to_owned(),
            auth_user: None,
            register: true,
        }),
        addresses: vec!["192.0.2.7".to_owned()],
        caller_id: None,
        most_calls: 30,
        order: 0,
    }
}

async fn secret(server: &Server, kind: Kind, id: impl ToString) -> Option<String> {
    let store = Store::open(server.config()).await.expect("the store opens");
    let secrets = store.secrets().await.expect("secrets");
    store.close().await;
    let id = id.to_string();
    let own = secrets.into_iter().find(|(k, i, _)| *k == kind && *i == id);
    own.map(|(_, _, value)| value)
}

#[tokio::test]
async fn a_phone_without_a_password_gets_one_that_is_told_once() {
    let server = Server::start().await;
    let admin = server.sign_in("admin").await;
    let phone = phone(&server, &admin).await;

    let (status, saved) = put(&server, &admin, "phone", &json!(phone), json!({})).await;

    assert_eq!(status, 200, "{saved}");
    let saved: Saved = serde_json::from_value(saved).expect("an answer");
    let told = saved.password.expect("a password");
    assert_eq!((told.kind, told.user.as_str()), (Kind::Phone, "201"));
    let kept = secret(&server, Kind::Phone, phone.id).await;
    assert_eq!(kept.as_deref(), Some(told.password.as_str()));
    let (status, again) = put(&server, &admin, "phone", &json!(phone), json!({})).await;
    assert_eq!((status, &again["password"]), (200, &Value::Null));
    assert_eq!(secret(&server, Kind::Phone, phone.id).await, kept);
}

#[tokio::test]
async fn passwords_of_phones_and_trunks_are_never_read_back() {
    let server = Server::start().await;
    let admin = server.sign_in("admin").await;
    let phone = phone(&server, &admin).await;
    let with = json!({ "password": SECRET });
    put(&server, &admin, "phone", &json!(phone), with.clone()).await;
    let (status, saved) = put(&server, &admin, "trunk", &json!(trunk()), with).await;
    assert_eq!(status, 200, "{saved}");

    for path in [
        "/api/admin/setup",
        "/api/admin/changes",
        "/api/admin/export",
    ] {
        let headers = [("Cookie", admin.as_str())];
        let answer = server.ask("GET", path, &headers, "").await;
        assert_eq!(answer.status, 200);
        assert!(!answer.body.contains(SECRET), "{path}");
    }
    assert!(!saved.to_string().contains(SECRET));
    let kept = secret(&server, Kind::Trunk, trunk().id).await;
    assert_eq!(kept.as_deref(), Some(SECRET));
}

#[tokio::test]
async fn another_password_is_a_change_that_the_server_follows() {
    let server = Server::start().await;
    let admin = server.sign_in("admin").await;
    let phone = phone(&server, &admin).await;
    put(&server, &admin, "phone", &json!(phone), json!({})).await;
    let before = current(&server, &admin).await;

    let with = json!({ "password": SECRET });
    let (status, saved) = put(&server, &admin, "phone", &json!(phone), with.clone()).await;

    assert_eq!((status, &saved["password"]), (200, &Value::Null));
    let after = current(&server, &admin).await;
    assert_eq!(
        (after.version, &after.setup),
        (before.version + 1, &before.setup)
    );
    let path = "/api/admin/changes";
    let (_, changes) = server.api(&admin, "GET", path, &Value::Null).await;
    let what = "gave phone Meeting room another password";
    assert_eq!(changes["changes"][0]["what"], what);
    put(&server, &admin, "phone", &json!(phone), with).await;
    assert_eq!(current(&server, &admin).await.version, after.version);
}

#[tokio::test]
async fn a_bad_password_is_told_at_its_field() {
    let server = Server::start().await;
    let admin = server.sign_in("admin").await;
    let phone = phone(&server, &admin).await;

    let with = json!({ "password": "1234" });
    let (status, why) = put(&server, &admin, "phone", &json!(phone), with).await;
    assert_eq!(
        (status, &why["findings"][0]["at"]),
        (422, &json!("password"))
    );

    let (status, why) = put(&server, &admin, "trunk", &json!(trunk()), json!({})).await;
    assert_eq!(
        (status, &why["findings"][0]["at"]),
        (422, &json!("password"))
    );
    let mut alone = trunk();
    alone.login = None;
    let with = json!({ "password": SECRET });
    let (status, why) = put(&server, &admin, "trunk", &json!(alone), with).await;
    assert_eq!(
        (status, &why["findings"][0]["at"]),
        (422, &json!("password"))
    );

    let limits = json!({ "allowed": ["+34"] });
    let with = json!({ "password": SECRET });
    let (status, why) = put(&server, &admin, "dialling", &limits, with).await;
    assert_eq!((status, &why["error"]), (422, &json!("invalid")));
}

#[tokio::test]
async fn a_deleted_phone_comes_back_with_its_password() {
    let server = Server::start().await;
    let admin = server.sign_in("admin").await;
    let phone = phone(&server, &admin).await;
    let with = json!({ "password": SECRET });
    put(&server, &admin, "phone", &json!(phone), with).await;
    let version = current(&server, &admin).await.version;

    let path = format!("/api/admin/phone/{}?version={version}", phone.id);
    let (status, gone) = server.api(&admin, "DELETE", &path, &Value::Null).await;
    assert_eq!(status, 200, "{gone}");
    assert_eq!(secret(&server, Kind::Phone, phone.id).await, None);
    let undo = json!({ "version": gone["version"] });
    let (status, _) = server.api(&admin, "POST", "/api/admin/undo", &undo).await;

    assert_eq!(status, 200);
    let kept = secret(&server, Kind::Phone, phone.id).await;
    assert_eq!(kept.as_deref(), Some(SECRET));
}

#[tokio::test]
async fn dialling_limits_are_one_document_that_denies_at_first() {
    let server = Server::start().await;
    let admin = server.sign_in("admin").await;
    let before = current(&server, &admin).await;
    assert!(before.setup.dialling.allowed.is_empty());

    let world = json!({ "allowed": ["+"], "most_calls": 1 });
    let (status, why) = put(&server, &admin, "dialling", &world, json!({})).await;
    assert_eq!(
        (status, &why["findings"][0]["at"]),
        (422, &json!("allowed.0"))
    );

    let spain = json!({
        "allowed": ["+34"], "barred": [], "most_calls": 2, "minutes_a_day": 60,
        "calls_a_number": 5, "calls_a_visitor": 3,
    });
    let (status, saved) = put(&server, &admin, "dialling", &spain, json!({})).await;
    assert_eq!(status, 200, "{saved}");
    let after = current(&server, &admin).await;
    assert_eq!(after.setup.dialling.allowed, ["+34"]);
    let path = "/api/admin/changes";
    let (_, changes) = server.api(&admin, "GET", path, &Value::Null).await;
    assert_eq!(
        changes["changes"][0]["what"],
        "changed dialling limits: allowed +\u{201c}+34\u{201d}, calls a number, calls a visitor, minutes a day, \
         most calls"
    );

    let path = format!("/api/admin/dialling/all?version={}", after.version);
    let (status, _) = server.api(&admin, "DELETE", &path, &Value::Null).await;
    assert_eq!(status, 422);
    let undo = json!({ "version": after.version });
    server.api(&admin, "POST", "/api/admin/undo", &undo).await;
    assert_eq!(current(&server, &admin).await.setup, before.setup);
}

#[tokio::test]
async fn a_number_leads_to_a_queue_that_takes_calls() {
    let server = Server::start().await;
    let admin = server.sign_in("admin").await;
    let setup = current(&server, &admin).await.setup;
    let number = |to| Number {
        id: NumberId::new(Timestamp(1), 1),
        number: "+34910000001".to_owned(),
        name: "Spain".to_owned(),
        to,
        language: "es".to_owned(),
    };
    let menu = Destination::Menu(setup.forms[0].id);

    let (status, why) = put(&server, &admin, "number", &json!(number(menu)), json!({})).await;
    assert_eq!((status, &why["findings"][0]["at"]), (422, &json!("to")));

    let number = number(Destination::Queue(setup.queues[0].id));
    let (status, saved) = put(&server, &admin, "number", &json!(number), json!({})).await;
    assert_eq!(status, 200, "{saved}");
    let after = current(&server, &admin).await.setup;
    assert_eq!(after.numbers.last(), Some(&number));
}

#[tokio::test]
async fn an_import_tells_new_phones_passwords_and_which_trunks_lack_theirs() {
    let (server, other) = (Server::start().await, Server::start().await);
    let (admin, others) = (server.sign_in("admin").await, other.sign_in("admin").await);
    let room = phone(&other, &others).await;
    put(&other, &others, "phone", &json!(room), json!({})).await;
    let with = json!({ "password": SECRET });
    put(&other, &others, "trunk", &json!(trunk()), with).await;
    // The same name on both servers, but not the same document.
    let named = |n, phone: Phone| Phone {
        id: PhoneId::new(Timestamp(2), n),
        name: "Desk phone".to_owned(),
        user: "anna".to_owned(),
        ..phone
    };
    let theirs = named(2, room);
    put(&other, &others, "phone", &json!(theirs), json!({})).await;
    let anna = named(3, phone(&server, &admin).await);
    put(&server, &admin, "phone", &json!(anna), json!({})).await;
    let file = current(&other, &others).await.setup;
    let before = current(&server, &admin).await;
    let annas = secret(&server, Kind::Phone, anna.id).await;

    let body = json!({ "version": before.version, "setup": file, "despite_warnings": true });
    let (status, done) = server.api(&admin, "POST", "/api/admin/import", &body).await;

    assert_eq!(status, 200, "{done}");
    let done: Imported = serde_json::from_value(done).expect("an import");
    let told: Vec<_> = (done.passwords.iter())
        .map(|it| (it.kind, it.user.as_str()))
        .collect();
    assert_eq!(told, [(Kind::Phone, "201")]);
    let lacks = done.findings.iter().find(|it| it.kind == Kind::Trunk);
    assert_eq!(lacks.expect("a finding").at, "password");
    let after = current(&server, &admin).await.setup;
    let own = after.users.iter().find(|user| user.user == "anna");
    let ring = after.phones.iter().find(|phone| phone.user == "201");
    assert_eq!(ring.expect("a phone").agent, own.expect("a user").id);
    assert!(
        after.phones.contains(&anna),
        "the phone here stays what it was"
    );
    assert_eq!(secret(&server, Kind::Phone, anna.id).await, annas);
}

#[tokio::test]
async fn a_file_from_before_there_were_telephones_is_read() {
    let server = Server::start().await;
    let admin = server.sign_in("admin").await;
    let before = current(&server, &admin).await;
    let mut file = json!(before.setup);
    for part in ["phones", "trunks", "numbers", "dialling"] {
        file.as_object_mut().expect("a set-up").remove(part);
    }
    for queue in file["queues"].as_array_mut().expect("queues") {
        queue.as_object_mut().expect("a queue").remove("sound");
    }

    let body = json!({ "version": before.version, "setup": file, "dry_run": true });
    let (status, told) = server.api(&admin, "POST", "/api/admin/import", &body).await;

    assert_eq!(status, 200, "{told}");
    let told: Imported = serde_json::from_value(told).expect("an import");
    let gone = told.changes.iter().filter(|it| it.starts_with("removed "));
    assert_eq!(gone.count(), told.changes.len(), "{:?}", told.changes);
}

#[tokio::test]
async fn a_server_without_telephones_says_so_where_their_state_is_asked() {
    let server = Server::start().await;
    let admin = server.sign_in("admin").await;
    let with = json!({ "password": SECRET });
    put(&server, &admin, "trunk", &json!(trunk()), with).await;
    let test = json!({ "trunk": trunk().id, "number": "+34910000001" });

    for (method, path, body) in [
        ("GET", "/api/admin/phones/live", Value::Null),
        ("GET", "/api/admin/trunks/live", Value::Null),
        ("POST", "/api/admin/trunks/test", test),
    ] {
        let (status, why) = server.api(&admin, method, path, &body).await;
        assert_eq!((status, &why["error"]), (503, &json!("telephony_off")));
        let detail = why["detail"].as_str().expect("a sentence");
        assert!(detail.contains("serves no telephones"), "{detail}");
    }
    assert!(!current(&server, &admin).await.telephony);
    let bad = json!({ "trunk": trunk().id, "number": "1\r\nEvil: 1" });
    let path = "/api/admin/trunks/test";
    let (status, _) = server.api(&admin, "POST", path, &bad).await;
    assert_eq!(status, 422);
}
