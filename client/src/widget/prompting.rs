//! A prompt's form, decided without a browser: what is shown, what lacks, what is answered.

use bellwire_proto::prompt::{Answer, AskField, BadAnswer, BadAnswerWhy};

/// What the visitor typed so far, by fact. The lists are short: a map would only be more to load.
pub(crate) type Typed = Vec<(String, String)>;

/// What was typed for this fact.
pub(crate) fn typed<'t>(typed: &'t Typed, fact: &str) -> &'t str {
    let found = typed.iter().find(|(known, _)| known == fact);
    found.map_or("", |(_, value)| value)
}

/// Remembers what was typed for this fact; nothing typed is nothing remembered.
pub(crate) fn type_in(typed: &mut Typed, fact: &str, value: &str) {
    typed.retain(|(known, _)| known != fact);
    if !value.is_empty() {
        typed.push((fact.to_owned(), value.to_owned()));
    }
}

/// Whether the field at this place is shown: its condition holds, and the field that the condition
/// names is shown itself. A condition on what is not asked here is the centre's to judge.
pub(crate) fn is_shown(fields: &[AskField], at: usize, answers: &Typed) -> bool {
    let Some(field) = fields.get(at) else {
        return false;
    };
    let named = |earlier: &AskField| earlier.fact == field.show_if;
    match fields[..at].iter().position(named) {
        None => true,
        Some(earlier) => {
            let value = typed(answers, &field.show_if).trim();
            is_shown(fields, earlier, answers) && field.show_is.iter().any(|is| is == value)
        }
    }
}

/// The answers to the fields that are shown.
pub(crate) fn answers(fields: &[AskField], given: &Typed) -> Vec<Answer> {
    let shown = (fields.iter().enumerate()).filter(|(at, _)| is_shown(fields, *at, given));
    shown
        .map(|(_, field)| Answer {
            fact: field.fact.clone(),
            value: typed(given, &field.fact).trim().to_owned(),
        })
        .collect()
}

/// What may not be left empty, and is.
pub(crate) fn missing(fields: &[AskField], given: &Typed) -> Vec<BadAnswer> {
    let lacks = |(at, field): &(usize, &AskField)| {
        field.required
            && typed(given, &field.fact).trim().is_empty()
            && is_shown(fields, *at, given)
    };
    (fields.iter().enumerate())
        .filter(lacks)
        .map(|(_, field)| BadAnswer {
            fact: field.fact.clone(),
            why: BadAnswerWhy::Missing,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use bellwire_proto::prompt::AskKind;

    use super::*;

    fn field(fact: &str, required: bool, show_if: &str, show_is: &[&str]) -> AskField {
        AskField {
            fact: fact.into(),
            label: fact.into(),
            kind: AskKind::Text(80),
            required,
            show_if: show_if.into(),
            show_is: show_is.iter().map(|is| (*is).to_owned()).collect(),
        }
    }

    /// Topic, then a model for laptops, then a serial number for one model.
    fn fields() -> [AskField; 3] {
        [
            field("topic", true, "", &[]),
            field("model", true, "topic", &["laptops", "tablets"]),
            field("serial", false, "model", &["old"]),
        ]
    }

    fn given(pairs: &[(&str, &str)]) -> Typed {
        let mut given = Typed::new();
        for (fact, value) in pairs {
            type_in(&mut given, fact, value);
        }
        given
    }

    fn shown(pairs: &[(&str, &str)]) -> [bool; 3] {
        [0, 1, 2].map(|at| is_shown(&fields(), at, &given(pairs)))
    }

    #[test]
    fn a_field_is_shown_while_the_one_before_it_has_one_of_its_values() {
        assert_eq!(shown(&[]), [true, false, false]);
        assert_eq!(shown(&[("topic", "laptops")]), [true, true, false]);
        assert_eq!(shown(&[("topic", "tablets")]), [true, true, false]);
        assert_eq!(shown(&[("topic", "other")]), [true, false, false]);
        assert_eq!(
            shown(&[("topic", "laptops"), ("model", "old")]),
            [true, true, true]
        );
    }

    #[test]
    fn a_field_behind_a_hidden_one_is_hidden_whatever_was_typed_there_before() {
        assert_eq!(
            shown(&[("topic", "other"), ("model", "old")]),
            [true, false, false]
        );
    }

    #[test]
    fn a_condition_on_what_is_known_already_hides_nothing() {
        let fields = [field("model", false, "topic", &["laptops"])];

        assert!(is_shown(&fields, 0, &Typed::new()));
        assert!(!is_shown(&fields, 1, &Typed::new()));
    }

    #[test]
    fn only_what_is_shown_may_be_missing() {
        let facts = |pairs| -> Vec<String> {
            let missing = missing(&fields(), &given(pairs));
            missing.into_iter().map(|bad| bad.fact).collect()
        };

        assert_eq!(facts(&[]), ["topic"]);
        assert_eq!(facts(&[("topic", "   ")]), ["topic"]);
        assert_eq!(facts(&[("topic", "laptops")]), ["model"]);
        assert!(facts(&[("topic", "other")]).is_empty());
        assert!(facts(&[("topic", "laptops"), ("model", "old")]).is_empty());
    }

    #[test]
    fn only_what_is_shown_is_answered_and_without_space_around_it() {
        let answered = answers(
            &fields(),
            &given(&[("topic", " other "), ("model", "old"), ("serial", "7")]),
        );

        assert_eq!(
            answered,
            [Answer {
                fact: "topic".into(),
                value: "other".into()
            }]
        );
    }

    #[test]
    fn what_is_typed_last_counts_and_nothing_is_not_kept() {
        let mut given = given(&[("name", "Ann"), ("name", "Anna")]);
        assert_eq!(typed(&given, "name"), "Anna");

        type_in(&mut given, "name", "");
        assert!(given.is_empty());
    }
}
