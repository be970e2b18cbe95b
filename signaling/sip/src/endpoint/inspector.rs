//! What the stack shows us of messages and connections as they come and go: who is kept out, and what is put right.
//!
//! What a request asks for is looked at in `demux`.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, OnceLock, Weak},
};

use rsipstack::{
    sip::{
        Header, Headers, Method, Request, SipMessage, headers::make_header, prelude::HasHeaders,
    },
    transaction::{
        endpoint::{MessageInspector, TransportEventInspector},
        key::{TransactionKey, TransactionRole},
    },
    transport::{SipAddr, SipConnection, connection::TransportEvent},
};

use super::{confirming::Ways, demux::banned, registrar, transports::socket_address};
use crate::{
    bans::Source,
    calls::{transport_of, value},
    cause::COMPLETED_ELSEWHERE,
    shared::{Elsewhere, Shared, lock},
    words,
};

/// How many connections one source may have. A proxy before us brings all of its phones in one.
const MOST_CONNECTIONS: u32 = 512;

/// Puts right what the stack sends: it escapes what is escaped already, and ends a header wherever its value says so.
pub(super) struct Messages {
    elsewhere: Elsewhere,
    confirmations: Ways,
}

impl Messages {
    pub(super) fn new(elsewhere: Elsewhere) -> Self {
        let confirmations = Ways::default();
        Self {
            elsewhere,
            confirmations,
        }
    }

    fn put_right(&self, request: &mut Request) {
        if let Some(auth) = &mut request.uri.auth
            && auth.user.contains('%')
            && let Some(decoded) = words::percent_decode(&auth.user)
        {
            auth.user = decoded;
        }
        self.confirmations.lead(request);
        // The stack's CANCEL has no place for it.
        let id = value(&request.headers, "Call-ID");
        if request.method == Method::Cancel
            && id.is_some_and(|id| lock(&self.elsewhere).contains(id))
        {
            request
                .headers
                .push(Header::Reason(COMPLETED_ELSEWHERE.into()));
        }
    }
}

impl MessageInspector for Messages {
    fn before_send(&self, mut message: SipMessage, _to: Option<&SipAddr>) -> SipMessage {
        if let SipMessage::Request(request) = &mut message {
            self.put_right(request);
        }
        if !is_plain(message.headers()) {
            // Whoever wrote it should have looked: here it only must not become a header of its own.
            tracing::error!("a control character was taken out of a SIP header");
            for header in message.headers_mut().iter_mut() {
                if header.value().chars().any(is_control) {
                    let value = header.value().replace(is_control, " ");
                    *header = make_header(header.name(), value);
                }
            }
        }
        message
    }

    fn after_received(&self, message: SipMessage, _from: Option<&SipAddr>) -> SipMessage {
        if let SipMessage::Response(response) = &message {
            self.confirmations.note(response);
        }
        message
    }
}

/// Looks at what comes before anything is made of it, and hears of connections that are gone: the phones behind them are
/// not reached any more.
#[derive(Clone, Default)]
pub(super) struct Connections {
    /// Known once the endpoint is whole.
    shared: Arc<OnceLock<Weak<Shared>>>,
    /// How many are open, by who has them.
    open: Arc<Mutex<HashMap<Source, u32>>>,
}

impl Connections {
    /// Keeps banned sources out before anything is read of them, and those that have connections enough.
    pub(super) fn watch(&self, shared: &Arc<Shared>) {
        let _ = self.shared.set(Arc::downgrade(shared));
        let watched = self.clone();
        shared.stack.transport_layer.set_whitelist(move |ip| {
            let allowed = watched.is_heard(ip);
            async move { allowed }
        });
    }

    fn is_heard(&self, ip: IpAddr) -> bool {
        let Some(shared) = self.shared.get().and_then(Weak::upgrade) else {
            return true;
        };
        let open = lock(&self.open).get(&ip.into()).copied();
        let banned_ms = lock(&shared.guard).banned_ms(ip, shared.now_ms());
        open.unwrap_or_default() < MOST_CONNECTIONS && banned_ms.is_none()
    }

    fn opened(&self, connection: &SipConnection) {
        if let Some(from) = connection.get_remote_addr().and_then(socket_address) {
            *lock(&self.open).entry(from.ip().into()).or_default() += 1;
        }
    }

    fn closed(&self, shared: &Shared, connection: &SipConnection) {
        let Some(from) = connection.get_remote_addr().and_then(socket_address) else {
            return;
        };
        let source = Source::from(from.ip());
        let mut open = lock(&self.open);
        if let Some(left) = open.get_mut(&source) {
            *left = left.saturating_sub(1);
            if *left == 0 {
                open.remove(&source);
            }
        }
        drop(open);
        let transport = transport_of(Some(connection));
        registrar::change(shared, |bindings, _| {
            bindings.connection_lost(from, transport)
        });
    }
}

#[async_trait::async_trait]
impl TransportEventInspector for Connections {
    async fn handle(&self, event: TransportEvent) -> Option<TransportEvent> {
        let Some(shared) = self.shared.get().and_then(Weak::upgrade) else {
            return Some(event);
        };
        match &event {
            TransportEvent::Incoming(message, _, from) => {
                if !is_let_in(&shared, message, from) {
                    shared.count_refused();
                    return None;
                }
            }
            TransportEvent::New(connection) => self.opened(connection),
            TransportEvent::Closed(connection) => self.closed(&shared, connection),
        }
        Some(event)
    }
}

/// Whether a message goes on to become a transaction. A ban that began on an open connection counts there, too.
fn is_let_in(shared: &Shared, message: &SipMessage, from: &SipAddr) -> bool {
    let Some(from) = socket_address(from) else {
        return false;
    };
    let now = shared.now_ms();
    let mut guard = lock(&shared.guard);
    if guard.banned_ms(from.ip(), now).is_some() {
        return false;
    }
    // The stack splits lines at LF alone. What stays in a value would be sent back in the answer, for others to split.
    if is_plain(message.headers()) && is_of_a_transaction(message) {
        return true;
    }
    let ban = guard.malformed(from.ip(), now);
    drop(guard);
    if let Some(ban) = ban {
        banned(shared, ban);
    }
    false
}

/// Whether the stack can make something of it; else it drops it without a word (no Via, no `CSeq` and the like).
fn is_of_a_transaction(message: &SipMessage) -> bool {
    match message {
        SipMessage::Request(request) => {
            TransactionKey::from_request(request, TransactionRole::Server).is_ok()
        }
        // Anybody may send us answers to nothing: these cost no more than this.
        SipMessage::Response(_) => true,
    }
}

fn is_plain(headers: &Headers) -> bool {
    // By bytes, for every message: what is longer than one is no control character that ends a line.
    let ends_nothing = |byte: u8| !byte.is_ascii_control() || byte == b'\t';
    (headers.iter()).all(|header| header.value().bytes().all(ends_nothing))
}

fn is_control(letter: char) -> bool {
    letter.is_ascii_control() && letter != '\t'
}

#[cfg(test)]
mod tests {

    use super::*;

    fn sent(headers: Vec<Header>, user: &str) -> String {
        let text = "INVITE sip:a@192.0.2.1 SIP/2.0\r\n\r\n";
        let mut request = Request::try_from(text.as_bytes().to_vec()).unwrap();
        request.headers = headers.into();
        request.uri.auth = Some(user.into());
        Messages::new(Elsewhere::default())
            .before_send(request.into(), None)
            .to_string()
    }

    #[test]
    fn what_is_escaped_is_not_escaped_again() {
        let text = sent(vec![], "a%40b");

        assert!(text.starts_with("INVITE sip:a%40b@192.0.2.1 "), "{text}");
    }

    #[test]
    fn no_value_becomes_a_header_of_its_own() {
        let evil = "x\r\nEvil: 1\rEvil: 2\nEvil: 3\0";
        let headers = vec![
            Header::Subject(evil.into()),
            Header::From("<sip:a@b>;tag=1".into()),
            Header::Other("X-Name".into(), evil.into()),
        ];

        let text = sent(headers, "a%0d%0aEvil: 4");

        assert!(!text.contains("\nEvil") && !text.contains("\rEvil"));
        assert!(text.contains("From: <sip:a@b>;tag=1\r\n"), "{text}");
    }
}
