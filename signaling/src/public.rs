//! What everybody may know of the centre's queues, kept for those who ask and told to those who
//! listen. The centre's task writes it; nobody waits for anybody.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use bellwire_core::QueueStatus;
use bellwire_proto::{id::QueueId, visitor::CentreView};
use tokio::sync::watch;

/// The most pages that may follow the status as events: each holds a connection open.
const MOST_LISTENING: usize = 5_000;

/// The status of all queues at one moment.
#[derive(Debug, Default)]
pub(crate) struct PublicStatus(BTreeMap<QueueId, CentreView>);

impl PublicStatus {
    /// One queue's status.
    pub(crate) fn of(&self, queue: QueueId) -> Option<&CentreView> {
        self.0.get(&queue)
    }
}

/// The status as it is now, and whoever listens.
#[derive(Debug)]
pub(crate) struct Public {
    now: RwLock<Arc<PublicStatus>>,
    changes: watch::Sender<u64>,
    listening: Arc<AtomicUsize>,
}

impl Default for Public {
    fn default() -> Self {
        Self {
            now: RwLock::default(),
            changes: watch::Sender::new(0),
            listening: Arc::default(),
        }
    }
}

impl Public {
    /// The status as it is now.
    pub(crate) fn now(&self) -> Arc<PublicStatus> {
        self.now
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The status is another one.
    pub(crate) fn set(&self, statuses: &[QueueStatus]) {
        let queues = statuses
            .iter()
            .map(|status| (status.queue, status.view.clone()));
        let next = Arc::new(PublicStatus(queues.collect()));
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = next;
        self.changes
            .send_modify(|version| *version = version.wrapping_add(1));
    }

    /// Listens to changes; `None` where too many do.
    pub(crate) fn listen(&self) -> Option<Listening> {
        let before = self.listening.fetch_add(1, Ordering::Relaxed);
        let listening = Listening {
            changes: self.changes.subscribe(),
            count: self.listening.clone(),
        };
        // Dropping it counts it out again.
        (before < MOST_LISTENING).then_some(listening)
    }
}

/// One who listens.
#[derive(Debug)]
pub(crate) struct Listening {
    changes: watch::Receiver<u64>,
    count: Arc<AtomicUsize>,
}

impl Listening {
    /// Waits for the next change; `None` where there will be none.
    pub(crate) async fn changed(&mut self) -> Option<()> {
        self.changes.changed().await.ok()
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}
