//! What goes on beside the centre: whether an administrator changed the centre, and whether the
//! desks' sign-ins are good still.

use std::{sync::Arc, thread, time::Duration};

use tokio::time::{MissedTickBehavior, interval};

use crate::app::App;

/// How soon a change of the set-up counts. Another process may make it: `bellwire site allow …`.
const SETUP: Duration = Duration::from_secs(2);

/// How soon a desk whose sign-in ended is closed.
const LOGINS: Duration = Duration::from_secs(60);

/// Starts looking, until the server stops.
pub(super) fn start(app: &Arc<App>) {
    tokio::spawn(until_stop(app.clone(), follow_setup(app.clone())));
    tokio::spawn(until_stop(app.clone(), check_logins(app.clone())));
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
        for login in app.desks.logins() {
            match app.auth.still_signed_in(&login, app.clock.now()).await {
                Ok(true) => {}
                Ok(false) => app.desks.sign_out(&login),
                // A store that fails signs nobody out.
                Err(error) => tracing::warn!(%error, "a sign-in could not be checked"),
            }
        }
    }
}
