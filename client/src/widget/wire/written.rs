//! What the panel says, written as `serde` would write it.

use bellwire_proto::{
    id::{InteractionId, InvitationId, MessageId, PeerId, TabId},
    interaction::{Medium, Page, Seen},
    journey::{JourneyEvent, JourneyKind, SentField},
    prompt::Answer,
    rtc::{Sending, Signal, Step},
    setup::{CartAction, InvitationHow},
    time::Timestamp,
    visitor::{
        CentreView, InvitationAct, InvitationView, LeftMessage, Start, VisitorCommand, Wait,
    },
    wire::{Hello, Pass, Up},
};

use crate::json::{Entries, Write};

/// `{"name": value}`.
fn variant(name: &str, value: &dyn Write, out: &mut String) {
    let one: Entries<'_> = &[(name, value)];
    one.write(out);
}

/// `{"name": {…}}`.
fn fields(name: &str, fields: Entries<'_>, out: &mut String) {
    variant(name, &fields, out);
}

macro_rules! structures {
    ($($name:ident { $($field:ident)* })*) => {$(
        impl Write for $name {
            fn write(&self, out: &mut String) {
                let fields: Entries<'_> = &[$((stringify!($field), &self.$field),)*];
                fields.write(out);
            }
        }
    )*};
}

structures! {
    Answer { fact value }
    CentreView { topic open opens call_agents chat_agents waiting call_wait chat_wait }
    Hello { version tab pass seen }
    InvitationView { invitation how text accept }
    JourneyEvent { n at kind }
    LeftMessage { interaction message text name reply_to }
    Page { url title referrer language }
    Seen { interaction seq }
    Sending { audio video }
    SentField { name value }
    Signal { from to step }
    Start { interaction medium video peer }
    Wait { from_s to_s }
}

macro_rules! ids {
    ($($name:ident)*) => {$(
        impl Write for $name {
            fn write(&self, out: &mut String) {
                self.to_string().write(out);
            }
        }
    )*};
}

ids! { InteractionId InvitationId MessageId PeerId TabId }

impl Write for Timestamp {
    fn write(&self, out: &mut String) {
        self.0.write(out);
    }
}

impl Write for Medium {
    fn write(&self, out: &mut String) {
        let name = match self {
            Self::Call => "call",
            Self::Chat => "chat",
        };
        name.write(out);
    }
}

impl Write for InvitationAct {
    fn write(&self, out: &mut String) {
        let name = match self {
            Self::Shown => "shown",
            Self::Accepted => "accepted",
            Self::Dismissed => "dismissed",
            Self::Ignored => "ignored",
        };
        name.write(out);
    }
}

impl Write for CartAction {
    fn write(&self, out: &mut String) {
        let name = match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Viewed => "viewed",
            Self::CheckedOut => "checked_out",
            Self::Bought => "bought",
        };
        name.write(out);
    }
}

impl Write for InvitationHow {
    fn write(&self, out: &mut String) {
        match self {
            Self::Contact(medium) => variant("contact", medium, out),
            Self::Line => "line".write(out),
        }
    }
}

impl Write for Pass {
    fn write(&self, out: &mut String) {
        match self {
            Self::Visitor {
                site,
                token,
                visits,
                quiet,
            } => fields(
                "visitor",
                &[
                    ("site", &site.0),
                    ("token", token),
                    ("visits", visits),
                    ("quiet", quiet),
                ],
                out,
            ),
            Self::Agent { ticket } => fields("agent", &[("ticket", ticket)], out),
        }
    }
}

impl Write for Step {
    fn write(&self, out: &mut String) {
        match self {
            Self::Offer { sdp } => fields("offer", &[("sdp", sdp)], out),
            Self::Answer { sdp } => fields("answer", &[("sdp", sdp)], out),
            Self::Candidate {
                candidate,
                mid,
                line,
            } => fields(
                "candidate",
                &[("candidate", candidate), ("mid", mid), ("line", line)],
                out,
            ),
            Self::Sending(sending) => variant("sending", sending, out),
        }
    }
}

impl Write for JourneyKind {
    fn write(&self, out: &mut String) {
        let (name, parts): (_, Entries<'_>) = match self {
            Self::Viewed {
                url,
                title,
                referrer,
                language,
                categories,
            } => {
                let parts: Entries<'_> = &[
                    ("url", url),
                    ("title", title),
                    ("referrer", referrer),
                    ("language", language),
                    ("categories", categories),
                ];
                return fields("viewed", parts, out);
            }
            Self::Left { url, dwell_ms } => ("left", &[("url", url), ("dwell_ms", dwell_ms)]),
            Self::Scrolled { url, percent } => ("scrolled", &[("url", url), ("percent", percent)]),
            Self::Searched { text } => ("searched", &[("text", text)]),
            Self::Submitted { form, fields } => {
                ("submitted", &[("form", form), ("fields", fields)])
            }
            Self::Cart {
                action,
                item,
                quantity,
                worth,
            } => {
                let parts: Entries<'_> = &[
                    ("action", action),
                    ("item", item),
                    ("quantity", quantity),
                    ("worth", worth),
                ];
                return fields("cart", parts, out);
            }
            Self::Clicked { mark } => ("clicked", &[("mark", mark)]),
            Self::Custom { name, data } => ("custom", &[("name", name), ("data", data)]),
        };
        fields(name, parts, out);
    }
}

impl Write for VisitorCommand {
    fn write(&self, out: &mut String) {
        let (name, parts): (_, Entries<'_>) = match self {
            Self::Start(start) => return variant("start", start, out),
            Self::Looks(page) => return variant("looks", page, out),
            Self::Message(message) => return variant("message", message, out),
            Self::Attach { interaction, peer } => {
                ("attach", &[("interaction", interaction), ("peer", peer)])
            }
            Self::Leave { interaction } => ("leave", &[("interaction", interaction)]),
            Self::Say {
                interaction,
                message,
                text,
            } => (
                "say",
                &[
                    ("interaction", interaction),
                    ("message", message),
                    ("text", text),
                ],
            ),
            Self::Typing { interaction } => ("typing", &[("interaction", interaction)]),
            Self::Read { interaction, seq } => {
                ("read", &[("interaction", interaction), ("seq", seq)])
            }
            Self::Journey { events } => ("journey", &[("events", events)]),
            Self::Named { name } => ("named", &[("name", name)]),
            Self::Answer {
                interaction,
                n,
                answers,
            } => (
                "answer",
                &[("interaction", interaction), ("n", n), ("answers", answers)],
            ),
            Self::Skip { interaction, n } => ("skip", &[("interaction", interaction), ("n", n)]),
            Self::Switch {
                interaction,
                medium,
            } => (
                "switch",
                &[("interaction", interaction), ("medium", medium)],
            ),
            Self::Invitation { invitation, act } => {
                ("invitation", &[("invitation", invitation), ("act", act)])
            }
            Self::Monitoring { on } => ("monitoring", &[("on", on)]),
            Self::Digits {
                interaction,
                digits,
            } => (
                "digits",
                &[("interaction", interaction), ("digits", digits)],
            ),
        };
        fields(name, parts, out);
    }
}

impl Write for Up<VisitorCommand> {
    fn write(&self, out: &mut String) {
        match self {
            Self::Hello(hello) => variant("hello", hello, out),
            Self::Do { n, command } => fields("do", &[("n", n), ("command", command)], out),
            Self::Relay {
                interaction,
                signal,
            } => fields(
                "relay",
                &[("interaction", interaction), ("signal", signal)],
                out,
            ),
            Self::Ice => "ice".write(out),
            Self::Ping => "ping".write(out),
        }
    }
}
