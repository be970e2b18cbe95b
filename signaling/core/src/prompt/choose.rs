//! Which form to show: the smallest that supplies what is missing.

use std::cmp::Reverse;

use bellwire_proto::{
    id::FormId,
    setup::{Form, FormKind, Required},
};

use super::{Facts, knows, render};

/// The form to show: the one that surely supplies the most of what is missing, then the one that may
/// supply the most, then the one that shows the least, then the first.
///
/// A form that was asked before comes after all others, and only if something missing would surely be
/// shown: with [`super::take()`] insisting on that, every prompt either is new or settles a fact.
#[must_use]
pub fn choose<'a>(
    forms: &'a [Form],
    missing: &[&Required],
    facts: &Facts,
    asked: &[FormId],
) -> Option<&'a Form> {
    let candidates = forms.iter().filter_map(|form| {
        let supply = Supply::of(form, missing, facts);
        let before = asked.contains(&form.id);
        let useful = supply.sure > 0 || (supply.perhaps > 0 && !before);
        let Supply {
            sure,
            perhaps,
            shown,
        } = supply;
        useful.then_some((form, (before, Reverse(sure), Reverse(perhaps), shown)))
    });
    // Of equals, `min_by_key` takes the first.
    candidates
        .min_by_key(|(_, rank)| *rank)
        .map(|(form, _)| form)
}

/// What a form has to give.
#[derive(Default)]
struct Supply {
    /// Missing facts it surely asks for.
    sure: usize,
    /// Missing facts it asks for if other answers lead there.
    perhaps: usize,
    /// How much a visitor has to look at.
    shown: usize,
}

impl Supply {
    fn of(form: &Form, missing: &[&Required], facts: &Facts) -> Self {
        let wanted = |fact: &str| missing.iter().any(|one| one.fact == fact);
        match &form.kind {
            FormKind::Fields(fields) => {
                let mut supply = Self::default();
                for (field, condition) in render::shown(fields, facts) {
                    supply.shown += 1;
                    match condition {
                        None if wanted(&field.fact) => supply.sure += 1,
                        Some(_) if wanted(&field.fact) => supply.perhaps += 1,
                        None | Some(_) => {}
                    }
                }
                supply
            }
            FormKind::Menu { fact, choices } => {
                let asks = wanted(fact) && !knows(facts, fact) && render::any_choice(choices);
                Self {
                    sure: usize::from(asks),
                    perhaps: 0,
                    shown: 1,
                }
            }
        }
    }
}
