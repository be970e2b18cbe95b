//! What the tests of this crate share: seeded dice, and sounds to measure with.

use std::f64::consts::TAU;

/// A small seeded generator (xorshift64*), so that every run throws the same.
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() >> 16) as usize % bound.max(1)
    }

    /// `seed` with a few bytes changed, cut or added.
    pub(crate) fn mutated(&mut self, seed: &[u8]) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len() + 1);
            match self.below(4) {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, self.next() as u8),
                2 | 3 => {
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte = self.next() as u8;
                    }
                }
                other => unreachable!("{other} is not below four"),
            }
        }
        bytes
    }

    /// `count` bytes of noise.
    pub(crate) fn noise(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next() as u8).collect()
    }
}

/// A sine of `hz` at `rate` samples a second.
pub(crate) fn sine(hz: f64, rate: u32, samples: usize, peak: f64) -> Vec<i16> {
    (0..samples)
        .map(|index| (peak * (TAU * hz * index as f64 / f64::from(rate)).sin()) as i16)
        .collect()
}

/// How far the best-fitting sine of `hz` stands above all else in `pcm`, in dB.
pub(crate) fn tone_to_rest_db(pcm: &[i16], hz: f64, rate: u32) -> f64 {
    let step = TAU * hz / f64::from(rate);
    let mut sums = [[0.0; 2]; 2];
    let mut rights = [0.0; 2];
    for (index, &sample) in pcm.iter().enumerate() {
        let basis = [(step * index as f64).cos(), (step * index as f64).sin()];
        for row in 0..2 {
            rights[row] += basis[row] * f64::from(sample);
            for column in 0..2 {
                sums[row][column] += basis[row] * basis[column];
            }
        }
    }
    let determinant = sums[0][0] * sums[1][1] - sums[0][1] * sums[1][0];
    let cosine = (rights[0] * sums[1][1] - rights[1] * sums[0][1]) / determinant;
    let sine = (rights[1] * sums[0][0] - rights[0] * sums[1][0]) / determinant;
    let (mut tone, mut rest) = (0.0, 0.0);
    for (index, &sample) in pcm.iter().enumerate() {
        let angle = step * index as f64;
        let fitted = cosine * angle.cos() + sine * angle.sin();
        tone += fitted * fitted;
        rest += (f64::from(sample) - fitted).powi(2);
    }
    10.0 * (tone / rest.max(1e-9)).log10()
}

/// Root mean square of `pcm`.
pub(crate) fn loudness(pcm: &[i16]) -> f64 {
    let sum: f64 = pcm.iter().map(|&sample| f64::from(sample).powi(2)).sum();
    (sum / pcm.len().max(1) as f64).sqrt()
}
