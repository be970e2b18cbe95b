//! Telephones: agents' phones, the numbers that lead to queues, and what callers hear there.

use std::collections::BTreeSet;

use bellwire_proto::{
    admin::Kind,
    interaction::Medium,
    setup::{Destination, Number, Phone, Queue, Setup},
};

use super::{
    book::Book,
    dialling::{digits, is_number, no_number},
    report::{Doc, Report},
    sites::not_taken,
    texts::{self, Once, shown},
};

/// The shortest pause between two announcements, in seconds.
const PAUSE_S: u32 = 10;

/// Checks phones and numbers.
pub(super) fn check(setup: &Setup, book: &Book<'_>, report: &mut Report) {
    phones(setup, report);
    numbers(setup, book, report);
}

/// What callers of a queue hear.
pub(super) fn sound(queue: &Queue, doc: &mut Doc<'_>) {
    let sound = &queue.sound;
    if let Some(music) = &sound.music {
        file(doc, "sound.music", music);
    }
    for (n, name) in sound.announcements.iter().enumerate() {
        file(doc, &format!("sound.announcements.{n}"), name);
    }
    match sound.every_s {
        0 if !sound.announcements.is_empty() => doc.warn(
            "sound.every_s",
            "The announcements are never played. Write after how many seconds they are, or take \
             them away.",
        ),
        0 => {}
        1..PAUSE_S => doc.error(
            "sound.every_s",
            format!(
                "Callers would hear hardly anything else. Write {PAUSE_S} seconds or more; 0 is \
                 never."
            ),
        ),
        PAUSE_S.. => {}
    }
}

fn phones(setup: &Setup, report: &mut Report) {
    let numbers: BTreeSet<&str> = (setup.numbers.iter())
        .map(|number| digits(&number.number))
        .collect();
    let (mut names, mut ids, mut users) = (Once::default(), Once::default(), Once::default());
    for phone in &setup.phones {
        let mut doc = report.on(Kind::Phone, phone.id);
        names.name(&mut doc, "phone", &phone.name);
        ids.id(&mut doc, "id", "phone", phone.id);
        account(phone, &numbers, &mut users, &mut doc);
        match setup.users.iter().find(|user| user.id == phone.agent) {
            None => doc.error("agent", "This user does not exist. Choose another."),
            Some(user) if user.capacity.calls == 0 => doc.warn(
                "agent",
                "This user takes no calls, so this phone is never rung for a queue. Let the user \
                 take calls, or choose another.",
            ),
            Some(_) => {}
        }
    }
}

fn account(phone: &Phone, numbers: &BTreeSet<&str>, users: &mut Once, doc: &mut Doc<'_>) {
    let user = phone.user.as_str();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    if !(1..=64).contains(&user.len()) || !user.bytes().all(fits) {
        doc.error(
            "user",
            format!(
                "{} is no name for a phone. Use 1 to 64 letters without accents, digits, dots, \
                 hyphens and underscores.",
                shown(user)
            ),
        );
    } else if !users.is_new(user) {
        doc.error(
            "user",
            format!(
                "Another phone registers as {user} too. Give each its own name; upper and lower \
                 case make no difference."
            ),
        );
    } else if numbers.contains(user) {
        doc.error(
            "user",
            format!(
                "{user} is a number under Numbers too, so dialling it could mean either. Give the \
                 phone another name."
            ),
        );
    }
}

fn numbers(setup: &Setup, book: &Book<'_>, report: &mut Report) {
    let (mut ids, mut once) = (Once::default(), Once::default());
    for number in &setup.numbers {
        let mut doc = report.on(Kind::Number, number.id);
        ids.id(&mut doc, "id", "number", number.id);
        texts::filled(&mut doc, "name", &number.name, "a name");
        of_number(number, &mut once, book, &mut doc);
    }
}

fn of_number(number: &Number, once: &mut Once, book: &Book<'_>, doc: &mut Doc<'_>) {
    let dialled = number.number.as_str();
    if !is_number(dialled) {
        doc.error("number", no_number(dialled));
    } else if !once.is_new(digits(dialled)) {
        doc.error(
            "number",
            format!("{dialled} leads somewhere already, with or without a +. Take one away."),
        );
    }
    if !number.language.is_empty() {
        texts::language(doc, "language", &number.language);
    }
    match &number.to {
        Destination::Queue(_) => texts::destination(doc, "to", &number.to, book),
        Destination::Menu(_) | Destination::Page { .. } | Destination::Link { .. } => doc.error(
            "to",
            "Callers see neither menus nor pages. Lead the number to a queue.",
        ),
    }
    if not_taken(&[Medium::Call], &number.to, book).is_some() {
        doc.error(
            "to",
            "This queue takes no calls. Choose another, or let the queue take them.",
        );
    }
}

/// The name of a file in the folder of sounds.
fn file(doc: &mut Doc<'_>, at: &str, name: &str) {
    let plain = |letter: char| !letter.is_control() && !"/\\:".contains(letter);
    let fits = (1..=100).contains(&name.chars().count()) && name.chars().all(plain);
    if !fits || name.starts_with('.') || name.trim() != name {
        doc.error(
            at,
            format!(
                "{} is no file of the folder of sounds. Write its name alone, like waiting.wav.",
                shown(name)
            ),
        );
    }
}
