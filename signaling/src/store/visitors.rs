//! What is known of visitors beside their contacts: sessions, journeys, what became of invitations.

use std::collections::BTreeMap;

use bellwire_core::record::{InteractionRecord, InvitationOutcome, StageRecord};
use bellwire_proto::{
    admin::InvitationCounts,
    id::{InvitationId, SessionId, SiteKey},
    interaction::PastContact,
    journey::JourneyEvent,
    time::Timestamp,
};
use sqlx::{Row, any::AnyRow};

use super::{Error, Store, Transaction, contacts::Names, document, json, number, parsed, small};

/// The most past contacts told of one visitor.
const PAST: i64 = 5;

/// The most events looked at of one recorded journey.
const EVENTS: i64 = 500;

/// The journey of one session, as far as it is kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RecordedJourney {
    /// Whose.
    pub session: SessionId,
    /// On which site; an empty key where it is not known any more.
    pub site: SiteKey,
    /// What happened, oldest first.
    pub events: Vec<JourneyEvent>,
}

impl Store {
    /// Whether the session's visitor does not want to be watched.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn opted_out(&self, session: SessionId) -> Result<bool, Error> {
        let row = sqlx::query("SELECT opted_out FROM sessions WHERE session = $1")
            .bind(session.to_string())
            .fetch_optional(&self.reader)
            .await?;
        match row {
            Some(row) => Ok(row.try_get::<i64, _>(0)? == 1),
            None => Ok(false),
        }
    }

    /// The last contacts of a session that are over, newest first.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn past_contacts(&self, session: SessionId) -> Result<Vec<PastContact>, Error> {
        let mut tx = self.reader.begin().await?;
        let rows = sqlx::query(
            "SELECT doc FROM interactions WHERE session = $1 AND stage = 'closed' \
             ORDER BY created DESC, id DESC LIMIT $2",
        )
        .bind(session.to_string())
        .bind(PAST)
        .fetch_all(&mut *tx)
        .await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let names = Names::read(&mut tx, &self.centre.0).await?;
        let mut past = Vec::with_capacity(rows.len());
        for row in &rows {
            past.extend(past_contact(json(row, "doc", "an interaction")?, &names));
        }
        Ok(past)
    }

    /// The journeys of the `most` sessions that were seen last, newest first.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn recent_journeys(&self, most: u32) -> Result<Vec<RecordedJourney>, Error> {
        let mut tx = self.reader.begin().await?;
        let sessions = sqlx::query(
            "SELECT session, site FROM sessions WHERE opted_out = 0 \
             ORDER BY last_seen DESC, session DESC LIMIT $1",
        )
        .bind(i64::from(most))
        .fetch_all(&mut *tx)
        .await?;
        let rows = sqlx::query(
            "SELECT session, at, n, kind FROM ( \
                 SELECT j.session, j.at, j.n, j.kind, \
                 ROW_NUMBER() OVER (PARTITION BY j.session ORDER BY j.at DESC, j.n DESC) AS from_end \
                 FROM journey_events j JOIN ( \
                     SELECT session FROM sessions WHERE opted_out = 0 \
                     ORDER BY last_seen DESC, session DESC LIMIT $1) AS newest \
                 ON newest.session = j.session) AS recent \
             WHERE from_end <= $2 ORDER BY session, at, n",
        )
        .bind(i64::from(most))
        .bind(EVENTS)
        .fetch_all(&mut *tx)
        .await?;
        let mut events = BTreeMap::<SessionId, Vec<JourneyEvent>>::new();
        for row in &rows {
            let session = parsed(row, "session", "a session's id")?;
            events.entry(session).or_default().push(event(row)?);
        }
        let mut journeys = Vec::with_capacity(sessions.len());
        for row in &sessions {
            let session = parsed(row, "session", "a session's id")?;
            if let Some(events) = events.remove(&session) {
                let site = SiteKey(row.try_get("site")?);
                journeys.push(RecordedJourney {
                    session,
                    site,
                    events,
                });
            }
        }
        Ok(journeys)
    }

    /// What became of invitations, each that is set up or was, by name.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn invitation_counts(&self) -> Result<Vec<InvitationCounts>, Error> {
        let mut tx = self.reader.begin().await?;
        let setup = document::setup(&mut tx, &self.centre.0).await?;
        // A contact counts for what the visitor got last of this invitation: it, or nothing.
        let rows = sqlx::query(
            "SELECT invitation, act, held, COUNT(*) AS times FROM ( \
                 SELECT a.invitation, a.act, \
                 CASE WHEN a.act = 'contacted' AND 'held' = ( \
                     SELECT b.act FROM invitation_acts b \
                     WHERE b.session = a.session AND b.invitation = a.invitation \
                     AND b.act IN ('shown', 'held') AND b.at <= a.at \
                     ORDER BY b.at DESC LIMIT 1) THEN 1 ELSE 0 END AS held \
                 FROM invitation_acts a) AS acts \
             GROUP BY invitation, act, held",
        )
        .fetch_all(&mut *tx)
        .await?;
        let mut counts: Vec<_> = (setup.invitations.into_iter())
            .map(|invitation| nothing_yet(invitation.id, invitation.name))
            .collect();
        for row in &rows {
            let id: InvitationId = parsed(row, "invitation", "an invitation's id")?;
            let at = match counts.iter().position(|count| count.invitation == id) {
                Some(at) => at,
                None => {
                    counts.push(nothing_yet(id, "an invitation that is gone".to_owned()));
                    counts.len() - 1
                }
            };
            if let Some(count) = counts.get_mut(at) {
                count_acts(count, row)?;
            }
        }
        counts.sort_by(|a, b| (&a.name, a.invitation).cmp(&(&b.name, b.invitation)));
        Ok(counts)
    }
}

fn nothing_yet(invitation: InvitationId, name: String) -> InvitationCounts {
    InvitationCounts {
        invitation,
        name,
        shown: 0,
        accepted: 0,
        dismissed: 0,
        ignored: 0,
        contacted: 0,
        held: 0,
        held_contacted: 0,
    }
}

fn count_acts(count: &mut InvitationCounts, row: &AnyRow) -> Result<(), Error> {
    let word: String = row.try_get("act")?;
    let act = (InvitationOutcome::ALL.into_iter()).find(|act| act.name() == word);
    let Some(act) = act else {
        return Err(Error::unreadable("what became of an invitation", word));
    };
    let held: i64 = row.try_get("held")?;
    let counted = match (act, held) {
        (InvitationOutcome::Shown, _) => &mut count.shown,
        (InvitationOutcome::Accepted, _) => &mut count.accepted,
        (InvitationOutcome::Dismissed, _) => &mut count.dismissed,
        (InvitationOutcome::Ignored, _) => &mut count.ignored,
        (InvitationOutcome::Held, _) => &mut count.held,
        (InvitationOutcome::Contacted, 1) => &mut count.held_contacted,
        (InvitationOutcome::Contacted, _) => &mut count.contacted,
    };
    *counted = counted.saturating_add(small(row, "times", "a count")?);
    Ok(())
}

fn past_contact(record: InteractionRecord, names: &Names) -> Option<PastContact> {
    let StageRecord::Closed {
        cause,
        agent,
        disposition,
        note,
        ..
    } = record.stage
    else {
        return None;
    };
    Some(PastContact {
        interaction: record.interaction,
        medium: record.medium,
        at: record.created,
        queue: names.queue(record.queue),
        agent: agent.map_or_else(String::new, |agent| names.agent(agent)),
        cause,
        disposition: disposition.unwrap_or_default(),
        note: note.unwrap_or_default(),
    })
}

/// Reads an event of a journey.
pub(super) fn event(row: &AnyRow) -> Result<JourneyEvent, Error> {
    Ok(JourneyEvent {
        n: small(row, "n", "an event's number")?,
        at: Timestamp(small(row, "at", "an event's time")?),
        kind: json(row, "kind", "an event of a journey")?,
    })
}

/// Knows whose a session is. Who opted out has nothing recorded any more.
pub(super) async fn write_session(
    tx: &mut Transaction,
    session: SessionId,
    site: &SiteKey,
    opted_out: bool,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO sessions (session, site, opted_out, last_seen) VALUES ($1, $2, $3, 0) \
         ON CONFLICT (session) DO UPDATE SET site = excluded.site, opted_out = excluded.opted_out",
    )
    .bind(session.to_string())
    .bind(&site.0)
    .bind(i64::from(opted_out))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whether a session's visitor does not want to be watched.
pub(super) async fn is_opted_out(tx: &mut Transaction, session: SessionId) -> Result<bool, Error> {
    let row = sqlx::query("SELECT 1 FROM sessions WHERE session = $1 AND opted_out = 1")
        .bind(session.to_string())
        .fetch_optional(&mut **tx)
        .await?;
    Ok(row.is_some())
}

/// Notes until when a session's journey goes.
pub(super) async fn seen(
    tx: &mut Transaction,
    session: SessionId,
    newest: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO sessions (session, site, opted_out, last_seen) VALUES ($1, '', 0, $2) \
         ON CONFLICT (session) DO UPDATE SET last_seen = \
         CASE WHEN excluded.last_seen > sessions.last_seen \
         THEN excluded.last_seen ELSE sessions.last_seen END",
    )
    .bind(session.to_string())
    .bind(number(newest.0))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Counts what became of an invitation.
pub(super) async fn write_act(
    tx: &mut Transaction,
    session: SessionId,
    invitation: InvitationId,
    act: InvitationOutcome,
    at: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO invitation_acts (session, invitation, act, at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (session, invitation, act, at) DO NOTHING",
    )
    .bind(session.to_string())
    .bind(invitation.to_string())
    .bind(act.name())
    .bind(number(at.0))
    .execute(&mut **tx)
    .await?;
    Ok(())
}
