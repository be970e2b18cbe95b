//! The administrator's part of a scene, over HTTP: what would take many clicks to set up.

use anyhow::{Context, Result};
use bellwire_proto::{
    admin::{ContactTold, Contacts, InvitationCounts, Kind},
    id::FormId,
    setup::{Form, Invitation, Queue, Setup, Site, Span},
};
use serde::Serialize;

use crate::{administrator::Administrator, centre::Centre, chance};

/// An administrator who signed in, and the steps that scenes in browsers take.
#[derive(Debug)]
pub struct Office(Administrator);

impl Office {
    /// Signs in.
    ///
    /// # Errors
    ///
    /// Where the centre does not let the administrator in.
    pub async fn open(centre: &Centre) -> Result<Self> {
        Ok(Self(Administrator::sign_in(centre).await?))
    }

    /// How the centre is set up now.
    ///
    /// # Errors
    ///
    /// Where the centre does not tell.
    pub async fn setup(&self) -> Result<Setup> {
        Ok(self.0.current().await?.setup)
    }

    /// All contacts, newest first.
    ///
    /// # Errors
    ///
    /// Where the centre does not tell.
    pub async fn contacts(&self) -> Result<Contacts> {
        self.0.contacts().await
    }

    /// Everything about the newest contact.
    ///
    /// # Errors
    ///
    /// Where there is none.
    pub async fn newest_contact(&self) -> Result<ContactTold> {
        let contacts = self.contacts().await?.contacts;
        let newest = contacts.first().context("there is no contact")?;
        self.0.contact(newest.interaction).await
    }

    /// What invitations brought about.
    ///
    /// # Errors
    ///
    /// Where the centre does not tell.
    pub async fn invitations(&self) -> Result<Vec<InvitationCounts>> {
        self.0.all_invitations().await
    }

    /// Changes the demo's site.
    ///
    /// # Errors
    ///
    /// Where the centre does not take it.
    pub async fn site(&self, change: impl FnOnce(&mut Site)) -> Result<()> {
        self.0.change_site(change).await.map(drop)
    }

    /// Changes the queue of this name.
    ///
    /// # Errors
    ///
    /// Where there is none, or the centre does not take it.
    pub async fn queue(&self, name: &str, change: impl FnOnce(&mut Queue)) -> Result<()> {
        self.0.change_queue(name, change).await.map(drop)
    }

    /// Changes the invitation of this name.
    ///
    /// # Errors
    ///
    /// As [`Self::queue`].
    pub async fn invitation(&self, name: &str, change: impl FnOnce(&mut Invitation)) -> Result<()> {
        let all = self.setup().await?.invitations;
        let found = all.into_iter().find(|invitation| invitation.name == name);
        let mut invitation = found.with_context(|| format!("no invitation {name}"))?;
        change(&mut invitation);
        let id = invitation.id.to_string();
        self.save(Kind::Invitation, &id, &invitation).await
    }

    /// Closes every queue that keeps the first hours, or opens it again: closed, they open once a
    /// day for a minute, twelve hours from now.
    ///
    /// # Errors
    ///
    /// Where the centre does not take it.
    pub async fn open_now(&self, open: bool) -> Result<()> {
        let hours = self.setup().await?.hours;
        let mut hours = hours.into_iter().next().context("no hours")?;
        let minute = u16::try_from(chance::now().0 / 60_000 % 1_440)?;
        let from = (minute + 720) % 1_440;
        let span = if open {
            Span { from: 0, to: 1_440 }
        } else {
            Span { from, to: from + 1 }
        };
        hours.zone = "UTC".to_owned();
        hours.week = vec![vec![span]; 7];
        self.save(Kind::Hours, &hours.id.to_string(), &hours).await
    }

    /// Saves a form.
    ///
    /// # Errors
    ///
    /// Where the centre does not take it.
    pub async fn form(&self, form: &Form) -> Result<()> {
        self.save(Kind::Form, &form.id.to_string(), form).await
    }

    /// Saves a document over the newest set-up, whatever warnings there are.
    ///
    /// # Errors
    ///
    /// Where the centre does not take it; with what it says.
    pub async fn save(&self, kind: Kind, id: &str, doc: &impl Serialize) -> Result<()> {
        self.0.save(kind, id, doc).await.map(drop)
    }
}

/// An id for a new form.
#[must_use]
pub fn form_id() -> FormId {
    FormId::new(chance::now(), chance::bits())
}
