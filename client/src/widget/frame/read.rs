//! What the loader says, read from what the port carries.

use bellwire_proto::{
    id::TabId,
    interaction::Page,
    journey::JourneyEvent,
    time::Timestamp,
    visitor::{InvitationAct, InvitationView},
};
use js_sys::{Array, JSON, Reflect};
use wasm_bindgen::JsValue;

use super::{FromLoader, Hello};
use crate::json::{self, Read};

/// What a message over the port says; `None` for what this panel does not know.
pub(super) fn message(data: &JsValue) -> Option<FromLoader> {
    Some(match text(data, "bw").as_str() {
        "page" => FromLoader::Page(page(&get(data, "page"))),
        "journey" => FromLoader::Journey(journey(&get(data, "events"))),
        "open" => FromLoader::Open(flag(data, "open")),
        "identify" => FromLoader::Identify(text(data, "name")),
        "invited" => FromLoader::Accepted(whole::<InvitationView>(&get(data, "invitation"))?),
        "invitation" => FromLoader::Invitation(text(data, "id").parse().ok()?, act(data)?),
        _ => return None,
    })
}

fn act(data: &JsValue) -> Option<InvitationAct> {
    Some(match text(data, "act").as_str() {
        "shown" => InvitationAct::Shown,
        "dismissed" => InvitationAct::Dismissed,
        "ignored" => InvitationAct::Ignored,
        _ => return None,
    })
}

/// Who the visitor is, and where.
pub(super) fn hello(data: &JsValue) -> Hello {
    Hello {
        token: Some(text(data, "token")).filter(|token| !token.is_empty()),
        tab: Some(text(data, "tab"))
            .filter(|tab| !tab.is_empty())
            .map(|tab| tab_id(&tab)),
        resume: flag(data, "resume"),
        open: flag(data, "open"),
        page: page(&get(data, "page")),
        journey: journey(&get(data, "journey")),
        visits: u32::try_from(number(data, "visits")).unwrap_or_default(),
        quiet: flag(data, "quiet"),
    }
}

fn page(data: &JsValue) -> Page {
    Page {
        url: text(data, "url"),
        title: text(data, "title"),
        referrer: text(data, "referrer"),
        language: text(data, "language"),
    }
}

fn journey(data: &JsValue) -> Vec<JourneyEvent> {
    Array::from(data).iter().filter_map(event).collect()
}

/// An event that is not as it should be is left out, and the others are kept.
fn event(data: JsValue) -> Option<JourneyEvent> {
    let custom = get(&get(&data, "kind"), "custom");
    let what = get(&custom, "data");
    if custom.is_object() && !what.is_string() {
        // The centre takes what a page tells of itself as text.
        let text = JSON::stringify(&what).ok()?;
        // Setting a property of a plain object cannot fail.
        let _ = Reflect::set(&custom, &"data".into(), &text);
    }
    whole(&data)
}

/// Reads an object as it would be read from the centre.
fn whole<T: Read>(data: &JsValue) -> Option<T> {
    let text = JSON::stringify(data).ok()?.as_string()?;
    json::read(&text).ok()
}

fn get(data: &JsValue, key: &str) -> JsValue {
    Reflect::get(data, &key.into()).unwrap_or(JsValue::UNDEFINED)
}

/// A text; empty where there is none.
pub(super) fn text(data: &JsValue, key: &str) -> String {
    get(data, key).as_string().unwrap_or_default()
}

fn flag(data: &JsValue, key: &str) -> bool {
    get(data, key).as_bool().unwrap_or_default()
}

/// A whole number that is not negative; a float's `as` ends at the nearest one.
fn number(data: &JsValue, key: &str) -> u64 {
    get(data, key).as_f64().unwrap_or_default() as u64
}

/// The loader names tabs in its own way; the same name gives the same id (128 bits of FNV-1a).
fn tab_id(name: &str) -> TabId {
    if let Ok(id) = name.parse() {
        return id;
    }
    let mut hash = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128;
    for byte in name.bytes() {
        hash = (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
    }
    let upper = u64::try_from(hash >> 80).unwrap_or_default();
    TabId::new(Timestamp(upper), hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tabs_name_gives_the_same_id_each_time_and_others_give_others() {
        assert_eq!(tab_id("1-2-3-4"), tab_id("1-2-3-4"));
        assert_ne!(tab_id("1-2-3-4"), tab_id("1-2-3-5"));
    }

    #[test]
    fn a_tab_id_stays_what_it_is() {
        let id = TabId::new(Timestamp(7), 8);

        assert_eq!(tab_id(&id.to_string()), id);
    }
}
