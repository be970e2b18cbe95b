//! Contacts as supervisors look at them.

use std::collections::BTreeMap;

use bellwire_core::record::{InteractionRecord, StageRecord};
use bellwire_proto::{
    admin::{ContactLine, ContactTold, Contacts, DecisionTold, Kind},
    id::{AgentId, InteractionId, QueueId, SessionId},
    interaction::{ChatMessage, EndCause},
    journey::JourneyEvent,
    time::Timestamp,
};
use sqlx::Row;

use super::{Error, Store, Transaction, document, json, number, parsed, restored, small, visitors};

/// The most decisions, chat lines and events told of one contact: the newest ones.
const MOST: i64 = 2_000;

impl Store {
    /// The last `most` contacts that were asked for before `before`, newest first.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn contacts(&self, before: Option<Timestamp>, most: u32) -> Result<Contacts, Error> {
        let mut tx = self.reader.begin().await?;
        let names = Names::read(&mut tx, &self.centre.0).await?;
        let rows = sqlx::query(
            "SELECT doc FROM interactions WHERE created < $1 \
             ORDER BY created DESC, id DESC LIMIT $2",
        )
        .bind(before.map_or(i64::MAX, |before| number(before.0)))
        .bind(i64::from(most) + 1)
        .fetch_all(&mut *tx)
        .await?;
        let mut contacts = Vec::with_capacity(rows.len());
        for row in &rows {
            contacts.push(line(&json(row, "doc", "an interaction")?, &names));
        }
        let more = u32::try_from(contacts.len()).unwrap_or(u32::MAX) > most;
        if more {
            part_whole_moments(&mut contacts);
        }
        Ok(Contacts {
            before: contacts.last().filter(|_| more).map(|last| last.created),
            contacts,
        })
    }

    /// One contact with all that is known of it.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn contact(&self, id: InteractionId) -> Result<Option<ContactTold>, Error> {
        let mut tx = self.reader.begin().await?;
        let row = sqlx::query("SELECT doc FROM interactions WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&mut *tx)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let record: InteractionRecord = json(&row, "doc", "an interaction")?;
        let names = Names::read(&mut tx, &self.centre.0).await?;
        Ok(Some(ContactTold {
            line: line(&record, &names),
            decisions: decisions(&mut tx, id).await?,
            chat: chat(&mut tx, id).await?,
            journey: journey(&mut tx, record.session).await?,
            context: record.context,
        }))
    }
}

/// Cuts the last line off, and with it those of the same moment: the next page begins with them.
fn part_whole_moments(contacts: &mut Vec<ContactLine>) {
    let Some(cut) = contacts.pop().map(|line| line.created) else {
        return;
    };
    if contacts.first().is_some_and(|first| first.created != cut) {
        contacts.retain(|line| line.created != cut);
    }
}

fn line(record: &InteractionRecord, names: &Names) -> ContactLine {
    let context = &record.context;
    let intent = context.intents.first();
    ContactLine {
        interaction: record.interaction,
        medium: record.medium,
        created: record.created,
        stage: record.stage.name().to_owned(),
        queue: names.queue(record.queue),
        agent: (record.stage.agent()).map_or_else(String::new, |agent| names.agent(agent)),
        name: context.name.clone(),
        intent: intent.map_or_else(String::new, |intent| intent.name.clone()),
        cause: cause(&record.stage),
    }
}

fn cause(stage: &StageRecord) -> Option<EndCause> {
    match stage {
        StageRecord::Waiting | StageRecord::Talking { .. } => None,
        StageRecord::WrapUp { cause, .. } | StageRecord::Closed { cause, .. } => Some(*cause),
    }
}

async fn decisions(tx: &mut Transaction, id: InteractionId) -> Result<Vec<DecisionTold>, Error> {
    let rows = sqlx::query(
        "SELECT agent, at, because FROM decisions WHERE interaction = $1 \
         ORDER BY seq DESC LIMIT $2",
    )
    .bind(id.to_string())
    .bind(MOST)
    .fetch_all(&mut **tx)
    .await?;
    let told = |row| {
        let agent: Option<String> = sqlx::any::AnyRow::try_get(row, "agent")?;
        Ok(DecisionTold {
            at: Timestamp(small(row, "at", "a decision's time")?),
            agent: match agent {
                Some(_) => Some(parsed(row, "agent", "an agent's id")?),
                None => None,
            },
            because: row.try_get("because")?,
        })
    };
    rows.iter().rev().map(told).collect()
}

async fn chat(tx: &mut Transaction, id: InteractionId) -> Result<Vec<ChatMessage>, Error> {
    let rows = sqlx::query(
        "SELECT seq, id, role, name, text, at FROM messages WHERE interaction = $1 \
         ORDER BY seq DESC LIMIT $2",
    )
    .bind(id.to_string())
    .bind(MOST)
    .fetch_all(&mut **tx)
    .await?;
    rows.iter().rev().map(restored::message).collect()
}

async fn journey(tx: &mut Transaction, session: SessionId) -> Result<Vec<JourneyEvent>, Error> {
    let rows = sqlx::query(
        "SELECT at, n, kind FROM journey_events WHERE session = $1 \
         ORDER BY at DESC, n DESC LIMIT $2",
    )
    .bind(session.to_string())
    .bind(MOST)
    .fetch_all(&mut **tx)
    .await?;
    rows.iter().rev().map(visitors::event).collect()
}

/// Names of queues and users: history outlives what was set up.
pub(super) struct Names {
    queues: BTreeMap<String, String>,
    agents: BTreeMap<AgentId, String>,
}

impl Names {
    pub(super) async fn read(tx: &mut Transaction, centre: &str) -> Result<Self, Error> {
        let queues = document::names(tx, centre, Kind::Queue).await?;
        // Users who were deleted still have a name.
        let rows = sqlx::query("SELECT id, name FROM users WHERE centre = $1")
            .bind(centre)
            .fetch_all(&mut **tx)
            .await?;
        let mut agents = BTreeMap::new();
        for row in &rows {
            agents.insert(parsed(row, "id", "a user's id")?, row.try_get("name")?);
        }
        Ok(Self { queues, agents })
    }

    pub(super) fn queue(&self, id: QueueId) -> String {
        let name = self.queues.get(&id.to_string()).cloned();
        name.unwrap_or_else(|| "a queue that is gone".to_owned())
    }

    pub(super) fn agent(&self, id: AgentId) -> String {
        let name = self.agents.get(&id).cloned();
        name.unwrap_or_else(|| "an agent who is gone".to_owned())
    }
}
