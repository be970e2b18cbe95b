//! Saving one document, deleting one, and taking the last change back.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Path, Query, State, rejection::QueryRejection},
    response::Response,
};
use bellwire_core::Input;
use bellwire_proto::{
    admin::{Finding, FirstPassword, Kind, Save, Saved, Undo},
    id::AgentId,
    setup::{Phone, Trunk, User},
};
use serde::Deserialize;
use serde_json::Value;

use super::{
    judge::{About, Judged},
    password::{self, Password},
    refused::{Refused, at_user, read},
};
use crate::{
    app::App,
    centre::Heard,
    http::{
        api::{OwnPage, answer},
        problem::Problem,
        roles::Administrator,
        supervise::bad_query,
    },
    store::{Change, Doc, Error},
};

/// `PUT /api/admin/{kind}/{id}`
pub(in crate::http) async fn save(
    State(app): State<Arc<App>>,
    _page: OwnPage,
    Administrator(by): Administrator,
    Path((kind, id)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, Refused> {
    let kind = kind_of(&kind)?;
    let Save {
        version,
        doc,
        despite_warnings,
        password,
    } = read::<Save<Value>>(&body)?;
    let doc = document(kind, &id, doc)?;
    let password = Password::read(kind, &id, password).await?;
    let mut change = begin(&app, &by.user, version).await?;
    let before = change.setup().await?;
    let put = put(&mut change, &before.users, &doc, password).await?;
    let after = change.setup().await?;
    let judged = Judged {
        before: &before,
        after: &after,
        by: by.id,
    };
    let warnings = judged.allow(&About::Document(kind, &id), despite_warnings)?;
    let saved = Saved {
        password: put.first,
        ..commit(&app, change, warnings).await?
    };
    if let Some(agent) = put.signed_out {
        // A centre that stops hears nothing any more; it will find the desk gone.
        let _ = (app.heard)
            .send(Heard::other(Input::AgentSignedOut { agent }))
            .await;
    }
    Ok(answer(&saved))
}

/// What a deletion says behind the question mark.
#[derive(Debug, Deserialize)]
pub(in crate::http) struct Delete {
    version: i64,
    #[serde(default)]
    despite_warnings: bool,
}

/// `DELETE /api/admin/{kind}/{id}`
pub(in crate::http) async fn delete(
    State(app): State<Arc<App>>,
    _page: OwnPage,
    Administrator(by): Administrator,
    Path((kind, id)): Path<(String, String)>,
    query: Result<Query<Delete>, QueryRejection>,
) -> Result<Response, Refused> {
    let kind = kind_of(&kind)?;
    let Query(query) = query.map_err(|error| bad_query(&error))?;
    if kind == Kind::Dialling {
        return Err(Refused::invalid(
            "The dialling limits are not deleted: please save them with nothing allowed.",
        ));
    }
    if matches!(kind, Kind::Skills | Kind::Reasons | Kind::Dispositions) {
        return Err(Refused::invalid(
            "A list of names is not deleted: please save it without the names.",
        ));
    }
    let mut change = begin(&app, &by.user, query.version).await?;
    let before = change.setup().await?;
    match change.remove(kind, &id).await {
        Err(Error::Unknown { .. }) => return Err(Problem::not_found(kind.as_str()).into()),
        done => done?,
    }
    let after = change.setup().await?;
    let judged = Judged {
        before: &before,
        after: &after,
        by: by.id,
    };
    let warnings = judged.allow(&About::News, query.despite_warnings)?;
    Ok(answer(&commit(&app, change, warnings).await?))
}

/// `POST /api/admin/undo`
pub(in crate::http) async fn undo(
    State(app): State<Arc<App>>,
    _page: OwnPage,
    Administrator(by): Administrator,
    body: Bytes,
) -> Result<Response, Refused> {
    let Undo { version } = read(&body)?;
    let mut change = begin(&app, &by.user, version).await?;
    let before = change.setup().await?;
    if !change.take_back().await? {
        return Err(Refused::invalid(
            "There is no change that can be taken back.",
        ));
    }
    let after = change.setup().await?;
    let judged = Judged {
        before: &before,
        after: &after,
        by: by.id,
    };
    let warnings = judged.allow(&About::News, true)?;
    Ok(answer(&commit(&app, change, warnings).await?))
}

/// A change from the version that the page showed.
pub(super) async fn begin(app: &App, by: &str, version: i64) -> Result<Change, Refused> {
    let change = app.store.change(by, app.clock.now()).await?;
    match change.version() == version {
        true => Ok(change),
        false => Err(Refused::outdated()),
    }
}

/// Makes the change, and lets the whole server know at once.
async fn commit(app: &App, change: Change, warnings: Vec<Finding>) -> Result<Saved, Refused> {
    let version = change.commit().await?;
    app.was_changed().await;
    Ok(Saved {
        version,
        warnings,
        password: None,
    })
}

/// What goes with saving a document.
#[derive(Default)]
struct Put {
    /// Who is signed out by it.
    signed_out: Option<AgentId>,
    /// A password that was made for it.
    first: Option<FirstPassword>,
}

/// Saves a document with its password.
async fn put(
    change: &mut Change,
    before: &[User],
    doc: &Doc,
    password: Password,
) -> Result<Put, Refused> {
    if let Some(user) = doc.as_a()? {
        let put = put_user(change, before, &user, password.hash()).await;
        return Ok(Put {
            signed_out: put.map_err(|error| at_user(error, doc.id()))?,
            ..Put::default()
        });
    }
    change.put(doc).await?;
    let mut put = Put::default();
    if let Some(phone) = doc.as_a::<Phone>()? {
        put.first = password::of_phone(change, &phone, password.secret()).await?;
    }
    if let Some(trunk) = doc.as_a::<Trunk>()? {
        password::of_trunk(change, &trunk, password.secret()).await?;
    }
    Ok(put)
}

/// Saves a user; gives who is signed out by it.
async fn put_user(
    change: &mut Change,
    before: &[User],
    user: &User,
    hash: Option<&str>,
) -> Result<Option<AgentId>, Error> {
    let is_known = before.iter().any(|known| known.id == user.id);
    match (is_known, hash) {
        (true, None) => change.put(&Doc::of(user)?).await.map(|()| None),
        (true, Some(hash)) => {
            change.put(&Doc::of(user)?).await?;
            change.set_password(&user.user, hash).await?;
            Ok(Some(user.id))
        }
        (false, Some(hash)) => change.add_user(user, hash).await.map(|()| None),
        (false, None) => Err(Error::NoPassword {
            user: user.user.clone(),
        }),
    }
}

fn kind_of(word: &str) -> Result<Kind, Problem> {
    Kind::parse(word).ok_or_else(|| Problem::not_found("kind of document"))
}

/// The document of the body, which must be the one of the address.
fn document(kind: Kind, id: &str, value: Value) -> Result<Doc, Refused> {
    let doc = Doc::read(kind, value)
        .map_err(|error| Refused::finding(kind, id, "", unreadable(&error)))?;
    if doc.id() == id {
        return Ok(doc);
    }
    let say = format!(
        "The address names {id}, the document {}: both must be the same.",
        doc.id()
    );
    Err(Refused::finding(kind, id, "id", say))
}

/// What is wrong with a document's form.
fn unreadable(error: &Error) -> String {
    if let Error::Unreadable { why, .. } = error {
        return format!("The document cannot be read: {why}.");
    }
    error.to_string()
}
