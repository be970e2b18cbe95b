//! Requests by HTTP: who am I, sign in, sign out, a ticket for the socket; and [`fetch`], which the
//! pages beside the desk use for theirs.

use js_sys::JSON;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, Request, RequestCredentials, RequestInit, Response};

use crate::text;

/// Why a request was not done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Trouble {
    /// No answer came. Asking again may help.
    Unreachable,
    /// Nobody is signed in here, or the password was not right.
    NotSignedIn,
    /// Too many tries: ask again after this many seconds.
    TooMany(u64),
    /// The server answered something else. Asking again may help.
    Failed,
}

impl Trouble {
    /// The sentence for someone who tries to sign in.
    pub(crate) fn at_sign_in(self) -> String {
        match self {
            Self::Unreachable => text::SERVER_GONE.to_owned(),
            Self::NotSignedIn => text::WRONG_PASSWORD.to_owned(),
            Self::TooMany(seconds) => text::wait_before_sign_in(seconds),
            Self::Failed => text::SERVER_TROUBLE.to_owned(),
        }
    }
}

#[derive(Serialize)]
struct Credentials<'a> {
    user: &'a str,
    password: &'a str,
}

#[derive(Deserialize)]
struct Ticket {
    ticket: String,
}

#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    retry_after_s: Option<u64>,
}

/// Signs in; the browser keeps the session's cookie.
pub(crate) async fn sign_in(user: &str, password: &str) -> Result<(), Trouble> {
    let credentials = Credentials { user, password };
    let body = serde_json::to_string(&credentials).map_err(|_| Trouble::Failed)?;
    ask("POST", "/api/login", Some(&body)).await.map(drop)
}

/// Ends the session.
pub(crate) async fn sign_out() -> Result<(), Trouble> {
    ask("POST", "/api/logout", None).await.map(drop)
}

/// Whether someone is signed in in this browser.
pub(crate) async fn me() -> Result<(), Trouble> {
    ask("GET", "/api/me", None).await.map(drop)
}

/// A ticket that opens one socket.
pub(crate) async fn ticket() -> Result<String, Trouble> {
    let answer = ask("POST", "/api/agent/ticket", None).await?;
    let ticket: Ticket = read(&answer).await.ok_or(Trouble::Failed)?;
    Ok(ticket.ticket)
}

/// An answer, whatever its status: the status and the text.
pub(crate) async fn fetch(
    method: &str,
    path: &str,
    body: Option<&str>,
) -> Result<(u16, String), Trouble> {
    let answer = send(method, path, body).await?;
    let text = answer.text().map_err(|_| Trouble::Failed)?;
    let text = JsFuture::from(text)
        .await
        .map_err(|_| Trouble::Unreachable)?;
    Ok((answer.status(), text.as_string().unwrap_or_default()))
}

async fn send(method: &str, path: &str, body: Option<&str>) -> Result<Response, Trouble> {
    let request = request(method, path, body).map_err(|_| Trouble::Failed)?;
    let window = web_sys::window().ok_or(Trouble::Failed)?;
    let answer = JsFuture::from(window.fetch_with_request(&request))
        .await
        .map_err(|_| Trouble::Unreachable)?;
    answer.dyn_into().map_err(|_| Trouble::Failed)
}

async fn ask(method: &str, path: &str, body: Option<&str>) -> Result<Response, Trouble> {
    let answer = send(method, path, body).await?;
    match answer.status() {
        200..=299 => Ok(answer),
        401 | 403 => Err(Trouble::NotSignedIn),
        429 => Err(Trouble::TooMany(retry_after(&answer).await)),
        502..=504 => Err(Trouble::Unreachable),
        _ => Err(Trouble::Failed),
    }
}

fn request(method: &str, path: &str, body: Option<&str>) -> Result<Request, JsValue> {
    let init = RequestInit::new();
    init.set_method(method);
    init.set_credentials(RequestCredentials::SameOrigin);
    if let Some(body) = body {
        let headers = Headers::new()?;
        headers.set("content-type", "application/json")?;
        init.set_headers(&headers);
        init.set_body(&JsValue::from_str(body));
    }
    Request::new_with_str_and_init(path, &init)
}

/// How long to wait, from the answer's body or its header.
async fn retry_after(answer: &Response) -> u64 {
    let header = answer.headers().get("retry-after").ok().flatten();
    let refusal: Refusal = read(answer).await.unwrap_or_default();
    refusal
        .retry_after_s
        .or_else(|| header?.parse().ok())
        .unwrap_or(30)
}

async fn read<T: DeserializeOwned>(answer: &Response) -> Option<T> {
    let body = JsFuture::from(answer.json().ok()?).await.ok()?;
    let text: String = JSON::stringify(&body).ok()?.into();
    serde_json::from_str(&text).ok()
}
