//! How what the centre and the page around say is read; in `written`, how they are answered.
//!
//! One line for each type, beside what `serde` reads and writes for the same types: the tests hold
//! both against each other.

use bellwire_proto::{
    id::{ConnectionId, InteractionId, InvitationId, MessageId, PeerId},
    interaction::{ChatMessage, ChatPart, EndCause, Medium, ReadMarks, Role},
    prompt::{Ask, AskField, AskKind, AskOption, BadAnswer, BadAnswerWhy, Prompt},
    rtc::{IceServer, Sending, Signal, Step},
    setup::{Collected, InvitationHow},
    time::Timestamp,
    visitor::{
        AgentCard, CentreView, InteractionView, InvitationView, SessionView, VisitorCommand,
        VisitorEvent, VisitorRefusal, VisitorStage, Wait,
    },
    wire::{Bye, ByeReason, Down, Welcome},
};

use crate::{
    json::{self, Json, Read, field, field_or_none},
    link::Frames,
};

mod journey;
mod written;

/// How the frames between the panel and the centre are read and written.
pub(super) fn frames() -> Frames<VisitorCommand, VisitorEvent> {
    Frames {
        read: frame,
        write: |frame| Some(json::write(frame)),
    }
}

fn frame(text: &str) -> Option<Down<VisitorEvent>> {
    json::read(text).ok()
}

/// Structures: what must be there, then what may be left out.
macro_rules! structures {
    ($($name:ident { $($field:ident)* ; $($optional:ident)* })*) => {$(
        impl Read for $name {
            fn read(json: &Json, good: &mut bool) -> Self {
                Self {
                    $($field: field(json, stringify!($field), good),)*
                    $($optional: field_or_none(json, stringify!($optional), good),)*
                }
            }
        }
    )*};
}
use structures;

/// Enums without values.
macro_rules! words {
    ($($name:ident { $first:ident $($word:literal $variant:ident)* })*) => {$(
        impl Read for $name {
            fn read(json: &Json, good: &mut bool) -> Self {
                match json.text() {
                    $($word => Self::$variant,)*
                    _ => {
                        *good = false;
                        Self::$first
                    }
                }
            }
        }
    )*};
}
use words;

macro_rules! ids {
    ($($name:ident)*) => {$(
        impl Read for $name {
            fn read(json: &Json, good: &mut bool) -> Self {
                let id = json.text().parse();
                *good &= id.is_ok();
                id.unwrap_or(Self::new(Timestamp(0), 0))
            }
        }
    )*};
}

ids! { ConnectionId InteractionId InvitationId MessageId PeerId }

structures! {
    AgentCard { name; }
    AskField { fact label kind required; show_if show_is }
    AskOption { value label; }
    BadAnswer { fact why; }
    Bye { reason; retry_in_ms }
    CentreView { open call_agents chat_agents waiting; topic opens call_wait chat_wait }
    ChatMessage { seq id from text at; name }
    ChatPart { messages complete read; }
    IceServer { urls; username credential }
    InteractionView { interaction medium video stage chat; prompt left_message }
    InvitationView { invitation how text; accept }
    Prompt { n title ask skippable before; }
    ReadMarks { customer agent; }
    Sending { audio video; }
    SessionView { centre interactions monitored; name collects keep_days invited }
    Signal { from step; to }
    Wait { from_s to_s; }
    Welcome { connection now; token }
}

words! {
    BadAnswerWhy {
        Missing
        "missing" Missing
        "too_long" TooLong
        "not_email" NotEmail
        "not_phone" NotPhone
        "not_date" NotDate
        "not_offered" NotOffered
    }
    ByeReason {
        Restart
        "restart" Restart
        "too_slow" TooSlow
        "too_fast" TooFast
        "replaced" Replaced
        "not_welcome" NotWelcome
        "unknown_site" UnknownSite
        "unreadable" Unreadable
        "other_version" OtherVersion
    }
    Collected {
        Referrer
        "referrer" Referrer
        "dwell" Dwell
        "scroll" Scroll
        "clicks" Clicks
        "searches" Searches
        "forms" Forms
        "cart" Cart
        "custom" Custom
        "visits" Visits
    }
    EndCause {
        HungUp
        "hung_up" HungUp
        "abandoned" Abandoned
        "no_answer" NoAnswer
        "declined" Declined
        "vanished" Vanished
        "directed" Directed
    }
    Medium {
        Call
        "call" Call
        "chat" Chat
    }
    Role {
        Customer
        "customer" Customer
        "agent" Agent
    }
    VisitorRefusal {
        NoSuchInteraction
        "no_such_interaction" NoSuchInteraction
        "already_in_one" AlreadyInOne
        "bad_text" BadText
        "not_offered" NotOffered
        "too_fast" TooFast
        "closed" Closed
        "full" Full
        "not_asked" NotAsked
    }
}

impl Read for Timestamp {
    fn read(json: &Json, good: &mut bool) -> Self {
        Self(u64::read(json, good))
    }
}

impl Read for InvitationHow {
    fn read(json: &Json, good: &mut bool) -> Self {
        match json.variant() {
            ("contact", medium) => Self::Contact(Read::read(medium, good)),
            (name, _) => {
                *good &= name == "line";
                Self::Line
            }
        }
    }
}

impl Read for Ask {
    fn read(json: &Json, good: &mut bool) -> Self {
        match json.variant() {
            ("fields", fields) => Self::Fields(Read::read(fields, good)),
            (name, options) => {
                *good &= name == "menu";
                Self::Menu(Read::read(options, good))
            }
        }
    }
}

impl Read for AskKind {
    fn read(json: &Json, good: &mut bool) -> Self {
        match json.variant() {
            ("text", most) => Self::Text(Read::read(most, good)),
            ("long_text", most) => Self::LongText(Read::read(most, good)),
            ("choice", options) => Self::Choice(Read::read(options, good)),
            ("email", _) => Self::Email,
            ("phone", _) => Self::Phone,
            ("date", _) => Self::Date,
            (name, _) => {
                *good &= name == "consent";
                Self::Consent
            }
        }
    }
}

impl Read for Step {
    fn read(json: &Json, good: &mut bool) -> Self {
        let (name, said) = json.variant();
        match name {
            "offer" => Self::Offer {
                sdp: field(said, "sdp", good),
            },
            "answer" => Self::Answer {
                sdp: field(said, "sdp", good),
            },
            "candidate" => Self::Candidate {
                candidate: field(said, "candidate", good),
                mid: field(said, "mid", good),
                line: field(said, "line", good),
            },
            name => {
                *good &= name == "sending";
                Self::Sending(Read::read(said, good))
            }
        }
    }
}

impl Read for VisitorStage {
    fn read(json: &Json, good: &mut bool) -> Self {
        let (name, is) = json.variant();
        match name {
            "asked" => Self::Asked,
            "waiting" => Self::Waiting {
                position: field(is, "position", good),
                ringing: field(is, "ringing", good),
                wait: field(is, "wait", good),
            },
            "connected" => Self::Connected {
                agent: field(is, "agent", good),
                peer: field(is, "peer", good),
                own: field(is, "own", good),
                held: field(is, "held", good),
                reachable: field(is, "reachable", good),
                since: field(is, "since", good),
            },
            name => {
                *good &= name == "ended";
                Self::Ended {
                    cause: field(is, "cause", good),
                    by: field(is, "by", good),
                    at: field(is, "at", good),
                }
            }
        }
    }
}

impl Read for VisitorEvent {
    fn read(json: &Json, good: &mut bool) -> Self {
        let (name, told) = json.variant();
        // Of most events the interaction is a part, and no event has another part of that name.
        let interaction = |good: &mut bool| field(told, "interaction", good);
        match name {
            "session" => Self::Session(Read::read(told, good)),
            "centre" => Self::Centre(Read::read(told, good)),
            "invited" => Self::Invited(Read::read(told, good)),
            "uninvited" => Self::Uninvited(Read::read(told, good)),
            "asked" => Self::Asked {
                interaction: interaction(good),
                prompt: field(told, "prompt", good),
            },
            "bad_answers" => Self::BadAnswers {
                interaction: interaction(good),
                bad: field(told, "bad", good),
            },
            "directed" => Self::Directed {
                interaction: interaction(good),
                url: field(told, "url", good),
                label: field(told, "label", good),
                elsewhere: field(told, "elsewhere", good),
            },
            "monitored" => Self::Monitored(Read::read(told, good)),
            "waiting" => Self::Waiting {
                interaction: interaction(good),
                position: field(told, "position", good),
                ringing: field(told, "ringing", good),
                wait: field(told, "wait", good),
            },
            "connected" => Self::Connected {
                interaction: interaction(good),
                agent: field(told, "agent", good),
                peer: field(told, "peer", good),
                at: field(told, "at", good),
            },
            "peer_changed" => Self::PeerChanged {
                interaction: interaction(good),
                peer: field(told, "peer", good),
            },
            "reachable" => Self::Reachable {
                interaction: interaction(good),
                agent: field(told, "agent", good),
            },
            "held" => Self::Held {
                interaction: interaction(good),
                held: field(told, "held", good),
            },
            "digits" => Self::Digits {
                interaction: interaction(good),
                digits: field(told, "digits", good),
            },
            "said" => Self::Said {
                interaction: interaction(good),
                message: field(told, "message", good),
            },
            "typing" => Self::Typing {
                interaction: interaction(good),
            },
            "read" => Self::Read {
                interaction: interaction(good),
                read: field(told, "read", good),
            },
            "ended" => Self::Ended {
                interaction: interaction(good),
                cause: field(told, "cause", good),
                by: field(told, "by", good),
            },
            "elsewhere" => Self::Elsewhere {
                interaction: interaction(good),
            },
            name => {
                *good &= name == "refused";
                Self::Refused {
                    interaction: field(told, "interaction", good),
                    reason: field(told, "reason", good),
                }
            }
        }
    }
}

impl Read for Down<VisitorEvent> {
    fn read(json: &Json, good: &mut bool) -> Self {
        let (name, said) = json.variant();
        match name {
            "welcome" => Self::Welcome(Read::read(said, good)),
            "done" => Self::Done {
                n: field(said, "n", good),
            },
            "tell" => Self::Tell(Read::read(said, good)),
            "relay" => Self::Relay {
                interaction: field(said, "interaction", good),
                signal: field(said, "signal", good),
            },
            "ice" => Self::Ice(Read::read(said, good)),
            "bye" => Self::Bye(Read::read(said, good)),
            name => {
                *good &= name == "pong";
                Self::Pong
            }
        }
    }
}

#[cfg(test)]
mod tests;
