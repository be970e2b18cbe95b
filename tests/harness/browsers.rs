//! Two browsers, one for visitors and one for agents: a fake microphone has one voice a process.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result};
use playwright_rs::{Browser, LaunchOptions, Playwright};
use tokio::time::timeout;

use crate::sound::{self, Folder};

/// How long a browser may take to close before it is ended with its driver.
const CLOSING: Duration = Duration::from_secs(5);

/// Two browsers and what drives them.
pub struct Browsers {
    /// The visitors', with the visitor's voice.
    pub visitors: Browser,
    /// The agents', with the agents' voice.
    pub agents: Browser,
    playwright: Playwright,
    _voices: Folder,
}

impl Browsers {
    /// Starts both.
    ///
    /// # Errors
    ///
    /// Where the driver or Chromium is missing or does not start.
    pub async fn launch() -> Result<Self> {
        let voices = Folder::new()?;
        let playwright = Playwright::launch().await;
        let playwright = playwright.context("starting the browser driver")?;
        let (visitors, agents) = tokio::try_join!(
            start(&playwright, sound::voice(voices.path(), sound::VISITOR_HZ)?),
            start(&playwright, sound::voice(voices.path(), sound::AGENT_HZ)?),
        )?;
        Ok(Self {
            visitors,
            agents,
            playwright,
            _voices: voices,
        })
    }

    /// Ends both.
    pub async fn close(&self) {
        let both = async { tokio::join!(self.visitors.close(), self.agents.close()) };
        // What does not close is ended with its driver.
        _ = timeout(CLOSING, both).await;
        _ = timeout(CLOSING, self.playwright.shutdown()).await;
    }
}

impl std::fmt::Debug for Browsers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Browsers").finish_non_exhaustive()
    }
}

async fn start(playwright: &Playwright, voice: PathBuf) -> Result<Browser> {
    let options = LaunchOptions::new()
        .executable_path(chromium()?.to_string_lossy().into_owned())
        .args(vec![
            "--use-fake-device-for-media-stream".into(),
            format!("--use-file-for-fake-audio-capture={}", voice.display()),
            // A machine without any network still has itself.
            "--allow-loopback-in-peer-connection".into(),
        ]);
    let browser = playwright.chromium().launch_with_options(options).await;
    browser.context("starting Chromium")
}

/// The system's Chromium.
fn chromium() -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .flat_map(|folder| {
            ["chromium", "chromium-browser", "google-chrome"].map(|name| folder.join(name))
        })
        .find(|program| Path::exists(program))
        .context("there is no Chromium: `make test` installs it")
}
