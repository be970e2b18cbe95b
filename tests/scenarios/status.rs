//! What everybody may know of the centre, and how soon they know it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bellwire_proto::{
    admin::Kind, agent::AgentCommand, interaction::Medium, setup::Span, visitor::VisitorRefusal,
};
use bellwire_tests::{
    administrator::Administrator,
    centre::Centre,
    chance,
    http::{self, Events},
    journey::{Walk, url},
    people::{self, SITE},
};
use serde_json::Value;

/// How soon a change must be known everywhere.
const AT_ONCE: Duration = Duration::from_secs(1);

/// A page of somebody who has nothing to do with the centre.
const ANYBODY: &str = "https://status.example";

#[tokio::test(flavor = "multi_thread")]
async fn the_status_of_a_site_is_there_for_every_page() -> Result<()> {
    let centre = Centre::start(&[]).await?;

    let headers = [("origin", ANYBODY)];
    let answer = http::ask(centre.port, "GET", &path(SITE), &headers, "").await?;

    ensure!(answer.status == 200, "{answer:?}");
    ensure!(
        answer.header("access-control-allow-origin") == Some("*"),
        "{answer:?}"
    );
    let status = answer.json()?;
    ensure!(status["site"] == SITE && status["open"] == true, "{status}");
    let names: Vec<_> = queues(&status).iter().map(|queue| &queue["name"]).collect();
    ensure!(
        names == ["Spanish", "Laptops", "Sales", "Support"],
        "{names:?}"
    );
    for queue in queues(&status) {
        ensure!(
            queue["open"] == true && queue["call_agents"] == 0 && queue["waiting"] == 0,
            "{queue}"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_anything_of_an_unknown_site() -> Result<()> {
    let centre = Centre::start(&[]).await?;

    for path in [path("nobody"), format!("{}/events", path("nobody"))] {
        let answer = http::get(centre.port, &path).await?;
        ensure!(answer.status == 404, "{path}: {answer:?}");
        ensure!(answer.json()?["error"] == "not_found", "{answer:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_listen_learn_of_a_change_within_a_second() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let desk = people::desk(&centre, &centre.users("agent")?[1]).await?;
    let mut events = Events::open(centre.port, &format!("{}/events", path(SITE)), ANYBODY).await?;
    let head = &events.head;
    ensure!(head.status == 200, "{head:?}");
    ensure!(
        head.header("access-control-allow-origin") == Some("*"),
        "{head:?}"
    );
    ensure!(
        head.header("content-type") == Some("text/event-stream"),
        "{head:?}"
    );
    let first = events.next(AT_ONCE).await?;
    ensure!(queue(&first, "Support")?["chat_agents"] == 0, "{first}");

    desk.ask(AgentCommand::Ready).await?;
    let ready = events.next(AT_ONCE).await?;
    ensure!(queue(&ready, "Support")?["chat_agents"] == 1, "{ready}");
    ensure!(queue(&ready, "Spanish")?["chat_agents"] == 0, "{ready}");

    desk.ask(AgentCommand::NotReady {
        reason: "Lunch".into(),
    })
    .await?;
    let gone = events.next(AT_ONCE).await?;
    ensure!(queue(&gone, "Support")?["chat_agents"] == 0, "{gone}");

    let visitor = people::visitor(&centre);
    visitor.start(Medium::Chat).await?;
    let waiting = events.next(AT_ONCE).await?;
    ensure!(queue(&waiting, "Support")?["waiting"] == 1, "{waiting}");
    let asked = http::get(centre.port, &path(SITE)).await?.json()?;
    ensure!(asked == waiting, "{asked} is not {waiting}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_loader_is_told_the_status_with_the_site() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let desk = people::ready_desk(&centre, &centre.users("agent")?[0]).await?;
    let mut events = Events::open(centre.port, &format!("{}/events", path(SITE)), ANYBODY).await?;
    while queue(&events.next(AT_ONCE).await?, "Support")?["call_agents"] == 0 {}

    let own = centre.origin();
    let module = format!("/api/public/site/{SITE}.js");
    let answer = http::ask(centre.port, "GET", &module, &[("origin", &own)], "").await?;

    let json = answer.body.trim().trim_start_matches("export default ");
    let told: Value = serde_json::from_str(json.trim_end_matches(';'))?;
    ensure!(
        told["status"]["topic"] == "Support" && told["status"]["call_agents"] == 1,
        "{told}"
    );
    ensure!(told["agents"] == true && told["keep_days"] == 30, "{told}");
    let collects = told["collects"].as_array().context("no list")?;
    ensure!(collects.iter().any(|kind| kind == "searches"), "{told}");
    drop(desk);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_hours_say_when_it_opens_and_take_nobody() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let administrator = Administrator::sign_in(&centre).await?;
    let early = people::visitor(&centre);
    let waits = early.start(Medium::Chat).await?;
    let mut events = Events::open(centre.port, &format!("{}/events", path(SITE)), ANYBODY).await?;
    events.next(AT_ONCE).await?;

    close_for_now(&administrator).await?;
    let closed = events.next(AT_ONCE).await?;

    let now = chance::now().0;
    let opens = closed["opens"].as_u64().context("no time")?;
    ensure!(closed["open"] == false, "{closed}");
    ensure!(opens > now && opens < now + 8 * 24 * 3_600_000, "{closed}");
    early
        .until("closed for those who wait too", |known| {
            !known.mirror.centre.open && known.mirror.centre.opens.is_some()
        })
        .await?;
    early.stands(waits, 1).await?;
    let late = people::visitor(&centre);
    let known = late.until("welcomed", |known| known.welcomes == 1).await?;
    ensure!(
        known.mirror.centre.opens.map(|at| at.0) == Some(opens),
        "{known:?}"
    );
    let chat = late.begin_and_skip(Medium::Chat).await?;
    let reason = late.refusal(chat).await?;
    ensure!(reason == VisitorRefusal::Closed, "{reason:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_visitor_is_told_of_the_queue_they_would_come_to() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let anybody = people::visitor(&centre);
    let spanish = people::visitor(&centre);
    let owner = people::visitor(&centre);
    let mut walk = Walk::new();

    spanish.looks(&url("/es"), "es").await?;
    owner
        .did(vec![
            walk.views("/help/battery", &["laptop-help"]),
            walk.views("/help/screen", &["laptop-help"]),
        ])
        .await?;
    let topics = [
        (&anybody, "Support"),
        (&spanish, "Español"),
        (&owner, "Laptops"),
    ];
    for (visitor, topic) in topics {
        visitor
            .until(topic, |known| known.mirror.centre.topic == topic)
            .await?;
    }

    // Boris speaks no Spanish: nothing changes for those who do.
    let boris = people::ready_desk(&centre, &centre.users("agent")?[1]).await?;
    for visitor in [&anybody, &owner] {
        visitor
            .until_within("an agent", AT_ONCE, |known| {
                known.mirror.centre.chat_agents == 1
            })
            .await?;
    }
    ensure!(
        spanish.now().mirror.centre.chat_agents == 0,
        "an agent without Spanish counts"
    );
    drop(boris);
    Ok(())
}

#[tokio::test]
async fn music_for_those_who_wait_is_served_to_pages_of_a_site() -> Result<()> {
    let centre = Centre::start(&[]).await?;

    let music = http::get(
        centre.port,
        &format!("/api/public/sound/{SITE}/waiting.ogg"),
    )
    .await?;
    let nobodys = http::get(centre.port, "/api/public/sound/nobody/waiting.ogg").await?;

    ensure!(music.status == 200, "no music: {}", music.status);
    ensure!(
        music.header("content-type") == Some("audio/ogg"),
        "not told to be Ogg"
    );
    ensure!(nobodys.status == 404, "music for a site that is not there");
    Ok(())
}

/// Leaves one minute a week, as far from now as any.
async fn close_for_now(administrator: &Administrator) -> Result<()> {
    let hours = administrator.current().await?.setup.hours;
    let mut hours = hours.into_iter().next().context("no hours")?;
    // Days since a Thursday, 1 January 1970; three days on is open in no time zone yet.
    let weekday = (chance::now().0 / (24 * 3_600_000) + 3) % 7;
    let open = usize::try_from((weekday + 3) % 7)?;
    hours.week = vec![vec![]; 7];
    hours.week[open] = vec![Span { from: 600, to: 601 }];
    let id = hours.id.to_string();
    administrator.save(Kind::Hours, &id, hours).await?;
    Ok(())
}

fn path(site: &str) -> String {
    format!("/api/public/status/{site}")
}

fn queues(status: &Value) -> &[Value] {
    status["queues"].as_array().map_or(&[], Vec::as_slice)
}

fn queue<'a>(status: &'a Value, name: &str) -> Result<&'a Value> {
    let found = queues(status).iter().find(|queue| queue["name"] == name);
    found.with_context(|| format!("no queue {name} in {status}"))
}
