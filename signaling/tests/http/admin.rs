//! How administrators change the centre over HTTP, and who may not.

use bellwire_proto::{
    admin::{Changes, Current},
    id::{AgentId, QueueId},
    setup::{Queue, Setup, User},
    time::Timestamp,
};
use serde_json::{Value, json};

use crate::{
    server::Server,
    wire::{Desk, Visitor},
};

/// Every row of the API for administrators.
const ROWS: [(&str, &str); 12] = [
    ("GET", "/api/admin/setup"),
    ("PUT", "/api/admin/queue/que_1"),
    ("DELETE", "/api/admin/queue/que_1?version=1"),
    ("GET", "/api/admin/changes"),
    ("POST", "/api/admin/undo"),
    ("GET", "/api/admin/export"),
    ("POST", "/api/admin/import"),
    ("POST", "/api/admin/try"),
    ("GET", "/api/admin/seen"),
    ("GET", "/api/admin/phones/live"),
    ("GET", "/api/admin/trunks/live"),
    ("POST", "/api/admin/trunks/test"),
];

pub(crate) async fn current(server: &Server, cookie: &str) -> Current {
    let (status, json) = server
        .api(cookie, "GET", "/api/admin/setup", &Value::Null)
        .await;
    assert_eq!(status, 200);
    serde_json::from_value(json).expect("a set-up")
}

fn named<'a>(setup: &'a Setup, name: &str) -> &'a Queue {
    let queue = setup.queues.iter().find(|queue| queue.name == name);
    queue.expect("a queue")
}

fn user<'a>(setup: &'a Setup, name: &str) -> &'a User {
    let user = setup.users.iter().find(|user| user.user == name);
    user.expect("a user")
}

async fn put_queue(server: &Server, cookie: &str, version: i64, queue: &Queue) -> (u16, Value) {
    let body = json!({ "version": version, "doc": queue, "despite_warnings": true });
    let path = format!("/api/admin/queue/{}", queue.id);
    server.api(cookie, "PUT", &path, &body).await
}

async fn put_user(
    server: &Server,
    cookie: &str,
    version: i64,
    user: &User,
    password: Option<&str>,
) -> (u16, Value) {
    let body = json!({
        "version": version, "doc": user, "despite_warnings": true, "password": password,
    });
    let path = format!("/api/admin/user/{}", user.id);
    server.api(cookie, "PUT", &path, &body).await
}

#[tokio::test]
async fn only_administrators_see_and_change_the_centre() {
    let server = Server::start().await;
    for name in ["anna", "sofia"] {
        let cookie = server.sign_in(name).await;
        for (method, path) in ROWS {
            let (status, problem) = server.api(&cookie, method, path, &json!({})).await;
            assert_eq!(
                (status, &problem["error"]),
                (403, &json!("forbidden")),
                "{name} {method} {path}"
            );
        }
    }
    for (method, path) in ROWS {
        let (status, _) = server.api("", method, path, &json!({})).await;
        assert_eq!(status, 401, "{method} {path}");
    }
}

#[tokio::test]
async fn another_sites_page_changes_nothing_for_an_administrator() {
    let server = Server::start().await;
    let cookie = server.sign_in("admin").await;
    let headers = [
        ("Origin", "http://evil.example"),
        ("Cookie", cookie.as_str()),
    ];
    for (method, path) in ROWS.iter().filter(|(method, _)| *method != "GET") {
        let answer = server.ask(method, path, &headers, "{}").await;
        assert_eq!(answer.status, 403, "{method} {path}");
        assert!(answer.body.contains("foreign_origin"), "{method} {path}");
    }
}

#[tokio::test]
async fn a_saved_queue_counts_at_once_and_can_be_taken_back() {
    let server = Server::start().await;
    let cookie = server.sign_in("admin").await;
    let before = current(&server, &cookie).await;
    let mut support = named(&before.setup, "Support").clone();
    support.priority = 7;

    let (status, saved) = put_queue(&server, &cookie, before.version, &support).await;

    assert_eq!((status, &saved["warnings"]), (200, &json!([])), "{saved}");
    let after = current(&server, &cookie).await;
    assert_eq!(saved["version"], json!(after.version));
    assert_eq!(named(&after.setup, "Support").priority, 7);
    let undo = json!({ "version": after.version });
    let (status, _) = server.api(&cookie, "POST", "/api/admin/undo", &undo).await;
    assert_eq!(status, 200);
    assert_eq!(current(&server, &cookie).await.setup, before.setup);
    let (_, changes) = server
        .api(&cookie, "GET", "/api/admin/changes", &Value::Null)
        .await;
    let changes: Changes = serde_json::from_value(changes).expect("changes");
    assert!(changes.can_undo);
    assert_eq!(changes.changes[1].what, "changed queue Support: priority");
    assert_eq!(changes.changes[1].by, "admin");
}

#[tokio::test]
async fn a_page_that_shows_an_older_version_changes_nothing() {
    let server = Server::start().await;
    let cookie = server.sign_in("admin").await;
    let before = current(&server, &cookie).await;
    let mut support = named(&before.setup, "Support").clone();
    support.priority = 7;
    put_queue(&server, &cookie, before.version, &support).await;

    support.priority = 8;
    let (put, why) = put_queue(&server, &cookie, before.version, &support).await;
    let old = before.version;
    let path = format!("/api/admin/queue/{}?version={old}", support.id);
    let (delete, _) = server.api(&cookie, "DELETE", &path, &Value::Null).await;
    let undo = json!({ "version": old });
    let (undo, _) = server.api(&cookie, "POST", "/api/admin/undo", &undo).await;
    let import = json!({ "version": old, "setup": before.setup });
    let (import, _) = server
        .api(&cookie, "POST", "/api/admin/import", &import)
        .await;

    assert_eq!([put, delete, undo, import], [409; 4]);
    assert_eq!(why["error"], "outdated");
    let after = current(&server, &cookie).await;
    assert_eq!(named(&after.setup, "Support").priority, 7);
}

#[tokio::test]
async fn what_is_wrong_is_told_at_its_place_and_not_saved() {
    let server = Server::start().await;
    let cookie = server.sign_in("admin").await;
    let Current { version, setup, .. } = current(&server, &cookie).await;
    let mut support = named(&setup, "Support").clone();
    support.media.clear();

    let (status, why) = put_queue(&server, &cookie, version, &support).await;

    assert_eq!((status, &why["error"]), (422, &json!("invalid")), "{why}");
    let finding = &why["findings"][0];
    assert_eq!(finding["id"], json!(support.id));
    assert_eq!(finding["at"], "media");
    assert!(
        why["message"]
            .as_str()
            .expect("a sentence")
            .starts_with("Queue Support: ")
    );

    let mut nonsense = serde_json::to_value(&support).expect("JSON");
    nonsense["prioritty"] = json!(3);
    let body = json!({ "version": version, "doc": nonsense });
    let path = format!("/api/admin/queue/{}", support.id);
    let (status, why) = server.api(&cookie, "PUT", &path, &body).await;
    assert_eq!(status, 422);
    assert!(
        why["message"]
            .as_str()
            .expect("a sentence")
            .contains("prioritty"),
        "{why}"
    );

    let other = json!({ "version": version, "doc": named(&setup, "Sales") });
    let (status, why) = server.api(&cookie, "PUT", &path, &other).await;
    assert_eq!((status, &why["findings"][0]["at"]), (422, &json!("id")));
    let (status, _) = server
        .api(&cookie, "PUT", "/api/admin/thing/x", &other)
        .await;
    assert_eq!(status, 404);
    assert_eq!(current(&server, &cookie).await.version, version);
}

#[tokio::test]
async fn warnings_are_told_once_and_then_overruled() {
    let server = Server::start().await;
    let cookie = server.sign_in("admin").await;
    let version = current(&server, &cookie).await.version;
    // Nobody gets there.
    let queue = Queue::new(QueueId::new(Timestamp(1), 1), "Lonely");
    let path = format!("/api/admin/queue/{}", queue.id);

    let body = json!({ "version": version, "doc": queue });
    let (status, why) = server.api(&cookie, "PUT", &path, &body).await;
    let (again, saved) = put_queue(&server, &cookie, version, &queue).await;

    assert_eq!((status, &why["error"]), (422, &json!("warnings")), "{why}");
    assert_eq!(why["findings"][0]["error"], false);
    assert_eq!(again, 200);
    assert_eq!(saved["warnings"], why["findings"]);
}

#[tokio::test]
async fn what_is_referred_to_is_not_deleted() {
    let server = Server::start().await;
    let cookie = server.sign_in("admin").await;
    let Current { version, setup, .. } = current(&server, &cookie).await;
    let support = named(&setup, "Support");

    let path = format!("/api/admin/queue/{}?version={version}", support.id);
    let (status, why) = server.api(&cookie, "DELETE", &path, &Value::Null).await;

    assert_eq!((status, &why["error"]), (422, &json!("invalid")), "{why}");
    let places: Vec<_> = why["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|finding| finding["error"] == true)
        .map(|finding| finding["kind"].as_str().expect("a kind"))
        .collect();
    assert!(
        places.contains(&"site") && places.contains(&"user"),
        "{why}"
    );

    let hours = Queue::new(QueueId::new(Timestamp(1), 1), "Lonely");
    let (_, saved) = put_queue(&server, &cookie, version, &hours).await;
    let version = saved["version"].as_i64().expect("a version");
    let path = format!("/api/admin/queue/{}?version={version}", hours.id);
    let (status, _) = server.api(&cookie, "DELETE", &path, &Value::Null).await;
    assert_eq!(status, 200);
    let (status, _) = server.api(&cookie, "DELETE", &path, &Value::Null).await;
    assert_eq!(status, 409);
    let path = format!("/api/admin/queue/{}?version={}", hours.id, version + 1);
    let (status, _) = server.api(&cookie, "DELETE", &path, &Value::Null).await;
    assert_eq!(status, 404);
    let path = format!("/api/admin/reasons/all?version={}", version + 1);
    let (status, _) = server.api(&cookie, "DELETE", &path, &Value::Null).await;
    assert_eq!(status, 422);
    let path = format!("/api/admin/queue/{}", hours.id);
    let (status, _) = server.api(&cookie, "DELETE", &path, &Value::Null).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn a_new_user_signs_in_with_the_password_given() {
    let server = Server::start().await;
    let cookie = server.sign_in("admin").await;
    let Current { version, setup, .. } = current(&server, &cookie).await;
    let carla = User {
        id: AgentId::new(Timestamp(1), 1),
        user: "Carla".to_owned(),
        name: "Carla Vega".to_owned(),
        ..user(&setup, "anna").clone()
    };

    let (none, why) = put_user(&server, &cookie, version, &carla, None).await;
    let (short, short_why) = put_user(&server, &cookie, version, &carla, Some("short")).await;
    let taken = User {
        user: "ANNA".to_owned(),
        ..carla.clone()
    };
    let (taken, taken_why) = put_user(&server, &cookie, version, &taken, Some("open sesame")).await;
    let (good, _) = put_user(&server, &cookie, version, &carla, Some("open sesame")).await;

    assert_eq!([none, short, taken, good], [422, 422, 422, 200]);
    assert_eq!(why["findings"][0]["at"], "password");
    assert_eq!(short_why["findings"][0]["at"], "password");
    assert_eq!(taken_why["findings"][0]["at"], "user");
    server.sign_in_as("carla", "open sesame").await;
}

#[tokio::test]
async fn another_password_signs_the_user_out_and_closes_the_desk() {
    let server = Server::start().await;
    let admin = server.sign_in("admin").await;
    let anna = server.sign_in("anna").await;
    let mut desk = Desk::open(&server, &server.ticket(&anna).await).await;
    let Current { version, setup, .. } = current(&server, &admin).await;
    let person = user(&setup, "anna");

    let (status, _) = put_user(&server, &admin, version, person, Some("open sesame")).await;

    assert_eq!(status, 200);
    desk.raw.closes().await;
    let (status, _) = server.api(&anna, "GET", "/api/me", &Value::Null).await;
    assert_eq!(status, 401);
    server.sign_in_as("anna", "open sesame").await;
}

#[tokio::test]
async fn nobody_locks_the_administrators_out() {
    let server = Server::start().await;
    let admin = server.sign_in("admin").await;
    let Current { version, setup, .. } = current(&server, &admin).await;
    let own = user(&setup, "admin");

    let path = format!(
        "/api/admin/user/{}?version={version}&despite_warnings=true",
        own.id
    );
    let (delete, why) = server.api(&admin, "DELETE", &path, &Value::Null).await;
    let demoted = User {
        role: bellwire_proto::setup::UserRole::Agent,
        ..own.clone()
    };
    let (demote, demote_why) = put_user(&server, &admin, version, &demoted, None).await;

    assert_eq!([delete, demote], [422, 422]);
    let said = |why: &Value, text: &str| why["message"].as_str().expect("text").contains(text);
    assert!(said(&why, "cannot delete yourself"), "{why}");
    assert!(said(&demote_why, "last administrator"), "{demote_why}");
}

#[tokio::test]
async fn a_role_given_or_taken_counts_at_once() {
    let server = Server::start().await;
    let admin = server.sign_in("admin").await;
    let sofia = server.sign_in("sofia").await;
    let Current { version, setup, .. } = current(&server, &admin).await;
    let mut person = user(&setup, "sofia").clone();

    person.role = bellwire_proto::setup::UserRole::Administrator;
    put_user(&server, &admin, version, &person, None).await;
    let (may, _) = server
        .api(&sofia, "GET", "/api/admin/setup", &Value::Null)
        .await;
    person.role = bellwire_proto::setup::UserRole::Agent;
    put_user(&server, &admin, version + 1, &person, None).await;
    let (may_not, _) = server
        .api(&sofia, "GET", "/api/supervise/contacts", &Value::Null)
        .await;
    let (_, me) = server.api(&sofia, "GET", "/api/me", &Value::Null).await;

    assert_eq!((may, may_not), (200, 403));
    assert_eq!(me["role"], "agent");
}

#[tokio::test]
async fn where_the_tag_was_seen_is_told() {
    let server = Server::start().await;
    let admin = server.sign_in("admin").await;
    let module = "/api/public/site/demo.js?language=es";
    let own = server.origin();
    let told = server.ask("GET", module, &[("Origin", &own)], "").await;
    let foreign = [("Origin", "http://evil.example")];
    server.ask("GET", module, &foreign, "").await;
    let _visitor = Visitor::open(&server, None).await;

    let (_, seen) = server
        .api(&admin, "GET", "/api/admin/seen", &Value::Null)
        .await;

    assert_eq!(seen[0]["site"], "demo");
    assert_eq!(seen[0]["last"][1], json!(own));
    assert_eq!(seen[0]["refused"][0][1], "http://evil.example");
    assert_eq!(seen[0]["pages_now"], 1);
    assert!(told.body.contains("Contacte con nosotros"), "{}", told.body);
    assert!(told.body.contains(r#""keep_days":30"#), "{}", told.body);
    assert!(told.body.contains(r#""side":"right""#), "{}", told.body);
    let server = server.restart().await;
    let admin = server.sign_in("admin").await;
    let (_, seen) = server
        .api(&admin, "GET", "/api/admin/seen", &Value::Null)
        .await;
    assert_eq!(seen[0]["last"][1], json!(own));
    assert_eq!(seen[0]["pages_now"], 0);
}

#[tokio::test]
async fn a_document_too_large_is_refused() {
    let server = Server::start().await;
    let admin = server.sign_in("admin").await;
    let body = json!({ "version": 1, "doc": vec!["x".repeat(1000); 600] });

    let (status, _) = server
        .api(&admin, "PUT", "/api/admin/skills/all", &body)
        .await;

    assert_eq!(status, 413);
}
