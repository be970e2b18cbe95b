//! Why the store did not do what was asked, and whether asking again helps.

use std::{fmt::Display, io, path::PathBuf};

use super::dialect;

/// Why the store did not do what was asked. Nothing of it was stored.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database did not answer in time. Asking again may help.
    #[error("the database did not answer in time")]
    Slow,
    /// The disk is full. Asking again helps once there is room.
    #[error("the disk is full: make room in the data directory")]
    Full,
    /// The database may not be written. Asking again helps once it may.
    #[error("the database is read-only: let this user write in the data directory")]
    ReadOnly,
    /// The disk did not do its part. Asking again may help.
    #[error("the disk failed: {0}")]
    Disk(String),
    /// The database is damaged. Asking again does not help: restore a backup.
    #[error("the database is damaged ({0}): restore a backup")]
    Corrupt(String),
    /// A newer Bellwire wrote the database. Asking again does not help: run that version.
    #[error(
        "the database is of a newer Bellwire (schema {found}, this one knows {known}): \
         run the newer version"
    )]
    NewerSchema {
        /// The database's schema.
        found: i64,
        /// The newest schema this program knows.
        known: i64,
    },
    /// What was to be stored contradicts what is stored. Asking again does not help.
    #[error("what was to be stored contradicts what is stored: {0}")]
    Conflict(String),
    /// A chat line came without the one before it. Asking again does not help.
    #[error("line {seq} of {interaction} has no line before it")]
    Gap {
        /// The interaction.
        interaction: String,
        /// The line's number.
        seq: u32,
    },
    /// Something stored is not of the form it should have. Asking again does not help.
    #[error("{what} cannot be read from the database: {why}")]
    Unreadable {
        /// What.
        what: &'static str,
        /// What stands there, or why it cannot be read.
        why: String,
    },
    /// Something that was named is not there.
    #[error("there is no {what} {name:?}")]
    Unknown {
        /// What kind of thing.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A name is taken.
    #[error("there is a {what} {name:?} already")]
    Taken {
        /// What kind of thing.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A user who is new was given no password.
    #[error("the user {user:?} is new and needs a password")]
    NoPassword {
        /// The user name.
        user: String,
    },
    /// The data directory cannot be used.
    #[error("the data directory {} cannot be used: {why}", path.display())]
    Place {
        /// The directory, or the file in it.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// Another server uses the data directory.
    #[error("another Bellwire uses the data directory {}: stop it first", path.display())]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// The database refused, for a reason that lies in the program.
    #[error("the database refused: {0}")]
    Refused(Box<sqlx::Error>),
}

impl Error {
    /// Whether asking again, as it was, may help.
    #[must_use]
    pub fn asking_again_helps(&self) -> bool {
        match self {
            Self::Slow | Self::Full | Self::ReadOnly | Self::Disk(_) => true,
            Self::Corrupt(_)
            | Self::NewerSchema { .. }
            | Self::Conflict(_)
            | Self::Gap { .. }
            | Self::Unreadable { .. }
            | Self::Unknown { .. }
            | Self::Taken { .. }
            | Self::NoPassword { .. }
            | Self::Place { .. }
            | Self::InUse { .. }
            | Self::Refused(_) => false,
        }
    }

    pub(super) fn unreadable(what: &'static str, why: impl Display) -> Self {
        let why = why.to_string();
        Self::Unreadable { what, why }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if let sqlx::Error::PoolTimedOut = error {
            return Self::Slow;
        }
        match error.as_database_error().and_then(dialect::fault) {
            Some(fault) => fault,
            None => Self::Refused(Box::new(error)),
        }
    }
}
