//! A trunk's task: does what `standing` says, and brings back what became of it.

use std::{sync::Arc, time::Duration};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{
    END, Entry,
    standing::{Now, Outcome, Step},
    talk::{self, Talk},
};
use crate::{
    settings::Trunk,
    shared::{Shared, lock},
};

/// A trunk's task.
pub(super) struct Keeper {
    pub(super) shared: Arc<Shared>,
    pub(super) trunk: Trunk,
    pub(super) wake: Arc<Notify>,
    pub(super) end: CancellationToken,
}

impl Keeper {
    /// Until the trunk ends.
    pub(super) async fn keep(self) {
        let mut talk = Talk::new(&self.shared);
        while let Some(step) = self.look(|entry, now| entry.standing.next(now)) {
            let outcome = tokio::select! {
                biased;
                () = self.shared.stop.cancelled() => return,
                () = self.end.cancelled() => break,
                outcome = self.take(step, &mut talk) => outcome,
            };
            if let Some(outcome) = outcome {
                self.look(|entry, now| {
                    if outcome.is_silence() {
                        entry.place.shun(now.ms);
                    }
                    entry.standing.apply(now, outcome);
                });
            }
        }
        if talk.is_registered() {
            let over = talk.register(&self.shared, &self.trunk, 0);
            // Nobody waits for a trunk that is gone: it runs out by itself.
            let _ = tokio::time::timeout(END, over).await;
        }
    }

    async fn take(&self, step: Step, talk: &mut Talk) -> Option<Outcome> {
        match step {
            Step::Register { expires_s } => {
                Some(talk.register(&self.shared, &self.trunk, expires_s).await)
            }
            Step::Options => Some(talk.options(&self.shared, &self.trunk).await),
            Step::Resolve => Some(talk::resolve(&self.shared, &self.trunk).await),
            Step::Wait { ms } => {
                let wait = Duration::from_millis(ms);
                tokio::select! {
                    () = self.wake.notified() => {}
                    () = tokio::time::sleep(wait) => {}
                }
                None
            }
        }
    }

    /// Does something with the entry, as long as it is this task's, and tells what changed.
    fn look<T>(&self, what: impl FnOnce(&mut Entry, Now) -> T) -> Option<T> {
        let mut all = lock(&self.shared.trunks);
        if self.end.is_cancelled() {
            return None;
        }
        let now = all.now(&self.shared);
        let entry = all.entries.get_mut(&self.trunk.id)?;
        let result = what(entry, now);
        entry.tell(&self.shared);
        Some(result)
    }
}
