//! Trunks: registered and asked whether they are there, found by name, counted, and how they stand.
//!
//! One task for each trunk; what it does next is decided in `standing`, without IO. Calls over a trunk do not live here.
//!
//! For who makes calls: [`Trunks::trunk`], [`Trunks::take`] (keep the [`TrunkUse`] while the call lives; `None` is 503, every
//! call in use), [`Trunks::destination`], and afterwards one of [`Trunks::worked`] (ringing or answered, or refused by whom
//! was called: busy, no answer), [`Trunks::failed`] (the trunk itself refused: 403, 5xx) or [`Trunks::unreachable`] (nobody
//! answered the INVITE). For who takes calls: [`Trunks::of_source`], [`Trunks::take`], [`Trunks::worked`].

mod keeper;
mod place;
mod says;
mod standing;
mod talk;

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use rsipstack::{resolver::SipResolver, transport::SipAddr};
use tokio::{sync::Notify, task::JoinHandle, time::Instant};
use tokio_util::sync::CancellationToken;

use self::{
    keeper::Keeper,
    place::Place,
    standing::{Now, Standing},
};
use crate::{
    api::{Event, TrunkState, TrunkStatus},
    cause::Cause,
    networks::Networks,
    settings::Trunk,
    shared::{Shared, lock},
};

/// How long an end is waited for: what is registered still shall be taken back.
const END: Duration = Duration::from_secs(1);

/// The trunks that there are, by id.
pub(crate) struct Trunks {
    entries: BTreeMap<String, Entry>,
    /// Tasks of trunks that are gone, which take back their registrations.
    ending: Vec<JoinHandle<()>>,
    resolver: Option<SipResolver>,
    began: Instant,
    stopped: bool,
}

impl Default for Trunks {
    fn default() -> Self {
        Self {
            entries: BTreeMap::new(),
            ending: Vec::new(),
            resolver: None,
            began: Instant::now(),
            stopped: false,
        }
    }
}

/// One trunk.
struct Entry {
    trunk: Trunk,
    networks: Networks,
    standing: Standing,
    place: Place,
    calls: Arc<AtomicUsize>,
    /// What was told last.
    told: (TrunkState, Option<(String, u64)>),
    /// Since when it stands so.
    since_ms: u64,
    /// Has the task look again.
    wake: Arc<Notify>,
    /// Ends the task.
    end: CancellationToken,
    task: Option<JoinHandle<()>>,
}

/// One call over a trunk, counted while this lives.
#[derive(Debug)]
pub(crate) struct TrunkUse(Arc<AtomicUsize>);

impl Drop for TrunkUse {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Entry {
    fn new(trunk: Trunk, now: Now) -> Self {
        Self {
            networks: networks(&trunk),
            standing: Standing::new(&trunk, now),
            place: Place::default(),
            calls: Arc::default(),
            told: (TrunkState::Unknown, None),
            since_ms: now.wall_ms,
            wake: Arc::default(),
            end: CancellationToken::new(),
            task: None,
            trunk,
        }
    }

    fn status(&self) -> TrunkStatus {
        TrunkStatus {
            id: self.trunk.id.clone(),
            state: self.standing.state(),
            since_ms: self.since_ms,
            trouble: self.standing.trouble(),
            addresses: self.place.addresses().to_vec(),
            calls: self.calls.load(Ordering::Relaxed),
        }
    }

    /// Tells what changed, if anything did.
    fn tell(&mut self, shared: &Shared) {
        let stands = (self.standing.state(), self.standing.trouble());
        if stands == self.told {
            return;
        }
        // A registration that was refreshed stands as it stood.
        if std::mem::discriminant(&stands.0) != std::mem::discriminant(&self.told.0) {
            self.since_ms = shared.now_ms();
        }
        self.told = stands;
        shared.tell(Event::Trunk(self.status()));
    }

    /// Whether calls from where its host is are its calls.
    fn calls_from_its_host(&self) -> bool {
        self.networks.is_empty() || registers(&self.trunk)
    }
}

impl Trunks {
    /// Reads how this system finds names. Once, before [`Self::set`].
    pub(crate) fn start(shared: &Arc<Shared>) {
        let resolver = SipResolver::new();
        lock(&shared.trunks).resolver = Some(resolver);
    }

    /// The trunks from now on. New ones begin, changed ones begin anew where it matters, and those that are gone take back
    /// their registration.
    pub(crate) fn set(shared: &Arc<Shared>, trunks: Vec<Trunk>) {
        let mut all = lock(&shared.trunks);
        if all.stopped {
            return;
        }
        let now = all.now(shared);
        let mut before = std::mem::take(&mut all.entries);
        for trunk in trunks {
            let id = trunk.id.clone();
            let entry = match before.remove(&id) {
                Some(mut entry) if is_same_way(&entry.trunk, &trunk) => {
                    entry.networks = networks(&trunk);
                    entry.standing.change(&trunk, now);
                    entry.trunk = trunk;
                    entry.wake.notify_one();
                    entry
                }
                Some(old) => {
                    old.end.cancel();
                    let mut entry = Entry::new(trunk, now);
                    entry.calls = old.calls;
                    (entry.told, entry.since_ms) = (old.told, old.since_ms);
                    entry.begin(shared, old.task);
                    entry.tell(shared);
                    entry
                }
                None => {
                    let mut entry = Entry::new(trunk, now);
                    entry.begin(shared, None);
                    entry
                }
            };
            // The last of two with the same id counts.
            if let Some(double) = all.entries.insert(id, entry) {
                all.end(double);
            }
        }
        for (_, gone) in before {
            all.end(gone);
        }
    }

    /// How every trunk stands.
    pub(crate) fn status(shared: &Arc<Shared>) -> Vec<TrunkStatus> {
        lock(&shared.trunks)
            .entries
            .values()
            .map(Entry::status)
            .collect()
    }

    /// The trunk with this id.
    pub(crate) fn trunk(shared: &Arc<Shared>, id: &str) -> Option<Trunk> {
        let all = lock(&shared.trunks);
        all.entries.get(id).map(|entry| entry.trunk.clone())
    }

    /// Where a trunk's requests go. A connection, where the transport has one, is there already: with TLS the certificate was
    /// checked for the trunk's name, and the stack finds the connection by this address.
    ///
    /// # Errors
    ///
    /// [`Cause::Unreachable`]; why is noted as the trunk's trouble already.
    pub(crate) async fn destination(shared: &Arc<Shared>, trunk: &Trunk) -> Result<SipAddr, Cause> {
        match place::reach(shared, trunk).await {
            Ok(reached) => Ok(reached.destination),
            Err(why) => {
                Self::unreachable(shared, &trunk.id, why);
                Err(Cause::Unreachable)
            }
        }
    }

    /// The id of the trunk that calls from `ip`: one whose networks hold it, else one whose host resolved to it and that
    /// registers or names no networks.
    pub(crate) fn of_source(shared: &Arc<Shared>, ip: IpAddr) -> Option<String> {
        let ip = ip.to_canonical();
        let all = lock(&shared.trunks);
        let named = |(_, entry): &(&String, &Entry)| entry.networks.contains(ip);
        let hosted = |(_, entry): &(&String, &Entry)| {
            entry.calls_from_its_host()
                && entry
                    .place
                    .addresses()
                    .iter()
                    .any(|address| address.ip().to_canonical() == ip)
        };
        let found = all.entries.iter().find(named);
        let found = found.or_else(|| all.entries.iter().find(hosted));
        found.map(|(id, _)| id.clone())
    }

    /// One more call over the trunk; `None` where as many as it bears are there already, or where there is no such trunk.
    pub(crate) fn take(shared: &Arc<Shared>, id: &str) -> Option<TrunkUse> {
        // Taken under the lock only, so that two cannot both be the last.
        let all = lock(&shared.trunks);
        let entry = all.entries.get(id)?;
        let most = usize::try_from(entry.trunk.most_calls).unwrap_or(usize::MAX);
        if most > 0 && entry.calls.load(Ordering::Relaxed) >= most {
            return None;
        }
        entry.calls.fetch_add(1, Ordering::Relaxed);
        Some(TrunkUse(Arc::clone(&entry.calls)))
    }

    /// A call over it worked.
    pub(crate) fn worked(shared: &Arc<Shared>, id: &str) {
        Self::note(shared, id, |entry, _| entry.standing.call_worked());
    }

    /// A call over it failed, for `why`: a sentence without secrets. Three in a row make it silent.
    pub(crate) fn failed(shared: &Arc<Shared>, id: &str, why: String) {
        Self::note(shared, id, |entry, now| {
            entry.standing.call_failed(now, why);
        });
    }

    /// It did not answer a call at all: silent until something works.
    pub(crate) fn unreachable(shared: &Arc<Shared>, id: &str, why: String) {
        Self::note(shared, id, |entry, now| {
            entry.place.shun(now.ms);
            entry.standing.call_unreachable(now, why);
        });
    }

    /// Takes back every registration; a second at most.
    pub(crate) async fn stop(shared: &Arc<Shared>) {
        let tasks = {
            let mut all = lock(&shared.trunks);
            all.stopped = true;
            let mut tasks = std::mem::take(&mut all.ending);
            for entry in all.entries.values_mut() {
                entry.end.cancel();
                tasks.extend(entry.task.take());
            }
            tasks
        };
        let all_ended = async {
            for task in tasks {
                // One that panicked has ended, too.
                let _ = task.await;
            }
        };
        if tokio::time::timeout(END, all_ended).await.is_err() {
            tracing::debug!("a trunk did not answer the end of its registration in time");
        }
    }

    fn now(&self, shared: &Shared) -> Now {
        Now {
            ms: u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX),
            wall_ms: shared.now_ms(),
        }
    }

    /// Ends a trunk's task.
    fn end(&mut self, mut entry: Entry) {
        entry.end.cancel();
        self.ending.retain(|task| !task.is_finished());
        self.ending.extend(entry.task.take());
    }

    /// Changes how a trunk stands, tells it, and has its task look again.
    fn note(shared: &Arc<Shared>, id: &str, change: impl FnOnce(&mut Entry, Now)) {
        let mut all = lock(&shared.trunks);
        let now = all.now(shared);
        if let Some(entry) = all.entries.get_mut(id) {
            change(entry, now);
            entry.tell(shared);
            entry.wake.notify_one();
        }
    }
}

impl Entry {
    /// Begins the task, once the one before it has ended: its end of the registration must not take ours back.
    fn begin(&mut self, shared: &Arc<Shared>, before: Option<JoinHandle<()>>) {
        let keeper = Keeper {
            shared: Arc::clone(shared),
            trunk: self.trunk.clone(),
            wake: Arc::clone(&self.wake),
            end: self.end.clone(),
        };
        self.task = Some(tokio::spawn(async move {
            if let Some(before) = before {
                // One that panicked has ended, too.
                let _ = before.await;
            }
            keeper.keep().await;
        }));
    }
}

/// Whether we register there.
fn registers(trunk: &Trunk) -> bool {
    trunk.login.as_ref().is_some_and(|login| login.register)
}

/// Whether both are reached and logged in at in the same way.
fn is_same_way(one: &Trunk, other: &Trunk) -> bool {
    (&one.host, one.transport, &one.login) == (&other.host, other.transport, &other.login)
}

/// A trunk's networks. Directories are checked before, so that none are lost here.
fn networks(trunk: &Trunk) -> Networks {
    trunk.networks().unwrap_or_else(|why| {
        tracing::warn!(trunk = %trunk.name, %why, "no call is taken from this trunk's networks");
        Networks::default()
    })
}

#[cfg(test)]
mod tests;
