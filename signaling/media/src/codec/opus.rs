//! Opus by libopus: mono, 20 ms frames, variable bit rate, in-band FEC.

use opus::{Application, Bitrate, Channels, Signal};

use super::{Codec, CodecError};
use crate::resample::Rate;

pub(super) struct Decoder {
    inner: opus::Decoder,
}

impl Decoder {
    pub(super) fn new(rate: Rate) -> Result<Self, CodecError> {
        let inner = opus::Decoder::new(rate.hz(), Channels::Mono).map_err(|_| CodecError::SetUp)?;
        Ok(Self { inner })
    }

    pub(super) fn decode(&mut self, payload: &[u8], out: &mut [i16]) -> Result<usize, CodecError> {
        // An empty payload would ask libopus to conceal a loss as long as `out`.
        if payload.is_empty() {
            return Err(CodecError::Payload(Codec::Opus));
        }
        self.inner
            .decode(payload, out, false)
            .map_err(|error| refused(&error, CodecError::Payload(Codec::Opus)))
    }

    pub(super) fn conceal(&mut self, out: &mut [i16]) {
        if self.inner.decode(&[], out, false).is_err() {
            out.fill(0);
        }
    }

    pub(super) fn recover(&mut self, next: &[u8], out: &mut [i16]) {
        let recovered = !next.is_empty() && self.inner.decode(next, out, true).is_ok();
        if !recovered {
            self.conceal(out);
        }
    }
}

pub(super) struct Encoder {
    inner: opus::Encoder,
}

impl Encoder {
    /// For speech: cheap, and with copies for [`Decoder::recover`].
    pub(super) fn new(rate: Rate) -> Result<Self, CodecError> {
        let build = || {
            let mut inner = opus::Encoder::new(rate.hz(), Channels::Mono, Application::Voip)?;
            inner.set_bitrate(Bitrate::Bits(bits_per_second(rate)))?;
            inner.set_vbr(true)?;
            inner.set_signal(Signal::Voice)?;
            inner.set_complexity(COMPLEXITY)?;
            inner.set_inband_fec(true)?;
            inner.set_packet_loss_perc(EXPECTED_LOSS_PERCENT)?;
            Ok(Self { inner })
        };
        build().map_err(|_: opus::Error| CodecError::SetUp)
    }

    /// For music that is encoded once for many: as good as it gets.
    pub(super) fn for_music(rate: Rate) -> Result<Self, CodecError> {
        let build = || {
            let mut inner = opus::Encoder::new(rate.hz(), Channels::Mono, Application::Audio)?;
            inner.set_bitrate(Bitrate::Bits(MUSIC_BITS_PER_SECOND))?;
            inner.set_vbr(true)?;
            inner.set_complexity(10)?;
            Ok(Self { inner })
        };
        build().map_err(|_: opus::Error| CodecError::SetUp)
    }

    pub(super) fn encode(&mut self, pcm: &[i16], out: &mut [u8]) -> Result<usize, CodecError> {
        self.inner.encode(pcm, out).map_err(|error| {
            let samples = pcm.len();
            let codec = Codec::Opus;
            refused(&error, CodecError::Frame { codec, samples })
        })
    }
}

/// What libopus did not take: for want of room, or else `otherwise`.
fn refused(error: &opus::Error, otherwise: CodecError) -> CodecError {
    match error.code() {
        opus::ErrorCode::BufferTooSmall => CodecError::Room(Codec::Opus),
        opus::ErrorCode::BadArg
        | opus::ErrorCode::InternalError
        | opus::ErrorCode::InvalidPacket
        | opus::ErrorCode::Unimplemented
        | opus::ErrorCode::InvalidState
        | opus::ErrorCode::AllocFail
        | opus::ErrorCode::Unknown => otherwise,
    }
}

const MUSIC_BITS_PER_SECOND: i32 = 40_000;
/// Telephone speech gains nothing from the steps above: they cost up to three times the time.
const COMPLEXITY: i32 = 5;
/// Makes libopus spend some bits on copies for [`Decoder::recover`].
const EXPECTED_LOSS_PERCENT: i32 = 5;

fn bits_per_second(rate: Rate) -> i32 {
    match rate {
        Rate::Narrow => 24_000,
        Rate::Wide => 28_000,
        Rate::Full => 32_000,
    }
}
