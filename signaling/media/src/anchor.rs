//! The media anchor in its own words: legs, what they can do, what each hears, and what they tell.
//!
//! Everybody who carries media for a call does it through [`Anchor`]; who does it is no matter here.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use futures_util::future::BoxFuture;
use tokio::sync::mpsc;

use crate::{codec::Codec, sdp::Picture, sounds::Programme};

/// One leg's name, unique for the life of an anchor.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LegId(pub u64);

/// What stands at the far end of a leg.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A browser: ICE, DTLS-SRTP, everything over one port.
    Browser,
    /// A telephone: RTP, or SRTP with keys in the description (RFC 4568).
    Telephone {
        /// Whether SRTP is required. Where it is not, an offer of SRTP is taken all the same.
        secure: bool,
    },
}

/// Who may send on a leg, seen from us (RFC 3264 §5.1).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Direction {
    /// Both.
    #[default]
    SendRecv,
    /// We alone: the far end is on hold.
    SendOnly,
    /// The far end alone.
    RecvOnly,
    /// Nobody.
    Inactive,
}

impl Direction {
    /// As an attribute names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::RecvOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }

    /// The same seen from the other side.
    #[must_use]
    pub const fn mirrored(self) -> Self {
        match self {
            Self::SendOnly => Self::RecvOnly,
            Self::RecvOnly => Self::SendOnly,
            Self::SendRecv | Self::Inactive => self,
        }
    }

    /// Whether we send.
    #[must_use]
    pub const fn sends(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }

    /// Whether we receive.
    #[must_use]
    pub const fn receives(self) -> bool {
        matches!(self, Self::SendRecv | Self::RecvOnly)
    }
}

/// What we want of a leg when a description is made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Want {
    /// The codecs we would take, best first. Empty: every one there is, in [`Want::ORDER`].
    pub codecs: Vec<Codec>,
    /// Who may send.
    pub direction: Direction,
    /// Pictures too, where the far end has them.
    pub video: bool,
    /// The only codec of pictures that is of use, because the other end has no other: pictures are never transcoded. None: any.
    pub picture: Option<Picture>,
}

impl Want {
    /// Every codec, best first: towards browsers and towards telephones alike.
    pub const ORDER: [Codec; 4] = [Codec::Opus, Codec::G722, Codec::Pcmu, Codec::Pcma];

    /// The codecs in their order, all where none is named.
    #[must_use]
    pub fn codecs(&self) -> Vec<Codec> {
        match self.codecs.is_empty() {
            true => Self::ORDER.to_vec(),
            false => self.codecs.clone(),
        }
    }
}

impl Default for Want {
    fn default() -> Self {
        Self {
            codecs: vec![],
            direction: Direction::SendRecv,
            video: false,
            picture: None,
        }
    }
}

/// What was agreed with a far end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Described {
    /// The codec of both directions.
    pub codec: Codec,
    /// Who may send, seen from us.
    pub direction: Direction,
    /// The far end has put us on hold.
    pub held: bool,
    /// It takes digits in RTP (RFC 4733).
    pub digits: bool,
    /// The codec of the pictures that were agreed.
    pub video: Option<Picture>,
}

/// What a leg's far end hears.
#[derive(Clone, Debug)]
pub enum Hears {
    /// Nothing.
    Nothing,
    /// Music and announcements.
    Sound(Programme),
    /// Another leg. Pictures go the same way, where both have them.
    Leg(LegId),
}

/// What a leg tells.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LegEvent {
    /// The first packet from the far end was understood: sound flows.
    Connected,
    /// A key was pressed at the far end: `0`-`9`, `*`, `#`, `A`-`D`.
    Pressed(char),
    /// Nothing has come for [`Settings::silent_after`] although something should.
    Silent,
    /// The connection is gone for good: the far end closed it, or cannot be reached.
    Lost,
    /// What the leg was told to play is over.
    Played,
}

/// Where a leg's events go. They never block: there are few.
pub type Events = mpsc::UnboundedSender<LegEvent>;

/// What went wrong.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum MediaError {
    /// The anchor's settings cannot be worked with.
    #[error("{0}")]
    Settings(String),
    /// A description cannot be read, or lacks what is needed.
    #[error("the session description cannot be used: {0}")]
    Description(String),
    /// No codec is common to both.
    #[error("no codec is common to both sides")]
    NoCodec,
    /// The far end must encrypt, and does not.
    #[error("the far end offers no encryption that this leg requires")]
    NotSecure,
    /// No such leg, or it is closed.
    #[error("the leg is closed")]
    Closed,
    /// It does not fit what was negotiated last: an offer is unanswered, or none is.
    #[error("the leg is in the middle of another negotiation")]
    NotNow,
    /// No port is free, or the system refuses one.
    #[error("no port for media: {0}")]
    Ports(String),
    /// The anchor stopped, or its process does not answer.
    #[error("the media anchor does not answer: {0}")]
    Gone(String),
}

/// An answer that is made elsewhere.
pub type Soon<'a, T> = BoxFuture<'a, Result<T, MediaError>>;

/// Who carries media. Orders to one leg are carried out in the order they were given.
pub trait Anchor: Send + Sync + fmt::Debug {
    /// Opens a leg. Where that fails, whatever is asked of it says why.
    fn open(&self, kind: Kind, events: Events) -> LegId;

    /// Makes our offer, first or again. It stays open until [`Anchor::answered`] or [`Anchor::rollback`].
    fn offer(&self, leg: LegId, want: Want) -> Soon<'_, String>;

    /// Takes the far end's answer to our offer. May be called again with a later one (forks, 183 then 200).
    fn answered(&self, leg: LegId, sdp: String) -> Soon<'_, Described>;

    /// Answers the far end's offer.
    fn answer(&self, leg: LegId, sdp: String, want: Want) -> Soon<'_, (String, Described)>;

    /// Drops our offer that was not answered.
    fn rollback(&self, leg: LegId);

    /// What the far end hears from now on.
    fn hear(&self, leg: LegId, what: Hears);

    /// What the far end says is withheld from whoever hears it.
    fn mute(&self, leg: LegId, muted: bool);

    /// Presses keys towards the far end.
    fn press(&self, leg: LegId, digits: String);

    /// Closes the leg. What heard it hears nothing.
    fn close(&self, leg: LegId);

    /// What is carried now.
    fn counts(&self) -> Counts;
}

/// What an anchor carries now.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Legs to browsers.
    pub browsers: usize,
    /// Legs to telephones.
    pub telephones: usize,
    /// Pairs of a leg and whom it hears whose codecs differ.
    pub transcoded: usize,
}

/// A leg, which is closed when this is dropped.
#[derive(Debug)]
pub struct Leg {
    anchor: Arc<dyn Anchor>,
    id: LegId,
}

impl Leg {
    /// [`Anchor::open`]
    #[must_use]
    pub fn open(anchor: &Arc<dyn Anchor>, kind: Kind, events: Events) -> Self {
        let id = anchor.open(kind, events);
        let anchor = anchor.clone();
        Self { anchor, id }
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> LegId {
        self.id
    }

    /// [`Anchor::offer`]
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn offer(&self, want: Want) -> Result<String, MediaError> {
        self.anchor.offer(self.id, want).await
    }

    /// [`Anchor::answered`]
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn answered(&self, sdp: String) -> Result<Described, MediaError> {
        self.anchor.answered(self.id, sdp).await
    }

    /// [`Anchor::answer`]
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn answer(&self, sdp: String, want: Want) -> Result<(String, Described), MediaError> {
        self.anchor.answer(self.id, sdp, want).await
    }

    /// [`Anchor::rollback`]
    pub fn rollback(&self) {
        self.anchor.rollback(self.id);
    }

    /// [`Anchor::hear`]
    pub fn hears(&self, what: Hears) {
        self.anchor.hear(self.id, what);
    }

    /// [`Anchor::mute`]
    pub fn mute(&self, muted: bool) {
        self.anchor.mute(self.id, muted);
    }

    /// [`Anchor::press`]
    pub fn press(&self, digits: impl Into<String>) {
        self.anchor.press(self.id, digits.into());
    }
}

impl Drop for Leg {
    fn drop(&mut self) {
        self.anchor.close(self.id);
    }
}

/// Where and how an anchor works.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Settings {
    /// Where browsers' media is received: one UDP port for all. Default: `0.0.0.0:0`.
    pub browsers: SocketAddr,
    /// The address that telephones' ports are opened on. Default: `0.0.0.0`.
    pub telephones: IpAddr,
    /// The address that descriptions and candidates name; `None`: the one listened on, and where that is unspecified, every address of this machine for
    /// browsers and the way out for telephones.
    pub public: Option<IpAddr>,
    /// The first and last port for telephones; each leg takes an even one and the next.
    pub ports: (u16, u16),
    /// After how long a leg counts as silent. Default: 30 s.
    pub silent_after: Duration,
    /// The folder with music and announcements, beside the built-in ones.
    pub sounds: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            browsers: SocketAddr::from(([0, 0, 0, 0], 0)),
            telephones: IpAddr::from([0, 0, 0, 0]),
            public: None,
            ports: (20_000, 29_999),
            silent_after: Duration::from_secs(30),
            sounds: None,
        }
    }
}
