//! Changes of users: what signing in needs goes with their documents.

use bellwire_proto::setup::User;
use sqlx::Row;

use super::Change;
use crate::store::{Doc, Error, number, users};

impl Change {
    /// Whether the centre has, or had, a user already.
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

    /// Makes a user.
    ///
    /// # Errors
    ///
    /// [`Error::Taken`] where there is one of that name, in whatever case.
    pub async fn add_user(&mut self, user: &User, password_hash: &str) -> Result<(), Error> {
        self.must_be_free(user).await?;
        sqlx::query(
            "INSERT INTO users (id, centre, login, name, role, password_hash, created) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (id) DO UPDATE SET password_hash = excluded.password_hash",
        )
        .bind(user.id.to_string())
        .bind(&self.centre.0)
        .bind(users::folded(&user.user))
        .bind(&user.name)
        .bind(user.role.as_str())
        .bind(password_hash)
        .bind(number(self.at.0))
        .execute(&mut *self.tx)
        .await?;
        self.put(&Doc::of(user)?).await
    }

    /// Gives a user another password, and signs the user out everywhere.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] where there is no such user.
    pub async fn set_password(&mut self, user: &str, password_hash: &str) -> Result<(), Error> {
        let row = sqlx::query(
            "UPDATE users SET password_hash = $1 \
             WHERE centre = $2 AND login = $3 AND deleted IS NULL RETURNING id",
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
        self.sign_out(&id).await?;
        let sentence = format!("gave user {user} another password");
        self.notes
            .push(("user.password", user.to_owned(), sentence));
        Ok(())
    }

    /// Brings what signing in looks at in step with a user's document.
    pub(super) async fn know_user(&mut self, user: &User) -> Result<(), Error> {
        self.must_be_free(user).await?;
        let known = sqlx::query(
            "UPDATE users SET login = $1, name = $2, role = $3, deleted = NULL \
             WHERE id = $4 AND centre = $5",
        )
        .bind(users::folded(&user.user))
        .bind(&user.name)
        .bind(user.role.as_str())
        .bind(user.id.to_string())
        .bind(&self.centre.0)
        .execute(&mut *self.tx)
        .await?;
        match known.rows_affected() {
            0 => Err(Error::NoPassword {
                user: user.user.clone(),
            }),
            _ => Ok(()),
        }
    }

    async fn must_be_free(&mut self, user: &User) -> Result<(), Error> {
        let login = users::folded(&user.user);
        let other = sqlx::query(
            "SELECT 1 FROM users \
             WHERE centre = $1 AND login = $2 AND id <> $3 AND deleted IS NULL",
        )
        .bind(&self.centre.0)
        .bind(&login)
        .bind(user.id.to_string())
        .fetch_optional(&mut *self.tx)
        .await?;
        match other {
            Some(_) => Err(Error::Taken {
                what: "user",
                name: login,
            }),
            None => Ok(()),
        }
    }

    pub(super) async fn forget_user(&mut self, id: &str) -> Result<(), Error> {
        sqlx::query("UPDATE users SET deleted = $1 WHERE id = $2")
            .bind(number(self.at.0))
            .bind(id)
            .execute(&mut *self.tx)
            .await?;
        self.sign_out(id).await
    }

    async fn sign_out(&mut self, id: &str) -> Result<(), Error> {
        sqlx::query("DELETE FROM logins WHERE user_id = $1")
            .bind(id)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }
}
