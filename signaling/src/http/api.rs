//! `/api`: signing in and out, tickets for desks.

use std::sync::Arc;

use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, Request, State, rejection::JsonRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bellwire_core::Input;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{client::Client, limits::Kind, problem::Problem};
use crate::{
    app::App,
    auth::SignInError,
    centre::Heard,
    store::{self, Login, User},
};

/// The cookie of a sign-in.
const COOKIE: &str = "bellwire_session";

/// What a user shows to sign in.
#[derive(Deserialize)]
pub(super) struct Credentials {
    user: String,
    password: String,
}

/// Who is signed in.
#[derive(Debug, Serialize)]
struct Me {
    user: String,
    name: String,
    role: &'static str,
}

impl From<&User> for Me {
    fn from(user: &User) -> Self {
        Self {
            user: user.user.clone(),
            name: user.name.clone(),
            role: user.role.as_str(),
        }
    }
}

/// A desk's way in.
#[derive(Debug, Serialize)]
struct Ticket {
    ticket: String,
}

/// Lets each address ask only so fast.
pub(super) async fn paced(
    State(app): State<Arc<App>>,
    client: Client,
    request: Request,
    next: Next,
) -> Response {
    let is_public = request.uri().path().starts_with("/public/");
    let kind = if is_public { Kind::Public } else { Kind::Api };
    match app.limiter.take(kind, client.address, app.clock.now()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// `POST /api/login`
pub(super) async fn login(
    State(app): State<Arc<App>>,
    OwnPage(client): OwnPage,
    Body(credentials): Body<Credentials>,
) -> Result<Response, Problem> {
    let Credentials { user, password } = credentials;
    let now = app.clock.now();
    let signed_in = app
        .auth
        .sign_in(client.address, &user, &password, now)
        .await
        .inspect_err(|_| {
            app.metrics.failed_logins.inc();
        })?;
    let mut response = answer(&Me::from(&signed_in.user));
    let cookie = cookie(&client, &signed_in.token, "");
    response.headers_mut().insert(header::SET_COOKIE, cookie?);
    Ok(response)
}

/// `POST /api/logout`: done is done, also where nobody was signed in.
pub(super) async fn logout(
    State(app): State<Arc<App>>,
    OwnPage(client): OwnPage,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(token) = token(&headers)
        && let Some(login) = app.auth.sign_out(token, app.clock.now()).await?
    {
        app.desks.sign_out(&login.id);
        let agent = login.user.id;
        let signed_out = Heard::other(Input::AgentSignedOut { agent });
        // A centre that stops hears nothing any more; it will find the desk gone.
        let _ = app.heard.send(signed_out).await;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    let gone = cookie(&client, "", "; Max-Age=0")?;
    response.headers_mut().insert(header::SET_COOKIE, gone);
    Ok(response)
}

/// `GET /api/me`
pub(super) async fn me(SignedIn(login): SignedIn) -> Response {
    answer(&Me::from(&login.user))
}

/// `POST /api/agent/ticket`
pub(super) async fn ticket(
    State(app): State<Arc<App>>,
    _page: OwnPage,
    SignedIn(login): SignedIn,
) -> Result<Response, Problem> {
    match app.auth.ticket(&login, app.clock.now()) {
        Some(ticket) => Ok(answer(&Ticket { ticket })),
        None => Err(Problem::too_fast(5)),
    }
}

/// `GET /api/openapi.json`
pub(super) async fn description() -> Response {
    let json = include_str!("../../openapi.json");
    ([(header::CONTENT_TYPE, "application/json")], json).into_response()
}

/// What is not there.
pub(super) async fn unknown() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "not_found",
        "There is nothing at this address. /api/openapi.json lists what is.",
    )
}

/// A request that changes something, and comes from a page of this server: no other site's page
/// can make a browser send one.
pub(super) struct OwnPage(Client);

impl FromRequestParts<Arc<App>> for OwnPage {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let Ok(client) = Client::from_request_parts(parts, app).await;
        if client.is_own() {
            return Ok(Self(client));
        }
        app.metrics.refused_origins.inc();
        Err(Problem::new(
            StatusCode::FORBIDDEN,
            "foreign_origin",
            "This request must come from a page of this server: its Origin header is another one. \
             Where a proxy stands before the server, public_url in the settings says how browsers \
             reach it.",
        ))
    }
}

/// A request of somebody who is signed in.
pub(super) struct SignedIn(pub(super) Login);

impl FromRequestParts<Arc<App>> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let Some(token) = token(&parts.headers) else {
            return Err(Problem::unauthorized());
        };
        let login = app.auth.who(token, app.clock.now()).await?;
        login.map(Self).ok_or_else(Problem::unauthorized)
    }
}

/// A JSON body; what is wrong with it is told as a problem.
pub(super) struct Body<T>(T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        match Json::from_request(request, app).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => Err(bad_body(&rejection)),
        }
    }
}

fn bad_body(rejection: &JsonRejection) -> Problem {
    Problem::new(
        rejection.status(),
        "bad_body",
        "The body must be JSON, with Content-Type: application/json, as /api/openapi.json \
         describes it.",
    )
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Wrong => Self::new(
                StatusCode::UNAUTHORIZED,
                "wrong_credentials",
                error.to_string(),
            ),
            SignInError::TooMany { retry_after } => Self::too_fast(retry_after.as_secs().max(1)),
            SignInError::Busy => Self::busy(error.to_string()),
            SignInError::Store(error) => error.into(),
        }
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        tracing::error!(%error, "the store failed");
        Self::store()
    }
}

/// The token in the request's cookie.
fn token(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE && !value.is_empty()).then_some(value))
}

fn cookie(client: &Client, token: &str, more: &str) -> Result<HeaderValue, Problem> {
    let secure = if client.is_secure() { "; Secure" } else { "" };
    let text = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax{secure}{more}");
    HeaderValue::try_from(text).map_err(|_| Problem::store())
}

/// An answer that nobody keeps.
pub(super) fn answer(body: &impl Serialize) -> Response {
    let mut response = Json(body).into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
