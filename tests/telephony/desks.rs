//! Agents who take calls on a phone, with the desk beside it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bellwire_proto::{
    agent::{AgentCommand, Chosen, Device, WorkStage},
    id::InteractionId,
};
use bellwire_tests::{
    house::{House, LOBBY, PASSWORD, SUPPORT},
    people::{Agent, peer_id},
    phones::{
        ear::Ears,
        telephone::{Call, End, Settings, Telephone},
    },
};

/// Anna talks on her phone with somebody who called. The caller says 1000 hertz, Anna 440.
struct Talk {
    house: House,
    anna: Agent,
    _caller: Telephone,
    out: Call,
    phone: Telephone,
    at_anna: Call,
    interaction: InteractionId,
}

impl Talk {
    async fn begin(more: &[(&str, &str)]) -> Result<Self> {
        let house = House::open_with(more).await?;
        let phone = house.phone("anna").await?;
        let anna = house.desk("anna", Device::Phone).await?;
        let caller = house
            .phone_like(Settings {
                pitch: Some(1000.0),
                ..Settings::account(house.sip, LOBBY, PASSWORD)
            })
            .await?;
        let out = caller.dial(SUPPORT).await?;
        let at_anna = phone.rings().await?;
        at_anna.answer()?;
        out.answered().await?;
        tokio::try_join!(out.hears(440.0), at_anna.hears(1000.0))?;
        let known = anna
            .until("the call on the desk", |known| {
                !known.mirror.items.is_empty()
            })
            .await?;
        let interaction = *known.mirror.items.keys().next().context("a call")?;
        Ok(Self {
            house,
            anna,
            _caller: caller,
            out,
            phone,
            at_anna,
            interaction,
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_mutes_the_phone_and_hangs_up() -> Result<()> {
    let talk = Talk::begin(&[]).await?;
    let interaction = talk.interaction;

    let mute = |muted| AgentCommand::Mute { interaction, muted };
    talk.anna.ask(mute(true)).await?;
    talk.out.hears_no(440.0).await?;
    talk.at_anna.hears(1000.0).await?;
    talk.anna.ask(mute(false)).await?;
    talk.out.hears(440.0).await?;
    talk.anna.ask(AgentCommand::HangUp { interaction }).await?;

    talk.out.ended().await?;
    talk.at_anna.ended().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_dies_puts_its_caller_back_into_line() -> Result<()> {
    let talk = Talk::begin(&[("BELLWIRE_MEDIA_SILENT_AFTER_S", "2")]).await?;
    let boris = talk.house.desk("boris", Device::Browser).await?;

    talk.phone.unplug();

    boris.rings(talk.interaction).await?;
    talk.out.hears_other_than(440.0).await?;
    talk.anna
        .until("not ready", |known| {
            matches!(known.mirror.chosen, Chosen::NotReady { .. })
        })
        .await?;
    talk.out.hang_up().await?;
    boris
        .until("nothing rings", |known| known.mirror.offer.is_none())
        .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_phone_passes_its_call_on_to_a_number() -> Result<()> {
    let talk = Talk::begin(&[]).await?;
    let second = talk
        .house
        .phone_like(Settings {
            pitch: Some(700.0),
            ..Settings::account(talk.house.sip, "carla", PASSWORD)
        })
        .await;
    ensure!(second.is_err(), "nobody without an account registers");
    let boris = talk.house.desk("boris", Device::Browser).await?;

    talk.at_anna.refer(SUPPORT).await?;
    talk.at_anna.transferred(200).await?;

    talk.at_anna.ended().await?;
    boris.rings(talk.interaction).await?;
    talk.out.hears_other_than(440.0).await?;
    talk.out.hang_up().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_call_can_be_taken_from_the_phone_to_the_desk() -> Result<()> {
    let talk = Talk::begin(&[]).await?;

    let attach = AgentCommand::Attach {
        interaction: talk.interaction,
        peer: peer_id(),
    };
    talk.anna.ask(attach).await?;

    talk.at_anna.ended().await?;
    let known = talk
        .anna
        .until("an offer to the page", |known| !known.signals.is_empty())
        .await?;
    let (interaction, signal) = known.signals.first().context("a signal")?;
    ensure!(*interaction == talk.interaction, "{signal:?}");
    ensure!(
        matches!(&signal.step, bellwire_proto::rtc::Step::Offer { sdp } if sdp.contains("opus")),
        "{signal:?}"
    );
    talk.out.hears_no(440.0).await?;
    talk.out.hang_up().await?;
    talk.anna
        .until("wrapping up", |known| {
            (known.mirror.items.values()).all(|item| matches!(item.stage, WorkStage::WrapUp { .. }))
        })
        .await?;
    Ok(())
}

/// A phone that rang in vain need not show a call as missed (RFC 3326).
fn taken_elsewhere(end: &End) -> Result<()> {
    ensure!(end.status == Some(487), "{end:?}");
    let reason = end.reason.as_deref().unwrap_or_default();
    ensure!(reason.contains("cause=200"), "{end:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn page_and_phone_ring_together_and_the_first_wins() -> Result<()> {
    let house = House::open().await?;
    let phone = house.phone("anna").await?;
    let anna = house.desk("anna", Device::Both).await?;
    let caller = house.phone("boris").await?;

    let out = caller.dial(SUPPORT).await?;
    let at_anna = phone.rings().await?;
    let offer = anna
        .until("the page rings", |known| known.mirror.offer.is_some())
        .await?
        .mirror
        .offer
        .context("an offer")?
        .offer;
    anna.take(offer.interaction).await?;

    taken_elsewhere(&at_anna.ended().await?)?;
    out.answered().await?;
    anna.finish(offer.interaction).await?;
    out.ended().await?;

    let out = caller.dial(SUPPORT).await?;
    let at_anna = phone.rings().await?;
    at_anna.answer()?;
    anna.until("the page rings no longer", |known| {
        known.mirror.offer.is_none() && !known.mirror.items.is_empty()
    })
    .await?;
    out.answered().await?;
    at_anna.hang_up().await?;
    out.ended().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn several_phones_ring_and_the_first_answers() -> Result<()> {
    let house = House::open().await?;
    let one = house.phone("anna").await?;
    let two = house
        .phone_like(Settings {
            pitch: Some(700.0),
            ..Settings::account(house.sip, "anna", PASSWORD)
        })
        .await?;
    let _anna = house.desk("anna", Device::Phone).await?;
    let caller = house.phone("boris").await?;

    let out = caller.dial(SUPPORT).await?;
    let (at_one, at_two) = tokio::try_join!(one.rings(), two.rings())?;
    at_two.answer()?;

    taken_elsewhere(&at_one.ended().await?)?;
    out.answered().await?;
    tokio::try_join!(out.hears(700.0), at_two.hears(440.0))?;
    at_two.hang_up().await?;
    out.ended_within(Duration::from_secs(5)).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_phone_joins_its_customer_with_a_colleague_it_asked() -> Result<()> {
    let talk = Talk::begin(&[]).await?;
    let second = talk
        .house
        .phone_like(Settings {
            pitch: Some(700.0),
            ..Settings::account(talk.house.sip, "boris", PASSWORD)
        })
        .await?;
    let boris = talk.house.desk("boris", Device::Phone).await?;
    talk.at_anna.hold().await?;
    talk.out.hears_other_than(440.0).await?;
    let asks = talk.phone.dial(SUPPORT).await?;
    let at_boris = second.rings().await?;
    at_boris.answer()?;
    asks.answered().await?;
    tokio::try_join!(asks.hears(700.0), at_boris.hears(440.0))?;

    talk.at_anna.refer_to_call(&asks).await?;

    talk.at_anna.transferred(200).await?;
    tokio::try_join!(talk.out.hears(700.0), at_boris.hears(1000.0))?;
    asks.ended().await?;
    talk.at_anna.ended().await?;
    boris
        .until("the customer at Boris' desk", |known| {
            known.mirror.items.len() == 1 && known.mirror.items.contains_key(&talk.interaction)
        })
        .await?;
    talk.anna
        .until("nothing at Anna's desk", |known| {
            known.mirror.items.is_empty()
        })
        .await?;
    at_boris.hang_up().await?;
    talk.out.ended().await?;
    Ok(())
}
