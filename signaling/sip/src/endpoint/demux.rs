//! What comes in, and who deals with it.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use rsipstack::{
    dialog::DialogId,
    sip::{Header, Method, ToTypedHeader, prelude::HeadersExt},
    transaction::{TransactionReceiver, key::TransactionRole, transaction::Transaction},
};
use tokio_util::sync::CancellationToken;

use super::registrar::{self, Known};
use crate::{
    api::{Event, Origin},
    bans::{Kind, Source, Verdict},
    calls::{self, source, transport_of, value, values},
    checks::{self, ALLOW, Dialog, Merged, Read, Request, Rules, Stop},
    settings::Transport,
    shared::{Shared, lock},
    trunks::Trunks,
};

/// The extensions that a Require may name.
const EXTENSIONS: &[&str] = &["100rel", "norefersub", "path", "timer"];
/// With so many transactions remembered, strangers are not listened to: over UDP anybody can be as many as they like.
const MOST_TRANSACTIONS: usize = 100_000;
/// How old may be what is known of phones then, in milliseconds.
const LOOK_MS: u64 = 1000;
/// After how long who was not listened to may come again, in seconds.
const COME_AGAIN_S: u32 = 5;
/// How long an INVITE that was refused waits for its ACK (64 times T1, RFC 3261 §17.2.1).
const ACKED: Duration = Duration::from_secs(33);

/// Serves until the endpoint stops. New calls are taken until it is `closing`.
pub(super) async fn serve(
    shared: Arc<Shared>,
    mut incoming: TransactionReceiver,
    closing: CancellationToken,
) {
    let mut door = Door {
        shared: shared.clone(),
        closing,
        merged: Merged::default(),
        phones: HashSet::new(),
        looked_ms: 0,
    };
    loop {
        let tx = tokio::select! {
            () = shared.stop.cancelled() => return,
            tx = incoming.recv() => match tx {
                Some(tx) => tx,
                None => return,
            },
        };
        door.take(tx);
    }
}

/// Where every request comes in.
struct Door {
    shared: Arc<Shared>,
    closing: CancellationToken,
    merged: Merged,
    /// Where phones were registered when it was last looked.
    phones: HashSet<Source>,
    looked_ms: u64,
}

impl Door {
    fn take(&mut self, tx: Transaction) {
        let shared = &self.shared.clone();
        let Some(from) = source(&tx) else {
            return;
        };
        let dialog = dialog(shared, &tx);
        // A tag that names no call is anybody's.
        if dialog != Dialog::Known {
            match self.heard(&tx, from) {
                Heard::Yes => {}
                Heard::No => return shared.count_refused(),
                Heard::Later(seconds) => {
                    shared.count_refused();
                    return answer(tx, 503, vec![later(seconds)]);
                }
            }
        }
        if let Err(stop) = check(shared, &tx, dialog) {
            shared.count_refused();
            if let Stop::Answer(refusal) = stop {
                if refusal.status == 400 && dialog != Dialog::Known {
                    let ban = lock(&shared.guard).malformed(from.ip(), shared.now_ms());
                    if let Some(ban) = ban {
                        return banned(shared, ban);
                    }
                }
                let headers = (refusal.headers.into_iter())
                    .map(|(name, value)| Header::Other(name.into(), value))
                    .collect();
                answer(tx, refusal.status, headers);
            }
            return;
        }
        if dialog != Dialog::None {
            let shared = shared.clone();
            tokio::spawn(async move { calls::in_dialog(&shared, tx).await });
            return;
        }
        if is_merged(shared, &tx, &mut self.merged) {
            return answer(tx, 482, vec![]);
        }
        match tx.original.method {
            Method::Register => registrar::register(shared, tx, from),
            Method::Invite if self.closing.is_cancelled() => {
                answer(tx, 503, vec![later(COME_AGAIN_S)]);
            }
            Method::Invite => invite(shared, tx, from),
            Method::Options => answer(tx, 200, able()),
            Method::Ack => {}
            // They belong to a call, and name none.
            Method::Bye | Method::Update | Method::PRack => answer(tx, 481, able()),
            Method::Cancel
            | Method::Info
            | Method::Message
            | Method::Notify
            | Method::Publish
            | Method::Refer
            | Method::Subscribe => answer(tx, 405, able()),
        }
    }

    /// Whether somebody is listened to.
    fn heard(&mut self, tx: &Transaction, from: SocketAddr) -> Heard {
        let shared = &self.shared.clone();
        if Trunks::of_source(shared, from.ip()).is_some() {
            return Heard::Yes;
        }
        let kind = match tx.original.method {
            Method::Invite => Kind::Invite,
            Method::Register => Kind::Register,
            Method::Ack
            | Method::Bye
            | Method::Cancel
            | Method::Info
            | Method::Message
            | Method::Notify
            | Method::Options
            | Method::PRack
            | Method::Publish
            | Method::Refer
            | Method::Subscribe
            | Method::Update => Kind::Other,
        };
        let agent = value(&tx.original.headers, "User-Agent");
        let now = shared.now_ms();
        let verdict = lock(&shared.guard).arrived(from.ip(), kind, agent, now);
        match verdict {
            Verdict::Let if self.is_crowded(from.ip().into(), now) => Heard::No,
            Verdict::Let => Heard::Yes,
            // On a connection nothing is sent again, and nobody else is hit by the answer.
            Verdict::Slow {
                retry_after_s,
                known,
            } if known || came_over(tx).is_reliable() => Heard::Later(retry_after_s),
            Verdict::Slow { .. } | Verdict::Drop => Heard::No,
            Verdict::Ban(ban) => {
                banned(shared, ban);
                Heard::No
            }
        }
    }

    /// Each answer is remembered for 32 s, for who did not hear it. With too many of them only phones are answered.
    fn is_crowded(&mut self, source: Source, now_ms: u64) -> bool {
        let stats = self.shared.stack.get_stats();
        if stats.running_transactions + stats.finished_transactions <= MOST_TRANSACTIONS {
            return false;
        }
        if now_ms.abs_diff(self.looked_ms) >= LOOK_MS {
            let everybody = lock(&self.shared.bindings).all(now_ms);
            let bindings = everybody.iter().flat_map(|(_, bindings)| bindings);
            self.phones = bindings.map(|binding| binding.source.ip().into()).collect();
            self.looked_ms = now_ms;
        }
        !self.phones.contains(&source)
    }
}

fn able() -> Vec<Header> {
    vec![
        Header::Allow(ALLOW.into()),
        Header::Accept("application/sdp".into()),
        Header::Supported(EXTENSIONS.join(", ").into()),
    ]
}

fn later(seconds: u32) -> Header {
    Header::RetryAfter(seconds.to_string().into())
}

/// Whether a request belongs to a call that we know.
fn dialog(shared: &Shared, tx: &Transaction) -> Dialog {
    let id = DialogId::try_from((&tx.original, TransactionRole::Server));
    match id.is_ok_and(|id| !id.local_tag.is_empty()) {
        false => Dialog::None,
        true if calls::is_known(shared, tx) => Dialog::Known,
        true => Dialog::Unknown,
    }
}

/// Whether somebody is listened to at all.
enum Heard {
    Yes,
    No,
    /// In so many seconds.
    Later(u32),
}

/// A ban begins: one line that never changes its form, for what reads logs.
pub(super) fn banned(shared: &Shared, ban: crate::bans::Ban) {
    tracing::warn!(target: "bellwire::ban", "{ban}");
    shared.tell(Event::Banned(ban));
}

fn check(shared: &Shared, tx: &Transaction, dialog: Dialog) -> Result<(), Stop> {
    let request = &tx.original;
    let headers = &request.headers;
    let require: Vec<&str> = values(headers, "Require").collect();
    let (method, uri) = (request.method.to_string(), request.uri.to_string());
    let version = request.version.to_string();
    let read = Read {
        method: &method,
        uri: &uri,
        version: &version,
        via: value(headers, "Via"),
        from: value(headers, "From"),
        to: value(headers, "To"),
        call_id: value(headers, "Call-ID"),
        cseq: value(headers, "CSeq"),
        max_forwards: value(headers, "Max-Forwards"),
        contact: value(headers, "Contact"),
        require: &require,
        content_type: value(headers, "Content-Type"),
        content_encoding: value(headers, "Content-Encoding"),
        content_disposition: value(headers, "Content-Disposition"),
        content_length: value(headers, "Content-Length"),
        body_bytes: request.body.len(),
        message_bytes: request.body.len()
            + headers.iter().map(|h| h.value().len() + 16).sum::<usize>(),
        dialog,
    };
    let rules = Rules {
        message_bytes: shared.settings.limits.message_bytes,
        extensions: EXTENSIONS,
    };
    checks::check(&read, &rules)
}

fn is_merged(shared: &Shared, tx: &Transaction, merged: &mut Merged) -> bool {
    let headers = &tx.original.headers;
    let from = tx.original.from_header().and_then(|from| from.tag());
    let via = tx.original.via_header().and_then(|via| via.typed());
    let (Ok(Some(tag)), Some(call_id), Some(cseq), Ok(via)) =
        (from, value(headers, "Call-ID"), value(headers, "CSeq"), via)
    else {
        return false;
    };
    let branch = via.branch().map(|branch| branch.value().to_owned());
    let Some(branch) = branch else {
        return false;
    };
    let request = Request {
        from_tag: tag.value(),
        call_id,
        cseq,
        branch: &branch,
    };
    merged.is_merged(&request, shared.now_ms())
}

/// Somebody calls: a trunk by its address, an account by its password, nobody else.
fn invite(shared: &Arc<Shared>, tx: Transaction, from: SocketAddr) {
    if lock(&shared.legs).len() >= shared.settings.limits.calls {
        shared.count_refused();
        return answer(tx, 503, vec![later(COME_AGAIN_S)]);
    }
    if let Some(trunk) = Trunks::of_source(shared, from.ip()) {
        return calls::arrived(shared, tx, Origin::Trunk(trunk));
    }
    match registrar::who(shared, &tx, from, true) {
        Known::User(user) => calls::arrived(shared, tx, Origin::Account(user)),
        Known::Refused(status, headers) => {
            shared.count_refused();
            answer(tx, status, headers);
        }
        Known::Asked(headers) => ask(&tx, 407, headers),
    }
}

/// Answers, and stays until that is done with.
pub(super) fn answer(mut tx: Transaction, status: u16, headers: Vec<Header>) {
    tokio::spawn(async move {
        if let Err(error) = tx.reply_with(status.into(), headers, None).await {
            tracing::debug!(%error, status, "a request could not be answered");
            return;
        }
        if tx.original.method == Method::Invite && status >= 300 {
            let acked = async { while tx.receive().await.is_some() {} };
            let _ = tokio::time::timeout(ACKED, acked).await;
        }
    });
}

/// Asks for a proof, and forgets the request: nothing of it stays, and nothing is sent again. So whoever writes in
/// others' names fills no memory, and nobody is hit by more answers than there were requests (RFC 3261 §26.3.2.4).
pub(super) fn ask(tx: &Transaction, status: u16, headers: Vec<Header>) {
    let request = &tx.original;
    let mut response = (tx.endpoint_inner).make_response(request, status.into(), None);
    if let Ok(to) = request.to_header()
        && let Ok(None) = to.tag()
    {
        let tagged = to.clone().with_tag(same_tag(request).into());
        response.headers.unique_push(tagged.into());
    }
    response.headers.extend(headers);
    let (connection, to) = (tx.connection.clone(), tx.destination.clone());
    tokio::spawn(async move {
        let Some(connection) = connection else {
            return;
        };
        if let Err(error) = connection.send(response.into(), to.as_ref()).await {
            tracing::debug!(%error, status, "a request could not be answered");
        }
    });
}

/// A tag for To that a request sent again gets again (RFC 3261 §8.2.7).
fn same_tag(request: &rsipstack::sip::Request) -> String {
    let mut hasher = DefaultHasher::new();
    for name in ["Via", "From", "Call-ID", "CSeq"] {
        value(&request.headers, name).hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

/// How a request came.
pub(super) fn came_over(tx: &Transaction) -> Transport {
    transport_of(tx.connection.as_ref())
}
