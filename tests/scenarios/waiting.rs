//! Waiting: place and range, a change of mind, and where else a contact can go.

use anyhow::{Context, Result, ensure};
use bellwire_proto::{
    id::InteractionId,
    interaction::Medium,
    prompt::MENU,
    setup::{Destination, Overflow, OverflowWhen, Queue},
    visitor::{LeftMessage, VisitorCommand, VisitorRefusal, VisitorStage, Wait},
};
use bellwire_tests::{
    administrator::Administrator,
    centre::Centre,
    chance,
    peer::Known,
    people::{self, Visitor, VisitorSide, lines},
    wait::{PATIENT, SOON, until},
};

/// The queue of this name leads to Sales when that holds.
async fn overflow_to_sales(
    administrator: &Administrator,
    queue: &str,
    when: OverflowWhen,
) -> Result<()> {
    let to = Destination::Queue(administrator.queue("Sales").await?.id);
    let change = |queue: &mut Queue| queue.overflow = vec![Overflow { when, to }];
    administrator.change_queue(queue, change).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_is_told_the_place_and_after_some_contacts_a_range() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let anna = people::ready_desk(&centre, &centre.users("agent")?[0]).await?;
    for _ in 0..5 {
        let visitor = people::visitor(&centre);
        let call = visitor.start(Medium::Call).await?;
        anna.take(call).await?;
        anna.finish(call).await?;
    }
    let served = people::visitor(&centre);
    let call = served.start(Medium::Call).await?;
    anna.take(call).await?;

    let [first, second] = [people::visitor(&centre), people::visitor(&centre)];
    let (one, two) = (
        first.start(Medium::Call).await?,
        second.start(Medium::Call).await?,
    );
    first.stands(one, 1).await?;
    second.stands(two, 2).await?;
    let (near, far) = (range(&first, one).await?, range(&second, two).await?);
    ensure!(near.from_s <= near.to_s && near.to_s > 0, "{near:?}");
    ensure!(near.to_s <= far.to_s, "{near:?} is longer than {far:?}");

    anna.finish(call).await?;
    anna.take(one).await?;
    second.stands(two, 1).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn before_anything_was_served_no_range_is_made_up() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let visitor = people::visitor(&centre);
    let call = visitor.start(Medium::Call).await?;

    visitor.stands(call, 1).await?;

    let stage = visitor.now().mirror.contacts[&call].stage.clone();
    ensure!(
        matches!(stage, VisitorStage::Waiting { wait: None, .. }),
        "{stage:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_chat_instead_keeps_the_place() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let [a, b, c, d] = [(); 4].map(|()| people::visitor(&centre));
    let first_call = a.start(Medium::Call).await?;
    let call = b.start(Medium::Call).await?;
    let first_chat = c.start(Medium::Chat).await?;
    let second_chat = d.start(Medium::Chat).await?;
    a.stands(first_call, 1).await?;
    b.stands(call, 2).await?;
    d.stands(second_chat, 2).await?;

    b.ask(VisitorCommand::Switch {
        interaction: call,
        medium: Medium::Chat,
    })
    .await?;

    b.until("waits for a chat", |known| {
        known.mirror.contacts[&call].medium == Medium::Chat
    })
    .await?;
    b.stands(call, 1).await?;
    c.stands(first_chat, 2).await?;
    d.stands(second_chat, 3).await?;
    a.stands(first_call, 1).await?;
    // The order holds over a kill, and at the desk.
    centre.kill().await?;
    centre.restart().await?;
    let anna = people::ready_desk(&centre, &centre.users("agent")?[0]).await?;
    for chat in [call, first_chat, second_chat] {
        anna.take(chat).await?;
        anna.finish(chat).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_instead_of_waiting_is_answered_though_the_visitor_is_gone() -> Result<()> {
    let centre = Centre::start(&[("BELLWIRE_TIMES_CHAT_GRACE_S", "1")]).await?;
    let visitor = people::visitor(&centre);
    let call = visitor.start(Medium::Call).await?;

    visitor
        .ask(VisitorCommand::Message(message(call, "My kettle leaks.")))
        .await?;
    visitor
        .until("the message is taken", |known| {
            let contact = &known.mirror.contacts[&call];
            contact.left_message && contact.medium == Medium::Chat
        })
        .await?;
    visitor.settle().await?;
    drop(visitor);
    centre.kill().await?;
    centre.restart().await?;

    let anna = people::ready_desk(&centre, &centre.users("agent")?[0]).await?;
    let context = anna.rings(call).await?.context;
    ensure!(context.left_message, "{context:?}");
    ensure!(context.name.as_deref() == Some("Ada"), "{context:?}");
    ensure!(
        (context.answers.iter()).any(|answer| answer.value == "ada@example.org"),
        "{context:?}"
    );
    anna.take(call).await?;
    let known = anna
        .until("the message", |known| {
            known.mirror.items[&call].chat.lines().count() == 1
        })
        .await?;
    let said = lines(&known.mirror.items[&call].chat);
    ensure!(said == [(1, "My kettle leaks.".into())], "{said:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_by_itself_asks_nothing_and_is_not_doubled() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let visitor = people::visitor(&centre);
    let chat = InteractionId::new(chance::now(), chance::bits());
    let written = message(chat, "Do you sell lids?");

    for _ in 0..2 {
        visitor
            .ask(VisitorCommand::Message(written.clone()))
            .await?;
    }
    visitor.settle().await?;

    let contact = visitor.now().mirror.contacts[&chat].clone();
    ensure!(
        contact.prompt.is_none() && contact.left_message && contact.chat.lines().count() == 1,
        "{contact:?}"
    );
    let anna = people::ready_desk(&centre, &centre.users("agent")?[0]).await?;
    anna.take(chat).await?;
    let line = anna.say(chat, "We do.").await?;
    visitor
        .until("the answer", |known| {
            let mut lines = known.mirror.contacts[&chat].chat.lines();
            lines.any(|said| said.id == line)
        })
        .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_line_overflows_and_a_full_one_takes_nobody() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let administrator = Administrator::sign_in(&centre).await?;
    overflow_to_sales(&administrator, "Support", OverflowWhen::Waiting(1)).await?;
    administrator
        .change_queue("Sales", |queue| queue.most_waiting = Some(1))
        .await?;
    let [a, b, c] = [(); 3].map(|()| people::visitor(&centre));

    let first = a.start(Medium::Chat).await?;
    let second = b.start(Medium::Chat).await?;
    a.stands(first, 1).await?;
    b.stands(second, 1).await?;
    let third = c.begin_and_skip(Medium::Chat).await?;
    let reason = c.refusal(third).await?;

    ensure!(reason == VisitorRefusal::Full, "{reason:?}");
    let decisions = administrator.decisions(second).await?;
    ensure!(
        decisions.contains("Into Sales") && decisions.contains("1 or more wait in Support"),
        "{decisions}"
    );
    let anna = people::ready_desk(&centre, &centre.users("agent")?[0]).await?;
    ensure!(anna.rings(first).await?.queue == "Support", "the first");
    anna.take(first).await?;
    ensure!(anna.rings(second).await?.queue == "Sales", "the second");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waited_too_long_goes_elsewhere_before_those_who_came_later() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let administrator = Administrator::sign_in(&centre).await?;
    overflow_to_sales(&administrator, "Support", OverflowWhen::Waited(1)).await?;
    let [early, late] = [people::visitor(&centre), people::visitor(&centre)];
    let first = early.start(Medium::Chat).await?;
    let second = late.begin(Medium::Chat).await?;
    late.answer(second, 1, &[(MENU, "buying")]).await?;
    late.stands(second, 1).await?;

    until("the overflow", SOON, async || {
        let decisions = administrator.decisions(first).await?;
        let moved = decisions.contains("Into Sales") && decisions.contains("waited 1 s in Support");
        Ok(moved.then_some(()))
    })
    .await?;

    early.stands(first, 1).await?;
    late.stands(second, 2).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_is_there_contacts_go_where_somebody_is() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let administrator = Administrator::sign_in(&centre).await?;
    overflow_to_sales(&administrator, "Laptops", OverflowWhen::NobodyThere).await?;
    let visitor = people::visitor(&centre);
    let chat = visitor.begin(Medium::Chat).await?;
    visitor.answer(chat, 1, &[(MENU, "laptops")]).await?;

    let anna = people::ready_desk(&centre, &centre.users("agent")?[0]).await?;
    let offer = anna.rings(chat).await?;

    ensure!(offer.queue == "Sales", "{offer:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_that_loads_anew_and_a_killed_server_send_nobody_elsewhere() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let administrator = Administrator::sign_in(&centre).await?;
    overflow_to_sales(&administrator, "Support", OverflowWhen::NobodyThere).await?;
    let anna = people::ready_desk(&centre, &centre.users("agent")?[0]).await?;
    let served = people::visitor(&centre);
    let call = served.start(Medium::Call).await?;
    anna.take(call).await?;
    let visitor = people::visitor(&centre);
    let waits = visitor.start(Medium::Call).await?;

    anna.lose_socket().await?;
    anna.until("the desk is back", |known| known.welcomes == 2)
        .await?;
    centre.kill().await?;
    centre.restart().await?;
    anna.until_within("the desk is back again", PATIENT, |known| {
        known.welcomes == 3
    })
    .await?;
    visitor
        .until_within("the visitor is back", PATIENT, |known| known.welcomes == 2)
        .await?;
    visitor
        .ask(VisitorCommand::Attach {
            interaction: waits,
            peer: people::peer_id(),
        })
        .await?;
    anna.finish(call).await?;

    let offer = anna.rings(waits).await?;
    ensure!(offer.queue == "Support", "{offer:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_again_gets_the_agent_they_had() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let agents = centre.users("agent")?;
    let visitor = people::visitor(&centre);
    let anna = people::ready_desk(&centre, &agents[0]).await?;
    let first = laptops(&visitor).await?;
    anna.take(first).await?;
    anna.finish(first).await?;

    // Boris is better at it, and has nothing to do either.
    let boris = people::ready_desk(&centre, &agents[1]).await?;
    let second = laptops(&visitor).await?;
    anna.take(second).await?;
    anna.finish(second).await?;

    ensure!(boris.now().mirror.offer.is_none(), "it rings at boris");
    let decisions = Administrator::with_role(&centre, "supervisor").await?;
    let decisions = decisions.decisions(second).await?;
    ensure!(decisions.contains("served the visitor last"), "{decisions}");
    // To somebody else, boris is the better one.
    let stranger = people::visitor(&centre);
    boris.take(laptops(&stranger).await?).await?;
    Ok(())
}

async fn laptops(visitor: &Visitor) -> Result<InteractionId> {
    let chat = visitor.begin(Medium::Chat).await?;
    visitor.answer(chat, 1, &[(MENU, "laptops")]).await?;
    Ok(chat)
}

fn message(interaction: InteractionId, text: &str) -> LeftMessage {
    LeftMessage {
        interaction,
        message: people::message_id(),
        text: text.into(),
        name: "Ada".into(),
        reply_to: "ada@example.org".into(),
    }
}

/// The range that is told, as soon as one is.
async fn range(visitor: &Visitor, interaction: InteractionId) -> Result<Wait> {
    let told = |known: &Known<VisitorSide>| {
        let contact = known.mirror.contacts.get(&interaction)?;
        let VisitorStage::Waiting { wait, .. } = contact.stage else {
            return None;
        };
        wait
    };
    let known = visitor
        .until("a range", |known| told(known).is_some())
        .await?;
    told(&known).context("a range")
}
