//! Visitors who would rather not be watched.

use anyhow::{Result, ensure};
use bellwire_tests::{
    guests::{Desk, Guest},
    looks::inspect,
    office::Office,
    stage::play,
    view::View,
    wait::PATIENT,
};

use crate::scene::both_hear;

const ON: &str = "this site notes what you look at here";
const OFF: &str = "Nothing is noted of what you look at.";

#[tokio::test(flavor = "multi_thread")]
async fn who_stops_it_once_is_never_watched_again() -> Result<()> {
    play("opt-out", &[], async |stage| {
        let office = Office::open(&stage.centre).await?;
        let agent = stage.ready_desk().await?;
        let guest = stage.visitor("/").await?;
        let widget = guest.open().await?;
        widget.press("Privacy").await?;
        for told in [
            ON,
            "The pages you open and their titles",
            "What you search for on this site",
            "What goes into your cart and out of it",
            "It is kept for 30 days",
        ] {
            widget.reads(told).await?;
        }
        inspect(&widget, "widget-privacy").await?;
        widget.press("Stop this for good").await?;
        widget.reads(OFF).await?;
        inspect(&widget, "widget-privacy-off").await?;

        guest.page.goto(&stage.shop.url("/kettle"), None).await?;
        guest.launcher().wait_for(None).await?;
        stage.centre.kill().await?;
        stage.centre.restart().await?;
        guest.page.goto(&stage.shop.url("/help"), None).await?;
        let widget = guest.open_again().await?;
        widget.press("Privacy").await?;
        widget.reads(OFF).await?;
        widget.press("Back").await?;

        calls_unwatched(&guest, &widget, &agent, &office).await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_asks_for_privacy_sends_no_journey() -> Result<()> {
    play("gpc", &[], async |stage| {
        let office = Office::open(&stage.centre).await?;
        let agent = stage.ready_desk().await?;
        let guest = stage.quiet_visitor("/kettle").await?;
        guest.shows_status("1 agent available").await?;
        guest.page.goto(&stage.shop.url("/help"), None).await?;
        let widget = guest.open().await?;
        widget.press("Privacy").await?;
        widget
            .reads("Your browser asks sites not to watch you")
            .await?;
        ensure!(
            !widget.button("Allow it again").is_visible().await?,
            "the page offers what the browser forbids"
        );
        widget.press("Back").await?;

        calls_unwatched(&guest, &widget, &agent, &office).await
    })
    .await
}

/// Calls, and nobody knows where the visitor has been.
async fn calls_unwatched(
    guest: &Guest,
    widget: &View,
    agent: &Desk,
    office: &Office,
) -> Result<()> {
    let kept: f64 = guest
        .host()
        .run(
            "() => JSON.parse(sessionStorage.getItem('bellwire:demo'))?.events?.length ?? 0",
            0,
        )
        .await?;
    ensure!(kept == 0.0, "the page keeps {kept} steps of the journey");
    widget.press("Voice call").await?;
    widget.press("Start call").await?;
    // Nothing is known of what it is about.
    widget.press("Orders and returns").await?;
    let desk = agent.view();
    desk.offers_within("Accept", PATIENT).await?;
    desk.reads("Nothing yet.").await?;
    desk.press("Accept").await?;
    both_hear(widget, &desk).await?;
    widget.press("Hang up").await?;
    desk.offers("Finish").await?;
    let contact = office.newest_contact().await?;
    ensure!(contact.journey.is_empty(), "{:?}", contact.journey);
    ensure!(contact.context.journey.is_empty(), "{:?}", contact.context);
    ensure!(contact.context.visits <= 1, "{:?}", contact.context.visits);
    Ok(())
}
