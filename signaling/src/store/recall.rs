//! What is known of a visitor who comes back, and who was invited of late.

use bellwire_core::{Recalled, record::InteractionRecord};
use bellwire_proto::{
    id::{InvitationId, SessionId},
    time::Timestamp,
};

use super::{Error, Store, json, number, parsed, small, visitors};

/// The most events that are recalled: as many as a journey has.
const EVENTS: i64 = 200;

/// The most invitations that a restart remembers.
const INVITATIONS: i64 = 50_000;

impl Store {
    /// What is stored of a visitor: their journey, contacts before, and whether they opted out.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn recall(&self, session: SessionId) -> Result<Recalled, Error> {
        let opted_out = self.opted_out(session).await?;
        let past = self.past_contacts(session).await?;
        let last = sqlx::query(
            "SELECT doc FROM interactions WHERE session = $1 AND agent IS NOT NULL \
             ORDER BY created DESC, id DESC LIMIT 1",
        )
        .bind(session.to_string())
        .fetch_optional(&self.reader)
        .await?;
        let last_agent = match &last {
            Some(row) => {
                let record: InteractionRecord = json(row, "doc", "an interaction")?;
                record.stage.agent()
            }
            None => None,
        };
        let rows = sqlx::query(
            "SELECT at, n, kind FROM (SELECT at, n, kind FROM journey_events \
             WHERE session = $1 ORDER BY at DESC, n DESC LIMIT $2) AS recent ORDER BY at, n",
        )
        .bind(session.to_string())
        .bind(EVENTS)
        .fetch_all(&self.reader)
        .await?;
        let journey: Result<Vec<_>, Error> = rows.iter().map(visitors::event).collect();
        Ok(Recalled {
            opted_out,
            journey: if opted_out { vec![] } else { journey? },
            past,
            last_agent,
            ..Recalled::default()
        })
    }

    /// Who saw an invitation, or was left alone for comparison, since then; oldest first.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn invited(
        &self,
        since: Timestamp,
    ) -> Result<Vec<(SessionId, InvitationId, Timestamp)>, Error> {
        let rows = sqlx::query(
            "SELECT session, invitation, at FROM (SELECT session, invitation, at \
             FROM invitation_acts WHERE act IN ('shown', 'held') AND at >= $1 \
             ORDER BY at DESC LIMIT $2) AS recent ORDER BY at",
        )
        .bind(number(since.0))
        .bind(INVITATIONS)
        .fetch_all(&self.reader)
        .await?;
        rows.iter()
            .map(|row| {
                let session = parsed(row, "session", "a session's id")?;
                let invitation = parsed(row, "invitation", "an invitation's id")?;
                Ok((session, invitation, Timestamp(small(row, "at", "a time")?)))
            })
            .collect()
    }
}
