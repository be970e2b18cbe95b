//! The SIP endpoint: sockets, who is let in, the registrar, and the way to calls and trunks.
//!
//! What it decides is in the pure modules ([`crate::bans`], [`crate::bindings`], [`crate::checks`], [`crate::digest`]); the legs of
//! calls are in `calls`, what is kept up with carriers in `trunks`.

mod confirming;
mod demux;
mod inspector;
pub(crate) mod locator;
mod registrar;
mod transports;

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    net::IpAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use rsipstack::{
    EndpointBuilder, dialog::dialog_layer::DialogLayer, sip::Method,
    transaction::endpoint::EndpointOption, transport::TransportLayer,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    api::{
        Addresses, Call, CallEvents, Clock, Counts, Dial, Event, RefusedLogin, StartError,
        TrunkStatus,
    },
    bans::Guard,
    bindings::Bindings,
    calls,
    digest::Verifier,
    settings::{Account, Binding, Directory, Settings},
    shared::{Elsewhere, Shared, lock},
    trunks::Trunks,
};

/// What an endpoint begins with.
pub struct Start {
    /// Where it stands in the network.
    pub settings: Settings,
    /// Whom it knows.
    pub directory: Directory,
    /// Where phones were before, by account.
    pub bindings: Vec<(String, Binding)>,
    /// Random, and another one at each start.
    pub key: [u8; 32],
    /// What time it is.
    pub clock: Clock,
}

impl fmt::Debug for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Start")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// A running endpoint.
#[derive(Clone, Debug)]
pub struct Endpoint(
    Arc<Shared>,
    /// No new call is taken any more.
    CancellationToken,
);

impl Endpoint {
    /// Starts to listen.
    ///
    /// # Errors
    ///
    /// What is wrong with the settings, or which address cannot be had.
    pub async fn start(start: Start) -> Result<(Self, mpsc::UnboundedReceiver<Event>), StartError> {
        let Start {
            settings,
            directory,
            bindings: known,
            key,
            clock,
        } = start;
        settings.check()?;
        // Another part of the process may have been quicker: one provider is as good as the other.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let stop = CancellationToken::new();
        let layer = TransportLayer::new(stop.clone());
        let addresses = transports::open(&layer, &settings, &stop).await?;
        let connections = inspector::Connections::default();
        let elsewhere = Elsewhere::default();
        let places = locator::Places::default();
        let option = EndpointOption {
            callid_suffix: Some(settings.domain.clone()),
            ..EndpointOption::default()
        };
        let endpoint = EndpointBuilder::new()
            .with_user_agent(concat!("Bellwire/", env!("CARGO_PKG_VERSION")))
            .with_option(option)
            .with_transport_layer(layer)
            .with_cancel_token(stop.clone())
            .with_inspector(Box::new(inspector::Messages::new(elsewhere.clone())))
            .with_target_locator(Box::new(places.clone()))
            .with_transport_inspector(Box::new(connections.clone()))
            .with_allows(vec![Method::Invite, Method::Register, Method::Options])
            .build();
        let incoming = (endpoint.incoming_transactions())
            .map_err(|error| StartError::Stack(error.to_string()))?;
        let stack = endpoint.inner.clone();
        let (events, told) = mpsc::unbounded_channel();
        let now = clock();
        let mut bindings = Bindings::new((&settings).into());
        bindings.restore(known, now);
        let shared = Arc::new(Shared {
            addresses,
            dialogs: Arc::new(DialogLayer::new(stack.clone())),
            stack,
            events,
            clock,
            stop,
            accounts: Mutex::new(BTreeMap::new()),
            refused_logins: Mutex::default(),
            bindings: Mutex::new(bindings),
            guard: Mutex::new(Guard::new((&settings.limits).into())),
            verifier: Mutex::new(
                Verifier::new(settings.domain.clone(), key).asking_for(&settings.digests),
            ),
            elsewhere,
            places,
            legs: Mutex::new(HashMap::new()),
            trunks: Mutex::default(),
            next: AtomicU64::new(1),
            refused: AtomicU64::new(0),
            failed_logins: AtomicU64::new(0),
            settings,
        });
        connections.watch(&shared);
        Trunks::start(&shared);
        let closing = CancellationToken::new();
        let running = Self(shared.clone(), closing.clone());
        running.set_accounts(&directory, true);
        tokio::spawn(async move {
            if let Err(error) = endpoint.inner.serve().await {
                tracing::error!(%error, "the SIP stack ended");
            }
        });
        tokio::spawn(demux::serve(shared.clone(), incoming, closing));
        tokio::spawn(registrar::expire(shared.clone()));
        Trunks::set(&shared, directory.trunks);
        Ok((running, told))
    }

    /// Where it listens.
    #[must_use]
    pub fn addresses(&self) -> Addresses {
        self.0.addresses
    }

    /// Whom it knows from now on. Phones that are gone, or have another password, are registered no longer.
    pub fn set_directory(&self, directory: Directory) {
        self.set_accounts(&directory, false);
        Trunks::set(&self.0, directory.trunks);
    }

    fn set_accounts(&self, directory: &Directory, first: bool) {
        let shared = &self.0;
        let accounts: BTreeMap<String, Account> = (directory.accounts.iter())
            .map(|account| (account.user.clone(), account.clone()))
            .collect();
        let before = std::mem::replace(&mut *lock(&shared.accounts), accounts.clone());
        let stays = |user: &str| match (before.get(user), accounts.get(user)) {
            (_, None) => false,
            // At the start what was stored counts.
            (None, Some(_)) => first,
            (Some(old), Some(new)) => old.password == new.password,
        };
        registrar::change(shared, |bindings, _| bindings.keep_users(stays));
        // A new password is another chance.
        lock(&shared.refused_logins).retain(|user, _| stays(user));
        let networks = directory.trunks.iter().flat_map(|trunk| {
            // One that cannot be read was told by the trunk's check.
            trunk.networks().unwrap_or_default()
        });
        lock(&shared.guard).trust(networks.collect());
    }

    /// Where the phones of this account are.
    #[must_use]
    pub fn bindings_of(&self, user: &str) -> Vec<Binding> {
        lock(&self.0.bindings).of(user, self.0.now_ms())
    }

    /// The last login of this account that was refused, where none succeeded since.
    #[must_use]
    pub fn refused_login_of(&self, user: &str) -> Option<RefusedLogin> {
        lock(&self.0.refused_logins).get(user).copied()
    }

    /// How trunks stand.
    #[must_use]
    pub fn trunks(&self) -> Vec<TrunkStatus> {
        Trunks::status(&self.0)
    }

    /// What is counted now.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let shared = &self.0;
        Counts {
            calls: lock(&shared.legs).len(),
            registered: lock(&shared.bindings).registered(),
            banned: lock(&shared.guard).bans(shared.now_ms()).len(),
            refused: shared.refused.load(Ordering::Relaxed),
            failed_logins: shared.failed_logins.load(Ordering::Relaxed),
        }
    }

    /// Calls somebody.
    #[must_use]
    pub fn dial(&self, dial: Dial) -> (Call, CallEvents) {
        calls::dial(&self.0, dial)
    }

    /// Ends the ban of an address; whether there was one.
    pub fn lift_ban(&self, source: IpAddr) -> bool {
        lock(&self.0.guard).lift(source, self.0.now_ms())
    }

    /// Hangs up everywhere, takes registrations back, and ends. Who calls meanwhile is refused (503). Takes 2 s at most.
    pub async fn stop(&self) {
        self.1.cancel();
        tokio::join!(calls::hang_up_all(&self.0), Trunks::stop(&self.0));
        self.0.stop.cancel();
    }
}
