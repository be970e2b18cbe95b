//! Calls that go as they should.

use std::time::Duration;

use anyhow::{Result, ensure};
use bellwire_tests::{
    guests::Guest,
    shop::Page,
    sound::{AGENT_HZ, VISITOR_HZ},
    stage::play,
    wait::PATIENT,
};

use crate::scene::{Call, both_hear, finish};

#[tokio::test(flavor = "multi_thread")]
async fn a_video_call_carries_both_voices_and_both_pictures() -> Result<()> {
    play("video-call", &[], async |stage| {
        let call = Call::connect(stage, "Video call").await?;

        tokio::try_join!(
            call.widget.sees_moving_video(),
            call.desk.sees_moving_video()
        )?;
        call.hang_up_by_visitor().await?;
        finish(&call.desk).await?;

        // The agent is ready again, and this time it is the agent who hangs up.
        call.widget.press("Call again").await?;
        call.widget.press("Start call").await?;
        call.agent.accept().await?;
        call.both_hear().await?;
        call.hang_up_by_agent().await?;
        call.widget.reads("ended the call.").await?;
        finish(&call.desk).await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_rings_with_what_the_visitor_was_looking_at() -> Result<()> {
    play("context", &[], async |stage| {
        let agent = stage.ready_desk().await?;
        let guest = stage.visitor("/").await?;
        guest.page.locator("a[href='/kettle']").click(None).await?;
        guest.page.wait_for_url("**/kettle", None).await?;
        guest
            .host()
            .run::<bool>(
                "() => { window.bellwire('event', 'basket', { items: 2 }); return true }",
                0,
            )
            .await?;

        guest.call("Voice call").await?;

        let desk = agent.view();
        desk.offers_within("Accept", PATIENT).await?;
        desk.reads("The copper kettle").await?;
        desk.reads("Teapots and kettles").await?;
        desk.reads("basket").await?;
        desk.reads(&stage.shop.url("/").replace("http://", ""))
            .await?;
        desk.reads("English").await?;
        let sounds: f64 = desk.run("() => window.bwSounds", 0).await?;
        ensure!(sounds > 0.0, "the desk rang without a sound");
        desk.press("Accept").await?;
        desk.hears(VISITOR_HZ).await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_who_declines_leaves_the_call_to_the_next() -> Result<()> {
    play("decline", &[], async |stage| {
        let first = stage.ready_desk().await?;
        let second = stage.desk(&stage.agent(1)?).await?;
        second.get_ready().await?;
        let guest = stage.visitor("/").await?;

        let widget = guest.call("Voice call").await?;
        first.view().offers_within("Decline", PATIENT).await?;
        first.view().press("Decline").await?;
        second.accept().await?;

        both_hear(&widget, &second.view()).await?;
        ensure!(
            !first.view().button("Accept").is_visible().await?,
            "the first desk still rings"
        );
        first.view().reads("You are ready.").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_who_does_not_answer_becomes_not_ready_and_the_next_one_talks() -> Result<()> {
    play("rona", &[("BELLWIRE_TIMES_RING_S", "2")], async |stage| {
        let first = stage.ready_desk().await?;
        let second = stage.desk(&stage.agent(1)?).await?;
        second.get_ready().await?;
        let guest = stage.visitor("/").await?;

        let widget = guest.call("Voice call").await?;
        first.view().offers_within("Accept", PATIENT).await?;
        second.accept().await?;

        both_hear(&widget, &second.view()).await?;
        first.view().reads("set to not ready").await?;
        first.view().reads("You are not ready.").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn hold_plays_music_and_mute_is_silent() -> Result<()> {
    play("hold", &[], async |stage| {
        let call = Call::connect(stage, "Voice call").await?;

        call.desk.press("Hold").await?;
        call.widget.hears_other_than(AGENT_HZ).await?;
        call.desk.hears_no(VISITOR_HZ).await?;
        call.widget.reads("On hold").await?;
        call.desk.press("Resume").await?;
        call.both_hear().await?;

        call.desk.press("Mute").await?;
        call.widget.hears_no(AGENT_HZ).await?;
        call.desk.press("Unmute").await?;
        call.widget.press("Mute").await?;
        call.desk.hears_no(VISITOR_HZ).await?;
        call.widget.press("Unmute").await?;
        call.both_hear().await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_switched_on_in_a_voice_call_is_seen_across() -> Result<()> {
    play("camera", &[], async |stage| {
        let call = Call::connect(stage, "Voice call").await?;

        call.widget.press("Camera on").await?;
        call.desk.sees_moving_video().await?;
        call.desk.press("Camera on").await?;
        call.widget.sees_moving_video().await?;
        call.widget.press("Camera off").await?;

        call.widget.offers("Camera on").await?;
        call.both_hear().await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_call_comes_back_on_the_visitors_next_page() -> Result<()> {
    play("navigation", &[], async |stage| {
        let call = Call::connect(stage, "Voice call").await?;

        let mut times = vec![];
        for path in ["/help", "/kettle", "/"] {
            times.push(go_to(&call, path).await?);
            call.both_hear().await?;
        }

        println!("the call was back {times:.0?} ms after the clicks on links");
        call.desk.reads("Delivery and returns").await?;
        call.hang_up_by_agent().await
    })
    .await
}

/// The visitor clicks on a link; how long it takes until sound arrives again, in milliseconds.
async fn go_to(call: &Call, path: &str) -> Result<f64> {
    let page = &call.guest.page;
    let left: f64 = call.guest.host().run("() => Date.now()", 0).await?;
    page.locator(format!("a[href='{path}']"))
        .click(None)
        .await?;
    page.wait_for_url(&format!("http://*{path}"), None).await?;
    let back = call.widget.first_sound().await?;
    Ok(back - left)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_call_comes_back_when_the_agent_loads_the_desk_anew() -> Result<()> {
    play("reload", &[], async |stage| {
        let call = Call::connect(stage, "Video call").await?;

        call.agent.page.reload(None).await?;

        call.both_hear().await?;
        call.desk.sees_moving_video().await?;
        call.hang_up_by_visitor().await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_kept_waiting_by_a_visitor_who_gave_up() -> Result<()> {
    play("give-up", &[], async |stage| {
        let agent = stage.ready_desk().await?;
        let guest = stage.visitor("/").await?;
        let widget = guest.call("Voice call").await?;
        agent.view().offers_within("Accept", PATIENT).await?;

        widget.press("Cancel").await?;

        agent.view().withdraws("Accept").await?;
        agent
            .view()
            .reads_within("You are ready.", Duration::from_secs(5))
            .await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_shop_is_enough_for_a_first_call() -> Result<()> {
    play("demo", &[], async |stage| {
        let agent = stage.ready_desk().await?;
        let shop = stage.centre.url("/");
        let guest = stage.visitor_at(&shop, &["microphone", "camera"]).await?;

        let widget = guest.call("Voice call").await?;
        widget.press("Something else").await?;
        agent.accept().await?;

        both_hear(&widget, &agent.view()).await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_in_spanish_asks_for_an_agent_who_speaks_it() -> Result<()> {
    play("spanish", &[], async |stage| {
        let mut page = Page::new("Teteras y hervidores");
        page.language = "es".into();
        stage.shop.put("/es", page);
        // Boris has been idle for longer, but has no Spanish.
        let boris = stage.desk(&stage.agent(1)?).await?;
        boris.get_ready().await?;
        let anna = stage.ready_desk().await?;
        let guest = stage.visitor("/es").await?;
        let widget = guest.open().await?;
        widget.fill("Your name (optional)", "Carmen").await?;

        widget.press("Voice call").await?;
        widget.press("Start call").await?;
        anna.view().offers_within("Accept", PATIENT).await?;

        anna.view().reads("Carmen").await?;
        anna.view().reads("Español").await?;
        anna.view().reads("Spanish").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_call_can_be_taken_to_another_tab_of_the_visitor() -> Result<()> {
    play("tabs", &[], async |stage| {
        let call = Call::connect(stage, "Voice call").await?;

        let page = call.guest.context.new_page().await?;
        page.goto(&stage.shop.url("/kettle"), None).await?;
        let context = call.guest.context.clone();
        let other = Guest { context, page };
        let widget = other.open_again().await?;
        widget.offers_within("Take the call here", PATIENT).await?;
        call.both_hear().await?;
        widget.press("Take the call here").await?;

        both_hear(&widget, &call.desk).await?;
        call.widget.reads("The call is in another tab").await?;
        widget.press("Hang up").await?;
        call.desk.offers("Finish").await
    })
    .await
}
