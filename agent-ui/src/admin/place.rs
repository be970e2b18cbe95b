//! Places in a document, by path: `overflow.0.to`. A draft is the document's own JSON, because
//! findings name what they are about by these paths and every editor is then made of the same
//! few pieces.

use serde_json::{Map, Value};

/// What stands at a place.
pub(crate) fn get<'a>(doc: &'a Value, at: &str) -> Option<&'a Value> {
    steps(at).try_fold(doc, |value, step| match value {
        Value::Object(map) => map.get(step),
        Value::Array(list) => list.get(step.parse::<usize>().ok()?),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    })
}

/// The text at a place; empty where there is none.
pub(crate) fn text(doc: &Value, at: &str) -> String {
    match get(doc, at) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => {
            String::new()
        }
    }
}

/// How many there are in the list at a place.
pub(crate) fn length(doc: &Value, at: &str) -> usize {
    list(doc, at).map_or(0, <[Value]>::len)
}

/// The list at a place.
pub(crate) fn list<'a>(doc: &'a Value, at: &str) -> Option<&'a [Value]> {
    get(doc, at)?.as_array().map(Vec::as_slice)
}

/// Puts a value at a place, and makes the objects on the way to it.
pub(crate) fn set(doc: &mut Value, at: &str, new: Value) {
    if let Some(place) = reach(doc, at) {
        *place = new;
    }
}

/// Adds to the end of the list at a place.
pub(crate) fn push(doc: &mut Value, at: &str, new: Value) {
    let Some(place) = reach(doc, at) else { return };
    match place {
        Value::Array(list) => list.push(new),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            *place = Value::Array(vec![new]);
        }
    }
}

/// Takes one out of the list at a place.
pub(crate) fn remove(doc: &mut Value, at: &str, index: usize) {
    if let Some(Value::Array(list)) = reach(doc, at)
        && index < list.len()
    {
        list.remove(index);
    }
}

/// Lets one of the list at a place change places with its neighbour `by` further down.
pub(crate) fn shift(doc: &mut Value, at: &str, index: usize, by: isize) {
    if let Some(Value::Array(list)) = reach(doc, at)
        && let Some(other) = index.checked_add_signed(by)
        && index.max(other) < list.len()
    {
        list.swap(index, other);
    }
}

/// The tag of an enum's value as it stands in JSON: of `"page"` and of `{"page": …}` it is `page`;
/// empty where there is none.
pub(crate) fn tag(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(tag)) => tag.clone(),
        Some(Value::Object(map)) => map.keys().next().cloned().unwrap_or_default(),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_)) | None => {
            String::new()
        }
    }
}

/// A place within a place.
pub(crate) fn within(at: &str, step: impl std::fmt::Display) -> String {
    if at.is_empty() {
        step.to_string()
    } else {
        format!("{at}.{step}")
    }
}

/// The place itself, then what it lies in, from the inside out, the whole document left out.
pub(crate) fn outwards(at: &str) -> Vec<&str> {
    let mut places = vec![];
    let mut rest = Some(at).filter(|at| !at.is_empty());
    while let Some(place) = rest {
        places.push(place);
        rest = place.rsplit_once('.').map(|(outer, _)| outer);
    }
    places
}

/// The place in this document's JSON that `at` means. Findings leave out what only JSON needs: the
/// tags of enums and the names of what holds them (`choices.0` is `kind.menu.choices.0`).
pub(crate) fn resolve(doc: &Value, at: &str) -> String {
    let mut here = String::new();
    let mut value = Some(doc);
    for step in steps(at) {
        let found = value.and_then(|value| seek(value, step, DEEPEST));
        let (path, inner) = match found {
            Some((path, inner)) => (path, Some(inner)),
            None => (step.to_owned(), None),
        };
        here = within(&here, path);
        value = inner;
    }
    here
}

/// How many levels lie between a document and its enum's content: `kind`, `menu`.
const DEEPEST: u8 = 2;

/// A step from a value: to what is there, or to what is there within its objects.
fn seek<'a>(value: &'a Value, step: &str, deepest: u8) -> Option<(String, &'a Value)> {
    let map = match value {
        Value::Object(map) => map,
        Value::Array(list) => {
            let inner = list.get(step.parse::<usize>().ok()?)?;
            return Some((step.to_owned(), inner));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
    };
    if let Some(inner) = map.get(step) {
        return Some((step.to_owned(), inner));
    }
    // A field's choices are the content of its kind.
    if let Some(inner) = map.get("choice").filter(|_| step == "choices") {
        return Some(("choice".to_owned(), inner));
    }
    let deeper = deepest.checked_sub(1)?;
    map.iter()
        .filter(|(_, inner)| inner.is_object())
        .find_map(|(name, inner)| {
            let (path, found) = seek(inner, step, deeper)?;
            let path = within(name, path);
            // `{"skill": {"skill": …}}`: the tag is named like what it holds.
            match found.get(step) {
                Some(innermost) => Some((within(&path, step), innermost)),
                None => Some((path, found)),
            }
        })
}

/// The name of a place's element on the page.
pub(crate) fn element(at: &str) -> String {
    let letter = |letter: char| {
        if letter.is_alphanumeric() || letter == '_' {
            letter
        } else {
            '-'
        }
    };
    format!("at-{}", at.chars().map(letter).collect::<String>())
}

fn steps(at: &str) -> impl Iterator<Item = &str> {
    at.split('.').filter(|step| !step.is_empty())
}

fn reach<'a>(doc: &'a mut Value, at: &str) -> Option<&'a mut Value> {
    let mut value = doc;
    for step in steps(at) {
        if value.is_null() {
            *value = Value::Object(Map::new());
        }
        value = match value {
            Value::Object(map) => map.entry(step).or_insert(Value::Null),
            Value::Array(list) => list.get_mut(step.parse::<usize>().ok()?)?,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
        };
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_place_is_found_through_lists_and_objects() {
        let doc = json!({"overflow": [{"to": {"queue": "que_1"}}]});

        assert_eq!(text(&doc, "overflow.0.to.queue"), "que_1");
        assert_eq!(get(&doc, "overflow.1.to"), None);
        assert_eq!(get(&doc, ""), Some(&doc));
    }

    #[test]
    fn setting_makes_what_is_missing_on_the_way() {
        let mut doc = json!({"look": null});

        set(&mut doc, "look.label.en", json!("Talk to us"));

        assert_eq!(doc, json!({"look": {"label": {"en": "Talk to us"}}}));
    }

    #[test]
    fn a_list_grows_shrinks_and_changes_its_order() {
        let mut doc = json!({"all": ["a", "b"]});

        push(&mut doc, "all", json!("c"));
        shift(&mut doc, "all", 2, -1);
        remove(&mut doc, "all", 0);

        assert_eq!(doc, json!({"all": ["c", "b"]}));
    }

    #[test]
    fn what_lies_beyond_a_lists_ends_changes_nothing() {
        let mut doc = json!({"all": ["a"]});

        shift(&mut doc, "all", 0, -1);
        shift(&mut doc, "all", 0, 1);
        remove(&mut doc, "all", 7);
        set(&mut doc, "all.7", json!("x"));

        assert_eq!(doc, json!({"all": ["a"]}));
    }

    #[test]
    fn a_place_is_told_from_the_inside_out() {
        assert_eq!(
            outwards("week.3.1.from"),
            ["week.3.1.from", "week.3.1", "week.3", "week"]
        );
        assert!(outwards("").is_empty());
    }

    #[test]
    fn a_finding_is_led_to_its_field_through_the_tags_of_enums() {
        let menu = json!({"name": "", "kind": {"menu": {"fact": "", "choices": [{"to": null}]}}});
        let form = json!({"kind": {"fields": [
            {"fact": "", "kind": {"choice": [{"value": "a"}]}, "show_if": null},
        ]}});
        let queue = json!({"relax": [
            {"after_s": 1, "change": {"skill": {"skill": "", "level": 0}}},
        ]});

        for (doc, at, there) in [
            (&menu, "name", "name"),
            (&menu, "fact", "kind.menu.fact"),
            (&menu, "choices.0.to", "kind.menu.choices.0.to"),
            (&form, "fields.0.fact", "kind.fields.0.fact"),
            (
                &form,
                "fields.0.choices.0.value",
                "kind.fields.0.kind.choice.0.value",
            ),
            (&queue, "relax.0.level", "relax.0.change.skill.level"),
            (&queue, "relax.0.skill", "relax.0.change.skill.skill"),
            (&queue, "relax.0.after_s", "relax.0.after_s"),
            (&queue, "nowhere.at.all", "nowhere.at.all"),
        ] {
            assert_eq!(resolve(doc, at), there);
        }
    }

    #[test]
    fn the_tag_of_an_enum_is_read_in_both_its_forms() {
        assert_eq!(tag(Some(&json!("visits"))), "visits");
        assert_eq!(tag(Some(&json!({"url": "*"}))), "url");
        assert_eq!(tag(Some(&Value::Null)), "");
    }
}
