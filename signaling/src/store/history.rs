//! What was changed, newest first, and taking the last change back.

use bellwire_proto::{
    admin::{ChangeMade, Changes},
    time::Timestamp,
};
use sqlx::Row;

use super::{Change, Doc, Error, Store, change::Edit, json, small, words};

impl Store {
    /// The last `most` changes before the version `before`, newest first.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn changes(&self, before: Option<i64>, most: u32) -> Result<Changes, Error> {
        let mut tx = self.reader.begin().await?;
        let rows = sqlx::query(
            "SELECT version, at, actor, what FROM changes \
             WHERE centre = $1 AND version < $2 ORDER BY version DESC LIMIT $3",
        )
        .bind(&self.centre.0)
        .bind(before.unwrap_or(i64::MAX))
        .bind(i64::from(most) + 1)
        .fetch_all(&mut *tx)
        .await?;
        let last = sqlx::query(
            "SELECT edits FROM changes WHERE centre = $1 \
             AND version = (SELECT CAST(value AS BIGINT) FROM meta WHERE name = 'setup_version')",
        )
        .bind(&self.centre.0)
        .fetch_optional(&mut *tx)
        .await?;
        let can_undo = match last {
            Some(row) => row.try_get::<String, _>("edits")? != "[]",
            None => false,
        };
        let mut changes = rows
            .iter()
            .map(|row| {
                Ok(ChangeMade {
                    version: row.try_get("version")?,
                    at: Timestamp(small(row, "at", "a change's time")?),
                    by: row.try_get("actor")?,
                    what: row.try_get("what")?,
                })
            })
            .collect::<Result<Vec<_>, Error>>()?;
        let more = u32::try_from(changes.len()).unwrap_or(u32::MAX) > most;
        if more {
            changes.pop();
        }
        Ok(Changes {
            before: changes.last().filter(|_| more).map(|last| last.version),
            changes,
            can_undo,
        })
    }
}

impl Change {
    /// Takes back the change that made the version as it is now. Says whether there was one that
    /// can be taken back.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn take_back(&mut self) -> Result<bool, Error> {
        let row = sqlx::query("SELECT what, edits FROM changes WHERE centre = $1 AND version = $2")
            .bind(&self.centre.0)
            .bind(self.version())
            .fetch_optional(&mut *self.tx)
            .await?;
        let Some(row) = row else { return Ok(false) };
        let edits: Vec<Edit> = json(&row, "edits", "a change")?;
        let what: String = row.try_get("what")?;
        // What was made last goes first: a user's name is free before its former owner gets it.
        for edit in edits.iter().rev().filter(|edit| edit.before.is_none()) {
            self.remove(edit.kind, &edit.id).await?;
        }
        for edit in edits.iter().rev() {
            if let Some(before) = &edit.before {
                let doc = Doc::read(edit.kind, before.doc.clone())?;
                self.put_at(&doc, Some(before.position)).await?;
            }
        }
        self.call(words::taken_back(&what));
        Ok(!edits.is_empty())
    }
}
