//! Writes what the core records: one transaction for a batch, all or nothing, and the same batch
//! twice is the same as once.

use std::collections::{HashMap, hash_map::Entry};

use bellwire_core::record::{InteractionRecord, Record, StageRecord};
use bellwire_proto::{
    agent::{Chosen, Device},
    id::{AgentId, InteractionId, SessionId},
    interaction::{ChatMessage, Medium, Role},
    journey::JourneyEvent,
    time::Timestamp,
};

use sqlx::{Any, AssertSqlSafe, any::AnyArguments, query::Query};

use super::{Error, Store, Transaction, dialect, number, retention, to_json, visitors};

/// Rows of one statement; each number of rows is a statement that the database keeps ready.
const MOST_ROWS: usize = 16;

/// Interactions, and decisions, of a transaction that is one statement after the other: each pair of numbers is kept ready.
const MOST_AT_ONCE: usize = 6;

/// Values of an interaction, and of a decision.
const INTERACTION_COLUMNS: usize = 11;
const DECISION_COLUMNS: usize = 6;

/// A statement, or several, with values.
type Values<'q> = Query<'q, Any, AnyArguments>;

impl Store {
    /// Stores `records` in their order. To be awaited to its end: dropped before, it may leave its transaction open.
    ///
    /// # Errors
    ///
    /// Why none of them was stored.
    pub async fn write(&self, records: &[Record]) -> Result<(), Error> {
        let latest = latest(records);
        if let Some(batch) = Batch::of_all(&latest) {
            return self.write_at_once(&batch).await;
        }
        let mut tx = self.begin().await?;
        // What is discarded must be there before, and may come again after.
        for part in latest.split_inclusive(|record| matches!(record, Record::Discard { .. })) {
            write_part(&mut tx, part).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Calls make interactions and decisions alone: their transaction is one way to the database's thread and back. A statement
    /// alone is a transaction by itself.
    async fn write_at_once(&self, batch: &Batch<'_>) -> Result<(), Error> {
        let (interactions, decisions) = (&batch.interactions, &batch.decisions);
        let mut statements = vec![];
        if !interactions.is_empty() {
            statements.push(interactions_sql(interactions.len(), 0));
        }
        if !decisions.is_empty() {
            let before = interactions.len() * INTERACTION_COLUMNS;
            statements.push(decisions_sql(decisions.len(), before));
        }
        if statements.len() > 1 {
            statements.insert(0, dialect::BEGIN.to_owned());
            statements.push("COMMIT".to_owned());
        }
        let query = sqlx::query(AssertSqlSafe(statements.join("; ")));
        let query = bind_decisions(bind_interactions(query, interactions)?, decisions);
        let mut connection = self.writer.take().await?;
        if let Err(error) = query.execute(&mut *connection).await {
            // Where it did not even begin there is nothing to take back.
            let _ = sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await;
            return Err(error.into());
        }
        connection.keep();
        Ok(())
    }
}

/// What is most, written in few statements: each is a way to the database's thread and back.
#[derive(Default)]
struct Batch<'a> {
    interactions: Vec<&'a InteractionRecord>,
    decisions: Vec<Decision<'a>>,
}

impl<'a> Batch<'a> {
    /// Takes what is a part of a batch.
    fn take(&mut self, record: &'a Record) -> bool {
        if let Record::Interaction(interaction) = record {
            self.interactions.push(&**interaction);
        } else if let Record::Decision {
            interaction,
            epoch,
            agent,
            at,
            because,
        } = record
        {
            self.decisions.push(Decision {
                interaction: *interaction,
                epoch: *epoch,
                agent: *agent,
                at: *at,
                because,
            });
        } else {
            return false;
        }
        true
    }

    /// All of these, where each is a part of a batch and they are few.
    fn of_all(records: &[&'a Record]) -> Option<Self> {
        let mut batch = Self::default();
        let all = records.iter().all(|record| {
            batch.take(record)
                && batch.interactions.len().max(batch.decisions.len()) <= MOST_AT_ONCE
        });
        batch.decisions = once(&batch.decisions);
        (all && !records.is_empty()).then_some(batch)
    }
}

/// Interactions come first, because lines of chats need theirs; what is discarded comes last.
async fn write_part(tx: &mut Transaction, records: &[&Record]) -> Result<(), Error> {
    let mut batch = Batch::default();
    let others: Vec<_> = (records.iter())
        .filter(|record| !batch.take(record))
        .collect();
    for rows in batch.interactions.chunks(MOST_ROWS) {
        let query = sqlx::query(AssertSqlSafe(interactions_sql(rows.len(), 0)));
        bind_interactions(query, rows)?.execute(&mut **tx).await?;
    }
    for rows in batch.decisions.chunks(MOST_ROWS) {
        let rows = once(rows);
        let query = sqlx::query(AssertSqlSafe(decisions_sql(rows.len(), 0)));
        bind_decisions(query, &rows).execute(&mut **tx).await?;
    }
    for record in others {
        write_other(tx, record).await?;
    }
    Ok(())
}

/// The records without those that others of them replace: an interaction is written once, as it stands in the end, where it was
/// first to be written, so that its messages find it.
fn latest(records: &[Record]) -> Vec<&Record> {
    let mut written = HashMap::new();
    let mut latest: Vec<&Record> = Vec::with_capacity(records.len());
    for record in records {
        match record {
            Record::Interaction(interaction) => match written.entry(interaction.interaction) {
                Entry::Occupied(place) => {
                    latest[*place.get()] = record;
                    continue;
                }
                Entry::Vacant(place) => _ = place.insert(latest.len()),
            },
            Record::Discard { interaction } => _ = written.remove(interaction),
            Record::Message { .. }
            | Record::Journey { .. }
            | Record::Agent { .. }
            | Record::Device { .. }
            | Record::Decision { .. }
            | Record::Session { .. }
            | Record::ForgetJourney { .. }
            | Record::Invitation { .. } => {}
        }
        latest.push(record);
    }
    latest
}

async fn write_other(tx: &mut Transaction, record: &Record) -> Result<(), Error> {
    match record {
        // Written together.
        Record::Interaction(_) | Record::Decision { .. } => Ok(()),
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

/// Why an interaction went where it went.
#[derive(Clone, Copy, PartialEq)]
struct Decision<'a> {
    interaction: InteractionId,
    epoch: u32,
    agent: Option<AgentId>,
    at: Timestamp,
    because: &'a str,
}

impl Decision<'_> {
    /// Whether both are one, stored twice.
    fn is(&self, other: &Self) -> bool {
        (self.interaction, self.epoch, self.at, self.because)
            == (other.interaction, other.epoch, other.at, other.because)
    }
}

/// These without those that were made before among them: the statement sees only what is stored.
fn once<'a>(decisions: &[Decision<'a>]) -> Vec<Decision<'a>> {
    let mut once: Vec<Decision<'_>> = Vec::with_capacity(decisions.len());
    for decision in decisions {
        if !once.iter().any(|known| known.is(decision)) {
            once.push(*decision);
        }
    }
    once
}

/// Stores decisions behind those there are. The same decision again changes nothing. `before` values belong to statements
/// before this one.
fn decisions_sql(rows: usize, before: usize) -> String {
    format!(
        "WITH new (interaction, nth, epoch, agent, at, because) AS (VALUES {}) \
         INSERT INTO decisions (interaction, seq, epoch, agent, at, because) \
         SELECT interaction, \
         (SELECT COALESCE(MAX(seq), 0) FROM decisions WHERE interaction = new.interaction) \
         + ROW_NUMBER() OVER (PARTITION BY interaction ORDER BY nth), \
         epoch, agent, at, because FROM new \
         WHERE NOT EXISTS (SELECT 1 FROM decisions \
         WHERE interaction = new.interaction AND epoch = new.epoch \
         AND at = new.at AND because = new.because)",
        places(rows, DECISION_COLUMNS, before)
    )
}

fn bind_decisions<'q>(mut query: Values<'q>, decisions: &'q [Decision<'_>]) -> Values<'q> {
    for (nth, decision) in (0_i64..).zip(decisions) {
        query = query
            .bind(decision.interaction.to_string())
            .bind(nth)
            .bind(i64::from(decision.epoch))
            .bind(decision.agent.map(|agent| agent.to_string()))
            .bind(number(decision.at.0))
            .bind(decision.because);
    }
    query
}

/// Stores interactions as they stand now; none may be there twice. `before` as with decisions.
fn interactions_sql(rows: usize, before: usize) -> String {
    format!(
        "INSERT INTO interactions \
         (id, session, site, queue, agent, medium, stage, epoch, created, closed, doc) \
         VALUES {} \
         ON CONFLICT (id) DO UPDATE SET queue = excluded.queue, agent = excluded.agent, \
         medium = excluded.medium, stage = excluded.stage, epoch = excluded.epoch, \
         closed = excluded.closed, doc = excluded.doc",
        places(rows, INTERACTION_COLUMNS, before)
    )
}

fn bind_interactions<'q>(
    mut query: Values<'q>,
    records: &'q [&InteractionRecord],
) -> Result<Values<'q>, Error> {
    for record in records {
        let closed = match &record.stage {
            StageRecord::Closed { at, .. } => Some(number(at.0)),
            StageRecord::Waiting | StageRecord::Talking { .. } | StageRecord::WrapUp { .. } => None,
        };
        let medium = match record.medium {
            Medium::Call => "call",
            Medium::Chat => "chat",
        };
        query = query
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
            .bind(to_json(record)?);
    }
    Ok(query)
}

/// Places for the values of rows: `($1, $2), ($3, $4)`, or higher numbers where others are `before` them.
fn places(rows: usize, columns: usize, before: usize) -> String {
    let row = |row: usize| {
        let places = (1..=columns).map(|column| format!("${}", before + row * columns + column));
        format!("({})", places.collect::<Vec<_>>().join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
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
