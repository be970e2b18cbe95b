//! Comfort noise (RFC 3389): what is heard while the far end says nothing and sends nothing.
//!
//! Payload type 13 carries a level and perhaps a spectrum. We read and write the level; the noise
//! we make has the soft spectrum of a room, whatever the far end's is.

/// The static payload type at 8 kHz (RFC 3389 §4).
pub const PAYLOAD_TYPE: u8 = 13;

/// Level of noise in -dBov, 0 (the loudest) to 127.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level(u8);

impl Level {
    /// The level of a payload; `None` where it is empty.
    #[must_use]
    pub fn parse(payload: &[u8]) -> Option<Self> {
        // The highest bit is always 0 (RFC 3389 §3); a spectrum may follow.
        payload.first().map(|byte| Self(byte & 0x7f))
    }

    /// The payload of this level: white noise, no spectrum.
    #[must_use]
    pub fn bytes(self) -> [u8; 1] {
        [self.0]
    }

    /// The level of `pcm`: what to tell the far end before a pause.
    #[must_use]
    pub fn of(pcm: &[i16]) -> Self {
        let sum: f64 = pcm.iter().map(|&sample| f64::from(sample).powi(2)).sum();
        let loudness = (sum / pcm.len().max(1) as f64).sqrt() / OVERLOAD;
        let below = -20.0 * loudness.max(1e-7).log10();
        Self(below.round().clamp(0.0, 127.0) as u8)
    }

    /// In -dBov.
    #[must_use]
    pub fn below_overload_db(self) -> u8 {
        self.0
    }
}

/// Makes noise of a level that glides from one told to the next.
#[derive(Debug, Clone)]
pub struct ComfortNoise {
    wanted: f32,
    gain: f32,
    seed: u32,
    smooth: f32,
}

impl ComfortNoise {
    /// Silence until a level is told. `seed` keeps two legs from having the same noise.
    #[must_use]
    pub fn new(seed: u32) -> Self {
        Self {
            wanted: 0.0,
            gain: 0.0,
            seed: seed | 1,
            smooth: 0.0,
        }
    }

    /// Takes the level of a comfort noise packet. Nothing louder than -30 dBov is believed.
    pub fn tell(&mut self, level: Level) {
        let below = f32::from(level.0.max(LOUDEST));
        self.wanted = OVERLOAD as f32 * 10f32.powf(-below / 20.0);
    }

    /// Fills `out` with noise.
    pub fn fill(&mut self, out: &mut [i16]) {
        for sample in out {
            self.gain += (self.wanted - self.gain) * GLIDE;
            self.seed ^= self.seed << 13;
            self.seed ^= self.seed >> 17;
            self.seed ^= self.seed << 5;
            let white = self.seed as i32 as f32 / i32::MAX as f32;
            self.smooth += (white - self.smooth) * SMOOTH;
            *sample = (self.smooth * self.gain * TO_LEVEL) as i16;
        }
    }
}

const OVERLOAD: f64 = 32_768.0;
const LOUDEST: u8 = 30;
const GLIDE: f32 = 0.002;
const SMOOTH: f32 = 0.5;
/// Makes up for the loudness of the even distribution (√3) and what the smoothing takes (√3).
const TO_LEVEL: f32 = 3.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_survives_its_payload() {
        assert_eq!(Level::parse(&[0x80 | 62, 1, 2, 3]), Some(Level(62)));
        assert_eq!(Level::parse(&[]), None);
        assert_eq!(Level(62).bytes(), [62]);
    }

    #[test]
    fn the_noise_made_has_the_level_told() {
        for below in [40, 50, 60, 70] {
            let mut noise = ComfortNoise::new(7);
            noise.tell(Level(below));
            let mut pcm = vec![0; 16_000];

            noise.fill(&mut pcm);

            let made = Level::of(&pcm[4000..]).below_overload_db();
            assert!(made.abs_diff(below) <= 2, "{made} for {below}");
        }
    }

    #[test]
    fn silence_is_the_lowest_level_and_nobody_can_shout() {
        assert_eq!(Level::of(&[0; 160]), Level(127));
        assert_eq!(Level::of(&[]), Level(127));
        let mut noise = ComfortNoise::new(7);
        noise.tell(Level(0));
        let mut pcm = vec![0; 16_000];

        noise.fill(&mut pcm);

        assert!(Level::of(&pcm[4000..]).below_overload_db() >= 28);
    }
}
