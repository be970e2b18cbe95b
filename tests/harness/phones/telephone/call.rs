//! A call in the hand of a test.

mod transfer;

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use tokio::time::timeout;

pub use self::transfer::Refer;
use super::{
    Message,
    message::user_of,
    placing,
    rtp::Traffic,
    sdp::{Direction, Theirs},
    taking,
    talk::Talk,
};
use crate::{
    phones::ear::{Ears, Heard},
    wait::{SOON, until},
};

/// How much of the sound is listened to at once.
const MOMENT: Duration = Duration::from_millis(400);

/// How far a call is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Progress {
    /// The INVITE is out; nothing but 100 came back.
    Calling,
    /// It rings, here or there.
    Ringing {
        /// The far end is heard already.
        early: bool,
    },
    /// It was answered.
    Talking,
    /// It is over.
    Ended(End),
}

/// How a call ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct End {
    /// Who ended it.
    pub by: By,
    /// The final answer to the INVITE of a call that nobody took.
    pub status: Option<u16>,
    /// `Reason` (RFC 3326), as it was written.
    pub reason: Option<String>,
}

/// One of the two ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum By {
    /// This telephone.
    Near,
    /// The far end.
    Far,
}

/// A call. Dropping it does not end it.
#[derive(Clone, Debug)]
pub struct Call(pub(super) Arc<Talk>);

impl Call {
    pub(super) fn of(talk: Arc<Talk>) -> Self {
        Self(talk)
    }

    /// How far it is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.0.progress.borrow().clone()
    }

    /// Waits until it is as far as that.
    ///
    /// # Errors
    ///
    /// Where it is not in time, or ends before; tells how far it came.
    pub async fn until(
        &self,
        what: &str,
        within: Duration,
        fits: impl Fn(&Progress) -> bool,
    ) -> Result<Progress> {
        let mut progress = self.0.progress.subscribe();
        let over = |now: &Progress| fits(now) || matches!(now, Progress::Ended(_));
        let found = timeout(within, progress.wait_for(over)).await;
        let Ok(found) = found else {
            bail!(
                "a call that is not {what} within {within:?} but {:?}",
                self.progress()
            )
        };
        let found = found.context("a call whose telephone is gone")?.clone();
        ensure!(fits(&found), "a call that is not {what} but {found:?}");
        Ok(found)
    }

    /// Waits until it rings at the far end, or is answered there.
    ///
    /// # Errors
    ///
    /// As [`Self::until`].
    pub async fn rings(&self) -> Result<()> {
        let rings = |now: &Progress| matches!(now, Progress::Ringing { .. } | Progress::Talking);
        self.until("ringing", SOON, rings).await.map(drop)
    }

    /// Waits until it is answered.
    ///
    /// # Errors
    ///
    /// As [`Self::until`].
    pub async fn answered(&self) -> Result<()> {
        let talking = |now: &Progress| *now == Progress::Talking;
        self.until("answered", SOON, talking).await.map(drop)
    }

    /// Waits until it is over.
    ///
    /// # Errors
    ///
    /// As [`Self::until`].
    pub async fn ended(&self) -> Result<End> {
        self.ended_within(SOON).await
    }

    /// The same, with another patience.
    ///
    /// # Errors
    ///
    /// As [`Self::until`].
    pub async fn ended_within(&self, within: Duration) -> Result<End> {
        let over = |now: &Progress| matches!(now, Progress::Ended(_));
        match self.until("over", within, over).await? {
            Progress::Ended(end) => Ok(end),
            other @ (Progress::Calling | Progress::Ringing { .. } | Progress::Talking) => {
                bail!("a call that is not over but {other:?}")
            }
        }
    }

    /// Answers it.
    ///
    /// # Errors
    ///
    /// Where there is no codec in common.
    pub fn answer(&self) -> Result<()> {
        taking::pick_up(&self.0)
    }

    /// Lets the caller hear something before it is answered (183).
    ///
    /// # Errors
    ///
    /// Where the caller offered no sound.
    pub fn answer_early(&self) -> Result<()> {
        let offer = self.0.invite.sdp().context("a call without an offer")?;
        let sdp = self.0.answer(offer)?;
        taking::respond(&self.0, 183, Some(sdp));
        Ok(())
    }

    /// The same, in a way that the caller must confirm (PRACK, RFC 3262); [`Self::is_asked`] tells whether it did.
    ///
    /// # Errors
    ///
    /// As [`Self::answer_early`].
    pub fn answer_early_reliably(&self) -> Result<()> {
        let offer = self.0.invite.sdp().context("a call without an offer")?;
        let sdp = self.0.answer(offer)?;
        taking::respond_reliably(&self.0, 183, sdp);
        Ok(())
    }

    /// What came back to our INVITE so far, challenges and 100 among it.
    #[must_use]
    pub fn answers(&self) -> Vec<Message> {
        self.0.state().answers.clone()
    }

    /// Waits until this came back to our INVITE (182: it is queued).
    ///
    /// # Errors
    ///
    /// Where it does not.
    pub async fn is_told(&self, status: u16) -> Result<Message> {
        until(format!("{status} to the INVITE"), SOON, async || {
            let answers = self.answers();
            let seen: Vec<_> = answers.iter().filter_map(Message::status).collect();
            let told = answers.into_iter().find(|one| one.status() == Some(status));
            ensure!(told.is_some(), "told {seen:?}");
            Ok(told)
        })
        .await
    }

    /// What the far end asked inside the call so far, ACK among it.
    #[must_use]
    pub fn requests(&self) -> Vec<Message> {
        self.0.state().requests.clone()
    }

    /// Waits until the far end asked this inside the call (PRACK, UPDATE); the last one.
    ///
    /// # Errors
    ///
    /// Where it does not.
    pub async fn is_asked(&self, method: &str) -> Result<Message> {
        until(format!("{method} inside the call"), SOON, async || {
            let requests = self.requests();
            let fits = |one: &Message| one.method() == method;
            Ok(requests.into_iter().rev().find(fits))
        })
        .await
    }

    /// Tells the caller something that is not the end (180, 182).
    pub fn tell(&self, status: u16) {
        taking::respond(&self.0, status, None);
    }

    /// Refuses it with this status.
    pub fn refuse(&self, status: u16) {
        taking::respond(&self.0, status, None);
        self.0.ends(By::Near, Some(status), None);
    }

    /// Takes the call back before it is answered; it may be answered all the same, and is then hung up.
    ///
    /// # Errors
    ///
    /// Where the far end does not answer.
    pub async fn cancel(&self) -> Result<Message> {
        placing::cancel(&self.0).await
    }

    /// Hangs up.
    ///
    /// # Errors
    ///
    /// Where the far end does not agree.
    pub async fn hang_up(&self) -> Result<()> {
        let answer = self.ask("BYE", |request| request).await?;
        self.0.ends(By::Near, None, None);
        ensure!(
            answer.status() == Some(200),
            "BYE was answered with:\n{answer}"
        );
        Ok(())
    }

    /// Puts the far end on hold: what it says is not heard here (sendonly). Our own pitch goes on, as music would.
    ///
    /// # Errors
    ///
    /// Where the far end does not agree.
    pub async fn hold(&self) -> Result<()> {
        self.offer(Direction::SendOnly).await
    }

    /// Goes on talking.
    ///
    /// # Errors
    ///
    /// Where the far end does not agree.
    pub async fn resume(&self) -> Result<()> {
        self.offer(Direction::SendRecv).await
    }

    /// Offers this direction by re-INVITE.
    ///
    /// # Errors
    ///
    /// Where the far end does not agree.
    pub async fn offer(&self, direction: Direction) -> Result<()> {
        self.0.state().wish = direction;
        self.0.offer_again().await
    }

    /// Presses keys: digits in RTP.
    ///
    /// # Errors
    ///
    /// Where the far end takes none, or there is no such key.
    pub fn press(&self, keys: &str) -> Result<()> {
        self.0.sound.press(keys)
    }

    /// Presses a key: a digit by INFO.
    ///
    /// # Errors
    ///
    /// Where the far end does not take it.
    pub async fn press_by_info(&self, key: char) -> Result<()> {
        let body = format!("Signal={key}\r\nDuration=160\r\n");
        let dress = |request: Message| request.carrying("application/dtmf-relay", body);
        let answer = self.ask("INFO", dress).await?;
        ensure!(
            answer.status() == Some(200),
            "INFO was answered with:\n{answer}"
        );
        Ok(())
    }

    /// Sends any request inside the call, dressed with headers and a body, and gives the final answer.
    ///
    /// # Errors
    ///
    /// Where there is none.
    pub async fn ask(
        &self,
        method: &str,
        dress: impl FnOnce(Message) -> Message,
    ) -> Result<Message> {
        self.0.ask(method, dress).await
    }

    /// Says this pitch from now on; `None` is silence.
    pub fn say(&self, pitch: Option<f64>) {
        self.0.sound.say(pitch);
    }

    /// The digits that came so far, in RTP and by INFO.
    #[must_use]
    pub fn digits(&self) -> String {
        self.0.sound.digits() + &self.0.state().digits
    }

    /// Waits for exactly these digits.
    ///
    /// # Errors
    ///
    /// Where others come, or none.
    pub async fn takes_digits(&self, digits: &str) -> Result<()> {
        until(format!("digits {digits}"), SOON, async || {
            let came = self.digits();
            ensure!(came == digits, "came {came}");
            Ok(Some(()))
        })
        .await
    }

    /// What came in of sound so far.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.0.sound.traffic()
    }

    /// What the far end says about the sound.
    #[must_use]
    pub fn theirs(&self) -> Option<Theirs> {
        self.0.state().theirs.clone()
    }

    /// Waits until the far end says this direction (`SendOnly`: it holds us).
    ///
    /// # Errors
    ///
    /// Where it does not.
    pub async fn is_offered(&self, direction: Direction) -> Result<()> {
        until(format!("{direction:?}"), SOON, async || {
            let theirs = self.theirs().map(|theirs| theirs.direction);
            ensure!(theirs == Some(direction), "the far end says {theirs:?}");
            Ok(Some(()))
        })
        .await
    }

    /// The INVITE that began it.
    #[must_use]
    pub fn invite(&self) -> &Message {
        &self.0.invite
    }

    /// The number that calls.
    #[must_use]
    pub fn caller(&self) -> &str {
        user_of(self.0.invite.header("From").unwrap_or_default())
    }

    /// What was heard within `span` up to now.
    #[must_use]
    pub fn listen_back(&self, span: Duration) -> Heard {
        self.0.sound.heard(span)
    }
}

impl Ears for Call {
    fn listen(&self) -> Result<Heard> {
        Ok(self.listen_back(MOMENT))
    }
}
