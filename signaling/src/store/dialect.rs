//! What differs from engine to engine: how it is reached, locked, migrated, and how it complains.
//! `SQLite` is the engine here.

use std::{path::Path, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use sqlx::{
    AnyPool, ConnectOptions, Connection, SqlSafeStr,
    any::{AnyConnectOptions, AnyPoolOptions},
    error::DatabaseError,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
};
use url::Url;

use super::Error;

/// Begins a transaction that writes. `SQLite` must take the write lock at once: one that reads first
/// and then writes fails as soon as another wrote in between, however long it would wait.
pub(super) const BEGIN: &str = "BEGIN IMMEDIATE";

/// How long a statement waits for another process's transaction.
const PATIENCE: Duration = Duration::from_secs(5);

/// The schema, oldest step first: the common part, then this engine's own.
const STEPS: [(i64, &str, &str); 5] = [
    (
        1,
        "centre",
        concat!(
            include_str!("../../migrations/common/0001_centre.sql"),
            include_str!("../../migrations/sqlite/0001_centre.sql"),
        ),
    ),
    (
        2,
        "documents",
        concat!(
            include_str!("../../migrations/common/0002_documents.sql"),
            include_str!("../../migrations/sqlite/0002_documents.sql"),
        ),
    ),
    (
        3,
        "visitors",
        include_str!("../../migrations/common/0003_visitors.sql"),
    ),
    (
        4,
        "telephony",
        include_str!("../../migrations/common/0004_telephony.sql"),
    ),
    (
        5,
        "registrations",
        include_str!("../../migrations/common/0005_registrations.sql"),
    ),
];

/// A pool of the one connection that writes. What is committed survives a loss of power.
pub(super) async fn writer(file: &Path) -> Result<AnyPool, Error> {
    let pragmas = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; \
                   PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON";
    connect(file, 1, pragmas).await
}

/// A pool of connections that only read.
pub(super) async fn reader(file: &Path, connections: u32) -> Result<AnyPool, Error> {
    let pragmas = "PRAGMA busy_timeout = 5000; PRAGMA query_only = ON";
    connect(file, connections, pragmas).await
}

async fn connect(file: &Path, most: u32, pragmas: &'static str) -> Result<AnyPool, Error> {
    sqlx::any::install_default_drivers();
    let address = Url::from_file_path(file)
        .map_err(|()| Error::unreadable("the database's path", file.display()))?;
    let address = format!(
        "sqlite{}?mode=rw",
        address.as_str().trim_start_matches("file")
    );
    let options: AnyConnectOptions = address.parse()?;
    // Alone first: the pool would try again what cannot succeed, and in the end only say that it
    // took too long.
    let mut probe = options.connect().await?;
    sqlx::raw_sql(pragmas).execute(&mut probe).await?;
    probe.close().await?;
    let pool = AnyPoolOptions::new()
        .max_connections(most)
        .min_connections(1)
        .acquire_timeout(PATIENCE)
        // A file does not hang up.
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                sqlx::raw_sql(pragmas).execute(connection).await?;
                Ok(())
            })
        });
    Ok(pool.connect_with(options).await?)
}

/// Brings the schema up to date.
pub(super) async fn migrate(writer: &AnyPool) -> Result<(), Error> {
    let steps = STEPS.map(|(version, name, sql)| {
        let kind = MigrationType::Simple;
        Migration::new(version, name.into(), kind, sql.into_sql_str(), false)
    });
    let newest = STEPS.map(|(version, ..)| version).into_iter().max();
    let migrator = Migrator::with_migrations(steps.into());
    match migrator.run(writer).await {
        Ok(()) => Ok(()),
        Err(MigrateError::VersionMissing(found)) => Err(Error::NewerSchema {
            found,
            known: newest.unwrap_or_default(),
        }),
        Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => {
            Err(error.into())
        }
        Err(error) => Err(Error::Corrupt(error.to_string())),
    }
}

/// What an error of the engine means, where it means something to the program.
///
/// Source: <https://www.sqlite.org/rescode.html>; the low byte is the primary code.
pub(super) fn fault(error: &dyn DatabaseError) -> Option<Error> {
    let code: u32 = error.code()?.parse().ok()?;
    match code & 0xff {
        5 | 6 => Some(Error::Slow),
        8 => Some(Error::ReadOnly),
        10 | 14 => Some(Error::Disk(error.message().to_owned())),
        11 | 26 => Some(Error::Corrupt(error.message().to_owned())),
        13 => Some(Error::Full),
        19 => Some(Error::Conflict(error.message().to_owned())),
        _ => None,
    }
}

/// Bytes as a text column holds them.
pub(super) fn text(bytes: &[u8]) -> String {
    BASE64_STANDARD_NO_PAD.encode(bytes)
}

/// The bytes of a text column.
pub(super) fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    BASE64_STANDARD_NO_PAD.decode(text).ok()?.try_into().ok()
}
