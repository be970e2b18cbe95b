//! Administrators and supervisors at the server's HTTP interface.

use anyhow::{Context, Result, ensure};
use bellwire_proto::{
    admin::{
        Changes, ContactTold, Contacts, Current, Import, Imported, InvitationCounts, Kind,
        NotSaved, Save, Saved, Undo,
    },
    id::InteractionId,
    setup::{Queue, Setup, Site, User},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    centre::Centre,
    http::{self, Answer},
    people,
};

/// Somebody who is signed in and asks by HTTP.
#[derive(Clone, Debug)]
pub struct Administrator {
    port: u16,
    origin: String,
    cookie: String,
}

impl Administrator {
    /// The seeded administrator.
    ///
    /// # Errors
    ///
    /// Where the centre does not let them in.
    pub async fn sign_in(centre: &Centre) -> Result<Self> {
        Self::with_role(centre, "administrator").await
    }

    /// The first seeded user with this role.
    ///
    /// # Errors
    ///
    /// As [`Self::sign_in`].
    pub async fn with_role(centre: &Centre, role: &str) -> Result<Self> {
        let who = centre.users(role)?.into_iter().next();
        let who = who.with_context(|| format!("no seeded {role}"))?;
        Ok(Self {
            port: centre.port,
            origin: centre.origin(),
            cookie: people::sign_in(centre, &who).await?,
        })
    }

    /// Asks for something under `/api`.
    ///
    /// # Errors
    ///
    /// Where the server does not answer.
    pub async fn ask(&self, method: &str, path: &str, body: &str) -> Result<Answer> {
        let headers = [
            ("content-type", "application/json"),
            ("origin", self.origin.as_str()),
            ("cookie", self.cookie.as_str()),
        ];
        http::ask(self.port, method, &format!("/api{path}"), &headers, body).await
    }

    /// How the centre is set up.
    ///
    /// # Errors
    ///
    /// As [`Self::ask`].
    pub async fn current(&self) -> Result<Current> {
        read(&self.ask("GET", "/admin/setup", "").await?)
    }

    /// Saves a document from the version that is current now, whatever warnings there are.
    ///
    /// # Errors
    ///
    /// Where it is not saved.
    pub async fn save<T: Serialize>(&self, kind: Kind, id: &str, doc: T) -> Result<Saved> {
        let version = self.current().await?.version;
        read(&self.put(kind, id, version, doc, true).await?)
    }

    /// Tries to save a document from this version.
    ///
    /// # Errors
    ///
    /// As [`Self::ask`].
    pub async fn put<T: Serialize>(
        &self,
        kind: Kind,
        id: &str,
        version: i64,
        doc: T,
        despite_warnings: bool,
    ) -> Result<Answer> {
        let save = Save {
            version,
            doc,
            despite_warnings,
            password: None,
        };
        let path = format!("/admin/{}/{id}", kind.as_str());
        self.ask("PUT", &path, &serde_json::to_string(&save)?).await
    }

    /// Deletes a document, whatever warnings there are.
    ///
    /// # Errors
    ///
    /// Where it is not deleted.
    pub async fn delete(&self, kind: Kind, id: &str) -> Result<Saved> {
        let version = self.current().await?.version;
        let path = format!(
            "/admin/{}/{id}?version={version}&despite_warnings=true",
            kind.as_str()
        );
        read(&self.ask("DELETE", &path, "").await?)
    }

    /// Changes the demo site.
    ///
    /// # Errors
    ///
    /// As [`Self::save`].
    pub async fn change_site(&self, change: impl FnOnce(&mut Site)) -> Result<Saved> {
        let sites = self.current().await?.setup.sites;
        let site = sites.into_iter().find(|site| site.key.0 == people::SITE);
        let mut site = site.context("no demo site")?;
        change(&mut site);
        self.save(Kind::Site, people::SITE, site).await
    }

    /// Changes a queue.
    ///
    /// # Errors
    ///
    /// As [`Self::save`].
    pub async fn change_queue(&self, name: &str, change: impl FnOnce(&mut Queue)) -> Result<Saved> {
        let mut queue = self.queue(name).await?;
        change(&mut queue);
        self.save(Kind::Queue, &queue.id.to_string(), queue).await
    }

    /// Changes a user.
    ///
    /// # Errors
    ///
    /// As [`Self::save`].
    pub async fn change_user(&self, user: &str, change: impl FnOnce(&mut User)) -> Result<Saved> {
        let users = self.current().await?.setup.users;
        let known = users.into_iter().find(|known| known.user == user);
        let mut known = known.with_context(|| format!("no user {user}"))?;
        change(&mut known);
        self.save(Kind::User, &known.id.to_string(), known).await
    }

    /// A queue by its name.
    ///
    /// # Errors
    ///
    /// Where there is none.
    pub async fn queue(&self, name: &str) -> Result<Queue> {
        let queues = self.current().await?.setup.queues;
        let queue = queues.into_iter().find(|queue| queue.name == name);
        queue.with_context(|| format!("no queue {name}"))
    }

    /// The newest changes.
    ///
    /// # Errors
    ///
    /// As [`Self::ask`].
    pub async fn changes(&self) -> Result<Changes> {
        read(&self.ask("GET", "/admin/changes", "").await?)
    }

    /// Tries to take back the change that made this version.
    ///
    /// # Errors
    ///
    /// As [`Self::ask`].
    pub async fn undo(&self, version: i64) -> Result<Answer> {
        let body = serde_json::to_string(&Undo { version })?;
        self.ask("POST", "/admin/undo", &body).await
    }

    /// The set-up as a file.
    ///
    /// # Errors
    ///
    /// As [`Self::ask`].
    pub async fn export(&self) -> Result<Setup> {
        read(&self.ask("GET", "/admin/export", "").await?)
    }

    /// Puts a file in the place of the set-up, or only says what would change.
    ///
    /// # Errors
    ///
    /// Where the file is refused.
    pub async fn import(&self, setup: Setup, dry_run: bool) -> Result<Imported> {
        let import = Import {
            version: self.current().await?.version,
            setup,
            dry_run,
            despite_warnings: true,
        };
        let body = serde_json::to_string(&import)?;
        read(&self.ask("POST", "/admin/import", &body).await?)
    }

    /// The newest contacts.
    ///
    /// # Errors
    ///
    /// As [`Self::ask`].
    pub async fn contacts(&self) -> Result<Contacts> {
        read(&self.ask("GET", "/supervise/contacts", "").await?)
    }

    /// One contact with every decision about it.
    ///
    /// # Errors
    ///
    /// As [`Self::ask`].
    pub async fn contact(&self, interaction: InteractionId) -> Result<ContactTold> {
        let path = format!("/supervise/contacts/{interaction}");
        read(&self.ask("GET", &path, "").await?)
    }

    /// Why a contact went where it went, in words.
    ///
    /// # Errors
    ///
    /// As [`Self::ask`].
    pub async fn decisions(&self, interaction: InteractionId) -> Result<String> {
        let told = self.contact(interaction).await?.decisions;
        let words: Vec<_> = told.into_iter().map(|decision| decision.because).collect();
        Ok(words.join("\n"))
    }

    /// What became of all invitations.
    ///
    /// # Errors
    ///
    /// Where the server does not tell.
    pub async fn all_invitations(&self) -> Result<Vec<InvitationCounts>> {
        read(&self.ask("GET", "/supervise/invitations", "").await?)
    }

    /// What became of the invitation of this name.
    ///
    /// # Errors
    ///
    /// Where there is none.
    pub async fn invitation(&self, name: &str) -> Result<InvitationCounts> {
        let all = self.all_invitations().await?;
        let counts = all.into_iter().find(|counts| counts.name == name);
        counts.with_context(|| format!("no invitation {name}"))
    }
}

/// What a good answer says.
///
/// # Errors
///
/// Where it is none.
pub fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T> {
    ensure!(answer.status == 200, "{answer:?}");
    serde_json::from_str(&answer.body).with_context(|| format!("unexpected: {}", answer.body))
}

/// Why something was not saved, with the status of the answer.
///
/// # Errors
///
/// Where the answer does not say.
pub fn not_saved(answer: &Answer) -> Result<(u16, NotSaved)> {
    let why = serde_json::from_str(&answer.body)
        .with_context(|| format!("unexpected: {}", answer.body))?;
    Ok((answer.status, why))
}
