//! The server's doors, from outside: who gets in, what is refused, and a whole call between two
//! pages that speak the wire.

#[path = "http/admin.rs"]
mod admin;
#[path = "http/import.rs"]
mod import;
#[path = "http/server.rs"]
mod server;
#[path = "http/supervise.rs"]
mod supervise;
#[path = "http/telephones.rs"]
mod telephones;
#[path = "http/wire.rs"]
mod wire;

use std::time::Duration;

use bellwire::config::{Config, Limits};
use bellwire_proto::{
    agent::{AgentCommand, AgentEvent, AgentState, Work},
    id::{InteractionId, MessageId, PeerId},
    interaction::{EndCause, Medium, Page, Role},
    rtc::{Sending, Signal, Step},
    time::Timestamp,
    visitor::{Start, VisitorCommand, VisitorEvent},
    wire::{ByeReason, Down},
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use self::{
    server::Server,
    wire::{Desk, Raw, Visitor},
};

const FOREIGN: &str = "http://evil.example";

#[tokio::test]
async fn every_answer_carries_its_policy() {
    let server = Server::start().await;

    let shop = server.get("/").await;
    assert_eq!(shop.status, 200);
    assert!(
        shop.header("content-security-policy")
            .starts_with("default-src 'self'")
    );
    assert!(
        shop.body.contains(r#"data-site="demo""#),
        "the demo site's key stands in the page"
    );

    let loader = server.get("/bellwire.js").await;
    assert_eq!(
        loader.header("cross-origin-resource-policy"),
        "cross-origin"
    );
    assert_eq!(
        loader.header("content-type"),
        "text/javascript; charset=utf-8"
    );
    let known = [("If-None-Match", loader.header("etag"))];
    assert_eq!(
        server.ask("GET", "/bellwire.js", &known, "").await.status,
        304
    );

    let strict = server.get("/strict").await;
    let policy = strict.header("content-security-policy");
    assert!(policy.contains(&format!("frame-src {}", server.origin())));

    for path in [
        "/",
        "/bellwire.js",
        "/agent/",
        "/api/me",
        "/healthz",
        "/nothing-here",
    ] {
        let answer = server.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
    }
}

#[tokio::test]
async fn the_desk_and_the_widget_run_under_strict_policies() {
    let server = Server::start().await;

    let desk = server.get("/agent/calls").await;
    if desk.status == 200 {
        let policy = desk.header("content-security-policy");
        assert!(policy.ends_with("frame-ancestors 'none'"), "{policy}");
        assert!(!desk.body.contains("TRUNK NONCE"));
        assert_eq!(desk.header("cache-control"), "no-store");
    } else {
        assert!(desk.body.contains("make build"), "{}", desk.body);
    }

    let widget = server.get("/widget/?site=demo&origin=x").await;
    if widget.status == 200 {
        let policy = widget.header("content-security-policy");
        assert!(policy.contains(&format!("frame-ancestors 'self' {}", server.origin())));
        assert_eq!(
            widget.header("cross-origin-embedder-policy"),
            "require-corp"
        );
        assert!(
            widget
                .body
                .contains(r#"<meta name="bellwire-origins" content="http"#)
        );
    } else {
        assert!(widget.body.contains("make build"), "{}", widget.body);
    }

    let unknown = server.get("/widget/?site=nobody").await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.body.contains("data-site"));
}

#[tokio::test]
async fn the_loader_is_told_whether_its_page_may_show_the_launcher() {
    let server = Server::start().await;
    let module = "/api/public/site/demo.js";

    let own = server
        .ask("GET", module, &[("Origin", &server.origin())], "")
        .await;
    assert_eq!(own.header("access-control-allow-origin"), server.origin());
    assert!(
        own.body
            .starts_with(r#"export default {"ok":true,"label":"Contact us""#)
    );

    let same = server
        .ask("GET", module, &[("Sec-Fetch-Site", "same-origin")], "")
        .await;
    assert!(same.body.contains(r#""ok":true"#));

    let foreign = server.ask("GET", module, &[("Origin", FOREIGN)], "").await;
    assert_eq!(foreign.header("access-control-allow-origin"), FOREIGN);
    assert!(foreign.body.contains(r#""ok":false"#));
    assert!(
        foreign
            .body
            .contains("bellwire site allow demo --origin http://evil.example")
    );

    let path = "/api/public/site/nobody.js";
    let unknown = server.ask("GET", path, &[("Origin", FOREIGN)], "").await;
    assert!(unknown.body.contains("no site with the key"));
}

#[tokio::test]
async fn an_origin_allowed_just_now_is_let_in_at_once() {
    let server = Server::start().await;
    let page = [("Origin", FOREIGN)];
    let module = "/api/public/site/demo.js";
    assert!(
        server
            .ask("GET", module, &page, "")
            .await
            .body
            .contains(r#""ok":false"#)
    );

    server.allow("demo", FOREIGN).await;

    let told = server.ask("GET", module, &page, "").await.body;
    assert!(told.contains(r#""ok":true"#), "{told}");
    Raw::open(&server, "/ws/visitor", FOREIGN).await;
}

#[tokio::test]
async fn sockets_open_for_known_origins_only() {
    let server = Server::start().await;
    let own = server.origin();

    for path in ["/ws/visitor", "/ws/agent"] {
        assert_eq!(
            Raw::refused(&server, path, Some(FOREIGN)).await,
            403,
            "{path}"
        );
        assert_eq!(Raw::refused(&server, path, None).await, 403, "{path}");
        Raw::open(&server, path, &own).await;
    }
}

#[tokio::test]
async fn a_ticket_opens_one_desk_once() {
    let server = Server::start().await;
    let cookie = server.sign_in("anna").await;

    let ticket = server.ticket(&cookie).await;
    Desk::open(&server, &ticket).await;

    let mut again = Raw::open(&server, "/ws/agent", &server.origin()).await;
    again.hello(json!({ "agent": { "ticket": ticket } })).await;
    assert_eq!(again.end().await, (Some(ByeReason::NotWelcome), 4401));

    let mut visitor = Raw::open(&server, "/ws/agent", &server.origin()).await;
    visitor
        .hello(json!({ "visitor": { "site": "demo" } }))
        .await;
    assert_eq!(visitor.end().await, (Some(ByeReason::NotWelcome), 4401));
}

#[tokio::test]
async fn signing_out_closes_the_desk() {
    let server = Server::start().await;
    let cookie = server.sign_in("anna").await;
    let me = server
        .ask("GET", "/api/me", &[("Cookie", &cookie)], "")
        .await;
    let me: Value = serde_json::from_str(&me.body).expect("JSON");
    assert_eq!(
        me,
        json!({ "user": "anna", "name": "Anna Berg", "role": "agent" })
    );
    let mut desk = Desk::open(&server, &server.ticket(&cookie).await).await;

    let own = server.origin();
    let headers = [("Origin", own.as_str()), ("Cookie", &cookie)];
    assert_eq!(
        server.ask("POST", "/api/logout", &headers, "").await.status,
        204
    );

    assert_eq!(desk.raw.end().await, (Some(ByeReason::NotWelcome), 4401));
    assert_eq!(
        server
            .ask("GET", "/api/me", &[("Cookie", &cookie)], "")
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn guessing_passwords_is_slow() {
    let server = Server::with(Config {
        limits: Limits {
            login_attempts: 2,
            ..Limits::default()
        },
        ..Config::default()
    })
    .await;
    let wrong = json!({ "user": "anna", "password": "guess" }).to_string();
    let own = server.origin();
    let headers = [
        ("Origin", own.as_str()),
        ("Content-Type", "application/json"),
    ];

    for _ in 0..2 {
        let answer = server.ask("POST", "/api/login", &headers, &wrong).await;
        assert_eq!(answer.status, 401);
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    let answer = server.ask("POST", "/api/login", &headers, &wrong).await;

    assert_eq!(answer.status, 429);
    assert!(
        answer
            .header("retry-after")
            .parse::<u64>()
            .is_ok_and(|seconds| seconds > 0)
    );
    let problem: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert!(problem["detail"].is_string() && problem["retry_after_s"].is_u64());
}

#[tokio::test]
async fn another_sites_page_changes_nothing() {
    let server = Server::start().await;
    let cookie = server.sign_in("anna").await;

    for path in ["/api/login", "/api/logout", "/api/agent/ticket"] {
        for origin in [Some(FOREIGN), Some("null"), None] {
            let mut headers = vec![
                ("Cookie", cookie.as_str()),
                ("Content-Type", "application/json"),
            ];
            headers.extend(origin.map(|origin| ("Origin", origin)));
            let answer = server.ask("POST", path, &headers, "{}").await;
            assert_eq!(answer.status, 403, "{path} from {origin:?}");
        }
    }
    assert_eq!(
        server
            .ask("GET", "/api/me", &[("Cookie", &cookie)], "")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_header_that_does_not_end_is_cut() {
    let server = Server::with(Config {
        limits: Limits {
            header_timeout_s: 1,
            ..Limits::default()
        },
        ..Config::default()
    })
    .await;
    let mut stream = server.connect().await;
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        .await
        .expect("it is open");

    let mut rest = Vec::new();
    let cut = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut rest)).await;

    assert!(cut.is_ok(), "the connection is still open");
}

#[tokio::test]
async fn one_address_opens_only_so_many_connections() {
    let server = Server::with(Config {
        limits: Limits {
            connections_per_address: 3,
            ..Limits::default()
        },
        ..Config::default()
    })
    .await;
    let own = server.origin();
    let mut sockets = Vec::new();
    for _ in 0..3 {
        sockets.push(Raw::open(&server, "/ws/visitor", &own).await);
    }

    assert!(server.is_shut().await, "a fourth connection was served");

    drop(sockets);
    server.until_open().await;
}

#[tokio::test]
async fn frames_that_no_page_sends_end_the_connection() {
    let server = Server::start().await;
    let own = server.origin();
    let hello = json!({ "visitor": { "site": "demo" } });

    let firsts = [
        (
            r#"{"hello":{"version":99,"new":true}}"#,
            ByeReason::OtherVersion,
            4426,
        ),
        (r#""ping""#, ByeReason::Unreadable, 4400),
        ("rubbish", ByeReason::Unreadable, 4400),
    ];
    for (frame, reason, code) in firsts {
        let mut page = Raw::open(&server, "/ws/visitor", &own).await;
        page.send_text(frame).await;
        assert_eq!(page.end().await, (Some(reason), code), "{frame}");
    }

    let mut page = Raw::open(&server, "/ws/visitor", &own).await;
    page.hello(json!({ "visitor": { "site": "nobody" } })).await;
    assert_eq!(page.end().await, (Some(ByeReason::UnknownSite), 4404));

    for frame in ["{", "rubbish", r#"{"do":"#] {
        let mut page = Raw::open(&server, "/ws/visitor", &own).await;
        page.hello(hello.clone()).await;
        page.send_text(frame).await;
        assert_eq!(
            page.end().await,
            (Some(ByeReason::Unreadable), 4400),
            "{frame}"
        );
    }

    let mut page = Raw::open(&server, "/ws/visitor", &own).await;
    page.hello(hello.clone()).await;
    page.send_text(&format!("\"{}\"", "x".repeat(70_000))).await;
    page.closes().await;

    let mut page = Raw::open(&server, "/ws/visitor", &own).await;
    page.hello(hello).await;
    for _ in 0..400 {
        page.try_send_text(r#""ping""#).await;
    }
    assert_eq!(page.end().await, (Some(ByeReason::TooFast), 4029));
}

#[tokio::test]
async fn what_a_newer_page_asks_is_acknowledged_and_passed_over() {
    let server = Server::start().await;
    let mut visitor = Visitor::open(&server, None).await;

    visitor
        .raw
        .send_text(r#"{"do":{"n":41,"command":{"dance":{}}}}"#)
        .await;
    visitor.raw.send_text(r#"{"sing":true}"#).await;

    visitor
        .until(|down| matches!(down, Down::Done { n: 41 }))
        .await;
}

#[tokio::test]
async fn a_visitor_keeps_its_session_by_its_token() {
    let server = Server::start().await;

    let first = Visitor::open(&server, None).await;
    let again = Visitor::open(&server, Some(&first.token)).await;
    let forged = Visitor::open(&server, Some("ses_01ARZ3NDEKTSV4RRFFQ69G5FAV.AAAA")).await;

    assert_eq!(again.token, first.token);
    assert_ne!(forged.token, first.token);
    assert!(!forged.token.starts_with("ses_01ARZ3NDEKTSV4RRFFQ69G5FAV"));
}

#[tokio::test]
async fn a_stop_sends_every_page_away_for_a_moment() {
    let server = Server::start().await;
    assert_eq!(server.get("/readyz").await.status, 200);
    let mut visitor = Visitor::open(&server, None).await;
    let mut silent = Raw::open(&server, "/ws/visitor", &server.origin()).await;
    let address = server.address();

    let (visitor_end, silent_end, ()) =
        tokio::join!(visitor.raw.end(), silent.end(), server.stop());

    assert_eq!(visitor_end, (Some(ByeReason::Restart), 4503));
    assert_eq!(silent_end, (Some(ByeReason::Restart), 4503));
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn the_description_of_the_api_is_true() {
    let server = Server::start().await;
    let text = server.get("/api/openapi.json").await.body;
    let description: Value = serde_json::from_str(&text).expect("JSON");
    let paths = description["paths"].as_object().expect("paths");

    for (path, methods) in paths {
        for method in methods.as_object().expect("methods").keys() {
            let path = path
                .replace("{file}", "demo.js")
                .replace("{key}", "demo")
                .replace("{kind}", "queue")
                .replace("{id}", "que_1");
            let answer = server.ask(&method.to_uppercase(), &path, &[], "").await;
            assert!(![404, 405].contains(&answer.status), "{method} {path}");
        }
    }
    let routes = include_str!("../src/http.rs");
    let handlers = ["(api::", "(site::", "(admin::", "(supervise::"];
    for line in routes
        .lines()
        .filter(|line| handlers.iter().any(|handler| line.contains(handler)))
    {
        let Some(route) = line.split('"').nth(1) else {
            continue;
        };
        assert!(
            paths.contains_key(&format!("/api{route}")),
            "{route} is not described"
        );
    }
    let refused = server.get("/api/nothing").await;
    assert_eq!(
        (refused.status, refused.header("content-type")),
        (404, "application/problem+json")
    );
}

/// The whole way of a call, as two pages see it.
#[tokio::test]
async fn a_call_goes_from_click_to_wrap_up() {
    let server = Server::start().await;
    server.ask_nothing().await;
    let cookie = server.sign_in("anna").await;
    let mut desk = Desk::open(&server, &server.ticket(&cookie).await).await;
    desk.ask(AgentCommand::Ready).await;
    let is_ready = |event: &AgentEvent| matches!(event, AgentEvent::State { state, .. } if *state == AgentState::Ready);
    desk.told(|event| is_ready(&event).then_some(())).await;
    let mut visitor = Visitor::open(&server, None).await;
    visitor.ask(VisitorCommand::Looks(laptop())).await;

    // The visitor asks, the desk rings.
    let call = InteractionId::new(Timestamp(1), 1);
    let (visitor_peer, agent_peer) = (PeerId::new(Timestamp(1), 1), PeerId::new(Timestamp(1), 2));
    let start = Start {
        interaction: call,
        medium: Medium::Call,
        video: true,
        peer: Some(visitor_peer),
    };
    visitor.ask(VisitorCommand::Start(start)).await;
    let offer = desk
        .told(|event| {
            let AgentEvent::Offered(offer) = event else {
                return None;
            };
            Some(offer)
        })
        .await;
    assert_eq!((offer.interaction, offer.medium), (call, Medium::Call));
    assert_eq!(offer.context.page, laptop());

    // The agent answers; both are told how to reach each other first.
    let accept = AgentCommand::Accept {
        interaction: call,
        epoch: offer.epoch,
        peer: Some(agent_peer),
    };
    desk.ask(accept).await;
    visitor.until(|down| matches!(down, Down::Ice(_))).await;
    let agent = visitor
        .told(|event| {
            let VisitorEvent::Connected { agent, peer, .. } = event else {
                return None;
            };
            Some((agent.name, peer))
        })
        .await;
    assert_eq!(agent, ("Anna Berg".to_owned(), Some(agent_peer)));
    desk.until(|down| matches!(down, Down::Ice(_))).await;
    let work: Work = desk
        .told(|event| {
            let AgentEvent::Connected(work) = event else {
                return None;
            };
            Some(work)
        })
        .await;
    assert_eq!(work.peer, Some(visitor_peer));

    // Signals go either way, in this call only.
    let (ours, theirs) = (signal(visitor_peer), signal(agent_peer));
    visitor.relay(call, &ours).await;
    assert_eq!(desk.relayed(call).await, ours);
    desk.relay(call, &theirs).await;
    assert_eq!(visitor.relayed(call).await, theirs);
    visitor
        .relay(InteractionId::new(Timestamp(9), 9), &ours)
        .await;

    // A line beside the call.
    let message = MessageId::new(Timestamp(1), 3);
    let say = VisitorCommand::Say {
        interaction: call,
        message,
        text: "Do you hear me?".to_owned(),
    };
    let n = visitor.ask(say).await;
    let said = desk
        .told(|event| {
            let AgentEvent::Said { message, .. } = event else {
                return None;
            };
            Some(message)
        })
        .await;
    assert_eq!(
        (said.id, said.from, said.text.as_str()),
        (message, Role::Customer, "Do you hear me?")
    );
    visitor
        .until(|down| matches!(down, Down::Done { n: done } if *done >= n))
        .await;

    // The agent hangs up and finishes.
    desk.ask(AgentCommand::HangUp { interaction: call }).await;
    let ended = visitor
        .told(|event| {
            let VisitorEvent::Ended { cause, by, .. } = event else {
                return None;
            };
            Some((cause, by))
        })
        .await;
    assert_eq!(ended, (EndCause::HungUp, Some(Role::Agent)));
    let finish = AgentCommand::Finish {
        interaction: call,
        disposition: "Solved".to_owned(),
        note: String::new(),
    };
    desk.ask(finish).await;
    desk.told(|event| matches!(event, AgentEvent::Closed { .. }).then_some(()))
        .await;

    // No bridge, no signals: the next frame the desk gets is the answer to its own ping.
    visitor.relay(call, &ours).await;
    visitor.ping().await;
    desk.ping().await;
    let metrics = server.get("/metrics").await.body;
    assert!(metrics.contains("bellwire_relayed_total 2"), "{metrics}");
    assert!(metrics.contains("bellwire_relay_dropped_total 2"));
    assert!(metrics.contains(r#"bellwire_interactions_answered_total{medium="call"} 1"#));
}

#[tokio::test]
async fn a_waiting_visitor_and_a_chat_outlive_the_process() {
    let server = Server::start().await;
    let mut visitor = Visitor::open(&server, None).await;
    let chat = InteractionId::new(Timestamp(1), 1);
    let start = Start {
        interaction: chat,
        medium: Medium::Chat,
        video: false,
        peer: None,
    };
    visitor.ask(VisitorCommand::Start(start)).await;
    let n = visitor
        .ask(VisitorCommand::Say {
            interaction: chat,
            message: MessageId::new(Timestamp(1), 1),
            text: "Hello?".to_owned(),
        })
        .await;
    visitor
        .until(|down| matches!(down, Down::Done { n: done } if *done >= n))
        .await;

    let server = server.restart().await;
    let again = Visitor::open(&server, Some(&visitor.token)).await;

    let [ref interaction] = again.session.interactions[..] else {
        panic!("one interaction was there: {:?}", again.session)
    };
    assert_eq!(interaction.interaction, chat);
    assert_eq!(interaction.chat.messages.len(), 1);
    assert_eq!(interaction.chat.messages[0].text, "Hello?");
}

#[tokio::test]
async fn nothing_is_acknowledged_while_the_store_fails() {
    let server = Server::start().await;
    let mut visitor = Visitor::open(&server, None).await;
    let lock = server.lock_the_store().await;

    let start = Start {
        interaction: InteractionId::new(Timestamp(1), 1),
        medium: Medium::Chat,
        video: false,
        peer: None,
    };
    let n = visitor.ask(VisitorCommand::Start(start)).await;
    let ready = server.until_ready(false).await;
    assert!(
        ready.body.contains("nothing can be stored"),
        "{}",
        ready.body
    );
    visitor.ping().await;
    assert!(!visitor.has(|down| matches!(down, Down::Done { .. })));

    lock.release().await;
    visitor
        .until(|down| matches!(down, Down::Done { n: done } if *done >= n))
        .await;
    server.until_ready(true).await;
}

fn laptop() -> Page {
    Page {
        url: "http://shop.example/laptop".to_owned(),
        title: "A laptop".to_owned(),
        referrer: String::new(),
        language: "en".to_owned(),
    }
}

fn signal(from: PeerId) -> Signal {
    Signal {
        from,
        to: None,
        step: Step::Sending(Sending {
            audio: true,
            video: false,
        }),
    }
}
