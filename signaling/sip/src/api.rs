//! The words between the endpoint and the server: calls, what they do, and what they tell.
//!
//! Session descriptions are text here; who reads and writes them is the media anchor.

use std::{fmt, net::SocketAddr, sync::Arc, time::Duration};

use tokio::sync::{mpsc, oneshot};

use crate::{bans::Ban, cause::Cause, settings::Binding, words::Caller};

/// One call leg's name, unique for the life of an endpoint.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CallId(pub u64);

/// Milliseconds since 1970, as the server counts them.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// What the endpoint tells.
#[derive(Debug)]
pub enum Event {
    /// A phone registered, or is registered no longer: where it is reached now.
    Bindings {
        /// The account's user.
        user: String,
        /// Every contact; empty where there is none any more.
        bindings: Vec<Binding>,
    },
    /// How a trunk stands changed.
    Trunk(TrunkStatus),
    /// Somebody calls.
    Arrived(Box<Arrived>),
    /// A ban begins. It is logged by the endpoint already.
    Banned(Ban),
}

/// Somebody calls. The endpoint has answered 100 and nothing else.
#[derive(Debug)]
pub struct Arrived {
    /// The leg.
    pub call: Call,
    /// What it tells from now on.
    pub events: CallEvents,
    /// From where.
    pub origin: Origin,
    /// What was dialled: the user part of the Request-URI, cleaned.
    pub dialled: String,
    /// Who calls.
    pub caller: Caller,
    /// Their offer; none where they want ours (RFC 3261 §13.2.1).
    pub offer: Option<String>,
}

/// Where a call comes from. Nobody else gets in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Origin {
    /// Over this trunk, by id.
    Trunk(String),
    /// From the phone of this account, which proved it.
    Account(String),
}

/// A call that we make.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Dial {
    /// Whom.
    pub to: To,
    /// The number or user that the far end sees; the trunk's own where none is given.
    pub from: Option<String>,
    /// The name that the far end sees.
    pub name: Option<String>,
    /// Our offer.
    pub offer: String,
    /// For how long it may ring.
    pub ring_for: Duration,
}

/// Whom we call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum To {
    /// Every phone that is registered for this account; the first to answer wins, the others are cancelled.
    Account(String),
    /// A number, over one trunk.
    Trunk {
        /// The trunk's id.
        trunk: String,
        /// The number.
        number: String,
    },
}

/// What a leg tells. [`CallEvent::Ended`] is the last, and always comes.
#[derive(Debug)]
pub enum CallEvent {
    /// Ours: something answers there (100): who is called is being looked for.
    Trying,
    /// Ours: it rings there (180), or waits in a line (182).
    Ringing,
    /// Ours: sound before the answer (183 or 180 with a description).
    Progress {
        /// Their answer.
        sdp: String,
    },
    /// Ours: answered (200). Theirs: the far end confirmed our answer (ACK), with its answer where the offer was ours.
    Answered {
        /// Their answer, where there was one.
        sdp: Option<String>,
    },
    /// They want to change the session (re-INVITE, UPDATE).
    Offered {
        /// Their offer; none where they want ours (a re-INVITE without one).
        sdp: Option<String>,
        /// How to answer.
        reply: Reply,
    },
    /// With [`Reply::offer`] we made an offer; this is their answer.
    Agreed {
        /// Their answer.
        sdp: String,
    },
    /// A key, by INFO (`application/dtmf-relay` or `application/dtmf`).
    Pressed(char),
    /// They pass the call on (RFC 3515).
    Refer(Refer),
    /// The leg is over.
    Ended {
        /// Why.
        cause: Cause,
        /// The far end ended it.
        by_them: bool,
    },
}

/// What a leg tells, in order.
pub type CallEvents = mpsc::UnboundedReceiver<CallEvent>;

/// A wish to pass a call on. Unanswered, it is refused (603).
#[derive(Debug)]
pub struct Refer {
    /// The user part of Refer-To, cleaned: a number or an extension.
    pub to: String,
    /// The call that shall be taken over (RFC 3891, attended transfer), if it is one of ours.
    pub replaces: Option<CallId>,
    /// How to answer.
    pub reply: ReferReply,
}

/// The answer to a [`Refer`].
#[derive(Debug)]
pub struct ReferReply(pub(crate) Option<oneshot::Sender<mpsc::UnboundedReceiver<u16>>>);

impl ReferReply {
    /// Accepts (202). Statuses sent into the channel are told by NOTIFY: 100, 180, then a final one, after which the channel is done.
    #[must_use]
    pub fn accept(mut self) -> mpsc::UnboundedSender<u16> {
        let (tell, told) = mpsc::unbounded_channel();
        if let Some(reply) = self.0.take() {
            // A leg that is gone hears nothing more.
            let _ = reply.send(told);
        }
        tell
    }

    /// Refuses (603).
    pub fn refuse(self) {}
}

/// The answer to a wish to change the session. Dropped, it refuses (488).
#[derive(Debug)]
pub struct Reply(pub(crate) Option<oneshot::Sender<Replied>>);

/// What is answered to a wish to change the session.
#[derive(Debug)]
pub(crate) enum Replied {
    /// 200 with this answer.
    Answer(String),
    /// 200 with this offer; their ACK brings the answer.
    Offer(String),
    /// 488.
    Refused,
}

impl Reply {
    /// Answers their offer.
    pub fn answer(self, sdp: String) {
        self.say(Replied::Answer(sdp));
    }

    /// Makes our offer, where they brought none. Their answer comes as [`CallEvent::Agreed`].
    pub fn offer(self, sdp: String) {
        self.say(Replied::Offer(sdp));
    }

    /// Refuses: the session stays as it is.
    pub fn refuse(self) {
        self.say(Replied::Refused);
    }

    fn say(mut self, what: Replied) {
        if let Some(reply) = self.0.take() {
            let _ = reply.send(what);
        }
    }
}

/// Why the far end did not change the session.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReofferError {
    /// It said no; the session is as it was.
    #[error("the far end refused to change the session ({0})")]
    Refused(u16),
    /// The leg is over.
    #[error("the call is over")]
    Over,
}

/// What a leg is told.
#[derive(Debug)]
pub(crate) enum Order {
    Ring,
    Queue,
    Progress(String),
    Answer(String),
    Reject(Cause),
    HangUp(Cause),
    TakeBack { elsewhere: bool },
    Reoffer(String, oneshot::Sender<Result<String, ReofferError>>),
    PressByInfo(char),
    Refer(String, oneshot::Sender<u16>),
}

/// One leg. Whoever drops the last clone hangs it up.
#[derive(Clone)]
pub struct Call {
    pub(crate) id: CallId,
    pub(crate) orders: mpsc::UnboundedSender<Order>,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Call({})", self.id.0)
    }
}

impl Call {
    /// Its name.
    #[must_use]
    pub fn id(&self) -> CallId {
        self.id
    }

    /// Theirs: says that it rings (180, RFC 3261 §13.3.1.1).
    pub fn ring(&self) {
        self.order(Order::Ring);
    }

    /// Theirs: says that it waits in a line (182).
    pub fn queue(&self) {
        self.order(Order::Queue);
    }

    /// Theirs: lets them hear something before the answer (183).
    pub fn progress(&self, sdp: String) {
        self.order(Order::Progress(sdp));
    }

    /// Theirs: answers (200). With the offer theirs this is our answer, else our offer.
    pub fn answer(&self, sdp: String) {
        self.order(Order::Answer(sdp));
    }

    /// Theirs: refuses, with the status that fits the cause.
    pub fn reject(&self, cause: Cause) {
        self.order(Order::Reject(cause));
    }

    /// Ends the leg, whatever its state: CANCEL, BYE or a refusal, with the Reason (RFC 3326).
    pub fn hang_up(&self, cause: Cause) {
        self.order(Order::HangUp(cause));
    }

    /// Ours that is not answered: rings no longer (CANCEL). With `elsewhere` it was answered somewhere else, and the phone need not show it as
    /// missed (RFC 3326 §3.1). A leg that was answered meanwhile is hung up.
    pub fn take_back(&self, elsewhere: bool) {
        self.order(Order::TakeBack { elsewhere });
    }

    /// Changes the session with our offer (re-INVITE; glare is retried, RFC 3261 §14.1). Gives their answer.
    ///
    /// # Errors
    ///
    /// Why nothing changed.
    pub async fn reoffer(&self, sdp: String) -> Result<String, ReofferError> {
        let (tell, told) = oneshot::channel();
        self.order(Order::Reoffer(sdp, tell));
        told.await.unwrap_or(Err(ReofferError::Over))
    }

    /// Presses a key by INFO, for far ends that take no digits in RTP.
    pub fn press_by_info(&self, key: char) {
        self.order(Order::PressByInfo(key));
    }

    /// Asks the far end to call somebody else instead (REFER); gives the final status that it told, 0 where it told none.
    pub async fn refer(&self, to: String) -> u16 {
        let (tell, told) = oneshot::channel();
        self.order(Order::Refer(to, tell));
        told.await.unwrap_or(0)
    }

    fn order(&self, order: Order) {
        // A leg that is over has said so by `Ended`.
        let _ = self.orders.send(order);
    }
}

/// How a trunk stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TrunkStatus {
    /// The trunk's id.
    pub id: String,
    /// Its state.
    pub state: TrunkState,
    /// Since when (milliseconds since 1970).
    pub since_ms: u64,
    /// The last thing that went wrong, as a sentence, and when (milliseconds since 1970). Stays until something works.
    pub trouble: Option<(String, u64)>,
    /// The addresses that its host resolved to last: calls from there come from it.
    pub addresses: Vec<SocketAddr>,
    /// Calls over it now.
    pub calls: usize,
}

/// Whether a trunk can be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TrunkState {
    /// Nothing is known yet.
    Unknown,
    /// We are registered there, until then (milliseconds since 1970).
    Registered {
        /// The end.
        until_ms: u64,
    },
    /// It answers OPTIONS or took a call.
    Answers,
    /// It refuses us: a wrong password, for one.
    Refuses,
    /// It does not answer.
    Silent,
}

impl TrunkState {
    /// Whether a call over it has a chance.
    #[must_use]
    pub const fn is_usable(self) -> bool {
        match self {
            Self::Unknown | Self::Registered { .. } | Self::Answers => true,
            Self::Refuses | Self::Silent => false,
        }
    }
}

/// Where the endpoint listens, with the ports it got.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Addresses {
    /// For datagrams.
    pub udp: Option<SocketAddr>,
    /// For plain connections.
    pub tcp: Option<SocketAddr>,
    /// For encrypted connections.
    pub tls: Option<SocketAddr>,
    /// For `WebSockets`.
    pub ws: Option<SocketAddr>,
}

/// What the endpoint counts.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Legs now.
    pub calls: usize,
    /// Accounts with a contact now.
    pub registered: usize,
    /// Sources that are banned now.
    pub banned: usize,
    /// Requests refused since the start: too many, malformed, not allowed.
    pub refused: u64,
    /// Failed logins since the start.
    pub failed_logins: u64,
}

/// A login of an account that was refused: its password was wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RefusedLogin {
    /// When (milliseconds since 1970).
    pub at_ms: u64,
    /// Where it came from.
    pub source: SocketAddr,
}

/// Why the endpoint did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The settings cannot be worked with.
    #[error(transparent)]
    Settings(#[from] crate::settings::SettingsError),
    /// An address cannot be listened on.
    #[error("cannot listen for SIP on {address} ({transport}): {why}")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// Over what.
        transport: &'static str,
        /// What the system says.
        why: String,
    },
    /// A certificate or key cannot be used.
    #[error("the certificate for SIP cannot be used: {0}")]
    Certificate(String),
    /// The stack refuses.
    #[error("the SIP stack does not start: {0}")]
    Stack(String),
}
