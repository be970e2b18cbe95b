//! What every part of the server shares.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Display,
    sync::{
        Arc, Mutex, OnceLock, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::extract::ws::Utf8Bytes;
use bellwire_core::{Input, QueueStatus, wait::Accuracy};
use bellwire_proto::{
    admin::{Current, WaitAccuracy},
    id::{ConnectionId, SiteKey},
    interaction::Medium,
    visitor::{CentreView, VisitorEvent},
    wire::{ByeReason, Down},
};
use tokio::sync::{mpsc, oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    auth::{self, Auth},
    centre::{Heard, bye},
    clock::Clock,
    config::Config,
    http::{Telephony, assets::Assets, limits::Limiter},
    metrics::Metrics,
    origin::Origin,
    phone::Order,
    public::Public,
    store::{self, LoginId, SiteRow, Store},
    tags::Tags,
    ws::line::{Line, frame},
};

/// What every part of the server shares.
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) clock: Clock,
    pub(crate) store: Store,
    pub(crate) auth: Auth,
    pub(crate) sites: Sites,
    pub(crate) tags: Tags,
    /// What everybody may know of the queues.
    pub(crate) public: Public,
    /// How well waits were foretold of late, as the centre told last.
    pub(crate) waits: Mutex<Vec<WaitAccuracy>>,
    /// Which set-up the centre works by; locked while a newer one is read.
    pub(crate) setup_version: tokio::sync::Mutex<Option<i64>>,
    pub(crate) desks: Desks,
    pub(crate) metrics: Metrics,
    pub(crate) health: Health,
    pub(crate) assets: Arc<Assets>,
    pub(crate) limiter: Limiter,
    /// To the centre. Full means: wait.
    pub(crate) heard: mpsc::Sender<Heard>,
    /// What administrators see of telephones and do with them; none where none are served.
    pub(crate) telephony: OnceLock<Arc<dyn Telephony>>,
    /// To who serves telephones; none where none are served.
    pub(crate) orders: OnceLock<mpsc::UnboundedSender<Order>>,
    /// Ends everything.
    pub(crate) stop: CancellationToken,
    /// The sockets' tasks.
    pub(crate) sockets: TaskTracker,
    /// Some agent is there now.
    pub(crate) agents_there: AtomicBool,
    /// The demo shop's site, where the demo runs.
    pub(crate) demo: Option<SiteKey>,
}

impl App {
    /// Keeps how the whole centre stands.
    pub(crate) fn overall(&self, view: &CentreView) {
        let there = view.call_agents > 0 || view.chat_agents > 0;
        self.agents_there.store(there, Ordering::Relaxed);
        self.metrics.status(view);
    }

    /// Keeps how each queue stands, and how well its waits were foretold.
    pub(crate) fn queues(&self, queues: &[QueueStatus]) {
        self.public.set(queues);
        let accuracy = queues.iter().flat_map(|queue| {
            (queue.accuracy.iter())
                .map(|(medium, accuracy)| told(&queue.view.topic, *medium, accuracy))
        });
        let accuracy: Vec<_> = accuracy.collect();
        self.metrics.accuracy(&accuracy);
        *self.waits.lock().unwrap_or_else(PoisonError::into_inner) = accuracy;
    }

    /// Takes over what an administrator changed since the set-up was last read, if anything: at
    /// once, where somebody comes whom the server does not know yet.
    pub(crate) async fn follow_setup(&self) {
        if let Err(error) = self.read_setup().await {
            tracing::warn!(%error, "the set-up could not be read; it stays as it is");
        }
    }

    /// Tells who serves telephones. False where nobody does.
    pub(crate) fn order(&self, order: Order) -> bool {
        self.orders
            .get()
            .is_some_and(|orders| orders.send(order).is_ok())
    }

    async fn read_setup(&self) -> Result<(), store::Error> {
        let version = self.store.setup_version().await?;
        let mut known = self.setup_version.lock().await;
        if *known == Some(version) {
            return Ok(());
        }
        let Current { version, setup, .. } = self.store.current().await?;
        let sites = setup
            .sites
            .iter()
            .cloned()
            .map(SiteRow::from)
            .collect::<Vec<_>>();
        let (followed, telephones_follow) = oneshot::channel();
        let (centre_knows, known_to_centre) = oneshot::channel();
        let are_served = self.order(Order::SetUp {
            setup: Box::new(setup.clone()),
            known: known_to_centre,
            followed,
        });
        let setup = self.store.for_core(setup);
        tracing::info!(
            sites = sites.len(),
            agents = setup.agents.len(),
            queues = setup.queues.len(),
            "the set-up was read"
        );
        self.sites.replace(sites);
        // A centre that stops hears nothing any more.
        let _ = self
            .heard
            .send(Heard::other(Input::Setup(Box::new(setup))))
            .await;
        // Telephones do not wait for it where they end.
        let _ = centre_knows.send(());
        // What is saved is in force: a trunk just saved can be tried. Where telephones could not follow, it is read again.
        if telephones_follow.await.is_ok() || !are_served {
            *known = Some(version);
        }
        Ok(())
    }

    /// Takes over what an administrator just changed: at once, here.
    pub(crate) async fn was_changed(&self) {
        self.follow_setup().await;
        self.check_desks().await;
    }

    /// Closes the desks whose sign-in ended.
    pub(crate) async fn check_desks(&self) {
        for login in self.desks.logins() {
            match self.auth.still_signed_in(&login, self.clock.now()).await {
                Ok(true) => {}
                Ok(false) => self.desks.sign_out(&login),
                // A store that fails signs nobody out.
                Err(error) => tracing::warn!(%error, "a sign-in could not be checked"),
            }
        }
    }

    /// Stores where tags were seen since the last time.
    pub(crate) async fn keep_tags(&self) {
        let fresh = self.tags.fresh();
        if fresh.is_empty() {
            return;
        }
        if let Err(error) = self.store.keep_tags(&fresh).await {
            tracing::warn!(%error, "where tags were seen could not be stored");
            self.tags.keep_again(fresh.keys());
        }
    }

    /// The site with this key, where pages of this origin may use it (`None`: any origin).
    pub(crate) async fn site(&self, key: &SiteKey, origin: Option<&Origin>) -> SiteAnswer {
        let answer = self.sites.answer(key, origin);
        if let SiteAnswer::Allowed(_) = answer {
            return answer;
        }
        self.follow_setup().await;
        self.sites.answer(key, origin)
    }

    /// STUN and TURN servers with fresh credentials, as a frame for this connection.
    pub(crate) fn ice(&self, connection: ConnectionId) -> Utf8Bytes {
        let servers = auth::ice_servers(&self.config, self.clock.now(), &connection.to_string());
        frame(&Down::<VisitorEvent>::Ice(servers))
    }
}

/// How well a line's waits were foretold, as supervisors read it.
fn told(queue: &str, medium: Medium, accuracy: &Accuracy) -> WaitAccuracy {
    let percent = |share: f64| (share * 1000.0).round() / 10.0;
    // Milliseconds of a wait are far below 2^52.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let mean_s = accuracy.mean_wait_ms as f64 / 1000.0;
    WaitAccuracy {
        queue: queue.to_owned(),
        medium,
        waits: accuracy.of,
        error_percent: percent(accuracy.rase),
        bias_s: (accuracy.bias * mean_s * 10.0).round() / 10.0,
        within_percent: percent(accuracy.coverage),
        estimator: "blend of queue length, last and first in line, by what was right of late"
            .to_owned(),
    }
}

/// Whether a page may use a site.
#[derive(Clone, Debug)]
pub(crate) enum SiteAnswer {
    /// It may.
    Allowed(Arc<SiteRow>),
    /// There is no such site.
    Unknown,
    /// The site does not let pages of this origin in.
    Foreign,
}

/// The sites and their origins, as the store had them last.
#[derive(Debug, Default)]
pub(crate) struct Sites(RwLock<Arc<BTreeMap<SiteKey, Arc<SiteRow>>>>);

impl Sites {
    pub(crate) fn replace(&self, rows: Vec<SiteRow>) {
        let rows = rows
            .into_iter()
            .map(|row| (row.key.clone(), Arc::new(row)))
            .collect();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rows);
    }

    fn answer(&self, key: &SiteKey, origin: Option<&Origin>) -> SiteAnswer {
        match self.all().get(key) {
            None => SiteAnswer::Unknown,
            Some(site) if origin.is_none_or(|origin| site.origins.contains(origin)) => {
                SiteAnswer::Allowed(site.clone())
            }
            Some(_) => SiteAnswer::Foreign,
        }
    }

    /// Whether any site lets pages of this origin in.
    pub(crate) fn any_allows(&self, origin: &Origin) -> bool {
        self.all()
            .values()
            .any(|site| site.origins.contains(origin))
    }

    fn all(&self) -> Arc<BTreeMap<SiteKey, Arc<SiteRow>>> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// The desks that are connected, and by which sign-in.
#[derive(Default)]
pub(crate) struct Desks(Mutex<HashMap<ConnectionId, Desk>>);

struct Desk {
    line: Arc<Line>,
    login: LoginId,
}

impl Desks {
    pub(crate) fn add(&self, line: Arc<Line>, login: LoginId) {
        let desk = Desk { line, login };
        self.lock().insert(desk.line.id(), desk);
    }

    pub(crate) fn remove(&self, connection: ConnectionId) {
        self.lock().remove(&connection);
    }

    /// Ends the desks of one sign-in.
    pub(crate) fn sign_out(&self, login: &LoginId) {
        for desk in self.lock().values().filter(|desk| desk.login == *login) {
            desk.line.end(bye(ByeReason::NotWelcome));
        }
    }

    /// The sign-ins that desks rely on now, each once.
    pub(crate) fn logins(&self) -> Vec<LoginId> {
        let mut logins: Vec<LoginId> = Vec::new();
        for desk in self.lock().values() {
            if !logins.contains(&desk.login) {
                logins.push(desk.login.clone());
            }
        }
        logins
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<ConnectionId, Desk>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the server does its work.
#[derive(Debug, Default)]
pub(crate) struct Health {
    stopping: AtomicBool,
    store: Mutex<Option<String>>,
}

impl Health {
    /// The server stops: nobody new should come.
    pub(crate) fn stops(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// The store failed. Says whether that is new.
    pub(crate) fn store_fails(&self, why: &impl Display) -> bool {
        self.store().replace(why.to_string()).is_none()
    }

    /// The store works. Says whether that is new.
    pub(crate) fn store_works(&self) -> bool {
        self.store().take().is_some()
    }

    /// Why the server is not ready, where it is not.
    pub(crate) fn trouble(&self) -> Option<String> {
        if self.stopping.load(Ordering::Relaxed) {
            return Some("the server stops".to_owned());
        }
        self.store()
            .as_ref()
            .map(|why| format!("nothing can be stored: {why}"))
    }

    fn store(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
