//! Deleting what was recorded of visitors: what is older than its site keeps it, and what a
//! visitor does not want to be known.
//!
//! Deleting goes in small steps, so that it keeps no record waiting for long.

use std::{collections::BTreeMap, time::Duration};

use bellwire_core::record::InteractionRecord;
use bellwire_proto::{
    id::{SessionId, SiteKey},
    setup::Site,
    time::Timestamp,
};
use sqlx::{Row, any::AnyRow};

use super::{Error, Store, Transaction, json, number, to_json};

/// The most rows deleted in one step.
const STEP: u64 = 2_000;

/// The most interactions whose journey is taken out in one step: each is read and written whole.
const INTERACTIONS: i64 = 100;

/// For how long it is known what became of an invitation.
const ACTS: Duration = Duration::from_secs(400 * DAY);

/// A day, in seconds.
const DAY: u64 = 24 * 60 * 60;

impl Store {
    /// Deletes journeys older than their site keeps them, in contacts that are over too, and what
    /// a visitor's clock puts more than a day ahead. Gives how many events and contacts that were.
    ///
    /// # Errors
    ///
    /// What the database says. What was deleted until then stays deleted.
    pub async fn forget_old(&self, now: Timestamp) -> Result<u64, Error> {
        let keep = self.keep_times().await?;
        let mut gone = 0;
        for (site, keep) in &keep {
            gone += self.forget_events(site, now - *keep).await?;
            gone += self.forget_in_contacts(site, now - *keep).await?;
        }
        let ahead = number((now + Duration::from_secs(DAY)).0);
        let sql = "DELETE FROM journey_events WHERE (session, at, n) IN \
                   (SELECT session, at, n FROM journey_events WHERE at > $1 LIMIT $2)";
        gone += self.in_steps(sql, |query| query.bind(ahead)).await?;
        let before = number((now - ACTS).0);
        let sql = "DELETE FROM invitation_acts WHERE (session, invitation, act, at) IN \
                   (SELECT session, invitation, act, at FROM invitation_acts \
                   WHERE at < $1 LIMIT $2)";
        self.in_steps(sql, |query| query.bind(before)).await?;
        // Sessions that have nothing left; that one opted out is known for good. Ids begin with the
        // time they were made.
        let before = SessionId::new(now - Duration::from_secs(DAY), 0).to_string();
        let sql = "DELETE FROM sessions WHERE session IN \
                   (SELECT s.session FROM sessions s \
                   WHERE s.opted_out = 0 AND s.session < $1 AND NOT EXISTS \
                   (SELECT 1 FROM journey_events j WHERE j.session = s.session) LIMIT $2)";
        self.in_steps(sql, |query| query.bind(before.clone()))
            .await?;
        Ok(gone)
    }

    /// How long each site's journeys are kept; those of sites that are gone as long as usual, and
    /// those of no known site as short as any.
    async fn keep_times(&self) -> Result<BTreeMap<SiteKey, Duration>, Error> {
        let nowhere = SiteKey(String::new());
        let usual = Site::new(nowhere.clone(), "").keep_days;
        let rows = sqlx::query(
            "SELECT site FROM sessions UNION \
             SELECT site FROM interactions WHERE stage = 'closed' AND journey = 1",
        )
        .fetch_all(&self.reader)
        .await?;
        let mut days = BTreeMap::new();
        for row in &rows {
            days.insert(SiteKey(row.try_get("site")?), usual);
        }
        for site in self.current().await?.setup.sites {
            days.insert(site.key, site.keep_days);
        }
        let shortest = days.values().copied().min().unwrap_or(usual);
        days.insert(nowhere, shortest);
        let long = |days: u16| Duration::from_secs(u64::from(days) * DAY);
        Ok((days.into_iter())
            .map(|(site, days)| (site, long(days)))
            .collect())
    }

    async fn forget_events(&self, site: &SiteKey, before: Timestamp) -> Result<u64, Error> {
        let sql = "DELETE FROM journey_events WHERE (session, at, n) IN \
                   (SELECT j.session, j.at, j.n FROM journey_events j \
                   JOIN sessions s ON s.session = j.session \
                   WHERE j.at < $1 AND s.site = $3 LIMIT $2)";
        let before = number(before.0);
        let mut gone = 0;
        loop {
            let query = sqlx::query(sql)
                .bind(before)
                .bind(number(STEP))
                .bind(&site.0);
            let step = self.writer.execute(query).await?;
            gone += step;
            if step < STEP {
                return Ok(gone);
            }
        }
    }

    async fn forget_in_contacts(&self, site: &SiteKey, before: Timestamp) -> Result<u64, Error> {
        let mut gone = 0;
        loop {
            let mut tx = self.begin().await?;
            let rows = sqlx::query(
                "SELECT doc FROM interactions \
                 WHERE stage = 'closed' AND journey = 1 AND created < $1 AND site = $2 LIMIT $3",
            )
            .bind(number(before.0))
            .bind(&site.0)
            .bind(INTERACTIONS)
            .fetch_all(&mut *tx)
            .await?;
            for row in &rows {
                forget_one(&mut tx, row).await?;
            }
            tx.commit().await?;
            gone += u64::try_from(rows.len()).unwrap_or_default();
            if rows.is_empty() {
                return Ok(gone);
            }
        }
    }

    /// Runs a statement whose second parameter is its limit until it finds nothing more.
    async fn in_steps(
        &self,
        sql: &'static str,
        bind: impl Fn(Query<'static>) -> Query<'static>,
    ) -> Result<u64, Error> {
        let mut gone = 0;
        loop {
            let query = bind(sqlx::query(sql)).bind(number(STEP));
            let step = self.writer.execute(query).await?;
            gone += step;
            if step < STEP {
                return Ok(gone);
            }
        }
    }
}

type Query<'a> = sqlx::query::Query<'a, sqlx::Any, sqlx::any::AnyArguments>;

/// Deletes everything that was recorded of a session's journey.
pub(super) async fn forget(tx: &mut Transaction, session: SessionId) -> Result<(), Error> {
    let session = session.to_string();
    for sql in [
        "DELETE FROM journey_events WHERE session = $1",
        "DELETE FROM invitation_acts WHERE session = $1",
    ] {
        sqlx::query(sql).bind(&session).execute(&mut **tx).await?;
    }
    let rows = sqlx::query(
        "SELECT doc FROM interactions WHERE session = $1 AND stage = 'closed' AND journey = 1",
    )
    .bind(&session)
    .fetch_all(&mut **tx)
    .await?;
    for row in &rows {
        forget_one(tx, row).await?;
    }
    Ok(())
}

/// Takes out of a contact what the visitor looked at, and what was read from it.
async fn forget_one(tx: &mut Transaction, row: &AnyRow) -> Result<(), Error> {
    let mut record: InteractionRecord = json(row, "doc", "an interaction")?;
    record.context.journey.clear();
    record.context.intents.clear();
    record.context.page = Default::default();
    record.context.visits = 0;
    sqlx::query("UPDATE interactions SET doc = $1, journey = 0 WHERE id = $2")
        .bind(to_json(&record)?)
        .bind(record.interaction.to_string())
        .execute(&mut **tx)
        .await?;
    Ok(())
}
