//! Writes what the core records: one transaction for a batch, all or nothing, and the same batch
//! twice is the same as once.

use bellwire_core::record::{InteractionRecord, Record, StageRecord};
use bellwire_proto::{
    agent::{Chosen, Device},
    id::{AgentId, InteractionId, SessionId},
    interaction::{ChatMessage, Medium, Role},
    journey::JourneyEvent,
    time::Timestamp,
};

use super::{Error, Store, Transaction, number, retention, to_json, visitors};

impl Store {
    /// Stores `records` in their order.
    ///
    /// # Errors
    ///
    /// Why none of them was stored.
    pub async fn write(&self, records: &[Record]) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        for record in records {
            write_one(&mut tx, record).await?;
        }
        Ok(tx.commit().await?)
    }
}

async fn write_one(tx: &mut Transaction, record: &Record) -> Result<(), Error> {
    match record {
        Record::Interaction(interaction) => write_interaction(tx, interaction).await,
        Record::Message {
            interaction,
            message,
        } => write_message(tx, *interaction, message).await,
        Record::Journey { session, events } => write_journey(tx, *session, events).await,
        Record::Agent {
            agent,
            chosen,
            since,
        } => write_agent(tx, *agent, chosen, *since).await,
        Record::Device { agent, device } => write_device(tx, *agent, *device).await,
        Record::Decision {
            interaction,
            epoch,
            agent,
            at,
            because,
        } => write_decision(tx, *interaction, *epoch, *agent, *at, because).await,
        Record::Session {
            session,
            site,
            opted_out,
        } => visitors::write_session(tx, *session, site, *opted_out).await,
        Record::Invitation {
            session,
            invitation,
            act,
            at,
        } => visitors::write_act(tx, *session, *invitation, *act, *at).await,
        Record::ForgetJourney { session } => retention::forget(tx, *session).await,
        Record::Discard { interaction } => discard(tx, *interaction).await,
    }
}

/// A request that was taken back before it came into a queue: nothing of it stays.
async fn discard(tx: &mut Transaction, interaction: InteractionId) -> Result<(), Error> {
    for sql in [
        "DELETE FROM decisions WHERE interaction = $1",
        "DELETE FROM messages WHERE interaction = $1",
        "DELETE FROM interactions WHERE id = $1",
    ] {
        sqlx::query(sql)
            .bind(interaction.to_string())
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// Stores a decision behind those there are. The same decision again changes nothing.
async fn write_decision(
    tx: &mut Transaction,
    interaction: InteractionId,
    epoch: u32,
    agent: Option<AgentId>,
    at: Timestamp,
    because: &str,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO decisions (interaction, seq, epoch, agent, at, because) \
         SELECT $1, \
         (SELECT COALESCE(MAX(seq), 0) + 1 FROM decisions WHERE interaction = $1), \
         $2, $3, $4, $5 \
         WHERE NOT EXISTS (SELECT 1 FROM decisions \
         WHERE interaction = $1 AND epoch = $2 AND at = $4 AND because = $5)",
    )
    .bind(interaction.to_string())
    .bind(i64::from(epoch))
    .bind(agent.map(|agent| agent.to_string()))
    .bind(number(at.0))
    .bind(because)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn write_interaction(tx: &mut Transaction, record: &InteractionRecord) -> Result<(), Error> {
    let closed = match &record.stage {
        StageRecord::Closed { at, .. } => Some(number(at.0)),
        StageRecord::Waiting | StageRecord::Talking { .. } | StageRecord::WrapUp { .. } => None,
    };
    let medium = match record.medium {
        Medium::Call => "call",
        Medium::Chat => "chat",
    };
    sqlx::query(
        "INSERT INTO interactions \
         (id, session, site, queue, agent, medium, stage, epoch, created, closed, doc) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
         ON CONFLICT (id) DO UPDATE SET queue = excluded.queue, agent = excluded.agent, \
         medium = excluded.medium, stage = excluded.stage, epoch = excluded.epoch, \
         closed = excluded.closed, doc = excluded.doc",
    )
    .bind(record.interaction.to_string())
    .bind(record.session.to_string())
    .bind(&record.site.0)
    .bind(record.queue.to_string())
    .bind(record.stage.agent().map(|agent| agent.to_string()))
    .bind(medium)
    .bind(record.stage.name())
    .bind(i64::from(record.epoch))
    .bind(number(record.created.0))
    .bind(closed)
    .bind(to_json(record)?)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Stores a line after the one before it. A line that is there, by its number or its id, stays.
async fn write_message(
    tx: &mut Transaction,
    interaction: InteractionId,
    message: &ChatMessage,
) -> Result<(), Error> {
    let role = match message.from {
        Role::Customer => "customer",
        Role::Agent => "agent",
    };
    let stored = sqlx::query(
        "INSERT INTO messages (interaction, seq, id, role, name, text, at) \
         SELECT $1, $2, $3, $4, $5, $6, $7 \
         WHERE $2 = 1 OR EXISTS \
         (SELECT 1 FROM messages WHERE interaction = $1 AND seq = $2 - 1) \
         ON CONFLICT DO NOTHING",
    )
    .bind(interaction.to_string())
    .bind(i64::from(message.seq))
    .bind(message.id.to_string())
    .bind(role)
    .bind(message.name.as_deref())
    .bind(&message.text)
    .bind(number(message.at.0))
    .execute(&mut **tx)
    .await?;
    if stored.rows_affected() == 1 || is_stored(tx, interaction, message).await? {
        return Ok(());
    }
    Err(Error::Gap {
        interaction: interaction.to_string(),
        seq: message.seq,
    })
}

async fn is_stored(
    tx: &mut Transaction,
    interaction: InteractionId,
    message: &ChatMessage,
) -> Result<bool, Error> {
    let row = sqlx::query(
        "SELECT seq FROM messages WHERE interaction = $1 AND (seq = $2 OR id = $3) LIMIT 1",
    )
    .bind(interaction.to_string())
    .bind(i64::from(message.seq))
    .bind(message.id.to_string())
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.is_some())
}

async fn write_journey(
    tx: &mut Transaction,
    session: SessionId,
    events: &[JourneyEvent],
) -> Result<(), Error> {
    // The net under the core: nothing of those who opted out is kept.
    if visitors::is_opted_out(tx, session).await? {
        return Ok(());
    }
    for event in events {
        sqlx::query(
            "INSERT INTO journey_events (session, at, n, kind) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (session, at, n) DO NOTHING",
        )
        .bind(session.to_string())
        .bind(number(event.at.0))
        .bind(i64::from(event.n))
        .bind(to_json(&event.kind)?)
        .execute(&mut **tx)
        .await?;
    }
    match events.iter().map(|event| event.at).max() {
        Some(newest) => visitors::seen(tx, session, newest).await,
        None => Ok(()),
    }
}

async fn write_device(tx: &mut Transaction, agent: AgentId, device: Device) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO devices (agent, device) VALUES ($1, $2) \
         ON CONFLICT (agent) DO UPDATE SET device = excluded.device",
    )
    .bind(agent.to_string())
    .bind(to_json(&device)?)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn write_agent(
    tx: &mut Transaction,
    agent: AgentId,
    chosen: &Chosen,
    since: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO agent_states (agent, chosen, since) VALUES ($1, $2, $3) \
         ON CONFLICT (agent) DO UPDATE SET chosen = excluded.chosen, since = excluded.since",
    )
    .bind(agent.to_string())
    .bind(to_json(chosen)?)
    .bind(number(since.0))
    .execute(&mut **tx)
    .await?;
    Ok(())
}
