//! One call's state: its dialog, what both sides said about its sound, how far it is.

use std::{
    fmt,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use tokio::{sync::watch, time::sleep};

use super::{
    call::{By, End, Progress, Refer},
    dialog::Dialog,
    message::Message,
    rtp::{Aim, Session},
    sdp::{DIGITS, Direction, Own, Theirs},
    stack::Stack,
};
use crate::chance;

/// A call, seen by its telephone.
pub(super) struct Talk {
    pub(super) stack: Arc<Stack>,
    pub(super) sound: Session,
    /// The INVITE that began it, as it was sent last or came first.
    pub(super) invite: Message,
    pub(super) progress: watch::Sender<Progress>,
    state: Mutex<State>,
}

/// What changes during a call.
#[derive(Debug)]
pub(super) struct State {
    pub(super) dialog: Dialog,
    pub(super) own: Own,
    pub(super) theirs: Option<Theirs>,
    /// What we want: `SendRecv`, or a hold.
    pub(super) wish: Direction,
    /// Our own new offer is under way.
    pub(super) offering: bool,
    /// We gave up before an answer came.
    pub(super) cancelled: bool,
    /// The INVITE as sent last, for a CANCEL.
    pub(super) sent: Option<(Message, SocketAddr)>,
    /// Our answer has arrived.
    pub(super) acknowledged: bool,
    /// Who sent the INVITE, where we were called.
    pub(super) from: SocketAddr,
    /// Digits that came as INFO.
    pub(super) digits: String,
    pub(super) refer: Option<Refer>,
    /// What NOTIFY told about our own REFER.
    pub(super) told: Vec<u16>,
    /// What came back to the INVITE.
    pub(super) answers: Vec<Message>,
    /// What the far end asked inside the call.
    pub(super) requests: Vec<Message>,
    /// The numbers of reliable responses that were acknowledged (RFC 3262).
    pub(super) reliable: Vec<String>,
}

impl Talk {
    pub(super) async fn new(
        stack: &Arc<Stack>,
        invite: Message,
        dialog: Dialog,
        progress: Progress,
        from: SocketAddr,
    ) -> Result<Arc<Self>> {
        let settings = &stack.settings;
        let sound = Session::open(settings.pitch).await?;
        let [a, b, c, d, ..] = chance::bits().to_le_bytes();
        let own = Own {
            session: u32::from_le_bytes([a, b, c, d]) >> 1,
            version: 0,
            address: SocketAddr::new(settings.shown_at, sound.port()),
            codecs: settings.codecs.clone(),
            digits: settings.digits.then_some(DIGITS),
            direction: Direction::SendRecv,
        };
        let state = State {
            dialog,
            own,
            theirs: None,
            wish: Direction::SendRecv,
            offering: false,
            cancelled: false,
            sent: None,
            acknowledged: false,
            from,
            digits: String::new(),
            refer: None,
            told: vec![],
            answers: vec![],
            requests: vec![],
            reliable: vec![],
        };
        let talk = Arc::new(Self {
            stack: Arc::clone(stack),
            sound,
            invite,
            progress: watch::Sender::new(progress),
            state: Mutex::new(state),
        });
        let id = talk.state().dialog.id.clone();
        stack.know(id, Arc::clone(&talk));
        Ok(talk)
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Moves on, unless it is over.
    pub(super) fn moves_to(&self, next: Progress) {
        self.progress.send_if_modified(|now| {
            let over = matches!(now, Progress::Ended(_));
            if !over {
                *now = next;
            }
            !over
        });
    }

    /// It is over. Only the first end counts.
    pub(super) fn ends(&self, by: By, status: Option<u16>, reason: Option<&str>) {
        self.moves_to(Progress::Ended(End {
            by,
            status,
            reason: reason.map(str::to_owned),
        }));
        self.sound.stop();
    }

    /// Our next offer.
    pub(super) fn offer(&self) -> String {
        let settings = &self.stack.settings;
        let mut state = self.state();
        let wish = state.wish;
        let own = &mut state.own;
        own.version += 1;
        own.direction = wish;
        own.codecs.clone_from(&settings.codecs);
        own.digits = settings.digits.then_some(DIGITS);
        own.write()
    }

    /// The far end's answer to our offer.
    pub(super) fn answered(&self, sdp: &str) -> Result<()> {
        let theirs = Theirs::read(sdp)?;
        self.state().theirs = Some(theirs);
        self.aim()
    }

    /// Our answer to the far end's offer.
    pub(super) fn answer(&self, sdp: &str) -> Result<String> {
        let theirs = Theirs::read(sdp)?;
        let settings = &self.stack.settings;
        let shared = theirs.codecs.iter().copied();
        let shared = shared.filter(|law| settings.codecs.contains(law)).collect();
        let text = {
            let mut state = self.state();
            let wish = state.wish;
            let own = &mut state.own;
            own.version += 1;
            own.direction = theirs.direction.answer(wish);
            own.codecs = shared;
            own.digits = theirs.digits.filter(|_| settings.digits);
            ensure!(!own.codecs.is_empty(), "no codec in common in:\n{sdp}");
            let text = own.write();
            state.theirs = Some(theirs);
            text
        };
        self.aim()?;
        Ok(text)
    }

    fn aim(&self) -> Result<()> {
        let state = self.state();
        let State { own, theirs, .. } = &*state;
        let theirs = theirs.as_ref().context("no description of the far end")?;
        let codec = theirs.codecs.iter().find(|law| own.codecs.contains(law));
        self.sound.aim(Aim {
            to: theirs.address,
            codec: *codec.context("no codec in common")?,
            sends: own.direction.sends()
                && theirs.direction.listens()
                && theirs.address.port() != 0,
            digits_out: theirs.digits,
            digits_in: own.digits,
        });
        Ok(())
    }

    /// A request inside the call, and the final answer to it.
    pub(super) async fn ask(
        &self,
        method: &str,
        dress: impl FnOnce(Message) -> Message,
    ) -> Result<Message> {
        let (request, to) = self.state().dialog.request(method);
        let request = self.stack.complete(dress(request));
        let answer = self.stack.ask(request, to).await?;
        // A challenge that was answered took one number more.
        let mut state = self.state();
        state.dialog.sequence = state.dialog.sequence.max(answer.sequence());
        Ok(answer)
    }

    /// Offers anew inside the call (RFC 3261, section 14.1), again where both did at once (491).
    pub(super) async fn offer_again(&self) -> Result<()> {
        for _ in 0..4 {
            let offer = self.offer();
            self.state().offering = true;
            let outcome = self.offer_once(offer).await;
            self.state().offering = false;
            if outcome? {
                return Ok(());
            }
            // The one who made the call waits longer, so that they do not meet again.
            let pause = match self.is_ours() {
                true => Duration::from_millis(2100),
                false => Duration::from_millis(400),
            };
            sleep(pause).await;
        }
        bail!("the far end offers at the same time again and again")
    }

    async fn offer_once(&self, offer: String) -> Result<bool> {
        let (request, to) = self.state().dialog.request("INVITE");
        let request = request.with("Contact", self.stack.contact());
        let mut request = self
            .stack
            .complete(request.carrying("application/sdp", offer));
        let mut answer = self.offer_to(&mut request, to).await?;
        if matches!(answer.status(), Some(401 | 407)) && self.stack.settings.login.is_some() {
            super::digest::answer(&mut request, &answer, self.stack.settings.login.as_ref())?;
            super::stack::next_sequence(&mut request);
            self.state().dialog.sequence = request.sequence();
            answer = self.offer_to(&mut request, to).await?;
        }
        if answer.status() == Some(491) {
            return Ok(false);
        }
        ensure!(
            answer.status() < Some(300),
            "the new offer was refused:\n{answer}"
        );
        self.answered(answer.sdp().context("an answer without a description")?)?;
        Ok(true)
    }

    /// Sends a re-INVITE and acknowledges its final answer.
    async fn offer_to(&self, request: &mut Message, to: SocketAddr) -> Result<Message> {
        self.stack.stamp(request);
        let mut answers = self.stack.transact(request.clone(), to);
        while let Some(answer) = answers.recv().await {
            if answer.status() < Some(200) {
                continue;
            }
            let ack = if answer.status() < Some(300) {
                self.state().dialog.retarget(&answer);
                self.acknowledgement(request.sequence())
            } else {
                (refusal_ack(request, &answer), to)
            };
            self.stack.acknowledge(request.branch(), ack.0, ack.1);
            return Ok(answer);
        }
        bail!("no answer to the new offer")
    }

    /// The ACK of a 2xx: a transaction of its own (RFC 3261, section 13.2.2.4).
    pub(super) fn acknowledgement(&self, sequence: u32) -> (Message, SocketAddr) {
        let (mut ack, to) = self.state().dialog.request("ACK");
        ack.set("CSeq", format!("{sequence} ACK"));
        ack.set("Max-Forwards", 70);
        self.stack.stamp(&mut ack);
        (ack, to)
    }

    /// Whether we made the call.
    pub(super) fn is_ours(&self) -> bool {
        self.state().sent.is_some()
    }
}

/// The ACK of any other final answer: part of the INVITE's transaction (RFC 3261, section 17.1.1.3).
pub(super) fn refusal_ack(invite: &Message, answer: &Message) -> Message {
    let super::message::Line::Request { uri, .. } = &invite.line else {
        return invite.clone();
    };
    let own = |name: &str| invite.header(name).unwrap_or_default();
    let mut ack = Message::request("ACK", uri)
        .with("Via", own("Via"))
        .with("Max-Forwards", 70)
        .with("From", own("From"))
        .with("To", answer.header("To").unwrap_or_default())
        .with("Call-ID", own("Call-ID"))
        .with("CSeq", format!("{} ACK", invite.sequence()));
    for route in invite.all("Route") {
        ack = ack.with("Route", route);
    }
    ack
}

impl fmt::Debug for Talk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Talk")
            .field("progress", &*self.progress.borrow())
            .finish_non_exhaustive()
    }
}
