//! The centre's status for everybody: as data, and as server-sent events (HTML, section 9.2) that
//! follow each change. Public facts of queues, never of people; every origin may read them.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use bellwire_proto::{
    id::SiteKey,
    setup::{Destination, Site},
    time::Timestamp,
    visitor::{CentreView, Wait},
};
use futures_util::{Stream, stream};
use serde::Serialize;

use super::{policy, problem::Problem};
use crate::{
    app::{App, SiteAnswer},
    public::{Listening, PublicStatus},
};

/// How often a quiet stream says that it is still there: proxies close silent ones.
const STILL_HERE: Duration = Duration::from_secs(20);

/// A site's status.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct SiteStatus {
    site: SiteKey,
    /// Any of its queues is open.
    open: bool,
    /// When the first of them opens again, in milliseconds since 1970, where none is open.
    opens: Option<Timestamp>,
    queues: Vec<QueueLine>,
}

/// A queue's status.
#[derive(Debug, PartialEq, Serialize)]
struct QueueLine {
    name: String,
    open: bool,
    opens: Option<Timestamp>,
    call_agents: u32,
    chat_agents: u32,
    waiting: u32,
    call_wait: Option<Wait>,
    chat_wait: Option<Wait>,
}

impl From<&CentreView> for QueueLine {
    fn from(view: &CentreView) -> Self {
        Self {
            name: view.topic.clone(),
            open: view.open,
            opens: view.opens,
            call_agents: view.call_agents,
            chat_agents: view.chat_agents,
            waiting: view.waiting,
            call_wait: view.call_wait,
            chat_wait: view.chat_wait,
        }
    }
}

/// The status of the queues that the site's entries lead to, each once, in the order of the entries.
fn status_of(site: &Site, status: &PublicStatus) -> SiteStatus {
    let mut seen = vec![];
    for entry in &site.entries {
        if let Destination::Queue(queue) = &entry.to
            && !seen.contains(queue)
        {
            seen.push(*queue);
        }
    }
    let queues: Vec<QueueLine> = (seen.iter())
        .filter_map(|queue| status.of(*queue))
        .map(QueueLine::from)
        .collect();
    let open = queues.iter().any(|queue| queue.open);
    SiteStatus {
        site: site.key.clone(),
        open,
        opens: (queues.iter().filter_map(|queue| queue.opens).min()).filter(|_| !open),
        queues,
    }
}

/// The status for a visitor of whom nothing is known: that of the site's last entry into a queue.
pub(super) fn first_view(site: &Site, status: &PublicStatus) -> Option<CentreView> {
    let queue = site
        .entries
        .iter()
        .rev()
        .find_map(|entry| match &entry.to {
            Destination::Queue(queue) => Some(*queue),
            Destination::Menu(_) | Destination::Page { .. } | Destination::Link { .. } => None,
        })?;
    status.of(queue).cloned()
}

/// `GET /api/public/status/{KEY}`
pub(super) async fn now(
    State(app): State<Arc<App>>,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    let site = site(&app, key).await?;
    let body = status_of(&site.site, &app.public.now());
    Ok(open_to_all(super::api::answer(&body)))
}

/// `GET /api/public/status/{KEY}/events`
pub(super) async fn events(
    State(app): State<Arc<App>>,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    let site = site(&app, key).await?;
    let Some(listening) = app.public.listen() else {
        return Err(Problem::busy(
            "Too many pages follow the status just now. Please ask for it from time to time instead."
                .to_owned(),
        ));
    };
    let stream = Sse::new(changes(app, site.key.clone(), listening))
        .keep_alive(KeepAlive::new().interval(STILL_HERE));
    Ok(open_to_all(stream.into_response()))
}

/// What a stream has told last.
struct Told {
    app: Arc<App>,
    site: SiteKey,
    listening: Listening,
    last: Option<SiteStatus>,
}

/// The status now, and whenever it is another one, until the server stops or the site is gone.
fn changes(
    app: Arc<App>,
    site: SiteKey,
    listening: Listening,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let told = Told {
        app,
        site,
        listening,
        last: None,
    };
    stream::unfold(told, |mut told| async move {
        loop {
            if told.last.is_some() {
                let stop = told.app.stop.clone();
                tokio::select! {
                    () = stop.cancelled() => return None,
                    changed = told.listening.changed() => changed?,
                }
            }
            let SiteAnswer::Allowed(site) = told.app.site(&told.site, None).await else {
                return None;
            };
            let status = status_of(&site.site, &told.app.public.now());
            if told.last.as_ref() == Some(&status) {
                continue;
            }
            let data = serde_json::to_string(&status).ok()?;
            told.last = Some(status);
            return Some((Ok(Event::default().event("status").data(data)), told));
        }
    })
}

async fn site(app: &App, key: String) -> Result<Arc<crate::store::SiteRow>, Problem> {
    match app.site(&SiteKey(key), None).await {
        SiteAnswer::Allowed(site) => Ok(site),
        SiteAnswer::Unknown | SiteAnswer::Foreign => Err(Problem::not_found("site")),
    }
}

fn open_to_all(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    policy::for_all_origins(headers);
    response
}
