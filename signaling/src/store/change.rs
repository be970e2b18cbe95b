//! Changes how the centre is set up: all or nothing, with an audit row for each step and one row
//! that undoing needs. A running server notices by the set-up's version.

mod phones;
mod sites;
mod users;

use bellwire_proto::{
    admin::Kind,
    id::CentreId,
    setup::{Queue, Setup},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use sqlx::Row;

use super::{
    Doc, Error, Store, Transaction, audit,
    document::{self, Kept},
    number, small, to_json, words,
};

/// Of how many changes the documents before and after are kept.
const KEPT_CHANGES: i64 = 20;

/// A change of the set-up that is not done until [`Change::commit`].
#[derive(Debug)]
pub struct Change {
    pub(super) tx: Transaction,
    pub(super) centre: CentreId,
    actor: String,
    pub(super) at: Timestamp,
    version: i64,
    pub(super) edits: Vec<Edit>,
    /// What is done beside the documents: an audit action, its object, and a sentence.
    pub(super) notes: Vec<(&'static str, String, String)>,
    /// What the change is called, where its edits do not say it.
    title: Option<String>,
}

/// One document before and after.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Edit {
    pub(super) kind: Kind,
    pub(super) id: String,
    pub(super) before: Option<Kept>,
    pub(super) after: Option<Kept>,
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
        let row = sqlx::query(
            "SELECT CAST(value AS BIGINT) AS version FROM meta WHERE name = 'setup_version'",
        )
        .fetch_one(&mut *tx)
        .await?;
        Ok(Change {
            version: small(&row, "version", "the set-up's version")?,
            tx,
            centre: self.centre.clone(),
            actor: actor.to_owned(),
            at,
            edits: Vec::new(),
            notes: Vec::new(),
            title: None,
        })
    }
}

impl Change {
    /// The version of the set-up that this changes.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.version
    }

    /// Makes the change real; gives the version now.
    ///
    /// # Errors
    ///
    /// Why nothing of it was done.
    pub async fn commit(mut self) -> Result<i64, Error> {
        self.edits.retain(|edit| edit.before != edit.after);
        let sentences = self.tell_audit().await?;
        if sentences.is_empty() {
            self.tx.commit().await?;
            return Ok(self.version);
        }
        let version = self.version + 1;
        Store::set_meta(&mut self.tx, "setup_version", &version.to_string()).await?;
        let queues = self.queues().await?;
        let joined = || words::with_names(words::joined(&sentences), &queues);
        let what = self.title.take().unwrap_or_else(joined);
        sqlx::query(
            "INSERT INTO changes (centre, version, at, actor, what, edits) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&self.centre.0)
        .bind(version)
        .bind(number(self.at.0))
        .bind(&self.actor)
        .bind(what)
        .bind(to_json(&self.edits)?)
        .execute(&mut *self.tx)
        .await?;
        sqlx::query("UPDATE changes SET edits = '[]' WHERE centre = $1 AND version = $2")
            .bind(&self.centre.0)
            .bind(version - KEPT_CHANGES)
            .execute(&mut *self.tx)
            .await?;
        self.forget_secrets(version - KEPT_CHANGES).await?;
        self.tx.commit().await?;
        Ok(version)
    }

    /// What this change does so far, in words, one line each.
    #[must_use]
    pub fn in_words(&self) -> Vec<String> {
        let edits = self.edits.iter().filter(|edit| edit.before != edit.after);
        edits
            .map(|edit| words::told(edit).sentence)
            .chain(self.notes.iter().map(|(_, _, sentence)| sentence.clone()))
            .collect()
    }

    /// Calls the change so.
    pub fn call(&mut self, title: String) {
        self.title = Some(title);
    }

    /// The whole set-up as it is in this change.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn setup(&mut self) -> Result<Setup, Error> {
        document::setup(&mut self.tx, &self.centre.0).await
    }

    /// The queues as they are in this change.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn queues(&mut self) -> Result<Vec<Queue>, Error> {
        Ok(self.setup().await?.queues)
    }

    /// Puts a document in the place of the one before, or behind the others.
    ///
    /// # Errors
    ///
    /// [`Error::Taken`] where it is a user whose name another one has; [`Error::NoPassword`] where
    /// it is a new user.
    pub async fn put(&mut self, doc: &Doc) -> Result<(), Error> {
        self.put_at(doc, None).await
    }

    /// Puts a document at a place among its kind.
    pub(crate) async fn put_at(&mut self, doc: &Doc, position: Option<i64>) -> Result<(), Error> {
        let centre = self.centre.0.as_str();
        let before = document::find(&mut self.tx, centre, doc.kind, &doc.id).await?;
        let position = match (position, &before) {
            (Some(position), _) => position,
            (None, Some(before)) => before.position,
            (None, None) => document::end(&mut self.tx, centre, doc.kind).await?,
        };
        let after = Kept {
            position,
            doc: doc.value.clone(),
        };
        if before.as_ref() == Some(&after) || (before.is_none() && doc.says_nothing()) {
            return Ok(());
        }
        document::put(&mut self.tx, centre, doc.kind, &doc.id, &after).await?;
        if let Some(user) = doc.as_a()? {
            self.know_user(&user).await?;
        }
        if let (Some(phone), Some(before)) = (doc.as_a()?, &before) {
            self.phone_changed(&before.doc, Some(&phone)).await?;
        }
        self.edited(doc.kind, &doc.id, before, Some(after));
        Ok(())
    }

    /// Takes a document away. A user is signed out everywhere.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] where it is not there.
    pub async fn remove(&mut self, kind: Kind, id: &str) -> Result<(), Error> {
        let centre = self.centre.0.as_str();
        let Some(before) = document::find(&mut self.tx, centre, kind, id).await? else {
            return Err(Error::Unknown {
                what: kind.as_str(),
                name: id.to_owned(),
            });
        };
        document::remove(&mut self.tx, centre, kind, id).await?;
        if kind == Kind::User {
            self.forget_user(id).await?;
        }
        if kind == Kind::Phone {
            self.phone_changed(&before.doc, None).await?;
        }
        self.edited(kind, id, Some(before), None);
        Ok(())
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

    /// Remembers an edit; several of one document are one.
    fn edited(&mut self, kind: Kind, id: &str, before: Option<Kept>, after: Option<Kept>) {
        let same = |edit: &&mut Edit| edit.kind == kind && edit.id == id;
        match self.edits.iter_mut().find(same) {
            Some(edit) => edit.after = after,
            None => self.edits.push(Edit {
                kind,
                id: id.to_owned(),
                before,
                after,
            }),
        }
    }

    /// Writes the audit; gives what was done, in words.
    async fn tell_audit(&mut self) -> Result<Vec<String>, Error> {
        let mut sentences = Vec::with_capacity(self.edits.len() + self.notes.len());
        for edit in &self.edits {
            let told = words::told(edit);
            let action = format!("{}.{}", edit.kind.as_str(), told.action);
            audit::append(&mut self.tx, &self.actor, &action, &told.object, self.at).await?;
            sentences.push(told.sentence);
        }
        for (action, object, sentence) in &self.notes {
            audit::append(&mut self.tx, &self.actor, action, object, self.at).await?;
            sentences.push(sentence.clone());
        }
        Ok(sentences)
    }
}
