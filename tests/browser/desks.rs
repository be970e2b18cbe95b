//! The desk as agents work with it.

use anyhow::{Result, ensure};
use bellwire_tests::{stage::play, view::View, wait::PATIENT};

use crate::scene::{Call, both_hear};

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_works_by_keyboard_alone() -> Result<()> {
    play("keyboard", &[], async |stage| {
        let agent = stage.sign_in_page("agent").await?;
        let who = stage.agent(0)?;
        let (desk, keys) = (agent.view(), agent.page.keyboard());
        desk.labelled("User name").focus().await?;
        keys.type_text(&who.user, None).await?;
        keys.press("Tab", None).await?;
        keys.type_text(&who.password, None).await?;
        keys.press("Enter", None).await?;
        desk.offers("Ready").await?;
        keys.press("Alt+KeyR", None).await?;
        desk.reads("You are ready.").await?;
        let guest = stage.visitor("/").await?;
        let widget = guest.call("Voice call").await?;

        desk.offers_within("Accept", PATIENT).await?;
        keys.press("Alt+KeyA", None).await?;
        both_hear(&widget, &desk).await?;
        keys.press("Alt+KeyH", None).await?;
        desk.offers("Resume").await?;
        keys.press("Alt+KeyH", None).await?;
        desk.offers("Hold").await?;
        keys.press("Alt+KeyM", None).await?;
        desk.offers("Unmute").await?;
        keys.press("Alt+KeyU", None).await?;

        widget.reads("The call is over").await?;
        desk.offers("Finish").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_window_of_an_agent_is_told_so_and_can_take_over() -> Result<()> {
    play("window", &[], async |stage| {
        let call = Call::connect(stage, "Voice call").await?;

        let page = call.agent.context.new_page().await?;
        page.goto(&format!("{}/agent/", stage.origin()), None)
            .await?;
        let second = View::page(&page);
        // Whichever of the two works, the other one says so; the second can take everything.
        let told = second.reads_within("open in another window", PATIENT).await;
        if told.is_ok() {
            second.press("Work here").await?;
        }
        call.desk
            .reads_within("open in another window", PATIENT)
            .await?;

        both_hear(&call.widget, &second).await?;
        second.press("Hang up").await?;
        call.widget.reads("The call is over").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_refused_in_a_sentence() -> Result<()> {
    play("password", &[], async |stage| {
        let agent = stage.sign_in_page("agent").await?;
        let desk = agent.view();

        desk.fill("User name", &stage.agent(0)?.user).await?;
        desk.fill("Password", "guess").await?;
        desk.press("Sign in").await?;

        desk.reads("The user name or the password is not right.")
            .await?;
        ensure!(!desk.button("Ready").is_visible().await?, "the desk opened");
        agent.sign_in(&stage.agent(0)?).await
    })
    .await
}
