//! Calls in which something breaks.

use std::time::Duration;

use anyhow::{Result, ensure};
use bellwire_tests::{
    namespace::{self, Place},
    stage::{play, play_on_a_wire},
    view::View,
    wait::{PATIENT, SOON, until},
};

use crate::scene::{Call, both_hear};

/// A gap that nobody would call a gap, on a machine that is busy with two browsers.
const UNBROKEN: Duration = Duration::from_millis(900);

#[tokio::test(flavor = "multi_thread")]
async fn people_keep_talking_while_the_server_is_killed_and_comes_back() -> Result<()> {
    play("kill", &[], async |stage| {
        let call = Call::connect(stage, "Voice call").await?;
        watch(&call).await?;

        stage.centre.kill().await?;
        call.widget
            .reads_within("The connection to the centre is lost", PATIENT)
            .await?;
        call.desk
            .reads_within("While you hear each other", PATIENT)
            .await?;
        call.both_hear().await?;
        stage.centre.restart().await?;
        let back = tokio::time::Instant::now();
        gone(&call.widget, "The connection to the centre is lost").await?;
        gone(&call.desk, "While you hear each other").await?;
        println!(
            "both pages were back {} ms after the server",
            back.elapsed().as_millis()
        );

        call.both_hear().await?;
        unbroken(&call).await?;
        call.widget.press("Chat").await?;
        call.widget.say("Are you still there?").await?;
        call.desk.reads("Are you still there?").await?;
        call.hang_up_by_agent().await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn people_keep_talking_while_the_server_cannot_be_reached() -> Result<()> {
    play_on_a_wire("cut", async |stage| {
        let call = Call::connect(stage, "Voice call").await?;
        watch(&call).await?;

        stage.wire()?.cut();
        tokio::time::sleep(Duration::from_secs(10)).await;
        call.both_hear().await?;
        stage.wire()?.mend();

        call.widget.press("Chat").await?;
        call.widget.say("Can you read this?").await?;
        call.desk
            .reads_within("Can you read this?", PATIENT)
            .await?;
        unbroken(&call).await?;
        call.both_hear().await?;
        call.hang_up_by_visitor().await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_comes_back_after_three_seconds_of_lost_packets() -> Result<()> {
    let test = "troubles::sound_comes_back_after_three_seconds_of_lost_packets";
    if namespace::enter(test).await? == Place::Passed {
        return Ok(());
    }
    play("loss", &[], async |stage| {
        let call = Call::connect(stage, "Voice call").await?;
        watch(&call).await?;

        namespace::lose_udp().await?;
        tokio::time::sleep(Duration::from_secs(3)).await;
        let lost = call.widget.longest_silence().await?;
        namespace::carry_udp().await?;

        ensure!(
            lost > Duration::from_secs(2),
            "packets came through: {lost:?}"
        );
        let back = tokio::time::Instant::now();
        watch(&call).await?;
        arrives(&call.widget).await?;
        arrives(&call.desk).await?;
        println!(
            "sound was back {} ms after the packets",
            back.elapsed().as_millis()
        );
        call.both_hear().await?;
        call.hang_up_by_visitor().await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_recovers_from_a_long_loss_by_an_ice_restart() -> Result<()> {
    let test = "troubles::a_call_recovers_from_a_long_loss_by_an_ice_restart";
    if namespace::enter(test).await? == Place::Passed {
        return Ok(());
    }
    play("long-loss", &[], async |stage| {
        let call = Call::connect(stage, "Voice call").await?;

        namespace::lose_udp().await?;
        call.widget
            .reads_within("The sound is interrupted", PATIENT)
            .await?;
        call.desk.reads_within("Interrupted", PATIENT).await?;
        let restarts = "() => window.bwRestarts > 0";
        until("ICE restart", PATIENT, async || {
            Ok(call.widget.run::<bool>(restarts, 0).await?.then_some(()))
        })
        .await?;
        namespace::carry_udp().await?;

        call.both_hear().await?;
        gone(&call.widget, "Trying to get it back").await?;
        call.hang_up_by_agent().await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_an_agent_still_waits_after_a_kill() -> Result<()> {
    play("waiting", &[], async |stage| {
        let guest = stage.visitor("/").await?;
        let widget = guest.call("Voice call").await?;
        widget.reads("You are next in line.").await?;

        stage.centre.kill().await?;
        widget
            .reads_within("The centre does not answer just now", PATIENT)
            .await?;
        stage.centre.restart().await?;
        let agent = stage.ready_desk().await?;
        agent.accept().await?;

        both_hear(&widget, &agent.view()).await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_microphone_there_is_still_a_chat() -> Result<()> {
    play("refused", &[], async |stage| {
        let agent = stage.ready_desk().await?;
        let guest = stage.visitor_at(&stage.shop.url("/"), &[]).await?;
        let widget = guest.open().await?;

        widget.press("Voice call").await?;
        widget.reads("did not allow the microphone").await?;
        widget.press("Chat instead").await?;
        widget.say("Do you sell lids?").await?;

        agent.accept().await?;
        agent.view().reads("Do you sell lids?").await?;
        agent.view().say("We do.").await?;
        widget.reads("We do.").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panel_that_cannot_be_loaded_says_so_and_can_be_tried_again() -> Result<()> {
    play("gone", &[], async |stage| {
        let guest = stage.visitor("/").await?;
        let host = guest.host();
        host.offers("Contact us").await?;

        stage.centre.kill().await?;
        host.press("Contact us").await?;
        host.says("could not be opened", Duration::from_secs(20))
            .await?;
        stage.centre.restart().await?;
        host.press("Try again").await?;

        guest.widget().offers_within("Chat", PATIENT).await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_panel_says_that_the_centre_is_gone_and_goes_on_when_it_is_back() -> Result<()> {
    play("lost", &[], async |stage| {
        let agent = stage.ready_desk().await?;
        let guest = stage.visitor("/").await?;
        let widget = guest.open().await?;

        stage.centre.kill().await?;
        widget
            .reads_within("The centre does not answer just now", PATIENT)
            .await?;
        stage.centre.restart().await?;
        gone(&widget, "The centre does not answer just now").await?;

        widget.press("Voice call").await?;
        widget.press("Start call").await?;
        agent.accept().await?;
        both_hear(&widget, &agent.view()).await
    })
    .await
}

async fn watch(call: &Call) -> Result<()> {
    tokio::try_join!(call.widget.watch_sound(), call.desk.watch_sound())?;
    Ok(())
}

async fn unbroken(call: &Call) -> Result<()> {
    for side in [&call.widget, &call.desk] {
        let silence = side.longest_silence().await?;
        println!("longest time without a packet: {} ms", silence.as_millis());
        ensure!(silence < UNBROKEN, "{side:?} heard nothing for {silence:?}");
    }
    Ok(())
}

/// Waits for the first new sound packet.
async fn arrives(side: &View) -> Result<()> {
    let before = side.traffic().await?.packets;
    until("sound packet", SOON, async || {
        Ok((side.traffic().await?.packets > before).then_some(()))
    })
    .await
}

/// Waits until a text is no longer shown.
async fn gone(view: &View, text: &str) -> Result<()> {
    until(format!("end of “{text}”"), PATIENT, async || {
        Ok((!view.text().await?.contains(text)).then_some(()))
    })
    .await
}
