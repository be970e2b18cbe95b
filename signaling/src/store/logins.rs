//! Who is signed in. The store holds the hash of what the browser shows, never that itself.

use std::{fmt, time::Duration};

use bellwire_proto::time::Timestamp;
use sha2::{Digest, Sha256};
use sqlx::Row;

use super::{Error, Store, User, dialect, number, small, users};

/// How long a login lives without use.
pub(crate) const IDLE: Duration = Duration::from_secs(12 * 60 * 60);

/// How stale `last_seen` may be: not every request is worth a write.
const SEEN_EVERY: Duration = Duration::from_secs(60);

/// A user who is signed in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Login {
    /// Names this login among the user's.
    pub id: LoginId,
    /// Whose it is.
    pub user: User,
}

/// Names a login without letting anyone in: the SHA-256 of its token.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LoginId(String);

impl LoginId {
    /// The login that `token` opens.
    #[must_use]
    pub fn of(token: &str) -> Self {
        Self(dialect::text(&Sha256::digest(token)))
    }
}

impl fmt::Debug for LoginId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoginId(…)")
    }
}

impl Store {
    /// Signs `user` in, and forgets logins that ran idle.
    pub(crate) async fn add_login(
        &self,
        id: &LoginId,
        user: &User,
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM logins WHERE last_seen < $1")
            .bind(number((now - IDLE).0))
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "INSERT INTO logins (token, user_id, created, last_seen) VALUES ($1, $2, $3, $3)",
        )
        .bind(&id.0)
        .bind(user.id.to_string())
        .bind(number(now.0))
        .execute(&mut *tx)
        .await?;
        super::audit::append(&mut tx, &user.user, "sign_in", &user.user, now).await?;
        Ok(tx.commit().await?)
    }

    /// Who is signed in with this login; keeps it from running idle.
    pub(crate) async fn login(&self, id: &LoginId, now: Timestamp) -> Result<Option<Login>, Error> {
        let row = sqlx::query(
            "SELECT u.id, u.login, u.name, u.role, l.last_seen \
             FROM logins l JOIN users u ON u.id = l.user_id \
             WHERE l.token = $1 AND l.last_seen >= $2 AND u.deleted IS NULL",
        )
        .bind(&id.0)
        .bind(number((now - IDLE).0))
        .fetch_optional(&self.reader)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let last_seen = Timestamp(small(&row, "last_seen", "a login's time")?);
        if now.since(last_seen) >= SEEN_EVERY {
            self.touch(id, now).await?;
        }
        Ok(Some(Login {
            id: id.clone(),
            user: users::user(&row)?,
        }))
    }

    async fn touch(&self, id: &LoginId, now: Timestamp) -> Result<(), Error> {
        let query = sqlx::query("UPDATE logins SET last_seen = $1 WHERE token = $2")
            .bind(number(now.0))
            .bind(&id.0);
        self.writer.execute(query).await?;
        Ok(())
    }

    /// Signs out, where the login is there.
    pub(crate) async fn remove_login(&self, id: &LoginId, now: Timestamp) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        let row = sqlx::query(
            "SELECT u.login FROM logins l JOIN users u ON u.id = l.user_id WHERE l.token = $1",
        )
        .bind(&id.0)
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = row else { return Ok(()) };
        let user: String = row.try_get(0)?;
        sqlx::query("DELETE FROM logins WHERE token = $1")
            .bind(&id.0)
            .execute(&mut *tx)
            .await?;
        super::audit::append(&mut tx, &user, "sign_out", &user, now).await?;
        Ok(tx.commit().await?)
    }
}
