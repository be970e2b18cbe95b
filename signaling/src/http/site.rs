//! What a page's loader asks first: may this page show the launcher?
//!
//! The answer is a module, which a page may load under a strict policy that forbids it to fetch.
//! It holds public facts only, so every origin may read it, the refusal too.

use std::sync::{Arc, atomic::Ordering};

use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use bellwire_proto::id::SiteKey;
use serde::Serialize;

use super::{client::Client, policy};
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
        /// The launcher's text.
        label: &'static str,
        /// Agents are there now.
        agents: bool,
    },
    Refused {
        ok: bool,
        /// For the page's console.
        say: String,
    },
}

/// `GET /api/public/site/{KEY}.js`
pub(super) async fn module(
    State(app): State<Arc<App>>,
    client: Client,
    headers: HeaderMap,
    Path(file): Path<String>,
) -> Response {
    let key = SiteKey(file.strip_suffix(".js").unwrap_or(&file).to_owned());
    let answer = match page_origin(&client, &headers) {
        Some(origin) => answer(&app, &client, &key, &origin).await,
        None => refused("the browser does not say from which page it asks".to_owned()),
    };
    if matches!(answer, Answer::Refused { .. }) {
        app.metrics.refused_origins.inc();
    }
    as_module(&client, &answer)
}

async fn answer(app: &App, client: &Client, key: &SiteKey, origin: &Origin) -> Answer {
    let foreign = Some(origin).filter(|origin| client.own.as_ref() != Some(*origin));
    match app.site(key, foreign).await {
        SiteAnswer::Allowed(_) => {}
        SiteAnswer::Unknown => {
            let shown: String = key.0.chars().take(LONGEST_KEY).collect();
            return refused(format!(
                "there is no site with the key \"{shown}\". Please check data-site in the script \
                 tag; `bellwire site list` shows the keys."
            ));
        }
        SiteAnswer::Foreign => {
            return refused(format!(
                "the site does not let pages of {origin} in, so no button is drawn. Whoever runs \
                 the server can change that: bellwire site allow {key} --origin {origin}"
            ));
        }
    }
    Answer::Allowed {
        ok: true,
        label: "Contact us",
        agents: app.agents_there.load(Ordering::Relaxed),
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
