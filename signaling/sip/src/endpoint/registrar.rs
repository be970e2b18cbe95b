//! Who somebody is, and where phones are (RFC 3261 §10.3, §22).

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use rsipstack::{
    sip::{Header, prelude::HeadersExt},
    transaction::transaction::Transaction,
};

use super::demux::{answer, ask, banned, came_over};
use crate::{
    api::Event,
    bindings::{Bindings, Refusal, Register},
    calls::{value, values},
    digest::{Attempt, Verdict},
    shared::{Shared, lock},
    words,
};

/// How often it is looked who is gone.
const LOOK: Duration = Duration::from_secs(1);

/// Who a request is of.
pub(super) enum Known {
    /// This account, which proved it.
    User(String),
    /// It is refused for good.
    Refused(u16, Vec<Header>),
    /// It is asked for a proof.
    Asked(Vec<Header>),
}

/// Who a request is of. `proxy` where it is to be proved to a proxy: an INVITE.
pub(super) fn who(shared: &Arc<Shared>, tx: &Transaction, from: SocketAddr, proxy: bool) -> Known {
    let request = &tx.original;
    let name = match proxy {
        true => "Proxy-Authorization",
        false => "Authorization",
    };
    let credentials: Vec<&str> = values(&request.headers, name).collect();
    let (method, uri) = (request.method.to_string(), request.uri.to_string());
    let attempt = Attempt {
        method: &method,
        uri: &uri,
        credentials: &credentials,
        source: from.ip(),
    };
    let now = shared.now_ms();
    let accounts = lock(&shared.accounts);
    let verdict = lock(&shared.verifier).verify(&attempt, now, |user| {
        accounts.get(user).map(|account| &account.password)
    });
    drop(accounts);
    let stale = match verdict {
        Verdict::Passed { user } => {
            lock(&shared.guard).passed(from.ip(), now);
            lock(&shared.refused_logins).remove(&user);
            return Known::User(user);
        }
        Verdict::Challenge => false,
        Verdict::Stale => true,
        Verdict::Refused { guessed } => {
            shared.failed_logins.fetch_add(1, Ordering::Relaxed);
            if let Some(user) = guessed {
                shared.was_refused(user, from);
            }
            let ban = lock(&shared.guard).failed(from.ip(), now);
            if let Some(ban) = ban {
                banned(shared, ban);
            }
            false
        }
        Verdict::Malformed(_) => {
            let ban = lock(&shared.guard).malformed(from.ip(), now);
            if let Some(ban) = ban {
                banned(shared, ban);
            }
            return Known::Refused(400, vec![]);
        }
    };
    let user = named(tx, "From").unwrap_or_default();
    let challenges = lock(&shared.verifier).challenges(&user, from.ip(), stale, now);
    let headers = challenges.into_iter().map(|challenge| match proxy {
        true => Header::ProxyAuthenticate(challenge.into()),
        false => Header::WwwAuthenticate(challenge.into()),
    });
    Known::Asked(headers.collect())
}

/// The user that From or To names.
fn named(tx: &Transaction, header: &str) -> Option<String> {
    let address = words::Address::parse(value(&tx.original.headers, header)?)?;
    address.uri?.user
}

/// A phone says where it is.
pub(super) fn register(shared: &Arc<Shared>, tx: Transaction, from: SocketAddr) {
    let user = match who(shared, &tx, from, false) {
        Known::User(user) => user,
        Known::Refused(status, headers) => {
            shared.count_refused();
            return answer(tx, status, headers);
        }
        Known::Asked(headers) => return ask(&tx, 401, headers),
    };
    let headers = &tx.original.headers;
    // RFC 3261 §10.3 step 4: nobody registers somebody else, nor says to be somebody else.
    let is_own = |name| named(&tx, name).as_deref() == Some(user.as_str());
    if !is_own("To") || !is_own("From") {
        shared.count_refused();
        return answer(tx, 403, vec![]);
    }
    let contacts: Vec<&str> = values(headers, "Contact").collect();
    let path: Vec<&str> = values(headers, "Path").collect();
    let cseq = tx.original.cseq_header().and_then(|cseq| cseq.seq());
    let register = Register {
        contacts: &contacts,
        expires: value(headers, "Expires"),
        call_id: value(headers, "Call-ID").unwrap_or_default(),
        cseq: cseq.unwrap_or_default(),
        source: from,
        transport: came_over(&tx),
        agent: value(headers, "User-Agent").unwrap_or_default(),
        path: &path,
    };
    let mut bindings = lock(&shared.bindings);
    let granted = bindings.register(&user, &register, shared.now_ms());
    if granted.is_ok() && !contacts.is_empty() {
        // A refresh is told, too: what is stored is to last as long as what was granted.
        tell(shared, &bindings, &user);
    }
    drop(bindings);
    match granted {
        Ok(accepted) => {
            let mut headers: Vec<Header> = accepted
                .contacts
                .into_iter()
                .map(|contact| Header::Contact(contact.into()))
                .collect();
            if let Some(path) = accepted.path {
                headers.push(Header::Other("Path".into(), path));
            }
            answer(tx, 200, headers);
        }
        Err(refusal) => {
            let (status, _) = refusal.response();
            let headers = match refusal {
                Refusal::TooBrief { min_s } => {
                    vec![Header::Other("Min-Expires".into(), min_s.to_string())]
                }
                Refusal::Malformed(_) | Refusal::TooMany | Refusal::OutOfOrder => vec![],
            };
            shared.count_refused();
            answer(tx, status, headers);
        }
    }
}

/// Changes where phones are, and tells of everybody whose phones that were.
pub(super) fn change(shared: &Shared, how: impl FnOnce(&mut Bindings, u64) -> Vec<String>) {
    let mut bindings = lock(&shared.bindings);
    for user in how(&mut bindings, shared.now_ms()) {
        tell(shared, &bindings, &user);
    }
}

/// Tells where the phones of an account are now. Under the lock, so that what is told last is what is true.
fn tell(shared: &Shared, bindings: &Bindings, user: &str) {
    let bindings = bindings.of(user, shared.now_ms());
    let user = user.to_owned();
    shared.tell(Event::Bindings { user, bindings });
}

/// Forgets what has run out, until the endpoint stops.
pub(super) async fn expire(shared: Arc<Shared>) {
    let mut look = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            () = shared.stop.cancelled() => return,
            _ = look.tick() => {}
        }
        change(&shared, Bindings::expire);
    }
}
