//! Commits groups of records, one after the other, until each is safe.
//!
//! A store that fails is asked again, ever more slowly; until it answers, nothing that relies on
//! it is told and the server says that it is not ready.

use std::{sync::Arc, time::Duration};

use bellwire_core::record::Record;
use tokio::sync::mpsc;

use super::group::Group;
use crate::{app::App, metrics::Stopwatch, store::Error};

const FIRST_REST: Duration = Duration::from_millis(50);
const LONGEST_REST: Duration = Duration::from_secs(2);

/// Starts the writer. It takes one group at a time and gives it back committed.
pub(super) fn start(app: &Arc<App>) -> (mpsc::Sender<Group>, mpsc::Receiver<Group>) {
    let (groups, mut to_write) = mpsc::channel::<Group>(1);
    let (written, done) = mpsc::channel(1);
    let app = app.clone();
    tokio::spawn(async move {
        while let Some(group) = to_write.recv().await {
            commit(&app, &group).await;
            if written.send(group).await.is_err() {
                return;
            }
        }
    });
    (groups, done)
}

async fn commit(app: &App, group: &Group) {
    if write(app, &group.records).await.is_ok() {
        return;
    }
    // One of them can never be stored. The others are not to suffer for it.
    for record in &group.records {
        if let Err(error) = write(app, std::slice::from_ref(record)).await {
            app.metrics.store_lost.inc();
            tracing::error!(%error, "a record contradicts what is stored and is left out");
        }
    }
}

/// Stores records, however long that takes. The error is one that asking again does not mend.
async fn write(app: &App, records: &[Record]) -> Result<(), Error> {
    let mut rest = FIRST_REST;
    loop {
        let watch = Stopwatch::start();
        match app.store.write(records).await {
            Ok(()) => {
                watch.stop(&app.metrics.store_write);
                if app.health.store_works() {
                    tracing::info!("the store works again");
                }
                return Ok(());
            }
            Err(error @ (Error::Conflict(_) | Error::Gap { .. })) => return Err(error),
            Err(error) => {
                app.metrics.store_failures.inc();
                if app.health.store_fails(&error) {
                    tracing::error!(%error, "the store fails: nothing is acknowledged until it works");
                }
                tokio::time::sleep(rest).await;
                rest = (rest * 2).min(LONGEST_REST);
            }
        }
    }
}
