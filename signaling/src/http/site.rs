//! What a page's loader asks first: may this page show the launcher?
//!
//! The answer is a module, which a page may load under a strict policy that forbids it to fetch.
//! It holds public facts only, so every origin may read it, the refusal too.

use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::Ordering},
};

use axum::{
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use bellwire_proto::{id::SiteKey, setup::Collected, visitor::CentreView};
use serde::{Deserialize, Serialize};

use super::{client::Client, policy, status};
use crate::{
    app::{App, SiteAnswer},
    origin::Origin,
};

/// The longest key worth repeating to a page.
const LONGEST_KEY: usize = 64;

/// What the loader is told.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Answer {
    Allowed {
        ok: bool,
        /// The launcher's text, in the page's language where it was asked for; empty for a plain one.
        label: String,
        /// The launcher's colour, as CSS writes it.
        #[serde(skip_serializing_if = "Option::is_none")]
        color: Option<String>,
        /// The launcher's side.
        side: &'static str,
        /// Agents are there now.
        agents: bool,
        /// What is known of the centre before anything is known of the visitor.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<CentreView>,
        /// What is collected of a journey.
        collects: BTreeSet<Collected>,
        /// For how many days journeys are kept.
        keep_days: u16,
    },
    Refused {
        ok: bool,
        /// For the page's console.
        say: String,
    },
}

/// What a loader may say of its page.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    /// The page's language, a BCP 47 tag.
    #[serde(default)]
    language: String,
}

/// `GET /api/public/site/{KEY}.js`
pub(super) async fn module(
    State(app): State<Arc<App>>,
    client: Client,
    headers: HeaderMap,
    Path(file): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let language = asked.map(|Query(asked)| asked.language).unwrap_or_default();
    let key = SiteKey(file.strip_suffix(".js").unwrap_or(&file).to_owned());
    let answer = match page_origin(&client, &headers) {
        Some(origin) => answer(&app, &client, &key, &origin, &language).await,
        None => refused("the browser does not say from which page it asks".to_owned()),
    };
    if matches!(answer, Answer::Refused { .. }) {
        app.metrics.refused_origins.inc();
    }
    as_module(&client, &answer)
}

async fn answer(
    app: &App,
    client: &Client,
    key: &SiteKey,
    origin: &Origin,
    language: &str,
) -> Answer {
    let foreign = Some(origin).filter(|origin| client.own.as_ref() != Some(*origin));
    let site = match app.site(key, foreign).await {
        SiteAnswer::Allowed(site) => site,
        SiteAnswer::Unknown => {
            let shown: String = key.0.chars().take(LONGEST_KEY).collect();
            return refused(format!(
                "there is no site with the key \"{shown}\". Please check data-site in the script \
                 tag; `bellwire site list` shows the keys."
            ));
        }
        SiteAnswer::Foreign => {
            app.tags.refused(key, origin, app.clock.now());
            return refused(format!(
                "the site does not let pages of {origin} in, so no button is drawn. Whoever runs \
                 the server can change that: bellwire site allow {key} --origin {origin}"
            ));
        }
    };
    app.tags.saw(key, origin, app.clock.now());
    let site = &site.site;
    Answer::Allowed {
        ok: true,
        label: site.look.label.read(language).to_owned(),
        color: site.look.color.clone(),
        side: if site.look.left { "left" } else { "right" },
        agents: app.agents_there.load(Ordering::Relaxed),
        status: status::first_view(site, &app.public.now()),
        collects: site.collects.clone(),
        keep_days: site.keep_days,
    }
}

fn refused(why: String) -> Answer {
    Answer::Refused {
        ok: false,
        say: format!("Bellwire: {why}"),
    }
}

/// Where the asking page comes from. Browsers leave `Origin` out where page and server are one.
fn page_origin(client: &Client, headers: &HeaderMap) -> Option<Origin> {
    let same = headers
        .get("sec-fetch-site")
        .is_some_and(|site| site == "same-origin");
    match &client.origin {
        Some(origin) => Some(origin.clone()),
        None if same => client.own.clone(),
        None => {
            let referrer = headers.get(header::REFERER)?.to_str().ok()?;
            let (scheme, rest) = referrer.split_once("://")?;
            let host = rest.split(['/', '?', '#']).next()?;
            Origin::parse(&format!("{scheme}://{host}")).ok()
        }
    }
}

fn as_module(client: &Client, answer: &Answer) -> Response {
    let json = serde_json::to_string(answer).unwrap_or_else(|_| r#"{"ok":false}"#.to_owned());
    let mut response = format!("export default {json};\n").into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/javascript; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("origin"));
    let origin = client.origin.as_ref().map(Origin::as_str);
    if let Some(Ok(origin)) = origin.map(HeaderValue::from_str) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    policy::for_all_origins(headers);
    response
}
