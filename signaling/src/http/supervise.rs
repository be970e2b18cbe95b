//! `/api/supervise`: what happened, and why, for supervisors and administrators.

use std::sync::{Arc, PoisonError};

use axum::{
    extract::{Path, Query, State, rejection::QueryRejection},
    response::Response,
};
use bellwire_proto::{id::InteractionId, time::Timestamp};
use serde::Deserialize;

use super::{api::answer, problem::Problem, roles::Supervisor};
use crate::app::App;

/// How many contacts are one page.
const PAGE: u32 = 50;

/// Which page of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Before<T> {
    pub(super) before: Option<T>,
}

/// `GET /api/supervise/contacts`
pub(super) async fn contacts(
    State(app): State<Arc<App>>,
    _role: Supervisor,
    query: Result<Query<Before<Timestamp>>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(Before { before }) = query.map_err(|error| bad_query(&error))?;
    Ok(answer(&app.store.contacts(before, PAGE).await?))
}

/// `GET /api/supervise/contacts/{id}`
pub(super) async fn contact(
    State(app): State<Arc<App>>,
    _role: Supervisor,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let Ok(id) = id.parse::<InteractionId>() else {
        return Err(Problem::not_found("contact"));
    };
    match app.store.contact(id).await? {
        Some(contact) => Ok(answer(&contact)),
        None => Err(Problem::not_found("contact")),
    }
}

/// `GET /api/supervise/invitations`
pub(super) async fn invitations(
    State(app): State<Arc<App>>,
    _role: Supervisor,
) -> Result<Response, Problem> {
    Ok(answer(&app.store.invitation_counts().await?))
}

/// `GET /api/supervise/waits`
pub(super) async fn waits(State(app): State<Arc<App>>, _role: Supervisor) -> Response {
    let waits = app.waits.lock().unwrap_or_else(PoisonError::into_inner);
    answer(&*waits)
}

/// What is behind the question mark cannot be read.
pub(super) fn bad_query(error: &QueryRejection) -> Problem {
    Problem::new(
        error.status(),
        "bad_query",
        "The address is not complete, or not of the right form: /api/openapi.json describes it.",
    )
}
