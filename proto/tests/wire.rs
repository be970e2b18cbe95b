//! The wire, line by line: what is here may not change without a new version.

#![expect(clippy::unwrap_used, reason = "a test fails where it is wrong")]

use bellwire_proto::{
    admin::{
        CallProgress, Contact, FirstPassword, Kind, PhoneLine, RefusedLogin, Saved, TestCall,
        TestCallResult, TrunkLine, TrunkState,
    },
    agent::{
        AgentCommand, AgentEvent, AgentRefusal, AgentState, Chosen, Device, Devices, Offer, OnPhone,
    },
    id::{
        ConnectionId, InteractionId, InvitationId, MessageId, PeerId, PhoneId, SiteKey, TabId,
        TrunkId,
    },
    interaction::{Caller, ChatMessage, Context, EndCause, Medium, Page, Role, Seen},
    journey::{JourneyEvent, JourneyKind, SentField},
    prompt::{Answer, Ask, AskOption, BadAnswer, BadAnswerWhy, Prompt},
    rtc::{Sending, Signal, Step},
    setup::{CartAction, InvitationHow},
    time::Timestamp,
    visitor::{
        AgentCard, CentreView, InvitationAct, InvitationView, Start, VisitorCommand, VisitorEvent,
        Wait,
    },
    wire::{Bye, ByeReason, Down, Hello, Pass, Up, Welcome},
};
use serde::{Serialize, de::DeserializeOwned};

const AT: Timestamp = Timestamp(1_790_000_000_000);

fn int() -> InteractionId {
    InteractionId::new(AT, 1)
}

fn peer() -> PeerId {
    PeerId::new(AT, 2)
}

#[track_caller]
fn pinned<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: T, line: &str) {
    assert_eq!(serde_json::to_string(&value).unwrap(), line);
    assert_eq!(serde_json::from_str::<T>(line).unwrap(), value);
}

#[test]
fn a_visitors_frames_keep_their_form() {
    type Line = Up<VisitorCommand>;
    let hello = Hello {
        version: 2,
        tab: TabId::new(AT, 3),
        pass: Pass::Visitor {
            site: SiteKey("KEY".into()),
            token: Some("t".into()),
            visits: 0,
            quiet: false,
        },
        seen: vec![Seen {
            interaction: int(),
            seq: 4,
        }],
    };
    pinned::<Line>(
        Up::Hello(hello),
        r#"{"hello":{"version":2,"tab":"tab_01M3250V000000000000000003","pass":{"visitor":{"site":"KEY","token":"t"}},"seen":[{"interaction":"int_01M3250V000000000000000001","seq":4}]}}"#,
    );
    let start = Start {
        interaction: int(),
        medium: Medium::Call,
        video: true,
        peer: Some(peer()),
    };
    pinned::<Line>(
        Up::Do {
            n: 1,
            command: VisitorCommand::Start(start),
        },
        r#"{"do":{"n":1,"command":{"start":{"interaction":"int_01M3250V000000000000000001","medium":"call","video":true,"peer":"peer_01M3250V000000000000000002"}}}}"#,
    );
    pinned::<Line>(
        Up::Do {
            n: 2,
            command: VisitorCommand::Say {
                interaction: int(),
                message: MessageId::new(AT, 5),
                text: "Hello".into(),
            },
        },
        r#"{"do":{"n":2,"command":{"say":{"interaction":"int_01M3250V000000000000000001","message":"msg_01M3250V000000000000000005","text":"Hello"}}}}"#,
    );
    pinned::<Line>(Up::Ping, r#""ping""#);
    pinned::<Line>(Up::Ice, r#""ice""#);
}

#[test]
fn signals_keep_their_form() {
    let relay = |step| Up::<VisitorCommand>::Relay {
        interaction: int(),
        signal: Signal {
            from: peer(),
            to: None,
            step,
        },
    };
    let sdp = "v=0\r\n".to_owned();
    pinned(
        relay(Step::Offer { sdp }),
        r#"{"relay":{"interaction":"int_01M3250V000000000000000001","signal":{"from":"peer_01M3250V000000000000000002","step":{"offer":{"sdp":"v=0\r\n"}}}}}"#,
    );
    pinned(
        relay(Step::Candidate {
            candidate: "candidate:1 1 udp 1 127.0.0.1 9 typ host".into(),
            mid: Some("0".into()),
            line: None,
        }),
        r#"{"relay":{"interaction":"int_01M3250V000000000000000001","signal":{"from":"peer_01M3250V000000000000000002","step":{"candidate":{"candidate":"candidate:1 1 udp 1 127.0.0.1 9 typ host","mid":"0"}}}}}"#,
    );
    let sending = Sending {
        audio: true,
        video: false,
    };
    pinned(
        relay(Step::Sending(sending)),
        r#"{"relay":{"interaction":"int_01M3250V000000000000000001","signal":{"from":"peer_01M3250V000000000000000002","step":{"sending":{"audio":true,"video":false}}}}}"#,
    );
}

#[test]
fn what_a_visitor_is_told_keeps_its_form() {
    type Line = Down<VisitorEvent>;
    pinned::<Line>(
        Down::Welcome(Welcome {
            connection: ConnectionId::new(AT, 6),
            now: AT,
            token: Some("t".into()),
        }),
        r#"{"welcome":{"connection":"con_01M3250V000000000000000006","now":1790000000000,"token":"t"}}"#,
    );
    pinned::<Line>(
        Down::Tell(VisitorEvent::Waiting {
            interaction: int(),
            position: 2,
            ringing: false,
            wait: None,
        }),
        r#"{"tell":{"waiting":{"interaction":"int_01M3250V000000000000000001","position":2,"ringing":false}}}"#,
    );
    pinned::<Line>(
        Down::Tell(VisitorEvent::Connected {
            interaction: int(),
            agent: AgentCard {
                name: "Anna".into(),
            },
            peer: Some(peer()),
            at: AT,
        }),
        r#"{"tell":{"connected":{"interaction":"int_01M3250V000000000000000001","agent":{"name":"Anna"},"peer":"peer_01M3250V000000000000000002","at":1790000000000}}}"#,
    );
    pinned::<Line>(
        Down::Tell(VisitorEvent::Said {
            interaction: int(),
            message: ChatMessage {
                seq: 1,
                id: MessageId::new(AT, 5),
                from: Role::Agent,
                name: Some("Anna".into()),
                text: "Hi".into(),
                at: AT,
            },
        }),
        r#"{"tell":{"said":{"interaction":"int_01M3250V000000000000000001","message":{"seq":1,"id":"msg_01M3250V000000000000000005","from":"agent","name":"Anna","text":"Hi","at":1790000000000}}}}"#,
    );
    pinned::<Line>(
        Down::Tell(VisitorEvent::Ended {
            interaction: int(),
            cause: EndCause::HungUp,
            by: Some(Role::Agent),
        }),
        r#"{"tell":{"ended":{"interaction":"int_01M3250V000000000000000001","cause":"hung_up","by":"agent"}}}"#,
    );
    pinned::<Line>(Down::Done { n: 7 }, r#"{"done":{"n":7}}"#);
    pinned::<Line>(Down::Pong, r#""pong""#);
    pinned::<Line>(
        Down::Bye(Bye {
            reason: ByeReason::Restart,
            retry_in_ms: Some(500),
        }),
        r#"{"bye":{"reason":"restart","retry_in_ms":500}}"#,
    );
}

#[test]
fn an_agents_frames_keep_their_form() {
    pinned(
        Up::<AgentCommand>::Do {
            n: 3,
            command: AgentCommand::Accept {
                interaction: int(),
                epoch: 2,
                peer: Some(peer()),
            },
        },
        r#"{"do":{"n":3,"command":{"accept":{"interaction":"int_01M3250V000000000000000001","epoch":2,"peer":"peer_01M3250V000000000000000002"}}}}"#,
    );
    pinned(AgentCommand::Ready, r#""ready""#);
    pinned(
        AgentCommand::NotReady {
            reason: "Lunch".into(),
        },
        r#"{"not_ready":{"reason":"Lunch"}}"#,
    );
    pinned(
        AgentEvent::State {
            chosen: Chosen::Ready,
            state: AgentState::WrapUp,
            since: AT,
        },
        r#"{"state":{"chosen":"ready","state":"wrap_up","since":1790000000000}}"#,
    );
}

#[test]
fn an_offer_keeps_its_form() {
    let journey = vec![JourneyEvent {
        n: 1,
        at: AT,
        kind: JourneyKind::Clicked { mark: "buy".into() },
    }];
    pinned(
        AgentEvent::Offered(Offer {
            interaction: int(),
            epoch: 1,
            medium: Medium::Chat,
            video: false,
            queue: "Sales".into(),
            waited_ms: 5,
            ring_ms: 20_000,
            context: Context {
                site: "Shop".into(),
                name: None,
                page: Page {
                    url: "https://shop.example/".into(),
                    title: "Shop".into(),
                    referrer: String::new(),
                    language: "en".into(),
                },
                journey,
                ..Context::default()
            },
            rings: Device::default(),
        }),
        r#"{"offered":{"interaction":"int_01M3250V000000000000000001","epoch":1,"medium":"chat","video":false,"queue":"Sales","waited_ms":5,"ring_ms":20000,"context":{"site":"Shop","page":{"url":"https://shop.example/","title":"Shop","referrer":"","language":"en"},"journey":[{"n":1,"at":1790000000000,"kind":{"clicked":{"mark":"buy"}}}],"visits":0},"rings":"browser"}}"#,
    );
}

#[test]
fn telephones_of_agents_and_callers_keep_their_form() {
    let interaction = int();
    pinned(
        AgentCommand::TakeCallsOn {
            device: Device::Both,
        },
        r#"{"take_calls_on":{"device":"both"}}"#,
    );
    pinned(
        AgentCommand::Mute {
            interaction,
            muted: true,
        },
        r#"{"mute":{"interaction":"int_01M3250V000000000000000001","muted":true}}"#,
    );
    let keys = r#"{"digits":{"interaction":"int_01M3250V000000000000000001","digits":"1*#"}}"#;
    let digits = || "1*#".to_owned();
    pinned(
        AgentCommand::Digits {
            interaction,
            digits: digits(),
        },
        keys,
    );
    pinned(
        AgentEvent::Digits {
            interaction,
            digits: digits(),
        },
        keys,
    );
    pinned(
        VisitorCommand::Digits {
            interaction,
            digits: digits(),
        },
        keys,
    );
    pinned(
        VisitorEvent::Digits {
            interaction,
            digits: digits(),
        },
        keys,
    );
    pinned(
        AgentEvent::Devices(Devices {
            chosen: Device::Phone,
            phone: Some(false),
            number: Some("+34910000001".into()),
        }),
        r#"{"devices":{"chosen":"phone","phone":false,"number":"+34910000001"}}"#,
    );
    pinned(
        AgentEvent::Devices(Devices::default()),
        r#"{"devices":{"chosen":"browser"}}"#,
    );
    pinned(
        AgentEvent::OnPhone {
            interaction,
            phone: Some(OnPhone { muted: true }),
        },
        r#"{"on_phone":{"interaction":"int_01M3250V000000000000000001","phone":{"muted":true}}}"#,
    );
    pinned(
        AgentEvent::OnPhone {
            interaction,
            phone: None,
        },
        r#"{"on_phone":{"interaction":"int_01M3250V000000000000000001","phone":null}}"#,
    );
    pinned(
        AgentEvent::Refused {
            interaction: None,
            reason: AgentRefusal::NoSuchDevice,
        },
        r#"{"refused":{"interaction":null,"reason":"no_such_device"}}"#,
    );
    pinned(
        Caller {
            number: Some("+34910000002".into()),
            name: Some("Ana".into()),
            dialled: "+34910000099".into(),
        },
        r#"{"number":"+34910000002","name":"Ana","dialled":"+34910000099"}"#,
    );
    pinned(
        Caller {
            dialled: "100".into(),
            ..Caller::default()
        },
        r#"{"dialled":"100"}"#,
    );
}

#[test]
fn a_page_that_is_told_nothing_of_telephones_takes_calls_by_itself() {
    let offer = r#"{"interaction":"int_01M3250V000000000000000001","epoch":1,"medium":"call","video":false,"queue":"Sales","waited_ms":5,"ring_ms":20000,"context":{"site":"Shop","page":{"url":"","title":""}}}"#;

    let offer: Offer = serde_json::from_str(offer).unwrap();

    assert_eq!(offer.rings, Device::Browser);
    assert_eq!(offer.context.caller, None);
}

#[test]
fn an_agents_withdrawal_keeps_its_form() {
    pinned(
        AgentEvent::Withdrawn {
            interaction: int(),
            epoch: 1,
            cause: EndCause::NoAnswer,
        },
        r#"{"withdrawn":{"interaction":"int_01M3250V000000000000000001","epoch":1,"cause":"no_answer"}}"#,
    );
}

#[test]
fn what_is_asked_and_answered_keeps_its_form() {
    let prompt = Prompt {
        n: 1,
        title: "What is it about?".into(),
        ask: Ask::Menu(vec![AskOption {
            value: "laptops".into(),
            label: "A laptop".into(),
        }]),
        skippable: true,
        before: true,
    };
    pinned(
        VisitorEvent::Asked {
            interaction: int(),
            prompt: Some(prompt),
        },
        r#"{"asked":{"interaction":"int_01M3250V000000000000000001","prompt":{"n":1,"title":"What is it about?","ask":{"menu":[{"value":"laptops","label":"A laptop"}]},"skippable":true,"before":true}}}"#,
    );
    pinned(
        VisitorCommand::Answer {
            interaction: int(),
            n: 1,
            answers: vec![Answer {
                fact: "menu".into(),
                value: "laptops".into(),
            }],
        },
        r#"{"answer":{"interaction":"int_01M3250V000000000000000001","n":1,"answers":[{"fact":"menu","value":"laptops"}]}}"#,
    );
    pinned(
        VisitorEvent::BadAnswers {
            interaction: int(),
            bad: vec![BadAnswer {
                fact: "email".into(),
                why: BadAnswerWhy::NotEmail,
            }],
        },
        r#"{"bad_answers":{"interaction":"int_01M3250V000000000000000001","bad":[{"fact":"email","why":"not_email"}]}}"#,
    );
}

#[test]
fn status_waits_and_invitations_keep_their_form() {
    let wait = Wait {
        from_s: 30,
        to_s: 120,
    };
    pinned(
        VisitorEvent::Waiting {
            interaction: int(),
            position: 2,
            ringing: false,
            wait: Some(wait),
        },
        r#"{"waiting":{"interaction":"int_01M3250V000000000000000001","position":2,"ringing":false,"wait":{"from_s":30,"to_s":120}}}"#,
    );
    pinned(
        VisitorEvent::Centre(CentreView {
            topic: "Laptops".into(),
            open: true,
            chat_agents: 2,
            chat_wait: Some(wait),
            ..CentreView::default()
        }),
        r#"{"centre":{"topic":"Laptops","open":true,"call_agents":0,"chat_agents":2,"waiting":0,"chat_wait":{"from_s":30,"to_s":120}}}"#,
    );
    let invitation = InvitationId::new(AT, 7);
    pinned(
        VisitorEvent::Invited(InvitationView {
            invitation,
            how: InvitationHow::Contact(Medium::Chat),
            text: "May we help?".into(),
            accept: String::new(),
        }),
        r#"{"invited":{"invitation":"inv_01M3250V000000000000000007","how":{"contact":"chat"},"text":"May we help?","accept":""}}"#,
    );
    pinned(
        VisitorCommand::Invitation {
            invitation,
            act: InvitationAct::Shown,
        },
        r#"{"invitation":{"invitation":"inv_01M3250V000000000000000007","act":"shown"}}"#,
    );
}

#[test]
fn a_journey_keeps_its_form() {
    let kinds = vec![
        JourneyKind::Viewed {
            url: "https://shop.example/".into(),
            title: "Shop".into(),
            referrer: String::new(),
            language: "en".into(),
            categories: vec!["laptops".into()],
        },
        JourneyKind::Scrolled {
            url: "https://shop.example/".into(),
            percent: 75,
        },
        JourneyKind::Searched { text: "fan".into() },
        JourneyKind::Submitted {
            form: "contact".into(),
            fields: vec![SentField {
                name: "email".into(),
                value: None,
            }],
        },
        JourneyKind::Cart {
            action: CartAction::Added,
            item: "Air 13".into(),
            quantity: 1,
            worth: 99_900,
        },
    ];
    pinned(
        kinds,
        r#"[{"viewed":{"url":"https://shop.example/","title":"Shop","referrer":"","language":"en","categories":["laptops"]}},{"scrolled":{"url":"https://shop.example/","percent":75}},{"searched":{"text":"fan"}},{"submitted":{"form":"contact","fields":[{"name":"email"}]}},{"cart":{"action":"added","item":"Air 13","quantity":1,"worth":99900}}]"#,
    );
}

#[test]
fn how_telephones_stand_keeps_its_form() {
    pinned(
        PhoneLine {
            phone: PhoneId::new(AT, 8),
            registered: vec![Contact {
                contact: "sip:anna@192.0.2.9:5060".into(),
                source: "198.51.100.2:40112".into(),
                transport: "udp".into(),
                agent: "Desk 1".into(),
                until: AT,
            }],
            refused: None,
        },
        r#"{"phone":"pho_01M3250V000000000000000008","registered":[{"contact":"sip:anna@192.0.2.9:5060","source":"198.51.100.2:40112","transport":"udp","agent":"Desk 1","until":1790000000000}]}"#,
    );
    pinned(
        PhoneLine {
            phone: PhoneId::new(AT, 8),
            registered: vec![],
            refused: Some(RefusedLogin {
                at: AT,
                source: "198.51.100.2:40112".into(),
            }),
        },
        r#"{"phone":"pho_01M3250V000000000000000008","registered":[],"refused":{"at":1790000000000,"source":"198.51.100.2:40112"}}"#,
    );
    let trunk = TrunkId::new(AT, 9);
    pinned(
        TrunkLine {
            trunk,
            state: TrunkState::Down,
            since: AT,
            why: Some("It does not answer.".into()),
            calls: 0,
            last_refused: None,
        },
        r#"{"trunk":"trk_01M3250V000000000000000009","state":"down","since":1790000000000,"why":"It does not answer.","calls":0,"last_refused":null}"#,
    );
    pinned(
        TestCall {
            trunk,
            number: "+34910000001".into(),
        },
        r#"{"trunk":"trk_01M3250V000000000000000009","number":"+34910000001"}"#,
    );
    pinned(
        TestCallResult {
            outcome: CallProgress::NoAnswer,
            status: Some(480),
            say: "Nobody answered.".into(),
            took_ms: 15_000,
        },
        r#"{"outcome":"no_answer","status":480,"say":"Nobody answered.","took_ms":15000}"#,
    );
}

#[test]
fn a_made_password_is_told_beside_what_was_saved() {
    let saved = Saved {
        version: 7,
        warnings: vec![],
        password: None,
    };
    pinned(saved.clone(), r#"{"version":7,"warnings":[]}"#);
    let password = FirstPassword {
        kind: Kind::Phone,
        user: "anna".into(),
        password: "hush".into(),
    };
    let told = Saved {
        password: Some(password),
        ..saved
    };
    assert!(!format!("{told:?}").contains("hush"));
    pinned(
        told,
        r#"{"version":7,"warnings":[],"password":{"kind":"phone","user":"anna","password":"hush"}}"#,
    );
    let older: FirstPassword =
        serde_json::from_str(r#"{"user":"anna","password":"hush"}"#).unwrap();
    assert_eq!(older.kind, Kind::User);
}

#[test]
fn a_field_from_a_newer_page_is_ignored() {
    let line = r#"{"start":{"interaction":"int_01M3250V000000000000000001","medium":"call","mood":"good"}}"#;

    let read: VisitorCommand = serde_json::from_str(line).unwrap();

    let start = Start {
        interaction: int(),
        medium: Medium::Call,
        video: false,
        peer: None,
    };
    assert_eq!(read, VisitorCommand::Start(start));
}

#[test]
fn secrets_stay_out_of_debug_texts() {
    let pass = Pass::Visitor {
        site: SiteKey("KEY".into()),
        token: Some("hush-token".into()),
        visits: 2,
        quiet: false,
    };
    let ticket = Pass::Agent {
        ticket: "hush-ticket".into(),
    };
    let welcome = Welcome {
        connection: ConnectionId::new(AT, 6),
        now: AT,
        token: Some("hush-token".into()),
    };

    let shown = format!("{pass:?} {ticket:?} {welcome:?}");

    assert!(!shown.contains("hush"), "{shown}");
}
