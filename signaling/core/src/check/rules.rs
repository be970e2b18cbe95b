//! Rules over journeys: what they tell, and whom they invite.

use bellwire_proto::{
    admin::Kind,
    id::SiteKey,
    setup::{IntentRule, Invitation, InvitationHow, Setup},
};

use super::{
    book::Book,
    conditions::{self, Place},
    report::{Doc, Report},
    sites::in_words,
    texts::{self, Once, shown},
};

/// Checks all intent rules and invitations.
pub(super) fn check(setup: &Setup, book: &Book<'_>, report: &mut Report) {
    let mut once = Once::default();
    for rule in &setup.intents {
        let mut doc = report.on(Kind::Intent, rule.id);
        once.name(&mut doc, "intent rule", &rule.name);
        once.id(&mut doc, "id", "intent rule", rule.id);
        of_rule(rule, book, &mut doc);
    }
    let mut once = Once::default();
    for invitation in &setup.invitations {
        let mut doc = report.on(Kind::Invitation, invitation.id);
        once.name(&mut doc, "invitation", &invitation.name);
        once.id(&mut doc, "id", "invitation", invitation.id);
        of_invitation(invitation, setup, book, &mut doc);
    }
}

fn of_rule(rule: &IntentRule, book: &Book<'_>, doc: &mut Doc<'_>) {
    sites(&rule.sites, book, doc);
    let place = Place {
        book,
        sites: &rule.sites,
    };
    conditions::each("all", &rule.all, &place, doc);
    conditions::each("any", &rule.any, &place, doc);
    conditions::each("none", &rule.none, &place, doc);
    conditions::together("all", &rule.all, doc);
    conditions::against(rule, doc);
    if rule.all.is_empty() && rule.any.is_empty() {
        doc.warn(
            "all",
            "Without a condition this rule fits every visitor. Add one.",
        );
    }
    if !(1..=99).contains(&rule.confidence) {
        doc.error(
            "confidence",
            format!(
                "A rule can be 1 to 99 per cent sure, not {}.",
                rule.confidence
            ),
        );
    }
    if rule.more > 99 {
        doc.error(
            "more",
            format!(
                "A further condition can add at most 99 per cent, not {}.",
                rule.more
            ),
        );
    }
    texts::optional(doc, "topic", rule.topic.as_deref());
    texts::optional(doc, "product", rule.product.as_deref());
    if let Some(language) = &rule.language {
        texts::language(doc, "language", language);
    }
    texts::skills(doc, "skills", &rule.skills, book);
    texts::skills(doc, "prefers", &rule.prefers, book);
    if !has_outcome(rule) {
        doc.warn(
            "",
            "Nothing follows from this rule. Add a topic, a language, a product, \
                 skills or priority.",
        );
    }
}

fn has_outcome(rule: &IntentRule) -> bool {
    rule.topic.is_some()
        || rule.language.is_some()
        || rule.product.is_some()
        || !rule.skills.is_empty()
        || !rule.prefers.is_empty()
        || rule.priority > 0
}

fn sites(keys: &[SiteKey], book: &Book<'_>, doc: &mut Doc<'_>) {
    for (n, key) in keys.iter().enumerate() {
        if !book.sites.contains_key(key.0.as_str()) {
            doc.error(
                format!("sites.{n}"),
                format!("The site {} does not exist. Take it away.", shown(&key.0)),
            );
        }
    }
}

fn of_invitation(invitation: &Invitation, setup: &Setup, book: &Book<'_>, doc: &mut Doc<'_>) {
    sites(&invitation.sites, book, doc);
    let place = Place {
        book,
        sites: &invitation.sites,
    };
    conditions::each("when", &invitation.when, &place, doc);
    conditions::together("when", &invitation.when, doc);
    texts::spoken(doc, "text", &invitation.text, "what the card says");
    texts::words(doc, "accept", &invitation.accept);
    topic(invitation, book, doc);
    match invitation.how {
        InvitationHow::Contact(medium) if !book.takes(medium) => {
            doc.error(
                "how",
                format!(
                    "No queue takes {}. Let one take them, or invite otherwise.",
                    in_words(medium)
                ),
            );
        }
        InvitationHow::Contact(_) | InvitationHow::Line => {}
    }
    match invitation.holdout {
        0..=99 => {}
        100 => doc.warn(
            "holdout",
            "All visitors are held back, so nobody is ever invited. Write less than 100.",
        ),
        more => doc.error(
            "holdout",
            format!("Of a hundred visitors {more} cannot be held back. Write 0 to 99."),
        ),
    }
    let agents = setup
        .users
        .iter()
        .filter(|user| !user.queues.is_empty())
        .count();
    if u32::try_from(agents).is_ok_and(|agents| invitation.free_agents > agents) {
        doc.warn(
            "free_agents",
            format!(
                "Only {agents} users serve queues, so {} are never free. Ask for less.",
                invitation.free_agents
            ),
        );
    }
}

fn topic(invitation: &Invitation, book: &Book<'_>, doc: &mut Doc<'_>) {
    texts::optional(doc, "topic", invitation.topic.as_deref());
    if invitation.confidence > 99 {
        doc.error(
            "confidence",
            format!(
                "A rule is at most 99 per cent sure, never {}.",
                invitation.confidence
            ),
        );
    }
    match invitation.topic.as_deref() {
        Some(topic) if !topic.trim().is_empty() && !book.rules_tell(topic) => {
            doc.warn(
                "topic",
                format!(
                    "No intent rule tells the topic {}, so nobody is ever invited. Add a \
                     rule that does, or choose another topic.",
                    shown(topic)
                ),
            );
        }
        None if invitation.confidence > 0 => {
            doc.warn(
                "confidence",
                "Without a topic this is of no effect. Choose a topic, or write 0.",
            );
        }
        Some(_) | None => {}
    }
}
