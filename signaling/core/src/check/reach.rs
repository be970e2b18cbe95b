//! Queues and forms that no visitor ever gets to.

use std::collections::BTreeSet;

use bellwire_proto::{
    admin::Kind,
    id::{FormId, QueueId},
    setup::{Choice, Destination, Field, Form, FormKind, Required, Setup},
};

use super::{book::Book, report::Report};

/// Checks that there is a way to every queue and form.
pub(super) fn check(setup: &Setup, book: &Book<'_>, report: &mut Report) {
    let mut reached = Reached {
        book,
        queues: BTreeSet::new(),
        forms: BTreeSet::new(),
        next: vec![],
    };
    for site in &setup.sites {
        reached.needs(&site.needs);
        site.entries.iter().for_each(|entry| reached.go(&entry.to));
    }
    (setup.numbers.iter()).for_each(|number| reached.go(&number.to));
    reached.follow();
    for queue in setup
        .queues
        .iter()
        .filter(|queue| !reached.queues.contains(&queue.id))
    {
        report.on(Kind::Queue, queue.id).warn(
            "",
            "No visitor gets to this queue. Lead an entry, a menu or an overflow to \
                 it, or take it away.",
        );
    }
    for form in setup
        .forms
        .iter()
        .filter(|form| !reached.forms.contains(&form.id))
    {
        report.on(Kind::Form, form.id).warn(
            "",
            "No visitor gets to see this. Ask for it in a site or a queue, or lead \
                 to it, or take it away.",
        );
    }
}

struct Reached<'a> {
    book: &'a Book<'a>,
    queues: BTreeSet<QueueId>,
    forms: BTreeSet<FormId>,
    next: Vec<Place>,
}

enum Place {
    Queue(QueueId),
    Form(FormId),
}

impl Reached<'_> {
    fn go(&mut self, to: &Destination) {
        match to {
            Destination::Queue(queue) => {
                if self.queues.insert(*queue) {
                    self.next.push(Place::Queue(*queue));
                }
            }
            Destination::Menu(form) => self.see(*form),
            Destination::Page { .. } | Destination::Link { .. } => {}
        }
    }

    fn see(&mut self, form: FormId) {
        if self.forms.insert(form) {
            self.next.push(Place::Form(form));
        }
    }

    /// Each form that asks for one of these may be shown.
    fn needs(&mut self, needs: &[Required]) {
        let book = self.book;
        for need in needs {
            let asking = book
                .forms
                .values()
                .filter(|form| asks_for(form, &need.fact));
            asking.for_each(|form| self.see(form.id));
        }
    }

    fn follow(&mut self) {
        let book = self.book;
        while let Some(place) = self.next.pop() {
            match place {
                Place::Queue(queue) => {
                    let Some(queue) = book.queues.get(&queue) else {
                        continue;
                    };
                    self.needs(&queue.needs);
                    queue.while_waiting.iter().for_each(|form| self.see(*form));
                    queue
                        .overflow
                        .iter()
                        .for_each(|overflow| self.go(&overflow.to));
                }
                Place::Form(form) => {
                    let choices = book.forms.get(&form).map_or(&[][..], |form| menu(form));
                    choices
                        .iter()
                        .filter_map(|choice| choice.to.as_ref())
                        .for_each(|to| self.go(to));
                }
            }
        }
    }
}

fn menu(form: &Form) -> &[Choice] {
    match &form.kind {
        FormKind::Menu { fact: _, choices } => choices,
        FormKind::Fields(_) => &[],
    }
}

fn asks_for(form: &Form, name: &str) -> bool {
    let fields: &[Field] = match &form.kind {
        FormKind::Menu { fact, choices: _ } => return fact == name,
        FormKind::Fields(fields) => fields,
    };
    fields.iter().any(|field| field.fact == name)
}
