//! Somebody calls one of the centre's numbers.

use anyhow::{Context, Result, ensure};
use bellwire_proto::agent::{AgentCommand, Device, WorkStage};
use bellwire_tests::{
    house::{House, PASSWORD, SUPPORT},
    phones::{
        ear::Ears,
        g711::Law,
        telephone::{Dial, Direction, Pickup, Settings},
    },
};

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_reaches_a_phone_through_the_queue() -> Result<()> {
    let house = House::open().await?;
    let phone = house.phone("anna").await?;
    let anna = house.desk("anna", Device::Phone).await?;
    let caller = house.caller().await?;

    let out = caller.dial(SUPPORT).await?;
    let at_anna = phone.rings().await?;
    ensure!(at_anna.caller() == "boris", "{}", at_anna.caller());
    out.rings().await?;
    at_anna.answer()?;
    out.answered().await?;
    tokio::try_join!(out.hears(440.0), at_anna.hears(1000.0))?;
    let known = anna
        .until("the call on the desk", |known| {
            !known.mirror.items.is_empty()
        })
        .await?;
    let item = known.mirror.items.values().next().context("a call")?;
    ensure!(item.phone.is_some());

    out.press("15#")?;
    at_anna.takes_digits("15#").await?;
    at_anna.press("9*")?;
    out.takes_digits("9*").await?;
    out.hang_up().await?;

    at_anna.ended().await?;
    anna.until("wrapping up", |known| {
        known
            .mirror
            .items
            .values()
            .all(|item| matches!(item.stage, WorkStage::WrapUp { .. }))
    })
    .await?;
    phone.is_content()?;
    caller.is_content()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_hears_music_and_then_the_agent() -> Result<()> {
    let house = House::open().await?;
    let phone = house.phone("anna").await?;
    let caller = house.caller().await?;

    let out = caller.dial(SUPPORT).await?;
    out.is_told(182).await?;
    out.answered().await?;
    out.hears_other_than(440.0).await?;
    let anna = house.desk("anna", Device::Phone).await?;
    let at_anna = phone.rings().await?;
    at_anna.answer()?;
    tokio::try_join!(out.hears(440.0), at_anna.hears(1000.0))?;

    let call = anna
        .until("the call on the desk", |known| {
            !known.mirror.items.is_empty()
        })
        .await?;
    let interaction = *call.mirror.items.keys().next().context("a call")?;
    anna.ask(AgentCommand::Hold { interaction }).await?;
    at_anna.hears_nothing().await?;
    out.hears_other_than(440.0).await?;
    anna.ask(AgentCommand::Resume { interaction }).await?;
    tokio::try_join!(out.hears(440.0), at_anna.hears(1000.0))?;
    let traffic = out.traffic();
    // rtpengine passes on each source as it is.
    let one_source = traffic.sources.len() == 1 || house.rtpengine.is_some();
    ensure!(
        traffic.lost == 0 && traffic.jumps == 0 && one_source,
        "one continuous stream, whatever was heard: {traffic:?}"
    );
    anna.ask(AgentCommand::HangUp { interaction }).await?;

    out.ended().await?;
    at_anna.ended().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn codecs_that_differ_are_transcoded() -> Result<()> {
    let house = House::open().await?;
    let only = |user: &str, law, pitch| Settings {
        codecs: vec![law],
        pitch: Some(pitch),
        ..Settings::account(house.sip, user, PASSWORD)
    };
    let phone = house.phone_like(only("anna", Law::A, 440.0)).await?;
    let caller = house.phone_like(only("boris", Law::Mu, 1000.0)).await?;
    let _desk = house.desk("anna", Device::Phone).await?;

    let out = caller.dial(SUPPORT).await?;
    let at_anna = phone.rings().await?;
    at_anna.answer()?;
    out.answered().await?;

    tokio::try_join!(out.hears(440.0), at_anna.hears(1000.0))?;
    at_anna.hang_up().await?;
    out.ended().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn either_side_may_hold_from_its_telephone() -> Result<()> {
    let house = House::open().await?;
    let phone = house.phone("anna").await?;
    let anna = house.desk("anna", Device::Phone).await?;
    let caller = house.caller().await?;
    let out = caller.dial(SUPPORT).await?;
    let at_anna = phone.rings().await?;
    at_anna.answer()?;
    out.answered().await?;
    tokio::try_join!(out.hears(440.0), at_anna.hears(1000.0))?;

    at_anna.hold().await?;
    anna.until("held on the desk", |known| {
        (known.mirror.items.values())
            .any(|item| matches!(item.stage, WorkStage::Talking { held: true, .. }))
    })
    .await?;
    out.hears_other_than(440.0).await?;
    at_anna.resume().await?;
    tokio::try_join!(out.hears(440.0), at_anna.hears(1000.0))?;
    out.hold().await?;
    out.hears_nothing().await?;
    out.resume().await?;
    tokio::try_join!(out.hears(440.0), at_anna.hears(1000.0))?;
    out.offer(Direction::Inactive).await?;
    out.hears_nothing().await?;
    out.resume().await?;

    tokio::try_join!(out.hears(440.0), at_anna.hears(1000.0))?;
    at_anna.hang_up().await?;
    out.ended().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_offer_is_answered_with_ours() -> Result<()> {
    let house = House::open().await?;
    let phone = house.phone("anna").await?;
    let _desk = house.desk("anna", Device::Phone).await?;
    let caller = house.caller().await?;

    let late = Dial {
        to: SUPPORT.to_owned(),
        late_offer: true,
        ..Dial::default()
    };
    let out = caller.dial_as(late).await?;
    let at_anna = phone.rings().await?;
    at_anna.answer()?;
    out.answered().await?;

    tokio::try_join!(out.hears(440.0), at_anna.hears(1000.0))?;
    out.hang_up().await?;
    at_anna.ended().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gives_up_leaves_no_phone_ringing() -> Result<()> {
    let house = House::open().await?;
    let phone = house.phone("anna").await?;
    let anna = house.desk("anna", Device::Phone).await?;
    let caller = house.caller().await?;

    let out = caller.dial(SUPPORT).await?;
    let at_anna = phone.rings().await?;
    out.rings().await?;
    out.cancel().await?;

    ensure!(out.ended().await?.status == Some(487));
    let missed = at_anna.ended().await?;
    ensure!(missed.status == Some(487), "{missed:?}");
    ensure!(
        missed
            .reason
            .is_none_or(|reason| !reason.contains("cause=200"))
    );
    anna.until("nothing rings", |known| known.mirror.offer.is_none())
        .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_that_lead_nowhere_are_refused() -> Result<()> {
    let house = House::open().await?;
    let caller = house.caller().await?;

    for number in ["9999", "+34910000001", "anna"] {
        let out = caller.dial(number).await?;
        let end = out.ended().await?;
        ensure!(end.status == Some(404), "{number}: {end:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_ends_calls_and_phones_are_found_afterwards() -> Result<()> {
    let house = House::open().await?;
    let phone = house.phone("anna").await?;
    let anna = house.desk("anna", Device::Phone).await?;
    let caller = house.caller().await?;
    let out = caller.dial(SUPPORT).await?;
    let at_anna = phone.rings().await?;
    at_anna.answer()?;
    out.answered().await?;
    tokio::try_join!(out.hears(440.0), at_anna.hears(1000.0))?;

    house.centre.stop().await?;
    out.ended().await?;
    at_anna.ended().await?;
    house.centre.restart().await?;
    anna.until("the phone is known", |known| {
        known.welcomes == 2 && known.mirror.devices.phone == Some(true)
    })
    .await?;
    for interaction in anna.now().mirror.items.keys().copied().collect::<Vec<_>>() {
        anna.finish(interaction).await?;
    }
    let again = caller.dial(SUPPORT).await?;
    let at_anna = phone.rings().await?;
    at_anna.answer()?;
    again.answered().await?;

    tokio::try_join!(again.hears(440.0), at_anna.hears(1000.0))?;
    again.hang_up().await?;
    at_anna.ended().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_refuses_or_does_not_answer_passes_the_call_on() -> Result<()> {
    let house = House::open().await?;
    let refuses = Settings {
        pickup: Pickup::Refuse(486),
        ..Settings::account(house.sip, "anna", PASSWORD)
    };
    let _anna_phone = house.phone_like(refuses).await?;
    let anna = house.desk("anna", Device::Phone).await?;
    let caller = house.caller().await?;

    let out = caller.dial(SUPPORT).await?;
    anna.until("it was declined", |known| known.mirror.offer.is_none())
        .await?;
    out.answered().await?;
    out.hears_other_than(440.0).await?;
    out.hang_up().await?;
    Ok(())
}
