//! The tag on pages that make it difficult.

use anyhow::{Context, Result, ensure};
use bellwire_tests::{
    http,
    looks::screenshot,
    shop::Page,
    stage::{Stage, play},
    view::View,
    wait::{PATIENT, SOON, until},
};

use crate::scene::both_hear;

#[tokio::test(flavor = "multi_thread")]
async fn a_call_works_on_a_page_with_a_strict_content_security_policy() -> Result<()> {
    play("strict", &[], async |stage| {
        let centre = stage.origin();
        let socket = centre.replacen("http", "ws", 1);
        let policy = format!(
            "default-src 'self'; script-src 'self' {centre}; frame-src {centre}; \
             connect-src {socket}; object-src 'none'; base-uri 'none'; \
             require-trusted-types-for 'script'"
        );
        let page = Page::new("Strict teapots").header("content-security-policy", policy);
        stage.shop.put("/strict", page);
        let agent = stage.ready_desk().await?;

        let guest = stage.visitor("/strict").await?;
        let widget = guest.call("Voice call").await?;
        agent.accept().await?;

        both_hear(&widget, &agent.view()).await?;
        let complaints: Vec<_> = (stage.console().into_iter())
            .filter(|line| line.contains("Content Security Policy"))
            .collect();
        ensure!(complaints.is_empty(), "{}", complaints.join("\n"));
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn where_sockets_are_blocked_the_status_stays_and_calls_go_on() -> Result<()> {
    play("sockets", &[], async |stage| {
        let centre = stage.origin();
        let policy = format!(
            "default-src 'self'; script-src 'self' {centre}; frame-src {centre}; connect-src 'self'"
        );
        let page = Page::new("No sockets").header("content-security-policy", policy);
        stage.shop.put("/sockets", page);
        let agent = stage.ready_desk().await?;

        // Such a page knows what was known when it was loaded.
        until("an agent in the public status", SOON, async || {
            let status = http::get(stage.centre.port, "/api/public/status/demo").await?;
            Ok((!status.body.contains("\"call_agents\":0")).then_some(()))
        })
        .await?;
        let guest = stage.visitor("/sockets").await?;
        guest.shows_status("1 agent available").await?;
        let warned = |line: &String| line.contains("Bellwire") && line.contains("connect-src");
        until("a warning that names the directive", SOON, async || {
            Ok(stage.console().iter().any(warned).then_some(()))
        })
        .await?;
        let widget = guest.call("Voice call").await?;
        agent.view().offers_within("Accept", PATIENT).await?;
        // The journey comes with the panel.
        agent.view().reads("No sockets (orders)").await?;
        agent.accept().await?;

        both_hear(&widget, &agent.view()).await?;
        widget.press("Hang up").await?;
        agent.view().offers("Finish").await?;
        let warnings = stage.console().iter().filter(|line| warned(line)).count();
        ensure!(warnings == 1, "{warnings} warnings");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn where_frames_are_blocked_the_call_has_a_window_of_its_own() -> Result<()> {
    play("frames", &[], async |stage| {
        let policy = format!("default-src 'self'; script-src 'self' {}", stage.origin());
        let page = Page::new("No frames").header("content-security-policy", policy);
        stage.shop.put("/frames", page);

        call_in_a_window(stage, "/frames", "only in its own window").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_page_denies_the_microphone_the_call_has_a_window_of_its_own() -> Result<()> {
    play("policy", &[], async |stage| {
        let policy = "microphone=(), camera=()";
        let page = Page::new("No microphones").header("permissions-policy", policy);
        stage.shop.put("/policy", page);

        call_in_a_window(stage, "/policy", "does not allow calls inside it").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_style_sheet_hides_nothing() -> Result<()> {
    play("hostile", &[], async |stage| {
        let mut page = Page::new("Hostile teapots");
        page.head = "<style>* { all: unset !important; } button, iframe, div, bellwire-launcher \
                     { display: none !important; opacity: 0 !important; color: red !important }</style>"
            .into();
        stage.shop.put("/hostile", page);

        let guest = stage.visitor("/hostile").await?;
        let widget = guest.open().await?;

        widget.offers("Voice call").await?;
        screenshot(&widget, "hostile-page").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_origin_that_is_not_allowed_gets_nothing_but_a_message() -> Result<()> {
    play("stranger", &[], async |stage| {
        // The same shop under another host name is another origin.
        let stranger = format!("http://127.0.0.1:{}/", stage.shop.port);

        let guest = stage.visitor_at(&stranger, &[]).await?;

        until("message in the console", SOON, async || {
            let said = stage
                .console()
                .into_iter()
                .find(|line| line.contains("Bellwire"));
            Ok(said.filter(|line| line.contains(&stranger[..stranger.len() - 1])))
        })
        .await
        .with_context(|| stage.console().join("\n"))?;
        ensure!(
            guest.page.locator("bellwire-launcher").count().await? == 0,
            "a launcher was drawn"
        );
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_the_loader_is_loaded_before_the_first_intent() -> Result<()> {
    play("lazy", &[], async |stage| {
        let guest = stage.visitor("/").await?;
        let host = guest.host();
        host.offers("Contact us").await?;

        let before: f64 = host.run("() => document.querySelector('bellwire-launcher').shadowRoot.querySelectorAll('iframe').length", 0).await?;
        let globals: Vec<String> = host
            .run("() => Object.keys(window).filter((name) => /bell/i.test(name))", 0)
            .await?;
        host.button("Contact us").hover(None).await?;

        ensure!(before == 0.0, "a frame was loaded before anyone wanted it");
        ensure!(globals == ["bellwire"], "globals: {globals:?}");
        guest.page.locator("bellwire-launcher iframe").wait_for(Some(
            playwright_rs::WaitForOptions::builder().state(playwright_rs::WaitForState::Attached).build(),
        )).await?;
        Ok(())
    })
    .await
}

/// Opens the window that the page offers in place of the frame, and calls from there.
async fn call_in_a_window(stage: &Stage, path: &str, sentence: &str) -> Result<()> {
    let agent = stage.ready_desk().await?;
    let guest = stage.visitor(path).await?;
    let host = guest.host();
    host.press("Contact us").await?;
    if sentence.contains("calls") {
        guest.widget().press("Voice call").await?;
    }
    host.says(sentence, SOON).await?;

    let popup = guest.page.expect_popup(None).await?;
    host.press("Open in a window").await?;
    let window = View::page(&popup.wait().await?);
    window.press("Voice call").await?;
    window.press("Start call").await?;
    agent.accept().await?;

    both_hear(&window, &agent.view()).await
}
