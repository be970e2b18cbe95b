//! Users, and what they and queues have in common: skills and languages.

use bellwire_proto::{
    admin::Kind,
    setup::{Queue, Setup, SkillLevel, User, UserRole, Words},
};

use super::{centre::queue, refuses, warns};

fn support(change: impl FnOnce(&mut Queue)) -> impl FnOnce(&mut Setup) {
    |setup| change(&mut setup.queues[0])
}

fn laptops(change: impl FnOnce(&mut Queue)) -> impl FnOnce(&mut Setup) {
    |setup| change(&mut setup.queues[1])
}

fn boris(change: impl FnOnce(&mut User)) -> impl FnOnce(&mut Setup) {
    |setup| change(&mut setup.users[1])
}

#[test]
fn users_sign_in_by_names_of_their_own() {
    let say = "Another user signs in as ANNA too. Give each their own user name; upper and lower case make no difference.";
    refuses(
        Kind::User,
        "user",
        say,
        boris(|user| user.user = "ANNA".into()),
    );
    let say =
        "“boris b” is no user name. Use 1 to 64 letters, digits, dots, hyphens, underscores and @.";
    refuses(
        Kind::User,
        "user",
        say,
        boris(|user| user.user = "boris b".into()),
    );
    refuses(
        Kind::User,
        "name",
        "It has to have a name. Write one.",
        boris(|user| user.name.clear()),
    );
}

#[test]
fn users_take_what_one_person_can() {
    refuses(
        Kind::User,
        "capacity.calls",
        "An agent takes one call at a time, or none. Write 1 or 0.",
        boris(|user| user.capacity.calls = 2),
    );
    refuses(
        Kind::User,
        "capacity.chats",
        "An agent takes at most 50 chats at a time.",
        boris(|user| user.capacity.chats = 51),
    );
    let say = "This user serves queues and takes neither calls nor chats. Let them take some, or take the queues away.";
    warns(
        Kind::User,
        "capacity",
        say,
        boris(|user| (user.capacity.calls, user.capacity.chats) = (0, 0)),
    );
    refuses(
        Kind::User,
        "queues.0",
        "This queue does not exist. Take it away.",
        boris(|user| user.queues[0] = queue(9)),
    );
}

#[test]
fn the_last_administrator_stays_one() {
    let say = "Nobody would be an administrator, and nothing could be changed any more. Let at least one user be.";
    refuses(Kind::User, "", say, |setup| {
        setup.users[0].role = UserRole::Supervisor
    });
}

#[test]
fn skills_have_levels_and_are_in_the_list() {
    let say = "The level of laptops is 11. Levels go from 1 to 10.";
    refuses(
        Kind::Queue,
        "skills.laptops",
        say,
        laptops(|queue| {
            queue.skills.insert("laptops".into(), SkillLevel(11));
        }),
    );
    let say = "The level of laptops is 0. Levels go from 1 to 10.";
    refuses(
        Kind::User,
        "skills.laptops",
        say,
        boris(|user| {
            user.skills.insert("laptops".into(), SkillLevel(0));
        }),
    );
    let say = "“phones” is not in the list of skills. Add it there, or choose another.";
    warns(
        Kind::Queue,
        "prefers.phones",
        say,
        support(|queue| {
            queue.prefers.insert("phones".into(), SkillLevel(1));
        }),
    );
    refuses(
        Kind::Skills,
        "2",
        "The skill Laptops is there twice. Take one away.",
        |setup| setup.skills.push("Laptops".into()),
    );
    refuses(
        Kind::Reasons,
        "0",
        "It has to have a name. Write one.",
        |setup| setup.reasons[0].clear(),
    );
}

#[test]
fn languages_are_primary_tags() {
    for tag in ["Spanish", "ES", "es-MX", "e", ""] {
        let say = format!(
            "“{tag}” is no language. Write its two or three letters in lower case, like en or es."
        );
        refuses(
            Kind::Queue,
            "language",
            &say,
            laptops(|queue| queue.language = Some(tag.into())),
        );
        refuses(
            Kind::User,
            "languages.1",
            &say,
            boris(|user| user.languages[1] = tag.into()),
        );
        refuses(
            Kind::Queue,
            "label",
            &say,
            laptops(|queue| queue.label = Words::one(tag, "Portátiles")),
        );
    }
}
