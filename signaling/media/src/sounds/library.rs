//! The sounds of a centre: the built-in ones, those that replace them, and files played by name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::SystemTime;

use super::{Sound, SoundError};

/// Every sound in memory, each once.
///
/// Reading a file takes a while: keep the library away from the media thread, and hand it the
/// [`Sound`]s.
#[derive(Debug)]
pub struct Library {
    folder: Option<PathBuf>,
    music: Option<Arc<Sound>>,
    announcement: Option<Arc<Sound>>,
    beep: Option<Arc<Sound>>,
    files: BTreeMap<PathBuf, Loaded>,
}

#[derive(Debug)]
struct Loaded {
    sound: Arc<Sound>,
    /// Length and time of the file when it was read: another file is read again.
    stamp: (u64, Option<SystemTime>),
    used: u64,
}

impl Library {
    /// The built-in sounds, or those of the same name in `folder` (`music`, `announcement` and
    /// `beep`, each as `.wav` or `.ogg`).
    ///
    /// # Errors
    ///
    /// [`SoundError`] where a file of the folder cannot be played: better told at the start than
    /// heard by the first caller.
    pub fn open(folder: Option<&Path>) -> Result<Self, SoundError> {
        Ok(Self {
            folder: folder.map(Path::to_owned),
            music: own(folder, "music")?,
            announcement: own(folder, "announcement")?,
            beep: own(folder, "beep")?,
            files: BTreeMap::new(),
        })
    }

    /// Music for those who wait.
    #[must_use]
    pub fn music(&self) -> Arc<Sound> {
        Arc::clone(self.music.as_ref().unwrap_or_else(|| &MUSIC))
    }

    /// "Please hold the line."
    #[must_use]
    pub fn announcement(&self) -> Arc<Sound> {
        Arc::clone(self.announcement.as_ref().unwrap_or_else(|| &ANNOUNCEMENT))
    }

    /// A short tone, for example before a recording.
    #[must_use]
    pub fn beep(&self) -> Arc<Sound> {
        Arc::clone(self.beep.as_ref().unwrap_or_else(|| &BEEP))
    }

    /// The sound of a file; a relative path is looked for in the folder. Read once, and again when
    /// the file changed.
    ///
    /// # Errors
    ///
    /// [`SoundError`].
    pub fn file(&mut self, path: &Path) -> Result<Arc<Sound>, SoundError> {
        let path = self
            .folder
            .as_deref()
            .map_or_else(|| path.to_owned(), |folder| folder.join(path));
        let metadata = std::fs::metadata(&path).map_err(|source| SoundError::Read {
            path: path.clone(),
            source,
        })?;
        let stamp = (metadata.len(), metadata.modified().ok());
        let now = self
            .files
            .values()
            .map(|loaded| loaded.used)
            .max()
            .unwrap_or(0)
            + 1;
        if let Some(loaded) = self
            .files
            .get_mut(&path)
            .filter(|loaded| loaded.stamp == stamp)
        {
            loaded.used = now;
            return Ok(Arc::clone(&loaded.sound));
        }
        let sound = Sound::load(&path)?;
        self.make_room();
        self.files.insert(
            path,
            Loaded {
                sound: Arc::clone(&sound),
                stamp,
                used: now,
            },
        );
        Ok(sound)
    }

    /// Forgets the file unused the longest. Who still hears it goes on hearing it.
    fn make_room(&mut self) {
        if self.files.len() < MOST_FILES {
            return;
        }
        let oldest = self.files.iter().min_by_key(|(_, loaded)| loaded.used);
        if let Some(path) = oldest.map(|(path, _)| path.clone()) {
            self.files.remove(&path);
        }
    }
}

/// The built-in sounds, decoded when the first one asks.
static MUSIC: LazyLock<Arc<Sound>> = LazyLock::new(|| built_in("music.ogg", MUSIC_FILE));
static ANNOUNCEMENT: LazyLock<Arc<Sound>> =
    LazyLock::new(|| built_in("announcement.ogg", ANNOUNCEMENT_FILE));
static BEEP: LazyLock<Arc<Sound>> = LazyLock::new(|| built_in("beep.wav", BEEP_FILE));

const MUSIC_FILE: &[u8] = include_bytes!("../../sounds/music.ogg");
const ANNOUNCEMENT_FILE: &[u8] = include_bytes!("../../sounds/announcement.ogg");
const BEEP_FILE: &[u8] = include_bytes!("../../sounds/beep.wav");
const MOST_FILES: usize = 32;

fn built_in(name: &str, bytes: &'static [u8]) -> Arc<Sound> {
    Sound::decode(Path::new(name), bytes).unwrap_or_else(|error| {
        tracing::error!(%error, "a built-in sound is damaged; callers hear silence instead");
        Sound::silence(Path::new(name))
    })
}

/// The sound of this name in `folder`, if there is one.
fn own(folder: Option<&Path>, name: &str) -> Result<Option<Arc<Sound>>, SoundError> {
    let mut files = folder.into_iter().flat_map(|folder| {
        ["wav", "ogg"].map(|extension| folder.join(name).with_extension(extension))
    });
    files
        .find(|path| path.exists())
        .map(|path| Sound::load(&path))
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resample::Rate;
    use crate::testing::loudness;

    /// A folder that goes when the test ends.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("bellwire-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn the_built_in_sounds_are_there_and_are_neither_silent_nor_too_loud() {
        let library = Library::open(None).unwrap();

        for (sound, seconds) in [
            (library.music(), 20..40),
            (library.announcement(), 3..10),
            (library.beep(), 0..1),
        ] {
            let pcm = sound.pcm(Rate::Narrow);
            assert!(seconds.contains(&sound.duration().as_secs()), "{sound:?}");
            assert!(
                (800.0..6000.0).contains(&loudness(pcm)),
                "{sound:?}: {}",
                loudness(pcm)
            );
        }
        assert!(MUSIC_FILE.len() + ANNOUNCEMENT_FILE.len() + BEEP_FILE.len() < 400_000);
    }

    #[test]
    fn a_folder_replaces_what_it_has() {
        let folder = Folder::new("replaces");
        std::fs::write(folder.0.join("music.wav"), BEEP_FILE).unwrap();

        let library = Library::open(Some(&folder.0)).unwrap();

        assert_eq!(library.music().duration(), library.beep().duration());
        assert!(library.announcement().duration().as_secs() > 2);
    }

    #[test]
    fn a_broken_file_of_the_folder_is_told_at_the_start() {
        let folder = Folder::new("broken");
        std::fs::write(folder.0.join("beep.wav"), b"nothing").unwrap();

        let refused = Library::open(Some(&folder.0)).unwrap_err().to_string();

        assert!(refused.contains("beep.wav"), "{refused}");
    }

    #[test]
    fn a_file_is_in_memory_once_and_read_again_when_it_changes() {
        let folder = Folder::new("once");
        let path = Path::new("hello.wav");
        std::fs::write(folder.0.join(path), BEEP_FILE).unwrap();
        let mut library = Library::open(Some(&folder.0)).unwrap();

        let first = library.file(path).unwrap();
        assert!(Arc::ptr_eq(&first, &library.file(path).unwrap()));
        std::fs::write(folder.0.join(path), ANNOUNCEMENT_FILE).unwrap();

        assert!(library.file(path).unwrap().duration() > first.duration());
    }

    #[test]
    fn files_in_memory_are_bounded_and_a_missing_one_is_named() {
        let folder = Folder::new("bounded");
        let mut library = Library::open(Some(&folder.0)).unwrap();
        for index in 0..MOST_FILES + 5 {
            let path = folder.0.join(format!("{index}.wav"));
            std::fs::write(&path, BEEP_FILE).unwrap();
            library.file(&path).unwrap();
        }

        assert_eq!(library.files.len(), MOST_FILES);
        let refused = library.file(Path::new("gone.wav")).unwrap_err().to_string();
        assert!(refused.contains("gone.wav could not be read"), "{refused}");
    }
}
