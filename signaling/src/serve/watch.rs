//! What goes on beside the centre: whether an administrator changed the centre, whether the desks'
//! sign-ins are good still, what is to be stored now and then, and what is to be forgotten.

use std::{sync::Arc, thread, time::Duration};

use tokio::time::{MissedTickBehavior, interval};

use crate::app::App;

/// How soon a change of the set-up counts. Another process may make it: `bellwire site allow …`.
const SETUP: Duration = Duration::from_secs(2);

/// How soon a desk whose sign-in ended is closed.
const LOGINS: Duration = Duration::from_secs(60);

/// How often it is stored where tags were seen.
const TAGS: Duration = Duration::from_secs(60);

/// How often what was kept long enough is deleted.
const RETENTION: Duration = Duration::from_secs(60 * 60);

/// Starts looking, until the server stops.
pub(super) fn start(app: &Arc<App>) {
    tokio::spawn(until_stop(app.clone(), follow_setup(app.clone())));
    tokio::spawn(until_stop(app.clone(), check_logins(app.clone())));
    tokio::spawn(until_stop(app.clone(), keep_tags(app.clone())));
    tokio::spawn(until_stop(app.clone(), forget_old(app.clone())));
    compress(app.clone());
}

/// Compresses what is served, where that is a matter of a second: not without optimisation. On a
/// plain thread, which keeps nobody waiting when the process ends.
fn compress(app: Arc<App>) {
    if cfg!(debug_assertions) {
        return;
    }
    let work = move || app.assets.compress(&app.stop);
    let started = thread::Builder::new()
        .name("compress".to_owned())
        .spawn(work);
    if let Err(error) = started {
        tracing::warn!(%error, "the web apps go out uncompressed");
    }
}

async fn until_stop(app: Arc<App>, work: impl Future<Output = ()>) {
    tokio::select! {
        () = app.stop.cancelled() => {}
        () = work => {}
    }
}

async fn follow_setup(app: Arc<App>) {
    let mut tick = interval(SETUP);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        app.follow_setup().await;
    }
}

async fn check_logins(app: Arc<App>) {
    let mut tick = interval(LOGINS);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        app.check_desks().await;
    }
}

async fn keep_tags(app: Arc<App>) {
    let mut tick = interval(TAGS);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        app.keep_tags().await;
    }
}

async fn forget_old(app: Arc<App>) {
    let mut tick = interval(RETENTION);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        match app.store.forget_old(app.clock.now()).await {
            Ok(0) => {}
            Ok(gone) => tracing::info!(gone, "journeys were kept long enough and are deleted"),
            Err(error) => tracing::warn!(%error, "old journeys could not be deleted"),
        }
    }
}
