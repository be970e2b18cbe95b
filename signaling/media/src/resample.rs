//! Sample rates, and changing one into another.
//!
//! [`Resampler`] is for live sound: a short polyphase filter that keeps its state and allocates
//! nothing for each frame. [`convert`] is for whole recordings of any rate.

use std::f64::consts::PI;
use std::sync::LazyLock;

/// The sample rates we work at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rate {
    /// 8 kHz: the telephone.
    Narrow,
    /// 16 kHz: G.722.
    Wide,
    /// 48 kHz: what Opus carries at most.
    Full,
}

impl Rate {
    /// In samples a second.
    #[must_use]
    pub const fn hz(self) -> u32 {
        match self {
            Self::Narrow => 8_000,
            Self::Wide => 16_000,
            Self::Full => 48_000,
        }
    }

    /// Samples in `ms` milliseconds.
    #[must_use]
    pub const fn samples(self, ms: u32) -> usize {
        (self.hz() / 1000 * ms) as usize
    }
}

/// Changes the rate of one stream of mono sound. Its delay is 12 samples of the lower rate.
#[derive(Debug, Clone)]
pub struct Resampler {
    from: Rate,
    to: Rate,
    kernel: Option<&'static Kernel>,
    /// The end of what was heard, and then what is new.
    heard: Vec<i16>,
    /// Where the next output sample falls, in output steps of the filter before its first input.
    skip: usize,
}

impl Resampler {
    /// A resampler with silence in its past.
    #[must_use]
    pub fn new(from: Rate, to: Rate) -> Self {
        let kernel = kernel(from, to);
        let past = kernel.map_or(0, |kernel| kernel.taps - 1);
        let mut heard = Vec::with_capacity(past + from.samples(LONGEST_FRAME_MS));
        heard.resize(past, 0);
        Self {
            from,
            to,
            kernel,
            heard,
            skip: 0,
        }
    }

    /// The rate that goes in.
    #[must_use]
    pub fn from(&self) -> Rate {
        self.from
    }

    /// The rate that comes out.
    #[must_use]
    pub fn to(&self) -> Rate {
        self.to
    }

    /// Appends to `out` what `input` becomes.
    ///
    /// The lengths stand in the ratio of the rates; where they do not divide, the rest comes with
    /// the next call. Allocates only where `out` has no room.
    pub fn process(&mut self, input: &[i16], out: &mut Vec<i16>) {
        let Some(kernel) = self.kernel else {
            out.extend_from_slice(input);
            return;
        };
        self.heard.extend_from_slice(input);
        let mut at = self.skip;
        while at + kernel.taps <= self.heard.len() {
            let window = &self.heard[at..at + kernel.taps];
            out.extend(kernel.phases.iter().map(|phase| dot(window, phase)));
            at += kernel.step;
        }
        let gone = at.min(self.heard.len());
        self.skip = at - gone;
        self.heard.drain(..gone);
    }
}

/// `pcm` at `to` Hz instead of `from`: offline, of better quality than [`Resampler`], without delay.
///
/// Rates of 0 give silence of no length.
#[must_use]
pub fn convert(pcm: &[i16], from: u32, to: u32) -> Vec<i16> {
    if from == to || pcm.is_empty() {
        return pcm.to_vec();
    }
    if from == 0 || to == 0 {
        return Vec::new();
    }
    let divisor = gcd(from, to);
    let (up, down) = (u64::from(to / divisor), u64::from(from / divisor));
    // In samples of the input; wider where the filter must be narrower than the input.
    let shrink = (f64::from(to) / f64::from(from)).min(1.0);
    let half = (OFFLINE_HALF / shrink).ceil() as i64;
    let cutoff = shrink * OFFLINE_CUTOFF;
    let phases: Vec<Vec<f32>> = (0..up)
        .map(|phase| {
            let fraction = phase as f64 / up as f64;
            let taps: Vec<f64> = (1 - half..=half)
                .map(|tap| windowed_sinc(tap as f64 - fraction, half as f64, cutoff))
                .collect();
            let sum: f64 = taps.iter().sum();
            taps.iter().map(|tap| (tap / sum) as f32).collect()
        })
        .collect();
    let count = (pcm.len() as u64 * up).div_ceil(down);
    (0..count)
        .map(|index| {
            let at = index * down;
            let phase = &phases[(at % up) as usize];
            let first = (at / up) as i64 + 1 - half;
            let inside = usize::try_from(first)
                .ok()
                .and_then(|from| pcm.get(from..from + phase.len()));
            let sum: f32 = match inside {
                Some(window) => window
                    .iter()
                    .zip(phase)
                    .map(|(&sample, tap)| f32::from(sample) * tap)
                    .sum(),
                None => (first..)
                    .zip(phase)
                    .map(|(index, tap)| sample_at(pcm, index) * tap)
                    .sum(),
            };
            sum.round() as i16
        })
        .collect()
}

/// Taps of each phase for a factor of one: short enough for live sound, and 60 dB clean.
const TAPS: usize = 24;
const LONGEST_FRAME_MS: u32 = 60;
/// Fixed point of the taps.
const UNIT_BITS: u32 = 14;
/// Of the lower rate's Nyquist frequency.
const LIVE_CUTOFF: f64 = 0.90;
const OFFLINE_CUTOFF: f64 = 0.95;
const OFFLINE_HALF: f64 = 32.0;
const KAISER_BETA: f64 = 7.0;

/// A polyphase filter: for each `step` samples in, one out of each phase.
#[derive(Debug)]
struct Kernel {
    taps: usize,
    step: usize,
    phases: Vec<Vec<i16>>,
}

fn kernel(from: Rate, to: Rate) -> Option<&'static Kernel> {
    use Rate::{Full, Narrow, Wide};
    static UP2: LazyLock<Kernel> = LazyLock::new(|| up(2));
    static UP3: LazyLock<Kernel> = LazyLock::new(|| up(3));
    static UP6: LazyLock<Kernel> = LazyLock::new(|| up(6));
    static DOWN2: LazyLock<Kernel> = LazyLock::new(|| down(2));
    static DOWN3: LazyLock<Kernel> = LazyLock::new(|| down(3));
    static DOWN6: LazyLock<Kernel> = LazyLock::new(|| down(6));
    match (from, to) {
        (Narrow, Narrow) | (Wide, Wide) | (Full, Full) => None,
        (Narrow, Wide) => Some(&UP2),
        (Wide, Full) => Some(&UP3),
        (Narrow, Full) => Some(&UP6),
        (Wide, Narrow) => Some(&DOWN2),
        (Full, Wide) => Some(&DOWN3),
        (Full, Narrow) => Some(&DOWN6),
    }
}

fn up(factor: usize) -> Kernel {
    let phases = (0..factor)
        .map(|phase| {
            let fraction = phase as f64 / factor as f64;
            fixed((0..TAPS).map(|tap| {
                let at = tap as f64 - (TAPS / 2) as f64 + 1.0 - fraction;
                windowed_sinc(at, (TAPS / 2) as f64, LIVE_CUTOFF)
            }))
        })
        .collect();
    Kernel {
        taps: TAPS,
        step: 1,
        phases,
    }
}

fn down(factor: usize) -> Kernel {
    let taps = TAPS * factor;
    let middle = (taps - 1) as f64 / 2.0;
    let phase = fixed((0..taps).map(|tap| {
        windowed_sinc(
            tap as f64 - middle,
            middle + 0.5,
            LIVE_CUTOFF / factor as f64,
        )
    }));
    Kernel {
        taps,
        step: factor,
        phases: vec![phase],
    }
}

/// Scales to a gain of one, and to fixed point.
fn fixed(taps: impl Iterator<Item = f64>) -> Vec<i16> {
    let taps: Vec<f64> = taps.collect();
    let sum: f64 = taps.iter().sum();
    taps.iter()
        .map(|tap| (tap / sum * f64::from(1 << UNIT_BITS)).round() as i16)
        .collect()
}

fn windowed_sinc(at: f64, half: f64, cutoff: f64) -> f64 {
    let inside = 1.0 - (at / half).powi(2);
    if inside <= 0.0 {
        return 0.0;
    }
    let sinc = if at.abs() < 1e-9 {
        1.0
    } else {
        (PI * cutoff * at).sin() / (PI * cutoff * at)
    };
    sinc * bessel(KAISER_BETA * inside.sqrt()) / bessel(KAISER_BETA)
}

/// The modified Bessel function of order zero, by its series.
fn bessel(x: f64) -> f64 {
    let quarter = x * x / 4.0;
    let mut term = 1.0;
    let mut sum = 1.0;
    for index in 1..30 {
        term *= quarter / f64::from(index * index);
        sum += term;
    }
    sum
}

/// Silence before the begin and after the end.
fn sample_at(pcm: &[i16], index: i64) -> f32 {
    let sample = usize::try_from(index).ok().and_then(|index| pcm.get(index));
    f32::from(sample.copied().unwrap_or(0))
}

fn dot(window: &[i16], taps: &[i16]) -> i16 {
    let sum: i32 = window
        .iter()
        .zip(taps)
        .map(|(&sample, &tap)| i32::from(sample) * i32::from(tap))
        .sum();
    let rounded = (sum + (1 << (UNIT_BITS - 1))) >> UNIT_BITS;
    rounded.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{loudness, sine, tone_to_rest_db};

    const RATES: [Rate; 3] = [Rate::Narrow, Rate::Wide, Rate::Full];

    fn resampled(from: Rate, to: Rate, pcm: &[i16], frame: usize) -> Vec<i16> {
        let mut resampler = Resampler::new(from, to);
        let mut out = Vec::new();
        for frame in pcm.chunks(frame) {
            resampler.process(frame, &mut out);
        }
        out
    }

    #[test]
    fn a_tone_is_clean_after_every_change_of_rate() {
        for from in RATES {
            for to in RATES {
                for hz in [300.0, 1000.0, 2800.0] {
                    let input = sine(hz, from.hz(), from.samples(500), 12_000.0);
                    let out = resampled(from, to, &input, from.samples(20));

                    assert_eq!(out.len(), to.samples(500), "{from:?} {to:?}");
                    let clean = tone_to_rest_db(&out[to.samples(20)..], hz, to.hz());
                    assert!(clean > 58.0, "{from:?} {to:?} {hz}: {clean:.1} dB");
                    let gain = loudness(&out[to.samples(20)..]) / loudness(&input);
                    assert!(
                        (0.97..1.03).contains(&gain),
                        "{from:?} {to:?} {hz}: gain {gain:.3}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_the_lower_rate_cannot_carry_is_taken_away() {
        for (from, hz) in [
            (Rate::Wide, 5000.0),
            (Rate::Full, 5000.0),
            (Rate::Full, 15_000.0),
        ] {
            let input = sine(hz, from.hz(), from.samples(500), 12_000.0);
            let out = resampled(from, Rate::Narrow, &input, from.samples(20));

            let left = 20.0 * (loudness(&out[160..]) / loudness(&input)).log10();
            assert!(left < -55.0, "{from:?} {hz}: {left:.1} dB");
        }
    }

    #[test]
    fn frames_of_any_length_give_the_same_sound() {
        let input = sine(700.0, 48_000, 4800, 9000.0);
        let whole = resampled(Rate::Full, Rate::Narrow, &input, 4800);

        for frame in [1, 7, 480, 961] {
            let parts = resampled(Rate::Full, Rate::Narrow, &input, frame);
            assert_eq!(parts, whole);
        }
    }

    #[test]
    fn the_loudest_square_does_not_wrap_over() {
        let input: Vec<i16> = (0..960)
            .map(|index| {
                if index / 20 % 2 == 0 {
                    i16::MAX
                } else {
                    i16::MIN
                }
            })
            .collect();

        for out in [
            resampled(Rate::Narrow, Rate::Full, &input, 160),
            convert(&input, 8000, 48_000),
        ] {
            let far = out
                .windows(2)
                .filter(|pair| pair[0].abs_diff(pair[1]) > 50_000)
                .count();
            assert_eq!(far, 0);
        }
    }

    #[test]
    fn a_recording_of_any_rate_is_converted_cleanly() {
        for from in [8000, 11_025, 16_000, 22_050, 44_100, 48_000] {
            for to in [8000, 16_000] {
                let input = sine(1000.0, from, from.div_ceil(2) as usize, 12_000.0);
                let out = convert(&input, from, to);

                assert!(out.len().abs_diff(to as usize / 2) <= 1);
                let clean = tone_to_rest_db(&out[400..out.len() - 400], 1000.0, to);
                assert!(clean > 70.0, "{from} {to}: {clean:.1} dB");
            }
        }
        assert!(convert(&[1, 2, 3], 0, 8000).is_empty());
    }
}
