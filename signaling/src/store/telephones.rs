//! What telephones leave behind: where phones are reached, and what was dialled lately.

use std::time::Duration;

use bellwire_proto::time::Timestamp;
use sqlx::{Row, any::AnyRow};

use super::{Error, Store, number, small};

/// For how long it is known what was dialled.
const KEEP: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Where a phone is reached.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Registered {
    /// The name it registers with.
    pub phone: String,
    /// The address it gave.
    pub contact: String,
    /// The address it was heard from.
    pub source: String,
    /// How its messages travel.
    pub transport: String,
    /// What it says it is.
    pub agent: String,
    /// When this runs out.
    pub expires_at: Timestamp,
    /// All that the endpoint knows of it, as it writes that; empty where an older version kept it.
    pub whole: String,
}

/// A call into the telephone network that is over.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Dialled {
    /// When it began.
    pub at: Timestamp,
    /// Where to.
    pub number: String,
    /// For which visitor, if for one.
    pub visitor: Option<String>,
    /// Over which trunk, if it got that far.
    pub trunk: Option<String>,
    /// How long it took, in seconds.
    pub seconds: u64,
    /// What became of it, in a word.
    pub outcome: String,
}

impl Store {
    /// Keeps where a phone is reached, in place of what was kept before.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn keep_registrations(
        &self,
        phone: &str,
        registered: &[Registered],
    ) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM registrations WHERE centre = $1 AND phone = $2")
            .bind(&self.centre.0)
            .bind(phone)
            .execute(&mut *tx)
            .await?;
        for one in registered {
            sqlx::query(
                "INSERT INTO registrations \
                 (centre, phone, contact, source, transport, agent, expires_at, whole) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
                 ON CONFLICT (centre, phone, contact) DO UPDATE SET source = excluded.source, \
                 transport = excluded.transport, agent = excluded.agent, \
                 expires_at = excluded.expires_at, whole = excluded.whole",
            )
            .bind(&self.centre.0)
            .bind(phone)
            .bind(&one.contact)
            .bind(&one.source)
            .bind(&one.transport)
            .bind(&one.agent)
            .bind(number(one.expires_at.0))
            .bind(&one.whole)
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }

    /// Where phones are reached, as it was kept last; what ran out meanwhile too.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn registrations(&self) -> Result<Vec<Registered>, Error> {
        let rows = sqlx::query(
            "SELECT phone, contact, source, transport, agent, expires_at, whole FROM registrations \
             WHERE centre = $1 ORDER BY phone, expires_at DESC, contact",
        )
        .bind(&self.centre.0)
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(registered).collect()
    }

    /// Keeps that something was dialled, and forgets what is older than a month.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn add_dialled(&self, row: &Dialled) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM dialled WHERE centre = $1 AND at < $2")
            .bind(&self.centre.0)
            .bind(number((row.at - KEEP).0))
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "INSERT INTO dialled (centre, at, number, visitor, trunk, seconds, outcome) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(&self.centre.0)
        .bind(number(row.at.0))
        .bind(&row.number)
        .bind(&row.visitor)
        .bind(&row.trunk)
        .bind(number(row.seconds))
        .bind(&row.outcome)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// What was dialled since then, oldest first.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn dialled_since(&self, since: Timestamp) -> Result<Vec<Dialled>, Error> {
        let rows = sqlx::query(
            "SELECT at, number, visitor, trunk, seconds, outcome FROM dialled \
             WHERE centre = $1 AND at >= $2 ORDER BY at",
        )
        .bind(&self.centre.0)
        .bind(number(since.0))
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(dialled).collect()
    }
}

fn registered(row: &AnyRow) -> Result<Registered, Error> {
    Ok(Registered {
        phone: row.try_get("phone")?,
        contact: row.try_get("contact")?,
        source: row.try_get("source")?,
        transport: row.try_get("transport")?,
        agent: row.try_get("agent")?,
        expires_at: Timestamp(small(row, "expires_at", "a registration's end")?),
        whole: row.try_get("whole")?,
    })
}

fn dialled(row: &AnyRow) -> Result<Dialled, Error> {
    Ok(Dialled {
        at: Timestamp(small(row, "at", "a call's time")?),
        number: row.try_get("number")?,
        visitor: row.try_get("visitor")?,
        trunk: row.try_get("trunk")?,
        seconds: small(row, "seconds", "a call's length")?,
        outcome: row.try_get("outcome")?,
    })
}
