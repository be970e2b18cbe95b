//! The demo shop's site.

use std::net::SocketAddr;

use bellwire_proto::{
    id::SiteKey,
    setup::{Entry, Queue},
    time::Timestamp,
};

use super::{ACTOR, shop};
use crate::{
    origin::Origin,
    store::{Error, Store},
};

/// The demo site's key, as the demo shop's pages have it.
pub const DEMO_SITE: &str = "demo";

/// Under what the store keeps the origins that were allowed by the start before.
const KEPT: &str = "demo_origins";

/// Makes the demo's site and what goes with it, and lets this server's own pages use it.
///
/// On whatever port it listens now, and no longer on the port it had before. Origins that somebody
/// added stay.
///
/// # Errors
///
/// What the database says.
pub async fn demo_site(
    store: &Store,
    bound: SocketAddr,
    public_url: Option<&Origin>,
    now: Timestamp,
) -> Result<SiteKey, Error> {
    let key = SiteKey(DEMO_SITE.to_owned());
    let wanted = own_origins(bound, public_url)?;
    let site = store.site(&key).await?;
    let mut change = store.change(ACTOR, now).await?;
    let before: Vec<Origin> = match change.kept(KEPT).await? {
        Some(text) => text.split(' ').flat_map(Origin::parse).collect(),
        None => Vec::new(),
    };
    match &site {
        None => {
            shop::add(&mut change, &key, &wanted, now).await?;
        }
        Some(site) if before == wanted && wanted.iter().all(|o| site.origins.contains(o)) => {
            return Ok(key);
        }
        Some(site) => {
            for origin in before.iter().filter(|o| site.origins.contains(o)) {
                change.refuse(&key, origin).await?;
            }
            for origin in &wanted {
                change.allow(&key, origin).await?;
            }
        }
    }
    let kept: Vec<&str> = wanted.iter().map(Origin::as_str).collect();
    change.keep(KEPT, &kept.join(" ")).await?;
    change.commit().await?;
    Ok(key)
}

fn own_origins(bound: SocketAddr, public_url: Option<&Origin>) -> Result<Vec<Origin>, Error> {
    let port = bound.port();
    let mut origins = Vec::new();
    for host in ["127.0.0.1", "localhost"] {
        let origin = Origin::parse(&format!("http://{host}:{port}"));
        origins.push(origin.map_err(|error| Error::Unreadable {
            what: "the server's own origin",
            why: error.to_string(),
        })?);
    }
    origins.extend(public_url.cloned());
    Ok(origins)
}

/// The ways into `queues`: by the page's language where a queue needs one, else into `general`.
pub(crate) fn entries_with(queues: &[Queue], general: Option<&Queue>) -> Vec<Entry> {
    let by_language = queues.iter().filter(|queue| queue.language.is_some());
    let general = general.map(|queue| Entry::into_queue(None, queue.id));
    by_language
        .map(|queue| Entry::into_queue(queue.language.as_deref(), queue.id))
        .chain(general)
        .collect()
}
