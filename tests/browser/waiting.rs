//! The waiting room, messages that are answered later, and what the centre tells about itself.

use anyhow::{Result, ensure};
use bellwire_tests::{
    guests::Guest,
    looks::inspect,
    office::Office,
    stage::play,
    view::View,
    wait::{PATIENT, SOON, until},
};

use crate::scene::{both_hear, finish};

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_becomes_a_chat_keeps_its_place_in_line() -> Result<()> {
    play("waiting-place", &[], async |stage| {
        let caller = stage.visitor("/").await?;
        let widget = caller.call("Voice call").await?;
        widget.reads("You are next in line.").await?;
        let other = stage.visitor("/").await?;
        let behind = other.call("Voice call").await?;
        behind.reads("You are number 2 in line.").await?;
        inspect(&behind, "widget-waiting-room").await?;
        let writer = stage.visitor("/").await?;
        let later = writer.open().await?;
        later.press("Chat").await?;
        later.say("I came later.").await?;
        later.reads("You are next in line.").await?;

        // Among those who write, the caller was there first.
        widget.press("Chat instead").await?;
        later.reads("You are number 2 in line.").await?;
        widget.reads("You are next in line.").await?;
        behind.reads("You are next in line.").await?;
        widget.say("I was here first.").await?;
        inspect(&widget, "widget-chat-waiting-room").await?;

        let agent = stage.ready_desk().await?;
        agent.accept().await?;
        let desk = agent.view();
        desk.reads("I was here first.").await?;
        desk.say("So you were.").await?;
        widget.reads("So you were.").await?;
        agent.accept().await?;
        both_hear(&behind, &desk).await?;
        behind.press("Hang up").await?;
        desk.offers("Finish").await?;
        finish(&desk).await?;
        agent.accept().await?;
        desk.reads("I came later.").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_wait_are_told_how_long_it_is_likely_to_be() -> Result<()> {
    play("waiting-range", &[], async |stage| {
        let agent = stage.ready_desk().await?;
        let desk = agent.view();
        for _ in 0..3 {
            let guest = stage.visitor("/").await?;
            let widget = guest.call("Voice call").await?;
            agent.accept().await?;
            both_hear(&widget, &desk).await?;
            widget.press("Hang up").await?;
            widget.reads("The call is over").await?;
            finish(&desk).await?;
            guest.context.close().await?;
        }
        let talking = stage.visitor("/").await?;
        let call = talking.call("Voice call").await?;
        agent.accept().await?;
        both_hear(&call, &desk).await?;

        let waiting = stage.visitor("/").await?;
        let widget = waiting.call("Voice call").await?;
        widget.reads("You are next in line.").await?;
        widget.reads_within("The wait is", PATIENT).await?;
        waiting.shows_status("min").await?;

        call.press("Hang up").await?;
        desk.offers("Finish").await?;
        finish(&desk).await?;
        agent.accept().await?;
        both_hear(&widget, &desk).await?;
        desk.press("Hang up").await?;
        widget.reads("The call is over").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_line_is_full_a_message_can_be_left() -> Result<()> {
    play("full", &[], async |stage| {
        let office = Office::open(&stage.centre).await?;
        office
            .queue("Support", |queue| queue.most_waiting = Some(1))
            .await?;
        let first = stage.visitor("/").await?;
        let waits = first.call("Voice call").await?;
        waits.reads("You are next in line.").await?;
        let second = stage.visitor("/").await?;
        let widget = second.call("Voice call").await?;

        widget
            .reads_within("Too many people are waiting already.", PATIENT)
            .await?;
        waits.press("Cancel").await?;
        waits.reads("How can we help?").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_instead_of_waiting_is_answered_later() -> Result<()> {
    play("message", &[], async |stage| {
        let guest = stage.visitor("/").await?;
        let widget = guest.call("Voice call").await?;
        widget.reads("You are next in line.").await?;
        widget.press("Leave a message").await?;
        inspect(&widget, "widget-message").await?;
        leave(&widget, "Do you mend kettles?").await?;

        let url = guest.page.url();
        guest.page.goto("about:blank", None).await?;
        let agent = stage.ready_desk().await?;
        let desk = agent.view();
        desk.offers_within("Accept", PATIENT).await?;
        desk.reads("Left a message").await?;
        desk.press("Accept").await?;
        desk.reads("Do you mend kettles?").await?;
        desk.say("We do. Bring it in.").await?;

        guest.page.goto(&url, None).await?;
        found_unread(&guest).await?;
        let widget = reopened_chat(&guest).await?;
        widget.reads("We do. Bring it in.").await?;
        widget.say("Thank you!").await?;
        desk.reads("Thank you!").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_centre_says_when_it_opens_and_takes_messages() -> Result<()> {
    play("closed", &[], async |stage| {
        let office = Office::open(&stage.centre).await?;
        let guest = stage.visitor("/").await?;
        guest.shows_status("No agent just now").await?;

        // The page is not loaded anew.
        office.open_now(false).await?;
        guest.shows_status("Closed, opens").await?;
        guest.launcher().click(None).await?;
        let widget = guest.widget();
        widget.reads_within("We open again", PATIENT).await?;
        ensure!(
            !widget.button("Voice call").is_visible().await?,
            "a closed centre offers calls"
        );
        inspect(&widget, "widget-closed").await?;
        widget.press("Leave a message").await?;
        leave(&widget, "Do you open on Sundays?").await?;

        office.open_now(true).await?;
        let agent = stage.ready_desk().await?;
        agent.accept().await?;
        let desk = agent.view();
        desk.reads("Do you open on Sundays?").await?;
        desk.say("We do not.").await?;
        widget.reads("We do not.").await?;
        desk.press("End chat").await?;
        desk.offers("Finish").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_launcher_tells_who_is_there_without_being_opened() -> Result<()> {
    play("status", &[], async |stage| {
        let guest = stage.demo_visitor("/status.html").await?;
        guest.shows_status("No agent just now").await?;
        let snippet = Snippet(&guest);
        snippet.shows("No agent just now").await?;
        let anna = stage.ready_desk().await?;
        guest.shows_status("1 agent available").await?;
        snippet.shows("1 agent available").await?;
        snippet.shows("1 agente disponible").await?;
        let boris = stage.desk(&stage.agent(1)?).await?;
        boris.get_ready().await?;
        guest.shows_status("2 agents available").await?;
        inspect(&guest.host(), "status-page").await?;

        anna.view().press("Not ready").await?;
        anna.view().press("Lunch").await?;

        guest.shows_status("1 agent available").await?;
        snippet.shows("1 agent available").await?;
        let frames = guest.page.locator("bellwire-launcher iframe");
        ensure!(frames.count().await? == 0, "a panel was loaded");
        Ok(())
    })
    .await
}

/// Everything that the snippets on a page say.
struct Snippet<'a>(&'a Guest);

impl Snippet<'_> {
    async fn shows(&self, text: &str) -> Result<()> {
        until(format!("snippet “{text}”"), PATIENT, async || {
            let said = "() => [...document.querySelectorAll('bellwire-status')]
                .map((one) => (one.shadowRoot ?? one).textContent).join(' | ')";
            let said: String = self.0.host().run(said, 0).await?;
            ensure!(said.contains(text), "the snippets say “{said}”");
            Ok(Some(()))
        })
        .await
    }
}

async fn leave(widget: &View, text: &str) -> Result<()> {
    widget.fill("Your message", text).await?;
    widget
        .fill(
            "E-mail or telephone for the answer (optional)",
            "ada@shop.example",
        )
        .await?;
    widget.press("Send").await?;
    widget.reads("Your message is left.").await
}

async fn found_unread(guest: &Guest) -> Result<()> {
    let badge = guest.page.locator("bellwire-launcher #badge");
    until("an unread message on the launcher", SOON, async || {
        let text = badge.text_content().await?.unwrap_or_default();
        ensure!(text == "1 unread", "the badge says “{text}”");
        Ok(Some(()))
    })
    .await
}

/// The chat, opened again on the page of one who has come back.
async fn reopened_chat(guest: &Guest) -> Result<View> {
    let widget = guest.open_again().await?;
    until("the chat or the way to it", PATIENT, async || {
        if widget.labelled("Message").is_visible().await? {
            return Ok(Some(()));
        }
        if widget.button("Chat").is_visible().await? {
            widget.press("Chat").await?;
        }
        Ok(None)
    })
    .await?;
    Ok(widget)
}
