//! How loud a microphone is.

use wasm_bindgen::JsCast;
use web_sys::{AnalyserNode, AudioContext, AudioContextState, MediaStream, MediaStreamTrack};

/// Listens to the sound of a stream, and plays none of it. Dropped, it stops.
#[derive(Debug)]
pub struct Meter {
    context: AudioContext,
    analyser: AnalyserNode,
    track: MediaStreamTrack,
}

impl Meter {
    /// A meter for the stream's microphone; `None` where it has none, or where the browser
    /// cannot measure.
    ///
    /// Made anew after the microphone was changed.
    #[must_use]
    pub fn new(stream: &MediaStream) -> Option<Self> {
        let track = stream.get_audio_tracks().iter().next()?;
        let context = AudioContext::new().ok()?;
        let analyser = context.create_analyser().ok()?;
        analyser.set_fft_size(WINDOW);
        let source = context.create_media_stream_source(stream).ok()?;
        source.connect_with_audio_node(&analyser).ok()?;
        Some(Self {
            context,
            analyser,
            track: track.unchecked_into(),
        })
    }

    /// How loud it is now, 0 to 1, on a scale that suits the ear. Muted is 0.
    #[must_use]
    pub fn level(&self) -> f32 {
        if self.context.state() == AudioContextState::Suspended {
            // Browsers keep sound waiting until the page was clicked.
            let _tried_again_with_the_next_reading = self.context.resume();
        }
        if !self.track.enabled() {
            return 0.0;
        }
        let mut samples = [0.0; WINDOW as usize];
        self.analyser.get_float_time_domain_data(&mut samples);
        loudness(&samples)
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        let _was_closed_already = self.context.close();
    }
}

const WINDOW: u32 = 1024;

/// 0 for silence, 1 for shouting: the square root of the mean amplitude, spread so that
/// quiet speech still moves the bar.
fn loudness(samples: &[f32]) -> f32 {
    let energy: f32 = samples.iter().map(|sample| sample * sample).sum();
    let mean = (energy / samples.len().max(1) as f32).sqrt();
    (mean * 4.0).sqrt().min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loudness_goes_from_silence_to_full_and_shows_quiet_speech() {
        assert_eq!(loudness(&[0.0; 8]), 0.0);
        assert_eq!(loudness(&[1.0, -1.0]), 1.0);
        assert_eq!(loudness(&[]), 0.0);

        let quiet = loudness(&[0.01, -0.01]);

        assert!((0.15..0.3).contains(&quiet), "{quiet}");
    }
}
