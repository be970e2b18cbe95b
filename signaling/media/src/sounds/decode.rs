//! WAV and OGG Vorbis files to mono samples.

use std::io::Cursor;
use std::path::Path;

use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;

use super::{LONGEST, SoundError};

/// The samples of a file, its channels mixed to one, and their rate.
pub(super) fn decode(
    name: &Path,
    bytes: impl AsRef<[u8]> + Send + Sync + 'static,
) -> Result<(Vec<i16>, u32), SoundError> {
    let format = |why: String| SoundError::Format {
        path: name.to_owned(),
        why,
    };
    let failed = |error: Error| format(error.to_string());
    let stream = MediaSourceStream::new(Box::new(Cursor::new(bytes)), Default::default());
    let mut reader = symphonia::default::get_probe()
        .probe(
            &Hint::new(),
            stream,
            FormatOptions::default(),
            MetadataOptions::default(),
        )
        .map_err(failed)?;
    let track = reader
        .default_track(TrackType::Audio)
        .ok_or_else(|| format("there is no sound in it".to_owned()))?;
    let track_id = track.id;
    let parameters = track
        .codec_params
        .as_ref()
        .and_then(|parameters| parameters.audio())
        .ok_or_else(|| format("it does not say how it is coded".to_owned()))?;
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(parameters, &AudioDecoderOptions::default())
        .map_err(failed)?;

    let (mut mono, mut interleaved) = (Vec::new(), Vec::<i16>::new());
    let mut hz = 0;
    while let Some(packet) = reader.next_packet().map_err(failed)? {
        if packet.track_id != track_id {
            continue;
        }
        let buffer = match decoder.decode(&packet) {
            Ok(buffer) => buffer,
            // One damaged packet is a click, not a reason to have no music.
            Err(Error::DecodeError(_)) => continue,
            Err(error) => return Err(failed(error)),
        };
        let rate = buffer.spec().rate();
        if hz == 0 {
            hz = rate;
        }
        if rate != hz || !(LOWEST_HZ..=HIGHEST_HZ).contains(&hz) {
            return Err(format(format!("a rate of {rate} Hz")));
        }
        let channels = buffer.num_planes().max(1);
        buffer.copy_to_vec_interleaved(&mut interleaved);
        mono.extend(interleaved.chunks_exact(channels).map(|frame| {
            let sum: i64 = frame.iter().map(|&sample| i64::from(sample)).sum();
            (sum / channels as i64) as i16
        }));
        if mono.len() as u64 > LONGEST.as_secs() * u64::from(hz) {
            return Err(SoundError::TooLong {
                path: name.to_owned(),
            });
        }
    }
    Ok((mono, hz))
}

const LOWEST_HZ: u32 = 4_000;
const HIGHEST_HZ: u32 = 192_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sounds::Sound;
    use crate::testing::{Dice, sine, tone_to_rest_db};

    /// A WAV file; `format` 1 is linear, 6 A-law, 7 µ-law (RFC 2361).
    fn wav(format: u16, channels: u16, hz: u32, bits: u16, samples: &[u8]) -> Vec<u8> {
        let block = channels * bits / 8;
        let mut file = b"RIFF".to_vec();
        file.extend((38 + samples.len() as u32).to_le_bytes());
        file.extend(b"WAVEfmt \x12\0\0\0");
        file.extend(format.to_le_bytes());
        file.extend(channels.to_le_bytes());
        file.extend(hz.to_le_bytes());
        file.extend((hz * u32::from(block)).to_le_bytes());
        file.extend(block.to_le_bytes());
        file.extend(bits.to_le_bytes());
        file.extend([0, 0]);
        file.extend(b"data");
        file.extend((samples.len() as u32).to_le_bytes());
        file.extend(samples);
        file
    }

    fn little(pcm: &[i16]) -> Vec<u8> {
        pcm.iter().flat_map(|sample| sample.to_le_bytes()).collect()
    }

    #[test]
    fn a_wav_file_of_any_rate_and_channels_becomes_mono() {
        for hz in [8000, 11_025, 16_000, 44_100, 48_000] {
            for channels in [1, 2] {
                let tone = sine(600.0, hz, hz as usize, 10_000.0);
                let frames: Vec<i16> = tone
                    .iter()
                    .flat_map(|&sample| vec![sample; channels])
                    .collect();
                let file = wav(1, channels as u16, hz, 16, &little(&frames));

                let sound = Sound::decode(Path::new("tone.wav"), file).unwrap();

                assert_eq!(sound.duration().as_millis(), 1000);
                let clean = tone_to_rest_db(&sound.narrow[400..7600], 600.0, 8000);
                assert!(clean > 60.0, "{hz} {channels}: {clean:.1} dB");
            }
        }
    }

    #[test]
    fn a_telephones_mu_law_file_is_read() {
        let tone = sine(600.0, 8000, 8000, 10_000.0);
        let bytes: Vec<u8> = tone
            .iter()
            .map(|&sample| audio_codec_algorithms::encode_ulaw(sample))
            .collect();

        let sound = Sound::decode(Path::new("tone.wav"), wav(7, 1, 8000, 8, &bytes)).unwrap();

        assert!(tone_to_rest_db(&sound.narrow, 600.0, 8000) > 33.0);
    }

    #[test]
    fn a_file_that_is_no_sound_is_refused_by_name() {
        let refused =
            Sound::decode(Path::new("song.mp3"), *b"ID3 no, this is not it at all").unwrap_err();

        assert!(
            refused
                .to_string()
                .starts_with("the sound song.mp3 is not a WAV or OGG"),
            "{refused}"
        );
    }

    #[test]
    fn an_empty_or_endless_file_is_refused() {
        let empty = Sound::decode(Path::new("none.wav"), wav(1, 1, 8000, 16, &[])).unwrap_err();
        let endless = wav(1, 1, 4000, 8, &vec![128; 4000 * 601]);
        let endless = Sound::decode(Path::new("long.wav"), endless).unwrap_err();

        assert!(matches!(empty, SoundError::Empty { .. }), "{empty}");
        assert!(matches!(endless, SoundError::TooLong { .. }), "{endless}");
    }

    #[test]
    fn mutated_files_never_panic() {
        let mut dice = Dice::new(8);
        let tone = little(&sine(600.0, 8000, 400, 10_000.0));
        let wav = wav(1, 1, 8000, 16, &tone);
        let ogg = include_bytes!("../../sounds/announcement.ogg");
        for _ in 0..500 {
            let _ = decode(Path::new("a.wav"), dice.mutated(&wav));
            let _ = decode(Path::new("a.ogg"), dice.mutated(&ogg[..6000]));
        }
    }
}
