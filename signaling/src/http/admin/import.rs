//! The whole set-up as one file: out, and in.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use bellwire_proto::{
    admin::{FirstPassword, Import, Imported, Kind},
    id::AgentId,
    setup::{SETUP_FORMAT, Setup, User},
};

use super::{
    judge::{About, Judged},
    refused::{Refused, at_user, read},
    save::begin,
};
use crate::{
    app::App,
    auth,
    clock::utc,
    http::{
        api::{OwnPage, answer},
        problem::Problem,
        roles::Administrator,
    },
    random,
    store::{Change, Doc, documents, folded},
};

/// The most users that one import makes: each password takes a moment.
const MOST_NEW_USERS: usize = 100;

/// Stands for a password where nothing will be stored. It is nobody's hash.
const NO_HASH: &str = "!";

/// `GET /api/admin/export`
pub(in crate::http) async fn export(
    State(app): State<Arc<App>>,
    Administrator(by): Administrator,
) -> Result<Response, Problem> {
    let setup = app.store.current().await?.setup;
    let mut json = serde_json::to_string_pretty(&setup).map_err(|error| {
        tracing::error!(%error, "the set-up could not be written down");
        Problem::store()
    })?;
    json.push('\n');
    let now = app.clock.now();
    let time = utc(now);
    let day = time.split('T').next().unwrap_or_default();
    let name = format!("bellwire-{}-{day}.json", app.config.centre.0);
    (app.store.audit(&by.user, "setup.export", &name, now)).await?;
    let mut response = json.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// `POST /api/admin/import`
pub(in crate::http) async fn import(
    State(app): State<Arc<App>>,
    _page: OwnPage,
    Administrator(by): Administrator,
    body: Bytes,
) -> Result<Response, Refused> {
    let mut file: Import = read(&body)?;
    well_formed(&file.setup)?;
    let by = (by.id, by.user.as_str());
    // Once to see what it would do: making passwords must not keep the database waiting.
    let mut trial = begin(&app, by.1, file.version).await?;
    let before = trial.setup().await?;
    adopt(&before, &mut file.setup);
    let new = new_users(&before, &file.setup);
    if new.len() > MOST_NEW_USERS {
        return Err(Refused::invalid(format!(
            "The file has {} new users; at most {MOST_NEW_USERS} can be imported at once.",
            new.len()
        )));
    }
    let no_hashes = new.iter().map(|user| (user.id, NO_HASH.to_owned()));
    apply(&mut trial, &before, &file.setup, &no_hashes.collect()).await?;
    let judged = Judged {
        before: &before,
        after: &file.setup,
        by: by.0,
    };
    let changes = trial.in_words();
    if file.dry_run {
        let imported = Imported {
            version: file.version,
            changes,
            findings: judged.findings(&About::Everything),
            passwords: Vec::new(),
        };
        return Ok(answer(&imported));
    }
    let findings = judged.allow(&About::Everything, file.despite_warnings)?;
    drop(trial);
    let (hashes, passwords) = passwords(&new).await?;
    let mut change = begin(&app, by.1, file.version).await?;
    apply(&mut change, &before, &file.setup, &hashes).await?;
    change.call(match changes.as_slice() {
        [] => "imported a file".to_owned(),
        [one] => format!("imported a file: {one}"),
        [first, more @ ..] => format!("imported a file: {first}; and {} more", more.len()),
    });
    let version = change.commit().await?;
    app.was_changed().await;
    Ok(answer(&Imported {
        version,
        changes,
        findings,
        passwords,
    }))
}

/// Whether the file is of a form that this program knows, and names nothing twice.
fn well_formed(setup: &Setup) -> Result<(), Refused> {
    if setup.format > SETUP_FORMAT {
        return Err(Refused::invalid(format!(
            "The file is of a newer Bellwire (format {}, this one knows {SETUP_FORMAT}). Please \
             update this server first.",
            setup.format
        )));
    }
    let mut seen = BTreeSet::new();
    for (_, doc) in documents(setup)? {
        if !seen.insert((doc.kind(), doc.id().to_owned())) {
            let say = "The file has this twice. Please take one of them out.";
            return Err(Refused::finding(doc.kind(), doc.id(), "", say));
        }
    }
    Ok(())
}

/// A user of the file who has the name of one who is here is that one, also where the file comes
/// from another centre.
fn adopt(before: &Setup, file: &mut Setup) {
    let named: BTreeSet<AgentId> = file.users.iter().map(|user| user.id).collect();
    for user in &mut file.users {
        let same = (before.users.iter()).find(|known| folded(&known.user) == folded(&user.user));
        if let Some(same) = same.filter(|same| !named.contains(&same.id)) {
            user.id = same.id;
        }
    }
}

fn new_users(before: &Setup, file: &Setup) -> Vec<User> {
    let known: BTreeSet<AgentId> = before.users.iter().map(|user| user.id).collect();
    let new = file.users.iter().filter(|user| !known.contains(&user.id));
    new.cloned().collect()
}

/// Makes the set-up that of the file: what it does not name goes first, so that names are free.
async fn apply(
    change: &mut Change,
    before: &Setup,
    file: &Setup,
    hashes: &BTreeMap<AgentId, String>,
) -> Result<(), Refused> {
    let wanted = documents(file)?;
    let named: BTreeSet<(Kind, &str)> = (wanted.iter())
        .map(|(_, doc)| (doc.kind(), doc.id()))
        .collect();
    for (_, doc) in documents(before)? {
        if !named.contains(&(doc.kind(), doc.id())) {
            change.remove(doc.kind(), doc.id()).await?;
        }
    }
    for user in &file.users {
        if let Some(hash) = hashes.get(&user.id) {
            let id = user.id.to_string();
            let added = change.add_user(user, hash).await;
            added.map_err(|error| at_user(error, &id))?;
        }
    }
    for (position, doc) in &wanted {
        put(change, doc, *position).await?;
    }
    Ok(())
}

async fn put(change: &mut Change, doc: &Doc, position: i64) -> Result<(), Refused> {
    let put = change.put_at(doc, Some(position)).await;
    put.map_err(|error| at_user(error, doc.id()))
}

/// Fresh passwords, and their hashes.
async fn passwords(
    new: &[User],
) -> Result<(BTreeMap<AgentId, String>, Vec<FirstPassword>), Refused> {
    let mut hashes = BTreeMap::new();
    let mut told = Vec::with_capacity(new.len());
    for user in new {
        let password = random::password();
        let hash = auth::hash(password.clone()).await.map_err(|_| {
            Problem::busy("The server stops. Please try again in a moment.".to_owned())
        })?;
        hashes.insert(user.id, hash);
        told.push(FirstPassword {
            user: user.user.clone(),
            password,
        });
    }
    Ok((hashes, told))
}
