//! Queues: what they ask of agents, and where contacts go instead.

use bellwire_proto::{
    admin::Kind,
    interaction::Medium,
    setup::{OverflowWhen, Queue, Relaxed, Setup, User},
};

use super::{
    book::Book,
    report::{Doc, Report},
    sites::{in_words, not_taken},
    telephones,
    texts::{self, Once},
};
use crate::routing::primary;

/// For how many seconds a contact may wait for one agent.
const LAST_AGENT_S: u32 = 86_400;

/// Checks all queues.
pub(super) fn check(setup: &Setup, book: &Book<'_>, report: &mut Report) {
    let mut once = Once::default();
    for queue in &setup.queues {
        let mut doc = report.on(Kind::Queue, queue.id);
        once.name(&mut doc, "queue", &queue.name);
        once.id(&mut doc, "id", "queue", queue.id);
        of_queue(queue, book, &mut doc);
        relaxed(queue, &mut doc);
        overflows(queue, book, &mut doc);
        served(queue, book, &mut doc);
        telephones::sound(queue, &mut doc);
    }
}

fn of_queue(queue: &Queue, book: &Book<'_>, doc: &mut Doc<'_>) {
    texts::words(doc, "label", &queue.label);
    if queue.media.is_empty() {
        doc.error(
            "media",
            "It takes neither calls nor chats. Choose at least one.",
        );
    }
    texts::skills(doc, "skills", &queue.skills, book);
    texts::skills(doc, "prefers", &queue.prefers, book);
    if let Some(language) = &queue.language {
        texts::language(doc, "language", language);
    }
    if queue.last_agent_s > LAST_AGENT_S {
        doc.error(
            "last_agent_s",
            "A contact can wait for the last agent for at most a day, 86400 seconds.",
        );
    }
    if queue
        .hours
        .is_some_and(|hours| !book.hours.contains_key(&hours))
    {
        doc.error(
            "hours",
            "These opening hours do not exist. Choose others, or none.",
        );
    }
    if queue
        .while_waiting
        .is_some_and(|form| !book.forms.contains_key(&form))
    {
        doc.error(
            "while_waiting",
            "This form does not exist. Choose another, or none.",
        );
    }
    texts::needs(doc, &queue.needs, book);
}

fn relaxed(queue: &Queue, doc: &mut Doc<'_>) {
    let mut latest = 0;
    for (n, step) in queue.relax.iter().enumerate() {
        if step.after_s < latest {
            doc.warn(
                format!("relax.{n}.after_s"),
                format!(
                    "A step before comes later, after {latest} seconds. Put them in the \
                     order of time."
                ),
            );
        }
        latest = latest.max(step.after_s);
        match &step.change {
            Relaxed::Skill { skill, level } => relaxed_skill(n, skill, *level, queue, doc),
            Relaxed::Language if queue.language.is_none() && !queue.visitors_language => {
                doc.warn(
                    format!("relax.{n}"),
                    "The queue asks for no language, so this step changes nothing. Take it away.",
                );
            }
            Relaxed::Language => {}
        }
    }
}

fn relaxed_skill(n: usize, skill: &str, level: u8, queue: &Queue, doc: &mut Doc<'_>) {
    if level > 10 {
        doc.error(
            format!("relax.{n}.level"),
            format!("The level of {skill} is {level}. Levels go from 1 to 10; 0 is not at all."),
        );
    }
    match queue.skills.get(skill) {
        None => {
            let skill = texts::shown(skill);
            let say = format!(
                "The queue does not ask for {skill}, so this step changes nothing. Take it away."
            );
            doc.warn(format!("relax.{n}.skill"), say);
        }
        Some(asked) if level >= asked.0 => {
            let say = format!(
                "The queue asks for {skill} at level {} anyway. Choose a lower level.",
                asked.0
            );
            doc.warn(format!("relax.{n}.level"), say);
        }
        Some(_) => {}
    }
}

fn overflows(queue: &Queue, book: &Book<'_>, doc: &mut Doc<'_>) {
    for (n, overflow) in queue.overflow.iter().enumerate() {
        let when = format!("overflow.{n}.when");
        let to = format!("overflow.{n}.to");
        texts::destination(doc, &to, &overflow.to, book);
        if let Some(medium) = not_taken(&queue.media, &overflow.to, book) {
            doc.warn(
                to,
                format!(
                    "This queue takes no {}, and they come here too. Choose another, or let \
                     it take them.",
                    in_words(medium)
                ),
            );
        }
        match overflow.when {
            OverflowWhen::Closed if queue.hours.is_none() => {
                doc.warn(
                    when.as_str(),
                    "The queue has no opening hours, so it never closes. Give it some, or \
                         take this away.",
                );
            }
            OverflowWhen::Waiting(0) | OverflowWhen::Waited(0) => {
                doc.warn(
                    when.as_str(),
                    "This always holds, so nobody ever waits in this queue. Write 1 or more.",
                );
            }
            OverflowWhen::Closed
            | OverflowWhen::NobodyThere
            | OverflowWhen::Waiting(_)
            | OverflowWhen::Waited(_) => {}
        }
        let earlier = queue.overflow[..n].iter();
        if let Some(before) = earlier
            .map(|one| one.when)
            .position(|one| holds_with(one, overflow.when))
        {
            doc.warn(
                when,
                format!(
                    "Nothing gets here: overflow {} comes before and holds then too. Move \
                     this one up, or take it away.",
                    before + 1
                ),
            );
        }
    }
}

/// Whether `one` holds whenever `other` does.
fn holds_with(one: OverflowWhen, other: OverflowWhen) -> bool {
    use OverflowWhen::{Closed, NobodyThere, Waited, Waiting};
    match (one, other) {
        (Closed, Closed) | (NobodyThere, NobodyThere) => true,
        (Waiting(one), Waiting(other)) | (Waited(one), Waited(other)) => one <= other,
        (Closed | NobodyThere | Waiting(_) | Waited(_), _) => false,
    }
}

fn served(queue: &Queue, book: &Book<'_>, doc: &mut Doc<'_>) {
    let serving = book.serving(queue.id);
    if serving.is_empty() {
        doc.warn(
            "",
            "Nobody serves this queue. Give it to a user, or take it away.",
        );
        return;
    }
    for medium in [Medium::Call, Medium::Chat] {
        let takes = |user: &&User| user.capacity.of(medium) > 0;
        if queue.media.contains(&medium) && !serving.iter().any(takes) {
            doc.warn(
                "media",
                format!(
                    "Nobody who serves this queue takes {}. Let a user take some.",
                    in_words(medium)
                ),
            );
        }
    }
    let able = |user: &User| {
        let has = |skill: &str| user.skills.get(skill);
        (queue.skills.iter()).all(|(skill, least)| has(skill).is_some_and(|level| level >= least))
    };
    let speaks = |user: &User| match &queue.language {
        Some(tag) => user
            .languages
            .iter()
            .any(|one| primary(one) == primary(tag)),
        None => true,
    };
    if !serving.iter().any(|user| able(user)) {
        doc.warn(
            "skills",
            "Nobody who serves this queue has all these skills at these levels. Ask \
                 less, or give a user the skills.",
        );
    } else if !serving.iter().any(|user| speaks(user)) {
        doc.warn(
            "language",
            "Nobody who serves this queue speaks this language. Choose another, or \
                 give a user the language.",
        );
    } else if !serving.iter().any(|user| able(user) && speaks(user)) {
        doc.warn(
            "skills",
            "Nobody who speaks the queue's language has all these skills at these \
                 levels. Ask less, or give a user the skills.",
        );
    }
}
