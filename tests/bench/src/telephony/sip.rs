//! As much SIP as a load generator speaks: headers as text, answers, and digest with MD5 (RFC 3261, RFC 7616).
//!
//! Nothing here is checked: the far ends are servers under measurement, not strangers.

use std::{fmt::Write, net::SocketAddr};

use anyhow::{Context, Result};
use bellwire_tests::chance;
use md5::{Digest, Md5};

/// Every value of a header, in order.
pub(crate) fn headers<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    head.split("\r\n").skip(1).filter_map(move |line| {
        let (own, value) = line.split_once(':')?;
        own.trim().eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// The first value of a header; empty where there is none.
pub(crate) fn header<'a>(text: &'a str, name: &'a str) -> &'a str {
    headers(text, name).next().unwrap_or_default()
}

/// The status of a response; none for a request.
pub(crate) fn status(text: &str) -> Option<u16> {
    text.strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok()
}

/// The method of a request.
pub(crate) fn method(text: &str) -> &str {
    text.split(' ').next().unwrap_or_default()
}

/// What comes behind the headers.
pub(crate) fn body(text: &str) -> &str {
    text.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

/// The address inside `<` and `>`, or the value without its parameters.
pub(crate) fn uri(value: &str) -> &str {
    match value.split_once('<') {
        Some((_, rest)) => rest.split('>').next().unwrap_or_default(),
        None => value.split(';').next().unwrap_or_default(),
    }
}

/// A message of this first line with these headers (each ends with CR LF) and body.
pub(crate) fn message(line: &str, headers: &str, body: &str) -> String {
    let kind = match body {
        "" => "",
        _ => "Content-Type: application/sdp\r\n",
    };
    format!(
        "{line}\r\n{headers}{kind}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// An answer to a request. The tag comes from the call, so that a repeated request gets the same one.
pub(crate) fn answer(request: &str, line: &str, contact: &str, body: &str) -> String {
    let mut kept = String::new();
    for name in ["Via", "Record-Route"] {
        for value in headers(request, name) {
            _ = write!(kept, "{name}: {value}\r\n");
        }
    }
    for name in ["From", "Call-ID", "CSeq"] {
        _ = write!(kept, "{name}: {}\r\n", header(request, name));
    }
    let (to, call) = (header(request, "To"), header(request, "Call-ID"));
    let tag = match to.contains(";tag=") || line.starts_with("100") {
        true => String::new(),
        false => format!(";tag={}", &hash(call)[..12]),
    };
    _ = write!(kept, "To: {to}{tag}\r\n");
    if !contact.is_empty() {
        _ = write!(kept, "Contact: <{contact}>\r\n");
    }
    message(&format!("SIP/2.0 {line}"), &kept, body)
}

/// A name that nobody else has.
pub(crate) fn fresh() -> String {
    format!("{:016x}", chance::bits() >> 64)
}

/// Where a description wants its sound, and its first payload type of this codec.
pub(crate) fn sound(sdp: &str, codec: &str) -> Option<(SocketAddr, u8)> {
    let host = sdp
        .lines()
        .find_map(|line| line.strip_prefix("c=IN IP4 "))?;
    let media = sdp
        .lines()
        .find_map(|line| line.strip_prefix("m=audio "))?
        .split(' ')
        .next()?;
    let address = format!("{}:{media}", host.trim()).parse().ok()?;
    let mapped = sdp.lines().find_map(|line| {
        let (number, name) = line.strip_prefix("a=rtpmap:")?.split_once(' ')?;
        let same = name.get(..codec.len())?.eq_ignore_ascii_case(codec);
        same.then(|| number.parse().ok())?
    });
    Some((address, mapped.unwrap_or(0)))
}

/// A description of sound at this address, in one codec.
pub(crate) fn describe(at: SocketAddr, payload_type: u8, codec: &str) -> String {
    let (host, port) = (at.ip(), at.port());
    format!(
        "v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n\
         m=audio {port} RTP/AVP {payload_type}\r\na=rtpmap:{payload_type} {codec}\r\na=ptime:20\r\na=sendrecv\r\n"
    )
}

/// The headers that answer the challenge of a 401 or 407.
pub(crate) fn prove(
    challenged: &str,
    method: &str,
    uri: &str,
    user: &str,
    password: &str,
) -> Result<String> {
    let pairs = [
        ("WWW-Authenticate", "Authorization"),
        ("Proxy-Authenticate", "Proxy-Authorization"),
    ];
    let (challenge, reply) = pairs
        .into_iter()
        .flat_map(|(asks, reply)| headers(challenged, asks).map(move |value| (value, reply)))
        .find(|(value, _)| !value.contains("SHA"))
        .context("no challenge with MD5")?;
    let realm = field(challenge, "realm").context("no realm")?;
    let nonce = field(challenge, "nonce").context("no nonce")?;
    let secret = hash(&format!("{user}:{realm}:{password}"));
    let asked = hash(&format!("{method}:{uri}"));
    let own = fresh();
    let qop = challenge.contains("qop=");
    let response = match qop {
        true => hash(&format!("{secret}:{nonce}:00000001:{own}:auth:{asked}")),
        false => hash(&format!("{secret}:{nonce}:{asked}")),
    };
    let mut proof = format!(
        "{reply}: Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", \
         response=\"{response}\", algorithm=MD5"
    );
    if qop {
        _ = write!(proof, ", qop=auth, cnonce=\"{own}\", nc=00000001");
    }
    if let Some(opaque) = field(challenge, "opaque") {
        _ = write!(proof, ", opaque=\"{opaque}\"");
    }
    Ok(proof + "\r\n")
}

fn field<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    let start = value.find(&format!("{name}=\""))? + name.len() + 2;
    value.get(start..)?.split('"').next()
}

fn hash(text: &str) -> String {
    Md5::digest(text)
        .iter()
        .fold(String::new(), |mut text, byte| {
            _ = write!(text, "{byte:02x}");
            text
        })
}
