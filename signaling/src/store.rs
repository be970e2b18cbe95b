//! What outlives the process: one SQL database, the only truth.
//!
//! One connection writes, in transactions that take the write lock at their start; a few others
//! read. The SQL is common to all engines; what is not stands in `dialect`.

mod audit;
mod change;
mod contacts;
mod dialect;
mod document;
mod error;
mod history;
mod logins;
mod place;
mod recall;
mod records;
mod restored;
mod retention;
mod secrets;
mod setup;
mod tags;
mod telephones;
mod users;
mod visitors;
mod words;
mod writer;

use bellwire_core::setup::Times;
use bellwire_proto::id::CentreId;
use sqlx::{Any, AnyPool, Row, any::AnyRow};

pub use audit::AuditRow;
pub use change::Change;
pub(crate) use document::documents;
pub use document::{Doc, Document};
pub use error::Error;
pub use logins::{Login, LoginId};
pub use place::{DataLock, lock};
pub use setup::SiteRow;
pub use tags::Seen;
pub use telephones::{Dialled, Registered};
pub use users::User;
pub(crate) use users::folded;
pub use visitors::RecordedJourney;

use self::writer::Writer;
use crate::{config::Config, random};

/// A transaction on the writing connection.
type Transaction = sqlx::Transaction<'static, Any>;

/// Connections that only read.
const READERS: u32 = 4;

/// The centre's database. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Store {
    writer: Writer,
    reader: AnyPool,
    centre: CentreId,
    times: Times,
}

impl Store {
    /// Opens the database in the data directory, makes it where there is none, and brings its
    /// schema up to date.
    ///
    /// # Errors
    ///
    /// [`Error::NewerSchema`] where a newer Bellwire wrote it; what the disk says.
    pub async fn open(config: &Config) -> Result<Self, Error> {
        let file = place::make(&config.data_dir)?;
        let writer = dialect::writer(&file).await?;
        dialect::migrate(&writer).await?;
        let reader = dialect::reader(&file, READERS).await?;
        let store = Self {
            writer: Writer::new(writer),
            reader,
            centre: config.centre.clone(),
            times: Times::from(&config.times),
        };
        store.begin_centre().await?;
        Ok(store)
    }

    /// Whether the database answers.
    ///
    /// # Errors
    ///
    /// Why it does not.
    pub async fn ping(&self) -> Result<(), Error> {
        sqlx::query("SELECT 1").fetch_one(&self.reader).await?;
        Ok(())
    }

    /// Counts the changes of the set-up, by whichever process.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn setup_version(&self) -> Result<i64, Error> {
        let version = self.meta("setup_version").await?;
        version
            .parse()
            .map_err(|_| Error::unreadable("the set-up's version", version))
    }

    /// The server's secret, made once: signs what pages bring back.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn server_secret(&self) -> Result<[u8; 32], Error> {
        let secret = self.meta("server_secret").await?;
        dialect::bytes(&secret).ok_or_else(|| Error::unreadable("the server's secret", "…"))
    }

    /// Names this database: another one, or one restored from a backup by hand, has another name.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn db_epoch(&self) -> Result<String, Error> {
        self.meta("db_epoch").await
    }

    /// Finishes what is being written and closes the database.
    pub async fn close(&self) {
        self.writer.close().await;
        self.reader.close().await;
    }

    async fn meta(&self, name: &str) -> Result<String, Error> {
        let row = sqlx::query("SELECT value FROM meta WHERE name = $1")
            .bind(name)
            .fetch_one(&self.reader)
            .await?;
        Ok(row.try_get(0)?)
    }

    async fn set_meta(tx: &mut Transaction, name: &str, value: &str) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO meta (name, value) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )
        .bind(name)
        .bind(value)
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    async fn begin(&self) -> Result<Transaction, Error> {
        self.writer.begin().await
    }

    /// What every database holds from its first moment on.
    async fn begin_centre(&self) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        let first = [
            ("server_secret", dialect::text(&random::bytes::<32>())),
            ("db_epoch", random::readable(16)),
            ("setup_version", "1".to_owned()),
        ];
        for (name, value) in first {
            sqlx::query(
                "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
            )
            .bind(name)
            .bind(value)
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }
}

/// Reads a column that holds an id or another text with a form.
fn parsed<T: std::str::FromStr>(
    row: &AnyRow,
    column: &'static str,
    what: &'static str,
) -> Result<T, Error> {
    let text: String = row.try_get(column)?;
    text.parse().map_err(|_| Error::unreadable(what, text))
}

/// Reads a column that holds JSON.
fn json<T: serde::de::DeserializeOwned>(
    row: &AnyRow,
    column: &'static str,
    what: &'static str,
) -> Result<T, Error> {
    let text: String = row.try_get(column)?;
    serde_json::from_str(&text).map_err(|error| Error::unreadable(what, error))
}

/// Writes JSON for a column.
fn to_json<T: serde::Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::unreadable("what was to be stored", error))
}

/// A number as the database holds it; what does not fit is as large as it gets.
fn number(value: impl TryInto<i64>) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}

/// Reads a column that holds a number of a smaller kind.
fn small<T: TryFrom<i64>>(
    row: &AnyRow,
    column: &'static str,
    what: &'static str,
) -> Result<T, Error> {
    let value: i64 = row.try_get(column)?;
    T::try_from(value).map_err(|_| Error::unreadable(what, value))
}
