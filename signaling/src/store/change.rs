//! Changes how the centre is set up: all or nothing, with an audit row for each step. A running
//! server notices by the set-up's version.

use std::collections::BTreeMap;

use bellwire_core::setup::{Capacity, Entry, QueueSetup, SkillLevel};
use bellwire_proto::{
    id::{AgentId, CentreId, QueueId, SiteKey},
    interaction::Medium,
    time::Timestamp,
};
use sqlx::Row;

use super::{Error, Store, Transaction, UserRole, audit, number, setup, to_json, users};
use crate::{origin::Origin, random};

/// A change of the set-up that is not done until [`Change::commit`].
#[derive(Debug)]
pub struct Change {
    tx: Transaction,
    centre: CentreId,
    actor: String,
    at: Timestamp,
}

/// A queue to be made.
#[derive(Clone, Debug)]
pub struct NewQueue<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it takes.
    pub media: &'a [Medium],
    /// The least level of each skill.
    pub skills: &'a [(&'a str, SkillLevel)],
    /// The language it needs.
    pub language: Option<&'a str>,
    /// Its priority.
    pub priority: u8,
}

/// A user to be made.
#[derive(Clone, Debug)]
pub struct NewUser<'a> {
    /// The user name, for signing in.
    pub user: &'a str,
    /// The name others see.
    pub name: &'a str,
    /// What the user may do.
    pub role: UserRole,
    /// The password's hash.
    pub password_hash: &'a str,
    /// How much the user takes at once.
    pub capacity: Capacity,
    /// What the user can do, and how well.
    pub skills: BTreeMap<String, SkillLevel>,
    /// The languages the user speaks.
    pub languages: Vec<String>,
    /// The queues the user serves.
    pub queues: Vec<QueueId>,
}

impl Store {
    /// Begins a change by `actor`.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn change(&self, actor: &str, at: Timestamp) -> Result<Change, Error> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO centres (id, created) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING",
        )
        .bind(&self.centre.0)
        .bind(number(at.0))
        .execute(&mut *tx)
        .await?;
        Ok(Change {
            tx,
            centre: self.centre.clone(),
            actor: actor.to_owned(),
            at,
        })
    }
}

impl Change {
    /// Makes the change real.
    ///
    /// # Errors
    ///
    /// Why nothing of it was done.
    pub async fn commit(mut self) -> Result<(), Error> {
        sqlx::query(
            "UPDATE meta SET value = CAST(CAST(value AS BIGINT) + 1 AS TEXT) \
             WHERE name = 'setup_version'",
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(self.tx.commit().await?)
    }

    /// The queues as they are in this change.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn queues(&mut self) -> Result<Vec<QueueSetup>, Error> {
        setup::queues(&mut self.tx, &self.centre.0).await
    }

    /// Whether the centre has a user already.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn has_users(&mut self) -> Result<bool, Error> {
        let row = sqlx::query("SELECT 1 FROM users WHERE centre = $1 LIMIT 1")
            .bind(&self.centre.0)
            .fetch_optional(&mut *self.tx)
            .await?;
        Ok(row.is_some())
    }

    /// Makes a queue, behind those there are.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] where there is one of that name.
    pub async fn add_queue(&mut self, queue: &NewQueue<'_>) -> Result<QueueId, Error> {
        let id = QueueId::new(self.at, random::bits());
        sqlx::query(
            "INSERT INTO queues (id, centre, position, name, media, language, priority) \
             SELECT $1, $2, COUNT(*), $3, $4, $5, $6 FROM queues WHERE centre = $2",
        )
        .bind(id.to_string())
        .bind(&self.centre.0)
        .bind(queue.name)
        .bind(to_json(&queue.media)?)
        .bind(queue.language)
        .bind(i64::from(queue.priority))
        .execute(&mut *self.tx)
        .await?;
        for (skill, level) in queue.skills {
            sqlx::query("INSERT INTO queue_skills (queue, skill, level) VALUES ($1, $2, $3)")
                .bind(id.to_string())
                .bind(*skill)
                .bind(i64::from(level.0))
                .execute(&mut *self.tx)
                .await?;
        }
        self.note("queue.add", queue.name).await?;
        Ok(id)
    }

    /// Adds reasons for not being ready.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn add_reasons(&mut self, names: &[&str]) -> Result<(), Error> {
        self.add_names(
            "INSERT INTO reasons (centre, position, name) \
             SELECT $1, COUNT(*), $2 FROM reasons WHERE centre = $1",
            names,
        )
        .await
    }

    /// Adds what can come of a contact.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn add_dispositions(&mut self, names: &[&str]) -> Result<(), Error> {
        self.add_names(
            "INSERT INTO dispositions (centre, position, name) \
             SELECT $1, COUNT(*), $2 FROM dispositions WHERE centre = $1",
            names,
        )
        .await
    }

    async fn add_names(&mut self, sql: &'static str, names: &[&str]) -> Result<(), Error> {
        for name in names {
            sqlx::query(sql)
                .bind(&self.centre.0)
                .bind(*name)
                .execute(&mut *self.tx)
                .await?;
        }
        Ok(())
    }

    /// Makes a user.
    ///
    /// # Errors
    ///
    /// [`Error::Taken`] where there is one of that name, in whatever case.
    pub async fn add_user(&mut self, user: &NewUser<'_>) -> Result<AgentId, Error> {
        let id = AgentId::new(self.at, random::bits());
        let made = sqlx::query(
            "INSERT INTO users \
             (id, centre, login, name, role, password_hash, calls, chats, created) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (centre, login) DO NOTHING",
        )
        .bind(id.to_string())
        .bind(&self.centre.0)
        .bind(users::folded(user.user))
        .bind(user.name)
        .bind(user.role.as_str())
        .bind(user.password_hash)
        .bind(i64::from(user.capacity.calls))
        .bind(i64::from(user.capacity.chats))
        .bind(number(self.at.0))
        .execute(&mut *self.tx)
        .await?;
        if made.rows_affected() == 0 {
            return Err(Error::Taken {
                what: "user",
                name: users::folded(user.user),
            });
        }
        self.add_abilities(id, user).await?;
        self.note("user.add", user.user).await?;
        Ok(id)
    }

    async fn add_abilities(&mut self, id: AgentId, user: &NewUser<'_>) -> Result<(), Error> {
        let id = id.to_string();
        for (skill, level) in &user.skills {
            sqlx::query("INSERT INTO agent_skills (agent, skill, level) VALUES ($1, $2, $3)")
                .bind(&id)
                .bind(skill)
                .bind(i64::from(level.0))
                .execute(&mut *self.tx)
                .await?;
        }
        for (position, language) in (0_i64..).zip(&user.languages) {
            sqlx::query(
                "INSERT INTO agent_languages (agent, position, language) VALUES ($1, $2, $3) \
                 ON CONFLICT (agent, language) DO NOTHING",
            )
            .bind(&id)
            .bind(position)
            .bind(language)
            .execute(&mut *self.tx)
            .await?;
        }
        for queue in &user.queues {
            sqlx::query(
                "INSERT INTO agent_queues (agent, queue) VALUES ($1, $2) \
                 ON CONFLICT (agent, queue) DO NOTHING",
            )
            .bind(&id)
            .bind(queue.to_string())
            .execute(&mut *self.tx)
            .await?;
        }
        Ok(())
    }

    /// Gives a user another password, and signs the user out everywhere.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] where there is no such user.
    pub async fn set_password(&mut self, user: &str, password_hash: &str) -> Result<(), Error> {
        let row = sqlx::query(
            "UPDATE users SET password_hash = $1 WHERE centre = $2 AND login = $3 RETURNING id",
        )
        .bind(password_hash)
        .bind(&self.centre.0)
        .bind(users::folded(user))
        .fetch_optional(&mut *self.tx)
        .await?;
        let Some(row) = row else {
            return Err(Error::Unknown {
                what: "user",
                name: user.to_owned(),
            });
        };
        let id: String = row.try_get(0)?;
        sqlx::query("DELETE FROM logins WHERE user_id = $1")
            .bind(id)
            .execute(&mut *self.tx)
            .await?;
        self.note("user.password", user).await
    }

    /// Makes a site.
    ///
    /// # Errors
    ///
    /// [`Error::Taken`] where there is one with that key.
    pub async fn add_site(
        &mut self,
        key: &SiteKey,
        name: &str,
        origins: &[Origin],
        entries: &[Entry],
    ) -> Result<(), Error> {
        let made = sqlx::query(
            "INSERT INTO sites (key, centre, name, created) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (key) DO NOTHING",
        )
        .bind(&key.0)
        .bind(&self.centre.0)
        .bind(name)
        .bind(number(self.at.0))
        .execute(&mut *self.tx)
        .await?;
        if made.rows_affected() == 0 {
            return Err(Error::Taken {
                what: "site",
                name: key.0.clone(),
            });
        }
        for (position, entry) in (0_i64..).zip(entries) {
            sqlx::query(
                "INSERT INTO entries (site, position, language, queue) VALUES ($1, $2, $3, $4)",
            )
            .bind(&key.0)
            .bind(position)
            .bind(entry.language.as_deref())
            .bind(entry.queue.to_string())
            .execute(&mut *self.tx)
            .await?;
        }
        self.note("site.add", &key.0).await?;
        for origin in origins {
            self.allow(key, origin).await?;
        }
        Ok(())
    }

    /// Lets pages of `origin` use the site's key.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] where there is no such site.
    pub async fn allow(&mut self, key: &SiteKey, origin: &Origin) -> Result<(), Error> {
        self.must_have(key).await?;
        sqlx::query(
            "INSERT INTO site_origins (site, origin) VALUES ($1, $2) \
             ON CONFLICT (site, origin) DO NOTHING",
        )
        .bind(&key.0)
        .bind(origin.as_str())
        .execute(&mut *self.tx)
        .await?;
        self.note("site.allow", &format!("{key} {origin}")).await
    }

    /// No longer lets pages of `origin` use the site's key.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] where there is no such site, or the site does not have that origin.
    pub async fn refuse(&mut self, key: &SiteKey, origin: &Origin) -> Result<(), Error> {
        self.must_have(key).await?;
        let gone = sqlx::query("DELETE FROM site_origins WHERE site = $1 AND origin = $2")
            .bind(&key.0)
            .bind(origin.as_str())
            .execute(&mut *self.tx)
            .await?;
        if gone.rows_affected() == 0 {
            return Err(Error::Unknown {
                what: "origin",
                name: origin.to_string(),
            });
        }
        self.note("site.refuse", &format!("{key} {origin}")).await
    }

    async fn must_have(&mut self, key: &SiteKey) -> Result<(), Error> {
        let row = sqlx::query("SELECT 1 FROM sites WHERE key = $1 AND centre = $2")
            .bind(&key.0)
            .bind(&self.centre.0)
            .fetch_optional(&mut *self.tx)
            .await?;
        match row {
            Some(_) => Ok(()),
            None => Err(Error::Unknown {
                what: "site",
                name: key.0.clone(),
            }),
        }
    }

    /// Keeps a word under a name, for the program itself.
    pub(crate) async fn keep(&mut self, name: &str, value: &str) -> Result<(), Error> {
        Store::set_meta(&mut self.tx, name, value).await
    }

    /// What is kept under a name.
    pub(crate) async fn kept(&mut self, name: &str) -> Result<Option<String>, Error> {
        let row = sqlx::query("SELECT value FROM meta WHERE name = $1")
            .bind(name)
            .fetch_optional(&mut *self.tx)
            .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    async fn note(&mut self, action: &str, object: &str) -> Result<(), Error> {
        audit::append(&mut self.tx, &self.actor, action, object, self.at).await
    }
}
