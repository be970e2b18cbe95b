//! What the Contact headers of a REGISTER ask for, and how its answer lists contacts.

use super::{Refusal, is_same_uri};
use crate::{
    settings::Binding,
    words::{Address, Scheme, split_commas},
};

/// The most contacts that are read from one request.
const MOST: usize = 32;
/// The longest `+sip.instance` that is kept, in bytes.
const INSTANCE_BYTES: usize = 128;

/// What a REGISTER asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Wanted {
    /// No contact: only to be told which there are (RFC 3261 §10.2.3).
    Nothing,
    /// `*`: none shall be left (RFC 3261 §10.2.2).
    AllGone,
    /// These contacts.
    These(Vec<Contact>),
}

/// One contact of a REGISTER.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Contact {
    /// Its URI.
    pub(super) uri: String,
    /// How long it is wanted, in seconds; `None` where nothing is said.
    pub(super) expires_s: Option<u32>,
    /// Its `q` in thousandths.
    pub(super) q: u16,
    /// Its device.
    pub(super) instance: Option<String>,
    /// Which of the device's flows it is.
    pub(super) reg_id: Option<u32>,
}

impl Contact {
    /// Whether `binding` is the one that this contact refreshes or replaces.
    ///
    /// A device that names itself has one binding for each of its flows, wherever it is by now
    /// (RFC 5626 §6). Without a `reg-id` that is beyond the RFC, and what is meant: a phone that
    /// starts anew on another port has not become two phones.
    pub(super) fn is_at(&self, binding: &Binding) -> bool {
        match (&self.instance, &binding.instance) {
            (Some(ours), Some(theirs)) => ours == theirs && self.reg_id == binding.reg_id,
            (Some(_) | None, _) => is_same_uri(&self.uri, &binding.contact),
        }
    }
}

/// Reads the Contact headers and the Expires header of a REGISTER.
pub(super) fn read(values: &[&str], expires: Option<&str>) -> Result<Wanted, Refusal> {
    let elements: Vec<&str> = values
        .iter()
        .take(MOST + 1)
        .flat_map(|value| split_commas(value))
        .collect();
    if elements.len() > MOST {
        return Err(Refusal::TooMany);
    }
    let general = expires.map(seconds);
    if elements.contains(&"*") {
        // RFC 3261 §10.3 step 6: alone, and with an Expires of 0.
        return if elements.len() == 1 && general == Some(0) {
            Ok(Wanted::AllGone)
        } else {
            Err(Refusal::Malformed(
                "its Contact * is not alone, or Expires is not 0",
            ))
        };
    }
    if elements.is_empty() {
        return Ok(Wanted::Nothing);
    }
    elements
        .into_iter()
        .map(|element| contact(element, general))
        .collect::<Result<_, _>>()
        .map(Wanted::These)
}

/// The value of a Contact header in an answer.
pub(super) fn answer(binding: &Binding, now_ms: u64) -> String {
    let mut text = format!(
        "<{}>;expires={}",
        binding.contact,
        binding.remaining_s(now_ms)
    );
    if binding.q != 1000 {
        text.push_str(&format!(";q=0.{:03}", binding.q));
    }
    if let Some(instance) = &binding.instance {
        text.push_str(&format!(";+sip.instance=\"{instance}\""));
    }
    if let Some(reg_id) = binding.reg_id {
        text.push_str(&format!(";reg-id={reg_id}"));
    }
    text
}

fn contact(element: &str, general: Option<u32>) -> Result<Contact, Refusal> {
    let address = Address::parse(element).ok_or(Refusal::Malformed("a Contact is no address"))?;
    let uri = address
        .uri
        .as_ref()
        .ok_or(Refusal::Malformed("a Contact is no SIP address"))?;
    match uri.scheme {
        Scheme::Sip | Scheme::Sips => {}
        Scheme::Tel => return Err(Refusal::Malformed("a Contact is no SIP address")),
    }
    // A header in it would come into every call to it.
    if uri.headers.is_some() {
        return Err(Refusal::Malformed("a Contact carries headers"));
    }
    let instance = address
        .parameters
        .get("+sip.instance")
        .filter(|text| is_instance(text));
    let reg_id = address
        .parameters
        .get("reg-id")
        .and_then(|text| text.parse().ok());
    Ok(Contact {
        expires_s: address.parameters.get("expires").map(seconds).or(general),
        q: address.parameters.get("q").map_or(1000, thousandths),
        // RFC 5626 §6: a reg-id means nothing without an instance.
        reg_id: reg_id.filter(|_| instance.is_some()),
        instance: instance.map(str::to_owned),
        uri: address.uri_text,
    })
}

/// A delta-seconds. What is no number counts as an hour (RFC 3261 §20.19), what is too large as
/// the largest.
fn seconds(text: &str) -> u32 {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return 3600;
    }
    text.parse().unwrap_or(u32::MAX)
}

/// A `qvalue` (RFC 3261 §25.1) in thousandths; what is none counts as 1.
fn thousandths(text: &str) -> u16 {
    let Some((whole, part)) = text.split_once('.') else {
        return if text == "0" { 0 } else { 1000 };
    };
    if whole != "0" || part.len() > 3 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return 1000;
    }
    format!("{part:0<3}").parse().unwrap_or(1000)
}

/// Whether a `+sip.instance` names a device and can be written again as it is.
fn is_instance(text: &str) -> bool {
    // Some phones name themselves by a UUID that was never set.
    let says_something = text
        .bytes()
        .any(|byte| byte.is_ascii_alphanumeric() && byte != b'0');
    says_something
        && !text.eq_ignore_ascii_case("<urn:uuid:00000000-0000-0000-0000-000000000000>")
        && text.len() <= INSTANCE_BYTES
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"\"\\".contains(&byte))
}
