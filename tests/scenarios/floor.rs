//! Offers, refusals, disappearances and second windows, over real sockets.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bellwire_proto::{
    agent::{AgentCommand, AgentEvent, AgentRefusal, Chosen, WorkStage},
    id::InteractionId,
    interaction::{EndCause, Medium, Role},
    rtc::{Sending, Signal, Step},
    visitor::{VisitorCommand, VisitorStage},
    wire::Up,
};
use bellwire_tests::{
    centre::Centre,
    chance,
    peer::Known,
    people::{self, AgentSide, VisitorSide},
    wait::PATIENT,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_call_rings_at_the_next_desk() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let agents = centre.users("agent")?;
    let first = people::ready_desk(&centre, &agents[0]).await?;
    let second = people::ready_desk(&centre, &agents[1]).await?;
    let visitor = people::visitor(&centre);
    let call = visitor.start(Medium::Call).await?;

    let offer = first.rings(call).await?;
    let epoch = offer.epoch;
    first
        .ask(AgentCommand::Decline {
            interaction: call,
            epoch,
        })
        .await?;
    second.take(call).await?;

    ensure!(
        first.now().mirror.offer.is_none(),
        "the first desk still rings"
    );
    // An answer to the old offer comes too late.
    first
        .ask(AgentCommand::Accept {
            interaction: call,
            epoch,
            peer: Some(people::peer_id()),
        })
        .await?;
    first
        .until("refused", |known| refused(known, AgentRefusal::OfferGone))
        .await?;
    ensure!(
        second.now().mirror.items.contains_key(&call),
        "the call was taken away"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unanswered_desk_becomes_not_ready() -> Result<()> {
    let centre = Centre::start(&[("BELLWIRE_TIMES_RING_S", "1")]).await?;
    let agents = centre.users("agent")?;
    let first = people::ready_desk(&centre, &agents[0]).await?;
    let second = people::ready_desk(&centre, &agents[1]).await?;
    let visitor = people::visitor(&centre);

    let call = visitor.start(Medium::Call).await?;
    first.rings(call).await?;
    second.take(call).await?;

    let known = first
        .until("not ready", |known| known.mirror.chosen != Chosen::Ready)
        .await?;
    let withdrawn = known.told.iter().any(|event| {
        matches!(
            event,
            AgentEvent::Withdrawn {
                cause: EndCause::NoAnswer,
                ..
            }
        )
    });
    ensure!(withdrawn, "{:?}", known.told);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_leaves_a_desk_that_vanished() -> Result<()> {
    let centre = Centre::start(&[("BELLWIRE_TIMES_DESK_GRACE_S", "1")]).await?;
    let agents = centre.users("agent")?;
    let first = people::ready_desk(&centre, &agents[0]).await?;
    let second = people::ready_desk(&centre, &agents[1]).await?;
    let visitor = people::visitor(&centre);
    let call = visitor.start(Medium::Call).await?;
    first.rings(call).await?;

    drop(first);

    second.take(call).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_whose_agent_vanished_is_served_by_another() -> Result<()> {
    let centre = Centre::start(&[("BELLWIRE_TIMES_GRACE_S", "1")]).await?;
    let agents = centre.users("agent")?;
    let first = people::ready_desk(&centre, &agents[0]).await?;
    let visitor = people::visitor(&centre);
    let call = visitor.start(Medium::Call).await?;
    first.take(call).await?;
    let second = people::ready_desk(&centre, &agents[1]).await?;

    drop(first);

    visitor
        .until("the agent is away", |known| connected(known, call, false))
        .await?;
    second.take(call).await?;
    visitor
        .until("another agent", |known| connected(known, call, true))
        .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_vanished_for_too_long_ends_the_call() -> Result<()> {
    let centre = Centre::start(&[("BELLWIRE_TIMES_GRACE_S", "1")]).await?;
    let agent = people::ready_desk(&centre, &centre.users("agent")?[0]).await?;
    let visitor = people::visitor(&centre);
    let call = visitor.start(Medium::Call).await?;
    agent.take(call).await?;

    drop(visitor);

    let gone = |known: &Known<AgentSide>| {
        let stage = known.mirror.items.get(&call).map(|item| item.stage);
        matches!(
            stage,
            Some(WorkStage::WrapUp {
                cause: EndCause::Vanished,
                ..
            })
        )
    };
    agent.until("wrap-up", gone).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_is_back_in_time_goes_on() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let agent = people::ready_desk(&centre, &centre.users("agent")?[0]).await?;
    let visitor = people::visitor(&centre);
    let call = visitor.start(Medium::Call).await?;
    agent.take(call).await?;

    visitor.lose_socket().await?;
    visitor
        .until("welcomed again", |known| known.welcomes == 2)
        .await?;
    let peer = people::peer_id();
    visitor
        .ask(VisitorCommand::Attach {
            interaction: call,
            peer,
        })
        .await?;

    agent
        .until("the page's new name", |known| {
            known.mirror.items[&call].peer == Some(peer)
        })
        .await?;
    agent
        .until("reachable", |known| known.mirror.items[&call].reachable)
        .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn signals_pass_between_the_two_pages_of_a_call_and_nobody_else() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let agent = people::ready_desk(&centre, &centre.users("agent")?[0]).await?;
    let visitor = people::visitor(&centre);
    let call = visitor.start(Medium::Call).await?;
    agent.take(call).await?;
    visitor
        .until("connected", |known| connected(known, call, true))
        .await?;
    let stranger = people::visitor(&centre);
    stranger
        .until("welcomed", |known| known.welcomes == 1)
        .await?;

    stranger
        .send_now(Up::Relay {
            interaction: call,
            signal: signal(false),
        })
        .await?;
    stranger.send_now(Up::Ping).await?;
    visitor
        .send_now(Up::Relay {
            interaction: call,
            signal: signal(true),
        })
        .await?;
    let heard = agent
        .until("a signal", |known| !known.signals.is_empty())
        .await?;
    agent
        .send_now(Up::Relay {
            interaction: call,
            signal: signal(true),
        })
        .await?;
    visitor
        .until("an answer", |known| !known.signals.is_empty())
        .await?;

    let sender = &heard.signals[0].1.step;
    ensure!(
        *sender == signal(true).step,
        "a stranger got through: {sender:?}"
    );
    ensure!(agent.now().signals.len() == 1, "{:?}", agent.now().signals);
    ensure!(
        agent.now().ice.is_some() && visitor.now().ice.is_some(),
        "no ICE servers were told"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_window_is_told_so_and_can_take_over() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let who = &centre.users("agent")?[0];
    let first = people::ready_desk(&centre, who).await?;
    let second = people::window(&centre, who).await?;
    let visitor = people::visitor(&centre);
    let told = "told of the other window";

    second.until(told, |known| known.mirror.elsewhere).await?;
    let call = visitor.start(Medium::Call).await?;
    first.rings(call).await?;
    second.ask(AgentCommand::TakeOver).await?;
    first.until(told, |known| known.mirror.elsewhere).await?;
    second.take(call).await?;

    ensure!(
        second.now().mirror.agent.is_some(),
        "the second window knows no desk"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_takes_one_call_and_several_chats_at_once() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let agent = people::ready_desk(&centre, &centre.users("agent")?[0]).await?;
    let callers = [people::visitor(&centre), people::visitor(&centre)];
    let writers = [people::visitor(&centre), people::visitor(&centre)];

    let call = callers[0].start(Medium::Call).await?;
    agent.take(call).await?;
    let waiting = callers[1].start(Medium::Call).await?;
    for writer in &writers {
        let chat = writer.start(Medium::Chat).await?;
        writer.say(chat, "Hello").await?;
        agent.take(chat).await?;
    }

    ensure!(
        agent.now().mirror.items.len() == 3,
        "{:?}",
        agent.now().mirror.items.keys()
    );
    let second = &callers[1].now().mirror.contacts[&waiting].stage;
    ensure!(
        matches!(second, VisitorStage::Waiting { position: 1, .. }),
        "{second:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn hold_and_hang_up_reach_the_visitor() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let agent = people::ready_desk(&centre, &centre.users("agent")?[0]).await?;
    let visitor = people::visitor(&centre);
    let call = visitor.start(Medium::Call).await?;
    agent.take(call).await?;

    agent.ask(AgentCommand::Hold { interaction: call }).await?;
    visitor.until("on hold", |known| held(known, call)).await?;
    agent
        .ask(AgentCommand::Resume { interaction: call })
        .await?;
    visitor.until("resumed", |known| !held(known, call)).await?;
    agent
        .ask(AgentCommand::HangUp { interaction: call })
        .await?;
    agent
        .ask(AgentCommand::HangUp { interaction: call })
        .await?;

    let known = visitor
        .until("ended", |known| {
            known.mirror.contacts[&call].ended().is_some()
        })
        .await?;
    let ended = known.mirror.contacts[&call].ended();
    ensure!(
        ended == Some((EndCause::HungUp, Some(Role::Agent))),
        "{ended:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ring_carries_the_visitors_page_and_journey() -> Result<()> {
    use bellwire_proto::{
        interaction::Page,
        journey::{JourneyEvent, JourneyKind},
    };
    let centre = Centre::start(&[]).await?;
    let agent = people::ready_desk(&centre, &centre.users("agent")?[0]).await?;
    let visitor = people::visitor(&centre);
    visitor
        .until("welcomed", |known| known.welcomes == 1)
        .await?;
    let page = Page {
        url: "https://shop.example/kettle".into(),
        title: "The copper kettle".into(),
        referrer: "https://search.example/".into(),
        language: "en".into(),
    };
    let kind = JourneyKind::Viewed {
        url: page.url.clone(),
        title: page.title.clone(),
        referrer: page.referrer.clone(),
        language: page.language.clone(),
        categories: vec![],
    };
    let event = JourneyEvent {
        n: 1,
        at: chance::now(),
        kind,
    };

    visitor.ask(VisitorCommand::Looks(page.clone())).await?;
    visitor
        .ask(VisitorCommand::Journey {
            events: vec![event.clone()],
        })
        .await?;
    // A page that comes back tells its journey once more.
    visitor
        .ask(VisitorCommand::Journey {
            events: vec![event.clone()],
        })
        .await?;
    visitor
        .ask(VisitorCommand::Named { name: "Ada".into() })
        .await?;
    let call = visitor.start(Medium::Call).await?;

    let context = agent.rings(call).await?.context;
    ensure!(context.page == page, "{context:?}");
    // The time is the server's where the visitor's clock is a moment ahead.
    let told: Vec<_> = context.journey.iter().map(|e| (e.n, &e.kind)).collect();
    ensure!(told == [(event.n, &event.kind)], "{context:?}");
    ensure!(context.name.as_deref() == Some("Ada"), "{context:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_visitor_who_stays_away_gives_up_the_place() -> Result<()> {
    let centre = Centre::start(&[("BELLWIRE_TIMES_GRACE_S", "1")]).await?;
    let [first, second] = [people::visitor(&centre), people::visitor(&centre)];
    first.start(Medium::Call).await?;
    let call = second.start(Medium::Call).await?;
    let place = |known: &Known<VisitorSide>, wanted: u32| {
        let stage = known
            .mirror
            .contacts
            .get(&call)
            .map(|contact| &contact.stage);
        matches!(stage, Some(VisitorStage::Waiting { position, .. }) if *position == wanted)
    };
    second
        .until("second in line", |known| place(known, 2))
        .await?;

    drop(first);

    second
        .until_within("first in line", PATIENT, |known| place(known, 1))
        .await?;
    tokio::time::timeout(
        Duration::from_secs(1),
        second.ask(VisitorCommand::Leave { interaction: call }),
    )
    .await
    .context("leaving takes no time")??;
    second
        .until("left", |known| {
            known.mirror.contacts[&call].ended().is_some()
        })
        .await?;
    Ok(())
}

fn refused(known: &Known<AgentSide>, wanted: AgentRefusal) -> bool {
    known
        .told
        .iter()
        .any(|event| matches!(event, AgentEvent::Refused { reason, .. } if *reason == wanted))
}

fn connected(known: &Known<VisitorSide>, call: InteractionId, to: bool) -> bool {
    let stage = known
        .mirror
        .contacts
        .get(&call)
        .map(|contact| &contact.stage);
    matches!(stage, Some(VisitorStage::Connected { reachable, .. }) if *reachable == to)
}

fn held(known: &Known<VisitorSide>, call: InteractionId) -> bool {
    let stage = known
        .mirror
        .contacts
        .get(&call)
        .map(|contact| &contact.stage);
    matches!(stage, Some(VisitorStage::Connected { held: true, .. }))
}

fn signal(audio: bool) -> Signal {
    Signal {
        from: people::peer_id(),
        to: None,
        step: Step::Sending(Sending {
            audio,
            video: false,
        }),
    }
}
