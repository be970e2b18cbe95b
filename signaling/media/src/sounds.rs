//! Music, announcements and tones: what a leg hears when it hears nobody.
//!
//! A [`Sound`] is read once and shared: a [`Playlist`] is one listener's place in it, a few bytes.
//! A [`Reel`] is a playlist encoded once for all its listeners. Sending is elsewhere.

mod decode;
mod library;
mod playlist;
mod reel;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::resample::{Rate, convert};
pub use library::Library;
pub use playlist::{Playlist, Programme, Ringback};
pub use reel::Reel;

/// Why a sound cannot be played. The text names the file and what to do.
#[derive(Debug, thiserror::Error)]
pub enum SoundError {
    /// The file is missing, or may not be read.
    #[error("the sound {} could not be read: {source}", .path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// More than [`MOST_FILE_BYTES`].
    #[error("the sound {} is larger than {} MB; shorten it or save it as OGG", .path.display(), MOST_FILE_BYTES / 1_000_000)]
    TooLarge {
        /// Which file.
        path: PathBuf,
    },
    /// Longer than [`LONGEST`].
    #[error("the sound {} lasts longer than {} minutes; shorten it", .path.display(), LONGEST.as_secs() / 60)]
    TooLong {
        /// Which file.
        path: PathBuf,
    },
    /// No WAV and no OGG Vorbis, or damaged.
    #[error("the sound {} is not a WAV or OGG Vorbis file that can be read ({why}); convert it to one of them", .path.display())]
    Format {
        /// Which file.
        path: PathBuf,
        /// What the reader stumbled over.
        why: String,
    },
    /// Read, but there is no sound in it.
    #[error("the sound {} is empty; record it again", .path.display())]
    Empty {
        /// Which file.
        path: PathBuf,
    },
}

/// The largest file read.
pub const MOST_FILE_BYTES: u64 = 50_000_000;
/// The longest sound: it then has 29 MB.
pub const LONGEST: Duration = Duration::from_secs(600);

/// A recording in memory, mono, at the two rates that telephones and Opus are fed with.
///
/// Share it by [`Arc`]: three hundred listeners need it once.
pub struct Sound {
    name: PathBuf,
    narrow: Box<[i16]>,
    wide: Box<[i16]>,
}

impl Sound {
    /// Reads a WAV or OGG Vorbis file. Takes a while: not for the media thread.
    ///
    /// # Errors
    ///
    /// [`SoundError`].
    pub fn load(path: &Path) -> Result<Arc<Self>, SoundError> {
        let failed = |source| SoundError::Read {
            path: path.to_owned(),
            source,
        };
        let bytes = std::fs::metadata(path).map_err(failed)?.len();
        if bytes > MOST_FILE_BYTES {
            return Err(SoundError::TooLarge {
                path: path.to_owned(),
            });
        }
        Self::decode(path, std::fs::read(path).map_err(failed)?)
    }

    /// Reads a file that is in memory; `name` is for errors.
    ///
    /// # Errors
    ///
    /// [`SoundError`].
    pub fn decode(
        name: &Path,
        bytes: impl AsRef<[u8]> + Send + Sync + 'static,
    ) -> Result<Arc<Self>, SoundError> {
        let (pcm, hz) = decode::decode(name, bytes)?;
        Self::from_pcm(name, &pcm, hz)
    }

    /// A sound of samples at `hz`.
    ///
    /// # Errors
    ///
    /// [`SoundError::Empty`].
    pub fn from_pcm(name: &Path, pcm: &[i16], hz: u32) -> Result<Arc<Self>, SoundError> {
        let wide = convert(pcm, hz, Rate::Wide.hz());
        let narrow = convert(pcm, hz, Rate::Narrow.hz());
        if narrow.is_empty() {
            return Err(SoundError::Empty {
                path: name.to_owned(),
            });
        }
        Ok(Arc::new(Self {
            name: name.to_owned(),
            narrow: narrow.into(),
            wide: wide.into(),
        }))
    }

    /// A tenth of a second of nothing.
    #[must_use]
    pub fn silence(name: &Path) -> Arc<Self> {
        let silence = |rate: Rate| vec![0; rate.samples(100)].into();
        Arc::new(Self {
            name: name.to_owned(),
            narrow: silence(Rate::Narrow),
            wide: silence(Rate::Wide),
        })
    }

    /// The file it came from.
    #[must_use]
    pub fn name(&self) -> &Path {
        &self.name
    }

    /// How long it lasts.
    #[must_use]
    pub fn duration(&self) -> Duration {
        Duration::from_millis(self.narrow.len() as u64 * 1000 / u64::from(Rate::Narrow.hz()))
    }

    /// Its samples; at most 16 kHz are kept.
    #[must_use]
    pub fn pcm(&self, rate: Rate) -> &[i16] {
        match rate {
            Rate::Narrow => &self.narrow,
            Rate::Wide | Rate::Full => &self.wide,
        }
    }
}

impl std::fmt::Debug for Sound {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Sound")
            .field("name", &self.name)
            .field("duration", &self.duration())
            .finish_non_exhaustive()
    }
}
