//! How phones and trunks stand now, and calls to try a trunk by. What is asked is known elsewhere;
//! here it is only handed on.

use std::sync::Arc;

use axum::{body::Bytes, extract::State, http::StatusCode, response::Response};
use bellwire_proto::admin::{PhoneLine, TestCall, TestCallResult, TrunkLine};
use futures_util::future::BoxFuture;

use super::refused::{Refused, read};
use crate::{
    app::App,
    http::{
        api::{OwnPage, answer},
        problem::Problem,
        roles::Administrator,
    },
    metrics::telephony::Seen,
};

/// The most characters of a number that somebody wants to try.
const LONGEST: usize = 32;

/// What administrators see of telephones, and do with them.
pub(crate) trait Telephony: Send + Sync {
    /// Every phone of the set-up, with where it is reached.
    fn phone_lines(&self) -> Vec<PhoneLine>;

    /// Every trunk of the set-up, with how it stands.
    fn trunk_lines(&self) -> Vec<TrunkLine>;

    /// How telephones stand, for the metrics.
    fn seen(&self) -> Seen;

    /// Dials a number over one trunk and hangs up as soon as it is known what came of it, after 15 s
    /// at the latest. Dropped before that, it hangs up too.
    fn test_call<'a>(&'a self, test: TestCall) -> BoxFuture<'a, TestCallResult>;
}

/// `GET /api/admin/phones/live`
pub(in crate::http) async fn phones(
    State(app): State<Arc<App>>,
    _role: Administrator,
) -> Result<Response, Problem> {
    Ok(answer(&telephony(&app)?.phone_lines()))
}

/// `GET /api/admin/trunks/live`
pub(in crate::http) async fn trunks(
    State(app): State<Arc<App>>,
    _role: Administrator,
) -> Result<Response, Problem> {
    Ok(answer(&telephony(&app)?.trunk_lines()))
}

/// `POST /api/admin/trunks/test`
pub(in crate::http) async fn test_call(
    State(app): State<Arc<App>>,
    _page: OwnPage,
    Administrator(by): Administrator,
    body: Bytes,
) -> Result<Response, Refused> {
    let test: TestCall = read(&body)?;
    if test.number.len() > LONGEST || test.number.chars().any(char::is_control) {
        return Err(Refused::invalid(
            "This is no telephone number. Write + and digits, like +34910000001.",
        ));
    }
    let telephony = telephony(&app)?;
    let setup = app.store.current().await?.setup;
    let Some(trunk) = setup.trunks.iter().find(|trunk| trunk.id == test.trunk) else {
        return Err(Problem::not_found("trunk").into());
    };
    // It may cost money: who wanted it is kept before it is done.
    let object = format!("{}: {}", trunk.name, test.number);
    (app.store
        .audit(&by.user, "trunk.test", &object, app.clock.now()))
    .await?;
    Ok(answer(&telephony.test_call(test).await))
}

fn telephony(app: &App) -> Result<&dyn Telephony, Problem> {
    let off = || {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "telephony_off",
            "This server serves no telephones. What is set up for them is kept until one does.",
        )
    };
    app.telephony.get().map(AsRef::as_ref).ok_or_else(off)
}
