//! Requests that need a role. What a user may do is looked up for each request: a role taken away
//! counts at once.

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};
use bellwire_proto::setup::UserRole;

use super::{api::SignedIn, problem::Problem};
use crate::{
    app::App,
    store::{Login, User},
};

/// A request of an administrator.
pub(super) struct Administrator(pub(super) User);

impl FromRequestParts<Arc<App>> for Administrator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let user = at_least(UserRole::Administrator, parts, app).await?;
        user.map(Self)
            .ok_or_else(|| Problem::forbidden("administrators"))
    }
}

/// A request of a supervisor or administrator.
pub(super) struct Supervisor;

impl FromRequestParts<Arc<App>> for Supervisor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let user = at_least(UserRole::Supervisor, parts, app).await?;
        user.map(|_| Self)
            .ok_or_else(|| Problem::forbidden("supervisors and administrators"))
    }
}

async fn at_least(
    role: UserRole,
    parts: &mut Parts,
    app: &Arc<App>,
) -> Result<Option<User>, Problem> {
    let SignedIn(Login { user, .. }) = SignedIn::from_request_parts(parts, app).await?;
    Ok((user.role >= role).then_some(user))
}
