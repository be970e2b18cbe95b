//! The data directory and the files in it: for the owner's eyes only.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use super::Error;
use crate::config::Config;

/// The database's file in the data directory.
const DATABASE: &str = "bellwire.db";

/// The file that a running server holds.
const LOCK: &str = "bellwire.lock";

/// Shows that no other server uses the data directory; free again when dropped or killed.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

/// Claims the data directory for one server.
///
/// # Errors
///
/// [`Error::InUse`] where another server has it.
pub fn lock(config: &Config) -> Result<DataLock, Error> {
    make_directory(&config.data_dir)?;
    let path = config.data_dir.join(LOCK);
    let file = open_own(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(DataLock { _file: file }),
        Err(TryLockError::WouldBlock) => Err(Error::InUse {
            path: config.data_dir.clone(),
        }),
        Err(TryLockError::Error(why)) => Err(Error::Place { path, why }),
    }
}

/// Makes the directory and the database's file where they are not there.
///
/// The database's other files get the mode of this one.
pub(super) fn make(data_dir: &Path) -> Result<PathBuf, Error> {
    make_directory(data_dir)?;
    let path = data_dir.join(DATABASE);
    open_own(&path)?;
    let whole = |why| Error::Place {
        path: path.clone(),
        why,
    };
    fs::canonicalize(&path).map_err(whole)
}

fn make_directory(path: &Path) -> Result<(), Error> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|why| at(path, why))
}

fn open_own(path: &Path) -> Result<File, Error> {
    OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .map_err(|why| at(path, why))
}

fn at(path: &Path, why: io::Error) -> Error {
    let path = path.to_owned();
    Error::Place { path, why }
}
