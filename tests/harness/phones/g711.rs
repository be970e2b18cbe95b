//! G.711: one byte for a sample, 8000 a second. Written from the recommendation's tables, apart from the
//! product's, so that an error there is not repeated here.

/// Which of the two laws.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Law {
    /// µ-law (PCMU).
    Mu,
    /// A-law (PCMA).
    A,
}

impl Law {
    /// The RTP payload type (RFC 3551, section 6).
    #[must_use]
    pub fn payload_type(self) -> u8 {
        match self {
            Self::Mu => 0,
            Self::A => 8,
        }
    }

    /// The law of an RTP payload type.
    #[must_use]
    pub fn of(payload_type: u8) -> Option<Self> {
        [Self::Mu, Self::A]
            .into_iter()
            .find(|law| law.payload_type() == payload_type)
    }

    /// The name in SDP.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mu => "PCMU",
            Self::A => "PCMA",
        }
    }

    /// Codes a sample between -1 and 1.
    #[must_use]
    pub fn encode(self, sample: f32) -> u8 {
        #[allow(clippy::cast_possible_truncation, reason = "clamped to an i16")]
        let sample = (sample.clamp(-1.0, 1.0) * 32_767.0) as i16;
        match self {
            Self::Mu => mu_encode(sample),
            Self::A => a_encode(sample),
        }
    }

    /// The sample between -1 and 1 that a byte stands for.
    #[must_use]
    pub fn decode(self, byte: u8) -> f32 {
        let sample = match self {
            Self::Mu => mu_decode(byte),
            Self::A => a_decode(byte),
        };
        f32::from(sample) / 32_768.0
    }
}

fn mu_encode(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let magnitude = i32::from(sample).abs().min(32_635) + 132;
    let exponent = (magnitude.ilog2() - 7).min(7);
    let mantissa = (magnitude >> (exponent + 3)) & 0x0f;
    !(sign | low_byte(exponent) << 4 | low_byte(mantissa.unsigned_abs()))
}

fn mu_decode(byte: u8) -> i16 {
    let byte = !byte;
    let exponent = (byte >> 4) & 7;
    let magnitude = ((i16::from(byte & 0x0f) << 3) + 132) << exponent;
    if byte & 0x80 == 0 {
        magnitude - 132
    } else {
        132 - magnitude
    }
}

fn a_encode(sample: i16) -> u8 {
    let (sign, magnitude) = if sample < 0 {
        (0, !i32::from(sample) >> 3)
    } else {
        (0x80, i32::from(sample) >> 3)
    };
    let code = if magnitude < 32 {
        magnitude >> 1
    } else {
        let exponent = magnitude.ilog2() - 4;
        (i32::try_from(exponent).unwrap_or(7) << 4) | ((magnitude >> exponent) & 0x0f)
    };
    (sign | low_byte(code.unsigned_abs())) ^ 0x55
}

fn a_decode(byte: u8) -> i16 {
    let byte = byte ^ 0x55;
    let exponent = (byte >> 4) & 7;
    let mantissa = i16::from(byte & 0x0f) << 4;
    let magnitude = match exponent {
        0 => mantissa + 8,
        _ => (mantissa + 264) << (exponent - 1),
    };
    if byte & 0x80 == 0 {
        -magnitude
    } else {
        magnitude
    }
}

fn low_byte(number: u32) -> u8 {
    number.to_le_bytes()[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_coded_comes_back_as_near_as_the_laws_allow() {
        for law in [Law::Mu, Law::A] {
            for step in -1000..=1000_i16 {
                let sample = f32::from(step) / 1000.0;

                let back = law.decode(law.encode(sample));

                let allowed = sample.abs() / 30.0 + 0.002;
                assert!(
                    (back - sample).abs() < allowed,
                    "{law:?}: {sample} became {back}"
                );
            }
        }
    }

    #[test]
    fn silence_has_the_codes_of_the_recommendation() {
        assert_eq!(Law::Mu.encode(0.0), 0xff);
        assert_eq!(Law::A.encode(0.0), 0xd5);
    }

    #[test]
    fn every_code_is_a_fixed_point() {
        for law in [Law::Mu, Law::A] {
            for byte in 0..=u8::MAX {
                let sample = law.decode(byte);

                let again = law.decode(law.encode(sample));

                assert!(
                    (again - sample).abs() < 1e-3,
                    "{law:?} {byte:#x}: {sample} {again}"
                );
            }
        }
    }
}
