//! A programme encoded once for all who hear it, each at their own place.
//!
//! Encoding Opus costs more than all else that a waiting caller needs. Every listener begins at
//! frame 0, so one encoder's frames fit every listener's decoder.

use std::time::Duration;

use super::{Playlist, Programme};
use crate::codec::{Codec, CodecError, Encoder, MOST_BYTES};
use crate::resample::Rate;

/// The frames of one programme in one codec, 20 ms each, made when the first listener needs them.
///
/// After [`Reel::LONGEST`] the programme begins again. Kept by whoever sends: one for each
/// programme and codec, and a number for each listener.
pub struct Reel {
    codec: Codec,
    playlist: Playlist,
    encoder: Encoder,
    /// All payloads in a row, and where each ends.
    payloads: Vec<u8>,
    ends: Vec<u32>,
    pcm: Vec<i16>,
}

impl Reel {
    /// What one listener hears before the programme begins again. Its payloads are 5 MB in G.711.
    pub const LONGEST: Duration = Duration::from_secs(600);
    /// Frames of [`Self::LONGEST`].
    const MOST_FRAMES: usize = 30_000;

    /// A reel of `programme` in `codec`. Nothing is encoded yet.
    ///
    /// # Errors
    ///
    /// [`CodecError::SetUp`].
    pub fn new(programme: Programme, codec: Codec) -> Result<Self, CodecError> {
        // Sounds are kept at 16 kHz at most.
        let rate = codec.rate().min(Rate::Wide);
        Ok(Self {
            codec,
            playlist: Playlist::new(programme, rate),
            encoder: Encoder::for_music(codec, rate)?,
            payloads: Vec::new(),
            ends: Vec::new(),
            pcm: vec![0; rate.samples(FRAME_MS)],
        })
    }

    /// Which codec the frames have.
    #[must_use]
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// How far the RTP timestamp goes on with each frame.
    #[must_use]
    pub fn span(&self) -> u32 {
        self.codec.span(FRAME_MS)
    }

    /// Whether a listener whose next frame is `index` has heard all of a sound played once.
    #[must_use]
    pub fn is_over(&self, index: usize) -> bool {
        self.playlist.is_over() && index >= self.ends.len()
    }

    /// The payload of frame `index`; listeners count from 0.
    ///
    /// Encodes what is missing up to it: usually one frame. Empty where a frame could not be
    /// encoded.
    pub fn frame(&mut self, index: usize) -> &[u8] {
        let index = index % Self::MOST_FRAMES;
        while self.ends.len() <= index {
            self.encode_one();
        }
        let begin = index
            .checked_sub(1)
            .map_or(0, |before| self.ends[before] as usize);
        &self.payloads[begin..self.ends[index] as usize]
    }

    fn encode_one(&mut self) {
        self.playlist.fill(&mut self.pcm);
        let left = Self::MOST_FRAMES - self.ends.len();
        if left <= FADE_FRAMES {
            for sample in &mut self.pcm {
                *sample = (i32::from(*sample) * (left as i32 - 1) / FADE_FRAMES as i32) as i16;
            }
        }
        let mut payload = [0; MOST_BYTES];
        let bytes = self.encoder.encode(&self.pcm, &mut payload).unwrap_or(0);
        self.payloads.extend_from_slice(&payload[..bytes]);
        self.ends
            .push(u32::try_from(self.payloads.len()).unwrap_or(u32::MAX));
    }
}

impl std::fmt::Debug for Reel {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Reel")
            .field("codec", &self.codec)
            .field("programme", self.playlist.programme())
            .field("frames", &self.ends.len())
            .finish_non_exhaustive()
    }
}

const FRAME_MS: u32 = 20;
/// The end of the reel fades out before it begins again.
const FADE_FRAMES: usize = 15;

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::codec::{Decoder, MOST_SAMPLES};
    use crate::sounds::Sound;
    use crate::testing::{loudness, sine, tone_to_rest_db};

    fn programme() -> Programme {
        let tone = sine(500.0, 16_000, 32_000, 8000.0);
        Programme::Loop(Sound::from_pcm(Path::new("tone"), &tone, 16_000).unwrap())
    }

    fn hear(reel: &mut Reel, frames: std::ops::Range<usize>) -> (Vec<i16>, Rate) {
        let mut decoder = Decoder::at(reel.codec(), reel.codec().rate().min(Rate::Wide)).unwrap();
        let mut sound = vec![0; MOST_SAMPLES];
        let mut heard = Vec::new();
        for index in frames {
            let samples = decoder.decode(reel.frame(index), &mut sound).unwrap();
            heard.extend_from_slice(&sound[..samples]);
        }
        (heard, decoder.rate())
    }

    #[test]
    fn every_listener_hears_the_same_from_the_begin_in_every_codec() {
        for codec in Codec::ALL {
            let mut reel = Reel::new(programme(), codec).unwrap();

            let (first, rate) = hear(&mut reel, 0..60);
            let (second, _) = hear(&mut reel, 0..60);

            assert_eq!(first, second, "{codec:?}");
            let clean = tone_to_rest_db(&first[rate.samples(200)..], 500.0, rate.hz());
            assert!(clean > 18.0, "{codec:?}: {clean:.1} dB");
        }
    }

    #[test]
    fn listeners_at_different_places_share_the_frames() {
        let mut reel = Reel::new(programme(), Codec::Pcmu).unwrap();

        for step in 0..200 {
            for listener in 0..10 {
                assert_eq!(reel.frame(step + listener).len(), 160);
            }
        }

        assert_eq!(reel.ends.len(), 209);
        assert_eq!(reel.payloads.len(), 209 * 160);
    }

    #[test]
    fn after_ten_minutes_it_fades_and_begins_again() {
        let mut reel = Reel::new(programme(), Codec::Pcma).unwrap();
        let last = Reel::MOST_FRAMES - 1;

        let end = hear(&mut reel, last..last + 1).0;
        let again = reel.frame(last + 1).to_vec();

        assert!(loudness(&end) < 20.0);
        assert_eq!(again, reel.frame(0));
        assert_eq!(reel.ends.len(), Reel::MOST_FRAMES);
    }

    #[test]
    fn a_sound_played_once_is_over_at_its_end() {
        let Programme::Loop(sound) = programme() else {
            unreachable!()
        };
        let mut reel = Reel::new(Programme::Once(sound), Codec::Pcmu).unwrap();

        let over = (0..).find(|index| {
            reel.frame(*index);
            reel.is_over(index + 1)
        });

        assert_eq!(over, Some(99));
    }
}
