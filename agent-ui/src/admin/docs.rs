//! The documents of a set-up by kind: found, made new, named, and read back from a draft.

use bellwire_proto::{
    admin::Kind,
    id::{
        AgentId, FormId, HoursId, InvitationId, NumberId, PhoneId, QueueId, RuleId, SiteKey,
        TrunkId,
    },
    interaction::Medium,
    setup::{
        Capacity, DialLimits, Form, FormKind, Hours, IntentRule, Invitation, InvitationHow, Number,
        Phone, Queue, Setup, SipTransport, Site, Span, Trunk, User, UserRole, Words,
    },
    time::Timestamp,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// The name in addresses of a kind that is one document.
pub(crate) const ALL: &str = "all";

/// Whether a kind is one document, which is always there: a list of names, or the dialling limits.
pub(crate) fn is_single(kind: Kind) -> bool {
    match kind {
        Kind::Dialling | Kind::Skills | Kind::Reasons | Kind::Dispositions => true,
        Kind::Site
        | Kind::Queue
        | Kind::User
        | Kind::Hours
        | Kind::Intent
        | Kind::Form
        | Kind::Invitation
        | Kind::Phone
        | Kind::Trunk
        | Kind::Number => false,
    }
}

/// A document's id or key, and its name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Named {
    /// The id or key.
    pub(crate) id: String,
    /// The name.
    pub(crate) name: String,
}

/// All documents of a kind, in their order.
pub(crate) fn named(setup: &Setup, kind: Kind) -> Vec<Named> {
    fn each<T>(docs: &[T], of: impl Fn(&T) -> (String, &String)) -> Vec<Named> {
        let named = |doc| {
            let (id, name) = of(doc);
            Named {
                id,
                name: name.clone(),
            }
        };
        docs.iter().map(named).collect()
    }
    match kind {
        Kind::Site => each(&setup.sites, |it| (it.key.to_string(), &it.name)),
        Kind::Queue => each(&setup.queues, |it| (it.id.to_string(), &it.name)),
        Kind::User => each(&setup.users, |it| (it.id.to_string(), &it.name)),
        Kind::Hours => each(&setup.hours, |it| (it.id.to_string(), &it.name)),
        Kind::Intent => each(&setup.intents, |it| (it.id.to_string(), &it.name)),
        Kind::Form => each(&setup.forms, |it| (it.id.to_string(), &it.name)),
        Kind::Invitation => each(&setup.invitations, |it| (it.id.to_string(), &it.name)),
        Kind::Phone => each(&setup.phones, |it| (it.id.to_string(), &it.name)),
        Kind::Trunk => each(&setup.trunks, |it| (it.id.to_string(), &it.name)),
        Kind::Number => each(&setup.numbers, |it| (it.id.to_string(), &it.name)),
        Kind::Dialling => vec![],
        Kind::Skills => each(&setup.skills, |it| (it.clone(), it)),
        Kind::Reasons => each(&setup.reasons, |it| (it.clone(), it)),
        Kind::Dispositions => each(&setup.dispositions, |it| (it.clone(), it)),
    }
}

/// A document as a draft begins with it.
pub(crate) fn find(setup: &Setup, kind: Kind, id: &str) -> Option<Value> {
    fn one<T: Serialize>(docs: &[T], is: impl Fn(&T) -> bool) -> Option<Value> {
        let doc = docs.iter().find(|doc| is(doc))?;
        serde_json::to_value(doc).ok()
    }
    match kind {
        Kind::Site => one(&setup.sites, |it| it.key.0 == id),
        Kind::Queue => one(&setup.queues, |it| it.id.to_string() == id),
        Kind::User => one(&setup.users, |it| it.id.to_string() == id),
        Kind::Hours => one(&setup.hours, |it| it.id.to_string() == id),
        Kind::Intent => one(&setup.intents, |it| it.id.to_string() == id),
        Kind::Form => one(&setup.forms, |it| it.id.to_string() == id),
        Kind::Invitation => one(&setup.invitations, |it| it.id.to_string() == id),
        Kind::Phone => one(&setup.phones, |it| it.id.to_string() == id),
        Kind::Trunk => one(&setup.trunks, |it| it.id.to_string() == id),
        Kind::Number => one(&setup.numbers, |it| it.id.to_string() == id),
        Kind::Dialling => serde_json::to_value(&setup.dialling).ok(),
        Kind::Skills => serde_json::to_value(&setup.skills).ok(),
        Kind::Reasons => serde_json::to_value(&setup.reasons).ok(),
        Kind::Dispositions => serde_json::to_value(&setup.dispositions).ok(),
    }
}

/// A new document, with an id made of the time and a random number.
pub(crate) fn fresh(kind: Kind, zone: &str, random: u128, now: Timestamp) -> (String, Value) {
    fn with<T: Serialize>(id: String, doc: &T) -> (String, Value) {
        (id, serde_json::to_value(doc).unwrap_or_default())
    }
    match kind {
        Kind::Site => {
            let key = site_key(random);
            with(key.clone(), &Site::new(SiteKey(key), ""))
        }
        Kind::Queue => {
            let id = QueueId::new(now, random);
            with(id.to_string(), &Queue::new(id, ""))
        }
        Kind::User => {
            let id = AgentId::new(now, random);
            with(id.to_string(), &user(id))
        }
        Kind::Hours => {
            let id = HoursId::new(now, random);
            with(id.to_string(), &hours(id, zone))
        }
        Kind::Intent => {
            let id = RuleId::new(now, random);
            with(id.to_string(), &rule(id))
        }
        Kind::Form => {
            let id = FormId::new(now, random);
            with(id.to_string(), &form(id))
        }
        Kind::Invitation => {
            let id = InvitationId::new(now, random);
            with(id.to_string(), &invitation(id))
        }
        Kind::Phone => {
            let id = PhoneId::new(now, random).to_string();
            (id.clone(), phone(&id))
        }
        Kind::Trunk => {
            let id = TrunkId::new(now, random);
            with(id.to_string(), &trunk(id))
        }
        Kind::Number => {
            let id = NumberId::new(now, random).to_string();
            (id.clone(), number(&id))
        }
        Kind::Dialling => with(ALL.to_owned(), &DialLimits::default()),
        Kind::Skills | Kind::Reasons | Kind::Dispositions => (ALL.to_owned(), Value::Array(vec![])),
    }
}

/// Whether a draft is a document of its kind; false where a number cannot be read, for example.
pub(crate) fn is_readable(kind: Kind, draft: &Value) -> bool {
    match kind {
        Kind::Site => read::<Site>(draft).is_some(),
        Kind::Queue => read::<Queue>(draft).is_some(),
        Kind::User => read::<User>(draft).is_some(),
        Kind::Hours => read::<Hours>(draft).is_some(),
        Kind::Intent => read::<IntentRule>(draft).is_some(),
        Kind::Form => read::<Form>(draft).is_some(),
        Kind::Invitation => read::<Invitation>(draft).is_some(),
        Kind::Phone => read::<Phone>(draft).is_some(),
        Kind::Trunk => read::<Trunk>(draft).is_some(),
        Kind::Number => read::<Number>(draft).is_some(),
        Kind::Dialling => read::<DialLimits>(draft).is_some(),
        Kind::Skills | Kind::Reasons | Kind::Dispositions => read::<Vec<String>>(draft).is_some(),
    }
}

/// A draft as its document.
pub(crate) fn read<T: DeserializeOwned>(draft: &Value) -> Option<T> {
    T::deserialize(draft).ok()
}

/// All intent rules as they would be with this one.
pub(crate) fn rules_with(setup: &Setup, rule: IntentRule) -> Vec<IntentRule> {
    let mut rules = setup.intents.clone();
    match rules.iter_mut().find(|it| it.id == rule.id) {
        Some(old) => *old = rule,
        None => rules.push(rule),
    }
    rules
}

/// A site's key: short, and not to be guessed by trying.
fn site_key(mut random: u128) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let letter = |_| {
        let letter = LETTERS[usize::try_from(random % 32).unwrap_or_default()];
        random /= 32;
        char::from(letter)
    };
    (0..16).map(letter).collect()
}

fn user(id: AgentId) -> User {
    User {
        id,
        user: String::new(),
        name: String::new(),
        role: UserRole::Agent,
        skills: [].into(),
        languages: vec![],
        queues: vec![],
        capacity: Capacity { calls: 1, chats: 3 },
        number: None,
    }
}

/// A phone of nobody yet: whose it is has to be chosen.
fn phone(id: &str) -> Value {
    json!({"id": id, "name": "", "user": "", "agent": "", "secure": false})
}

fn trunk(id: TrunkId) -> Trunk {
    Trunk {
        id,
        name: String::new(),
        on: true,
        host: String::new(),
        transport: SipTransport::Udp,
        secure: false,
        login: None,
        addresses: vec![],
        caller_id: None,
        most_calls: 30,
        order: 0,
    }
}

/// A number that leads nowhere yet: the queue has to be chosen.
fn number(id: &str) -> Value {
    json!({"id": id, "number": "", "name": "", "to": {"queue": ""}, "language": ""})
}

/// Nine to five from Monday to Friday: easier to change than an empty week.
fn hours(id: HoursId, zone: &str) -> Hours {
    let day = |day| {
        if day < 5 {
            vec![Span {
                from: 9 * 60,
                to: 17 * 60,
            }]
        } else {
            vec![]
        }
    };
    Hours {
        id,
        name: String::new(),
        zone: zone.to_owned(),
        week: (0..7).map(day).collect(),
        holidays: vec![],
    }
}

fn rule(id: RuleId) -> IntentRule {
    IntentRule {
        id,
        name: String::new(),
        enabled: true,
        sites: vec![],
        all: vec![],
        any: vec![],
        none: vec![],
        confidence: 60,
        more: 10,
        topic: None,
        language: None,
        product: None,
        skills: [].into(),
        prefers: [].into(),
        priority: 0,
    }
}

fn form(id: FormId) -> Form {
    Form {
        id,
        name: String::new(),
        title: Words::one("en", ""),
        kind: FormKind::Fields(vec![]),
    }
}

fn invitation(id: InvitationId) -> Invitation {
    Invitation {
        id,
        name: String::new(),
        enabled: true,
        sites: vec![],
        when: vec![],
        topic: None,
        confidence: 0,
        how: InvitationHow::Contact(Medium::Chat),
        text: Words::one("en", ""),
        accept: Words::default(),
        after_s: 20,
        again_h: 24,
        free_agents: 1,
        holdout: 10,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp(1_790_000_000_000);

    #[test]
    fn a_new_document_of_every_kind_is_readable_once_its_choices_are_made() {
        for kind in Kind::ALL {
            let (id, mut draft) = fresh(kind, "Europe/Madrid", 77, NOW);

            let chosen = matches!(kind, Kind::Phone | Kind::Number);
            assert_eq!(is_readable(kind, &draft), !chosen, "{kind:?}");
            if kind == Kind::Phone {
                draft["agent"] = json!(AgentId::new(NOW, 1));
            } else if kind == Kind::Number {
                draft["to"]["queue"] = json!(QueueId::new(NOW, 1));
            }
            assert!(is_readable(kind, &draft), "{kind:?}");
            assert!(!id.is_empty());
        }
    }

    #[test]
    fn a_draft_begins_as_the_document_it_reads_back_to() {
        let queue = Queue::new(QueueId::new(NOW, 1), "Support");
        let setup = Setup {
            queues: vec![queue.clone()],
            ..Setup::default()
        };

        let draft = find(&setup, Kind::Queue, &queue.id.to_string());

        assert_eq!(draft.as_ref().and_then(read::<Queue>), Some(queue));
    }

    #[test]
    fn a_number_that_is_still_a_text_keeps_a_draft_from_being_saved() {
        let (_, mut draft) = fresh(Kind::Queue, "UTC", 1, NOW);
        draft["priority"] = json!("many");

        assert!(!is_readable(Kind::Queue, &draft));
    }

    #[test]
    fn a_rule_is_tried_in_its_own_place_among_the_others() {
        let (first, second) = (rule(RuleId::new(NOW, 1)), rule(RuleId::new(NOW, 2)));
        let setup = Setup {
            intents: vec![first.clone(), second.clone()],
            ..Setup::default()
        };
        let changed = IntentRule {
            confidence: 90,
            ..first
        };

        assert_eq!(rules_with(&setup, changed.clone()), [changed, second]);
        assert_eq!(rules_with(&setup, rule(RuleId::new(NOW, 3))).len(), 3);
    }

    #[test]
    fn two_sites_have_different_keys() {
        assert_ne!(site_key(1), site_key(2));
        assert_eq!(site_key(u128::MAX).len(), 16);
    }
}
