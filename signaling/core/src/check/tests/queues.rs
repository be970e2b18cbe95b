//! Queues.

use bellwire_proto::{
    admin::Kind,
    interaction::Medium,
    setup::{Destination, Entry, OverflowWhen, Queue, Relaxed, Required, Setup, Span, User, Words},
};

use super::{
    after,
    centre::{form, hours, overflow, page, queue},
    refuses, warns,
};

fn support(change: impl FnOnce(&mut Queue)) -> impl FnOnce(&mut Setup) {
    |setup| change(&mut setup.queues[0])
}

fn laptops(change: impl FnOnce(&mut Queue)) -> impl FnOnce(&mut Setup) {
    |setup| change(&mut setup.queues[1])
}

fn everybody(change: impl Fn(&mut User)) -> impl FnOnce(&mut Setup) {
    move |setup| setup.users.iter_mut().for_each(change)
}

#[test]
fn queues_have_names_and_ids_of_their_own() {
    refuses(
        Kind::Queue,
        "name",
        "It has to have a name. Write one.",
        support(|queue| queue.name.clear()),
    );
    let say = "Another queue is called support too. Give each its own name.";
    refuses(
        Kind::Queue,
        "name",
        say,
        laptops(|queue| queue.name = "support ".into()),
    );
    let say = format!(
        "Another queue has the id {} too. Give this one another.",
        queue(1)
    );
    refuses(
        Kind::Queue,
        "id",
        &say,
        laptops(|laptops| laptops.id = queue(1)),
    );
}

#[test]
fn a_queue_takes_something() {
    let say = "It takes neither calls nor chats. Choose at least one.";
    refuses(
        Kind::Queue,
        "media",
        say,
        support(|queue| queue.media.clear()),
    );
}

#[test]
fn a_queue_names_what_exists() {
    let say = "These opening hours do not exist. Choose others, or none.";
    refuses(
        Kind::Queue,
        "hours",
        say,
        support(|queue| queue.hours = Some(hours(9))),
    );
    let say = "This form does not exist. Choose another, or none.";
    refuses(
        Kind::Queue,
        "while_waiting",
        say,
        support(|queue| queue.while_waiting = Some(form(9))),
    );
    refuses(
        Kind::Queue,
        "overflow.1.to",
        "This queue does not exist. Choose another.",
        support(|queue| queue.overflow[1] = overflow(OverflowWhen::NobodyThere, 9)),
    );
    let to = |to: Destination| support(|queue| queue.overflow[0].to = to);
    refuses(
        Kind::Queue,
        "overflow.0.to",
        "This menu does not exist. Choose another.",
        to(Destination::Menu(form(9))),
    );
    refuses(
        Kind::Queue,
        "overflow.0.to",
        "This is a form, which leads nowhere. Choose a menu.",
        to(Destination::Menu(form(2))),
    );
}

#[test]
fn pages_have_addresses() {
    for url in [
        "help",
        "//elsewhere.example",
        "javascript:alert(1)",
        "ftp://x.example",
        "https://",
        "/a b",
        "https:///x",
    ] {
        let say = format!(
            "“{url}” is no address. Write https://… or, for a page of the site itself, /…."
        );
        refuses(
            Kind::Queue,
            "overflow.0.to",
            &say,
            support(|queue| queue.overflow[0].to = page(url)),
        );
    }
    for url in [
        "/help",
        "/",
        "https://shop.example/help?a=b#c",
        "http://localhost:8080",
    ] {
        assert_eq!(
            after(support(|queue| queue.overflow[0].to = page(url))),
            [],
            "{url}"
        );
    }
    let unnamed = Destination::Link {
        url: "https://shop.example".into(),
        label: Words::default(),
    };
    warns(
        Kind::Queue,
        "overflow.0.to",
        "Visitors cannot read what this page is. Write a label.",
        support(|queue| queue.overflow[0].to = unnamed),
    );
}

#[test]
fn needs_weaken_in_the_order_of_time() {
    warns(
        Kind::Queue,
        "relax.1.after_s",
        "A step before comes later, after 90 seconds. Put them in the order of time.",
        laptops(|queue| queue.relax[0].after_s = 90),
    );
    let skill = |skill: &str, level| {
        let change = Relaxed::Skill {
            skill: skill.into(),
            level,
        };
        laptops(|queue| queue.relax[0].change = change)
    };
    warns(
        Kind::Queue,
        "relax.0.skill",
        "The queue does not ask for “returns”, so this step changes nothing. Take it away.",
        skill("returns", 1),
    );
    warns(
        Kind::Queue,
        "relax.0.level",
        "The queue asks for laptops at level 5 anyway. Choose a lower level.",
        skill("laptops", 5),
    );
    refuses(
        Kind::Queue,
        "relax.0.level",
        "The level of laptops is 11. Levels go from 1 to 10; 0 is not at all.",
        skill("laptops", 11),
    );
    warns(
        Kind::Queue,
        "relax.1",
        "The queue asks for no language, so this step changes nothing. Take it away.",
        laptops(|queue| queue.language = None),
    );
    refuses(
        Kind::Queue,
        "last_agent_s",
        "A contact can wait for the last agent for at most a day, 86400 seconds.",
        support(|queue| queue.last_agent_s = 86_401),
    );
}

#[test]
fn an_overflow_can_happen_and_be_taken() {
    let say =
        "The queue has no opening hours, so it never closes. Give it some, or take this away.";
    warns(
        Kind::Queue,
        "overflow.0.when",
        say,
        support(|queue| queue.hours = None),
    );
    let say = "This always holds, so nobody ever waits in this queue. Write 1 or more.";
    warns(
        Kind::Queue,
        "overflow.1.when",
        say,
        support(|queue| queue.overflow[1].when = OverflowWhen::Waiting(0)),
    );
    let say = "Nothing gets here: overflow 2 comes before and holds then too. Move this one up, or take it away.";
    warns(
        Kind::Queue,
        "overflow.2.when",
        say,
        support(|queue| queue.overflow.push(overflow(OverflowWhen::Waited(301), 2))),
    );
    let say =
        "This queue takes no calls, and they come here too. Choose another, or let it take them.";
    warns(
        Kind::Queue,
        "overflow.1.to",
        say,
        laptops(|queue| queue.media = vec![Medium::Chat]),
    );
}

#[test]
fn overflows_that_lead_back_are_refused() {
    let say = "This queue overflows into itself. Choose another destination.";
    refuses(
        Kind::Queue,
        "overflow.1",
        say,
        support(|queue| queue.overflow[1] = overflow(OverflowWhen::NobodyThere, 1)),
    );
    for when in [
        OverflowWhen::NobodyThere,
        OverflowWhen::Waiting(3),
        OverflowWhen::Waited(60),
    ] {
        let back = |queue: &mut Queue| queue.overflow.push(overflow(when, 1));
        let say = "Contacts would go round for ever: Laptops → Support → Laptops. Take one of these overflows away.";
        refuses(Kind::Queue, "overflow.0", say, laptops(back));
    }
}

#[test]
fn queues_that_take_turns_may_overflow_into_each_other() {
    let turns = |until: u16| {
        move |setup: &mut Setup| {
            let mut night = setup.hours[0].clone();
            night.id = hours(2);
            night.name = "Night".into();
            night.holidays.clear();
            night.week = vec![vec![Span { from: 0, to: until }]; 7];
            setup.hours[0].holidays.clear();
            setup.hours[0].week = vec![
                vec![Span {
                    from: 540,
                    to: 1440
                }];
                7
            ];
            setup.hours.push(night);
            setup.queues[0].overflow = vec![overflow(OverflowWhen::Closed, 2)];
            setup.queues[1].overflow = vec![overflow(OverflowWhen::Closed, 1)];
            setup.queues[1].hours = Some(hours(2));
        }
    };

    assert_eq!(after(turns(540)), []);
    let say = "Contacts would go round for ever: Support → Laptops → Support. Take one of these overflows away.";
    refuses(Kind::Queue, "overflow.0", say, turns(539));
}

#[test]
fn a_queue_is_served_by_somebody_who_can() {
    let say = "Nobody serves this queue. Give it to a user, or take it away.";
    warns(
        Kind::Queue,
        "",
        say,
        everybody(|user| user.queues.truncate(1)),
    );
    let say = "Nobody who serves this queue takes calls. Let a user take some.";
    warns(
        Kind::Queue,
        "media",
        say,
        everybody(|user| user.capacity.calls = 0),
    );
    let say = "Nobody who serves this queue has all these skills at these levels. Ask less, or give a user the skills.";
    warns(
        Kind::Queue,
        "skills",
        say,
        everybody(|user| user.skills.clear()),
    );
    let say = "Nobody who serves this queue speaks this language. Choose another, or give a user the language.";
    warns(
        Kind::Queue,
        "language",
        say,
        everybody(|user| user.languages.truncate(1)),
    );
    let say = "Nobody who speaks the queue's language has all these skills at these levels. Ask less, or give a user the skills.";
    warns(Kind::Queue, "skills", say, |setup| {
        setup.users[0].skills.clear();
        setup.users[1].languages.truncate(1);
    });
}

#[test]
fn a_queue_is_reached() {
    let say = "No visitor gets to this queue. Lead an entry, a menu or an overflow to it, or take it away.";
    warns(Kind::Queue, "", say, |setup| {
        setup.queues[0].overflow.truncate(1);
        setup.sites[0].entries = vec![Entry::into_queue(None, queue(1))];
        setup.sites[0].needs.clear();
    });
}

#[test]
fn what_must_be_known_is_asked_for() {
    let need = |fact: &str| {
        vec![Required {
            fact: fact.into(),
            otherwise: None,
        }]
    };
    let say = "No form asks for colour. Make one that does, or say what is taken otherwise.";
    refuses(
        Kind::Queue,
        "needs.0.fact",
        say,
        support(|queue| queue.needs = need("colour")),
    );
    let say = "email is asked for twice. Take one away.";
    refuses(
        Kind::Queue,
        "needs.1.fact",
        say,
        support(|queue| queue.needs = [need("email"), need("email")].concat()),
    );
    let say = "“my colour” is no name for an answer. Use 1 to 64 letters without accents, digits, dots, hyphens and underscores.";
    refuses(
        Kind::Queue,
        "needs.0.fact",
        say,
        support(|queue| queue.needs = need("my colour")),
    );
}
