//! Reads how the centre is set up.

use std::{collections::BTreeMap, str::FromStr};

use bellwire_core::setup::{AgentSetup, Capacity, Entry, QueueSetup, Setup, SiteSetup, SkillLevel};
use bellwire_proto::id::{QueueId, SiteKey};
use sqlx::{Row, any::AnyRow};

use super::{Error, Store, Transaction, json, parsed, small};
use crate::origin::Origin;

/// A site as pages are checked against it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SiteRow {
    /// Its public key.
    pub key: SiteKey,
    /// Its name.
    pub name: String,
    /// Where its pages may come from.
    pub origins: Vec<Origin>,
}

impl Store {
    /// How the centre is set up now.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn setup(&self) -> Result<Setup, Error> {
        // One transaction: all parts as they were at one moment.
        let mut tx = self.reader.begin().await?;
        let centre = self.centre.0.as_str();
        Ok(Setup {
            centre: self.centre.clone(),
            sites: sites(&mut tx, centre).await?,
            queues: queues(&mut tx, centre).await?,
            agents: agents(&mut tx, centre).await?,
            reasons: names(
                &mut tx,
                "SELECT name FROM reasons WHERE centre = $1 ORDER BY position",
                centre,
            )
            .await?,
            dispositions: names(
                &mut tx,
                "SELECT name FROM dispositions WHERE centre = $1 ORDER BY position",
                centre,
            )
            .await?,
            times: self.times,
        })
    }

    /// Every site, by name.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn sites(&self) -> Result<Vec<SiteRow>, Error> {
        let rows = sqlx::query(
            "SELECT s.key, s.name, o.origin FROM sites s \
             LEFT JOIN site_origins o ON o.site = s.key \
             WHERE s.centre = $1 ORDER BY s.name, s.key, o.origin",
        )
        .bind(&self.centre.0)
        .fetch_all(&self.reader)
        .await?;
        joined(&rows)
    }

    /// The site with this key.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn site(&self, key: &SiteKey) -> Result<Option<SiteRow>, Error> {
        let rows = sqlx::query(
            "SELECT s.key, s.name, o.origin FROM sites s \
             LEFT JOIN site_origins o ON o.site = s.key \
             WHERE s.centre = $1 AND s.key = $2 ORDER BY o.origin",
        )
        .bind(&self.centre.0)
        .bind(&key.0)
        .fetch_all(&self.reader)
        .await?;
        Ok(joined(&rows)?.pop())
    }
}

/// Sites, from one row for each of their origins.
fn joined(rows: &[AnyRow]) -> Result<Vec<SiteRow>, Error> {
    let mut sites = Vec::<SiteRow>::new();
    for row in rows {
        let key = SiteKey(row.try_get("key")?);
        if sites.last().is_none_or(|last| last.key != key) {
            let name = row.try_get("name")?;
            let origins = Vec::new();
            sites.push(SiteRow { key, name, origins });
        }
        let origin: Option<String> = row.try_get("origin")?;
        if let (Some(origin), Some(site)) = (origin, sites.last_mut()) {
            let origin = Origin::parse(&origin)
                .map_err(|error| Error::unreadable("a site's origin", error))?;
            site.origins.push(origin);
        }
    }
    Ok(sites)
}

async fn sites(tx: &mut Transaction, centre: &str) -> Result<Vec<SiteSetup>, Error> {
    let rows = sqlx::query(
        "SELECT e.site, e.language, e.queue FROM entries e JOIN sites s ON s.key = e.site \
         WHERE s.centre = $1 ORDER BY e.site, e.position",
    )
    .bind(centre)
    .fetch_all(&mut **tx)
    .await?;
    let mut entries = BTreeMap::<String, Vec<Entry>>::new();
    for row in &rows {
        let entry = Entry {
            language: row.try_get("language")?,
            queue: parsed(row, "queue", "a queue's id")?,
        };
        entries.entry(row.try_get("site")?).or_default().push(entry);
    }
    let rows = sqlx::query("SELECT key, name FROM sites WHERE centre = $1 ORDER BY key")
        .bind(centre)
        .fetch_all(&mut **tx)
        .await?;
    rows.iter()
        .map(|row| {
            let key: String = row.try_get("key")?;
            Ok(SiteSetup {
                entries: entries.remove(&key).unwrap_or_default(),
                key: SiteKey(key),
                name: row.try_get("name")?,
            })
        })
        .collect()
}

/// The centre's queues, in their order.
pub(super) async fn queues(tx: &mut Transaction, centre: &str) -> Result<Vec<QueueSetup>, Error> {
    let rows = sqlx::query(
        "SELECT k.queue AS owner, k.skill, k.level FROM queue_skills k \
         JOIN queues q ON q.id = k.queue WHERE q.centre = $1",
    )
    .bind(centre)
    .fetch_all(&mut **tx)
    .await?;
    let mut skills = skills(&rows)?;
    let rows = sqlx::query(
        "SELECT id, name, media, language, priority FROM queues \
         WHERE centre = $1 ORDER BY position",
    )
    .bind(centre)
    .fetch_all(&mut **tx)
    .await?;
    rows.iter()
        .map(|row| {
            let id: String = row.try_get("id")?;
            Ok(QueueSetup {
                skills: skills.remove(&id).unwrap_or_default(),
                id: parsed(row, "id", "a queue's id")?,
                name: row.try_get("name")?,
                media: json(row, "media", "a queue's media")?,
                language: row.try_get("language")?,
                priority: small(row, "priority", "a queue's priority")?,
            })
        })
        .collect()
}

async fn agents(tx: &mut Transaction, centre: &str) -> Result<Vec<AgentSetup>, Error> {
    let rows = sqlx::query(
        "SELECT k.agent AS owner, k.skill, k.level FROM agent_skills k \
         JOIN users u ON u.id = k.agent WHERE u.centre = $1",
    )
    .bind(centre)
    .fetch_all(&mut **tx)
    .await?;
    let mut skills = skills(&rows)?;
    let mut languages = lists::<String>(
        tx,
        "SELECT l.agent AS owner, l.language AS item FROM agent_languages l \
         JOIN users u ON u.id = l.agent WHERE u.centre = $1 ORDER BY l.agent, l.position",
        centre,
    )
    .await?;
    let mut queues = lists::<QueueId>(
        tx,
        "SELECT a.agent AS owner, a.queue AS item FROM agent_queues a \
         JOIN queues q ON q.id = a.queue WHERE q.centre = $1 ORDER BY a.agent, q.position",
        centre,
    )
    .await?;
    let rows =
        sqlx::query("SELECT id, name, calls, chats FROM users WHERE centre = $1 ORDER BY id")
            .bind(centre)
            .fetch_all(&mut **tx)
            .await?;
    rows.iter()
        .map(|row| {
            let id: String = row.try_get("id")?;
            Ok(AgentSetup {
                skills: skills.remove(&id).unwrap_or_default(),
                languages: languages.remove(&id).unwrap_or_default(),
                queues: queues.remove(&id).unwrap_or_default(),
                id: parsed(row, "id", "an agent's id")?,
                name: row.try_get("name")?,
                capacity: Capacity {
                    calls: small(row, "calls", "an agent's capacity")?,
                    chats: small(row, "chats", "an agent's capacity")?,
                },
            })
        })
        .collect()
}

/// Skills by whom or what they belong to.
fn skills(rows: &[AnyRow]) -> Result<BTreeMap<String, BTreeMap<String, SkillLevel>>, Error> {
    let mut skills = BTreeMap::<String, BTreeMap<String, SkillLevel>>::new();
    for row in rows {
        let level = SkillLevel(small(row, "level", "a skill's level")?);
        let owner = skills.entry(row.try_get("owner")?).or_default();
        owner.insert(row.try_get("skill")?, level);
    }
    Ok(skills)
}

/// Items by whom they belong to.
async fn lists<T: FromStr>(
    tx: &mut Transaction,
    sql: &'static str,
    centre: &str,
) -> Result<BTreeMap<String, Vec<T>>, Error> {
    let rows = sqlx::query(sql).bind(centre).fetch_all(&mut **tx).await?;
    let mut lists = BTreeMap::<String, Vec<T>>::new();
    for row in &rows {
        let item = parsed(row, "item", "an agent's language or queue")?;
        lists.entry(row.try_get("owner")?).or_default().push(item);
    }
    Ok(lists)
}

async fn names(
    tx: &mut Transaction,
    sql: &'static str,
    centre: &str,
) -> Result<Vec<String>, Error> {
    let rows = sqlx::query(sql).bind(centre).fetch_all(&mut **tx).await?;
    rows.iter().map(|row| Ok(row.try_get("name")?)).collect()
}
