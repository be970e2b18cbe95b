//! Starts the server, keeps it running, and stops it so that nothing is lost.

mod links;
mod watch;

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    sync::{Arc, Mutex, OnceLock, atomic::AtomicBool},
    time::Duration,
};

use anyhow::{Context, anyhow};
use bellwire_core::Centre;
use bellwire_proto::id::SiteKey;
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc,
    task::JoinHandle,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    app::{App, Desks, Health, Sites},
    auth::Auth,
    centre::{Floor, MOST_HEARD},
    clock::Clock,
    config::Config,
    http::{self, assets::Assets, limits::Limiter, listen},
    metrics::Metrics,
    phone::{self, Phones},
    public::Public,
    seed,
    store::{self, DataLock, Store},
    tags::Tags,
    telemetry,
};

/// For how long it is remembered who was invited: longer than any rule asks for.
const REMEMBERED: Duration = Duration::from_hours(90 * 24);

/// How long sockets may take to say goodbye when the server stops.
const FAREWELL: Duration = Duration::from_secs(3);

/// How to serve, beside the settings.
#[derive(Clone, Copy, Debug, Default)]
pub struct ServeOptions {
    /// Shows the demo shop at `/`.
    pub demo: bool,
}

/// Serves until the process is told to stop (SIGINT or SIGTERM). A second signal ends it at once.
///
/// # Errors
///
/// Why the server did not start, in a sentence that says what to do.
pub async fn run(config: Config, options: ServeOptions) -> anyhow::Result<()> {
    let mut signals = Signals::new().context("the system gives no signals")?;
    let running = start(config, options, &mut io::stdout()).await?;
    links::print(&running.app, &mut io::stdout());
    signals.next().await;
    tracing::info!("stopping; once more ends the process at once");
    tokio::select! {
        () = running.stop() => {}
        () = signals.next() => {
            tracing::warn!("ended at once: what was not acknowledged may not be stored");
            std::process::exit(130);
        }
    }
    Ok(())
}

/// A server that runs.
pub struct Running {
    app: Arc<App>,
    address: SocketAddr,
    floor: JoinHandle<()>,
    listen: JoinHandle<()>,
    phones: Option<Arc<Phones>>,
    _lock: DataLock,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// Starts a server. The first start in a data directory tells the passwords to `out`.
///
/// # Errors
///
/// Why it did not start, in a sentence that says what to do.
pub async fn start(
    mut config: Config,
    options: ServeOptions,
    out: &mut (impl io::Write + Send),
) -> anyhow::Result<Running> {
    telemetry::start(&config.log);
    // One file for each connection: as many as the system lets this process have.
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%error, "the number of open files stays as it is");
    }
    let clock = Clock::start();
    let lock = store::lock(&config)?;
    let listener = bind(config.listen).await?;
    let address = listener.local_addr()?;
    config.listen = address;
    let store = Store::open(&config).await?;
    seed::first_start(&store, &config, clock.now(), out).await?;
    let demo = match options.demo {
        true => {
            let url = config.public_url.as_ref();
            Some(seed::demo_site(&store, address, url, clock.now()).await?)
        }
        false => None,
    };
    let (app, floor) = assemble(config, clock, store, demo).await?;
    let phones = phone::start(&app).await?;
    watch::start(&app);
    let router = http::router(&app);
    let listen = tokio::spawn(listen::serve(app.clone(), listener, router));
    tracing::info!(%address, demo = options.demo, "serving");
    Ok(Running {
        app,
        address,
        floor,
        listen,
        phones,
        _lock: lock,
    })
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops: stores what is to be stored, sends every page away for a moment, and ends.
    pub async fn stop(self) {
        self.app.health.stops();
        self.app.stop.cancel();
        if let Some(phones) = &self.phones
            && tokio::time::timeout(FAREWELL, phones.stop()).await.is_err()
        {
            tracing::warn!("some telephones did not hang up");
        }
        let _ = self.floor.await;
        self.app.sockets.close();
        let sockets = tokio::time::timeout(FAREWELL, self.app.sockets.wait());
        let (sockets, _) = tokio::join!(sockets, self.listen);
        if sockets.is_err() {
            tracing::warn!(
                left = self.app.sockets.len(),
                "some pages did not say goodbye"
            );
        }
        self.app.keep_tags().await;
        self.app.store.close().await;
        tracing::info!("stopped");
    }
}

/// Puts the parts together, with the centre as the store has it.
async fn assemble(
    config: Config,
    clock: Clock,
    store: Store,
    demo: Option<SiteKey>,
) -> anyhow::Result<(Arc<App>, JoinHandle<()>)> {
    let linger = Duration::from_secs(config.times.linger_s);
    let now = clock.now();
    // The version first: a change between the two is read again.
    let version = store.setup_version().await?;
    let setup = store.setup().await?;
    let mut restored = store.restore(now - linger).await?;
    restored.invited = store.invited(now - REMEMBERED).await?;
    let sites = Sites::default();
    sites.replace(store.sites().await?);
    let tags = Tags::new(store.tags().await?);
    let (heard, inputs) = mpsc::channel(MOST_HEARD);
    let app = Arc::new(App {
        auth: Auth::new(store.clone(), &config).await?,
        config,
        clock,
        store,
        sites,
        tags,
        public: Public::default(),
        waits: Mutex::default(),
        setup_version: Some(version).into(),
        desks: Desks::default(),
        metrics: Metrics::new(),
        health: Health::default(),
        assets: Assets::load(),
        limiter: Limiter::default(),
        heard,
        telephony: OnceLock::new(),
        orders: OnceLock::new(),
        stop: CancellationToken::new(),
        sockets: TaskTracker::new(),
        agents_there: AtomicBool::new(false),
        demo,
    });
    tracing::info!(
        interactions = restored.interactions.len(),
        "the centre is as it was"
    );
    let mut centre = Centre::restore(setup, restored, now);
    // The status is known before anybody can ask for it.
    centre.handle_timeout(now);
    let floor = tokio::spawn(Floor::new(app.clone(), centre).run(inputs));
    Ok((app, floor))
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let try_another = "set BELLWIRE_LISTEN to another address, like 127.0.0.1:8081";
        let kind = error.kind();
        if kind == ErrorKind::AddrInUse {
            anyhow!("another program listens on {address} already: stop it, or {try_another}")
        } else if kind == ErrorKind::PermissionDenied {
            anyhow!(
                "this user may not listen on {address} (ports below 1024 belong to the \
                 administrator): {try_another}"
            )
        } else if kind == ErrorKind::AddrNotAvailable {
            let ip = address.ip();
            anyhow!("this machine has no address {ip}: {try_another}")
        } else {
            anyhow!("cannot listen on {address} ({error}): {try_another}")
        }
    })
}

/// What tells the process to stop.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
