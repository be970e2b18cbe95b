//! Who is let in, and who is not.

use std::{os::unix::fs::PermissionsExt, time::Duration};

use anyhow::{Context, Result, ensure};
use bellwire_proto::{
    agent::{AgentCommand, AgentEvent},
    id::{SiteKey, TabId},
    visitor::{VisitorCommand, VisitorEvent},
    wire::{Bye, ByeReason, Down, Hello, Pass, Up, VERSION},
};
use bellwire_tests::{
    centre::{Centre, Credential},
    chance, http,
    peer::{Socket, connect, refusal},
    people::{self, SITE},
};
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_other_origins_get_no_socket() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let own = centre.origin();

    for path in ["/ws/visitor", "/ws/agent"] {
        for origin in [Some("https://evil.example"), Some("null"), None] {
            let answer = connect(centre.port, path, origin).await;
            let status = refusal(&answer).with_context(|| format!("{path} let {origin:?} in"))?;
            ensure!(status == 403, "{path}, {origin:?}: {status}");
        }
        ensure!(
            connect(centre.port, path, Some(&own)).await.is_ok(),
            "{path} refuses its own pages"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_opens_one_desk_once() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let cookie = people::sign_in(&centre, &centre.users("agent")?[0]).await?;
    let ticket = people::ticket(centre.port, &cookie).await?;

    let first = say_hello(&centre, agent_pass(&ticket)).await?;
    let second = say_hello(&centre, agent_pass(&ticket)).await?;
    let made_up = say_hello(&centre, agent_pass("tic_guess")).await?;

    ensure!(matches!(first, Down::Welcome(_)), "{first:?}");
    ensure!(is_bye(&second, ByeReason::NotWelcome), "{second:?}");
    ensure!(is_bye(&made_up, ByeReason::NotWelcome), "{made_up:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_needs_a_known_site_and_the_same_version() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let pass = |key: &str| Pass::Visitor {
        site: SiteKey(key.into()),
        token: None,
        visits: 0,
        quiet: false,
    };

    let known = visit(&centre, hello(pass(SITE), VERSION)).await?;
    let unknown = visit(&centre, hello(pass("nowhere"), VERSION)).await?;
    let newer = visit(&centre, hello(pass(SITE), VERSION + 1)).await?;

    ensure!(matches!(known, Down::Welcome(_)), "{known:?}");
    ensure!(is_bye(&unknown, ByeReason::UnknownSite), "{unknown:?}");
    ensure!(is_bye(&newer, ByeReason::OtherVersion), "{newer:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_are_refused_and_soon_have_to_wait() -> Result<()> {
    let centre = Centre::start(&[("BELLWIRE_LIMITS_LOGIN_ATTEMPTS", "3")]).await?;
    let mut who = centre.users("agent")?.remove(0);
    let right = who.clone();
    who.password = "guess".into();

    let mut statuses = vec![];
    for _ in 0..5 {
        statuses.push(login(&centre, &who).await?.status);
    }
    let waits = login(&centre, &who).await?;

    ensure!(statuses.starts_with(&[401, 401, 401]), "{statuses:?}");
    ensure!(waits.status == 429, "{waits:?}");
    ensure!(
        waits.json()?["retry_after_s"].as_u64() > Some(0),
        "{waits:?}"
    );
    // Whoever guesses from here locks this address out, not the person.
    ensure!(
        login(&centre, &right).await?.status == 429,
        "the address may go on"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn other_origins_cannot_sign_in_or_take_tickets_for_someone() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let who = &centre.users("agent")?[0];
    let cookie = people::sign_in(&centre, who).await?;
    let body = json!({ "user": who.user, "password": who.password }).to_string();
    let evil = ("origin", "https://evil.example");

    let json = ("content-type", "application/json");
    let login = http::ask(centre.port, "POST", "/api/login", &[json, evil], &body).await?;
    let headers = [("cookie", cookie.as_str()), evil];
    let ticket = http::ask(centre.port, "POST", "/api/agent/ticket", &headers, "").await?;
    let nobody = http::ask(centre.port, "GET", "/api/me", &[], "").await?;

    ensure!(login.status == 403, "{login:?}");
    ensure!(ticket.status == 403, "{ticket:?}");
    ensure!(nobody.status == 401, "{nobody:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_the_session() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let who = &centre.users("agent")?[0];
    let cookie = people::sign_in(&centre, who).await?;
    let origin = centre.origin();
    let headers = [("cookie", cookie.as_str()), ("origin", origin.as_str())];

    let me = http::ask(centre.port, "GET", "/api/me", &headers, "").await?;
    let out = http::ask(centre.port, "POST", "/api/logout", &headers, "").await?;
    let gone = http::ask(centre.port, "GET", "/api/me", &headers, "").await?;

    ensure!(
        me.status == 200 && me.json()?["user"] == who.user.as_str(),
        "{me:?}"
    );
    ensure!((200..300).contains(&out.status), "{out:?}");
    ensure!(gone.status == 401, "{gone:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_passwords_are_for_the_owners_eyes() -> Result<()> {
    let centre = Centre::start(&[]).await?;

    let mode = std::fs::metadata(centre.data().join("credentials.json"))?
        .permissions()
        .mode();
    let roles = ["agent", "supervisor", "administrator"]
        .map(|role| centre.users(role).map(|all| all.len()));
    let before = centre.users("agent")?.remove(0).password;
    centre.stop().await?;
    centre.restart().await?;

    ensure!(mode & 0o777 == 0o600, "mode {:o}", mode & 0o777);
    ensure!(matches!(roles, [Ok(2..), Ok(1..), Ok(1..)]), "{roles:?}");
    ensure!(
        centre.users("agent")?.remove(0).password == before,
        "the password changed"
    );
    for password in passwords(&centre)? {
        let shown = centre.log().matches(&password).count();
        ensure!(shown == 1, "a password was shown {shown} times");
    }
    ensure!(
        login(&centre, &centre.users("agent")?[0]).await?.status == 200,
        "not let in any more"
    );
    Ok(())
}

fn passwords(centre: &Centre) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(centre.data().join("credentials.json"))?;
    let all: Vec<Credential> = serde_json::from_str(&text)?;
    Ok(all.into_iter().map(|one| one.password).collect())
}

async fn login(centre: &Centre, who: &Credential) -> Result<http::Answer> {
    let body = json!({ "user": who.user, "password": who.password }).to_string();
    let origin = centre.origin();
    let headers = [
        ("content-type", "application/json"),
        ("origin", origin.as_str()),
    ];
    http::ask(centre.port, "POST", "/api/login", &headers, &body).await
}

fn agent_pass(ticket: &str) -> Pass {
    Pass::Agent {
        ticket: ticket.into(),
    }
}

fn hello(pass: Pass, version: u16) -> Hello {
    let tab = TabId::new(chance::now(), chance::bits());
    Hello {
        version,
        tab,
        pass,
        seen: vec![],
    }
}

async fn say_hello(centre: &Centre, pass: Pass) -> Result<Down<AgentEvent>> {
    let mut socket = connect(centre.port, "/ws/agent", Some(&centre.origin())).await?;
    let frame: Up<AgentCommand> = Up::Hello(hello(pass, VERSION));
    socket
        .send(Message::text(serde_json::to_string(&frame)?))
        .await?;
    answer(&mut socket).await
}

async fn visit(centre: &Centre, hello: Hello) -> Result<Down<VisitorEvent>> {
    let mut socket = connect(centre.port, "/ws/visitor", Some(&centre.origin())).await?;
    let frame: Up<VisitorCommand> = Up::Hello(hello);
    socket
        .send(Message::text(serde_json::to_string(&frame)?))
        .await?;
    answer(&mut socket).await
}

async fn answer<E: serde::de::DeserializeOwned>(socket: &mut Socket) -> Result<Down<E>> {
    let next = timeout(Duration::from_secs(10), socket.next()).await?;
    let message = next.context("the socket closed without a word")??;
    Ok(serde_json::from_str(message.to_text()?)?)
}

fn is_bye<E>(frame: &Down<E>, wanted: ByeReason) -> bool {
    matches!(frame, Down::Bye(Bye { reason, .. }) if *reason == wanted)
}
