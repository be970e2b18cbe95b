//! What the legs know of each other.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::{mpsc, oneshot};

use super::{
    RtpengineSettings,
    control::{Control, random},
    music::Reels,
    words::Sound,
};
use crate::anchor::{Counts, Described, Hears, Kind, LegId, MediaError, Want};

/// Who waits for what came of an order.
pub(super) type Reply<T> = oneshot::Sender<Result<T, MediaError>>;

/// What a leg is told to do.
#[derive(Debug)]
pub(super) enum Order {
    Offer(Want, Reply<String>),
    Answered(String, Reply<Described>),
    Answer(String, Want, Reply<(String, Described)>),
    Rollback,
    Hear(Hears),
    Mute(bool),
    Press(String),
    /// Who is heard has negotiated, or is gone.
    Changed(LegId),
    /// The far end pressed a key.
    Pressed(char),
    /// The far end of who is heard pressed a key.
    HeardPress(LegId, char),
    Close,
}

/// How others hear a leg.
#[derive(Clone, Debug)]
pub(super) struct Face {
    /// The name of its call.
    pub(super) call: String,
    pub(super) sound: Sound,
    pub(super) turn: Turn,
}

/// Held while a call is given orders that belong together: an offer and its answer.
pub(super) type Turn = Arc<tokio::sync::Mutex<()>>;

#[derive(Debug)]
struct Entry {
    orders: mpsc::UnboundedSender<Order>,
    kind: Kind,
    face: Option<Face>,
    listeners: HashSet<LegId>,
    transcoded: bool,
}

/// What all legs share.
#[derive(Debug)]
pub(super) struct Hub {
    pub(super) control: Control,
    pub(super) settings: RtpengineSettings,
    pub(super) reels: Reels,
    /// Our own among those who use the daemon; nobody can guess it.
    instance: u64,
    next: AtomicU64,
    legs: Mutex<HashMap<LegId, Entry>>,
}

impl Hub {
    pub(super) fn new(control: Control, settings: RtpengineSettings) -> Self {
        Self {
            control,
            settings,
            reels: Reels::default(),
            instance: random(),
            next: AtomicU64::new(1),
            legs: Mutex::default(),
        }
    }

    fn legs(&self) -> MutexGuard<'_, HashMap<LegId, Entry>> {
        self.legs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The name of a leg's call.
    pub(super) fn call(&self, leg: LegId) -> String {
        format!("bellwire-{:016x}-{}", self.instance, leg.0)
    }

    /// Whose call this is.
    pub(super) fn leg(&self, call: &str) -> Option<LegId> {
        let own = format!("bellwire-{:016x}-", self.instance);
        call.strip_prefix(&own)?.parse().ok().map(LegId)
    }

    pub(super) fn open(&self, kind: Kind, orders: mpsc::UnboundedSender<Order>) -> LegId {
        let id = LegId(self.next.fetch_add(1, Ordering::Relaxed));
        let entry = Entry {
            orders,
            kind,
            face: None,
            listeners: HashSet::new(),
            transcoded: false,
        };
        self.legs().insert(id, entry);
        id
    }

    /// Gives an order; `false` where there is no such leg.
    pub(super) fn give(&self, leg: LegId, order: Order) -> bool {
        let legs = self.legs();
        let orders = legs.get(&leg).map(|entry| entry.orders.clone());
        drop(legs);
        orders.is_some_and(|orders| orders.send(order).is_ok())
    }

    /// From now on the leg is gone for everybody.
    pub(super) fn close(&self, leg: LegId) {
        let entry = self.legs().remove(&leg);
        if let Some(entry) = entry {
            // It ends itself, and has ended where this fails.
            let _ = entry.orders.send(Order::Close);
            for listener in entry.listeners {
                self.give(listener, Order::Changed(leg));
            }
        }
    }

    pub(super) fn close_all(&self) {
        let all: Vec<_> = self.legs().drain().collect();
        for (_, entry) in all {
            let _ = entry.orders.send(Order::Close);
        }
    }

    /// How a leg is heard; `None` where it has not negotiated or is gone.
    pub(super) fn face(&self, leg: LegId) -> Option<Face> {
        self.legs().get(&leg)?.face.clone()
    }

    /// A leg has negotiated: its listeners are told.
    pub(super) fn publish(&self, leg: LegId, face: Face) {
        let mut legs = self.legs();
        let Some(entry) = legs.get_mut(&leg) else {
            return;
        };
        entry.face = Some(face);
        let listeners = entry.listeners.clone();
        drop(legs);
        for listener in listeners {
            self.give(listener, Order::Changed(leg));
        }
    }

    /// A leg hears another one from now on, or nobody.
    pub(super) fn listen(&self, listener: LegId, before: Option<LegId>, now: Option<LegId>) {
        let mut legs = self.legs();
        if let Some(entry) = before.and_then(|source| legs.get_mut(&source)) {
            entry.listeners.remove(&listener);
        }
        if let Some(entry) = now.and_then(|source| legs.get_mut(&source)) {
            entry.listeners.insert(listener);
        }
    }

    pub(super) fn set_transcoded(&self, leg: LegId, transcoded: bool) {
        if let Some(entry) = self.legs().get_mut(&leg) {
            entry.transcoded = transcoded;
        }
    }

    /// A key was pressed at the far end: those who hear it may have to be told apart.
    pub(super) fn pressed(&self, leg: LegId, key: char) {
        let legs = self.legs();
        let Some(entry) = legs.get(&leg) else {
            return;
        };
        let listeners = entry.listeners.clone();
        drop(legs);
        for listener in listeners {
            self.give(listener, Order::HeardPress(leg, key));
        }
    }

    pub(super) fn counts(&self) -> Counts {
        let legs = self.legs();
        let browsers = (legs.values())
            .filter(|entry| entry.kind == Kind::Browser)
            .count();
        Counts {
            browsers,
            telephones: legs.len() - browsers,
            transcoded: legs.values().filter(|entry| entry.transcoded).count(),
        }
    }
}
