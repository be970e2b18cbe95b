//! What is heard in place of a lost packet, for codecs that have no means of their own.
//!
//! The last pitch period goes on and fades out, and the next real packet is faded in: the idea of
//! ITU-T G.711 appendix I, shorter.

use crate::resample::Rate;

/// Keeps the newest sound of one stream, and goes on from it.
#[derive(Debug, Clone)]
pub(super) struct Concealer {
    rate: Rate,
    past: Vec<i16>,
    /// The period that repeats, and where in it we are, while a loss lasts.
    loss: Option<Loss>,
}

#[derive(Debug, Clone)]
struct Loss {
    period: usize,
    made: usize,
}

impl Concealer {
    pub(super) fn new(rate: Rate) -> Self {
        Self {
            rate,
            past: vec![0; rate.samples(PAST_MS)],
            loss: None,
        }
    }

    /// Takes note of decoded sound; blends its begin with what was made for a loss before it.
    pub(super) fn heard(&mut self, pcm: &mut [i16]) {
        if let Some(loss) = self.loss.take() {
            let blend = self.rate.samples(BLEND_MS).min(pcm.len());
            for (index, sample) in pcm[..blend].iter_mut().enumerate() {
                let made = self.made(&loss, loss.made + index);
                let share = (index + 1) as f32 / (blend + 1) as f32;
                *sample = (f32::from(*sample) * share + made * (1.0 - share)) as i16;
            }
        }
        let kept = pcm.len().min(self.past.len());
        self.past.copy_within(kept.., 0);
        let from = self.past.len() - kept;
        self.past[from..].copy_from_slice(&pcm[pcm.len() - kept..]);
    }

    /// Fills `out` with what may have followed.
    pub(super) fn conceal(&mut self, out: &mut [i16]) {
        let loss = self.loss.take().unwrap_or_else(|| Loss {
            period: self.period(),
            made: 0,
        });
        for (index, sample) in out.iter_mut().enumerate() {
            *sample = self.made(&loss, loss.made + index) as i16;
        }
        self.loss = Some(Loss {
            made: loss.made + out.len(),
            ..loss
        });
    }

    /// The sample made `index` samples after the last one heard.
    fn made(&self, loss: &Loss, index: usize) -> f32 {
        let full = self.rate.samples(FULL_MS);
        let fade = self.rate.samples(FADE_MS);
        let gone = index.saturating_sub(full).min(fade);
        let gain = 1.0 - gone as f32 / fade as f32;
        let begin = self.past.len() - loss.period;
        let at = index % loss.period;
        let sample = f32::from(self.past[begin + at]);
        // Where the period begins again, it comes out of what stood before it.
        let seam = self.rate.samples(SEAM_MS).min(loss.period / 4).max(1);
        let left = loss.period - at;
        if left > seam {
            return sample * gain;
        }
        let before = f32::from(self.past[begin - left]);
        let share = left as f32 / (seam + 1) as f32;
        (sample * share + before * (1.0 - share)) * gain
    }

    /// The lag at which the past is most like itself, in samples.
    fn period(&self) -> usize {
        let window = self.rate.samples(WINDOW_MS);
        let newest = &self.past[self.past.len() - window..];
        let step = (self.rate.samples(1) / 8).max(1);
        let mut best = (self.rate.samples(SHORTEST_MS * 2), 0.0f32);
        for lag in self.rate.samples(SHORTEST_MS)..=self.rate.samples(LONGEST_MS) {
            let begin = self.past.len() - window - lag;
            let older = &self.past[begin..begin + window];
            let (mut product, mut energy) = (0.0f32, 1.0f32);
            for (a, b) in newest.iter().zip(older).step_by(step) {
                product += f32::from(*a) * f32::from(*b);
                energy += f32::from(*b) * f32::from(*b);
            }
            let likeness = product / energy.sqrt();
            if likeness > best.1 {
                best = (lag, likeness);
            }
        }
        best.0
    }
}

const PAST_MS: u32 = 40;
const WINDOW_MS: u32 = 10;
const SHORTEST_MS: u32 = 3;
const LONGEST_MS: u32 = 15;
const SEAM_MS: u32 = 1;
const BLEND_MS: u32 = 4;
const FULL_MS: u32 = 10;
const FADE_MS: u32 = 50;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{loudness, sine};

    #[test]
    fn a_tone_goes_on_over_one_lost_packet() {
        let mut tone = sine(200.0, 8000, 800, 10_000.0);
        let mut concealer = Concealer::new(Rate::Narrow);
        concealer.heard(&mut tone[..400]);
        let mut made = [0; 160];

        concealer.conceal(&mut made);

        let off = made
            .iter()
            .zip(&tone[400..440])
            .map(|(a, b)| a.abs_diff(*b))
            .max();
        assert!(off < Some(600), "{off:?}");
        assert!(loudness(&made[80..]) > loudness(&tone) * 0.6);
    }

    #[test]
    fn a_long_loss_fades_to_silence() {
        let mut tone = sine(200.0, 16_000, 800, 10_000.0);
        let mut concealer = Concealer::new(Rate::Wide);
        concealer.heard(&mut tone);
        let mut made = vec![0; 320 * 5];

        for frame in made.chunks_mut(320) {
            concealer.conceal(frame);
        }

        assert!(made[320 * 4..].iter().all(|sample| *sample == 0));
    }

    #[test]
    fn sound_after_a_loss_begins_without_a_step() {
        let mut tone = sine(200.0, 8000, 800, 10_000.0);
        let mut concealer = Concealer::new(Rate::Narrow);
        concealer.heard(&mut tone[..400]);
        let mut made = [0; 160];
        concealer.conceal(&mut made);
        let mut next = [0; 160];

        concealer.heard(&mut next);

        let step = made[159].abs_diff(next[0]);
        assert!(step < 2500, "{step}");
        assert_eq!(next[100], 0);
    }

    #[test]
    fn a_loss_before_any_sound_is_silence() {
        let mut concealer = Concealer::new(Rate::Narrow);
        let mut made = [7; 160];

        concealer.conceal(&mut made);

        assert_eq!(made, [0; 160]);
    }
}
