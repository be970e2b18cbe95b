//! What a page's frame says.
//!
//! A signal is looked at only as far as to know whose it is. It has the same form on its way up
//! and on its way down, so it is passed on as it came.

use bellwire_proto::{id::InteractionId, wire::Up};
use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_json::value::RawValue;

/// A frame of a page that has been let in.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Said<C> {
    /// A command and its number.
    Do(u64, C),
    /// A signal for the other page in this call.
    Signal(InteractionId),
    /// Asks for STUN and TURN servers.
    Ice,
    /// Asks for a sign of life.
    Ping,
    /// Something that this server does not know, with its number where it has one.
    Unknown(Option<u64>),
    /// Not JSON.
    Garbage,
}

pub(super) fn said<C: DeserializeOwned>(text: &str) -> Said<C> {
    match serde_json::from_str::<Up<C, &RawValue>>(text) {
        Ok(Up::Do { n, command }) => Said::Do(n, command),
        Ok(Up::Relay { interaction, .. }) => Said::Signal(interaction),
        Ok(Up::Ice) => Said::Ice,
        Ok(Up::Ping) => Said::Ping,
        Ok(Up::Hello(_)) => Said::Unknown(None),
        Err(error) if error.is_data() => match serde_json::from_str(text) {
            Ok(Numbered::Do { n }) => Said::Unknown(Some(n)),
            Err(_) => Said::Unknown(None),
        },
        Err(_) => Said::Garbage,
    }
}

/// A command of which only the number is understood.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Numbered {
    Do { n: u64 },
}

/// The version in a hello that cannot be read otherwise: another version may look otherwise.
pub(super) fn version(text: &str) -> Option<u16> {
    #[derive(Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum First {
        Hello { version: u16 },
    }

    match serde_json::from_str(text) {
        Ok(First::Hello { version }) => Some(version),
        Err(_) => None,
    }
}

/// The hello in a page's first frame.
pub(super) fn hello(text: &str) -> Option<bellwire_proto::wire::Hello> {
    match serde_json::from_str::<Up<IgnoredAny, IgnoredAny>>(text) {
        Ok(Up::Hello(hello)) => Some(hello),
        Ok(Up::Do { .. } | Up::Relay { .. } | Up::Ice | Up::Ping) | Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use bellwire_proto::{
        id::PeerId,
        rtc::{Sending, Signal, Step},
        time::Timestamp,
        visitor::{VisitorCommand, VisitorEvent},
        wire::Down,
    };

    use super::*;

    #[test]
    fn a_signal_looks_the_same_on_its_way_up_and_down() {
        let interaction = InteractionId::new(Timestamp(7), 7);
        let signal = Signal {
            from: PeerId::new(Timestamp(1), 1),
            to: None,
            step: Step::Sending(Sending::default()),
        };
        let up: Up<VisitorCommand> = Up::Relay {
            interaction,
            signal: signal.clone(),
        };
        let down: Down<VisitorEvent> = Down::Relay {
            interaction,
            signal,
        };

        let (up, down) = (serde_json::to_string(&up), serde_json::to_string(&down));

        let text = up.expect("a frame is plain JSON");
        assert_eq!(text, down.expect("a frame is plain JSON"));
        assert_eq!(said::<VisitorCommand>(&text), Said::Signal(interaction));
    }

    #[test]
    fn an_unknown_command_keeps_its_number() {
        let frames = [
            (r#"{"do":{"n":7,"command":{"dance":{}}}}"#, Some(7)),
            (r#"{"do":{"n":8,"command":{"say":{"text":5}}}}"#, Some(8)),
            (r#"{"sing":{}}"#, None),
            (r#""yawn""#, None),
        ];
        for (frame, n) in frames {
            assert_eq!(said::<VisitorCommand>(frame), Said::Unknown(n), "{frame}");
        }
    }

    #[test]
    fn what_is_not_json_is_garbage() {
        for frame in ["", "{", "hello", r#"{"relay":{"interaction":"#, "\u{0}"] {
            assert_eq!(said::<VisitorCommand>(frame), Said::Garbage, "{frame}");
        }
    }

    #[test]
    fn the_version_of_a_stranger_hello_is_still_read() {
        let frame = r#"{"hello":{"version":9,"who":"a page of the future"}}"#;

        assert_eq!(hello(frame), None);
        assert_eq!(version(frame), Some(9));
    }
}
