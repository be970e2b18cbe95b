//! What there is in a set-up, to look up what its documents name.

use std::collections::{BTreeMap, BTreeSet};

use bellwire_proto::{
    id::{FormId, HoursId, QueueId},
    interaction::Medium,
    setup::{Field, FieldKind, Form, FormKind, Hours, Queue, Setup, Site, User, fact},
};

/// What there is in a set-up. Of documents with the same id, the first is meant.
pub(super) struct Book<'a> {
    pub(super) sites: BTreeMap<&'a str, &'a Site>,
    pub(super) queues: BTreeMap<QueueId, &'a Queue>,
    pub(super) hours: BTreeMap<HoursId, &'a Hours>,
    pub(super) forms: BTreeMap<FormId, &'a Form>,
    pub(super) skills: BTreeSet<&'a str>,
    pub(super) served: BTreeMap<QueueId, Vec<&'a User>>,
    facts: BTreeMap<&'a str, Values>,
    topics: Values,
    otherwise: Values,
}

/// The values something can have, without regard to case.
#[derive(Clone, Debug, Default)]
pub(super) struct Values {
    any: bool,
    of: BTreeSet<String>,
}

impl Values {
    /// Whether `value` is one of them.
    pub(super) fn has(&self, value: &str) -> bool {
        self.any || self.of.contains(&fold(value))
    }

    fn add<'a>(&mut self, values: impl IntoIterator<Item = &'a str>) {
        self.of.extend(values.into_iter().map(fold));
    }
}

fn fold(value: &str) -> String {
    value.trim().to_lowercase()
}

impl<'a> Book<'a> {
    /// What there is in `setup`.
    pub(super) fn new(setup: &'a Setup) -> Self {
        let mut book = Self {
            sites: first(setup.sites.iter().map(|site| (site.key.0.as_str(), site))),
            queues: first(setup.queues.iter().map(|queue| (queue.id, queue))),
            hours: first(setup.hours.iter().map(|hours| (hours.id, hours))),
            forms: first(setup.forms.iter().map(|form| (form.id, form))),
            skills: setup.skills.iter().map(|skill| skill.trim()).collect(),
            served: BTreeMap::new(),
            facts: BTreeMap::new(),
            topics: Values::default(),
            otherwise: Values::default(),
        };
        for user in &setup.users {
            let queues: BTreeSet<_> = user.queues.iter().collect();
            for queue in queues {
                book.served.entry(*queue).or_default().push(user);
            }
        }
        setup.forms.iter().for_each(|form| book.add_form(form));
        let topics = setup
            .intents
            .iter()
            .filter_map(|rule| rule.topic.as_deref());
        book.topics.add(topics);
        let needs = (setup.sites.iter().flat_map(|site| &site.needs))
            .chain(setup.queues.iter().flat_map(|queue| &queue.needs));
        let about = needs.filter(|need| need.fact == fact::TOPIC);
        book.otherwise
            .add(about.filter_map(|need| need.otherwise.as_deref()));
        book
    }

    /// What the forms can supply for the fact of this name; none where no form asks for it.
    pub(super) fn supplied(&self, fact: &str) -> Option<&Values> {
        self.facts.get(fact)
    }

    /// Whether an intent rule tells this topic.
    pub(super) fn rules_tell(&self, topic: &str) -> bool {
        self.topics.has(topic)
    }

    /// Whether a rule or a form tells this topic, or it is taken where nothing is said.
    pub(super) fn tells_topic(&self, topic: &str) -> bool {
        self.rules_tell(topic)
            || self
                .supplied(fact::TOPIC)
                .is_some_and(|values| values.has(topic))
            || self.otherwise.has(topic)
    }

    /// Who serves `queue`.
    pub(super) fn serving(&self, queue: QueueId) -> &[&'a User] {
        self.served.get(&queue).map_or(&[], Vec::as_slice)
    }

    /// Whether any queue takes `medium`.
    pub(super) fn takes(&self, medium: Medium) -> bool {
        self.queues
            .values()
            .any(|queue| queue.media.contains(&medium))
    }

    fn add_form(&mut self, form: &'a Form) {
        match &form.kind {
            FormKind::Fields(fields) => fields.iter().for_each(|field| self.add_field(field)),
            FormKind::Menu { fact, choices } => {
                let values = self.facts.entry(fact).or_default();
                values.add(choices.iter().map(|choice| choice.value.as_str()));
            }
        }
    }

    fn add_field(&mut self, field: &'a Field) {
        let values = self.facts.entry(&field.fact).or_default();
        match &field.kind {
            FieldKind::Choice(choices) => {
                values.add(choices.iter().map(|choice| choice.value.as_str()));
            }
            FieldKind::Consent => values.add(["yes"]),
            FieldKind::Text(_)
            | FieldKind::LongText(_)
            | FieldKind::Email
            | FieldKind::Phone
            | FieldKind::Date => values.any = true,
        }
    }
}

fn first<K: Ord, V>(all: impl Iterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    for (key, value) in all {
        map.entry(key).or_insert(value);
    }
    map
}
