//! How a centre is set up: the documents that administrators edit, the store keeps, the core works
//! by, and one file exports.
//!
//! Fields are only ever added, each with a default: files of an older version stay readable.

mod forms;
mod hours;
mod queue;
mod rules;
mod site;
mod telephony;
mod user;
mod words;

use serde::{Deserialize, Serialize};

pub use forms::{Choice, Field, FieldKind, Form, FormKind, ShowIf, fact};
pub use hours::{Holiday, Hours, Span};
pub use queue::{Destination, Overflow, OverflowWhen, Queue, Relax, Relaxed, Required};
pub use rules::{CartAction, Condition, IntentRule, Invitation, InvitationHow, What};
pub use site::{Collected, Entry, Look, Site};
pub use telephony::{DialLimits, Number, Phone, SipTransport, Trunk, TrunkLogin, WaitingSound};
pub use user::{Capacity, InvalidRole, SkillLevel, User, UserRole};
pub use words::Words;

/// The version of the exported file's form.
pub const SETUP_FORMAT: u32 = 1;

/// Everything an administrator can edit: what the exported file holds. Passwords are not part of it.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// [`SETUP_FORMAT`] of the program that wrote this.
    pub format: u32,
    /// Where visitors come from.
    #[serde(default)]
    pub sites: Vec<Site>,
    /// Where interactions wait.
    #[serde(default)]
    pub queues: Vec<Queue>,
    /// Who works here.
    #[serde(default)]
    pub users: Vec<User>,
    /// When queues are open.
    #[serde(default)]
    pub hours: Vec<Hours>,
    /// What journeys tell, in the order of the page: between equals the first wins.
    #[serde(default)]
    pub intents: Vec<IntentRule>,
    /// Forms and menus.
    #[serde(default)]
    pub forms: Vec<Form>,
    /// Whom to invite.
    #[serde(default)]
    pub invitations: Vec<Invitation>,
    /// Desk phones.
    #[serde(default)]
    pub phones: Vec<Phone>,
    /// Connections to the telephone network.
    #[serde(default)]
    pub trunks: Vec<Trunk>,
    /// Numbers that people dial.
    #[serde(default)]
    pub numbers: Vec<Number>,
    /// What may be dialled.
    #[serde(default)]
    pub dialling: DialLimits,
    /// Skills that queues, rules and users name.
    #[serde(default)]
    pub skills: Vec<String>,
    /// Reasons for not being ready.
    #[serde(default)]
    pub reasons: Vec<String>,
    /// What can come of a contact.
    #[serde(default)]
    pub dispositions: Vec<String>,
}
