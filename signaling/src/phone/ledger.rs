//! What is dialled into the telephone network: whether it may be, and what is kept of it.

use std::{sync::Arc, time::Duration};

use bellwire_core::dialling::{LATELY, Made, NotDialled, is_used_up, judge};
use bellwire_proto::time::Timestamp;
use tokio::runtime::Handle;

use super::{Phones, lock};
use crate::{
    app::App,
    store::{self, Dialled},
};

/// How often a call is looked at: so much it may cost more than it may.
const LOOK: Duration = Duration::from_secs(1);

/// The calls of the last day, and those that run.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    made: Vec<(u64, Made)>,
    next: u64,
}

impl Ledger {
    /// As it was before the server started.
    pub(super) async fn restore(app: &App) -> Result<Self, store::Error> {
        let mut ledger = Self::default();
        for row in app.store.dialled_since(app.clock.now() - LATELY).await? {
            ledger.add(Made {
                at: row.at,
                number: row.number,
                visitor: row.visitor,
                took: Some(Duration::from_secs(row.seconds)),
            });
        }
        Ok(ledger)
    }

    fn made(&self) -> impl Iterator<Item = &Made> + Clone {
        self.made.iter().map(|(_, made)| made)
    }

    fn add(&mut self, made: Made) -> u64 {
        self.next += 1;
        self.made.push((self.next, made));
        self.next
    }
}

/// A call into the network that runs. Dropped it is over, and stored: it counts for a day, also after a restart.
pub(super) struct Entry {
    phones: Arc<Phones>,
    id: u64,
    number: String,
    visitor: Option<String>,
    trunk: Option<String>,
    at: Timestamp,
    outcome: &'static str,
}

impl Phones {
    /// Whether this may be dialled now; it counts from then on.
    pub(super) fn may_dial(
        self: &Arc<Self>,
        number: &str,
        visitor: Option<&str>,
    ) -> Result<Entry, NotDialled> {
        let now = self.app.clock.now();
        let directory = self.directory();
        let mut ledger = lock(&self.ledger);
        ledger
            .made
            .retain(|(_, made)| made.took.is_none() || now.since(made.at) < LATELY);
        judge(&directory.limits, ledger.made(), number, visitor, now)?;
        let visitor = visitor.map(str::to_owned);
        let id = ledger.add(Made {
            at: now,
            number: number.to_owned(),
            visitor: visitor.clone(),
            took: None,
        });
        drop(ledger);
        Ok(Entry {
            phones: self.clone(),
            id,
            number: number.to_owned(),
            visitor,
            trunk: None,
            at: now,
            outcome: "not answered",
        })
    }

    /// Waits until the day's minutes are used up.
    pub(super) async fn minutes_end(&self) {
        let mut tick = tokio::time::interval(LOOK);
        loop {
            tick.tick().await;
            let directory = self.directory();
            let now = self.app.clock.now();
            if is_used_up(&directory.limits, lock(&self.ledger).made(), now) {
                return;
            }
        }
    }
}

impl Entry {
    /// Over which trunk it goes.
    pub(super) fn over(&mut self, trunk: String) {
        self.trunk = Some(trunk);
    }

    /// What became of it, in a word.
    pub(super) fn became(&mut self, outcome: &'static str) {
        self.outcome = outcome;
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let took = self.phones.app.clock.now().since(self.at);
        let mut ledger = lock(&self.phones.ledger);
        if let Some((_, made)) = ledger.made.iter_mut().find(|(id, _)| *id == self.id) {
            made.took = Some(took);
        }
        drop(ledger);
        let row = Dialled {
            at: self.at,
            number: std::mem::take(&mut self.number),
            visitor: self.visitor.take(),
            trunk: self.trunk.take(),
            seconds: (took.as_millis().div_ceil(1000))
                .try_into()
                .unwrap_or(u64::MAX),
            outcome: self.outcome.to_owned(),
        };
        let phones = self.phones.clone();
        let store = async move {
            if let Err(error) = phones.app.store.add_dialled(&row).await {
                tracing::warn!(%error, "a call into the telephone network could not be stored");
            }
        };
        // The server may end in this moment.
        if Handle::try_current().is_ok() {
            self.phones.tasks.spawn(store);
        }
    }
}
