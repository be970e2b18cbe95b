//! One listener's place in what is played: pulled frame by frame, with no memory of its own.

use std::f64::consts::{FRAC_PI_2, TAU};
use std::sync::Arc;
use std::time::Duration;

use super::Sound;
use crate::resample::{Rate, Resampler};

/// What is played.
#[derive(Debug, Clone)]
pub enum Programme {
    /// Nothing at all.
    Silence,
    /// A steady tone.
    Tone {
        /// Its pitch.
        hz: u32,
    },
    /// What a caller hears while it rings.
    Ringing(Ringback),
    /// A sound once, and then silence.
    Once(Arc<Sound>),
    /// Music, over and over, without a click where it begins again.
    Loop(Arc<Sound>),
    /// Music that fades for an announcement at the begin and then after each `every`.
    Interrupted {
        /// What is heard in between. Goes on where it stopped.
        music: Arc<Sound>,
        /// What is said: all of it in a row, each time.
        announcement: Vec<Arc<Sound>>,
        /// From one end to the next begin; zero says it only once.
        every: Duration,
    },
}

/// A ringback tone and its cadence. Source: ITU-T E.180 supplement 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ringback {
    /// The tones that sound together, in Hz; 0 is none.
    pub hz: [u32; 2],
    /// How long it sounds.
    pub on_ms: u32,
    /// How long it is silent.
    pub off_ms: u32,
}

impl Ringback {
    /// Most of Europe.
    pub const EUROPE: Self = Self {
        hz: [425, 0],
        on_ms: 1000,
        off_ms: 4000,
    };
    /// North America.
    pub const AMERICA: Self = Self {
        hz: [440, 480],
        on_ms: 2000,
        off_ms: 4000,
    };
}

/// What one listener hears next.
#[derive(Debug, Clone)]
pub struct Playlist {
    programme: Programme,
    /// The rate asked for, and the one at which sounds are kept.
    rate: Rate,
    kept: Rate,
    /// Samples so far, at the rate kept.
    at: u64,
    music: LoopPlace,
    spoken: Spoken,
    upsampling: Option<Box<Upsampling>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct LoopPlace {
    at: usize,
    /// Whether the end was reached before, so that it blends into the begin.
    again: bool,
}

#[derive(Debug, Clone, Copy)]
enum Spoken {
    /// Music since one sample, until another; `None` for ever.
    Music { since: u64, until: Option<u64> },
    /// The announcement: which of its sounds, and where in it.
    Speech { sound: usize, at: usize },
}

#[derive(Debug, Clone)]
struct Upsampling {
    resampler: Resampler,
    kept: Vec<i16>,
    ready: Vec<i16>,
}

impl Playlist {
    /// A listener of `programme` from its begin, at `rate`.
    #[must_use]
    pub fn new(programme: Programme, rate: Rate) -> Self {
        let kept = rate.min(Rate::Wide);
        let upsampling = (kept != rate).then(|| {
            Box::new(Upsampling {
                resampler: Resampler::new(kept, rate),
                kept: Vec::new(),
                ready: Vec::new(),
            })
        });
        Self {
            programme,
            rate,
            kept,
            at: 0,
            music: LoopPlace::default(),
            spoken: Spoken::Speech { sound: 0, at: 0 },
            upsampling,
        }
    }

    /// What is played.
    #[must_use]
    pub fn programme(&self) -> &Programme {
        &self.programme
    }

    /// The rate of the samples.
    #[must_use]
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// Whether a [`Programme::Once`] has ended.
    #[must_use]
    pub fn is_over(&self) -> bool {
        match &self.programme {
            Programme::Once(sound) => self.at >= sound.pcm(self.kept).len() as u64,
            Programme::Silence
            | Programme::Tone { .. }
            | Programme::Ringing(_)
            | Programme::Loop(_)
            | Programme::Interrupted { .. } => false,
        }
    }

    /// Fills `out` with what comes next.
    pub fn fill(&mut self, out: &mut [i16]) {
        let Some(mut upsampling) = self.upsampling.take() else {
            self.render(out);
            return;
        };
        let Upsampling {
            resampler,
            kept,
            ready,
        } = upsampling.as_mut();
        let factor = (self.rate.hz() / self.kept.hz()) as usize;
        if ready.len() < out.len() {
            kept.resize((out.len() - ready.len()).div_ceil(factor), 0);
            self.render(kept);
            resampler.process(kept, ready);
        }
        out.copy_from_slice(&ready[..out.len()]);
        ready.drain(..out.len());
        self.upsampling = Some(upsampling);
    }

    fn render(&mut self, out: &mut [i16]) {
        let hz = f64::from(self.kept.hz());
        match &self.programme {
            Programme::Silence => out.fill(0),
            Programme::Tone { hz: pitch } => {
                for (index, sample) in (self.at..).zip(out.iter_mut()) {
                    *sample = tone([*pitch, 0], index, hz) as i16;
                }
            }
            Programme::Ringing(ringback) => {
                for (index, sample) in (self.at..).zip(out.iter_mut()) {
                    *sample =
                        (ringback.gain(index, self.kept) * tone(ringback.hz, index, hz)) as i16;
                }
            }
            Programme::Once(sound) => {
                let from = usize::try_from(self.at).unwrap_or(usize::MAX);
                let rest = sound.pcm(self.kept).get(from..).unwrap_or_default();
                copy_then_silence(rest, out);
            }
            Programme::Loop(sound) => self.music.fill(sound.pcm(self.kept), self.kept, out),
            Programme::Interrupted {
                music,
                announcement,
                every,
            } => {
                let every = (every.as_micros() * u128::from(self.kept.hz()) / 1_000_000) as u64;
                let music = music.pcm(self.kept);
                let (mut at, mut rest) = (self.at, out);
                while !rest.is_empty() {
                    let filled = match self.spoken {
                        Spoken::Speech { sound, at: from } => match announcement.get(sound) {
                            Some(current) => {
                                let pcm = &current.pcm(self.kept)[from..];
                                let count = pcm.len().min(rest.len());
                                rest[..count].copy_from_slice(&pcm[..count]);
                                self.spoken = if count == pcm.len() {
                                    Spoken::Speech {
                                        sound: sound + 1,
                                        at: 0,
                                    }
                                } else {
                                    Spoken::Speech {
                                        sound,
                                        at: from + count,
                                    }
                                };
                                count
                            }
                            None => {
                                let until =
                                    (every > 0 && !announcement.is_empty()).then_some(at + every);
                                self.spoken = Spoken::Music { since: at, until };
                                0
                            }
                        },
                        Spoken::Music {
                            until: Some(until), ..
                        } if at >= until => {
                            self.spoken = Spoken::Speech { sound: 0, at: 0 };
                            0
                        }
                        Spoken::Music { since, until } => {
                            let left = until.map_or(u64::MAX, |until| until - at);
                            let count = rest.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                            let part = &mut rest[..count];
                            self.music.fill(music, self.kept, part);
                            fade(part, at - since, left, self.kept);
                            count
                        }
                    };
                    at += filled as u64;
                    rest = &mut rest[filled..];
                }
                self.at = at;
                return;
            }
        }
        self.at += out.len() as u64;
    }
}

impl Ringback {
    /// Loudness of sample `index`: on and off with soft edges, which else would click.
    fn gain(&self, index: u64, rate: Rate) -> f64 {
        let on = rate.samples(self.on_ms) as u64;
        let period = on + rate.samples(self.off_ms) as u64;
        let at = index % period.max(1);
        if at >= on {
            return 0.0;
        }
        let edge = rate.samples(EDGE_MS) as f64;
        (at.min(on - at) as f64 / edge).min(1.0)
    }
}

impl LoopPlace {
    /// Fills `out` with `pcm` over and over; its end is blended into its begin.
    fn fill(&mut self, pcm: &[i16], rate: Rate, out: &mut [i16]) {
        let seam = rate.samples(SEAM_MS).min(pcm.len() / 4);
        let period = pcm.len() - seam;
        let mut rest = out;
        while !rest.is_empty() && period > 0 {
            let count = rest.len().min(period - self.at);
            rest[..count].copy_from_slice(&pcm[self.at..self.at + count]);
            for (index, sample) in (self.at..seam).zip(rest[..count].iter_mut()) {
                let share = (index as f64 + 0.5) / seam as f64 * FRAC_PI_2;
                let end = if self.again {
                    f64::from(pcm[period + index])
                } else {
                    0.0
                };
                // Equal power: begin and end of a recording have nothing in common.
                let blended = f64::from(*sample) * share.sin() + end * share.cos();
                *sample = blended.clamp(f64::from(i16::MIN), f64::from(i16::MAX)) as i16;
            }
            self.at += count;
            if self.at == period {
                *self = Self { at: 0, again: true };
            }
            rest = &mut rest[count..];
        }
        rest.fill(0);
    }
}

/// How much of begin and end of a loop overlap.
const SEAM_MS: u32 = 50;
/// How music goes away for an announcement, and comes back.
const FADE_MS: u32 = 300;
const EDGE_MS: u32 = 5;
/// -16 dBm0 for each tone, as exchanges have it.
const TONE_PEAK: f64 = 3500.0;

fn tone(pitches: [u32; 2], index: u64, hz: f64) -> f64 {
    let one = |pitch: u32| match pitch {
        0 => 0.0,
        // Whole seconds are whole periods: the sine's argument stays small and exact.
        pitch => (TAU * f64::from(pitch) * ((index % hz as u64) as f64 / hz)).sin() * TONE_PEAK,
    };
    pitches.into_iter().map(one).sum()
}

/// Fades `part` in from `since` samples ago and out until `left` samples from now.
fn fade(part: &mut [i16], since: u64, left: u64, rate: Rate) {
    let length = rate.samples(FADE_MS) as u64;
    if since >= length && left >= length + part.len() as u64 {
        return;
    }
    for (index, sample) in (0..).zip(part) {
        let near = (since + index).min(left.saturating_sub(index)).min(length);
        *sample = (i64::from(*sample) * near as i64 / length as i64) as i16;
    }
}

fn copy_then_silence(from: &[i16], out: &mut [i16]) {
    let count = from.len().min(out.len());
    out[..count].copy_from_slice(&from[..count]);
    out[count..].fill(0);
}

#[cfg(test)]
mod tests;
