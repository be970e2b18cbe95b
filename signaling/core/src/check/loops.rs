//! Ways that never end: overflows that lead back, and menus that lead only to menus.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bellwire_proto::{
    admin::Kind,
    id::{FormId, QueueId},
    setup::{Choice, Destination, FormKind, Hours, OverflowWhen, Queue, Setup, Span},
};

use super::{book::Book, report::Report};

/// Checks all overflows and menus.
pub(super) fn check(setup: &Setup, book: &Book<'_>, report: &mut Report) {
    for queue in &setup.queues {
        if let Some(way) = way_back(queue, book) {
            let at = format!("overflow.{}", way[0].n);
            report
                .on(Kind::Queue, queue.id)
                .error(at, in_words(queue, &way, book));
        }
    }
    menus(setup, report);
}

/// An overflow from one queue to another.
#[derive(Clone, Copy)]
struct Step<'a> {
    from: QueueId,
    to: QueueId,
    n: usize,
    when: OverflowWhen,
    hours: Option<&'a Hours>,
}

/// The shortest way of overflows from a queue back to itself, on which all can hold together.
///
/// Waiting does not help out of it: who has waited long enough for one queue has for the next.
fn way_back<'a>(queue: &Queue, book: &Book<'a>) -> Option<Vec<Step<'a>>> {
    let mut came: BTreeMap<QueueId, Step<'a>> = BTreeMap::new();
    let mut next = VecDeque::from([queue.id]);
    while let Some(at) = next.pop_front() {
        for step in steps(*book.queues.get(&at)?, book) {
            if step.to == queue.id {
                let way = retrace(step, queue.id, &came);
                if hold_together(&way) {
                    return Some(way);
                }
            } else if book.queues.contains_key(&step.to) && !came.contains_key(&step.to) {
                came.insert(step.to, step);
                next.push_back(step.to);
            }
        }
    }
    None
}

fn steps<'a>(queue: &'a Queue, book: &Book<'a>) -> impl Iterator<Item = Step<'a>> {
    let hours = queue
        .hours
        .and_then(|hours| book.hours.get(&hours).copied());
    let from = queue.id;
    queue
        .overflow
        .iter()
        .enumerate()
        .filter_map(move |(n, overflow)| {
            let when = overflow.when;
            // Without opening hours a queue never closes.
            let can_hold = when != OverflowWhen::Closed || hours.is_some();
            match &overflow.to {
                Destination::Queue(to) if can_hold => Some(Step {
                    from,
                    to: *to,
                    n,
                    when,
                    hours,
                }),
                Destination::Queue(_)
                | Destination::Menu(_)
                | Destination::Page { .. }
                | Destination::Link { .. } => None,
            }
        })
}

fn retrace<'a>(
    last: Step<'a>,
    start: QueueId,
    came: &BTreeMap<QueueId, Step<'a>>,
) -> Vec<Step<'a>> {
    let mut way = vec![last];
    let mut at = last.from;
    while at != start {
        let Some(step) = came.get(&at) else { break };
        way.push(*step);
        at = step.from;
    }
    way.reverse();
    way
}

/// Whether there may be a time at which all of these hold.
fn hold_together(way: &[Step<'_>]) -> bool {
    let closed: Vec<_> = (way.iter())
        .filter(|step| step.when == OverflowWhen::Closed)
        .filter_map(|step| step.hours)
        .collect();
    let may = |one: &&Hours| closed.iter().all(|other| closed_together(one, other));
    closed.iter().all(may)
}

/// Whether both may be closed at once: unless one is open whenever the other is not.
fn closed_together(one: &Hours, other: &Hours) -> bool {
    if one.zone != other.zone || !one.holidays.is_empty() || !other.holidays.is_empty() {
        return true;
    }
    let day = |hours: &Hours, n: usize| hours.week.get(n).cloned().unwrap_or_default();
    (0..7).any(|n| !covers_day([day(one, n), day(other, n)].concat()))
}

fn covers_day(mut spans: Vec<Span>) -> bool {
    spans.sort_unstable();
    let reach = |until: u16, span: &Span| {
        if span.from <= until {
            until.max(span.to)
        } else {
            until
        }
    };
    spans.iter().fold(0, reach) >= 1440
}

fn in_words(queue: &Queue, way: &[Step<'_>], book: &Book<'_>) -> String {
    if way.len() == 1 {
        return "This queue overflows into itself. Choose another destination.".into();
    }
    let name = |id: QueueId| book.queues.get(&id).map_or("?", |queue| queue.name.trim());
    let shown = way.iter().take(8).map(|step| name(step.to));
    let more = if way.len() > 8 { " → …" } else { "" };
    let names: Vec<_> = std::iter::once(queue.name.trim()).chain(shown).collect();
    format!(
        "Contacts would go round for ever: {}{more}. Take one of these overflows away.",
        names.join(" → ")
    )
}

fn menus(setup: &Setup, report: &mut Report) {
    let menus: BTreeMap<FormId, &[Choice]> = (setup.forms.iter())
        .filter_map(|form| match &form.kind {
            FormKind::Menu { fact: _, choices } => Some((form.id, choices.as_slice())),
            FormKind::Fields(_) => None,
        })
        .collect();
    let mut closed: BTreeSet<FormId> = menus.keys().copied().collect();
    loop {
        let leads_out = |form: &FormId| {
            let choices = menus.get(form).copied().unwrap_or_default();
            choices.is_empty() || choices.iter().any(|choice| is_way_out(choice, &closed))
        };
        let open: Vec<_> = closed.iter().copied().filter(leads_out).collect();
        if open.is_empty() {
            break;
        }
        open.iter().for_each(|form| {
            closed.remove(form);
        });
    }
    for form in closed {
        report.on(Kind::Form, form).error(
            "choices",
            "Every choice leads to menus again, and none of them leads out. Let a \
                 choice lead to a queue or a page, or to nothing.",
        );
    }
}

fn is_way_out(choice: &Choice, closed: &BTreeSet<FormId>) -> bool {
    match &choice.to {
        Some(Destination::Menu(form)) => !closed.contains(form),
        Some(Destination::Queue(_) | Destination::Page { .. } | Destination::Link { .. })
        | None => true,
    }
}
