//! What the endpoint's parts share: the stack, the settings, the clock, and who listens to events.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt,
    net::SocketAddr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use rsipstack::{dialog::dialog_layer::DialogLayer, transaction::endpoint::EndpointInnerRef};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    api::{Addresses, CallId, Clock, Event, Order, RefusedLogin},
    bans::Guard,
    bindings::Bindings,
    digest::Verifier,
    endpoint::locator::Places,
    settings::{Account, Settings, Transport},
};

/// `Call-ID`s whose CANCEL says that the call was answered somewhere else.
pub(crate) type Elsewhere = Arc<Mutex<HashSet<String>>>;

/// What the endpoint's parts share.
pub(crate) struct Shared {
    /// Where we stand in the network.
    pub(crate) settings: Settings,
    /// The ports we got.
    pub(crate) addresses: Addresses,
    /// Transactions.
    pub(crate) stack: EndpointInnerRef,
    /// Dialogs.
    pub(crate) dialogs: Arc<DialogLayer>,
    /// Who hears.
    pub(crate) events: mpsc::UnboundedSender<Event>,
    /// What time it is.
    pub(crate) clock: Clock,
    /// Ends everything.
    pub(crate) stop: CancellationToken,
    /// The accounts, by user.
    pub(crate) accounts: Mutex<BTreeMap<String, Account>>,
    /// The last refused login of each account, until it logs in again.
    pub(crate) refused_logins: Mutex<HashMap<String, RefusedLogin>>,
    /// Where phones are.
    pub(crate) bindings: Mutex<Bindings>,
    /// Who is listened to.
    pub(crate) guard: Mutex<Guard>,
    /// Who is who.
    pub(crate) verifier: Mutex<Verifier>,
    /// Calls that are taken back because they were answered somewhere else, by `Call-ID`.
    pub(crate) elsewhere: Elsewhere,
    /// Where requests go that name an address at which nobody is.
    pub(crate) places: Places,
    /// The legs that there are now.
    pub(crate) legs: Mutex<HashMap<CallId, LegEntry>>,
    /// Trunks.
    pub(crate) trunks: Mutex<crate::trunks::Trunks>,
    /// The next leg's number.
    pub(crate) next: AtomicU64,
    /// Requests refused since the start.
    pub(crate) refused: AtomicU64,
    /// Failed logins since the start.
    pub(crate) failed_logins: AtomicU64,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("addresses", &self.addresses)
            .finish_non_exhaustive()
    }
}

/// A leg, as others find it.
#[derive(Clone, Debug)]
pub(crate) struct LegEntry {
    /// Its task.
    pub(crate) orders: mpsc::WeakUnboundedSender<Order>,
    /// Its Call-ID, for Replaces.
    pub(crate) sip_call_id: String,
    /// Our tag, for Replaces.
    pub(crate) local_tag: String,
    /// Their tag, once known.
    pub(crate) remote_tag: String,
    /// Whose it is: an account's user, or a trunk's id; whoever replaces it must be the same account or a trunk.
    pub(crate) owner: crate::api::Origin,
    /// Where it hears of confirmations (PRACK), if it awaits any.
    pub(crate) confirmations:
        Option<mpsc::UnboundedSender<rsipstack::transaction::transaction::Transaction>>,
    /// The Call-IDs and our tags of its INVITEs: one that was answered says more before its leg has looked at the answer.
    pub(crate) asked: Vec<(String, String)>,
    /// What their BYE gave as its reason.
    pub(crate) goodbye: Option<crate::cause::Cause>,
    /// Where their last change of the session came from.
    pub(crate) spoke_from: Option<(SocketAddr, Transport)>,
}

impl LegEntry {
    /// Whether this is its dialog, or becomes it.
    pub(crate) fn is(&self, dialog: &rsipstack::dialog::DialogId) -> bool {
        let named = self.sip_call_id == dialog.call_id
            && self.local_tag == dialog.local_tag
            && self.remote_tag == dialog.remote_tag;
        named
            || (self.asked.iter())
                .any(|(call, tag)| *call == dialog.call_id && *tag == dialog.local_tag)
    }
}

impl Shared {
    /// Now, in milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> u64 {
        (self.clock)()
    }

    /// A new leg's name.
    pub(crate) fn next_call(&self) -> CallId {
        CallId(self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// Keeps that a login was refused, where there is such an account: its administrator wants to know.
    pub(crate) fn was_refused(&self, user: String, source: SocketAddr) {
        let at_ms = self.now_ms();
        let known = lock(&self.accounts).contains_key(&user);
        let mut refused = lock(&self.refused_logins);
        if known {
            refused.insert(user, RefusedLogin { at_ms, source });
        }
    }

    /// Tells the server. One that is gone hears nothing more.
    pub(crate) fn tell(&self, event: Event) {
        let _ = self.events.send(event);
    }

    /// Counts a refusal.
    pub(crate) fn count_refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// `host:port` of our Via and Contact for this transport, where we listen on it; with the public address in place of an
    /// unspecified or private one where settings name one.
    pub(crate) fn own_address(&self, transport: Transport) -> Option<SocketAddr> {
        let listens = match transport {
            Transport::Udp => self.addresses.udp,
            Transport::Tcp => self.addresses.tcp,
            Transport::Tls => self.addresses.tls,
            Transport::Ws | Transport::Wss => self.addresses.ws,
        }?;
        let ip = self.settings.public.unwrap_or(listens.ip());
        Some((ip, listens.port()).into())
    }
}

/// The lock, also where another task panicked: each change leaves a whole state.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
