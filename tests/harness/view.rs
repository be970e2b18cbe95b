//! What a person at a browser sees, hears and does: a page, or the widget's frame inside one.
//!
//! Things are found by their accessible names, as a screen reader's user finds them.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use playwright_rs::{
    Locator, Page,
    protocol::{AriaRole, GetByRoleOptions, SelectOption},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::json;

use crate::wait::{PATIENT, SOON, until};

/// The loader's frame, through its shadow root.
const FRAME: &str = "bellwire-launcher iframe";

/// A page, or the widget's frame inside one.
#[derive(Clone)]
pub struct View {
    page: Page,
    framed: bool,
}

/// What was heard for a moment.
#[derive(Clone, Debug, Deserialize)]
pub struct Heard {
    /// The loudest pitch, in hertz.
    pub hz: f64,
    /// Its level, in decibels of full scale.
    pub db: f64,
    /// The level at the pitch that was asked for.
    pub at: f64,
    /// The element plays: not muted and not paused.
    pub audible: bool,
    /// More, for a person who looks into a failure.
    pub why: String,
}

/// What arrived over the open peer connection so far.
#[derive(Clone, Debug, Deserialize)]
pub struct Traffic {
    /// `RTCPeerConnection.connectionState`.
    pub state: String,
    /// Sound packets that came.
    pub packets: f64,
    /// The energy of the sound that was played.
    pub energy: f64,
    /// Samples that were played.
    pub samples: f64,
    /// Those among them that were made up for lost ones.
    pub concealed: f64,
    /// Pictures that came.
    pub frames: f64,
    /// Sound packets that went.
    pub sent: f64,
}

/// How quiet counts as silence, in decibels of full scale.
const SILENCE: f64 = -75.0;

impl View {
    /// A whole page.
    #[must_use]
    pub fn page(page: &Page) -> Self {
        Self {
            page: page.clone(),
            framed: false,
        }
    }

    /// The widget inside a page.
    #[must_use]
    pub fn widget(page: &Page) -> Self {
        Self {
            page: page.clone(),
            framed: true,
        }
    }

    /// By CSS.
    #[must_use]
    pub fn find(&self, css: &str) -> Locator {
        if self.framed {
            self.page.frame_locator(FRAME).locator(css)
        } else {
            self.page.locator(css)
        }
    }

    /// By role and exact accessible name.
    #[must_use]
    pub fn role(&self, role: AriaRole, name: &str) -> Locator {
        let options = Some(GetByRoleOptions::default().name(name).exact(true));
        if self.framed {
            self.page.frame_locator(FRAME).get_by_role(role, options)
        } else {
            self.page.get_by_role(role, options)
        }
    }

    /// A button.
    #[must_use]
    pub fn button(&self, name: &str) -> Locator {
        self.role(AriaRole::Button, name)
    }

    /// Clicks a button.
    ///
    /// # Errors
    ///
    /// Where there is none to click.
    pub async fn press(&self, name: &str) -> Result<()> {
        let click = self.button(name).click(None).await;
        click.with_context(|| format!("pressing “{name}”"))
    }

    /// Follows a link.
    ///
    /// # Errors
    ///
    /// Where there is none.
    pub async fn follow(&self, name: &str) -> Result<()> {
        let click = self.role(AriaRole::Link, name).click(None).await;
        click.with_context(|| format!("following the link “{name}”"))
    }

    /// Fills in a text box.
    ///
    /// # Errors
    ///
    /// Where there is none.
    pub async fn fill(&self, name: &str, text: &str) -> Result<()> {
        let field = self.labelled(name);
        field
            .fill(text, None)
            .await
            .with_context(|| format!("filling in “{name}”"))
    }

    /// A field by its label.
    #[must_use]
    pub fn labelled(&self, name: &str) -> Locator {
        if self.framed {
            self.page.frame_locator(FRAME).get_by_label(name, true)
        } else {
            self.page.get_by_label(name, true)
        }
    }

    /// Writes a chat line and sends it.
    ///
    /// # Errors
    ///
    /// Where there is no message box or no button.
    pub async fn say(&self, text: &str) -> Result<()> {
        self.fill("Message", text).await?;
        self.press("Send").await
    }

    /// Ends a wrap-up with the second disposition and a note.
    ///
    /// # Errors
    ///
    /// Where there is no wrap-up to end.
    pub async fn finish(&self, note: &str) -> Result<()> {
        let dispositions = self.role(AriaRole::Combobox, "Disposition");
        dispositions
            .select_option(SelectOption::Index(1), None)
            .await?;
        self.fill("Note", note).await?;
        self.press("Finish").await?;
        self.withdraws("Finish").await
    }

    /// Waits for a button.
    ///
    /// # Errors
    ///
    /// Where it does not come; tells what the page shows instead.
    pub async fn offers(&self, name: &str) -> Result<()> {
        self.offers_within(name, SOON).await
    }

    /// The same, with another patience.
    ///
    /// # Errors
    ///
    /// As [`Self::offers`].
    pub async fn offers_within(&self, name: &str, within: Duration) -> Result<()> {
        let button = self.button(name);
        let found = until(format!("button “{name}”"), within, async || {
            Ok(button.is_visible().await?.then_some(()))
        });
        self.or_show(found.await).await
    }

    /// Waits until a button is gone.
    ///
    /// # Errors
    ///
    /// Where it stays.
    pub async fn withdraws(&self, name: &str) -> Result<()> {
        let button = self.button(name);
        let gone = until(
            format!("end of the button “{name}”"),
            PATIENT,
            async || Ok((!button.is_visible().await?).then_some(())),
        );
        self.or_show(gone.await).await
    }

    /// Waits until this text is shown.
    ///
    /// # Errors
    ///
    /// Where it does not come; tells what the page shows instead.
    pub async fn reads(&self, text: &str) -> Result<()> {
        self.reads_within(text, SOON).await
    }

    /// The same, with another patience.
    ///
    /// # Errors
    ///
    /// As [`Self::reads`].
    pub async fn reads_within(&self, text: &str, within: Duration) -> Result<()> {
        let found = until(format!("text “{text}”"), within, async || {
            Ok(self.text().await?.contains(text).then_some(()))
        });
        self.or_show(found.await).await
    }

    /// Waits until this text is shown no longer.
    ///
    /// # Errors
    ///
    /// Where it stays.
    pub async fn reads_no_more(&self, text: &str) -> Result<()> {
        let gone = until(
            format!("end of the text “{text}”"),
            PATIENT,
            async || Ok((!self.text().await?.contains(text)).then_some(())),
        );
        self.or_show(gone.await).await
    }

    /// Waits until this text is shown, in a shadow root too.
    ///
    /// # Errors
    ///
    /// Where it does not come.
    pub async fn says(&self, text: &str, within: Duration) -> Result<()> {
        let place = self.page.get_by_text(text, false).first();
        let said = until(format!("text “{text}”"), within, async || {
            Ok(place.is_visible().await?.then_some(()))
        });
        self.or_show(said.await).await
    }

    /// Everything the page shows, as text with single spaces.
    ///
    /// # Errors
    ///
    /// Where the page is not there.
    pub async fn text(&self) -> Result<String> {
        let text = self.find("body").inner_text().await?;
        Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// Runs a function of one argument in the page.
    ///
    /// # Errors
    ///
    /// Where the page is not there, or the function throws.
    pub async fn run<T: DeserializeOwned>(
        &self,
        function: &str,
        argument: impl Serialize,
    ) -> Result<T> {
        let function = function.trim_end().trim_end_matches(';');
        Ok(self.find("html").evaluate(function, Some(argument)).await?)
    }

    /// Listens to the other side for a moment.
    ///
    /// # Errors
    ///
    /// As [`Self::run`].
    pub async fn listen(&self, hz: f64) -> Result<Heard> {
        self.run(include_str!("js/listen.js"), json!({ "hz": hz, "ms": 700 }))
            .await
    }

    /// Waits for the first sound of a call to arrive; milliseconds since 1970, by this machine's
    /// clock. The page may still be loading, or be loaded anew meanwhile.
    ///
    /// # Errors
    ///
    /// Where none comes.
    pub async fn first_sound(&self) -> Result<f64> {
        let first = until("first sound of the call", PATIENT, async || {
            let look = include_str!("js/first-sound.js");
            self.run(look, json!({ "within": 2000 })).await
        });
        self.or_show(first.await).await
    }

    /// Waits until the other side is heard, at this pitch, by a person.
    ///
    /// # Errors
    ///
    /// Where it is not; tells what is heard instead.
    pub async fn hears(&self, hz: f64) -> Result<()> {
        self.hears_within(hz, PATIENT).await
    }

    /// The same, with another patience.
    ///
    /// # Errors
    ///
    /// As [`Self::hears`].
    pub async fn hears_within(&self, hz: f64, within: Duration) -> Result<()> {
        let heard = until(format!("sound of {hz} Hz"), within, async || {
            let heard = self.listen(hz).await?;
            let there = heard.audible && (heard.hz - hz).abs() < 12.0 && heard.db > SILENCE;
            ensure!(there, "heard {heard:?}");
            Ok(Some(()))
        });
        self.or_show(heard.await).await
    }

    /// Waits until this pitch is not heard.
    ///
    /// # Errors
    ///
    /// Where it stays.
    pub async fn hears_no(&self, hz: f64) -> Result<()> {
        let gone = until(
            format!("end of the sound of {hz} Hz"),
            PATIENT,
            async || {
                let heard = self.listen(hz).await?;
                ensure!(!heard.audible || heard.at < SILENCE, "heard {heard:?}");
                Ok(Some(()))
            },
        );
        self.or_show(gone.await).await
    }

    /// Waits for sound that is not of this pitch (music while on hold).
    ///
    /// # Errors
    ///
    /// Where there is silence, or that pitch.
    pub async fn hears_other_than(&self, hz: f64) -> Result<()> {
        let other = until(format!("sound other than {hz} Hz"), PATIENT, async || {
            let heard = self.listen(hz).await?;
            let other = heard.audible && heard.db > SILENCE && (heard.hz - hz).abs() > 12.0;
            ensure!(other, "heard {heard:?}");
            Ok(Some(()))
        });
        self.or_show(other.await).await
    }

    /// Waits until the other side's pictures are seen and move.
    ///
    /// # Errors
    ///
    /// Where they are not or do not.
    pub async fn sees_moving_video(&self) -> Result<()> {
        let moving = until("moving picture of the other side", PATIENT, async || {
            let look = include_str!("js/picture.js");
            let seen: String = self.run(look, json!({ "within": 2000 })).await?;
            ensure!(seen == "moving", "{seen}");
            Ok(Some(()))
        });
        self.or_show(moving.await).await
    }

    /// What arrived so far.
    ///
    /// # Errors
    ///
    /// As [`Self::run`].
    pub async fn traffic(&self) -> Result<Traffic> {
        self.run(include_str!("js/traffic.js"), json!({})).await
    }

    /// Notes from now on when sound arrives.
    ///
    /// # Errors
    ///
    /// As [`Self::run`].
    pub async fn watch_sound(&self) -> Result<()> {
        self.run::<bool>(include_str!("js/watch.js"), json!({}))
            .await?;
        Ok(())
    }

    /// The longest time without a new sound packet since [`Self::watch_sound`].
    ///
    /// # Errors
    ///
    /// As [`Self::run`].
    pub async fn longest_silence(&self) -> Result<Duration> {
        let function =
            "() => Math.max(window.bwSilence.longest, performance.now() - window.bwSilence.last)";
        let ms: f64 = self.run(function, json!({})).await?;
        Ok(Duration::from_secs_f64(ms / 1000.0))
    }

    /// The page behind the view.
    #[must_use]
    pub fn behind(&self) -> &Page {
        &self.page
    }

    /// Adds to an error what the page shows.
    async fn or_show<T>(&self, found: Result<T>) -> Result<T> {
        match found {
            Ok(found) => Ok(found),
            Err(error) => {
                let look = until("text", SOON, async || Ok(Some(self.text().await?)));
                let shown = look.await.unwrap_or_else(|error| format!("({error})"));
                bail!(
                    "{error:#}\n  at {}\n  which shows: {shown}",
                    self.page.url()
                )
            }
        }
    }
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View")
            .field("url", &self.page.url())
            .field("framed", &self.framed)
            .finish()
    }
}
