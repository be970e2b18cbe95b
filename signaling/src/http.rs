//! Everything that is asked over HTTP, and who may ask it.

mod admin;
mod api;
pub(crate) mod assets;
pub(crate) mod client;
pub(crate) mod limits;
pub(crate) mod listen;
mod ops;
mod pages;
mod policy;
pub(crate) mod problem;
mod roles;
mod site;
mod sound;
mod status;
mod supervise;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    http::{StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post, put},
};

use self::problem::Problem;
pub(crate) use admin::Telephony;

use crate::{app::App, metrics, ws};

/// The largest body of a request.
const BODY_BYTES: usize = 16 * 1024;

/// The largest document that an administrator saves.
const DOCUMENT_BYTES: usize = 512 * 1024;

/// The largest set-up that an administrator imports.
const IMPORT_BYTES: usize = 2 * 1024 * 1024;

/// How long a request may take, its body included.
const PATIENCE: Duration = Duration::from_secs(20);

/// Every route of the server.
pub(crate) fn router(app: &Arc<App>) -> Router {
    let import = DefaultBodyLimit::max(IMPORT_BYTES);
    let admin = Router::new()
        .route("/admin/setup", get(admin::setup))
        .route("/admin/{kind}/{id}", put(admin::save).delete(admin::delete))
        .route("/admin/changes", get(admin::changes))
        .route("/admin/undo", post(admin::undo))
        .route("/admin/export", get(admin::export))
        .route("/admin/import", post(admin::import).layer(import))
        .route("/admin/try", post(admin::dry_run))
        .route("/admin/seen", get(admin::seen))
        .route("/admin/phones/live", get(admin::phones))
        .route("/admin/trunks/live", get(admin::trunks))
        .route("/admin/trunks/test", post(admin::test_call))
        .layer(DefaultBodyLimit::max(DOCUMENT_BYTES));
    let supervise = Router::new()
        .route("/supervise/contacts", get(supervise::contacts))
        .route("/supervise/contacts/{id}", get(supervise::contact))
        .route("/supervise/invitations", get(supervise::invitations))
        .route("/supervise/waits", get(supervise::waits));
    let api = Router::new()
        .merge(admin)
        .merge(supervise)
        .route("/login", post(api::login))
        .route("/logout", post(api::logout))
        .route("/me", get(api::me))
        .route("/agent/ticket", post(api::ticket))
        .route("/public/site/{file}", get(site::module))
        .route("/public/status/{key}", get(status::now))
        .route("/public/status/{key}/events", get(status::events))
        .route("/public/sound/{key}/waiting.ogg", get(sound::waiting))
        .route("/openapi.json", get(api::description))
        .fallback(api::unknown)
        .layer(from_fn_with_state(app.clone(), api::paced));
    Router::new()
        .nest("/api", api)
        .route("/ws/visitor", get(ws::visitor))
        .route("/ws/agent", get(ws::agent))
        .route("/healthz", get(ops::healthz))
        .route("/readyz", get(ops::readyz))
        .route("/metrics", get(ops::metrics))
        .route("/bellwire.js", get(pages::script))
        .route("/live.js", get(pages::script))
        .route("/face.js", get(pages::script))
        .route("/status.js", get(pages::script))
        .route("/widget", get(|| async { Redirect::permanent("/widget/") }))
        .route("/widget/", get(pages::widget))
        .route("/widget/{*path}", get(pages::widget_file))
        .route("/agent", get(|| async { Redirect::permanent("/agent/") }))
        .route("/agent/", get(pages::desk))
        .route("/agent/{*path}", get(pages::desk))
        .fallback_service(get(pages::other).with_state(app.clone()))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(from_fn_with_state(app.clone(), around))
        .with_state(app.clone())
}

/// What goes around every request: a limit of time, headers, and the count.
async fn around(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("other", MatchedPath::as_str)
        .to_owned();
    let mut response = match tokio::time::timeout(PATIENCE, next.run(request)).await {
        Ok(response) => response,
        Err(_late) => Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            "too_slow",
            "The request took too long. Please try again.",
        )
        .into_response(),
    };
    policy::everywhere(response.headers_mut());
    let status = response.status().as_u16();
    tracing::debug!(route, status, "a request was answered");
    app.metrics
        .requests
        .get_or_create(&metrics::Request { route, status })
        .inc();
    // A browser that goes away must not keep a connection that is to close.
    if app.stop.is_cancelled() {
        let close = header::HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}
