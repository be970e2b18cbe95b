//! A running floor follows what administrators change, and nobody loses their place by it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bellwire_proto::{
    admin::{Current, Kind},
    id::QueueId,
    interaction::Medium,
    prompt::MENU,
    setup::{Destination, Queue, Setup, Words},
    visitor::VisitorRefusal,
};
use bellwire_tests::{
    administrator::{Administrator, not_saved, read},
    centre::Centre,
    chance, http,
    people::{self, SITE, Visitor},
};

/// How soon a change counts.
const AT_ONCE: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread")]
async fn a_new_queue_counts_at_once_and_nobody_loses_their_place() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let administrator = Administrator::sign_in(&centre).await?;
    let anna = people::desk(&centre, &centre.users("agent")?[0]).await?;
    let early: Vec<Visitor> = (0..3).map(|_| people::visitor(&centre)).collect();
    let mut waiting = vec![];
    for visitor in &early {
        waiting.push(visitor.start(Medium::Chat).await?);
    }

    let returns = add_queue(&administrator, "Returns").await?;
    administrator
        .change_user("anna", |user| user.queues.push(returns))
        .await?;
    anna.until_within("the queue at the desk", AT_ONCE, |known| {
        let queues = &known.mirror.queues;
        queues.iter().any(|queue| queue.name == "Returns")
    })
    .await?;
    administrator
        .change_site(|site| {
            if let Some(last) = site.entries.last_mut() {
                last.to = Destination::Queue(returns);
            }
        })
        .await?;
    let late = people::visitor(&centre);
    let next = late.start(Medium::Chat).await?;

    late.stands(next, 1).await?;
    for (place, (visitor, chat)) in (1..).zip(early.iter().zip(&waiting)) {
        visitor.stands(*chat, place).await?;
        ensure!(visitor.now().welcomes == 1, "a page had to connect anew");
    }
    ensure!(anna.now().welcomes == 1, "the desk had to connect anew");
    anna.ask(bellwire_proto::agent::AgentCommand::Ready).await?;
    waiting.push(next);
    for chat in waiting {
        let queue = anna.rings(chat).await?.queue;
        let expected = if chat == next { "Returns" } else { "Support" };
        ensure!(queue == expected, "{queue}");
        anna.take(chat).await?;
        anna.finish(chat).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_in_a_queue_that_is_deleted_waits_in_another() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let administrator = Administrator::sign_in(&centre).await?;
    let returns = add_queue(&administrator, "Returns").await?;
    administrator
        .change_site(|site| {
            if let Some(last) = site.entries.last_mut() {
                last.to = Destination::Queue(returns);
            }
        })
        .await?;
    let visitor = people::visitor(&centre);
    let chat = visitor.start(Medium::Chat).await?;
    let support = administrator.queue("Support").await?.id;

    // While an entry leads there, it stays.
    let version = administrator.current().await?.version;
    let path = format!("/admin/queue/{returns}?version={version}&despite_warnings=true");
    let (status, why) = not_saved(&administrator.ask("DELETE", &path, "").await?)?;
    ensure!(status == 422 && why.error == "invalid", "{why:?}");
    ensure!(
        why.findings
            .iter()
            .any(|found| found.error && found.at.starts_with("entries.")),
        "{why:?}"
    );

    administrator
        .change_site(|site| {
            if let Some(last) = site.entries.last_mut() {
                last.to = Destination::Queue(support);
            }
        })
        .await?;
    administrator
        .delete(Kind::Queue, &returns.to_string())
        .await?;

    let boris = people::ready_desk(&centre, &centre.users("agent")?[1]).await?;
    let offer = boris.rings(chat).await?;
    ensure!(offer.queue != "Returns", "{offer:?}");
    boris.take(chat).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_question_is_asked_from_then_on() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let administrator = Administrator::sign_in(&centre).await?;
    let early = people::visitor(&centre);
    let chat = early.begin(Medium::Chat).await?;
    let stands = early.asked(chat).context("nothing is asked")?;

    let forms = administrator.current().await?.setup.forms;
    let form = forms
        .into_iter()
        .find(|form| form.name == "What it is about");
    let mut form = form.context("no such form")?;
    form.title = Words::one("en", "What can we do?");
    let id = form.id.to_string();
    administrator.save(Kind::Form, &id, form).await?;

    let late = people::visitor(&centre);
    let other = late.begin(Medium::Chat).await?;
    let asked = late.asked(other).context("nothing is asked")?;
    ensure!(asked.title == "What can we do?", "{asked:?}");
    // Who was asked before may still answer what they read.
    ensure!(early.asked(chat) == Some(stands), "the question changed");
    early.answer(chat, 1, &[(MENU, "buying")]).await?;
    early.stands(chat, 1).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_takes_no_calls_any_more_refuses_them_at_once() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let administrator = Administrator::sign_in(&centre).await?;
    let visitor = people::visitor(&centre);
    let chat = visitor.start(Medium::Chat).await?;

    administrator
        .change_queue("Support", |queue| queue.media = vec![Medium::Chat])
        .await?;

    let other = people::visitor(&centre);
    let call = other.begin_and_skip(Medium::Call).await?;
    let reason = other.refusal(call).await?;
    ensure!(reason == VisitorRefusal::NotOffered, "{reason:?}");
    visitor.stands(chat, 1).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn only_administrators_change_the_centre_and_agents_supervise_nothing() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let reads = [
        "/admin/setup",
        "/admin/changes",
        "/admin/export",
        "/admin/seen",
    ];
    let looks = [
        "/supervise/contacts",
        "/supervise/invitations",
        "/supervise/waits",
    ];
    let mut statuses = vec![];
    for role in ["agent", "supervisor", "administrator"] {
        let who = Administrator::with_role(&centre, role).await?;
        let me = who.ask("GET", "/me", "").await?.json()?;
        ensure!(me["role"] == role, "{me}");
        for path in reads {
            statuses.push((role, path, who.ask("GET", path, "").await?.status));
        }
        for path in looks {
            statuses.push((role, path, who.ask("GET", path, "").await?.status));
        }
    }
    for (role, path, status) in statuses {
        let may = match role {
            "agent" => false,
            "supervisor" => looks.contains(&path),
            _ => true,
        };
        let expected = if may { 200 } else { 403 };
        ensure!(status == expected, "{role} at {path}: {status}");
    }

    let supervisor = Administrator::with_role(&centre, "supervisor").await?;
    let queue = Queue::new(QueueId::new(chance::now(), chance::bits()), "Mine");
    let id = queue.id.to_string();
    let answer = supervisor.put(Kind::Queue, &id, 1, queue, true).await?;
    ensure!(answer.status == 403, "{answer:?}");
    ensure!(answer.json()?["error"] == "forbidden", "{answer:?}");
    let nobody = http::get(centre.port, "/api/admin/setup").await?;
    ensure!(nobody.status == 401, "{nobody:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_taken_away_counts_at_once() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let administrator = Administrator::sign_in(&centre).await?;
    let supervisor = Administrator::with_role(&centre, "supervisor").await?;
    ensure!(
        supervisor
            .ask("GET", "/supervise/contacts", "")
            .await?
            .status
            == 200,
        "a supervisor sees nothing"
    );

    administrator
        .change_user("sofia", |user| {
            user.role = bellwire_proto::setup::UserRole::Agent
        })
        .await?;

    let answer = supervisor.ask("GET", "/supervise/contacts", "").await?;
    ensure!(answer.status == 403, "{answer:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_change_can_be_taken_back_and_the_floor_follows() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let administrator = Administrator::sign_in(&centre).await?;
    let anna = people::desk(&centre, &centre.users("agent")?[0]).await?;
    let shows = async |name: &'static str| {
        anna.until_within(name, AT_ONCE, |known| {
            known.mirror.queues.iter().any(|queue| queue.name == name)
        })
        .await
    };
    let before = administrator.current().await?;
    administrator
        .change_queue("Support", |queue| queue.name = "Help".into())
        .await?;
    shows("Help").await?;

    let outdated = administrator.undo(before.version).await?;
    let (status, why) = not_saved(&outdated)?;
    ensure!(status == 409 && why.error == "outdated", "{why:?}");
    let changed = administrator.current().await?;
    let answer = administrator.undo(changed.version).await?;

    ensure!(answer.status == 200, "{answer:?}");
    shows("Support").await?;
    let after = administrator.current().await?;
    ensure!(after.setup == before.setup, "something else changed");
    ensure!(after.version > changed.version, "{}", after.version);
    let changes = administrator.changes().await?.changes;
    let newest: Vec<_> = changes.iter().take(2).collect();
    ensure!(
        newest.iter().all(|change| change.by == "admin") && newest[1].what.contains("queue"),
        "{newest:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_break_the_centre_is_not_saved_and_said_in_words() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let administrator = Administrator::sign_in(&centre).await?;
    let Current { version, setup, .. } = administrator.current().await?;
    let support = administrator.queue("Support").await?;
    let id = support.id.to_string();

    let mut lost = support.clone();
    lost.overflow = vec![bellwire_proto::setup::Overflow {
        when: bellwire_proto::setup::OverflowWhen::NobodyThere,
        to: Destination::Queue(QueueId::new(chance::now(), chance::bits())),
    }];
    let answer = administrator
        .put(Kind::Queue, &id, version, lost, true)
        .await?;
    let (status, why) = not_saved(&answer)?;
    let found = why.findings.iter().find(|found| found.error);
    let found = found.with_context(|| format!("{why:?}"))?;
    ensure!(
        status == 422 && found.at.starts_with("overflow.0"),
        "{why:?}"
    );
    ensure!(found.say.contains(' ') && found.id == id, "{why:?}");

    let answer = administrator
        .put(Kind::Queue, &id, version - 1, support, true)
        .await?;
    let (status, why) = not_saved(&answer)?;
    ensure!(status == 409 && why.error == "outdated", "{why:?}");
    let now: Current = read(&administrator.ask("GET", "/admin/setup", "").await?)?;
    ensure!(
        now.version == version && now.setup == setup,
        "something was saved"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_file_makes_another_centre_the_same() -> Result<()> {
    let (here, there) = tokio::try_join!(Centre::start(&[]), Centre::start(&[]))?;
    let from = Administrator::sign_in(&here).await?;
    let into = Administrator::sign_in(&there).await?;
    let returns = add_queue(&from, "Returns").await?;
    from.change_user("anna", |user| user.queues.push(returns))
        .await?;
    from.change_site(|site| {
        site.keep_days = 7;
        site.origins = vec![there.origin()];
        if let Some(last) = site.entries.last_mut() {
            last.to = Destination::Queue(returns);
        }
    })
    .await?;
    let file = from.export().await?;
    let visitor = people::visitor(&there);
    let chat = visitor.start(Medium::Chat).await?;
    let before = into.current().await?;

    let tried = into.import(file.clone(), true).await?;
    ensure!(!tried.changes.is_empty(), "{tried:?}");
    ensure!(
        into.current().await? == before,
        "a dry run changed something"
    );
    let imported = into.import(file.clone(), false).await?;
    ensure!(imported.changes == tried.changes, "{imported:?}");
    ensure!(imported.passwords.is_empty(), "{imported:?}");

    // Whoever has the same user name is the same person, under the id they had.
    let nameless = |mut setup: Setup| {
        for user in &mut setup.users {
            user.id = bellwire_proto::id::AgentId::new(bellwire_proto::time::Timestamp(0), 0);
        }
        setup
    };
    ensure!(
        nameless(into.export().await?) == nameless(file),
        "the file comes out as another one"
    );
    let anna = people::ready_desk(&there, &there.users("agent")?[0]).await?;
    anna.take(chat).await?;
    let next = people::visitor(&there).start(Medium::Chat).await?;
    ensure!(anna.rings(next).await?.queue == "Returns", "another queue");

    let undone = into.undo(imported.version).await?;
    ensure!(undone.status == 200, "{undone:?}");
    ensure!(
        into.current().await?.setup == before.setup,
        "an import cannot be taken back"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_told_where_a_sites_tag_was_seen() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let administrator = Administrator::sign_in(&centre).await?;
    ensure!(!centre.allows("https://other.example").await?, "allowed");
    ensure!(centre.allows(&centre.origin()).await?, "not allowed");
    let visitor = people::visitor(&centre);
    visitor
        .until("welcomed", |known| known.welcomes == 1)
        .await?;

    let seen = administrator.ask("GET", "/admin/seen", "").await?.json()?;

    let site = &seen[0];
    ensure!(site["site"] == SITE && site["pages_now"] == 1, "{seen}");
    ensure!(site["last"][1] == centre.origin(), "{seen}");
    ensure!(site["refused"][0][1] == "https://other.example", "{seen}");
    Ok(())
}

async fn add_queue(administrator: &Administrator, name: &str) -> Result<QueueId> {
    let queue = Queue::new(QueueId::new(chance::now(), chance::bits()), name);
    let id = queue.id;
    administrator
        .save(Kind::Queue, &id.to_string(), queue)
        .await?;
    Ok(id)
}
