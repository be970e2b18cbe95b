//! Chats, alone and beside a call.

use anyhow::Result;
use bellwire_tests::{
    guests::Guest,
    sound::VISITOR_HZ,
    stage::{Stage, play},
    view::View,
};

use crate::scene::Call;

#[tokio::test(flavor = "multi_thread")]
async fn several_chats_go_on_beside_a_call_and_outlive_a_reload() -> Result<()> {
    play("chats", &[], async |stage| {
        let call = Call::connect(stage, "Voice call").await?;
        let (_first, first) = chat(stage, "Where is my parcel?").await?;
        call.agent.accept().await?;
        call.desk.reads("Where is my parcel?").await?;
        let (_second, second) = chat(stage, "Is the kettle heavy?").await?;
        call.agent.accept().await?;
        call.desk.reads("Is the kettle heavy?").await?;

        // In the list the call comes first, then the chats, oldest first.
        answer(&call, 2, "On its way.").await?;
        answer(&call, 3, "Two pounds.").await?;
        first.reads("On its way.").await?;
        second.reads("Two pounds.").await?;

        call.agent.page.reload(None).await?;
        call.desk.hears(VISITOR_HZ).await?;
        show(&call, 2).await?;
        call.desk.reads("Where is my parcel?").await?;
        call.desk.reads("On its way.").await?;
        show(&call, 3).await?;
        call.desk.reads("Two pounds.").await?;
        second.say("Thank you!").await?;
        call.desk.reads("Thank you!").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_is_kept_when_the_visitor_loads_the_page_anew() -> Result<()> {
    play("chat-reload", &[], async |stage| {
        let agent = stage.ready_desk().await?;
        let (guest, widget) = chat(stage, "Do you have lids?").await?;
        agent.accept().await?;
        agent.view().say("In copper.").await?;
        widget.reads("In copper.").await?;

        guest.page.reload(None).await?;
        let widget = guest.open_again().await?;

        widget.reads("Do you have lids?").await?;
        widget.reads("In copper.").await?;
        widget.say("And in steel?").await?;
        agent.view().reads("And in steel?").await?;
        agent.view().press("End chat").await?;
        widget.reads("ended the chat.").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_has_a_chat_beside_it() -> Result<()> {
    play("beside", &[], async |stage| {
        let call = Call::connect(stage, "Voice call").await?;

        call.desk.say("https://shop.example/kettle").await?;
        call.widget.press("Chat").await?;
        call.widget.reads("https://shop.example/kettle").await?;
        call.widget.say("Got it").await?;

        call.desk.reads("Got it").await
    })
    .await
}

/// A visitor of their own who writes a first line.
async fn chat(stage: &Stage, text: &str) -> Result<(Guest, View)> {
    let guest = stage.visitor("/").await?;
    let widget = guest.open().await?;
    widget.press("Chat").await?;
    widget.say(text).await?;
    Ok((guest, widget))
}

/// Brings the contact at this place of the list to the front.
async fn show(call: &Call, place: u8) -> Result<()> {
    Ok(call
        .agent
        .page
        .keyboard()
        .press(&format!("Alt+Digit{place}"), None)
        .await?)
}

async fn answer(call: &Call, place: u8, text: &str) -> Result<()> {
    show(call, place).await?;
    call.desk.say(text).await
}
