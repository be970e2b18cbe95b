//! For whoever runs the server: is it alive, is it ready, what does it do.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use super::client::Client;
use crate::app::App;

/// How long the store may take to show that it answers.
const PATIENCE: Duration = Duration::from_secs(2);

/// The process is alive.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// The server can do its work, or why it cannot.
pub(super) async fn readyz(State(app): State<Arc<App>>) -> Response {
    let trouble = match app.health.trouble() {
        Some(trouble) => Some(trouble),
        None => match tokio::time::timeout(PATIENCE, app.store.ping()).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_late) => Some("the database does not answer".to_owned()),
        },
    };
    match trouble {
        None => "ready\n".into_response(),
        Some(trouble) => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("not ready: {trouble}\n"),
        )
            .into_response(),
    }
}

/// What is counted, for this network only: it tells how busy the centre is.
pub(super) async fn metrics(State(app): State<Arc<App>>, client: Client) -> Response {
    if !client.is_certain || !is_near(client.address) {
        return (
            StatusCode::FORBIDDEN,
            "The metrics are shown on this machine and in its private network only.\n",
        )
            .into_response();
    }
    if let Some(telephony) = app.telephony.get() {
        app.metrics.telephony.show(&telephony.seen());
    }
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], app.metrics.text()).into_response()
}

fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}
