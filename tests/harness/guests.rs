//! The people at browsers: a visitor in the shop, an agent at the desk.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use playwright_rs::{BrowserContext, Locator, Page};

use crate::{
    centre::Credential,
    view::View,
    wait::{PATIENT, SOON, until},
};

/// A visitor at a browser.
#[derive(Clone)]
pub struct Guest {
    /// The visitor's browser, with everything it keeps.
    pub context: BrowserContext,
    /// The page of the shop.
    pub page: Page,
}

impl Guest {
    /// The shop's page.
    #[must_use]
    pub fn host(&self) -> View {
        View::page(&self.page)
    }

    /// The widget in it.
    #[must_use]
    pub fn widget(&self) -> View {
        View::widget(&self.page)
    }

    /// Opens the panel by the launcher.
    ///
    /// # Errors
    ///
    /// Where there is none, or it does not open.
    pub async fn open(&self) -> Result<View> {
        let click = self.launcher().click(None).await;
        click.context("opening the panel by the launcher")?;
        let widget = self.widget();
        widget.offers_within("Chat", PATIENT).await?;
        Ok(widget)
    }

    /// The launcher, whatever it says.
    #[must_use]
    pub fn launcher(&self) -> Locator {
        self.page.locator("bellwire-launcher #launcher")
    }

    /// What the launcher tells of the centre without being opened; empty before it knows.
    ///
    /// # Errors
    ///
    /// Where the page is not there.
    pub async fn status(&self) -> Result<String> {
        let line = self.page.locator("bellwire-launcher #status");
        match line.count().await? {
            0 => Ok(String::new()),
            _ => Ok(line.text_content().await?.unwrap_or_default()),
        }
    }

    /// Waits until the launcher tells this, without being opened.
    ///
    /// # Errors
    ///
    /// Where it does not; with what it tells instead.
    pub async fn shows_status(&self, text: &str) -> Result<()> {
        until(format!("status “{text}”"), PATIENT, async || {
            let status = self.status().await?;
            ensure!(status.contains(text), "the launcher says “{status}”");
            Ok(Some(()))
        })
        .await
    }

    /// The panel after the page was loaded anew, opened where it did not open by itself.
    ///
    /// # Errors
    ///
    /// Where it does not open.
    pub async fn open_again(&self) -> Result<View> {
        let button = self.launcher();
        button.wait_for(None).await.context("a launcher")?;
        if button.get_attribute("aria-expanded").await?.as_deref() != Some("true") {
            button.click(None).await?;
        }
        Ok(self.widget())
    }

    /// Opens the panel and asks for a call: "Voice call" or "Video call".
    ///
    /// # Errors
    ///
    /// As [`Self::open`], and where no call can be started.
    pub async fn call(&self, kind: &str) -> Result<View> {
        let widget = self.open().await?;
        widget.press(kind).await?;
        widget.press("Start call").await?;
        Ok(widget)
    }
}

impl std::fmt::Debug for Guest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guest")
            .field("url", &self.page.url())
            .finish_non_exhaustive()
    }
}

/// An agent at a browser.
#[derive(Clone)]
pub struct Desk {
    /// The agent's browser, with everything it keeps.
    pub context: BrowserContext,
    /// The desk.
    pub page: Page,
}

impl Desk {
    /// The desk's page.
    #[must_use]
    pub fn view(&self) -> View {
        View::page(&self.page)
    }

    /// Signs in.
    ///
    /// # Errors
    ///
    /// Where the agent is not let in.
    pub async fn sign_in(&self, who: &Credential) -> Result<()> {
        self.enter(who).await?;
        self.view().offers("Ready").await
    }

    /// The same, for somebody who takes no contacts.
    ///
    /// # Errors
    ///
    /// As [`Self::sign_in`].
    pub async fn enter(&self, who: &Credential) -> Result<()> {
        let view = self.view();
        view.fill("User name", &who.user).await?;
        view.fill("Password", &who.password).await?;
        view.press("Sign in").await?;
        view.withdraws("Sign in").await
    }

    /// Chooses "Ready". Where somebody waits, it may ring at once.
    ///
    /// # Errors
    ///
    /// Where the server does not take it.
    pub async fn get_ready(&self) -> Result<()> {
        let view = self.view();
        view.press("Ready").await?;
        until("a ready desk", SOON, async || {
            let rings = view.button("Accept").is_visible().await?;
            let ready = rings || view.text().await?.contains("You are ready.");
            Ok(ready.then_some(()))
        })
        .await
    }

    /// Answers what rings.
    ///
    /// # Errors
    ///
    /// Where nothing rings.
    pub async fn accept(&self) -> Result<()> {
        self.accept_within(PATIENT).await
    }

    /// The same, with another patience.
    ///
    /// # Errors
    ///
    /// As [`Self::accept`].
    pub async fn accept_within(&self, within: Duration) -> Result<()> {
        let view = self.view();
        view.offers_within("Accept", within).await?;
        view.press("Accept").await
    }
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk")
            .field("url", &self.page.url())
            .finish_non_exhaustive()
    }
}
