//! What the browser keeps for the widget over reloads. Where storage is denied, nothing is kept.

use bellwire_proto::id::{InteractionId, MessageId, PeerId};

use super::prompting::Typed;
use crate::{
    json::{self, Write},
    storage::{local, session, set_local, set_session},
};

const TOKEN: &str = "bellwire:token";
const CALL: &str = "bellwire:call";
const UNSENT: &str = "bellwire:unsent";
const TYPED: &str = "bellwire:typed";
const ANEW: &str = "bellwire:anew";
const MUSIC: &str = "bellwire:music";

/// A device that the visitor chose.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Chosen {
    /// The microphone.
    Microphone,
    /// The camera.
    Camera,
    /// The speaker.
    Speaker,
}

impl Chosen {
    fn key(self) -> &'static str {
        match self {
            Self::Microphone => "bellwire:microphone",
            Self::Camera => "bellwire:camera",
            Self::Speaker => "bellwire:speaker",
        }
    }
}

/// The id of the device chosen last.
pub(crate) fn device(kind: Chosen) -> Option<String> {
    local(kind.key())
}

/// Remembers a device.
pub(crate) fn set_device(kind: Chosen, id: &str) {
    set_local(kind.key(), Some(id));
}

/// The session's token, for a panel that was opened without a site's page around it.
pub(crate) fn token() -> Option<String> {
    local(TOKEN)
}

/// Remembers the session's token, or forgets it.
pub(crate) fn set_token(token: Option<&str>) {
    set_local(TOKEN, token);
}

/// The call that this tab carries, so that it can come back after a reload.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct KeptCall {
    /// The call.
    pub(crate) interaction: InteractionId,
    /// The peer connection that carried it.
    pub(crate) peer: PeerId,
    /// The camera was on.
    pub(crate) video: bool,
    /// The microphone was muted.
    pub(crate) muted: bool,
}

impl KeptCall {
    fn to_text(self) -> String {
        let Self {
            interaction,
            peer,
            video,
            muted,
        } = self;
        format!("{interaction} {peer} {video} {muted}")
    }

    fn read(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        Some(Self {
            interaction: words.next()?.parse().ok()?,
            peer: words.next()?.parse().ok()?,
            video: words.next()? == "true",
            muted: words.next()? == "true",
        })
    }
}

/// The call that this tab carried.
pub(crate) fn call() -> Option<KeptCall> {
    KeptCall::read(&session(CALL)?)
}

/// Remembers the call that this tab carries, or that it carries none.
pub(crate) fn set_call(call: Option<KeptCall>) {
    let text = call.map(KeptCall::to_text);
    set_session(CALL, text.as_deref());
}

/// An own chat line that the centre has not stored yet.
pub(crate) type Unsent = (InteractionId, MessageId, String);

/// The chat lines that the centre has not stored yet, oldest first.
pub(crate) fn unsent() -> Vec<Unsent> {
    session(UNSENT)
        .and_then(|text| json::read(&text).ok())
        .unwrap_or_default()
}

/// Remembers the lines that the centre has not stored yet.
pub(crate) fn set_unsent(lines: &Vec<Unsent>) {
    set_list(UNSENT, lines);
}

/// An empty list is nothing to keep.
fn set_list<T: Write>(key: &str, list: &Vec<T>) {
    let text = (!list.is_empty()).then(|| json::write(list));
    set_session(key, text.as_deref());
}

/// What was typed into forms and not sent yet.
pub(crate) fn typed() -> Typed {
    session(TYPED)
        .and_then(|text| json::read(&text).ok())
        .unwrap_or_default()
}

/// Remembers what is typed into forms, for this tab alone and until it is sent.
pub(crate) fn set_typed(typed: &Typed) {
    set_list(TYPED, typed);
}

/// Whether the panel was loaded anew by itself just before, which it does once only.
pub(crate) fn loaded_anew() -> bool {
    session(ANEW).is_some()
}

/// Remembers whether the panel loads itself anew now.
pub(crate) fn set_loaded_anew(anew: bool) {
    set_session(ANEW, anew.then_some("1"));
}

/// Whether the visitor wants music while waiting: yes, unless they said no.
pub(crate) fn wants_music() -> bool {
    local(MUSIC).is_none()
}

/// Remembers whether the visitor wants music.
pub(crate) fn set_wants_music(wants: bool) {
    set_local(MUSIC, (!wants).then_some("off"));
}

#[cfg(test)]
mod tests {
    use bellwire_proto::time::Timestamp;

    use super::*;

    #[test]
    fn a_kept_call_reads_back_what_was_written() {
        let call = KeptCall {
            interaction: InteractionId::new(Timestamp(1), 2),
            peer: PeerId::new(Timestamp(3), 4),
            video: true,
            muted: false,
        };

        assert_eq!(KeptCall::read(&call.to_text()), Some(call));
        assert_eq!(KeptCall::read("int_1 peer_2"), None);
        assert_eq!(KeptCall::read(""), None);
    }
}
