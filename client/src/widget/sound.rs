//! The soft ringing tone while an agent's desk rings.

use gloo_timers::callback::Interval;
use web_sys::{AudioContext, AudioParam, OscillatorNode};

/// One second of tone, four of silence, at 425 Hz: the ringing tone of most of the world.
///
/// Source: ETSI TR 101 041, ITU-T E.180 §5.
const PITCH_HZ: f32 = 425.0;
const EVERY_MS: u32 = 5_000;
const LOUDNESS: f32 = 0.04;

/// The tone; dropped, it stops.
pub(crate) struct Tone {
    context: AudioContext,
    _repeat: Interval,
}

impl Tone {
    /// Starts the tone. `None` where the browser plays no sound; the screen says it all, too.
    pub(crate) fn start() -> Option<Self> {
        let context = AudioContext::new().ok()?;
        let gain = context.create_gain().ok()?;
        gain.connect_with_audio_node(&context.destination()).ok()?;
        let oscillator: OscillatorNode = context.create_oscillator().ok()?;
        oscillator.frequency().set_value(PITCH_HZ);
        oscillator.connect_with_audio_node(&gain).ok()?;
        let loudness = gain.gain();
        loudness.set_value(0.0);
        oscillator.start().ok()?;
        let burst = {
            let context = context.clone();
            move || {
                let _silent_where_it_cannot = sound_once(&loudness, context.current_time());
            }
        };
        burst();
        Some(Self {
            context,
            _repeat: Interval::new(EVERY_MS, burst),
        })
    }
}

impl Drop for Tone {
    fn drop(&mut self) {
        // Closed already is closed.
        let _ = self.context.close();
    }
}

/// Fades in and out, so that the tone does not click.
fn sound_once(loudness: &AudioParam, now: f64) -> Option<()> {
    loudness.set_value_at_time(0.0, now).ok()?;
    loudness
        .linear_ramp_to_value_at_time(LOUDNESS, now + 0.1)
        .ok()?;
    loudness.set_value_at_time(LOUDNESS, now + 0.9).ok()?;
    loudness.linear_ramp_to_value_at_time(0.0, now + 1.0).ok()?;
    Some(())
}
