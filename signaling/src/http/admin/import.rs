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
    admin::{Finding, FirstPassword, Import, Imported, Kind},
    id::{AgentId, PhoneId},
    setup::{SETUP_FORMAT, Setup, User},
};

use super::{
    judge::{About, Judged},
    password::hash,
    refused::{Refused, at_user, read},
    save::begin,
};
use crate::{
    app::App,
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
    let trial_passwords = Passwords {
        hashes: no_hashes.collect(),
        ..Passwords::default()
    };
    apply(&mut trial, &before, &file.setup, &trial_passwords).await?;
    let missing = missing_passwords(&mut trial, &file.setup).await?;
    let judged = Judged {
        before: &before,
        after: &file.setup,
        by: by.0,
    };
    let changes = trial.in_words();
    if file.dry_run {
        let mut findings = judged.findings(&About::Everything);
        findings.extend(missing.trunks);
        let imported = Imported {
            version: file.version,
            changes,
            findings,
            passwords: Vec::new(),
        };
        return Ok(answer(&imported));
    }
    let mut findings = judged.allow(&About::Everything, file.despite_warnings)?;
    findings.extend(missing.trunks);
    drop(trial);
    let passwords = Passwords::make(&new, &file.setup, &missing.phones).await?;
    let mut change = begin(&app, by.1, file.version).await?;
    apply(&mut change, &before, &file.setup, &passwords).await?;
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
        passwords: passwords.told,
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
/// from another centre; a phone likewise, so that it keeps its password.
fn adopt(before: &Setup, file: &mut Setup) {
    let named: BTreeSet<AgentId> = file.users.iter().map(|user| user.id).collect();
    for user in &mut file.users {
        let same = (before.users.iter()).find(|known| folded(&known.user) == folded(&user.user));
        if let Some(same) = same.filter(|same| !named.contains(&same.id)) {
            let was = std::mem::replace(&mut user.id, same.id);
            let theirs = file.phones.iter_mut().filter(|phone| phone.agent == was);
            theirs.for_each(|phone| phone.agent = same.id);
        }
    }
    let named: BTreeSet<PhoneId> = file.phones.iter().map(|phone| phone.id).collect();
    for phone in &mut file.phones {
        let same = (before.phones.iter()).find(|known| folded(&known.user) == folded(&phone.user));
        if let Some(same) = same.filter(|same| !named.contains(&same.id)) {
            phone.id = same.id;
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
    passwords: &Passwords,
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
        if let Some(hash) = passwords.hashes.get(&user.id) {
            let id = user.id.to_string();
            let added = change.add_user(user, hash).await;
            added.map_err(|error| at_user(error, &id))?;
        }
    }
    for (position, doc) in &wanted {
        put(change, doc, *position).await?;
    }
    for phone in &file.phones {
        if let Some(secret) = passwords.secrets.get(&phone.id) {
            let id = phone.id.to_string();
            (change.set_secret(Kind::Phone, &id, &phone.name, secret)).await?;
        }
    }
    Ok(())
}

async fn put(change: &mut Change, doc: &Doc, position: i64) -> Result<(), Refused> {
    let put = change.put_at(doc, Some(position)).await;
    put.map_err(|error| at_user(error, doc.id()))
}

/// What of a file has no password yet, although it needs one.
struct Missing {
    /// Phones: they get one.
    phones: BTreeSet<PhoneId>,
    /// Trunks: only their carriers know it, so it is told.
    trunks: Vec<Finding>,
}

async fn missing_passwords(change: &mut Change, file: &Setup) -> Result<Missing, Refused> {
    let mut missing = Missing {
        phones: BTreeSet::new(),
        trunks: Vec::new(),
    };
    for phone in &file.phones {
        if !(change.has_secret(Kind::Phone, &phone.id.to_string())).await? {
            missing.phones.insert(phone.id);
        }
    }
    for trunk in file.trunks.iter().filter(|trunk| trunk.login.is_some()) {
        let id = trunk.id.to_string();
        if !change.has_secret(Kind::Trunk, &id).await? {
            missing.trunks.push(Finding {
                kind: Kind::Trunk,
                id,
                at: "password".to_owned(),
                say: format!(
                    "{} has no password yet, because files hold none. Write it on the trunk's \
                     page; until then no call goes over it.",
                    trunk.name
                ),
                error: false,
            });
        }
    }
    Ok(missing)
}

/// Fresh passwords.
#[derive(Default)]
struct Passwords {
    /// Users', as their hashes.
    hashes: BTreeMap<AgentId, String>,
    /// Phones'.
    secrets: BTreeMap<PhoneId, String>,
    /// All of them, to be told once.
    told: Vec<FirstPassword>,
}

impl Passwords {
    async fn make(
        users: &[User],
        file: &Setup,
        phones: &BTreeSet<PhoneId>,
    ) -> Result<Self, Refused> {
        let mut made = Self::default();
        for user in users {
            let password = random::password();
            made.hashes.insert(user.id, hash(password.clone()).await?);
            made.told.push(FirstPassword {
                kind: Kind::User,
                user: user.user.clone(),
                password,
            });
        }
        for phone in file
            .phones
            .iter()
            .filter(|phone| phones.contains(&phone.id))
        {
            let password = random::password();
            made.secrets.insert(phone.id, password.clone());
            made.told.push(FirstPassword {
                kind: Kind::Phone,
                user: phone.user.clone(),
                password,
            });
        }
        Ok(made)
    }
}
