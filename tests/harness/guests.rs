//! The people at browsers: a visitor in the shop, an agent at the desk.

use std::time::Duration;

use anyhow::Result;
use playwright_rs::{BrowserContext, Page};

use crate::{centre::Credential, view::View, wait::PATIENT};

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
        self.host().press("Contact us").await?;
        let widget = self.widget();
        widget.offers_within("Chat", PATIENT).await?;
        Ok(widget)
    }

    /// The panel after the page was loaded anew, opened where it did not open by itself.
    ///
    /// # Errors
    ///
    /// Where it does not open.
    pub async fn open_again(&self) -> Result<View> {
        let host = self.host();
        host.offers("Contact us").await?;
        let button = host.button("Contact us");
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
        let view = self.view();
        view.fill("User name", &who.user).await?;
        view.fill("Password", &who.password).await?;
        view.press("Sign in").await?;
        view.offers("Ready").await
    }

    /// Chooses "Ready".
    ///
    /// # Errors
    ///
    /// Where the server does not take it.
    pub async fn get_ready(&self) -> Result<()> {
        let view = self.view();
        view.press("Ready").await?;
        view.reads("You are ready.").await
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
