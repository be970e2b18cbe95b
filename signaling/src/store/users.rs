//! The centre's users: who may sign in, as what.

use std::{fmt, str::FromStr};

use bellwire_proto::id::AgentId;
use serde::{Deserialize, Serialize};
use sqlx::{Row, any::AnyRow};

use super::{Error, Store, parsed};

/// Someone who may sign in.
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

/// What a user may do.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UserRole {
    /// Takes interactions.
    Agent,
    /// Watches over agents.
    Supervisor,
    /// Sets the centre up.
    Administrator,
}

impl UserRole {
    /// The role's name, as the store keeps it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Administrator => "administrator",
        }
    }
}

impl fmt::Display for UserRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why a text is not a role.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a role is agent, supervisor or administrator")]
pub struct InvalidRole;

impl FromStr for UserRole {
    type Err = InvalidRole;

    fn from_str(text: &str) -> Result<Self, InvalidRole> {
        [Self::Agent, Self::Supervisor, Self::Administrator]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(InvalidRole)
    }
}

impl Store {
    /// Every user, by user name.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn users(&self) -> Result<Vec<User>, Error> {
        let rows =
            sqlx::query("SELECT id, login, name, role FROM users WHERE centre = $1 ORDER BY login")
                .bind(&self.centre.0)
                .fetch_all(&self.reader)
                .await?;
        rows.iter().map(user).collect()
    }

    /// The user with this name, in whatever case, and the password's hash.
    pub(crate) async fn user_by_name(&self, name: &str) -> Result<Option<(User, String)>, Error> {
        let row = sqlx::query(
            "SELECT id, login, name, role, password_hash FROM users \
             WHERE centre = $1 AND login = $2",
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
