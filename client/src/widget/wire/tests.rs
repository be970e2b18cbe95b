use bellwire_proto::{
    id::{SiteKey, TabId},
    interaction::{Page, Seen},
    journey::{JourneyEvent, JourneyKind, SentField},
    prompt::Answer,
    setup::CartAction,
    visitor::{InvitationAct, LeftMessage, Start},
    wire::{Hello, Pass, Up, VERSION},
};
use serde::{Serialize, de::DeserializeOwned};

use super::*;

/// What is written by the general writer is read back as it was.
fn comes_back<T: Read + Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: T) {
    let text = serde_json::to_string(&value).expect("it can be written");
    assert_eq!(json::read(&text), Ok(value), "{text}");
}

/// Reads as the general reader does, whether well or not.
fn same(text: &str) {
    let general: Option<Down<VisitorEvent>> = serde_json::from_str(text).ok();
    assert_eq!(frame(text), general, "{text}");
}

fn interaction() -> InteractionId {
    InteractionId::new(Timestamp(7), 9)
}

fn prompt() -> Prompt {
    let options = || {
        vec![AskOption {
            value: "old".into(),
            label: "Old \"one\"\n".into(),
        }]
    };
    let kinds = [
        AskKind::Text(80),
        AskKind::LongText(4_000),
        AskKind::Choice(options()),
        AskKind::Email,
        AskKind::Phone,
        AskKind::Date,
        AskKind::Consent,
    ];
    let fields = kinds.into_iter().map(|kind| AskField {
        fact: "topic".into(),
        label: "¿Qué?".into(),
        kind,
        required: true,
        show_if: "model".into(),
        show_is: vec!["old".into(), "new".into()],
    });
    Prompt {
        n: 3,
        title: "Your laptop".into(),
        ask: Ask::Fields(fields.collect()),
        skippable: true,
        before: false,
    }
}

fn menu() -> Prompt {
    Prompt {
        ask: Ask::Menu(vec![]),
        ..prompt()
    }
}

const WAIT: Wait = Wait {
    from_s: 60,
    to_s: 240,
};

fn message() -> ChatMessage {
    ChatMessage {
        seq: 4,
        id: MessageId::new(Timestamp(1), 2),
        from: Role::Agent,
        name: Some("Åsa 😀".into()),
        text: "Hello\t\u{1}".into(),
        at: Timestamp(1_700_000_000_000),
    }
}

fn stages() -> Vec<VisitorStage> {
    let peer = PeerId::new(Timestamp(3), 4);
    vec![
        VisitorStage::Asked,
        VisitorStage::Waiting {
            position: 2,
            ringing: true,
            wait: Some(WAIT),
        },
        VisitorStage::Connected {
            agent: AgentCard {
                name: "Anna".into(),
            },
            peer: Some(peer),
            own: None,
            held: true,
            reachable: false,
            since: Timestamp(5),
        },
        VisitorStage::Ended {
            cause: EndCause::Directed,
            by: Some(Role::Customer),
            at: Timestamp(6),
        },
    ]
}

fn session() -> SessionView {
    let contact = |stage| InteractionView {
        interaction: interaction(),
        medium: Medium::Chat,
        video: true,
        stage,
        chat: ChatPart {
            messages: vec![message()],
            complete: false,
            read: ReadMarks {
                customer: 1,
                agent: 4,
            },
        },
        prompt: Some(menu()),
        left_message: true,
    };
    SessionView {
        centre: CentreView {
            topic: "Laptops".into(),
            open: true,
            opens: Some(Timestamp(8)),
            call_agents: 1,
            chat_agents: 2,
            waiting: 3,
            call_wait: Some(WAIT),
            chat_wait: None,
        },
        name: Some("Ann".into()),
        interactions: stages().into_iter().map(contact).collect(),
        monitored: true,
        collects: Collected::all().into_iter().collect(),
        keep_days: 30,
        invited: Some(invited()),
    }
}

fn invited() -> InvitationView {
    InvitationView {
        invitation: InvitationId::new(Timestamp(1), 1),
        how: InvitationHow::Contact(Medium::Call),
        text: "May we help?".into(),
        accept: "Yes".into(),
    }
}

fn events() -> Vec<VisitorEvent> {
    let interaction = interaction();
    let peer = PeerId::new(Timestamp(3), 4);
    vec![
        VisitorEvent::Session(session()),
        VisitorEvent::Centre(CentreView::default()),
        VisitorEvent::Invited(InvitationView {
            how: InvitationHow::Line,
            accept: String::new(),
            ..invited()
        }),
        VisitorEvent::Uninvited(invited().invitation),
        VisitorEvent::Asked {
            interaction,
            prompt: Some(prompt()),
        },
        VisitorEvent::Asked {
            interaction,
            prompt: None,
        },
        VisitorEvent::Directed {
            interaction,
            url: "/help".into(),
            label: "Help".into(),
            elsewhere: true,
        },
        VisitorEvent::Monitored(true),
        VisitorEvent::Waiting {
            interaction,
            position: 1,
            ringing: false,
            wait: None,
        },
        VisitorEvent::Connected {
            interaction,
            agent: AgentCard {
                name: "Anna".into(),
            },
            peer: None,
            at: Timestamp(9),
        },
        VisitorEvent::PeerChanged { interaction, peer },
        VisitorEvent::Reachable {
            interaction,
            agent: true,
        },
        VisitorEvent::Held {
            interaction,
            held: true,
        },
        VisitorEvent::Digits {
            interaction,
            digits: "1*#".into(),
        },
        VisitorEvent::Said {
            interaction,
            message: message(),
        },
        VisitorEvent::Typing { interaction },
        VisitorEvent::Read {
            interaction,
            read: ReadMarks::default(),
        },
        VisitorEvent::Ended {
            interaction,
            cause: EndCause::HungUp,
            by: None,
        },
        VisitorEvent::Elsewhere { interaction },
        VisitorEvent::Refused {
            interaction: None,
            reason: VisitorRefusal::Full,
        },
    ]
}

#[test]
fn every_event_is_read_as_it_was_written() {
    for event in events() {
        comes_back(Down::<VisitorEvent>::Tell(event));
    }
}

/// What is written is read by the general reader as it was.
fn arrives(up: Up<VisitorCommand>) {
    let text = json::write(&up);
    assert_eq!(serde_json::from_str(&text).ok(), Some(up), "{text}");
}

fn commands() -> Vec<VisitorCommand> {
    let interaction = interaction();
    let message = MessageId::new(Timestamp(1), 2);
    let peer = PeerId::new(Timestamp(3), 4);
    vec![
        VisitorCommand::Start(Start {
            interaction,
            medium: Medium::Call,
            video: true,
            peer: Some(peer),
        }),
        VisitorCommand::Attach { interaction, peer },
        VisitorCommand::Leave { interaction },
        VisitorCommand::Say {
            interaction,
            message,
            text: "\"¿Qué?\"\n\\\u{7}".into(),
        },
        VisitorCommand::Typing { interaction },
        VisitorCommand::Read {
            interaction,
            seq: 4,
        },
        VisitorCommand::Looks(Page {
            url: "https://shop.example".into(),
            title: "Shop".into(),
            referrer: String::new(),
            language: "es".into(),
        }),
        VisitorCommand::Journey { events: journey() },
        VisitorCommand::Named { name: "Ann".into() },
        VisitorCommand::Answer {
            interaction,
            n: 2,
            answers: vec![Answer {
                fact: "topic".into(),
                value: "laptops".into(),
            }],
        },
        VisitorCommand::Skip { interaction, n: 2 },
        VisitorCommand::Switch {
            interaction,
            medium: Medium::Chat,
        },
        VisitorCommand::Message(LeftMessage {
            interaction,
            message,
            text: "Call me".into(),
            name: "Ann".into(),
            reply_to: "ann@example.com".into(),
        }),
        VisitorCommand::Monitoring { on: false },
        VisitorCommand::Digits {
            interaction,
            digits: "1*#".into(),
        },
    ]
}

#[test]
fn every_command_arrives_as_it_was_meant() {
    for (n, command) in (1..).zip(commands()) {
        arrives(Up::Do { n, command });
    }
    for act in [
        InvitationAct::Shown,
        InvitationAct::Accepted,
        InvitationAct::Dismissed,
        InvitationAct::Ignored,
    ] {
        let invitation = invited().invitation;
        let command = VisitorCommand::Invitation { invitation, act };
        arrives(Up::Do { n: 1, command });
    }
}

#[test]
fn what_makes_a_connection_arrives_as_it_was_meant() {
    for token in [None, Some("secret".to_owned())] {
        arrives(Up::Hello(Hello {
            version: VERSION,
            tab: TabId::new(Timestamp(1), 1),
            pass: Pass::Visitor {
                site: SiteKey("key".into()),
                token,
                visits: 3,
                quiet: true,
            },
            seen: vec![Seen {
                interaction: interaction(),
                seq: 4,
            }],
        }));
    }
    arrives(Up::Ice);
    arrives(Up::Ping);
}

#[test]
fn what_the_page_around_is_told_reads_as_the_centres_own_words() {
    let centre = session().centre;
    let read = serde_json::from_str(&json::write(&centre)).ok();
    assert_eq!(read, Some(centre));
    let line = InvitationView {
        how: InvitationHow::Line,
        ..invited()
    };
    for invitation in [invited(), line] {
        let read = serde_json::from_str(&json::write(&invitation)).ok();
        assert_eq!(read, Some(invitation));
    }
}

#[test]
fn every_word_of_every_list_is_known() {
    for why in [
        BadAnswerWhy::Missing,
        BadAnswerWhy::TooLong,
        BadAnswerWhy::NotEmail,
        BadAnswerWhy::NotPhone,
        BadAnswerWhy::NotDate,
        BadAnswerWhy::NotOffered,
    ] {
        let fact = "email".to_owned();
        comes_back(Down::<VisitorEvent>::Tell(VisitorEvent::BadAnswers {
            interaction: interaction(),
            bad: vec![BadAnswer { fact, why }],
        }));
    }
    for cause in [
        EndCause::HungUp,
        EndCause::Abandoned,
        EndCause::NoAnswer,
        EndCause::Declined,
        EndCause::Vanished,
        EndCause::Directed,
    ] {
        comes_back(cause);
    }
    for refusal in [
        VisitorRefusal::NoSuchInteraction,
        VisitorRefusal::AlreadyInOne,
        VisitorRefusal::BadText,
        VisitorRefusal::NotOffered,
        VisitorRefusal::TooFast,
        VisitorRefusal::Closed,
        VisitorRefusal::Full,
        VisitorRefusal::NotAsked,
    ] {
        comes_back(refusal);
    }
    for reason in [
        ByeReason::Restart,
        ByeReason::TooSlow,
        ByeReason::TooFast,
        ByeReason::Replaced,
        ByeReason::NotWelcome,
        ByeReason::UnknownSite,
        ByeReason::Unreadable,
        ByeReason::OtherVersion,
    ] {
        comes_back(Down::<VisitorEvent>::Bye(Bye {
            reason,
            retry_in_ms: Some(500),
        }));
    }
}

#[test]
fn every_signal_is_read_as_it_was_written() {
    let sdp = || "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n".to_owned();
    let candidate = |mid, line| Step::Candidate {
        candidate: "candidate:1 1 udp".into(),
        mid,
        line,
    };
    for step in [
        Step::Offer { sdp: sdp() },
        Step::Answer { sdp: sdp() },
        candidate(Some("0".into()), Some(0)),
        candidate(None, None),
        Step::Sending(Sending {
            audio: true,
            video: false,
        }),
    ] {
        let signal = Signal {
            from: PeerId::new(Timestamp(1), 1),
            to: None,
            step,
        };
        let interaction = interaction();
        comes_back(Down::<VisitorEvent>::Relay {
            interaction,
            signal: signal.clone(),
        });
        arrives(Up::Relay {
            interaction,
            signal,
        });
    }
}

#[test]
fn what_keeps_a_connection_is_read_as_it_was_written() {
    comes_back(Down::<VisitorEvent>::Done { n: 7 });
    comes_back(Down::<VisitorEvent>::Pong);
    comes_back(Down::<VisitorEvent>::Welcome(Welcome {
        connection: ConnectionId::new(Timestamp(1), 1),
        now: Timestamp(5),
        token: Some("secret".into()),
    }));
    comes_back(Down::<VisitorEvent>::Ice(vec![
        IceServer {
            urls: vec!["stun:a".into(), "turn:b".into()],
            username: Some("u".into()),
            credential: Some("p".into()),
        },
        IceServer::default(),
    ]));
}

fn journey() -> Vec<JourneyEvent> {
    let url = || "https://shop.example/a?b=1".to_owned();
    let kinds = [
        JourneyKind::Viewed {
            url: url(),
            title: "A".into(),
            referrer: url(),
            language: "es".into(),
            categories: vec!["laptops".into()],
        },
        JourneyKind::Left {
            url: url(),
            dwell_ms: 5_000_000_000,
        },
        JourneyKind::Scrolled {
            url: url(),
            percent: 75,
        },
        JourneyKind::Searched {
            text: "lids".into(),
        },
        JourneyKind::Submitted {
            form: "order".into(),
            fields: vec![SentField {
                name: "size".into(),
                value: Some("L".into()),
            }],
        },
        JourneyKind::Cart {
            action: CartAction::CheckedOut,
            item: "kettle".into(),
            quantity: 2,
            worth: 4_990,
        },
        JourneyKind::Clicked { mark: "buy".into() },
        JourneyKind::Custom {
            name: "rated".into(),
            data: r#"{"stars":5}"#.into(),
        },
    ];
    let event = |(n, kind)| JourneyEvent {
        n,
        at: Timestamp(1),
        kind,
    };
    (1..).zip(kinds).map(event).collect()
}

#[test]
fn every_kind_of_journey_event_is_read_as_it_was_written() {
    for event in journey() {
        comes_back(event);
    }
    for action in [
        CartAction::Added,
        CartAction::Removed,
        CartAction::Viewed,
        CartAction::CheckedOut,
        CartAction::Bought,
    ] {
        comes_back(action);
        let written = json::write(&action);
        assert_eq!(serde_json::from_str(&written).ok(), Some(action));
    }
}

#[test]
fn what_may_be_left_out_may_be_and_what_is_new_is_passed_over() {
    for text in [
        r#"{"tell":{"centre":{"open":true,"call_agents":1,"chat_agents":2,"waiting":3}}}"#,
        r#"{"tell":{"centre":{"open":true,"call_agents":1,"newer":[{"x":"]"},-1.5e3,true,null],"chat_agents":2,"waiting":3}}}"#,
        r#"{"tell":{"session":{"centre":{"open":false,"call_agents":1,"chat_agents":2,"waiting":3},"name":null,"interactions":[],"monitored":false}}}"#,
        r#" { "bye" : {"reason":"replaced","retry_in_ms":null}} "#,
        r#"{"bye":{"reason":"replaced"}}"#,
    ] {
        same(text);
        assert!(frame(text).is_some(), "{text}");
    }
}

#[test]
fn what_is_not_understood_is_refused_as_a_whole() {
    for text in [
        "",
        "nonsense",
        r#"{"tell":{"unheard_of":{"deep":[1,{"a":[]}]}}}"#,
        r#"{"tell":{"centre":{"open":true,"call_agents":-1,"chat_agents":2,"waiting":3}}}"#,
        r#"{"tell":{"centre":{"open":"yes","call_agents":1,"chat_agents":2,"waiting":3}}}"#,
        r#"{"tell":{"typing":{"interaction":"int_7"}}}"#,
        r#"{"tell":{"typing":{"interaction":"msg_0123456789ABCDEFGHJKMNPQRS"}}}"#,
        r#"{"done":{"n":-1}}"#,
        r#"{"done":{"n":1.5}}"#,
        r#"{"done":{"m":7}}"#,
        r#"{"done":{"n":7}}x"#,
        r#"{"bye":{"reason":"bored"}}"#,
    ] {
        same(text);
        assert_eq!(frame(text), None, "{text}");
    }
    let up: Up<u32> = Up::Ping;
    same(&serde_json::to_string(&up).expect("it can be written"));
}
