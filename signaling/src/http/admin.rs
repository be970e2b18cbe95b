//! `/api/admin`: how the centre is set up, for administrators.
//!
//! A change names the version that its page showed; where another one came in between, it is
//! refused. Before anything is stored the whole set-up is looked at as it would be.

mod dry_run;
mod import;
mod judge;
mod password;
mod refused;
mod save;
mod telephony;

use std::sync::Arc;

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::Response,
};

pub(super) use dry_run::dry_run;
pub(super) use import::{export, import};
pub(super) use save::{delete, save, undo};
pub(crate) use telephony::Telephony;
pub(super) use telephony::{phones, test_call, trunks};

use super::{
    api::answer,
    problem::Problem,
    roles::Administrator,
    supervise::{Before, bad_query},
};
use crate::app::App;

/// How many changes are one page.
const PAGE: u32 = 50;

/// `GET /api/admin/setup`
pub(super) async fn setup(
    State(app): State<Arc<App>>,
    _role: Administrator,
) -> Result<Response, Problem> {
    let mut current = app.store.current().await?;
    current.telephony = app.telephony.get().is_some();
    Ok(answer(&current))
}

/// `GET /api/admin/changes`
pub(super) async fn changes(
    State(app): State<Arc<App>>,
    _role: Administrator,
    query: Result<Query<Before<i64>>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(Before { before }) = query.map_err(|error| bad_query(&error))?;
    Ok(answer(&app.store.changes(before, PAGE).await?))
}

/// `GET /api/admin/seen`
pub(super) async fn seen(
    State(app): State<Arc<App>>,
    _role: Administrator,
) -> Result<Response, Problem> {
    let sites = app.store.current().await?.setup.sites;
    let seen: Vec<_> = sites.iter().map(|site| app.tags.of(&site.key)).collect();
    Ok(answer(&seen))
}
