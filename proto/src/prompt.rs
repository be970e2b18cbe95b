//! One question shown to a visitor, to learn what routing still needs.

use serde::{Deserialize, Serialize};

/// One form or menu, in the visitor's language and without what is known already.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Prompt {
    /// Counts the prompts of one interaction: an answer to an older one is refused.
    pub n: u32,
    /// What it asks for.
    pub title: String,
    /// What is asked.
    pub ask: Ask,
    /// The visitor may go on without an answer.
    pub skippable: bool,
    /// Asked before the interaction waits; otherwise it waits meanwhile.
    pub before: bool,
}

/// What is asked.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// Fields to fill in.
    Fields(Vec<AskField>),
    /// One of these: the answer is `menu` with the option's value.
    Menu(Vec<AskOption>),
}

/// The fact name under which a menu's choice is answered.
pub const MENU: &str = "menu";

/// A field as a visitor sees it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AskField {
    /// The fact it supplies, by name.
    pub fact: String,
    /// What it asks.
    pub label: String,
    /// What can be answered.
    pub kind: AskKind,
    /// May not be left empty where it is shown.
    pub required: bool,
    /// Shown only where this fact …
    #[serde(default)]
    pub show_if: String,
    /// … has one of these values; always where `show_if` is empty.
    #[serde(default)]
    pub show_is: Vec<String>,
}

/// What can be answered.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AskKind {
    /// A line of at most so many characters.
    Text(u16),
    /// Several lines of at most so many characters.
    LongText(u16),
    /// One of these.
    Choice(Vec<AskOption>),
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A day, `YYYY-MM-DD`.
    Date,
    /// `yes`, or nothing.
    Consent,
}

/// Something to choose.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AskOption {
    /// The value it stands for.
    pub value: String,
    /// What it says.
    pub label: String,
}

/// A visitor's answer to one field.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Answer {
    /// The field's fact, by name.
    pub fact: String,
    /// What was answered; empty for nothing.
    pub value: String,
}

/// What is wrong with an answer.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct BadAnswer {
    /// The field's fact, by name.
    pub fact: String,
    /// What is wrong.
    pub why: BadAnswerWhy,
}

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BadAnswerWhy {
    /// It is needed.
    Missing,
    /// It is too long.
    TooLong,
    /// It is not an e-mail address.
    NotEmail,
    /// It is not a telephone number.
    NotPhone,
    /// It is not a day.
    NotDate,
    /// It is none of the choices.
    NotOffered,
}

/// A question and its answer, as an agent sees it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Answered {
    /// The fact, by name.
    pub fact: String,
    /// What was asked.
    pub label: String,
    /// What was answered, as the visitor read it.
    pub value: String,
}
