//! Who changed what: rows that are only ever added, each with a hash over itself and the hash of
//! the row before, so that a row taken out or altered later shows.

use bellwire_proto::time::Timestamp;
use sha2::{Digest, Sha256};
use sqlx::Row;

use super::{Error, Store, Transaction, dialect, number, small};

/// One change.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AuditRow {
    /// Counts up from 1.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who did it: a user name, or the program itself.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub object: String,
}

impl Store {
    /// Adds a row.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn audit(
        &self,
        actor: &str,
        action: &str,
        object: &str,
        at: Timestamp,
    ) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        append(&mut tx, actor, action, object, at).await?;
        Ok(tx.commit().await?)
    }

    /// The last `most` rows, newest first.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn audit_rows(&self, most: u32) -> Result<Vec<AuditRow>, Error> {
        let rows = sqlx::query(
            "SELECT seq, at, actor, action, object FROM audit ORDER BY seq DESC LIMIT $1",
        )
        .bind(i64::from(most))
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(audit_row).collect()
    }

    /// The number of the first row that is not as it was written, or whose forerunner is not.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn audit_broken_at(&self) -> Result<Option<u64>, Error> {
        let rows =
            sqlx::query("SELECT seq, at, actor, action, object, hash FROM audit ORDER BY seq")
                .fetch_all(&self.reader)
                .await?;
        let mut before = String::new();
        for (expected, row) in (1..).zip(&rows) {
            let hash: String = row.try_get("hash")?;
            let row = audit_row(row)?;
            if row.seq != expected || hash != chained(&before, &row) {
                return Ok(Some(row.seq));
            }
            before = hash;
        }
        Ok(None)
    }
}

fn audit_row(row: &sqlx::any::AnyRow) -> Result<AuditRow, Error> {
    Ok(AuditRow {
        seq: small(row, "seq", "an audit row's number")?,
        at: Timestamp(small(row, "at", "an audit row's time")?),
        actor: row.try_get("actor")?,
        action: row.try_get("action")?,
        object: row.try_get("object")?,
    })
}

/// Adds a row in the transaction of the change it tells of.
pub(super) async fn append(
    tx: &mut Transaction,
    actor: &str,
    action: &str,
    object: &str,
    at: Timestamp,
) -> Result<(), Error> {
    let last = sqlx::query("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
        .fetch_optional(&mut **tx)
        .await?;
    let (last_seq, before) = match last {
        Some(row) => (
            small(&row, "seq", "an audit row's number")?,
            row.try_get("hash")?,
        ),
        None => (0, String::new()),
    };
    let row = AuditRow {
        seq: last_seq + 1,
        at,
        actor: actor.to_owned(),
        action: action.to_owned(),
        object: object.to_owned(),
    };
    sqlx::query(
        "INSERT INTO audit (seq, at, actor, action, object, hash) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(number(row.seq))
    .bind(number(row.at.0))
    .bind(&row.actor)
    .bind(&row.action)
    .bind(&row.object)
    .bind(chained(&before, &row))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The hash of a row after one with the hash `before`.
fn chained(before: &str, row: &AuditRow) -> String {
    let (seq, at) = (row.seq.to_string(), row.at.0.to_string());
    let mut hash = Sha256::new();
    for part in [before, &seq, &at, &row.actor, &row.action, &row.object] {
        // The length first: no two rows read the same when run together.
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    dialect::text(&hash.finalize())
}
