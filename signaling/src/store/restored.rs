//! Reads what a restart is rebuilt from.

use std::collections::BTreeMap;

use bellwire_core::{Restored, record::InteractionRecord};
use bellwire_proto::{
    agent::{Chosen, Device},
    id::{AgentId, InteractionId},
    interaction::{ChatMessage, ChatPart, Role},
    time::Timestamp,
};
use sqlx::{Row, any::AnyRow};

use super::{Error, Store, Transaction, json, number, parsed, small};

impl Store {
    /// Every interaction that is not closed, in order of arrival, and those closed at
    /// `closed_since` or later; each with the last lines of its chat.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn restore(&self, closed_since: Timestamp) -> Result<Restored, Error> {
        let mut tx = self.reader.begin().await?;
        let mut chats = chats(&mut tx, closed_since).await?;
        let rows = sqlx::query(
            "SELECT doc FROM interactions WHERE stage <> 'closed' OR closed >= $1 \
             ORDER BY created, id",
        )
        .bind(number(closed_since.0))
        .fetch_all(&mut *tx)
        .await?;
        let mut interactions = Vec::with_capacity(rows.len());
        for row in &rows {
            let record: InteractionRecord = json(row, "doc", "an interaction")?;
            let chat = chats.remove(&record.interaction).unwrap_or_default();
            interactions.push((record, chat));
        }
        let agents = agents(&mut tx).await?;
        let devices = devices(&mut tx).await?;
        Ok(Restored {
            interactions,
            agents,
            devices,
            invited: vec![],
        })
    }
}

async fn chats(
    tx: &mut Transaction,
    closed_since: Timestamp,
) -> Result<BTreeMap<InteractionId, Vec<ChatMessage>>, Error> {
    let rows = sqlx::query(
        "SELECT interaction, seq, id, role, name, text, at FROM ( \
             SELECT m.interaction, m.seq, m.id, m.role, m.name, m.text, m.at, \
             ROW_NUMBER() OVER (PARTITION BY m.interaction ORDER BY m.seq DESC) AS from_end \
             FROM messages m JOIN interactions i ON i.id = m.interaction \
             WHERE i.stage <> 'closed' OR i.closed >= $1) AS recent \
         WHERE from_end <= $2 ORDER BY interaction, seq",
    )
    .bind(number(closed_since.0))
    .bind(number(ChatPart::MOST))
    .fetch_all(&mut **tx)
    .await?;
    let mut chats = BTreeMap::<_, Vec<_>>::new();
    for row in &rows {
        let interaction = parsed(row, "interaction", "an interaction's id")?;
        chats.entry(interaction).or_default().push(message(row)?);
    }
    Ok(chats)
}

pub(super) fn message(row: &AnyRow) -> Result<ChatMessage, Error> {
    let role: String = row.try_get("role")?;
    Ok(ChatMessage {
        seq: small(row, "seq", "a line's number")?,
        id: parsed(row, "id", "a line's id")?,
        from: match role.as_str() {
            "customer" => Role::Customer,
            "agent" => Role::Agent,
            _ => return Err(Error::unreadable("a line's role", role)),
        },
        name: row.try_get("name")?,
        text: row.try_get("text")?,
        at: Timestamp(small(row, "at", "a line's time")?),
    })
}

async fn devices(tx: &mut Transaction) -> Result<Vec<(AgentId, Device)>, Error> {
    let rows = sqlx::query("SELECT agent, device FROM devices ORDER BY agent")
        .fetch_all(&mut **tx)
        .await?;
    rows.iter()
        .map(|row| {
            Ok((
                parsed(row, "agent", "an agent's id")?,
                json(row, "device", "an agent's device")?,
            ))
        })
        .collect()
}

async fn agents(tx: &mut Transaction) -> Result<Vec<(AgentId, Chosen, Timestamp)>, Error> {
    let rows = sqlx::query("SELECT agent, chosen, since FROM agent_states ORDER BY agent")
        .fetch_all(&mut **tx)
        .await?;
    rows.iter()
        .map(|row| {
            Ok((
                parsed(row, "agent", "an agent's id")?,
                json(row, "chosen", "an agent's state")?,
                Timestamp(small(row, "since", "an agent's state")?),
            ))
        })
        .collect()
}
