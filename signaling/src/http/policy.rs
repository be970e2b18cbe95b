//! What each kind of page may do: the headers that browsers enforce.

use std::fmt::Write;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::origin::Origin;

const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const COEP: HeaderName = HeaderName::from_static("cross-origin-embedder-policy");
const COOP: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");

/// What calls need, for the page itself; nothing else that browsers guard.
const CALL_PERMISSIONS: &str = "camera=(self), microphone=(self), display-capture=(self), \
     autoplay=(self), fullscreen=(self), picture-in-picture=(self), speaker-selection=(self), \
     clipboard-write=(self), geolocation=(), payment=(), usb=(), serial=(), hid=(), \
     midi=(), accelerometer=(), gyroscope=(), magnetometer=()";

/// Headers for the desk: it is framed by nobody and talks to this server only.
pub(super) fn desk(headers: &mut HeaderMap, nonce: &str, own: Option<&Origin>) {
    app_document(headers, nonce, own, "'none'");
    set(headers, COOP, "same-origin");
    set(headers, CORP, "same-origin");
}

/// Headers for the widget's document: pages of the site may frame it, those with
/// `Cross-Origin-Embedder-Policy` too.
pub(super) fn widget(headers: &mut HeaderMap, nonce: &str, own: Option<&Origin>, site: &[Origin]) {
    let mut ancestors = "'self'".to_owned();
    for origin in site {
        // Writing to memory cannot fail.
        let _ = write!(ancestors, " {origin}");
    }
    app_document(headers, nonce, own, &ancestors);
    set(headers, CORP, "cross-origin");
    set(headers, COEP, "require-corp");
}

/// Headers for the demo shop: a page as other people's are, with a policy of its own.
pub(super) fn shop(headers: &mut HeaderMap, own: Option<&Origin>) {
    let socket = own.map(web_socket).unwrap_or_default();
    let policy = format!(
        "default-src 'self'; style-src 'self'; img-src 'self' data:; script-src 'self'; \
         connect-src 'self'{socket}; frame-src 'self'; base-uri 'self'; form-action 'self'; \
         frame-ancestors 'self'"
    );
    set(headers, header::CONTENT_SECURITY_POLICY, &policy);
    set(headers, header::CACHE_CONTROL, "no-cache");
}

/// Headers for the page that shows the strictest policy under which the launcher works.
pub(super) fn strict(headers: &mut HeaderMap, own: &Origin) {
    let policy = format!(
        "default-src 'none'; script-src {own}; frame-src {own}; style-src 'self'; \
         require-trusted-types-for 'script'"
    );
    set(headers, header::CONTENT_SECURITY_POLICY, &policy);
    set(headers, header::CACHE_CONTROL, "no-cache");
}

/// Headers for a page that is one sentence.
pub(super) fn sentence(headers: &mut HeaderMap) {
    set(
        headers,
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors *",
    );
    set(headers, header::CACHE_CONTROL, "no-store");
}

/// Lets pages of any origin load this.
pub(super) fn for_all_origins(headers: &mut HeaderMap) {
    set(headers, CORP, "cross-origin");
}

/// What goes with every answer, where nothing else was said.
pub(super) fn everywhere(headers: &mut HeaderMap) {
    let defaults = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
        (CORP, "same-origin"),
    ];
    for (name, value) in defaults {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
}

fn app_document(headers: &mut HeaderMap, nonce: &str, own: Option<&Origin>, ancestors: &str) {
    let socket = own.map(web_socket).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; \
         style-src 'self'; connect-src 'self'{socket}; img-src 'self' data: blob:; \
         media-src 'self' blob:; font-src 'self'; manifest-src 'self'; base-uri 'self'; \
         form-action 'none'; frame-ancestors {ancestors}"
    );
    set(headers, header::CONTENT_SECURITY_POLICY, &policy);
    set(headers, PERMISSIONS, CALL_PERMISSIONS);
    // Not `no-referrer`: browsers then send `Origin: null` with some requests of the page's own.
    set(headers, header::REFERRER_POLICY, "same-origin");
    set(headers, header::CACHE_CONTROL, "no-store");
}

/// Where the server's sockets are: some browsers do not count them as `'self'`.
fn web_socket(own: &Origin) -> String {
    own.as_str().replacen("http", " ws", 1)
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    match HeaderValue::from_str(value) {
        Ok(value) => {
            headers.insert(name, value);
        }
        Err(error) => tracing::error!(%name, %error, "a header could not be written"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(headers: &HeaderMap) -> &str {
        headers[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .expect("a policy is text")
    }

    #[test]
    fn only_the_sites_own_pages_may_frame_the_widget() {
        let own = Origin::parse("https://centre.example").expect("an origin");
        let shop = Origin::parse("https://shop.example").expect("an origin");
        let mut headers = HeaderMap::new();

        widget(&mut headers, "n", Some(&own), &[shop]);

        let policy = policy(&headers);
        assert!(policy.ends_with("frame-ancestors 'self' https://shop.example"));
        assert!(policy.contains("connect-src 'self' wss://centre.example;"));
        assert!(policy.contains("'nonce-n'"));
    }

    #[test]
    fn nobody_frames_the_desk() {
        let mut headers = HeaderMap::new();

        desk(&mut headers, "n", None);

        assert!(policy(&headers).ends_with("frame-ancestors 'none'"));
    }
}
