//! The set-up's documents, as rows of one table.

use std::collections::{BTreeMap, BTreeSet};

use bellwire_proto::{
    admin::Kind,
    setup::{
        DialLimits, Form, Hours, IntentRule, Invitation, Number, Phone, Queue, SETUP_FORMAT, Setup,
        Site, Trunk, User,
    },
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use sqlx::Row;

use super::{Error, Transaction, small, to_json};

/// The name of a document that is the only one of its kind.
pub(crate) const ALL: &str = "all";

/// Something an administrator edits as a whole.
pub trait Document: DeserializeOwned + Serialize {
    /// Its kind.
    const KIND: Kind;

    /// Its name among documents of its kind.
    fn id(&self) -> String;
}

macro_rules! documents {
    ($($document:ty = $kind:ident by $id:ident;)*) => {$(
        impl Document for $document {
            const KIND: Kind = Kind::$kind;

            fn id(&self) -> String {
                self.$id.to_string()
            }
        }
    )*};
}

documents! {
    Site = Site by key;
    Queue = Queue by id;
    User = User by id;
    Hours = Hours by id;
    IntentRule = Intent by id;
    Form = Form by id;
    Invitation = Invitation by id;
    Phone = Phone by id;
    Trunk = Trunk by id;
    Number = Number by id;
}

impl Document for DialLimits {
    const KIND: Kind = Kind::Dialling;

    fn id(&self) -> String {
        ALL.to_owned()
    }
}

/// A document of any kind, known to be of that kind's form.
#[derive(Clone, Debug, PartialEq)]
pub struct Doc {
    pub(super) kind: Kind,
    pub(super) id: String,
    pub(super) value: Value,
}

impl Doc {
    /// A document.
    ///
    /// # Errors
    ///
    /// Where it cannot be written as JSON.
    pub fn of<T: Document>(document: &T) -> Result<Self, Error> {
        Ok(Self {
            kind: T::KIND,
            id: document.id(),
            value: value(document)?,
        })
    }

    /// A list of names, each once: all skills, reasons or dispositions.
    ///
    /// # Errors
    ///
    /// Where it cannot be written as JSON.
    pub fn names(kind: Kind, names: &[String]) -> Result<Self, Error> {
        let mut seen = BTreeSet::new();
        let names: Vec<_> = names.iter().filter(|name| seen.insert(*name)).collect();
        Ok(Self {
            kind,
            id: ALL.to_owned(),
            value: value(&names)?,
        })
    }

    /// A document of `kind`, from JSON.
    ///
    /// # Errors
    ///
    /// What is wrong with its form.
    pub fn read(kind: Kind, value: Value) -> Result<Self, Error> {
        match kind {
            Kind::Site => read::<Site>(value),
            Kind::Queue => read::<Queue>(value),
            Kind::User => read::<User>(value),
            Kind::Hours => read::<Hours>(value),
            Kind::Intent => read::<IntentRule>(value),
            Kind::Form => read::<Form>(value),
            Kind::Invitation => read::<Invitation>(value),
            Kind::Phone => read::<Phone>(value),
            Kind::Trunk => read::<Trunk>(value),
            Kind::Number => read::<Number>(value),
            Kind::Dialling => read::<DialLimits>(value),
            Kind::Skills | Kind::Reasons | Kind::Dispositions => {
                Self::names(kind, &typed::<Vec<String>>(value)?)
            }
        }
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its id or key.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The document itself, if it is one of these.
    pub(crate) fn as_a<T: Document>(&self) -> Result<Option<T>, Error> {
        match self.kind == T::KIND {
            true => Ok(Some(typed(self.value.clone())?)),
            false => Ok(None),
        }
    }

    /// Whether it says no more than there being none would.
    pub(super) fn says_nothing(&self) -> bool {
        let none = || value(&DialLimits::default()).ok();
        self.kind == Kind::Dialling && none().as_ref() == Some(&self.value)
    }
}

/// Every document of a set-up, with its place among its kind.
pub(crate) fn documents(setup: &Setup) -> Result<Vec<(i64, Doc)>, Error> {
    let mut all = Vec::new();
    add(&mut all, &setup.sites)?;
    add(&mut all, &setup.queues)?;
    add(&mut all, &setup.users)?;
    add(&mut all, &setup.hours)?;
    add(&mut all, &setup.intents)?;
    add(&mut all, &setup.forms)?;
    add(&mut all, &setup.invitations)?;
    add(&mut all, &setup.phones)?;
    add(&mut all, &setup.trunks)?;
    add(&mut all, &setup.numbers)?;
    if setup.dialling != DialLimits::default() {
        all.push((0, Doc::of(&setup.dialling)?));
    }
    let lists = [
        (Kind::Skills, &setup.skills),
        (Kind::Reasons, &setup.reasons),
        (Kind::Dispositions, &setup.dispositions),
    ];
    for (kind, names) in lists {
        all.push((0, Doc::names(kind, names)?));
    }
    Ok(all)
}

fn add<T: Document>(all: &mut Vec<(i64, Doc)>, documents: &[T]) -> Result<(), Error> {
    for (position, document) in (0..).zip(documents) {
        all.push((position, Doc::of(document)?));
    }
    Ok(())
}

/// A document as it stands in its row.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Kept {
    pub(super) position: i64,
    pub(super) doc: Value,
}

/// The document of this kind and name.
pub(super) async fn find(
    tx: &mut Transaction,
    centre: &str,
    kind: Kind,
    id: &str,
) -> Result<Option<Kept>, Error> {
    let row = sqlx::query(
        "SELECT position, doc FROM documents WHERE centre = $1 AND kind = $2 AND id = $3",
    )
    .bind(centre)
    .bind(kind.as_str())
    .bind(id)
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Kept {
        position: small(&row, "position", "a document's place")?,
        doc: super::json(&row, "doc", "a document")?,
    }))
}

/// Puts a document in its row.
pub(super) async fn put(
    tx: &mut Transaction,
    centre: &str,
    kind: Kind,
    id: &str,
    kept: &Kept,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO documents (centre, kind, id, position, doc) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (centre, kind, id) \
         DO UPDATE SET position = excluded.position, doc = excluded.doc",
    )
    .bind(centre)
    .bind(kind.as_str())
    .bind(id)
    .bind(kept.position)
    .bind(to_json(&kept.doc)?)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes a document's row away.
pub(super) async fn remove(
    tx: &mut Transaction,
    centre: &str,
    kind: Kind,
    id: &str,
) -> Result<(), Error> {
    sqlx::query("DELETE FROM documents WHERE centre = $1 AND kind = $2 AND id = $3")
        .bind(centre)
        .bind(kind.as_str())
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The place behind the last document of a kind.
pub(super) async fn end(tx: &mut Transaction, centre: &str, kind: Kind) -> Result<i64, Error> {
    let row = sqlx::query(
        "SELECT COALESCE(MAX(position) + 1, 0) FROM documents WHERE centre = $1 AND kind = $2",
    )
    .bind(centre)
    .bind(kind.as_str())
    .fetch_one(&mut **tx)
    .await?;
    Ok(row.try_get(0)?)
}

/// The names of all documents of a kind, by id.
pub(super) async fn names(
    tx: &mut Transaction,
    centre: &str,
    kind: Kind,
) -> Result<BTreeMap<String, String>, Error> {
    #[derive(Deserialize)]
    struct Named {
        name: String,
    }

    let rows = sqlx::query("SELECT id, doc FROM documents WHERE centre = $1 AND kind = $2")
        .bind(centre)
        .bind(kind.as_str())
        .fetch_all(&mut **tx)
        .await?;
    let mut names = BTreeMap::new();
    for row in &rows {
        let Named { name } = super::json(row, "doc", "a document")?;
        names.insert(row.try_get("id")?, name);
    }
    Ok(names)
}

/// The whole set-up, from its documents.
pub(super) async fn setup(tx: &mut Transaction, centre: &str) -> Result<Setup, Error> {
    let rows = sqlx::query(
        "SELECT kind, doc FROM documents WHERE centre = $1 ORDER BY kind, position, id",
    )
    .bind(centre)
    .fetch_all(&mut **tx)
    .await?;
    let mut setup = Setup {
        format: SETUP_FORMAT,
        ..Setup::default()
    };
    for row in &rows {
        let word: String = row.try_get("kind")?;
        let Some(kind) = Kind::parse(&word) else {
            return Err(Error::unreadable("a document's kind", word));
        };
        let text: String = row.try_get("doc")?;
        take(&mut setup, kind, &text)
            .map_err(|error| Error::unreadable("a document of the set-up", error))?;
    }
    Ok(setup)
}

fn take(setup: &mut Setup, kind: Kind, text: &str) -> Result<(), serde_json::Error> {
    match kind {
        Kind::Site => setup.sites.push(serde_json::from_str(text)?),
        Kind::Queue => setup.queues.push(serde_json::from_str(text)?),
        Kind::User => setup.users.push(serde_json::from_str(text)?),
        Kind::Hours => setup.hours.push(serde_json::from_str(text)?),
        Kind::Intent => setup.intents.push(serde_json::from_str(text)?),
        Kind::Form => setup.forms.push(serde_json::from_str(text)?),
        Kind::Invitation => setup.invitations.push(serde_json::from_str(text)?),
        Kind::Phone => setup.phones.push(serde_json::from_str(text)?),
        Kind::Trunk => setup.trunks.push(serde_json::from_str(text)?),
        Kind::Number => setup.numbers.push(serde_json::from_str(text)?),
        Kind::Dialling => setup.dialling = serde_json::from_str(text)?,
        Kind::Skills => setup.skills = serde_json::from_str(text)?,
        Kind::Reasons => setup.reasons = serde_json::from_str(text)?,
        Kind::Dispositions => setup.dispositions = serde_json::from_str(text)?,
    }
    Ok(())
}

fn value(document: &impl Serialize) -> Result<Value, Error> {
    serde_json::to_value(document)
        .map_err(|error| Error::unreadable("what was to be stored", error))
}

fn read<T: Document>(value: Value) -> Result<Doc, Error> {
    Doc::of(&typed::<T>(value)?)
}

fn typed<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    serde_json::from_value(value).map_err(|error| Error::unreadable("a document", error))
}
