//! The sound of a ring, made by the browser: no file to load, and silent at once.

use bellwire_proto::interaction::Medium;
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AudioContext, AudioContextState, GainNode, OscillatorNode};

/// How loud, of 1: clear over a headset, not startling.
const LOUDNESS: f32 = 0.12;

/// The time a stroke takes to swell and to fade, so that it does not crack.
const EDGE_S: f64 = 0.02;

/// One sound: two pitches together, from when to when, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stroke {
    from: f64,
    to: f64,
}

/// What sounds now.
#[derive(Debug)]
struct Sounding {
    tones: Vec<OscillatorNode>,
    gain: GainNode,
}

impl Drop for Sounding {
    fn drop(&mut self) {
        // Disconnected first: what is already on its way to the speaker must not be heard.
        _ = self.gain.disconnect();
        for tone in &self.tones {
            _ = tone.stop();
        }
    }
}

/// A bell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bell {
    context: StoredValue<Option<AudioContext>, LocalStorage>,
    ringing: StoredValue<Option<Sounding>, LocalStorage>,
    ticking: StoredValue<Option<Sounding>, LocalStorage>,
    blocked: RwSignal<bool>,
}

impl Bell {
    /// A silent bell. `blocked` is true while the browser keeps it from being heard.
    pub(super) fn new(blocked: RwSignal<bool>) -> Self {
        Self {
            context: StoredValue::new_local(None),
            ringing: StoredValue::new_local(None),
            ticking: StoredValue::new_local(None),
            blocked,
        }
    }

    /// Rings for at most `ring_ms`.
    pub(super) fn ring(self, medium: Medium, ring_ms: u64) {
        let pitches = match medium {
            Medium::Call => [440.0, 480.0],
            Medium::Chat => [660.0, 880.0],
        };
        let Some(context) = self.open() else { return };
        self.ringing
            .set_value(play(&context, pitches, &strokes(medium, ring_ms)).ok());
        if context.state() == AudioContextState::Suspended {
            self.blocked.set(true);
            self.wake();
        }
    }

    /// A short sign that a line came. It is not made up for later where it cannot sound now.
    pub(super) fn tick(self) {
        let context = self
            .open()
            .filter(|it| it.state() == AudioContextState::Running);
        let Some(context) = context else { return };
        let stroke = Stroke {
            from: 0.0,
            to: 0.08,
        };
        self.ticking
            .set_value(play(&context, [880.0, 1_320.0], &[stroke]).ok());
    }

    /// Silence, at once.
    pub(super) fn hush(self) {
        self.ringing.set_value(None);
        self.blocked.set(false);
    }

    /// The agent touched the page, so the browser lets it sound from now on.
    pub(super) fn wake(self) {
        let Some(context) = self.open() else { return };
        if context.state() != AudioContextState::Suspended {
            return;
        }
        let Ok(resuming) = context.resume() else {
            return;
        };
        spawn_local(async move {
            if JsFuture::from(resuming).await.is_ok() {
                self.blocked.set(false);
            }
        });
    }

    fn open(self) -> Option<AudioContext> {
        if let Some(context) = self.context.get_value() {
            return Some(context);
        }
        // A computer without any sound device still shows the offer and its notification.
        let context = AudioContext::new().ok()?;
        self.context.set_value(Some(context.clone()));
        Some(context)
    }
}

/// Plans all strokes ahead: a page in the background has slow timers, a plan keeps its rhythm.
fn play(
    context: &AudioContext,
    pitches: [f32; 2],
    strokes: &[Stroke],
) -> Result<Sounding, JsValue> {
    let start = context.current_time() + 0.05;
    let gain = context.create_gain()?;
    let level = gain.gain();
    level.set_value_at_time(0.0, start)?;
    for stroke in strokes {
        let (from, to) = (start + stroke.from, start + stroke.to);
        level.set_value_at_time(0.0, from)?;
        level.linear_ramp_to_value_at_time(LOUDNESS, from + EDGE_S)?;
        level.set_value_at_time(LOUDNESS, to - EDGE_S)?;
        level.linear_ramp_to_value_at_time(0.0, to)?;
    }
    gain.connect_with_audio_node(&context.destination())?;
    let end = start + strokes.last().map_or(0.0, |stroke| stroke.to) + 0.1;
    let mut tones = vec![];
    for pitch in pitches {
        let tone = context.create_oscillator()?;
        tone.frequency().set_value(pitch);
        tone.connect_with_audio_node(&gain)?;
        tone.start()?;
        tone.stop_with_when(end)?;
        tones.push(tone);
    }
    Ok(Sounding { tones, gain })
}

/// When it sounds within `ring_ms`: a call like a telephone, a chat twice and shortly.
fn strokes(medium: Medium, ring_ms: u64) -> Vec<Stroke> {
    let pattern: &[(u64, u64)] = match medium {
        Medium::Call => &[(0, 1_000)],
        Medium::Chat => &[(0, 120), (200, 320)],
    };
    let seconds = |ms: u64| std::time::Duration::from_millis(ms).as_secs_f64();
    // A minute of ringing is enough even where a centre lets its desks ring longer.
    (0..ring_ms.min(60_000))
        .step_by(3_000)
        .flat_map(|round| {
            pattern
                .iter()
                .map(move |(from, to)| (round + from, round + to))
        })
        .filter(|(_, to)| *to <= ring_ms)
        .map(|(from, to)| Stroke {
            from: seconds(from),
            to: seconds(to),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_rings_one_second_in_three_and_never_past_its_time() {
        let strokes = strokes(Medium::Call, 6_500);

        assert_eq!(
            strokes,
            [Stroke { from: 0.0, to: 1.0 }, Stroke { from: 3.0, to: 4.0 }]
        );
    }

    #[test]
    fn a_chat_rings_twice_shortly() {
        assert_eq!(strokes(Medium::Chat, 2_000).len(), 2);
    }
}
