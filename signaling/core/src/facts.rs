//! What is known of a contact, and what that makes of it: facts from answers, intents and the page,
//! in this order; the way in that fits; what an agent must and should be able to do.

use std::collections::BTreeMap;

use bellwire_proto::{
    id::FormId,
    intent::Intent,
    interaction::Medium,
    setup::{Destination, Entry, Queue, Relaxed, Site, SkillLevel, fact},
};

use crate::{
    prompt::Facts,
    routing::{Needs, primary},
};

/// From this confidence on an intent counts as known, in per cent.
pub(crate) const SURE: u8 = 50;

/// Facts that stay with the visitor from one contact to the next; what it is about does not.
pub(crate) const LASTING: [&str; 4] = [fact::LANGUAGE, fact::NAME, fact::EMAIL, fact::PHONE];

/// What is known, by fact.
pub(crate) fn known(
    page_language: &str,
    name: Option<&str>,
    intents: &[Intent],
    lasting: &Facts,
    answers: &Facts,
) -> Facts {
    let mut facts = Facts::new();
    let mut learn = |fact: &str, value: Option<&str>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            facts.insert(fact.to_owned(), value.to_owned());
        }
    };
    let page = primary(page_language).to_ascii_lowercase();
    learn(fact::LANGUAGE, Some(&page));
    learn(fact::NAME, name);
    // The surest comes first in the list, and is learnt last.
    for intent in intents
        .iter()
        .rev()
        .filter(|intent| intent.confidence >= SURE)
    {
        learn(fact::TOPIC, intent.topic.as_deref());
        learn(fact::LANGUAGE, intent.language.as_deref());
        learn(fact::PRODUCT, intent.product.as_deref());
    }
    for (fact, value) in lasting.iter().chain(answers) {
        learn(fact, Some(value));
    }
    facts
}

/// The intents that count for a contact about this topic.
pub(crate) fn counting<'a>(
    intents: &'a [Intent],
    topic: Option<&'a str>,
) -> impl Iterator<Item = &'a Intent> {
    intents.iter().filter(move |intent| {
        let same = |theirs: &str| topic.is_none_or(|topic| topic.eq_ignore_ascii_case(theirs));
        intent.confidence >= SURE && intent.topic.as_deref().is_none_or(same)
    })
}

/// The first way in that fits. Menus in `asked` were answered and did not lead on: they are passed.
pub(crate) fn entry<'a>(
    site: &'a Site,
    facts: &Facts,
    medium: Option<Medium>,
    asked: &[FormId],
) -> Option<&'a Entry> {
    let language = facts.get(fact::LANGUAGE).map_or("", String::as_str);
    let topic = facts.get(fact::TOPIC).map_or("", String::as_str);
    site.entries.iter().find(|entry| {
        let speaks = (entry.language.as_deref())
            .is_none_or(|tag| primary(tag).eq_ignore_ascii_case(primary(language)));
        let about =
            (entry.topic.as_deref()).is_none_or(|wanted| wanted.eq_ignore_ascii_case(topic));
        let takes = entry.media.is_empty() || medium.is_none_or(|m| entry.media.contains(&m));
        let passed = matches!(&entry.to, Destination::Menu(form) if asked.contains(form));
        speaks && about && takes && !passed
    })
}

/// Where an entry leads, in words for an explanation.
pub(crate) fn entry_in_words(entry: &Entry) -> String {
    let language = entry.language.as_ref().map(|tag| format!("language {tag}"));
    let topic = entry.topic.as_ref().map(|topic| format!("topic {topic}"));
    let parts: Vec<_> = language.into_iter().chain(topic).collect();
    if parts.is_empty() {
        "the entry for everybody else".to_owned()
    } else {
        format!("the entry for {}", parts.join(" and "))
    }
}

/// The queue a destination is, if it is one.
pub(crate) fn as_queue(to: &Destination) -> Option<bellwire_proto::id::QueueId> {
    match to {
        Destination::Queue(queue) => Some(*queue),
        Destination::Menu(_) | Destination::Page { .. } | Destination::Link { .. } => None,
    }
}

/// What an agent must be able to do, after so many seconds of waiting.
///
/// What the queue asks stands. The visitor's language, and skills that the contact wishes for, are
/// asked as far as somebody in the queue `could` do it all: a contact is never lost by a wish.
pub(crate) fn needs(
    queue: &Queue,
    language: Option<&str>,
    skills: &BTreeMap<String, SkillLevel>,
    waited_s: u64,
    could: impl Fn(&Needs) -> bool,
) -> Needs {
    let eased = |mut needs: Needs| {
        let due = (queue.relax.iter()).filter(|step| u64::from(step.after_s) <= waited_s);
        for step in due {
            match &step.change {
                Relaxed::Skill { skill, level } => needs.relax(skill, SkillLevel(*level)),
                Relaxed::Language => needs.speak_any(),
            }
        }
        needs
    };
    let mut needs = eased(Needs::of(queue));
    let mut wish = |ask: &dyn Fn(&mut Needs)| {
        let mut more = needs.clone();
        ask(&mut more);
        let more = eased(more);
        if more != needs && could(&more) {
            needs = more;
        }
    };
    if let Some(tag) = language.filter(|_| queue.visitors_language) {
        wish(&|needs| needs.speak(tag));
    }
    for (skill, level) in skills {
        wish(&|needs| needs.ask(skill, *level));
    }
    needs
}

#[cfg(test)]
mod tests {
    use bellwire_proto::{
        id::{QueueId, RuleId, SiteKey},
        time::Timestamp,
    };

    use super::*;

    fn intent(topic: &str, confidence: u8) -> Intent {
        Intent {
            rule: RuleId::new(Timestamp(1), 1),
            name: topic.into(),
            topic: Some(topic.into()),
            language: None,
            product: None,
            skills: BTreeMap::new(),
            prefers: BTreeMap::new(),
            priority: 0,
            confidence,
            evidence: vec![],
        }
    }

    #[test]
    fn answers_win_over_intents_and_the_surest_intent_over_others() {
        let intents = [
            intent("laptops", 80),
            intent("orders", 60),
            intent("phones", 40),
        ];
        let none = Facts::new();
        let answered = Facts::from([("topic".to_owned(), "phones".to_owned())]);

        let guessed = known("es-MX", None, &intents, &none, &none);
        let told = known("es-MX", None, &intents, &none, &answered);

        assert_eq!(guessed["topic"], "laptops");
        assert_eq!(guessed["language"], "es");
        assert_eq!(told["topic"], "phones");
    }

    #[test]
    fn an_unsure_intent_is_not_known() {
        let none = Facts::new();

        let facts = known("", None, &[intent("phones", 40)], &none, &none);

        assert_eq!(facts, Facts::new());
    }

    #[test]
    fn the_first_entry_that_fits_is_taken() {
        let queue = |n| QueueId::new(Timestamp(1), n);
        let mut site = Site::new(SiteKey("shop".into()), "Shop");
        site.entries = vec![
            Entry {
                topic: Some("laptops".into()),
                ..Entry::into_queue(None, queue(1))
            },
            Entry::into_queue(Some("es"), queue(2)),
            Entry::into_queue(None, queue(3)),
        ];
        let led = |facts: &[(&str, &str)]| {
            let facts = facts
                .iter()
                .map(|(f, v)| ((*f).to_owned(), (*v).to_owned()));
            entry(&site, &facts.collect(), Some(Medium::Chat), &[]).and_then(|e| as_queue(&e.to))
        };

        assert_eq!(
            led(&[("topic", "Laptops"), ("language", "es")]),
            Some(queue(1))
        );
        assert_eq!(led(&[("language", "es-MX")]), Some(queue(2)));
        assert_eq!(led(&[("language", "de")]), Some(queue(3)));
    }

    #[test]
    fn needs_weaken_with_time_and_ask_for_nothing_that_nobody_can() {
        let mut queue = Queue::new(QueueId::new(Timestamp(1), 1), "Support");
        queue.visitors_language = true;
        queue.skills.insert("laptops".into(), SkillLevel(7));
        queue.relax = vec![
            bellwire_proto::setup::Relax {
                after_s: 60,
                change: Relaxed::Skill {
                    skill: "laptops".into(),
                    level: 3,
                },
            },
            bellwire_proto::setup::Relax {
                after_s: 120,
                change: Relaxed::Language,
            },
        ];
        let wished = BTreeMap::from([
            ("tv".to_owned(), SkillLevel(5)),
            ("rockets".to_owned(), SkillLevel(1)),
        ]);
        let at = |waited| {
            let needs = needs(&queue, Some("es"), &wished, waited, |needs| {
                !needs.in_words().contains("rockets")
            });
            needs.in_words()
        };

        assert_eq!(at(0), "laptops 7, es, tv 5");
        assert_eq!(at(60), "laptops 3, es, tv 5");
        assert_eq!(at(120), "laptops 3, tv 5");
    }
}
