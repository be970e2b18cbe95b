//! What is heard: the loudest pitch and its level, found with Goertzel's filter.

use std::{f64::consts::TAU, fmt, time::Duration};

use anyhow::{Result, ensure};

use crate::wait::{SOON, until};

/// How quiet counts as silence, in decibels of full scale. Noise of G.711 itself is below.
pub const SILENCE: f64 = -50.0;

/// How far a pitch may be off, in hertz.
const NEAR: f64 = 12.0;

/// What was heard for a moment.
#[derive(Clone)]
pub struct Heard {
    /// The loudest pitch between 100 and 3600 hertz.
    pub hz: f64,
    /// Its level, in decibels of full scale: 0 is the loudest sine there can be.
    pub db: f64,
    samples: Vec<f32>,
    rate: f64,
}

impl Heard {
    /// Finds the loudest pitch in `samples` (between -1 and 1), of which `rate` were taken in a second.
    #[must_use]
    pub fn of(samples: Vec<f32>, rate: u32) -> Self {
        let rate = f64::from(rate);
        let mut heard = Self {
            hz: 0.0,
            db: -120.0,
            samples,
            rate,
        };
        if heard.samples.iter().all(|sample| sample.abs() < 1e-5) {
            return heard;
        }
        // A window of T seconds with Hann's shape is 4/T hertz wide; half of that misses no pitch.
        let step = (2.0 / heard.seconds()).clamp(1.0, 50.0);
        heard.search(100.0, 3600.0_f64.min(rate / 2.2), step);
        let coarse = heard.hz;
        heard.search(coarse - step, coarse + step, step / 10.0);
        heard
    }

    /// The level at one pitch, in decibels of full scale.
    #[must_use]
    pub fn at(&self, hz: f64) -> f64 {
        let turn = TAU * hz / self.rate;
        let (mut one, mut two, mut weights) = (0.0, 0.0, 0.0);
        let last = to_f64(self.samples.len().max(2) - 1);
        for (nth, sample) in self.samples.iter().enumerate() {
            let hann = 0.5 - 0.5 * (TAU * to_f64(nth) / last).cos();
            let zero = f64::from(*sample) * hann + 2.0 * turn.cos() * one - two;
            (one, two, weights) = (zero, one, weights + hann);
        }
        let power = one * one + two * two - 2.0 * turn.cos() * one * two;
        let amplitude = 2.0 * power.max(0.0).sqrt() / f64::max(weights, 1.0);
        (20.0 * amplitude.max(1e-6).log10()).max(-120.0)
    }

    /// Whether this is the pitch, and loud enough to hear.
    #[must_use]
    pub fn is(&self, hz: f64) -> bool {
        self.db > SILENCE && (self.hz - hz).abs() < NEAR
    }

    /// Whether it is silent.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.db < SILENCE
    }

    fn seconds(&self) -> f64 {
        to_f64(self.samples.len()).max(1.0) / self.rate
    }

    fn search(&mut self, from: f64, to: f64, step: f64) {
        let mut hz = from;
        while hz <= to {
            let db = self.at(hz);
            if db > self.db {
                (self.hz, self.db) = (hz, db);
            }
            hz += step;
        }
    }
}

impl fmt::Debug for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.0} Hz at {:.1} dB over {:.2} s",
            self.hz,
            self.db,
            self.seconds()
        )
    }
}

/// Somebody who hears.
#[allow(
    async_fn_in_trait,
    reason = "tests await in place and spawn none of it"
)]
pub trait Ears {
    /// What was heard for the last moment up to now.
    ///
    /// # Errors
    ///
    /// Where there is nobody to listen.
    fn listen(&self) -> Result<Heard>;

    /// Waits until this pitch is the loudest.
    ///
    /// # Errors
    ///
    /// Where it is not; tells what is heard instead.
    async fn hears(&self, hz: f64) -> Result<()> {
        self.hears_within(hz, SOON).await
    }

    /// The same, with another patience.
    ///
    /// # Errors
    ///
    /// As [`Self::hears`].
    async fn hears_within(&self, hz: f64, within: Duration) -> Result<()> {
        self.heard(format!("sound of {hz} Hz"), within, |heard| heard.is(hz))
            .await
    }

    /// Waits until this pitch is not heard, whatever else is.
    ///
    /// # Errors
    ///
    /// Where it stays.
    async fn hears_no(&self, hz: f64) -> Result<()> {
        let what = format!("end of the sound of {hz} Hz");
        self.heard(what, SOON, |heard| heard.at(hz) < SILENCE).await
    }

    /// Waits for silence.
    ///
    /// # Errors
    ///
    /// Where there is none.
    async fn hears_nothing(&self) -> Result<()> {
        self.heard("silence".into(), SOON, Heard::is_silent).await
    }

    /// Waits for sound that is not of this pitch (music while on hold).
    ///
    /// # Errors
    ///
    /// Where there is silence, or that pitch.
    async fn hears_other_than(&self, hz: f64) -> Result<()> {
        let what = format!("sound other than {hz} Hz");
        let other = |heard: &Heard| !heard.is_silent() && !heard.is(hz);
        self.heard(what, SOON, other).await
    }

    /// Waits until what is heard fits.
    ///
    /// # Errors
    ///
    /// Where it does not; tells what is heard instead.
    async fn heard(
        &self,
        what: String,
        within: Duration,
        fits: impl Fn(&Heard) -> bool,
    ) -> Result<()> {
        until(what, within, async || {
            let heard = self.listen()?;
            ensure!(fits(&heard), "heard {heard:?}");
            Ok(Some(()))
        })
        .await
    }
}

fn to_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(hz: f64, loud: f64, rate: u32, count: u32) -> Vec<f32> {
        let sample = |nth| (TAU * hz * f64::from(nth) / f64::from(rate)).sin() * loud;
        #[allow(clippy::cast_possible_truncation, reason = "sound needs no more")]
        let samples = (0..count).map(|nth| sample(nth) as f32).collect();
        samples
    }

    #[test]
    fn a_pitch_is_told_to_a_few_hertz_with_its_level() {
        for (hz, rate) in [
            (440.0, 8000),
            (1000.0, 48_000),
            (333.0, 8000),
            (3333.0, 8000),
        ] {
            let heard = Heard::of(sine(hz, 0.5, rate, rate * 2 / 5), rate);

            assert!((heard.hz - hz).abs() < 2.0, "{heard:?} for {hz}");
            assert!((heard.db + 6.0).abs() < 0.5, "{heard:?} for {hz}");
        }
    }

    #[test]
    fn nothing_is_silence_and_not_a_pitch() {
        let heard = Heard::of(vec![0.0; 3200], 8000);

        assert!(heard.is_silent());
        assert!(!heard.is(440.0));
        assert!(heard.at(440.0) < SILENCE);
    }
}
