//! What a caller hears on hold: a slow chord progression, made here note by note.
//!
//! The loop is computed once and played from memory, so a throttled background tab cannot make
//! it stumble.

use wasm_bindgen::JsCast;
use web_sys::{AudioBufferSourceNode, AudioContext, MediaStreamTrack};

/// Music on hold, as a track to send. Dropped, it stops.
#[derive(Debug)]
pub(super) struct Music {
    context: AudioContext,
    source: AudioBufferSourceNode,
    track: MediaStreamTrack,
}

impl Music {
    /// Starts the music; `None` where the browser cannot make sound.
    pub(super) fn start() -> Option<Self> {
        let context = AudioContext::new().ok()?;
        let samples = compose();
        let length = u32::try_from(samples.len()).ok()?;
        let buffer = context.create_buffer(1, length, RATE).ok()?;
        buffer.copy_to_channel(&samples, 0).ok()?;
        let source = context.create_buffer_source().ok()?;
        source.set_buffer(Some(&buffer));
        source.set_loop(true);
        let output = context.create_media_stream_destination().ok()?;
        source.connect_with_audio_node(&output).ok()?;
        source.start().ok()?;
        let _waits_for_a_click_at_worst = context.resume();
        let track = output.stream().get_audio_tracks().get(0).dyn_into().ok()?;
        Some(Self {
            context,
            source,
            track,
        })
    }

    pub(super) fn track(&self) -> &MediaStreamTrack {
        &self.track
    }
}

impl Drop for Music {
    fn drop(&mut self) {
        self.source.set_buffer(None);
        self.track.stop();
        let _was_closed_already = self.context.close();
    }
}

/// Samples in a second; telephone-like sound needs no more.
const RATE: f32 = 24_000.0;

/// Seconds from note to note.
const BEAT: f32 = 0.5;

/// Seconds until a note has faded to a third.
const FADE: f32 = 0.9;

/// Four bars of four notes each, in hertz: C, A minor, F, G, broken upwards and back.
const NOTES: [[f32; 4]; 4] = [
    [261.63, 329.63, 392.00, 329.63],
    [220.00, 261.63, 329.63, 261.63],
    [174.61, 220.00, 261.63, 220.00],
    [196.00, 246.94, 293.66, 246.94],
];

/// One round of the loop. Notes that still sound at its end go on at its start.
fn compose() -> Vec<f32> {
    let step = (BEAT * RATE) as usize;
    let mut samples = vec![0.0; step * NOTES.as_flattened().len()];
    for (bar, notes) in NOTES.iter().enumerate() {
        // A low note under each bar, then the bar's own.
        play(&mut samples, bar * 4 * step, notes[0] / 2.0, 0.10);
        for (beat, note) in notes.iter().enumerate() {
            play(&mut samples, (bar * 4 + beat) * step, *note, 0.08);
            play(&mut samples, (bar * 4 + beat) * step, *note * 2.0, 0.02);
        }
    }
    samples
}

/// Adds one softly struck note from `start` on, around the end of the loop if need be.
fn play(samples: &mut [f32], start: usize, hertz: f32, loud: f32) {
    let attack = RATE * 0.03;
    let length = (FADE * RATE * 5.0) as usize;
    let decay = 1.0 - 1.0 / (FADE * RATE);
    // A sine by recurrence: each sample from the two before it.
    let angle = std::f32::consts::TAU * hertz / RATE;
    let twice_cosine = 2.0 * cosine(angle);
    let (mut before, mut now) = (-sine(angle), 0.0_f32);
    let mut strength = loud;
    for n in 0..length {
        let rise = (n as f32 / attack).min(1.0);
        // The last tenth fades to nothing, so that no note ends with a click.
        let fall = ((length - n) as f32 / (length as f32 * 0.1)).min(1.0);
        let at = (start + n) % samples.len();
        samples[at] += now * strength * rise * fall;
        strength *= decay;
        (before, now) = (now, twice_cosine * now - before);
    }
}

/// Good for the small angles of one sample step, without a table of its own.
fn cosine(angle: f32) -> f32 {
    let square = angle * angle;
    1.0 - square / 2.0 * (1.0 - square / 12.0 * (1.0 - square / 30.0))
}

fn sine(angle: f32) -> f32 {
    let square = angle * angle;
    angle * (1.0 - square / 6.0 * (1.0 - square / 20.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn energy(samples: &[f32]) -> f32 {
        let sum: f32 = samples.iter().map(|sample| sample * sample).sum();
        (sum / samples.len() as f32).sqrt()
    }

    #[test]
    fn the_loop_lasts_eight_seconds_and_never_clips() {
        let samples = compose();

        assert_eq!(samples.len(), (RATE * 8.0) as usize);
        assert!(samples.iter().all(|sample| sample.abs() < 0.9));
    }

    #[test]
    fn no_second_of_it_is_silent() {
        let samples = compose();

        for second in samples.chunks(RATE as usize) {
            assert!(energy(second) > 0.02, "{}", energy(second));
        }
    }

    #[test]
    fn it_repeats_without_a_click() {
        let samples = compose();
        let largest = |pairs: &[f32]| {
            let steps = pairs.windows(2).map(|pair| (pair[1] - pair[0]).abs());
            steps.fold(0.0, f32::max)
        };

        let seam = (samples[0] - samples[samples.len() - 1]).abs();

        assert!(seam <= largest(&samples), "{seam}");
    }
}
