//! A telephone in this process, exact to the packet: it registers, calls, answers, holds, transfers, and hears.
//!
//! It is written apart from the product, so that both must agree with the RFCs and not only with each other; and
//! what it is sent is read by a third parser besides ([`Telephone::complaints`]).
//!
//! ```text
//!   Telephone ── Stack (transactions, who a message is for) ── Wire (UDP, TCP, WebSocket)
//!       └─ Call ── Talk (dialog, offers and answers) ── Session (RTP: mouth, ear, digits)
//! ```

pub mod call;
mod dialog;
pub mod digest;
mod digits;
pub mod message;
mod placing;
pub mod rtp;
pub mod sdp;
mod stack;
mod taking;
mod talk;
pub mod wire;

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use anyhow::{Context, Result, ensure};
use tokio::{
    sync::{Mutex, mpsc},
    task::JoinHandle,
    time::timeout,
};

pub use self::{
    call::{By, Call, End, Progress, Refer},
    digest::Login,
    message::Message,
    rtp::Traffic,
    sdp::{Direction, Theirs},
    wire::Transport,
};
use self::{stack::Stack, talk::Talk, wire::Wire};
use crate::{chance, phones::g711::Law, wait::SOON};

/// What a telephone is and does by itself.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The registrar, or whom it calls.
    pub server: SocketAddr,
    /// The host part of its own address and of those it dials.
    pub domain: String,
    /// What carries its messages.
    pub transport: Transport,
    /// The user part of its address.
    pub user: String,
    /// What it answers challenges with; a trunk's side may have nothing.
    pub login: Option<Login>,
    /// The name it shows.
    pub name: Option<String>,
    /// Its codecs, best first.
    pub codecs: Vec<Law>,
    /// It offers and takes digits in RTP.
    pub digits: bool,
    /// The pitch it says from the start; `None` is silence.
    pub pitch: Option<f64>,
    /// What it does when it is called.
    pub pickup: Pickup,
    /// What it says it can do (`Supported`).
    pub supported: String,
    /// Where its Contact and its descriptions say that it is; behind a router, this is not where it is.
    pub shown_at: IpAddr,
}

/// What a telephone does when it is called.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pickup {
    /// It rings until the test does something.
    ByHand,
    /// It answers at once.
    AtOnce,
    /// It says neither that it rings nor anything else.
    Never,
    /// It refuses with this status.
    Refuse(u16),
}

impl Settings {
    /// A telephone with an account at `server`, which says 440 hertz and is picked up by hand.
    #[must_use]
    pub fn account(server: SocketAddr, user: &str, password: &str) -> Self {
        Self {
            login: Some(Login {
                user: user.into(),
                password: password.into(),
            }),
            ..Self::stranger(server, user)
        }
    }

    /// The same without an account: the far side of a trunk, or somebody who has no business here.
    #[must_use]
    pub fn stranger(server: SocketAddr, user: &str) -> Self {
        Self {
            server,
            domain: server.to_string(),
            transport: Transport::Udp,
            user: user.into(),
            login: None,
            name: None,
            codecs: vec![Law::Mu, Law::A],
            digits: true,
            pitch: Some(440.0),
            pickup: Pickup::ByHand,
            supported: "replaces, 100rel".into(),
            shown_at: Ipv4Addr::LOCALHOST.into(),
        }
    }
}

/// What is dialled, and how.
#[derive(Clone, Debug, Default)]
pub struct Dial {
    /// A number at the server's domain, or a whole address.
    pub to: String,
    /// Without a description: the far end is to offer one.
    pub late_offer: bool,
    /// More headers.
    pub headers: Vec<(String, String)>,
}

/// A telephone. It falls silent when dropped, without a goodbye.
#[derive(Debug)]
pub struct Telephone {
    stack: Arc<Stack>,
    calls: Mutex<mpsc::Receiver<Arc<Talk>>>,
    reader: JoinHandle<()>,
    registering: Registering,
}

#[derive(Debug)]
struct Registering {
    id: String,
    sequence: AtomicU32,
}

impl Telephone {
    /// Connects a telephone. It has not registered yet.
    ///
    /// # Errors
    ///
    /// Where the server cannot be reached by a stream.
    pub async fn plug_in(settings: Settings) -> Result<Self> {
        let (wire, mut letters) = Wire::open(settings.transport, settings.server).await?;
        let (ring, calls) = mpsc::channel(64);
        let stack = Arc::new(Stack::new(wire, settings, ring));
        let reading = Arc::clone(&stack);
        let reader = tokio::spawn(async move {
            while let Some((bytes, from)) = letters.recv().await {
                reading.take(&bytes, from).await;
            }
        });
        Ok(Self {
            stack,
            calls: Mutex::new(calls),
            reader,
            registering: Registering {
                id: unique(),
                sequence: AtomicU32::new(0),
            },
        })
    }

    /// Registers for five minutes.
    ///
    /// # Errors
    ///
    /// Where it is refused.
    pub async fn register(&self) -> Result<()> {
        let answer = self.register_for(300).await?;
        ensure!(answer.status() == Some(200), "not registered:\n{answer}");
        Ok(())
    }

    /// Asks to be registered for so many seconds (0: no longer), and gives the final answer.
    ///
    /// # Errors
    ///
    /// Where there is no answer.
    pub async fn register_for(&self, seconds: u32) -> Result<Message> {
        let request = Message::request("REGISTER", &format!("sip:{}", self.settings().domain))
            .with("To", self.stack.own_address())
            .with("Call-ID", &self.registering.id)
            .with("CSeq", format!("{} REGISTER", self.next_sequence()))
            .with("Expires", seconds);
        let answer = self.ask(request).await?;
        self.registering
            .sequence
            .fetch_max(answer.sequence(), Ordering::Relaxed);
        Ok(answer)
    }

    /// Sends a request outside of calls, answers a challenge, and gives the final answer. Headers that every
    /// request has are added where they are missing.
    ///
    /// # Errors
    ///
    /// Where there is no answer.
    pub async fn ask(&self, request: Message) -> Result<Message> {
        let request = self.stack.complete(request);
        self.stack.ask(request, self.settings().server).await
    }

    /// Calls a number.
    ///
    /// # Errors
    ///
    /// Where there is no port for the sound.
    pub async fn dial(&self, number: &str) -> Result<Call> {
        let to = number.to_owned();
        self.dial_as(Dial {
            to,
            ..Dial::default()
        })
        .await
    }

    /// The same with more wishes.
    ///
    /// # Errors
    ///
    /// As [`Self::dial`].
    pub async fn dial_as(&self, dial: Dial) -> Result<Call> {
        Ok(Call::of(placing::place(&self.stack, dial).await?))
    }

    /// Waits until it is called.
    ///
    /// # Errors
    ///
    /// Where it is not.
    pub async fn rings(&self) -> Result<Call> {
        let mut calls = self.calls.lock().await;
        let call = timeout(SOON, calls.recv()).await;
        let call =
            call.with_context(|| format!("telephone {} does not ring", self.settings().user))?;
        Ok(Call::of(call.context("the telephone is unplugged")?))
    }

    /// Whether a call came that nobody has looked at.
    pub async fn has_rung(&self) -> bool {
        !self.calls.lock().await.is_empty()
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.stack.local()
    }

    /// Its contact, which others may call without a registrar.
    #[must_use]
    pub fn contact(&self) -> String {
        self.stack.contact()
    }

    /// What it is.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.stack.settings
    }

    /// What is wrong with what it was sent: syntax, sequence numbers. Empty, where all is well.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        self.stack.complaints()
    }

    /// Checks that all it was sent is well.
    ///
    /// # Errors
    ///
    /// Its complaints.
    pub fn is_content(&self) -> Result<()> {
        let complaints = self.complaints();
        ensure!(complaints.is_empty(), "{}", complaints.join("\n\n"));
        Ok(())
    }

    /// Every message that came and went, with an arrow before each.
    #[must_use]
    pub fn trace(&self) -> Vec<String> {
        self.stack.trace()
    }

    /// Dies: from now on it neither says nor hears anything, and nobody is told.
    pub fn unplug(&self) {
        self.stack.unplug();
    }

    fn next_sequence(&self) -> u32 {
        self.registering.sequence.fetch_add(1, Ordering::Relaxed) + 1
    }
}

impl Drop for Telephone {
    fn drop(&mut self) {
        self.reader.abort();
        self.stack.unplug();
    }
}

/// A word that nobody else has.
fn unique() -> String {
    format!("{:020x}", chance::bits() >> 48)
}
