//! Every screen in light, dark and phone size: a picture, and the accessibility rules.

use anyhow::{Result, ensure};
use bellwire_tests::{
    guests::Guest,
    looks::{inspect, screenshot},
    stage::{Stage, play},
    view::View,
    wait::PATIENT,
};

use crate::scene::finish;

/// Goes on after a screen that has something wrong, to tell of all of them at once.
#[derive(Default)]
pub(crate) struct Findings(Vec<String>);

impl Findings {
    /// Looks at a screen.
    pub(crate) async fn look(&mut self, view: &View, name: &str) {
        if let Err(error) = inspect(view, name).await {
            self.0.push(format!("{error:#}"));
        }
    }

    /// Fails where anything was found.
    ///
    /// # Errors
    ///
    /// With everything that was found.
    pub(crate) fn none(self) -> Result<()> {
        ensure!(self.0.is_empty(), "{}", self.0.join("\n"));
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_of_a_call_can_be_used_by_all() -> Result<()> {
    play("screens-call", &[], async |stage| {
        let mut found = Findings::default();
        let agent = stage.sign_in_page("agent").await?;
        let desk = agent.view();
        desk.offers("Sign in").await?;
        found.look(&desk, "desk-sign-in").await;
        agent.sign_in(&stage.agent(0)?).await?;
        found.look(&desk, "desk-not-ready").await;
        agent.get_ready().await?;

        let guest = stage.visitor("/").await?;
        found.look(&guest.host(), "launcher").await;
        let widget = guest.open().await?;
        found.look(&widget, "widget-home").await;
        widget.press("Video call").await?;
        widget.offers("Start call").await?;
        found.look(&widget, "widget-before-the-call").await;
        widget.press("Start call").await?;
        widget.offers("Cancel").await?;
        desk.offers_within("Accept", PATIENT).await?;
        // The ring time is 20 s; the pictures of one side must not use it up.
        screenshot(&desk, "desk-ringing-light").await?;
        desk.press("Accept").await?;
        widget.sees_moving_video().await?;
        found.look(&widget, "widget-video-call").await;
        found.look(&desk, "desk-video-call").await;
        desk.press("Hang up").await?;
        widget.reads("The call is over").await?;
        found.look(&widget, "widget-after-the-call").await;
        desk.offers("Finish").await?;
        found.look(&desk, "desk-wrap-up").await;
        finish(&desk).await?;
        found.none()
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_of_waiting_and_chatting_can_be_used_by_all() -> Result<()> {
    play(
        "screens-chat",
        &[("BELLWIRE_TIMES_RING_S", "60")],
        async |stage| {
            let mut found = Findings::default();
            let (guest, widget) = waiting(stage).await?;
            found.look(&widget, "widget-waiting").await;
            let agent = stage.ready_desk().await?;
            let desk = agent.view();
            desk.offers_within("Accept", PATIENT).await?;
            found.look(&desk, "desk-ringing").await;
            widget.press("Cancel").await?;
            desk.withdraws("Accept").await?;

            guest.page.reload(None).await?;
            let widget = guest.open_again().await?;
            widget.press("Chat").await?;
            widget.say("Is the kettle in stock?").await?;
            agent.accept().await?;
            desk.say("It is. Shall I put one aside?").await?;
            widget.reads("It is.").await?;
            found.look(&widget, "widget-chat").await;
            found.look(&desk, "desk-chat").await;

            let refused = stage.visitor_at(&stage.shop.url("/"), &[]).await?;
            let widget = refused.open().await?;
            widget.press("Video call").await?;
            widget.reads("did not allow").await?;
            found.look(&widget, "widget-refused").await;
            found.none()
        },
    )
    .await
}

/// A visitor who waits while nobody is there.
async fn waiting(stage: &Stage) -> Result<(Guest, View)> {
    let guest = stage.visitor("/kettle").await?;
    let widget = guest.call("Voice call").await?;
    widget.offers("Cancel").await?;
    Ok((guest, widget))
}
