//! Changes of phones: a registration that was made under what no longer holds is void.

use bellwire_proto::{admin::Kind, setup::Phone};
use serde_json::Value;

use super::Change;
use crate::store::{Error, document};

impl Change {
    /// A phone that has another name or another owner, or is gone, is not reached where it was.
    pub(super) async fn phone_changed(
        &mut self,
        before: &Value,
        after: Option<&Phone>,
    ) -> Result<(), Error> {
        let before: Phone = serde_json::from_value(before.clone())
            .map_err(|error| Error::unreadable("a phone", error))?;
        let stays = |after: &Phone| after.user == before.user && after.agent == before.agent;
        match after.is_some_and(stays) {
            true => Ok(()),
            false => self.unregister(&before.user).await,
        }
    }

    /// Whoever knew the password before is not reached any more.
    pub(in crate::store) async fn phone_must_register(&mut self, id: &str) -> Result<(), Error> {
        let centre = &self.centre.0;
        let Some(kept) = document::find(&mut self.tx, centre, Kind::Phone, id).await? else {
            return Ok(());
        };
        let phone: Phone = serde_json::from_value(kept.doc)
            .map_err(|error| Error::unreadable("a phone", error))?;
        self.unregister(&phone.user).await
    }

    async fn unregister(&mut self, phone: &str) -> Result<(), Error> {
        sqlx::query("DELETE FROM registrations WHERE centre = $1 AND phone = $2")
            .bind(&self.centre.0)
            .bind(phone)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }
}
