//! How much a set-up may hold, so that looking at it takes a bounded time.

use bellwire_proto::{
    admin::Kind,
    setup::{
        DialLimits, Field, FieldKind, Form, FormKind, Hours, IntentRule, Invitation, Queue, Setup,
        Site, Trunk, User,
    },
};

use super::report::{Doc, Report};

/// Checks every number of things.
pub(super) fn check(setup: &Setup, report: &mut Report) {
    let Setup {
        format: _,
        sites,
        queues,
        users,
        hours,
        intents,
        forms,
        invitations,
        phones,
        trunks,
        numbers,
        dialling,
        skills,
        reasons,
        dispositions,
    } = setup;
    let kinds = [
        (Kind::Site, sites.len(), 200, "sites"),
        (Kind::Queue, queues.len(), 500, "queues"),
        (Kind::User, users.len(), 10_000, "users"),
        (Kind::Hours, hours.len(), 200, "opening hours"),
        (Kind::Intent, intents.len(), 500, "intent rules"),
        (Kind::Form, forms.len(), 200, "forms and menus"),
        (Kind::Invitation, invitations.len(), 200, "invitations"),
        (Kind::Phone, phones.len(), 10_000, "phones"),
        (Kind::Trunk, trunks.len(), 100, "trunks"),
        (Kind::Number, numbers.len(), 10_000, "numbers"),
        (Kind::Skills, skills.len(), 500, "skills"),
        (Kind::Reasons, reasons.len(), 100, "reasons"),
        (Kind::Dispositions, dispositions.len(), 500, "dispositions"),
    ];
    for (kind, count, most, what) in kinds {
        at_most(&mut report.on(kind, ""), "", count, most, what);
    }
    if report.is_empty() {
        (sites.iter()).for_each(|site| of_site(site, &mut report.on(Kind::Site, &site.key)));
        (queues.iter()).for_each(|queue| of_queue(queue, &mut report.on(Kind::Queue, queue.id)));
        (users.iter()).for_each(|user| of_user(user, &mut report.on(Kind::User, user.id)));
        (hours.iter()).for_each(|hours| of_hours(hours, &mut report.on(Kind::Hours, hours.id)));
        (intents.iter()).for_each(|rule| of_rule(rule, &mut report.on(Kind::Intent, rule.id)));
        (forms.iter()).for_each(|form| of_form(form, &mut report.on(Kind::Form, form.id)));
        for invitation in invitations {
            of_invitation(invitation, &mut report.on(Kind::Invitation, invitation.id));
        }
        (trunks.iter()).for_each(|trunk| of_trunk(trunk, &mut report.on(Kind::Trunk, trunk.id)));
        of_dialling(dialling, &mut report.on(Kind::Dialling, "all"));
    }
}

fn at_most(doc: &mut Doc<'_>, at: impl Into<String>, count: usize, most: usize, what: &str) {
    if count > most {
        doc.error(
            at,
            format!("There are {count} {what}; at most {most} are possible. Take some away."),
        );
    }
}

fn of_site(site: &Site, doc: &mut Doc<'_>) {
    at_most(doc, "origins", site.origins.len(), 50, "origins");
    at_most(doc, "entries", site.entries.len(), 100, "entries");
    at_most(
        doc,
        "needs",
        site.needs.len(),
        20,
        "things that must be known",
    );
}

fn of_queue(queue: &Queue, doc: &mut Doc<'_>) {
    at_most(doc, "media", queue.media.len(), 10, "media");
    at_most(doc, "skills", queue.skills.len(), 50, "skills");
    at_most(doc, "prefers", queue.prefers.len(), 50, "skills");
    at_most(doc, "relax", queue.relax.len(), 20, "steps");
    at_most(doc, "overflow", queue.overflow.len(), 20, "overflows");
    at_most(
        doc,
        "needs",
        queue.needs.len(),
        20,
        "things that must be known",
    );
    let announcements = queue.sound.announcements.len();
    at_most(
        doc,
        "sound.announcements",
        announcements,
        20,
        "announcements",
    );
}

fn of_trunk(trunk: &Trunk, doc: &mut Doc<'_>) {
    at_most(doc, "addresses", trunk.addresses.len(), 50, "addresses");
}

fn of_dialling(dialling: &DialLimits, doc: &mut Doc<'_>) {
    let lists = [("allowed", &dialling.allowed), ("barred", &dialling.barred)];
    for (at, beginnings) in lists {
        at_most(doc, at, beginnings.len(), 1000, "beginnings of numbers");
    }
}

fn of_user(user: &User, doc: &mut Doc<'_>) {
    at_most(doc, "skills", user.skills.len(), 100, "skills");
    at_most(doc, "languages", user.languages.len(), 50, "languages");
    at_most(doc, "queues", user.queues.len(), 500, "queues");
}

fn of_hours(hours: &Hours, doc: &mut Doc<'_>) {
    for (day, spans) in hours.week.iter().take(7).enumerate() {
        at_most(
            doc,
            format!("week.{day}"),
            spans.len(),
            24,
            "spans on one day",
        );
    }
    at_most(doc, "holidays", hours.holidays.len(), 500, "holidays");
    for (n, holiday) in hours.holidays.iter().take(500).enumerate() {
        at_most(
            doc,
            format!("holidays.{n}.open"),
            holiday.open.len(),
            24,
            "spans on one day",
        );
    }
}

fn of_rule(rule: &IntentRule, doc: &mut Doc<'_>) {
    at_most(doc, "sites", rule.sites.len(), 200, "sites");
    at_most(doc, "all", rule.all.len(), 50, "conditions");
    at_most(doc, "any", rule.any.len(), 50, "conditions");
    at_most(doc, "none", rule.none.len(), 50, "conditions");
    at_most(doc, "skills", rule.skills.len(), 50, "skills");
    at_most(doc, "prefers", rule.prefers.len(), 50, "skills");
}

fn of_invitation(invitation: &Invitation, doc: &mut Doc<'_>) {
    at_most(doc, "sites", invitation.sites.len(), 200, "sites");
    at_most(doc, "when", invitation.when.len(), 50, "conditions");
}

fn of_form(form: &Form, doc: &mut Doc<'_>) {
    match &form.kind {
        FormKind::Fields(fields) => {
            at_most(doc, "fields", fields.len(), 50, "fields");
            for (n, field) in fields.iter().take(50).enumerate() {
                of_field(n, field, doc);
            }
        }
        FormKind::Menu { fact: _, choices } => {
            at_most(doc, "choices", choices.len(), 100, "choices");
        }
    }
}

fn of_field(n: usize, field: &Field, doc: &mut Doc<'_>) {
    match &field.kind {
        FieldKind::Choice(choices) => {
            at_most(
                doc,
                format!("fields.{n}.choices"),
                choices.len(),
                100,
                "choices",
            );
        }
        FieldKind::Text(_)
        | FieldKind::LongText(_)
        | FieldKind::Email
        | FieldKind::Phone
        | FieldKind::Date
        | FieldKind::Consent => {}
    }
    if let Some(shown) = &field.show_if {
        at_most(
            doc,
            format!("fields.{n}.show_if.is"),
            shown.is.len(),
            100,
            "values",
        );
    }
}
