//! From the payloads of one codec to those of another.

use super::{Codec, CodecError, Decoder, Encoder, MOST_BYTES};
use crate::jitter::Playout;
use crate::resample::Resampler;

/// One direction between two codecs.
///
/// Packets of any length go in, frames of 20 ms come out. The sound in between has the rate of the
/// narrower codec: Opus decodes and encodes at 8 kHz for the telephone, which costs a fraction of
/// 48 kHz and of resampling, and sounds the same.
#[derive(Debug)]
pub struct Transcoder {
    decoder: Decoder,
    resampler: Option<Resampler>,
    encoder: Encoder,
    decoded: Vec<i16>,
    /// Sound that waits until it fills a frame.
    waiting: Vec<i16>,
    payload: Vec<u8>,
    /// Samples of the last packet decoded: what a lost one is taken for.
    usual: usize,
}

impl Transcoder {
    /// From `from` to `to`.
    ///
    /// # Errors
    ///
    /// [`CodecError::SetUp`].
    pub fn new(from: Codec, to: Codec) -> Result<Self, CodecError> {
        let rate = from.rate().min(to.rate());
        let decoder = Decoder::at(
            from,
            if from == Codec::Opus {
                rate
            } else {
                from.rate()
            },
        )?;
        let encoder = Encoder::at(to, if to == Codec::Opus { rate } else { to.rate() })?;
        let resampler = (decoder.rate() != encoder.rate())
            .then(|| Resampler::new(decoder.rate(), encoder.rate()));
        Ok(Self {
            usual: decoder.rate().samples(FRAME_MS),
            decoded: vec![0; decoder.rate().samples(MOST_PACKET_MS)],
            waiting: Vec::with_capacity(encoder.rate().samples(FRAME_MS * 3)),
            decoder,
            resampler,
            encoder,
            payload: vec![0; MOST_BYTES],
        })
    }

    /// Codec of the payloads that go in.
    #[must_use]
    pub fn from(&self) -> Codec {
        self.decoder.codec()
    }

    /// Codec of the payloads that come out.
    #[must_use]
    pub fn to(&self) -> Codec {
        self.encoder.codec()
    }

    /// How far the outgoing timestamp goes on with each frame.
    #[must_use]
    pub fn span(&self) -> u32 {
        self.to().span(FRAME_MS)
    }

    /// Takes one step of the jitter buffer. A payload that is malformed counts as lost.
    pub fn push(&mut self, playout: Playout<'_>) {
        match playout {
            Playout::Packet(payload) => self.push_payload(payload),
            Playout::Recover(next) => {
                let usual = self.usual;
                self.decoder.recover(next, &mut self.decoded[..usual]);
                self.append(usual);
            }
            Playout::Conceal => self.push_lost(),
            Playout::Nothing => {
                let frame = self.decoder.rate().samples(FRAME_MS);
                self.decoded[..frame].fill(0);
                self.append(frame);
            }
        }
    }

    /// Takes a payload in its order.
    pub fn push_payload(&mut self, payload: &[u8]) {
        match self.decoder.decode(payload, &mut self.decoded) {
            Ok(0) => {}
            Ok(samples) => {
                self.usual = samples;
                self.append(samples);
            }
            Err(
                CodecError::Payload(_)
                | CodecError::Room(_)
                | CodecError::Frame { .. }
                | CodecError::Rate { .. }
                | CodecError::SetUp,
            ) => self.push_lost(),
        }
    }

    /// Takes note that a packet was lost.
    pub fn push_lost(&mut self) {
        let usual = self.usual;
        self.decoder.conceal(&mut self.decoded[..usual]);
        self.append(usual);
    }

    /// The next frame of 20 ms, if there is sound for one. Ask again until there is none.
    pub fn next_frame(&mut self) -> Option<&[u8]> {
        let frame = self.encoder.rate().samples(FRAME_MS);
        if self.waiting.len() < frame {
            return None;
        }
        let written = self
            .encoder
            .encode(&self.waiting[..frame], &mut self.payload);
        self.waiting.drain(..frame);
        self.payload.get(..written.ok()?)
    }

    fn append(&mut self, samples: usize) {
        // Whoever pushes without asking for frames loses the oldest sound, not memory.
        if self.waiting.len() > self.encoder.rate().samples(MOST_WAITING_MS) {
            self.waiting.clear();
        }
        let decoded = &self.decoded[..samples];
        match &mut self.resampler {
            Some(resampler) => resampler.process(decoded, &mut self.waiting),
            None => self.waiting.extend_from_slice(decoded),
        }
    }
}

const FRAME_MS: u32 = 20;
/// Longer packets than Opus has (RFC 6716 §2.1.4) count as lost.
const MOST_PACKET_MS: u32 = 120;
const MOST_WAITING_MS: u32 = 240;
