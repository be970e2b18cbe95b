use bellwire_proto::{
    interaction::{ChatPart, EndCause},
    time::Timestamp,
    visitor::{AgentCard, CentreView, InteractionView, SessionView, VisitorEvent},
};

use super::*;

fn id(n: u64) -> InteractionId {
    InteractionId::new(Timestamp(n), 0)
}

fn peer(n: u64) -> PeerId {
    PeerId::new(Timestamp(n), 0)
}

fn told(contacts: &[(u64, Medium, VisitorStage)]) -> Widget {
    let interactions = (contacts.iter())
        .map(|(n, medium, stage)| InteractionView {
            interaction: id(*n),
            medium: *medium,
            video: false,
            stage: stage.clone(),
            chat: ChatPart::default(),
            prompt: None,
            left_message: false,
        })
        .collect();
    let mut widget = Widget::default();
    let view = SessionView {
        centre: CentreView::default(),
        name: None,
        interactions,
        monitored: true,
        collects: vec![],
        keep_days: 30,
        invited: None,
    };
    widget.apply(VisitorEvent::Session(view), Timestamp(1));
    widget
}

fn waiting() -> VisitorStage {
    VisitorStage::Waiting {
        position: 1,
        ringing: false,
        wait: None,
    }
}

fn connected(own: Option<PeerId>) -> VisitorStage {
    VisitorStage::Connected {
        agent: AgentCard {
            name: "Anna".into(),
        },
        peer: Some(peer(90)),
        own,
        held: false,
        reachable: true,
        since: Timestamp(5),
    }
}

fn ended() -> VisitorStage {
    VisitorStage::Ended {
        cause: EndCause::HungUp,
        by: None,
        at: Timestamp(9),
    }
}

fn here(place: Place, own: Option<u64>, followed: Option<u64>) -> Here {
    Here {
        place,
        own: own.map(id),
        followed: followed.map(id),
        returning: false,
    }
}

#[test]
fn a_live_call_wins_over_what_the_visitor_chose() {
    let widget = told(&[(1, Medium::Call, waiting()), (2, Medium::Chat, waiting())]);

    let shown = screen(&widget, here(Place::Chat, Some(1), None));

    assert_eq!(shown, Screen::Waiting(id(1)));
}

#[test]
fn a_connected_call_of_another_tab_is_shown_as_elsewhere() {
    let widget = told(&[(1, Medium::Call, connected(Some(peer(7))))]);

    assert_eq!(
        screen(&widget, here(Place::Home, None, None)),
        Screen::Elsewhere(id(1))
    );
    assert_eq!(
        screen(&widget, here(Place::Home, Some(1), None)),
        Screen::Call(id(1))
    );
}

#[test]
fn the_end_of_a_call_stays_until_the_visitor_moves_on() {
    let widget = told(&[(1, Medium::Call, ended())]);

    assert_eq!(
        screen(&widget, here(Place::Home, None, Some(1))),
        Screen::Ended(id(1))
    );
    assert_eq!(
        screen(&widget, here(Place::Chat, None, Some(1))),
        Screen::Chat
    );
    assert_eq!(
        screen(&widget, here(Place::Home, None, None)),
        Screen::Start
    );
}

#[test]
fn the_chat_screen_shows_the_live_chat_or_the_last_one() {
    let widget = told(&[(1, Medium::Chat, waiting()), (2, Medium::Chat, ended())]);
    assert_eq!(chat_thread(&widget, None), Some(id(1)));

    let widget = told(&[(1, Medium::Chat, ended()), (2, Medium::Call, ended())]);
    assert_eq!(chat_thread(&widget, None), Some(id(1)));
    assert_eq!(chat_thread(&widget, Some(id(1))), None);
}

#[test]
fn a_page_whose_socket_came_back_keeps_its_call() {
    let widget = told(&[(1, Medium::Call, connected(Some(peer(7))))]);
    let own = Some((id(1), peer(7)));

    let decided = claim(
        &widget,
        Memory {
            own,
            ..Memory::default()
        },
    );

    assert_eq!(decided, Claim::Keep(id(1)));
}

#[test]
fn a_reloaded_page_brings_its_call_back() {
    let widget = told(&[(1, Medium::Call, connected(Some(peer(7))))]);

    let resumed = Memory {
        resume: true,
        ..Memory::default()
    };

    assert_eq!(claim(&widget, resumed), Claim::BringBack(id(1)));
}

#[test]
fn a_second_tab_leaves_the_call_where_it_is() {
    let widget = told(&[(1, Medium::Call, connected(Some(peer(7))))]);

    assert_eq!(claim(&widget, Memory::default()), Claim::Nothing);
}

#[test]
fn a_call_that_nobody_carries_is_brought_back() {
    let widget = told(&[(1, Medium::Call, connected(None))]);

    assert_eq!(claim(&widget, Memory::default()), Claim::BringBack(id(1)));
}

#[test]
fn a_restarted_server_that_remembers_an_older_page_does_not_take_the_call_away() {
    let widget = told(&[(1, Medium::Call, connected(Some(peer(6))))]);
    let own = Some((id(1), peer(7)));

    assert_eq!(
        claim(
            &widget,
            Memory {
                own,
                ..Memory::default()
            }
        ),
        Claim::Keep(id(1))
    );
}

#[test]
fn a_call_taken_by_another_tab_meanwhile_is_let_go_unless_asked_for_again() {
    let widget = told(&[(1, Medium::Call, connected(Some(peer(8))))]);
    let own = Some((id(1), peer(7)));

    let taken = Memory {
        own,
        ..Memory::default()
    };
    let asked = Memory {
        own,
        on_the_way: true,
        ..Memory::default()
    };

    assert_eq!(claim(&widget, taken), Claim::LetGo(id(1)));
    assert_eq!(claim(&widget, asked), Claim::Keep(id(1)));
}

#[test]
fn what_must_be_known_first_is_asked_before_a_call_and_before_a_chat() {
    let call = told(&[(1, Medium::Call, VisitorStage::Asked)]);
    let chat = told(&[(1, Medium::Chat, VisitorStage::Asked)]);
    let shown = |widget, place| screen(widget, here(place, None, None));

    for place in [Place::Home, Place::Chat, Place::Message] {
        assert_eq!(shown(&call, place), Screen::Asked(id(1)));
    }
    assert_eq!(shown(&chat, Place::Chat), Screen::Asked(id(1)));
    assert_eq!(shown(&chat, Place::Home), Screen::Start);
}

#[test]
fn a_message_may_be_written_while_a_call_waits_but_not_during_it() {
    let waits = told(&[(1, Medium::Call, waiting())]);
    let goes_on = told(&[(1, Medium::Call, connected(None))]);
    let writing = here(Place::Message, Some(1), Some(1));

    assert_eq!(screen(&waits, writing), Screen::Message);
    assert_eq!(screen(&goes_on, writing), Screen::Call(id(1)));
}

#[test]
fn a_page_that_serves_better_is_shown_until_it_is_put_away() {
    let mut widget = told(&[(1, Medium::Call, ended())]);
    let event = VisitorEvent::Directed {
        interaction: id(1),
        url: "/returns".into(),
        label: "Returns".into(),
        elsewhere: false,
    };
    widget.apply(event, Timestamp(2));
    let at_home = here(Place::Home, None, Some(1));

    assert_eq!(screen(&widget, at_home), Screen::Directed(id(1)));
    widget.contacts.values_mut().for_each(|c| c.directed = None);
    assert_eq!(screen(&widget, at_home), Screen::Ended(id(1)));
}

#[test]
fn only_who_waits_is_in_line_and_a_call_before_a_chat() {
    let both = told(&[(1, Medium::Call, waiting()), (2, Medium::Chat, waiting())]);
    let mut chat = told(&[
        (1, Medium::Call, connected(None)),
        (2, Medium::Chat, waiting()),
    ]);

    assert_eq!(in_line(&both), Some(id(1)));
    assert_eq!(in_line(&chat), Some(id(2)));
    chat.contacts
        .values_mut()
        .for_each(|c| c.left_message = true);
    assert_eq!(in_line(&chat), None);
    let asked = told(&[(1, Medium::Call, VisitorStage::Asked)]);
    assert_eq!(in_line(&asked), None);
}

#[test]
fn what_is_offered_follows_hours_and_agents() {
    let centre = |open, call_agents, chat_agents| CentreView {
        open,
        call_agents,
        chat_agents,
        ..CentreView::default()
    };
    let offered = |centre: Option<&CentreView>, chatting| {
        let ways = ways(centre, chatting);
        [ways.calls, ways.chat, ways.message, ways.write_first]
    };

    for (centre, chatting, expected) in [
        (None, false, [true, true, false, false]),
        (Some(centre(true, 2, 2)), false, [true, true, false, false]),
        (Some(centre(true, 0, 2)), false, [true, true, false, true]),
        (Some(centre(true, 2, 0)), false, [true, true, true, false]),
        (Some(centre(true, 0, 0)), false, [true, true, true, true]),
        (Some(centre(false, 0, 0)), false, [false, false, true, true]),
        (Some(centre(false, 2, 2)), false, [false, false, true, true]),
        (Some(centre(false, 0, 0)), true, [false, true, false, true]),
    ] {
        assert_eq!(offered(centre.as_ref(), chatting), expected, "{centre:?}");
    }
}

#[test]
fn a_waiting_call_is_brought_back_only_by_the_tab_that_was_in_it() {
    let widget = told(&[(1, Medium::Call, waiting())]);

    let resumed = Memory {
        resume: true,
        ..Memory::default()
    };

    assert_eq!(claim(&widget, resumed), Claim::BringBack(id(1)));
    assert_eq!(claim(&widget, Memory::default()), Claim::Nothing);
}
