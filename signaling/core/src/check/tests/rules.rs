//! Intent rules and invitations.

use bellwire_proto::{
    admin::Kind,
    id::SiteKey,
    interaction::Medium,
    setup::{Collected, Condition, IntentRule, Invitation, InvitationHow, Setup, What, Words},
};

use super::{
    after,
    centre::{when, without},
    refuses, warns,
};

fn rule(change: impl FnOnce(&mut IntentRule)) -> impl FnOnce(&mut Setup) {
    |setup| change(&mut setup.intents[0])
}

fn invitation(change: impl FnOnce(&mut Invitation)) -> impl FnOnce(&mut Setup) {
    |setup| change(&mut setup.invitations[0])
}

/// The rule with this as the second of its conditions that must all hold.
fn also(condition: Condition) -> impl FnOnce(&mut Setup) {
    rule(|rule| rule.all.push(condition))
}

fn dwell(seconds: u32) -> What {
    What::Dwell {
        category: String::new(),
        seconds,
    }
}

fn within(minutes: u32, what: What) -> Condition {
    Condition {
        within_min: Some(minutes),
        ..when(what)
    }
}

#[test]
fn a_condition_can_hold() {
    refuses(
        Kind::Intent,
        "all.1.within_min",
        "Nothing happens within 0 minutes. Write 1 or more, or leave it out.",
        also(within(0, What::Visits)),
    );
    let never = Condition {
        at_least: 0,
        ..when(What::Visits)
    };
    refuses(
        Kind::Intent,
        "all.1.at_least",
        "At least 0 times always holds. Write 1 or more.",
        also(never),
    );
    let twice = Condition {
        at_least: 2,
        ..when(What::Referrer("*.example*".into()))
    };
    warns(
        Kind::Intent,
        "all.1.at_least",
        "This is not counted, so the number is of no effect. Write 1.",
        also(twice),
    );
    let say = "Nobody looks at pages for 90 seconds within 1 minutes. Make the time shorter, or the minutes more.";
    refuses(
        Kind::Intent,
        "all.1.within_min",
        say,
        also(within(1, dwell(90))),
    );
    refuses(
        Kind::Intent,
        "all.1.what",
        "Looking at pages for 0 seconds always holds. Write 1 or more.",
        also(when(dwell(0))),
    );
    for percent in [0, 101] {
        let say = format!("A page is scrolled by 1 to 100 per cent, never by {percent}.");
        refuses(
            Kind::Intent,
            "all.1.what",
            &say,
            also(when(What::Scrolled(percent))),
        );
    }
    refuses(
        Kind::Intent,
        "all.1.what",
        "It is empty. Write something, or leave it out.",
        also(when(What::Event(" ".into()))),
    );
    refuses(
        Kind::Intent,
        "all.1.what",
        "It is 201 characters long; at most 200 are possible. Shorten it.",
        also(when(What::Clicked("x".repeat(201)))),
    );
    let say =
        "“spanish” is no language. Write its two or three letters in lower case, like en or es.";
    refuses(
        Kind::Intent,
        "all.1.what",
        say,
        also(when(What::Language("spanish".into()))),
    );
}

#[test]
fn a_pattern_can_fit_an_address() {
    let url = |pattern: &str| also(when(What::Url(pattern.into())));
    refuses(
        Kind::Intent,
        "all.1.what",
        "There are no spaces in an address, so nothing fits. Write * where there may be anything.",
        url("*my page*"),
    );
    refuses(
        Kind::Intent,
        "all.1.what",
        "What follows # in an address is not kept, so nothing fits. Leave it out.",
        url("/help#top"),
    );
    warns(
        Kind::Intent,
        "all.1.what",
        "Only an address that is laptops as a whole fits. Write *laptops* for addresses that hold it.",
        url("laptops"),
    );
    assert_eq!(after(url("/laptops/*")), []);
}

#[test]
fn an_answer_can_be_given() {
    let answered = |fact: &str, value: &str| {
        also(when(What::Answered {
            fact: fact.into(),
            value: value.into(),
        }))
    };
    warns(
        Kind::Intent,
        "all.1.what",
        "No form asks for colour, so this never holds. Make one that does, or choose another.",
        answered("colour", ""),
    );
    warns(
        Kind::Intent,
        "all.1.what",
        "No form offers “gardens” as topic, so this never holds. Choose another answer.",
        answered("topic", "gardens"),
    );
    assert_eq!(after(answered("topic", "Other")), []);
    assert_eq!(after(answered("email", "a@b.example")), []);
}

#[test]
fn a_rule_sees_only_what_is_collected() {
    let say = "No site of this rule collects searches, so this never holds. Let a site collect it.";
    warns(Kind::Intent, "any.0.what", say, |setup| {
        setup.sites[0].collects = without(&[Collected::Searches])
    });
}

#[test]
fn what_must_hold_is_not_what_must_not() {
    let say = "This rule can never fit: where number 1 of what must hold does, so does this. Take one away.";
    let none = |what: What| rule(|rule| rule.none.push(when(what)));
    refuses(
        Kind::Intent,
        "none.1",
        say,
        none(What::Category("LAPTOPS".into())),
    );
    let often = |setup: &mut Setup| {
        setup.intents[0].all = vec![within(5, dwell(60))];
        setup.intents[0].none = vec![within(10, dwell(30))];
    };
    refuses(Kind::Intent, "none.0", say, often);
    let later = Condition {
        at_least: 3,
        ..when(What::Category("laptops".into()))
    };
    assert_eq!(
        after(rule(|rule| rule.none.push(later))),
        [],
        "once or twice, not thrice"
    );
    let say =
        "This never counts: where it holds, so does number 2 of what must not. Take one away.";
    warns(
        Kind::Intent,
        "any.0",
        say,
        none(What::Searched(String::new())),
    );
    let say =
        "This rule can never fit: whichever of these holds, something that must not hold does too.";
    refuses(
        Kind::Intent,
        "any",
        say,
        rule(|rule| {
            rule.any.truncate(1);
            rule.none = rule.any.clone();
        }),
    );
    let say = "This can never fit: a page is not in en and in es at once. Take one away.";
    let language = |tag: &str| when(What::Language(tag.into()));
    refuses(
        Kind::Intent,
        "all.2",
        say,
        rule(|rule| rule.all.extend([language("en"), language("es")])),
    );
    refuses(
        Kind::Invitation,
        "when.1",
        say,
        invitation(|one| one.when.push(language("es"))),
    );
}

#[test]
fn a_rule_says_something_about_somebody() {
    let say = "Without a condition this rule fits every visitor. Add one.";
    warns(
        Kind::Intent,
        "all",
        say,
        rule(|rule| {
            rule.all.clear();
            rule.any.clear();
        }),
    );
    let say =
        "Nothing follows from this rule. Add a topic, a language, a product, skills or priority.";
    warns(
        Kind::Intent,
        "",
        say,
        rule(|rule| {
            rule.topic = None;
            rule.skills.clear();
        }),
    );
    for confidence in [0, 100] {
        let say = format!("A rule can be 1 to 99 per cent sure, not {confidence}.");
        refuses(
            Kind::Intent,
            "confidence",
            &say,
            rule(|rule| rule.confidence = confidence),
        );
    }
    refuses(
        Kind::Intent,
        "more",
        "A further condition can add at most 99 per cent, not 100.",
        rule(|rule| rule.more = 100),
    );
    refuses(
        Kind::Intent,
        "sites.0",
        "The site “blog” does not exist. Take it away.",
        rule(|rule| rule.sites = vec![SiteKey("blog".into())]),
    );
    let say = "Another intent rule is called Laptop trouble too. Give each its own name.";
    refuses(Kind::Intent, "name", say, |setup| {
        setup.intents.push(setup.intents[0].clone())
    });
}

#[test]
fn an_invitation_invites_to_something() {
    let say = "Visitors have nothing to read here. Write what the card says.";
    refuses(
        Kind::Invitation,
        "text",
        say,
        invitation(|one| one.text = Words::default()),
    );
    refuses(
        Kind::Invitation,
        "how",
        "No queue takes chats. Let one take them, or invite otherwise.",
        |setup| {
            setup
                .queues
                .iter_mut()
                .for_each(|queue| queue.media = vec![Medium::Call]);
        },
    );
    assert_eq!(after(invitation(|one| one.how = InvitationHow::Line)), []);
    refuses(
        Kind::Invitation,
        "sites.0",
        "The site “blog” does not exist. Take it away.",
        invitation(|one| one.sites = vec![SiteKey("blog".into())]),
    );
}

#[test]
fn an_invitation_gets_to_somebody() {
    let say = "All visitors are held back, so nobody is ever invited. Write less than 100.";
    warns(
        Kind::Invitation,
        "holdout",
        say,
        invitation(|one| one.holdout = 100),
    );
    refuses(
        Kind::Invitation,
        "holdout",
        "Of a hundred visitors 101 cannot be held back. Write 0 to 99.",
        invitation(|one| one.holdout = 101),
    );
    let say = "Only 2 users serve queues, so 3 are never free. Ask for less.";
    warns(
        Kind::Invitation,
        "free_agents",
        say,
        invitation(|one| one.free_agents = 3),
    );
    let say = "No intent rule tells the topic “gardens”, so nobody is ever invited. Add a rule that does, or choose another topic.";
    warns(
        Kind::Invitation,
        "topic",
        say,
        invitation(|one| one.topic = Some("gardens".into())),
    );
    warns(
        Kind::Invitation,
        "confidence",
        "Without a topic this is of no effect. Choose a topic, or write 0.",
        invitation(|one| one.topic = None),
    );
    refuses(
        Kind::Invitation,
        "confidence",
        "A rule is at most 99 per cent sure, never 100.",
        invitation(|one| one.confidence = 100),
    );
}
