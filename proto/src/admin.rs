//! The words of the administration and supervision pages: HTTP bodies under `/api/admin` and
//! `/api/supervise`. The documents themselves are in [`crate::setup`].

use serde::{Deserialize, Serialize};

use crate::{
    id::{AgentId, InteractionId, InvitationId, PhoneId, RuleId, SessionId, SiteKey, TrunkId},
    intent::Intent,
    interaction::{ChatMessage, Context, EndCause, Medium},
    journey::JourneyEvent,
    setup::{IntentRule, Setup},
    time::Timestamp,
};

/// How the centre is set up now, and which version that is.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Current {
    /// Counts the changes. A change names the version it was made from.
    pub version: i64,
    /// Everything.
    pub setup: Setup,
    /// Telephones are served: their documents have an effect, and their pages are shown.
    #[serde(default)]
    pub telephony: bool,
}

/// A kind of document, as it stands in the address: `/api/admin/queue/que_…`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A [`crate::setup::Site`], named by its key.
    Site,
    /// A [`crate::setup::Queue`].
    Queue,
    /// A [`crate::setup::User`].
    User,
    /// [`crate::setup::Hours`].
    Hours,
    /// An [`IntentRule`].
    Intent,
    /// A [`crate::setup::Form`].
    Form,
    /// An [`crate::setup::Invitation`].
    Invitation,
    /// A [`crate::setup::Phone`].
    Phone,
    /// A [`crate::setup::Trunk`].
    Trunk,
    /// A [`crate::setup::Number`].
    Number,
    /// The one [`crate::setup::DialLimits`]; `all`.
    Dialling,
    /// All skills, as one list of names; its name in the address is `all`.
    Skills,
    /// All reasons for not being ready, as one list; `all`.
    Reasons,
    /// All dispositions, as one list; `all`.
    Dispositions,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::Site,
        Self::Queue,
        Self::User,
        Self::Hours,
        Self::Intent,
        Self::Form,
        Self::Invitation,
        Self::Phone,
        Self::Trunk,
        Self::Number,
        Self::Dialling,
        Self::Skills,
        Self::Reasons,
        Self::Dispositions,
    ];

    /// The word in addresses and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Queue => "queue",
            Self::User => "user",
            Self::Hours => "hours",
            Self::Intent => "intent",
            Self::Form => "form",
            Self::Invitation => "invitation",
            Self::Phone => "phone",
            Self::Trunk => "trunk",
            Self::Number => "number",
            Self::Dialling => "dialling",
            Self::Skills => "skills",
            Self::Reasons => "reasons",
            Self::Dispositions => "dispositions",
        }
    }

    /// The kind of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// `PUT /api/admin/{kind}/{id}`: a document to take the place of the one before, or a new one.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Save<T> {
    /// The version of the set-up that the page showed.
    pub version: i64,
    /// The document.
    pub doc: T,
    /// Save although there are warnings.
    #[serde(default)]
    pub despite_warnings: bool,
    /// A password for a new user, or a new one; for users, phones and trunks alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

/// The answer to a change that was made.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Saved {
    /// The version now.
    pub version: i64,
    /// What was found, but did not stand in the way.
    #[serde(default)]
    pub warnings: Vec<Finding>,
    /// The password that was made for a phone which came without one: told this once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<FirstPassword>,
}

/// The answer (422) to a change that was not made because of what it says, or (409) because the
/// page showed an older version.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct NotSaved {
    /// A word for programs: `invalid`, `warnings`, `outdated`.
    pub error: String,
    /// A sentence.
    pub message: String,
    /// What is wrong, and where.
    #[serde(default)]
    pub findings: Vec<Finding>,
}

/// Something about a document that is wrong, or strange.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Finding {
    /// Which document.
    pub kind: Kind,
    /// Its id or key.
    pub id: String,
    /// Where in it, as a path: `overflow.0.to`, `week.3.1.from`; empty for the whole.
    pub at: String,
    /// What is wrong and what to do, in words.
    pub say: String,
    /// Stands in the way of saving; a warning does not.
    pub error: bool,
}

/// A change that was made.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ChangeMade {
    /// The version it made.
    pub version: i64,
    /// When.
    pub at: Timestamp,
    /// Who, by user name.
    pub by: String,
    /// What, in words: "changed queue Support: priority, hours".
    pub what: String,
}

/// One page of the changes, newest first.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Changes {
    /// The changes.
    pub changes: Vec<ChangeMade>,
    /// The version to ask for what came before (`?before=`), where there is more.
    pub before: Option<i64>,
    /// The last change can be undone.
    pub can_undo: bool,
}

/// `POST /api/admin/undo`: takes back the change that made this version, if it is still the last.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Undo {
    /// The version that the page showed.
    pub version: i64,
}

/// `POST /api/admin/import`: a whole set-up in place of the one before.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Import {
    /// The version that the page showed.
    pub version: i64,
    /// Everything.
    pub setup: Setup,
    /// Only say what would change and what is wrong.
    #[serde(default)]
    pub dry_run: bool,
    /// Import although there are warnings.
    #[serde(default)]
    pub despite_warnings: bool,
}

/// The answer to an import.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Imported {
    /// The version now.
    pub version: i64,
    /// What changes, in words, one line each.
    pub changes: Vec<String>,
    /// What was found.
    pub findings: Vec<Finding>,
    /// Users and phones that are new, with their first passwords: told this once.
    #[serde(default)]
    pub passwords: Vec<FirstPassword>,
}

/// The first password of a new user or phone.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct FirstPassword {
    /// Whose: a user's, or a phone's.
    #[serde(default = "user")]
    pub kind: Kind,
    /// The name to sign in or register with.
    pub user: String,
    /// The password.
    pub password: String,
}

fn user() -> Kind {
    Kind::User
}

impl std::fmt::Debug for FirstPassword {
    /// Keeps passwords out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FirstPassword")
            .field("kind", &self.kind)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// `POST /api/admin/try`: what would these rules say of recorded journeys?
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Try {
    /// All intent rules, as they would be.
    pub rules: Vec<IntentRule>,
}

/// What rules would say of recorded journeys.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Tried {
    /// How many journeys were looked at: the newest ones.
    pub journeys: u32,
    /// For how many the surest intent would be another one.
    pub changed: u32,
    /// How often each rule fits, before and after.
    pub rules: Vec<RuleTried>,
    /// Some of the journeys that would change, newest first.
    pub examples: Vec<JourneyTried>,
}

/// How often a rule fits.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RuleTried {
    /// The rule.
    pub rule: RuleId,
    /// Its name.
    pub name: String,
    /// With the rules as they are.
    pub before: u32,
    /// With the rules as they would be.
    pub after: u32,
}

/// What rules would say of one recorded journey.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct JourneyTried {
    /// Whose.
    pub session: SessionId,
    /// When it ended, as far as it is known.
    pub at: Timestamp,
    /// The pages, oldest first, some of them.
    pub pages: Vec<String>,
    /// The surest intent as it is.
    pub before: Option<Intent>,
    /// The surest intent as it would be.
    pub after: Option<Intent>,
}

/// `GET /api/admin/seen`: whether each site's tag was seen.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct TagSeen {
    /// The site.
    pub site: SiteKey,
    /// When last, and on which page's origin.
    pub last: Option<(Timestamp, String)>,
    /// Origins that tried and are not allowed, the newest first.
    pub refused: Vec<(Timestamp, String)>,
    /// Visitors' pages that are connected now.
    pub pages_now: u32,
}

/// `GET /api/admin/phones/live`: a phone, and where it is reached now.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PhoneLine {
    /// The phone.
    pub phone: PhoneId,
    /// Its registrations that have not run out, the newest first; none where it is not reached.
    pub registered: Vec<Contact>,
    /// Its last login that was refused for a wrong password, where none succeeded since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<RefusedLogin>,
}

/// A login of a phone that was refused.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RefusedLogin {
    /// When.
    pub at: Timestamp,
    /// Where it came from: address and port.
    pub source: String,
}

/// Where a phone is reached, as it registered (RFC 3261 §10).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Contact {
    /// The address it gave.
    pub contact: String,
    /// The address it was heard from: another one behind a NAT.
    pub source: String,
    /// How its messages travel: `udp`, `tcp`, `tls`, `ws` or `wss`.
    pub transport: String,
    /// What it says it is (`User-Agent`); empty where it says nothing.
    pub agent: String,
    /// When the registration runs out, unless the phone renews it.
    pub until: Timestamp,
}

/// `GET /api/admin/trunks/live`: a trunk, and how it stands.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct TrunkLine {
    /// The trunk.
    pub trunk: TrunkId,
    /// How it stands.
    pub state: TrunkState,
    /// Since when.
    pub since: Timestamp,
    /// Why it is down, or what went wrong last, in words.
    pub why: Option<String>,
    /// Calls that go over it now, both ways.
    pub calls: u32,
    /// Why a call was not taken from it or not made over it last, in words.
    pub last_refused: Option<String>,
}

/// How a trunk stands.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TrunkState {
    /// Not in use, by its document.
    Off,
    /// It registers, and has no answer yet.
    Registering,
    /// The far end answers.
    Up,
    /// The far end does not answer, or refuses.
    Down,
}

/// `POST /api/admin/trunks/test`: dials a number over one trunk, and hangs up as soon as it is known
/// what came of it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct TestCall {
    /// The trunk.
    pub trunk: TrunkId,
    /// The number. The dialling limits hold for it too.
    pub number: String,
}

/// What came of a test call.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct TestCallResult {
    /// What became of it.
    pub outcome: CallProgress,
    /// The far end's last answer, a SIP status (RFC 3261 §21); none where it gave none.
    pub status: Option<u16>,
    /// The same in a sentence.
    pub say: String,
    /// How long it took to know, in milliseconds.
    pub took_ms: u64,
}

/// What became of a dialled call.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CallProgress {
    /// Somebody, or something, answered.
    Answered,
    /// The number is busy.
    Busy,
    /// It rang, and nobody answered.
    NoAnswer,
    /// The far end refused the call.
    Rejected,
    /// The far end did not answer at all.
    Unreachable,
    /// The centre's own limits forbid it: nothing was sent.
    NotAllowed,
}

/// `GET /api/supervise/contacts`: contacts, newest first.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Contacts {
    /// The contacts.
    pub contacts: Vec<ContactLine>,
    /// The time to ask for what came before (`?before=`), where there is more.
    pub before: Option<Timestamp>,
}

/// A contact in the list.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ContactLine {
    /// The contact.
    pub interaction: InteractionId,
    /// How it is carried on.
    pub medium: Medium,
    /// When it was asked for.
    pub created: Timestamp,
    /// `waiting`, `talking`, `wrap_up` or `closed`.
    pub stage: String,
    /// The queue, by name.
    pub queue: String,
    /// Who serves or served it; empty where nobody did.
    pub agent: String,
    /// The visitor's name, where given.
    pub name: Option<String>,
    /// The surest intent's name; empty where there is none.
    pub intent: String,
    /// Why it ended, where it did.
    pub cause: Option<EndCause>,
}

/// `GET /api/supervise/contacts/{id}`: one contact with every decision about it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ContactTold {
    /// The contact.
    pub line: ContactLine,
    /// Who it was and what they looked at.
    pub context: Context,
    /// What was decided, oldest first.
    pub decisions: Vec<DecisionTold>,
    /// What was written.
    pub chat: Vec<ChatMessage>,
    /// The whole journey, as far as it is kept.
    pub journey: Vec<JourneyEvent>,
}

/// A routing decision.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct DecisionTold {
    /// When.
    pub at: Timestamp,
    /// Which agent it was offered to; none for decisions about queues and prompts.
    pub agent: Option<AgentId>,
    /// Why, in words.
    pub because: String,
}

/// `GET /api/supervise/invitations`: what invitations brought about.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct InvitationCounts {
    /// The invitation.
    pub invitation: InvitationId,
    /// Its name.
    pub name: String,
    /// How often it was shown, …
    pub shown: u32,
    /// … accepted, …
    pub accepted: u32,
    /// … put away, …
    pub dismissed: u32,
    /// … and not looked at.
    pub ignored: u32,
    /// How many of those who saw it made contact during that visit.
    pub contacted: u32,
    /// How many would have got it and were left alone, for comparison.
    pub held: u32,
    /// How many of these made contact during that visit.
    pub held_contacted: u32,
}

/// `GET /api/supervise/waits`: how well waits are foretold.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct WaitAccuracy {
    /// The queue, by name.
    pub queue: String,
    /// The medium.
    pub medium: Medium,
    /// How many waits of late this is about.
    pub waits: u32,
    /// The root mean square error over the mean wait, in per cent.
    pub error_percent: f64,
    /// The mean error, in seconds: positive where it was told too long.
    pub bias_s: f64,
    /// How many of a hundred waits ended within the range that was told; 80 is meant.
    pub within_percent: f64,
    /// The estimator in use, in words.
    pub estimator: String,
}
