//! Changes of the set-up in words, for administrators and for the audit.

use std::collections::BTreeSet;

use bellwire_proto::{
    admin::Kind,
    setup::{DialLimits, Queue},
};
use serde_json::Value;

use super::{change::Edit, document::Kept};

/// The most parts of one change that are told one by one.
const MOST: usize = 8;

/// What an edit does: a verb, and to what.
pub(super) struct Told {
    /// For the audit: `add`, `change`, `remove`.
    pub(super) action: &'static str,
    /// "Support: priority, hours"
    pub(super) object: String,
    /// "changed queue Support: priority, hours"
    pub(super) sentence: String,
}

/// Says what an edit does.
pub(super) fn told(edit: &Edit) -> Told {
    let kind = kind_name(edit.kind);
    if edit.kind == Kind::Dialling {
        return limits_told(edit, kind);
    }
    match (&edit.before, &edit.after) {
        (None, Some(after)) => plain("add", "added", edit, kind, &after.doc),
        (Some(before), None) => plain("remove", "removed", edit, kind, &before.doc),
        (Some(before), Some(after)) => {
            let what = differences(&before.doc, &after.doc);
            let name = name(edit, &after.doc);
            let (object, sentence) = match (name, what.is_empty()) {
                (Some(name), false) => {
                    (format!("{name}: {what}"), format!("{kind} {name}: {what}"))
                }
                (Some(name), true) => {
                    let object = format!("{name}: its place");
                    (object.clone(), format!("{kind} {object}"))
                }
                (None, _) => (what.clone(), format!("{kind}: {what}")),
            };
            Told {
                action: "change",
                object,
                sentence: format!("changed {sentence}"),
            }
        }
        (None, None) => plain("change", "looked at", edit, kind, &Value::Null),
    }
}

/// The dialling limits are always there: without a document nothing may be dialled.
fn limits_told(edit: &Edit, kind: &str) -> Told {
    let none = || serde_json::to_value(DialLimits::default()).unwrap_or_default();
    let doc = |kept: &Option<Kept>| kept.as_ref().map_or_else(none, |kept| kept.doc.clone());
    let what = differences(&doc(&edit.before), &doc(&edit.after));
    Told {
        action: "change",
        sentence: format!("changed {kind}: {what}"),
        object: what,
    }
}

fn plain(action: &'static str, verb: &'static str, edit: &Edit, kind: &str, doc: &Value) -> Told {
    let name = name(edit, doc).unwrap_or_else(|| list(doc));
    Told {
        action,
        sentence: format!("{verb} {kind} {name}"),
        object: name,
    }
}

/// The sentence with queues by their names, where it has their ids.
pub(super) fn with_names(mut sentence: String, queues: &[Queue]) -> String {
    for queue in queues {
        let id = queue.id.to_string();
        if sentence.contains(&id) {
            sentence = sentence.replace(&id, &queue.name);
        }
    }
    sentence
}

/// Several sentences as one.
pub(super) fn joined(sentences: &[String]) -> String {
    let more = sentences.len().saturating_sub(MOST);
    let mut all = sentences[..sentences.len() - more].join("; ");
    if more > 0 {
        all.push_str(&format!("; and {more} more"));
    }
    all
}

/// What taking a change back is called; taking that back makes it again.
pub(super) fn taken_back(what: &str) -> String {
    const BACK: &str = "took back: ";
    const AGAIN: &str = "made again: ";
    match (what.strip_prefix(BACK), what.strip_prefix(AGAIN)) {
        (Some(what), _) => format!("{AGAIN}{what}"),
        (None, Some(what)) => format!("{BACK}{what}"),
        (None, None) => format!("{BACK}{what}"),
    }
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Site => "site",
        Kind::Queue => "queue",
        Kind::User => "user",
        Kind::Hours => "hours",
        Kind::Intent => "rule",
        Kind::Form => "form",
        Kind::Invitation => "invitation",
        Kind::Phone => "phone",
        Kind::Trunk => "trunk",
        Kind::Number => "number",
        Kind::Dialling => "dialling limits",
        Kind::Skills => "skills",
        Kind::Reasons => "reasons",
        Kind::Dispositions => "dispositions",
    }
}

/// The document's name; none for the lists.
fn name(edit: &Edit, doc: &Value) -> Option<String> {
    let name = match edit.kind {
        Kind::User => doc.get("user"),
        Kind::Site
        | Kind::Queue
        | Kind::Hours
        | Kind::Intent
        | Kind::Form
        | Kind::Invitation
        | Kind::Phone
        | Kind::Trunk
        | Kind::Number
        | Kind::Dialling
        | Kind::Skills
        | Kind::Reasons
        | Kind::Dispositions => doc.get("name"),
    };
    match (name.and_then(Value::as_str), doc) {
        (Some(name), _) => Some(name.to_owned()),
        (None, Value::Array(_)) => None,
        (
            None,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_),
        ) => Some(edit.id.clone()),
    }
}

/// The parts of a document that differ: "priority, media +chat".
fn differences(before: &Value, after: &Value) -> String {
    if let (Value::Array(_), Value::Array(_)) = (before, after) {
        return of_lists(before, after).unwrap_or_else(|| "their order".to_owned());
    }
    let none = serde_json::Map::new();
    let (before, after) = (
        before.as_object().unwrap_or(&none),
        after.as_object().unwrap_or(&none),
    );
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let different: Vec<_> = keys
        .into_iter()
        .filter(|key| before.get(*key) != after.get(*key))
        .map(|key| {
            let label = key.replace('_', " ");
            let lists = before.get(key).zip(after.get(key));
            match lists.and_then(|(before, after)| of_lists(before, after)) {
                Some(names) => format!("{label} {names}"),
                None => label,
            }
        })
        .collect();
    different.join(", ")
}

/// What came and went in a list of names; none where it is no such list, or only its order differs.
fn of_lists(before: &Value, after: &Value) -> Option<String> {
    let (before, after) = (names(before)?, names(after)?);
    let came = after.iter().filter(|name| !before.contains(name));
    let went = before.iter().filter(|name| !after.contains(name));
    // The beginning of a number has a + of its own.
    let shown = |name: &str| match name.starts_with('+') {
        true => format!("\u{201c}{name}\u{201d}"),
        false => name.to_owned(),
    };
    let changes: Vec<_> = (came.map(|name| format!("+{}", shown(name))))
        .chain(went.map(|name| format!("\u{2212}{}", shown(name))))
        .take(MOST)
        .collect();
    (!changes.is_empty()).then(|| changes.join(" "))
}

fn names(list: &Value) -> Option<Vec<&str>> {
    list.as_array()?.iter().map(Value::as_str).collect()
}

fn list(doc: &Value) -> String {
    let names = names(doc).unwrap_or_default();
    names.into_iter().take(MOST).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use bellwire_proto::{id::QueueId, time::Timestamp};
    use serde_json::json;

    use super::*;

    fn edit(kind: Kind, before: Option<Value>, after: Option<Value>) -> Edit {
        let kept = |doc| Kept { position: 0, doc };
        Edit {
            kind,
            id: "x".to_owned(),
            before: before.map(kept),
            after: after.map(kept),
        }
    }

    #[test]
    fn an_edit_is_told_by_what_differs() {
        let sales = json!({ "name": "Sales", "priority": 0, "media": ["call"] });
        let other = json!({ "name": "Sales", "priority": 5, "media": ["chat"] });
        let edits = [
            (
                edit(Kind::Queue, None, Some(sales.clone())),
                "added queue Sales",
            ),
            (
                edit(Kind::Queue, Some(sales.clone()), Some(other)),
                "changed queue Sales: media +chat \u{2212}call, priority",
            ),
            (edit(Kind::Queue, Some(sales), None), "removed queue Sales"),
            (
                edit(Kind::Skills, Some(json!(["a"])), Some(json!(["a", "b"]))),
                "changed skills: +b",
            ),
            (
                edit(Kind::Dialling, None, Some(json!({ "allowed": ["+34"] }))),
                "changed dialling limits: allowed +\u{201c}+34\u{201d}, barred, calls a number, \
                 calls a visitor, minutes a day, most calls",
            ),
        ];
        for (edit, sentence) in edits {
            assert_eq!(told(&edit).sentence, sentence);
        }
    }

    #[test]
    fn queues_are_told_by_their_names() {
        let queue = Queue::new(QueueId::new(Timestamp(1), 1), "Sales");
        let sentence = format!("changed user anna: queues +{}", queue.id);

        let told = with_names(sentence, &[queue]);

        assert_eq!(told, "changed user anna: queues +Sales");
    }

    #[test]
    fn taking_back_twice_is_making_again() {
        let once = taken_back("added queue Sales");
        assert_eq!(once, "took back: added queue Sales");
        assert_eq!(taken_back(&once), "made again: added queue Sales");
        assert_eq!(taken_back(&taken_back(&once)), once);
    }
}
