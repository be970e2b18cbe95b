//! Phones, trunks, numbers, dialling, and what callers hear.

use bellwire_proto::{
    admin::Kind,
    id::{AgentId, NumberId, PhoneId, TrunkId},
    interaction::Medium,
    setup::{
        Destination, DialLimits, Number, Phone, Queue, Setup, SipTransport, Trunk, TrunkLogin,
        WaitingSound,
    },
    time::Timestamp,
};

use super::{
    after,
    centre::{form, page, queue},
    refuses, warns,
};

/// A phone, a trunk, a number, and a country that may be called: nothing is wrong with them.
pub(super) fn telephones(setup: &mut Setup) {
    setup.phones = vec![phone(1, "Anna's desk", "anna"), phone(2, "Hall", "hall")];
    setup.trunks = vec![trunk()];
    setup.numbers = vec![number(1, "+34910000001"), number(2, "1000")];
    setup.dialling = DialLimits {
        allowed: vec!["+34".into()],
        barred: vec!["+34803".into()],
        most_calls: 2,
        minutes_a_day: 60,
        calls_a_number: 5,
        calls_a_visitor: 3,
    };
}

fn phone(n: u64, name: &str, user: &str) -> Phone {
    Phone {
        id: PhoneId::new(Timestamp(n), 1),
        name: name.into(),
        user: user.into(),
        agent: AgentId::new(Timestamp(1), 1),
        secure: false,
    }
}

fn trunk() -> Trunk {
    Trunk {
        id: TrunkId::new(Timestamp(1), 1),
        name: "Carrier".into(),
        on: true,
        host: "sip.carrier.example".into(),
        transport: SipTransport::Udp,
        secure: false,
        login: Some(TrunkLogin {
            user: "lumen".into(),
            auth_user: None,
            register: true,
        }),
        addresses: vec!["192.0.2.7".into()],
        caller_id: Some("+34910000001".into()),
        most_calls: 30,
        order: 0,
    }
}

fn number(n: u64, number: &str) -> Number {
    Number {
        id: NumberId::new(Timestamp(n), 1),
        number: number.into(),
        name: "Help line".into(),
        to: Destination::Queue(queue(1)),
        language: String::new(),
    }
}

fn with(change: impl FnOnce(&mut Setup)) -> impl FnOnce(&mut Setup) {
    |setup| {
        telephones(setup);
        change(setup);
    }
}

fn hall(change: impl FnOnce(&mut Phone)) -> impl FnOnce(&mut Setup) {
    with(|setup| change(&mut setup.phones[1]))
}

fn carrier(change: impl FnOnce(&mut Trunk)) -> impl FnOnce(&mut Setup) {
    with(|setup| change(&mut setup.trunks[0]))
}

fn second(change: impl FnOnce(&mut Number)) -> impl FnOnce(&mut Setup) {
    with(|setup| change(&mut setup.numbers[1]))
}

fn limits(change: impl FnOnce(&mut DialLimits)) -> impl FnOnce(&mut Setup) {
    with(|setup| change(&mut setup.dialling))
}

fn support(change: impl FnOnce(&mut Queue)) -> impl FnOnce(&mut Setup) {
    |setup| change(&mut setup.queues[0])
}

#[test]
fn good_telephones_have_no_finding() {
    assert_eq!(after(telephones), []);
}

#[test]
fn phones_register_by_names_of_their_own() {
    let say = "Another phone registers as ANNA too. Give each its own name; upper and lower case make no difference.";
    refuses(Kind::Phone, "user", say, hall(|it| it.user = "ANNA".into()));
    for name in ["", "two words", "ñ", "a@b", "a;b", "a\r\nEvil: 1"] {
        let findings = after(hall(|it| it.user = name.into()));
        assert!(
            findings.iter().any(|it| it.error && it.at == "user"),
            "{name:?}"
        );
    }
    let say = "34910000001 is a number under Numbers too, so dialling it could mean either. Give the phone another name.";
    refuses(
        Kind::Phone,
        "user",
        say,
        hall(|it| it.user = "34910000001".into()),
    );
}

#[test]
fn a_phone_is_somebodys_who_takes_calls() {
    refuses(
        Kind::Phone,
        "agent",
        "This user does not exist. Choose another.",
        hall(|it| it.agent = AgentId::new(Timestamp(9), 1)),
    );
    let say = "This user takes no calls, so this phone is never rung for a queue. Let the user take calls, or choose another.";
    warns(
        Kind::Phone,
        "agent",
        say,
        with(|setup| setup.users[0].capacity.calls = 0),
    );
}

#[test]
fn a_trunks_far_end_is_a_host_and_maybe_a_port() {
    for host in [
        "sip.carrier.example",
        "sip.carrier.example:5080",
        "192.0.2.7",
        "192.0.2.7:5080",
        "[2001:db8::1]",
        "[2001:db8::1]:5061",
        "pbx",
    ] {
        assert_eq!(after(carrier(|it| it.host = host.into())), [], "{host}");
    }
    for host in [
        "",
        "sip:carrier.example",
        "sips://carrier.example",
        "sip.carrier.example ",
        "two words",
        "192.0.2.256",
        "192.0.2.7:0",
        "192.0.2.7:70000",
        "2001:db8::1",
        "[2001:db8::1",
        "[2001:db8::1]x",
        "-a.example",
        "a..example",
        "a.example;transport=tls",
        "a.example\r\nVia: x",
    ] {
        let findings = after(carrier(|it| it.host = host.into()));
        assert!(
            findings.iter().any(|it| it.error && it.at == "host"),
            "{host:?}"
        );
    }
}

#[test]
fn a_trunk_takes_calls_from_somewhere() {
    let say = "No calls come in over this trunk: it neither registers nor names an address that calls are taken from. Add one of the two, unless it is for outgoing calls alone.";
    warns(
        Kind::Trunk,
        "addresses",
        say,
        carrier(|it| (it.login, it.addresses) = (None, vec![])),
    );
    let off = carrier(|it| (it.login, it.addresses, it.on) = (None, vec![], false));
    let findings = after(off);
    assert!(findings.iter().all(|it| it.at != "addresses"));
}

#[test]
fn a_trunk_never_trusts_the_whole_world() {
    let say = "This is the whole world: anybody could call without a password. Write the carrier's own addresses.";
    for world in [
        "0.0.0.0/0",
        "::/0",
        "1.2.3.4/0",
        "::ffff:0:0/96",
        "::/80",
        "::fffe:0:0/95",
    ] {
        refuses(
            Kind::Trunk,
            "addresses.0",
            say,
            carrier(|it| it.addresses = vec![world.into()]),
        );
    }
    let say = "This is a very large network, and anybody in it can call without a password. Write the carrier's own addresses.";
    warns(
        Kind::Trunk,
        "addresses.0",
        say,
        carrier(|it| it.addresses = vec!["10.0.0.0/8".into()]),
    );
    for bad in [
        "",
        "carrier.example",
        "192.0.2.0/33",
        "192.0.2.0/",
        "192.0.2.0/+4",
        "::1/129",
    ] {
        let findings = after(carrier(|it| it.addresses = vec![bad.into()]));
        assert!(
            findings.iter().any(|it| it.error && it.at == "addresses.0"),
            "{bad:?}"
        );
    }
    let good = ["192.0.2.0/24", "2001:db8::/32", "::ffff:192.0.2.7"];
    assert_eq!(
        after(carrier(|it| it.addresses = good.map(Into::into).into())),
        []
    );
}

#[test]
fn an_address_stands_at_one_trunk() {
    let say = "“::ffff:192.0.2.7” stands at another trunk or twice at this one, so which trunk a call came over is a guess. Take one away.";
    warns(
        Kind::Trunk,
        "addresses.1",
        say,
        carrier(|it| it.addresses.push("::ffff:192.0.2.7".into())),
    );
}

#[test]
fn a_trunks_keys_do_not_travel_in_the_clear() {
    let say = "The keys of the encrypted sound travel in messages that anybody on the way can read. Choose TLS as the transport, or do without encryption.";
    warns(Kind::Trunk, "secure", say, carrier(|it| it.secure = true));
    let secure = carrier(|it| (it.secure, it.transport) = (true, SipTransport::Tls));
    assert_eq!(after(secure), []);
}

#[test]
fn a_trunk_says_who_it_is_in_words_that_sip_can_carry() {
    for user in ["", "two words", "a\"b", "a>b", "a\r\nb"] {
        let findings = after(carrier(|it| {
            it.login = Some(TrunkLogin {
                user: user.into(),
                auth_user: Some(user.into()),
                register: true,
            });
        }));
        for at in ["login.user", "login.auth_user"] {
            assert!(
                findings.iter().any(|it| it.error && it.at == at),
                "{user:?} {at}"
            );
        }
    }
    let say = "“+34 910” is no number. Write up to 15 digits, with or without a + before them, and nothing between them.";
    refuses(
        Kind::Trunk,
        "caller_id",
        say,
        carrier(|it| it.caller_id = Some("+34 910".into())),
    );
    let say = "This trunk takes no calls and makes none. Write 1 or more, or turn it off.";
    warns(
        Kind::Trunk,
        "most_calls",
        say,
        carrier(|it| it.most_calls = 0),
    );
}

#[test]
fn a_number_leads_to_one_queue_that_takes_calls() {
    let say = "“0034-91” is no number. Write up to 15 digits, with or without a + before them, and nothing between them.";
    refuses(
        Kind::Number,
        "number",
        say,
        second(|it| it.number = "0034-91".into()),
    );
    let say = "34910000001 leads somewhere already, with or without a +. Take one away.";
    refuses(
        Kind::Number,
        "number",
        say,
        second(|it| it.number = "34910000001".into()),
    );
    refuses(
        Kind::Number,
        "to",
        "This queue does not exist. Choose another.",
        second(|it| it.to = Destination::Queue(queue(9))),
    );
    let say = "Callers see neither menus nor pages. Lead the number to a queue.";
    refuses(
        Kind::Number,
        "to",
        say,
        second(|it| it.to = Destination::Menu(form(1))),
    );
    refuses(Kind::Number, "to", say, second(|it| it.to = page("/help")));
    let say = "This queue takes no calls. Choose another, or let the queue take them.";
    refuses(
        Kind::Number,
        "to",
        say,
        with(|setup| setup.queues[0].media = vec![Medium::Chat]),
    );
}

#[test]
fn a_queue_that_only_a_number_leads_to_is_reached() {
    let findings = after(|setup| {
        telephones(setup);
        setup.queues.push(Queue {
            media: vec![Medium::Call],
            ..Queue::new(queue(3), "By telephone")
        });
        setup.users[0].queues.push(queue(3));
        setup.numbers[0].to = Destination::Queue(queue(3));
    });

    assert_eq!(findings, []);
}

#[test]
fn the_whole_world_is_never_dialled() {
    let say = "This would allow the whole world, the dearest numbers too. Write the countries that you call, like +34.";
    refuses(
        Kind::Dialling,
        "allowed.0",
        say,
        limits(|it| it.allowed = vec!["+".into()]),
    );
    for bad in ["", "34", "+34 91", "+*", "++34", "+1234567890123456"] {
        let findings = after(limits(|it| it.allowed.push(bad.into())));
        assert!(
            findings.iter().any(|it| it.error && it.at == "allowed.1"),
            "{bad:?}"
        );
    }
}

#[test]
fn what_is_allowed_can_be_dialled() {
    let say = "Nothing can be dialled because no minutes may be used in a day. Write 1 or more.";
    warns(
        Kind::Dialling,
        "minutes_a_day",
        say,
        limits(|it| it.minutes_a_day = 0),
    );
    let say = "Nothing can be dialled because no trunk is in use. Add one under Trunks, or allow nothing.";
    warns(
        Kind::Dialling,
        "allowed",
        say,
        with(|setup| setup.trunks[0].on = false),
    );
    let say = "No allowed beginning contains “+44”, so it is barred anyway. Take it away.";
    warns(
        Kind::Dialling,
        "barred.1",
        say,
        limits(|it| it.barred.push("+44".into())),
    );
    let say = "Everything that begins with “+34” is barred below. Take one of the two away.";
    warns(
        Kind::Dialling,
        "allowed.0",
        say,
        limits(|it| it.barred = vec!["+3".into()]),
    );
    assert_eq!(
        after(with(|setup| setup.dialling = DialLimits::default())),
        []
    );
}

#[test]
fn a_users_own_number_is_one_that_may_be_dialled() {
    let own = |number: &'static str| with(move |setup| setup.users[1].number = Some(number.into()));
    assert_eq!(after(own("+34910000009")), []);
    for bad in ["", "910", "+3", "+34 91"] {
        let findings = after(own(bad));
        assert!(
            findings.iter().any(|it| it.error && it.at == "number"),
            "{bad:?}"
        );
    }
    let say = "The dialling limits do not allow this number, so it never rings. Allow its beginning under Dialling limits, or take the number away.";
    warns(Kind::User, "number", say, own("+44200000000"));
    warns(Kind::User, "number", say, own("+34803000000"));
}

#[test]
fn callers_hear_files_of_the_folder_and_not_too_often() {
    let sound = |sound: WaitingSound| support(move |queue| queue.sound = sound);
    let good = WaitingSound {
        music: Some("Waiting room.wav".into()),
        announcements: vec!["soon.ogg".into()],
        every_s: 30,
    };
    assert_eq!(after(sound(good.clone())), []);
    for bad in [
        "",
        "../secret.wav",
        "/etc/passwd",
        "a\\b.wav",
        ".hidden",
        "C:x.wav",
    ] {
        let findings = after(sound(WaitingSound {
            music: Some(bad.into()),
            announcements: vec![bad.into()],
            every_s: 30,
        }));
        for at in ["sound.music", "sound.announcements.0"] {
            assert!(
                findings.iter().any(|it| it.error && it.at == at),
                "{bad:?} {at}"
            );
        }
    }
    let often = |every_s| WaitingSound {
        every_s,
        ..good.clone()
    };
    let say = "Callers would hear hardly anything else. Write 10 seconds or more; 0 is never.";
    refuses(Kind::Queue, "sound.every_s", say, sound(often(9)));
    let say = "The announcements are never played. Write after how many seconds they are, or take them away.";
    warns(Kind::Queue, "sound.every_s", say, sound(often(0)));
}
