//! Passwords of phones and trunks: in clear text, because a digest is made of it.

use bellwire_proto::admin::Kind;
use sqlx::Row;

use super::{Change, Error, Store};

impl Store {
    /// Every password of a phone or trunk that there is: the kind, the document's id, the password.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn secrets(&self) -> Result<Vec<(Kind, String, String)>, Error> {
        let rows = sqlx::query(
            "SELECT s.kind, s.id, s.value FROM secrets s JOIN documents d \
             ON d.centre = s.centre AND d.kind = s.kind AND d.id = s.id \
             WHERE s.centre = $1 ORDER BY s.kind, s.id",
        )
        .bind(&self.centre.0)
        .fetch_all(&self.reader)
        .await?;
        rows.iter()
            .map(|row| {
                let word: String = row.try_get("kind")?;
                let kind = Kind::parse(&word)
                    .ok_or_else(|| Error::unreadable("the kind of a password", word))?;
                Ok((kind, row.try_get("id")?, row.try_get("value")?))
            })
            .collect()
    }
}

impl Change {
    /// Whether this phone or trunk has a password.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn has_secret(&mut self, kind: Kind, id: &str) -> Result<bool, Error> {
        Ok(self.secret(kind, id).await?.is_some())
    }

    /// Gives a phone or trunk a password, or another one. `name` is what it is called. Counts as a
    /// change of the set-up; a phone has to register anew.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn set_secret(
        &mut self,
        kind: Kind,
        id: &str,
        name: &str,
        value: &str,
    ) -> Result<(), Error> {
        let before = self.secret(kind, id).await?;
        if before.as_deref() == Some(value) {
            return Ok(());
        }
        sqlx::query(
            "INSERT INTO secrets (centre, kind, id, value) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (centre, kind, id) DO UPDATE SET value = excluded.value",
        )
        .bind(&self.centre.0)
        .bind(kind.as_str())
        .bind(id)
        .bind(value)
        .execute(&mut *self.tx)
        .await?;
        if kind == Kind::Phone {
            self.phone_must_register(id).await?;
        }
        let is_new = |edit: &super::change::Edit| {
            edit.kind == kind && edit.id == id && edit.before.is_none()
        };
        // That a new one has a password goes without saying.
        if !self.edits.iter().any(is_new) {
            let action = match kind == Kind::Phone {
                true => "phone.password",
                false => "trunk.password",
            };
            let another = match before {
                Some(_) => "another password",
                None => "a password",
            };
            let sentence = format!("gave {} {name} {another}", kind.as_str());
            self.notes.push((action, name.to_owned(), sentence));
        }
        Ok(())
    }

    async fn secret(&mut self, kind: Kind, id: &str) -> Result<Option<String>, Error> {
        let row =
            sqlx::query("SELECT value FROM secrets WHERE centre = $1 AND kind = $2 AND id = $3")
                .bind(&self.centre.0)
                .bind(kind.as_str())
                .bind(id)
                .fetch_optional(&mut *self.tx)
                .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// Forgets passwords of what is gone and cannot be brought back: no change after `version`
    /// names it.
    pub(super) async fn forget_secrets(&mut self, version: i64) -> Result<(), Error> {
        sqlx::query(
            "DELETE FROM secrets WHERE centre = $1 AND NOT EXISTS \
             (SELECT 1 FROM documents d WHERE d.centre = secrets.centre \
             AND d.kind = secrets.kind AND d.id = secrets.id) AND NOT EXISTS \
             (SELECT 1 FROM changes c WHERE c.centre = secrets.centre AND c.version > $2 \
             AND c.edits LIKE '%' || secrets.id || '%')",
        )
        .bind(&self.centre.0)
        .bind(version)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}
