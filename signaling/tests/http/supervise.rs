//! What supervisors see of contacts, invitations and waits.

use bellwire_proto::{
    admin::Contacts,
    id::{InteractionId, MessageId},
    interaction::Medium,
    time::Timestamp,
    visitor::{Start, VisitorCommand, VisitorEvent},
};
use serde_json::{Value, json};

use crate::{server::Server, wire::Visitor};

const ROWS: [&str; 4] = [
    "/api/supervise/contacts",
    "/api/supervise/contacts/int_01M3250V002P9AXF2YPDQB3277",
    "/api/supervise/invitations",
    "/api/supervise/waits",
];

#[tokio::test]
async fn agents_do_not_see_what_others_do() {
    let server = Server::start().await;
    let anna = server.sign_in("anna").await;
    for path in ROWS {
        let (status, problem) = server.api(&anna, "GET", path, &Value::Null).await;
        assert_eq!(
            (status, &problem["error"]),
            (403, &json!("forbidden")),
            "{path}"
        );
        let (status, _) = server.api("", "GET", path, &Value::Null).await;
        assert_eq!(status, 401, "{path}");
    }
}

#[tokio::test]
async fn a_contact_is_listed_and_told_whole() {
    let server = Server::start().await;
    let interaction = InteractionId::new(Timestamp(1_790_000_000_000), 5);
    let mut visitor = Visitor::open(&server, None).await;
    let start = Start {
        interaction,
        medium: Medium::Chat,
        video: false,
        peer: None,
    };
    visitor.ask(VisitorCommand::Start(start)).await;
    let message = MessageId::new(Timestamp(1), 1);
    let text = "Hello".to_owned();
    let say = VisitorCommand::Say {
        interaction,
        message,
        text,
    };
    visitor.ask(say).await;
    visitor
        .told(|event| matches!(event, VisitorEvent::Said { .. }).then_some(()))
        .await;
    for name in ["sofia", "admin"] {
        let cookie = server.sign_in(name).await;

        let (status, list) = server.api(&cookie, "GET", ROWS[0], &Value::Null).await;
        assert_eq!(status, 200);
        let list: Contacts = serde_json::from_value(list).expect("contacts");
        assert_eq!(list.contacts[0].interaction, interaction);
        assert_eq!(list.before, None);
        let path = format!("/api/supervise/contacts/{interaction}");
        let (_, told) = server.api(&cookie, "GET", &path, &Value::Null).await;
        assert_eq!(told["chat"][0]["text"], "Hello");
        let before = format!(
            "/api/supervise/contacts?before={}",
            list.contacts[0].created.0
        );
        let (_, older) = server.api(&cookie, "GET", &before, &Value::Null).await;
        assert_eq!(older["contacts"], json!([]));
        let (status, _) = server
            .api(
                &cookie,
                "GET",
                "/api/supervise/contacts?before=x",
                &Value::Null,
            )
            .await;
        assert_eq!(status, 400);
        for missing in ["int_01M3250V002P9AXF2YPDQB3277", "nonsense"] {
            let path = format!("/api/supervise/contacts/{missing}");
            let (status, _) = server.api(&cookie, "GET", &path, &Value::Null).await;
            assert_eq!(status, 404, "{missing}");
        }
    }
}

#[tokio::test]
async fn every_invitation_has_its_line() {
    let server = Server::start().await;
    let sofia = server.sign_in("sofia").await;

    let (_, counts) = server.api(&sofia, "GET", ROWS[2], &Value::Null).await;
    let (_, waits) = server.api(&sofia, "GET", ROWS[3], &Value::Null).await;

    assert_eq!(counts[0]["name"], "Compares laptops");
    assert_eq!(counts[0]["shown"], 0);
    assert_eq!(waits, json!([]));
}
