//! Voices for the browsers' microphones, and a place for them.
//!
//! A steady tone is noise to a browser's noise suppression, and would be taken away. So the
//! voices speak: syllables of one pitch with pauses between them.

use std::{
    f64::consts::TAU,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::{Context, Result};

/// The pitch of the visitor's voice, in hertz.
pub const VISITOR_HZ: f64 = 440.0;

/// The pitch of the agents' voice, in hertz.
pub const AGENT_HZ: f64 = 1000.0;

const RATE: u32 = 48_000;
const SECONDS: u32 = 6;

/// Writes a voice of this pitch as a WAV file. It repeats without a click.
///
/// # Errors
///
/// Where the file cannot be written.
pub fn voice(dir: &Path, hz: f64) -> Result<PathBuf> {
    let samples = RATE * SECONDS;
    let mut bytes = header(samples);
    for at in 0..samples {
        let seconds = f64::from(at) / f64::from(RATE);
        let loud = syllable(seconds) * 0.6;
        let sample = (seconds * hz * TAU).sin() * loud * f64::from(i16::MAX);
        #[allow(clippy::cast_possible_truncation, reason = "the product fits an i16")]
        bytes.extend((sample as i16).to_le_bytes());
    }
    let path = dir.join(format!("voice-{hz}.wav"));
    std::fs::write(&path, bytes).context("writing a voice")?;
    Ok(path)
}

/// How loud the voice is: three syllables a second, each swelling and fading.
fn syllable(seconds: f64) -> f64 {
    let part = (seconds * 3.0).fract();
    if part < 0.75 {
        (part / 0.75 * TAU / 2.0).sin()
    } else {
        0.0
    }
}

/// The header of a mono file of 16-bit samples.
fn header(samples: u32) -> Vec<u8> {
    let size = samples * 2;
    let mut bytes = vec![];
    bytes.extend(b"RIFF");
    bytes.extend((36 + size).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16_u32.to_le_bytes());
    bytes.extend(1_u16.to_le_bytes());
    bytes.extend(1_u16.to_le_bytes());
    bytes.extend(RATE.to_le_bytes());
    bytes.extend((RATE * 2).to_le_bytes());
    bytes.extend(2_u16.to_le_bytes());
    bytes.extend(16_u16.to_le_bytes());
    bytes.extend(b"data");
    bytes.extend(size.to_le_bytes());
    bytes
}

/// A folder that goes when the test does.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// A new, empty folder.
    ///
    /// # Errors
    ///
    /// Where it cannot be made.
    pub fn new() -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("bellwire-test-{}-{count}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).context("making a folder for a test")?;
        Ok(Self(path))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.0);
    }
}
