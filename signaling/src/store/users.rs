//! The centre's users: who may sign in, as what.

use bellwire_proto::{id::AgentId, setup::UserRole};
use serde::{Deserialize, Serialize};
use sqlx::{Row, any::AnyRow};

use super::{Error, Store, parsed};

/// Someone who may sign in: of the user's document, what that needs.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct User {
    /// Their id, as the core knows them.
    pub id: AgentId,
    /// The name they sign in with, in lower case.
    pub user: String,
    /// The name others see.
    pub name: String,
    /// What they may do.
    pub role: UserRole,
}

impl Store {
    /// Every user, by user name.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn users(&self) -> Result<Vec<User>, Error> {
        let rows =
            sqlx::query("SELECT id, login, name, role FROM users WHERE centre = $1 AND deleted IS NULL ORDER BY login")
                .bind(&self.centre.0)
                .fetch_all(&self.reader)
                .await?;
        rows.iter().map(user).collect()
    }

    /// The user with this name, in whatever case, and the password's hash.
    pub(crate) async fn user_by_name(&self, name: &str) -> Result<Option<(User, String)>, Error> {
        let row = sqlx::query(
            "SELECT id, login, name, role, password_hash FROM users \
             WHERE centre = $1 AND login = $2 AND deleted IS NULL",
        )
        .bind(&self.centre.0)
        .bind(folded(name))
        .fetch_optional(&self.reader)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some((user(&row)?, row.try_get("password_hash")?)))
    }
}

pub(super) fn user(row: &AnyRow) -> Result<User, Error> {
    Ok(User {
        id: parsed(row, "id", "a user's id")?,
        user: row.try_get("login")?,
        name: row.try_get("name")?,
        role: parsed(row, "role", "a user's role")?,
    })
}

/// A user name as it is compared.
pub(crate) fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}
