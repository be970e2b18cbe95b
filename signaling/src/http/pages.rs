//! The pages: the desk, the widget's document, the loader, and the demo shop.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
};
use bellwire_proto::id::SiteKey;
use serde::Deserialize;

use super::{client::Client, policy};
use crate::{
    app::{App, SiteAnswer},
    origin::Origin,
    random,
};

/// What Trunk leaves in a document for the nonce of each answer.
const NONCE: &str = "{{__TRUNK NONCE__}}";

/// Where the widget's document says which pages it talks to.
const ORIGINS: &str = "bellwire-origins";

/// The desk, at every address below `/agent/` that is not a file.
pub(super) async fn desk(
    State(app): State<Arc<App>>,
    client: Client,
    request: HeaderMap,
    uri: Uri,
) -> Response {
    let path = uri.path().trim_start_matches('/');
    let is_document = path == "agent/" || path == "agent/index.html";
    if !is_document && let Some(file) = app.assets.get(path) {
        return file.answer(&request);
    }
    if !is_document
        && path
            .rsplit('/')
            .next()
            .is_some_and(|name| name.contains('.'))
    {
        return not_found();
    }
    let Some(document) = app.assets.get("agent/index.html").and_then(|f| f.text()) else {
        return not_built("desk");
    };
    let nonce = random::token();
    let mut response = html(document.replace(NONCE, &nonce));
    policy::desk(response.headers_mut(), &nonce, client.own.as_ref());
    response
}

/// Which site's widget.
#[derive(Debug, Deserialize)]
pub(super) struct WidgetOf {
    site: Option<String>,
}

/// The document that the loader frames in a site's page.
pub(super) async fn widget(
    State(app): State<Arc<App>>,
    client: Client,
    Query(of): Query<WidgetOf>,
) -> Response {
    let key = SiteKey(of.site.unwrap_or_default());
    let SiteAnswer::Allowed(site) = app.site(&key, None).await else {
        return sentence(
            StatusCode::NOT_FOUND,
            "There is no site with this key here. Please check data-site in the script tag.",
        );
    };
    let Some(document) = app.assets.get("widget/index.html").and_then(|f| f.text()) else {
        return not_built("contact panel");
    };
    let nonce = random::token();
    let document = document.replace(NONCE, &nonce);
    let mut response = html(with_origins(
        &document,
        client.own.iter().chain(&site.origins),
    ));
    let headers = response.headers_mut();
    policy::widget(headers, &nonce, client.own.as_ref(), &site.origins);
    response
}

/// A file of the widget: pages of any origin may load it, for frames in strict hosts.
pub(super) async fn widget_file(
    State(app): State<Arc<App>>,
    request: HeaderMap,
    Path(path): Path<String>,
) -> Response {
    let path = format!("widget/{path}");
    match app.assets.get(&path) {
        Some(file) if path != "widget/index.html" => {
            let mut response = file.answer(&request);
            policy::for_all_origins(response.headers_mut());
            response
        }
        Some(_) | None => not_found(),
    }
}

/// The loader, its parts, and the status for any page: scripts and modules for pages of all origins.
pub(super) async fn script(State(app): State<Arc<App>>, request: HeaderMap, uri: Uri) -> Response {
    let Some(file) = app.assets.get(uri.path().trim_start_matches('/')) else {
        return not_found();
    };
    let mut response = file.answer(&request);
    let headers = response.headers_mut();
    // Modules of another origin are loaded with CORS; there is nothing secret in them.
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    policy::for_all_origins(headers);
    response
}

/// Everything else: the demo shop, or the way to the desk.
pub(super) async fn other(
    State(app): State<Arc<App>>,
    client: Client,
    request: HeaderMap,
    uri: Uri,
) -> Response {
    let Some(site) = &app.demo else {
        return match uri.path() {
            "/" => Redirect::temporary("/agent/").into_response(),
            _ => not_found(),
        };
    };
    let (file, is_strict) = match uri.path() {
        "/strict" => ("strict.html".to_owned(), true),
        "/strict.css" => ("strict.css".to_owned(), false),
        path if path.ends_with('/') => (format!("demo{path}index.html"), false),
        path => (format!("demo{path}"), false),
    };
    let Some(found) = app.assets.get(&file) else {
        return not_found();
    };
    let (true, Some(text), Some(own)) = (file.ends_with(".html"), found.text(), &client.own) else {
        return found.answer(&request);
    };
    let page = text
        .replace("DEMO_SITE_KEY", &site.0)
        .replace("CENTRE", own.as_str());
    let mut response = html(page);
    if is_strict {
        policy::strict(response.headers_mut(), own);
    } else {
        policy::shop(response.headers_mut(), client.own.as_ref());
    }
    response
}

/// The document with the pages it may talk to. Minifying changes how a tag is written, so the
/// whole tag is replaced wherever it stands.
fn with_origins<'a>(document: &str, origins: impl Iterator<Item = &'a Origin>) -> String {
    let list: BTreeSet<&str> = origins.map(Origin::as_str).collect();
    let list: Vec<&str> = list.into_iter().collect();
    let tag = format!(r#"<meta name="{ORIGINS}" content="{}">"#, list.join(" "));
    let place = document.find(ORIGINS).and_then(|at| {
        let from = document[..at].rfind('<')?;
        let to = at + document[at..].find('>')? + 1;
        Some(from..to)
    });
    let mut document = document.to_owned();
    match place {
        Some(place) => document.replace_range(place, &tag),
        None => {
            let title = "</title>";
            let at = document.find(title).map_or(0, |at| at + title.len());
            document.insert_str(at, &tag);
        }
    }
    document
}

fn html(text: String) -> Response {
    let mut response = Body::from(text).into_response();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    response
}

fn not_built(what: &str) -> Response {
    sentence(
        StatusCode::SERVICE_UNAVAILABLE,
        &format!(
            "This server was built without the {what}. Run `make build` in the source folder, \
             then start target/release/bellwire."
        ),
    )
}

fn not_found() -> Response {
    sentence(
        StatusCode::NOT_FOUND,
        "There is nothing at this address. The desk is at /agent/.",
    )
}

/// A page that is one sentence of ours.
fn sentence(status: StatusCode, text: &str) -> Response {
    let mut response = html(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Bellwire</title>\
         <p>{text}</p></html>\n"
    ));
    *response.status_mut() = status;
    policy::sentence(response.headers_mut());
    policy::for_all_origins(response.headers_mut());
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widget_is_told_its_origins_however_the_tag_is_written() {
        let origin = Origin::parse("https://shop.example").expect("an origin");
        let told = r#"<meta name="bellwire-origins" content="https://shop.example">"#;
        let documents = [
            (
                r#"<title>W</title><meta name="bellwire-origins" content=""><p>"#,
                format!("<title>W</title>{told}<p>"),
            ),
            (
                "<title>W</title><meta content name=bellwire-origins><p>",
                format!("<title>W</title>{told}<p>"),
            ),
            ("<title>W</title><p>", format!("<title>W</title>{told}<p>")),
        ];
        for (document, expected) in documents {
            assert_eq!(with_origins(document, [&origin].into_iter()), expected);
        }
    }
}
