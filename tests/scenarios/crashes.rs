//! `kill -9` at any moment: nobody is lost, nothing is said twice.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bellwire_proto::{
    id::InteractionId,
    interaction::Medium,
    mirror::Chat,
    visitor::{VisitorCommand, VisitorStage},
};
use bellwire_tests::{
    centre::Centre,
    chance::{self, Dice},
    people::{self, Visitor, lines},
};

/// How often the server dies while people write.
const KILLS: u32 = 25;

#[tokio::test(flavor = "multi_thread")]
async fn no_line_of_a_chat_is_lost_or_doubled_by_random_kills() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let agent = people::ready_desk(&centre, &centre.users("agent")?[0]).await?;
    let visitor = people::visitor(&centre);
    let chat = visitor.start(Medium::Chat).await?;
    agent.take(chat).await?;
    let seed = chance::now().0;
    println!("seed {seed}");
    let mut dice = Dice::new(seed);

    let written = tokio::sync::watch::Sender::new(false);
    let (by_visitor, by_agent, killed) = tokio::join!(
        write(written.subscribe(), "visitor", async |text| visitor
            .say(chat, text)
            .await),
        write(written.subscribe(), "agent", async |text| agent
            .say(chat, text)
            .await),
        async {
            let killed = kill_at_random(&centre, &visitor, &mut dice).await;
            written.send_replace(true);
            killed
        }
    );
    killed?;
    let expected = usize::try_from(by_visitor? + by_agent?)?;

    let patience = Duration::from_secs(30);
    let all = |chat: Option<&Chat>| chat.is_some_and(|chat| chat.lines().count() >= expected);
    let seen = visitor
        .until_within("the visitor has every line", patience, |known| {
            all(known
                .mirror
                .contacts
                .get(&chat)
                .map(|contact| &contact.chat))
        })
        .await?;
    let desk = agent
        .until_within("the agent has every line", patience, |known| {
            all(known.mirror.items.get(&chat).map(|item| &item.chat))
        })
        .await?;
    let visitors = lines(&seen.mirror.contacts[&chat].chat);
    let agents = lines(&desk.mirror.items[&chat].chat);
    println!("{expected} lines over {KILLS} kills");
    ensure!(visitors == agents, "the two sides differ");
    ensure!(
        visitors.len() == expected,
        "{} lines of {expected}",
        visitors.len()
    );
    for (nth, (seq, _)) in visitors.iter().enumerate() {
        ensure!(
            usize::try_from(*seq)? == nth + 1,
            "line {nth} has the number {seq}"
        );
    }
    for writer in ["visitor", "agent"] {
        let own = visitors
            .iter()
            .filter_map(|(_, text)| text.strip_prefix(writer)?.trim().parse::<u32>().ok());
        ensure!(
            own.clone().eq(1..=u32::try_from(own.count())?),
            "{writer}'s lines are out of order"
        );
    }
    Ok(())
}

/// Writes numbered lines until told to stop; returns how many.
async fn write<T>(
    mut stop: tokio::sync::watch::Receiver<bool>,
    writer: &str,
    say: impl AsyncFn(&str) -> Result<T>,
) -> Result<u32> {
    let mut count = 0;
    while !*stop.borrow_and_update() {
        count += 1;
        say(&format!("{writer} {count}")).await?;
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
    Ok(count)
}

async fn kill_at_random(centre: &Centre, visitor: &Visitor, dice: &mut Dice) -> Result<()> {
    for _ in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(dice.between(20, 500))).await;
        centre.kill().await?;
        tokio::time::sleep(Duration::from_millis(dice.between(0, 100))).await;
        let welcomes = visitor.now().welcomes;
        centre.restart().await?;
        // Sometimes the next kill comes before the page is back, sometimes after.
        if dice.between(0, 3) > 0 {
            visitor
                .until("the page is back", |known| known.welcomes > welcomes)
                .await?;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_still_waits_in_the_same_order_after_a_kill() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let visitors: Vec<_> = (0..6).map(|_| people::visitor(&centre)).collect();
    let mut waiting = vec![];
    for visitor in &visitors {
        waiting.push(visitor.start(Medium::Call).await?);
    }
    in_order(&visitors, &waiting).await?;

    centre.kill().await?;
    centre.restart().await?;
    // They come back in another order, each with its page's word that the call is still wanted.
    for (visitor, &interaction) in visitors.iter().zip(&waiting).rev() {
        visitor
            .until("welcomed again", |known| known.welcomes == 2)
            .await?;
        let peer = people::peer_id();
        visitor
            .ask(VisitorCommand::Attach { interaction, peer })
            .await?;
    }

    in_order(&visitors, &waiting).await?;
    let agent = people::ready_desk(&centre, &centre.users("agent")?[0]).await?;
    for interaction in waiting {
        agent.take(interaction).await?;
        agent.finish(interaction).await?;
    }
    Ok(())
}

/// Each visitor is told the place in which they came.
async fn in_order(visitors: &[Visitor], waiting: &[InteractionId]) -> Result<()> {
    for (place, (visitor, interaction)) in (1..).zip(visitors.iter().zip(waiting)) {
        visitor
            .until(&format!("number {place} in line"), |known| {
                let stage = known
                    .mirror
                    .contacts
                    .get(interaction)
                    .map(|contact| &contact.stage);
                matches!(stage, Some(VisitorStage::Waiting { position, .. }) if *position == place)
            })
            .await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_call_is_still_the_agents_after_a_kill() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let agent = people::ready_desk(&centre, &centre.users("agent")?[0]).await?;
    let visitor = people::visitor(&centre);
    let call = visitor.start(Medium::Call).await?;
    agent.take(call).await?;

    centre.kill().await?;
    centre.restart().await?;

    visitor
        .until("welcomed again", |known| known.welcomes == 2)
        .await?;
    agent
        .until("welcomed again", |known| known.welcomes == 2)
        .await?;
    let stage = visitor.now().mirror.contacts[&call].stage.clone();
    ensure!(matches!(stage, VisitorStage::Connected { .. }), "{stage:?}");
    ensure!(
        agent.now().mirror.items.contains_key(&call),
        "the call left the desk"
    );
    agent.finish(call).await?;
    visitor
        .until("ended", |known| {
            known.mirror.contacts[&call].ended().is_some()
        })
        .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_server_says_goodbye_and_ends_cleanly() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let visitor = people::visitor(&centre);
    visitor
        .until("welcomed", |known| known.welcomes == 1)
        .await?;
    let chat = visitor.start(Medium::Chat).await?;

    let status = centre.stop().await?;

    ensure!(
        status.success(),
        "the server ended with {status}:\n{}",
        centre.log()
    );
    let known = visitor
        .until("goodbye", |known| known.bye.is_some())
        .await?;
    let bye = known.bye.context("a goodbye")?;
    ensure!(
        bye.reason == bellwire_proto::wire::ByeReason::Restart,
        "{bye:?}"
    );
    ensure!(
        bye.retry_in_ms.is_some(),
        "the page was not asked to come back"
    );
    centre.restart().await?;
    let patience = Duration::from_secs(20);
    visitor
        .until_within("welcomed again", patience, |known| known.welcomes == 2)
        .await?;
    ensure!(
        visitor.now().mirror.contacts[&chat].is_live(),
        "the chat was lost"
    );
    Ok(())
}
