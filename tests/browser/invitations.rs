//! Invitations: whom they find, and what becomes of them.

use anyhow::{Result, ensure};
use bellwire_tests::{
    guests::Guest,
    looks::inspect,
    office::Office,
    stage::{Stage, play},
    wait::{PATIENT, SOON, until},
};
use playwright_rs::Locator;

const TEXT: &str = "Not sure which laptop?";

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_that_is_accepted_opens_a_chat() -> Result<()> {
    play("invitation", &[], async |stage| {
        quickly(stage).await?;
        let agent = stage.ready_desk().await?;
        let guest = stage.demo_visitor("/laptop-air.html").await?;
        guest.shows_status("1 agent available").await?;
        ensure!(card(&guest).count().await? == 0, "too early");
        guest
            .page
            .goto(&stage.centre.url("/laptop-pro.html"), None)
            .await?;

        guest.host().says(TEXT, PATIENT).await?;
        inspect(&guest.host(), "invitation").await?;
        counted(stage, |shown| shown == 1).await?;
        guest.host().press("Chat now").await?;
        let widget = guest.widget();
        widget.fill("Message", "Which is lighter?").await?;
        widget.press("Send").await?;
        widget.reads_within("What is it about?", PATIENT).await?;
        widget.press("I want to buy something").await?;
        agent.accept().await?;
        agent.view().reads("Which is lighter?").await?;
        agent.view().say("The Air.").await?;
        widget.reads("The Air.").await?;
        agent.view().press("End chat").await?;
        widget.reads("ended the chat.").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_that_was_put_away_does_not_come_back() -> Result<()> {
    play("invitation-away", &[], async |stage| {
        quickly(stage).await?;
        let _agent = stage.ready_desk().await?;
        let guest = compares(stage).await?;
        guest.host().says(TEXT, PATIENT).await?;
        counted(stage, |shown| shown == 1).await?;
        guest.host().press("No, thank you").await?;
        gone(&guest).await?;
        guest.page.reload(None).await?;
        guest.shows_status("1 agent available").await?;
        guest
            .page
            .goto(&stage.centre.url("/laptop-air.html"), None)
            .await?;
        guest.shows_status("1 agent available").await?;

        // Another visitor does later what this one has done: who is invited by then, is.
        let other = compares(stage).await?;
        other.host().says(TEXT, PATIENT).await?;
        counted(stage, |shown| shown == 2).await?;
        ensure!(card(&guest).count().await? == 0, "it came back");
        other.host().press("Chat now").await?;
        other.widget().offers("Send").await?;

        let supervisor = stage.office("supervisor").await?;
        let view = supervisor.view();
        view.follow("Invitations and waits").await?;
        view.reads("Compares laptops 2 1 (50 %) 1 (50 %)").await?;
        inspect(&view, "supervise-results").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_invited_while_no_agent_is_free() -> Result<()> {
    play("invitation-free", &[], async |stage| {
        quickly(stage).await?;
        let guest = compares(stage).await?;
        guest.shows_status("No agent just now").await?;
        ensure!(
            card(&guest).count().await? == 0,
            "there is nobody to chat with"
        );

        let agent = stage.ready_desk().await?;
        guest.host().says(TEXT, PATIENT).await?;
        agent.view().press("Not ready").await?;
        agent.view().press("Lunch").await?;

        gone(&guest).await
    })
    .await
}

/// Invites at once, so that nobody has to wait for it.
async fn quickly(stage: &Stage) -> Result<()> {
    let office = Office::open(&stage.centre).await?;
    let at_once = |invitation: &mut bellwire_proto::setup::Invitation| invitation.after_s = 0;
    office.invitation("Compares laptops", at_once).await
}

/// A new visitor who looks at both laptops.
async fn compares(stage: &Stage) -> Result<Guest> {
    let guest = stage.demo_visitor("/laptop-air.html").await?;
    // Who leaves before a page has come to itself has hardly looked at it.
    guest.shows_status("agent").await?;
    guest
        .page
        .goto(&stage.centre.url("/laptop-pro.html"), None)
        .await?;
    Ok(guest)
}

fn card(guest: &Guest) -> Locator {
    guest.page.locator("bellwire-launcher #card")
}

async fn gone(guest: &Guest) -> Result<()> {
    until("end of the card", SOON, async || {
        Ok((card(guest).count().await? == 0).then_some(()))
    })
    .await
}

/// Waits until the centre has counted so many as shown.
async fn counted(stage: &Stage, enough: impl Fn(u32) -> bool) -> Result<()> {
    let office = Office::open(&stage.centre).await?;
    until("a shown invitation that is counted", PATIENT, async || {
        let shown: u32 = (office.invitations().await?.iter())
            .map(|it| it.shown)
            .sum();
        ensure!(enough(shown), "{shown} were shown");
        Ok(Some(()))
    })
    .await
}
