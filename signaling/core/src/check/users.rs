//! Users: who may do what, and how much they take.

use bellwire_proto::{
    admin::Kind,
    setup::{Setup, User, UserRole},
};

use super::{
    book::Book,
    dialling,
    report::{Doc, Report},
    texts::{self, Once, shown},
};

/// The most chats of one agent at once.
const CHATS: u8 = 50;

/// Checks all users.
pub(super) fn check(setup: &Setup, book: &Book<'_>, report: &mut Report) {
    if !setup
        .users
        .iter()
        .any(|user| user.role == UserRole::Administrator)
    {
        report.on(Kind::User, "").error(
            "",
            "Nobody would be an administrator, and nothing could be changed any \
                 more. Let at least one user be.",
        );
    }
    let (mut logins, mut ids) = (Once::default(), Once::default());
    for user in &setup.users {
        let mut doc = report.on(Kind::User, user.id);
        ids.id(&mut doc, "id", "user", user.id);
        texts::filled(&mut doc, "name", &user.name, "a name");
        login(&mut doc, &user.user, &mut logins);
        of_user(user, book, &mut doc);
        dialling::own_number(user, &setup.dialling, &mut doc);
    }
}

fn login(doc: &mut Doc<'_>, name: &str, logins: &mut Once) {
    let fits = |letter: char| letter.is_alphanumeric() || ".-_@".contains(letter);
    if !(1..=64).contains(&name.chars().count()) || !name.chars().all(fits) {
        doc.error(
            "user",
            format!(
                "{} is no user name. Use 1 to 64 letters, digits, dots, hyphens, \
                 underscores and @.",
                shown(name)
            ),
        );
    } else if !logins.is_new(name) {
        doc.error(
            "user",
            format!(
                "Another user signs in as {name} too. Give each their own user name; \
                 upper and lower case make no difference."
            ),
        );
    }
}

fn of_user(user: &User, book: &Book<'_>, doc: &mut Doc<'_>) {
    texts::skills(doc, "skills", &user.skills, book);
    for (n, tag) in user.languages.iter().enumerate() {
        texts::language(doc, &format!("languages.{n}"), tag);
    }
    for (n, queue) in user.queues.iter().enumerate() {
        if !book.queues.contains_key(queue) {
            doc.error(
                format!("queues.{n}"),
                "This queue does not exist. Take it away.",
            );
        }
    }
    if user.capacity.calls > 1 {
        doc.error(
            "capacity.calls",
            "An agent takes one call at a time, or none. Write 1 or 0.",
        );
    }
    if user.capacity.chats > CHATS {
        doc.error(
            "capacity.chats",
            format!("An agent takes at most {CHATS} chats at a time."),
        );
    }
    if !user.queues.is_empty() && user.capacity.calls == 0 && user.capacity.chats == 0 {
        doc.warn(
            "capacity",
            "This user serves queues and takes neither calls nor chats. Let them \
                 take some, or take the queues away.",
        );
    }
}
