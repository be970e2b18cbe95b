//! Forms and menus: what a visitor may be asked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Destination, SkillLevel, Words};
use crate::id::FormId;

/// Names of facts that routing and agents know. Others may be asked for too: agents see them.
pub mod fact {
    /// What it is about: entries name it.
    pub const TOPIC: &str = "topic";
    /// The language the visitor wants to speak, a BCP 47 primary tag.
    pub const LANGUAGE: &str = "language";
    /// The product it is about.
    pub const PRODUCT: &str = "product";
    /// Who it is.
    pub const NAME: &str = "name";
    /// Where to write to.
    pub const EMAIL: &str = "email";
    /// Where to call.
    pub const PHONE: &str = "phone";
}

/// A form or menu.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Its id.
    pub id: FormId,
    /// Its name, as administrators see it.
    pub name: String,
    /// What it asks for, as visitors read it.
    pub title: Words,
    /// What it is.
    pub kind: FormKind,
}

/// A form with fields, or a menu that leads on.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FormKind {
    /// Fields to fill in. Those whose fact is known already are left out.
    Fields(Vec<Field>),
    /// One choice, which may supply the fact of this name and may lead on.
    Menu {
        /// The fact a choice supplies, by name.
        fact: String,
        /// What can be chosen.
        choices: Vec<Choice>,
    },
}

/// A field.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The fact it supplies, by name (see [`fact`]); unique in its form.
    pub fact: String,
    /// What it asks.
    pub label: Words,
    /// What can be answered.
    pub kind: FieldKind,
    /// May not be left empty where it is shown.
    #[serde(default)]
    pub required: bool,
    /// Shown only so.
    #[serde(default)]
    pub show_if: Option<ShowIf>,
}

/// What can be answered.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// A line of text, of at most so many characters.
    Text(u16),
    /// Several lines of text, of at most so many characters.
    LongText(u16),
    /// One of these. Their destinations are of no effect here: only a menu leads on.
    Choice(Vec<Choice>),
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A day, `YYYY-MM-DD`.
    Date,
    /// Yes, or no.
    Consent,
}

/// One thing to choose.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The value it stands for.
    pub value: String,
    /// What it says.
    pub label: Words,
    /// Skills it needs of an agent.
    #[serde(default)]
    pub skills: BTreeMap<String, SkillLevel>,
    /// Where it leads, in a menu; where there is none, the menu's fact is known and routing goes on.
    #[serde(default)]
    pub to: Option<Destination>,
}

/// A field is shown only where an earlier one has one of these values.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ShowIf {
    /// The other field's fact.
    pub fact: String,
    /// Its values; `yes` for consent given.
    pub is: Vec<String>,
}
