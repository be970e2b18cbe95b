//! Digits as RTP events (RFC 4733): a keypad that sends them, and a receiver that counts each once.

use std::collections::VecDeque;

use anyhow::{Context, Result};

/// The digits by their event numbers (RFC 4733, section 3.2).
const KEYS: &str = "0123456789*#ABCD";

/// Turns of 20 ms that a key is down.
const DOWN: u16 = 5;

/// Turns between two keys.
const APART: u16 = 3;

/// How often the end of a digit is said (RFC 4733, section 2.5.1.4).
const ENDS: u16 = 3;

/// Keys that are being pressed.
#[derive(Debug, Default)]
pub(super) struct Keypad {
    waiting: VecDeque<u8>,
    down: Option<Down>,
    pause: u16,
}

#[derive(Clone, Copy, Debug)]
struct Down {
    event: u8,
    start: u32,
    turns: u16,
}

/// What goes out for a key in one turn.
#[derive(Debug)]
pub(super) struct Event {
    /// The timestamp of its start.
    pub(super) start: u32,
    /// This is its first packet.
    pub(super) first: bool,
    /// The packet's body.
    pub(super) body: [u8; 4],
}

impl Keypad {
    pub(super) fn press(&mut self, key: char) -> Result<()> {
        let event = KEYS.find(key.to_ascii_uppercase());
        let event = event.with_context(|| format!("no key on a telephone: {key}"))?;
        self.waiting.push_back(u8::try_from(event)?);
        Ok(())
    }

    /// One turn of 20 ms at this timestamp.
    pub(super) fn turn(&mut self, timestamp: u32) -> Option<Event> {
        if self.pause > 0 {
            self.pause -= 1;
            return None;
        }
        let down = self.down.or_else(|| {
            let event = self.waiting.pop_front()?;
            Some(Down {
                event,
                start: timestamp,
                turns: 0,
            })
        })?;
        let turns = down.turns + 1;
        let ends = turns > DOWN;
        let duration = turns.min(DOWN) * 160;
        let [high, low] = duration.to_be_bytes();
        self.down = (turns < DOWN + ENDS).then_some(Down { turns, ..down });
        if self.down.is_none() {
            self.pause = APART;
        }
        Some(Event {
            start: down.start,
            first: turns == 1,
            body: [down.event, u8::from(ends) << 7 | 10, high, low],
        })
    }
}

/// Digits that came in.
#[derive(Debug, Default)]
pub(super) struct Receiver {
    digits: String,
    last: Option<u32>,
}

impl Receiver {
    pub(super) fn digits(&self) -> String {
        self.digits.clone()
    }

    /// Takes in an event's packet. A digit is one for each timestamp, however many packets it has.
    pub(super) fn take(&mut self, timestamp: u32, body: &[u8]) {
        let Some(event) = body.first() else { return };
        let digit = KEYS.chars().nth(usize::from(*event));
        let Some(digit) = digit.filter(|_| self.last != Some(timestamp)) else {
            return;
        };
        self.last = Some(timestamp);
        self.digits.push(digit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_arrive_once_each_and_in_order() {
        let (mut keypad, mut receiver) = (Keypad::default(), Receiver::default());
        "11#".chars().for_each(|key| keypad.press(key).unwrap());

        let mut ends = 0;
        for turn in 0..40 {
            if let Some(event) = keypad.turn(turn * 160) {
                ends += u32::from(event.body[1] >> 7);
                receiver.take(event.start, &event.body);
            }
        }

        assert_eq!(receiver.digits(), "11#");
        assert_eq!(ends, 9);
    }
}
