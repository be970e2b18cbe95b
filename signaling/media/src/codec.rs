//! The four codecs of a call, and going from one to another.
//!
//! [`Decoder`] and [`Encoder`] work on mono 16-bit sound and fail on what they cannot read, never
//! panic. Which codec a call has is decided elsewhere.

mod conceal;
mod opus;
mod transcode;

use audio_codec::g722::{G722Decoder, G722Encoder};
use audio_codec::{Decoder as _, Encoder as _};
use audio_codec_algorithms::{decode_alaw, decode_ulaw, encode_alaw, encode_ulaw};

use crate::resample::Rate;
use conceal::Concealer;
pub use transcode::Transcoder;

/// A codec of sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Codec {
    /// RFC 6716, RFC 7587.
    Opus,
    /// ITU-T G.722 at 64 kbit/s.
    G722,
    /// G.711 µ-law.
    Pcmu,
    /// G.711 A-law.
    Pcma,
}

impl Codec {
    /// Every codec, the best first.
    pub const ALL: [Self; 4] = [Self::Opus, Self::G722, Self::Pcmu, Self::Pcma];

    /// The encoding name of `a=rtpmap`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opus => "opus",
            Self::G722 => "G722",
            Self::Pcmu => "PCMU",
            Self::Pcma => "PCMA",
        }
    }

    /// The codec of an encoding name, in any case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|codec| codec.name().eq_ignore_ascii_case(name))
    }

    /// Clock of the RTP timestamps in Hz.
    ///
    /// G.722 has 8000 although it samples 16,000 times a second: an old mistake that RFC 3551
    /// §4.5.2 keeps. Opus has 48,000 whatever it carries (RFC 7587 §4.1).
    #[must_use]
    pub const fn clock(self) -> u32 {
        match self {
            Self::Opus => 48_000,
            Self::G722 | Self::Pcmu | Self::Pcma => 8_000,
        }
    }

    /// The rate that the codec carries at best.
    #[must_use]
    pub const fn rate(self) -> Rate {
        match self {
            Self::Opus => Rate::Full,
            Self::G722 => Rate::Wide,
            Self::Pcmu | Self::Pcma => Rate::Narrow,
        }
    }

    /// The payload type that needs no `a=rtpmap` (RFC 3551 §6), `None` for Opus.
    #[must_use]
    pub const fn static_payload_type(self) -> Option<u8> {
        match self {
            Self::Opus => None,
            Self::G722 => Some(9),
            Self::Pcmu => Some(0),
            Self::Pcma => Some(8),
        }
    }

    /// How far the RTP timestamp goes on in `ms` milliseconds.
    #[must_use]
    pub const fn span(self, ms: u32) -> u32 {
        self.clock() / 1000 * ms
    }
}

/// Why sound was not coded. The frame is lost, the next one may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// Only Opus works at rates that are not its own.
    #[error("{} cannot work at {} Hz; resample before", .codec.name(), .rate.hz())]
    Rate {
        /// Which codec.
        codec: Codec,
        /// The rate asked for.
        rate: Rate,
    },
    /// The far end sent bytes that are no frame of this codec.
    #[error("the payload is not {}", .0.name())]
    Payload(Codec),
    /// The sound is of no length that the codec has.
    #[error("{samples} samples are no frame of {}", .codec.name())]
    Frame {
        /// Which codec.
        codec: Codec,
        /// The length asked for.
        samples: usize,
    },
    /// The caller's buffer is too small for the frame.
    #[error("the buffer is too small for a frame of {}", .0.name())]
    Room(Codec),
    /// libopus could not be set up: there is no memory.
    #[error("Opus could not be set up; the server is out of memory")]
    SetUp,
}

/// The longest sound in one packet, in samples: 120 ms at 48 kHz (RFC 6716 §2.1.4).
pub const MOST_SAMPLES: usize = 5760;
/// Room that an encoded frame of 20 ms needs at most.
pub const MOST_BYTES: usize = 1275;

/// Turns payloads into sound.
#[derive(Debug)]
pub struct Decoder {
    codec: Codec,
    rate: Rate,
    inner: Decoding,
}

enum Decoding {
    Opus(opus::Decoder),
    G722(Box<G722Decoder>, Concealer),
    Pcmu(Concealer),
    Pcma(Concealer),
}

impl Decoder {
    /// A decoder whose sound is at the codec's own rate.
    ///
    /// # Errors
    ///
    /// [`CodecError::SetUp`].
    pub fn new(codec: Codec) -> Result<Self, CodecError> {
        Self::at(codec, codec.rate())
    }

    /// A decoder whose sound is at `rate`. Opus decodes to any rate, and at a lower one for less.
    ///
    /// # Errors
    ///
    /// [`CodecError::Rate`] where the codec has no choice, [`CodecError::SetUp`].
    pub fn at(codec: Codec, rate: Rate) -> Result<Self, CodecError> {
        refuse_rate(codec, rate)?;
        let inner = match codec {
            Codec::Opus => Decoding::Opus(opus::Decoder::new(rate)?),
            Codec::G722 => Decoding::G722(Box::default(), Concealer::new(rate)),
            Codec::Pcmu => Decoding::Pcmu(Concealer::new(rate)),
            Codec::Pcma => Decoding::Pcma(Concealer::new(rate)),
        };
        Ok(Self { codec, rate, inner })
    }

    /// Which codec this is.
    #[must_use]
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// The rate of the sound that comes out.
    #[must_use]
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// Decodes one payload into `out`; returns how many samples that were.
    ///
    /// [`MOST_SAMPLES`] are room enough for any payload of at most 120 ms.
    ///
    /// # Errors
    ///
    /// [`CodecError::Payload`] and [`CodecError::Room`].
    pub fn decode(&mut self, payload: &[u8], out: &mut [i16]) -> Result<usize, CodecError> {
        let codec = self.codec;
        match &mut self.inner {
            Decoding::Opus(decoder) => decoder.decode(payload, out),
            Decoding::G722(decoder, concealer) => {
                let room = out
                    .get_mut(..payload.len() * 2)
                    .ok_or(CodecError::Room(codec))?;
                let samples = decoder
                    .decode_into(payload, room)
                    .map_err(|_| CodecError::Payload(codec))?;
                concealer.heard(&mut room[..samples]);
                Ok(samples)
            }
            Decoding::Pcmu(concealer) => expand(codec, payload, decode_ulaw, concealer, out),
            Decoding::Pcma(concealer) => expand(codec, payload, decode_alaw, concealer, out),
        }
    }

    /// Fills `out` with what may have been in a packet that was lost.
    ///
    /// Fades out over repeated losses.
    pub fn conceal(&mut self, out: &mut [i16]) {
        match &mut self.inner {
            Decoding::Opus(decoder) => decoder.conceal(out),
            Decoding::G722(_, concealer)
            | Decoding::Pcmu(concealer)
            | Decoding::Pcma(concealer) => concealer.conceal(out),
        }
    }

    /// Fills `out` with the sound of a lost packet, of which `next`, the one behind it, may carry
    /// a copy (Opus in-band FEC, RFC 6716 §2.1.7). `next` itself is decoded afterwards as ever.
    pub fn recover(&mut self, next: &[u8], out: &mut [i16]) {
        match &mut self.inner {
            Decoding::Opus(decoder) => decoder.recover(next, out),
            Decoding::G722(_, concealer)
            | Decoding::Pcmu(concealer)
            | Decoding::Pcma(concealer) => concealer.conceal(out),
        }
    }
}

impl std::fmt::Debug for Decoding {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Opus(_) => "Opus",
            Self::G722(..) => "G722",
            Self::Pcmu(_) => "Pcmu",
            Self::Pcma(_) => "Pcma",
        })
    }
}

/// Turns sound into payloads.
#[derive(Debug)]
pub struct Encoder {
    codec: Codec,
    rate: Rate,
    inner: Encoding,
}

enum Encoding {
    Opus(opus::Encoder),
    G722(Box<G722Encoder>),
    Pcmu,
    Pcma,
}

impl Encoder {
    /// An encoder for sound at the codec's own rate.
    ///
    /// # Errors
    ///
    /// [`CodecError::SetUp`].
    pub fn new(codec: Codec) -> Result<Self, CodecError> {
        Self::at(codec, codec.rate())
    }

    /// An encoder for sound at `rate`. For sound that came from a telephone, Opus at 8 kHz loses
    /// nothing and costs a fraction.
    ///
    /// # Errors
    ///
    /// [`CodecError::Rate`] where the codec has no choice, [`CodecError::SetUp`].
    pub fn at(codec: Codec, rate: Rate) -> Result<Self, CodecError> {
        Self::with(codec, rate, opus::Encoder::new)
    }

    /// As [`Self::at`], but better and dearer: for music that many will hear.
    ///
    /// # Errors
    ///
    /// As for [`Self::at`].
    pub fn for_music(codec: Codec, rate: Rate) -> Result<Self, CodecError> {
        Self::with(codec, rate, opus::Encoder::for_music)
    }

    fn with(
        codec: Codec,
        rate: Rate,
        opus: fn(Rate) -> Result<opus::Encoder, CodecError>,
    ) -> Result<Self, CodecError> {
        refuse_rate(codec, rate)?;
        let inner = match codec {
            Codec::Opus => Encoding::Opus(opus(rate)?),
            Codec::G722 => Encoding::G722(Box::default()),
            Codec::Pcmu => Encoding::Pcmu,
            Codec::Pcma => Encoding::Pcma,
        };
        Ok(Self { codec, rate, inner })
    }

    /// Which codec this is.
    #[must_use]
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// The rate of the sound that goes in.
    #[must_use]
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// Encodes one frame into `out`; returns how many bytes that were.
    ///
    /// Frames are of 20 ms; G.711 takes any length and G.722 any even one.
    ///
    /// # Errors
    ///
    /// [`CodecError::Frame`] and [`CodecError::Room`].
    pub fn encode(&mut self, pcm: &[i16], out: &mut [u8]) -> Result<usize, CodecError> {
        let codec = self.codec;
        match &mut self.inner {
            Encoding::Opus(encoder) => encoder.encode(pcm, out),
            Encoding::G722(_) if !pcm.len().is_multiple_of(2) => Err(CodecError::Frame {
                codec,
                samples: pcm.len(),
            }),
            Encoding::G722(encoder) => encoder
                .encode_into(pcm, out)
                .map_err(|_| CodecError::Room(codec)),
            Encoding::Pcmu => compress(codec, pcm, encode_ulaw, out),
            Encoding::Pcma => compress(codec, pcm, encode_alaw, out),
        }
    }
}

impl std::fmt::Debug for Encoding {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Opus(_) => "Opus",
            Self::G722(_) => "G722",
            Self::Pcmu => "Pcmu",
            Self::Pcma => "Pcma",
        })
    }
}

fn refuse_rate(codec: Codec, rate: Rate) -> Result<(), CodecError> {
    if codec == Codec::Opus || rate == codec.rate() {
        return Ok(());
    }
    Err(CodecError::Rate { codec, rate })
}

fn expand(
    codec: Codec,
    payload: &[u8],
    law: fn(u8) -> i16,
    concealer: &mut Concealer,
    out: &mut [i16],
) -> Result<usize, CodecError> {
    let room = out
        .get_mut(..payload.len())
        .ok_or(CodecError::Room(codec))?;
    for (sample, &byte) in room.iter_mut().zip(payload) {
        *sample = law(byte);
    }
    concealer.heard(room);
    Ok(payload.len())
}

fn compress(
    codec: Codec,
    pcm: &[i16],
    law: fn(i16) -> u8,
    out: &mut [u8],
) -> Result<usize, CodecError> {
    let room = out.get_mut(..pcm.len()).ok_or(CodecError::Room(codec))?;
    for (byte, &sample) in room.iter_mut().zip(pcm) {
        *byte = law(sample);
    }
    Ok(pcm.len())
}

#[cfg(test)]
mod tests;
