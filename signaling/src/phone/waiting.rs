//! What callers hear while they wait: a queue's music and announcements, each file read once.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use bellwire_media::sounds::{Library, Programme, Sound, SoundError};
use bellwire_proto::setup::WaitingSound;

/// The sounds.
#[derive(Debug)]
pub(super) struct Waiting {
    library: Library,
    folder: Option<PathBuf>,
}

impl Waiting {
    /// The built-in sounds, and those of this folder.
    pub(super) fn open(folder: Option<&Path>) -> Result<Self, SoundError> {
        Ok(Self {
            library: Library::open(folder)?,
            folder: folder.map(Path::to_owned),
        })
    }

    /// What a queue plays. A file that cannot be read is told to the log, and the built-in one is played.
    pub(super) fn programme(&mut self, sound: &WaitingSound) -> Programme {
        let music = match &sound.music {
            Some(file) => self.file(file).unwrap_or_else(|| self.library.music()),
            None => self.library.music(),
        };
        if sound.every_s == 0 {
            return Programme::Loop(music);
        }
        let mut announcement: Vec<_> = (sound.announcements.iter())
            .filter_map(|file| self.file(file))
            .collect();
        if announcement.is_empty() {
            announcement.push(self.library.announcement());
        }
        Programme::Interrupted {
            music,
            announcement,
            every: Duration::from_secs(u64::from(sound.every_s)),
        }
    }

    fn file(&mut self, name: &str) -> Option<Arc<Sound>> {
        // The set-up's check lets no path out of the folder; what is stored is not trusted all the same.
        let plain = Path::new(name).file_name().is_some_and(|file| file == name);
        let path = (self.folder.as_ref().filter(|_| plain))?.join(name);
        match self.library.file(&path) {
            Ok(sound) => Some(sound),
            Err(error) => {
                tracing::warn!(%error, "the built-in sound is played in place of this file");
                None
            }
        }
    }
}
