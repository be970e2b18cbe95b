//! What the desk shows, as plain functions of what it knows.

use std::time::Duration;

use bellwire_proto::{
    agent::{AgentState, Chosen, Device, Devices, OnPhone, QueueView, WorkStage},
    id::InteractionId,
    interaction::{Context, EndCause, Medium, Role},
    link,
    mirror::{Desk, DeskItem},
    setup::fact,
    time::Timestamp,
    wire::ByeReason,
};

use crate::{format, text};

/// The call in contact, if there is one.
pub(crate) fn talking_call(desk: &Desk) -> Option<(InteractionId, &DeskItem)> {
    (desk.items.iter())
        .find(|(_, item)| item.medium == Medium::Call && is_talking(&item.stage))
        .map(|(id, item)| (*id, item))
}

/// The call in contact that the agent's telephone carries, if there is one.
pub(crate) fn call_on_phone(desk: &Desk) -> Option<(InteractionId, OnPhone)> {
    let (id, item) = talking_call(desk)?;
    item.phone.map(|phone| (id, phone))
}

/// In contact, not after it.
pub(crate) fn is_talking(stage: &WorkStage) -> bool {
    match stage {
        WorkStage::Talking { .. } => true,
        WorkStage::WrapUp { .. } => false,
    }
}

/// The contacts in the order of the list: the live call, then the others, oldest first.
pub(crate) fn order(desk: &Desk) -> Vec<InteractionId> {
    let call = talking_call(desk).map(|(id, _)| id);
    let others = desk.items.keys().copied().filter(|id| Some(*id) != call);
    call.into_iter().chain(others).collect()
}

/// Which contact is shown: the chosen one while it is there, else the first that needs work.
pub(crate) fn shown(desk: &Desk, chosen: Option<InteractionId>) -> Option<InteractionId> {
    if let Some(chosen) = chosen.filter(|id| desk.items.contains_key(id)) {
        return Some(chosen);
    }
    let order = order(desk);
    let talking =
        |id: &&InteractionId| (desk.items.get(*id)).is_some_and(|item| is_talking(&item.stage));
    order.iter().find(talking).or(order.first()).copied()
}

/// The contact `steps` further down the list, going round at its ends.
pub(crate) fn neighbour(
    order: &[InteractionId],
    shown: Option<InteractionId>,
    steps: isize,
) -> Option<InteractionId> {
    let length = isize::try_from(order.len())
        .ok()
        .filter(|length| *length > 0)?;
    let here = shown.and_then(|shown| order.iter().position(|id| *id == shown));
    let there = match here.and_then(|here| isize::try_from(here).ok()) {
        Some(here) => (here + steps).rem_euclid(length),
        None => 0,
    };
    order.get(usize::try_from(there).ok()?).copied()
}

/// All queues of an agent in one line: how many wait, and how long the longest has waited.
pub(crate) fn waiting(queues: &[QueueView], now: Timestamp) -> (u32, Option<Duration>) {
    let count = queues.iter().map(|queue| queue.waiting).sum();
    let oldest = queues.iter().filter_map(|queue| queue.oldest).min();
    (count, oldest.map(|oldest| now.since(oldest)))
}

/// Since when a contact is in its stage.
pub(crate) fn since(stage: &WorkStage) -> Timestamp {
    match stage {
        WorkStage::Talking { since, .. } | WorkStage::WrapUp { since, .. } => *since,
    }
}

/// On hold now.
pub(crate) fn is_held(stage: &WorkStage) -> bool {
    match stage {
        WorkStage::Talking { held, .. } => *held,
        WorkStage::WrapUp { .. } => false,
    }
}

/// The sentence for an offer that went away without this agent's doing.
pub(crate) fn offer_gone(cause: EndCause, by_telephone: bool) -> Option<&'static str> {
    match cause {
        EndCause::Abandoned | EndCause::Vanished | EndCause::HungUp if by_telephone => {
            Some(text::phone::CALLER_GAVE_UP_FIRST)
        }
        EndCause::Abandoned => Some(text::GAVE_UP),
        EndCause::NoAnswer => Some(text::RANG_OUT),
        EndCause::Vanished | EndCause::HungUp => Some(text::VISITOR_GONE),
        EndCause::Directed => Some(text::LED_TO_PAGE),
        EndCause::Declined => None,
    }
}

/// Lines on the whole desk that the agent has not read.
pub(crate) fn unread(desk: &Desk) -> usize {
    desk.items.values().map(DeskItem::unread).sum()
}

/// Whether the user takes contacts at all; assumed before the server has told.
pub(crate) fn takes_contacts(desk: &Desk) -> bool {
    let takes = desk.capacity.calls > 0 || desk.capacity.chats > 0;
    takes || desk.agent.is_none()
}

/// The window's title. `blink` alternates while the desk rings, so that a tab in the background
/// is seen.
pub(crate) fn document_title(desk: &Desk, blink: bool) -> String {
    if let Some(card) = desk.offer.as_ref().filter(|_| blink) {
        let offer = &card.offer;
        let medium = format::medium(&offer.context, offer.medium, offer.video);
        return format!("{medium}: {}", format::who(&offer.context));
    }
    match unread(desk) {
        0 => text::DESK.to_owned(),
        unread => format!("({unread}) {}", text::DESK),
    }
}

/// What a screen reader says when the desk starts ringing.
pub(crate) fn announcement(desk: &Desk) -> String {
    let Some(card) = &desk.offer else {
        return String::new();
    };
    let offer = &card.offer;
    let about = offer.context.intents.first();
    let about = about.map_or_else(String::new, |intent| format!(", about {}", intent.name));
    let answer = match offer.rings {
        Device::Browser => "Press Alt A to accept, Alt D to decline.",
        Device::Both => "Your desk phone rings too. Press Alt A to accept here, Alt D to decline.",
        Device::Phone | Device::Number => {
            "Your phone rings: answer there, or press Alt A to answer here, Alt D to decline."
        }
    };
    format!(
        "{} from {}, {}{about}. {answer}",
        format::medium(&offer.context, offer.medium, offer.video),
        format::who(&offer.context),
        offer.context.site,
    )
}

/// The banner while the server cannot be reached.
pub(crate) fn link_banner(desk: &Desk) -> &'static str {
    if talking_call(desk).is_some() {
        text::LINK_DOWN_TALKING
    } else if desk.items.is_empty() {
        text::LINK_DOWN_IDLE
    } else {
        text::LINK_DOWN_CHATTING
    }
}

/// The whole page that takes the desk's place, if one must.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Notice {
    /// Another window of this agent works.
    Elsewhere,
    /// This page is of an older version than the server.
    OtherVersion,
    /// The server ended the connection and does not say when to come back.
    Ended,
}

/// Whether the desk can be shown, or a notice takes its place.
pub(crate) fn notice(desk: &Desk, link: link::State) -> Option<Notice> {
    match link {
        link::State::Over(ByeReason::Replaced) => Some(Notice::Elsewhere),
        link::State::Over(ByeReason::OtherVersion) => Some(Notice::OtherVersion),
        link::State::Over(
            ByeReason::Restart
            | ByeReason::TooSlow
            | ByeReason::TooFast
            | ByeReason::NotWelcome
            | ByeReason::UnknownSite
            | ByeReason::Unreadable,
        ) => Some(Notice::Ended),
        link::State::Idle
        | link::State::Opening { .. }
        | link::State::Greeting { .. }
        | link::State::Up { .. }
        | link::State::Resting { .. } => desk.elsewhere.then_some(Notice::Elsewhere),
    }
}

/// The number of the last line, where the agent has lines to read in this chat.
pub(crate) fn read_up_to(item: &DeskItem) -> Option<u32> {
    if item.unread() == 0 {
        return None;
    }
    item.chat.lines().last().map(|line| line.seq)
}

/// Whether the agent has been set to not ready, or chose it.
pub(crate) fn is_ready(chosen: &Chosen) -> bool {
    match chosen {
        Chosen::Ready => true,
        Chosen::NotReady { .. } | Chosen::OnCall => false,
    }
}

/// Whether the agent takes nothing at all.
pub(crate) fn is_not_ready(chosen: &Chosen) -> bool {
    match chosen {
        Chosen::NotReady { .. } => true,
        Chosen::Ready | Chosen::OnCall => false,
    }
}

/// What the empty desk says.
pub(crate) fn idle_sentence(desk: &Desk) -> &'static str {
    match (&desk.offer, &desk.chosen) {
        (Some(_), _) if rings_elsewhere(desk) => text::phone::IDLE_RINGING,
        (Some(_), _) => text::IDLE_RINGING,
        (None, Chosen::Ready) => match desk.devices.chosen {
            Device::Browser => text::IDLE_READY,
            Device::Phone | Device::Number => text::phone::IDLE_READY,
            Device::Both => text::phone::IDLE_READY_BOTH,
        },
        (None, Chosen::NotReady { .. }) => text::IDLE_NOT_READY,
        (None, Chosen::OnCall) => text::IDLE_ON_CALL,
    }
}

/// Whether a camera has a place in this call.
pub(crate) fn has_camera(item: &DeskItem) -> bool {
    item.phone.is_none() && (item.video || item.context.caller.is_none())
}

/// What rings does so on a telephone alone.
pub(crate) fn rings_elsewhere(desk: &Desk) -> bool {
    (desk.offer.as_ref()).is_some_and(|card| !card.offer.rings.has_page())
}

/// What the agent can choose to take calls on; nothing where there is no choice.
pub(crate) fn choices(devices: &Devices) -> Vec<Device> {
    let is_there = |device: &Device| match device {
        Device::Browser => true,
        Device::Phone | Device::Both => devices.phone.is_some(),
        Device::Number => devices.number.is_some(),
    };
    // What was chosen and taken away since is shown as what it is, until something else is chosen.
    let shown = |device: &Device| is_there(device) || *device == devices.chosen;
    let choices: Vec<_> = Device::ALL.into_iter().filter(shown).collect();
    if choices.len() > 1 { choices } else { vec![] }
}

/// Whether the agent's desk phone can be reached, in words and as a mark; none without one.
pub(crate) fn desk_phone(devices: &Devices) -> Option<(&'static str, &'static str)> {
    let told = match (devices.phone?, devices.chosen) {
        (true, _) => (text::phone::READY, "ready"),
        (false, Device::Phone) => (text::phone::GONE_AND_CHOSEN, "missed"),
        (false, Device::Both) => (text::phone::GONE_BESIDE, "gone"),
        (false, Device::Browser | Device::Number) => (text::phone::GONE, "gone"),
    };
    Some(told)
}

/// The sentence for a call that the agent's telephone carries.
pub(crate) fn on_phone(phone: OnPhone, held: bool) -> &'static str {
    match (held, phone.muted) {
        (true, _) => text::phone::CARRIED_HELD,
        (false, true) => text::phone::CARRIED_MUTED,
        (false, false) => text::phone::CARRIED,
    }
}

/// The disposition that a wrap-up ends with: the chosen one, or the first of the list.
pub(crate) fn disposition(dispositions: &[String], chosen: &str) -> String {
    (dispositions.iter().find(|name| *name == chosen))
        .or(dispositions.first())
        .cloned()
        .unwrap_or_default()
}

/// An agent's state for scripts and styles, as on the wire.
pub(crate) fn state_mark(state: &AgentState) -> &'static str {
    match state {
        AgentState::SignedOut => "signed_out",
        AgentState::NotReady => "not_ready",
        AgentState::OnCall => "on_call",
        AgentState::Ready => "ready",
        AgentState::Offered => "offered",
        AgentState::Busy => "busy",
        AgentState::WrapUp => "wrap_up",
    }
}

/// Where a visitor who left a message wants the answer, as far as they said.
pub(crate) fn reply_to(context: &Context) -> Option<&str> {
    const PLACES: [&str; 3] = ["reply_to", fact::EMAIL, fact::PHONE];
    let answer = |place: &&str| context.answers.iter().find(|it| it.fact == **place);
    (PLACES.iter().find_map(answer))
        .map(|answered| answered.value.trim())
        .filter(|value| !value.is_empty())
}

/// Lines of a chat that came from the visitor.
pub(crate) fn lines_from_visitors(desk: &Desk) -> usize {
    (desk.items.values())
        .flat_map(|item| item.chat.lines())
        .filter(|line| line.from == Role::Customer)
        .count()
}

#[cfg(test)]
mod tests {
    use bellwire_proto::{
        agent::{AgentEvent, Offer, Work},
        id::MessageId,
        interaction::{ChatMessage, ChatPart},
        prompt::Answered,
    };

    use super::*;

    fn id(n: u128) -> InteractionId {
        InteractionId::new(Timestamp(1), n)
    }

    fn work(n: u128, medium: Medium) -> Work {
        Work {
            interaction: id(n),
            uri: format!("bw:demo/{}", id(n)),
            medium,
            video: false,
            queue: "Sales".to_owned(),
            stage: WorkStage::Talking {
                since: Timestamp(1_000),
                held: false,
            },
            context: Context::default(),
            chat: ChatPart {
                complete: true,
                ..ChatPart::default()
            },
            reachable: true,
            peer: None,
            own: None,
            phone: None,
        }
    }

    fn desk(works: impl IntoIterator<Item = Work>) -> Desk {
        let mut desk = Desk::default();
        for work in works {
            desk.apply(AgentEvent::Connected(work), Timestamp(1_000));
        }
        desk
    }

    fn line(seq: u32) -> ChatMessage {
        ChatMessage {
            seq,
            id: MessageId::new(Timestamp(1), u128::from(seq)),
            from: Role::Customer,
            name: None,
            text: "Hello".to_owned(),
            at: Timestamp(2_000),
        }
    }

    #[test]
    fn the_live_call_stands_first_then_the_oldest() {
        let desk = desk([
            work(1, Medium::Chat),
            work(2, Medium::Chat),
            work(3, Medium::Call),
        ]);

        assert_eq!(order(&desk), [id(3), id(1), id(2)]);
    }

    #[test]
    fn a_chosen_contact_stays_shown_until_it_is_gone() {
        let mut desk = desk([work(1, Medium::Chat), work(2, Medium::Call)]);
        assert_eq!(shown(&desk, Some(id(1))), Some(id(1)));

        desk.apply(AgentEvent::Closed { interaction: id(1) }, Timestamp(2_000));

        assert_eq!(shown(&desk, Some(id(1))), Some(id(2)));
    }

    #[test]
    fn with_nothing_chosen_a_contact_goes_before_a_wrap_up() {
        let mut desk = desk([work(1, Medium::Chat), work(2, Medium::Chat)]);
        let over = AgentEvent::WrapUp {
            interaction: id(1),
            cause: EndCause::HungUp,
            by: Some(Role::Customer),
            since: Timestamp(2_000),
        };

        desk.apply(over, Timestamp(2_000));

        assert_eq!(shown(&desk, None), Some(id(2)));
    }

    #[test]
    fn going_down_the_list_comes_round_to_its_top() {
        let order = [id(1), id(2), id(3)];

        assert_eq!(neighbour(&order, Some(id(3)), 1), Some(id(1)));
        assert_eq!(neighbour(&order, Some(id(1)), -1), Some(id(3)));
        assert_eq!(neighbour(&order, None, 1), Some(id(1)));
        assert_eq!(neighbour(&[], None, 1), None);
    }

    #[test]
    fn the_queues_are_summed_and_the_longest_wait_is_told() {
        let queue = |waiting, oldest| QueueView {
            name: "Sales".to_owned(),
            waiting,
            oldest,
            ready: 1,
            call_wait: None,
            chat_wait: None,
        };
        let queues = [
            queue(2, Some(Timestamp(5_000))),
            queue(0, None),
            queue(1, Some(Timestamp(3_000))),
        ];

        let (count, oldest) = waiting(&queues, Timestamp(10_000));

        assert_eq!((count, oldest), (3, Some(Duration::from_secs(7))));
    }

    #[test]
    fn the_title_counts_what_is_unread() {
        let mut desk = desk([work(1, Medium::Chat)]);
        assert_eq!(document_title(&desk, true), "Bellwire desk");

        let said = AgentEvent::Said {
            interaction: id(1),
            message: line(1),
        };
        desk.apply(said, Timestamp(2_000));

        assert_eq!(document_title(&desk, true), "(1) Bellwire desk");
        assert_eq!(desk.items.get(&id(1)).and_then(read_up_to), Some(1));
    }

    #[test]
    fn a_replaced_window_is_told_so_like_one_that_came_second() {
        let mut desk = Desk::default();
        let up = link::State::Up {
            heard: Timestamp(1),
            asked: None,
        };
        assert_eq!(notice(&desk, up), None);
        assert_eq!(
            notice(&desk, link::State::Over(ByeReason::Replaced)),
            Some(Notice::Elsewhere)
        );

        desk.apply(AgentEvent::Elsewhere, Timestamp(1));

        assert_eq!(notice(&desk, up), Some(Notice::Elsewhere));
    }

    #[test]
    fn the_banner_tells_a_talking_agent_that_the_call_goes_on() {
        assert_eq!(
            link_banner(&desk([work(1, Medium::Call)])),
            text::LINK_DOWN_TALKING
        );
        assert_eq!(
            link_banner(&desk([work(1, Medium::Chat)])),
            text::LINK_DOWN_CHATTING
        );
        assert_eq!(link_banner(&desk([])), text::LINK_DOWN_IDLE);
    }

    #[test]
    fn a_wrap_up_left_as_it_was_ends_with_the_first_disposition() {
        let list = ["Solved", "Sale"].map(str::to_owned);

        assert_eq!(disposition(&list, "Sale"), "Sale");
        assert_eq!(disposition(&list, ""), "Solved");
        assert_eq!(disposition(&list, "No longer there"), "Solved");
    }

    #[test]
    fn a_declined_offer_needs_no_sentence() {
        assert_eq!(offer_gone(EndCause::Declined, false), None);
        assert_eq!(offer_gone(EndCause::NoAnswer, true), Some(text::RANG_OUT));
    }

    #[test]
    fn a_ringing_desk_does_not_tell_the_agent_to_wait() {
        let mut desk = Desk {
            chosen: Chosen::Ready,
            ..Desk::default()
        };
        assert_eq!(idle_sentence(&desk), text::IDLE_READY);
        desk.devices.chosen = Device::Phone;
        assert_eq!(idle_sentence(&desk), text::phone::IDLE_READY);

        let offer = Offer {
            interaction: id(1),
            epoch: 1,
            medium: Medium::Chat,
            video: false,
            queue: "Sales".to_owned(),
            waited_ms: 0,
            ring_ms: 20_000,
            context: Context::default(),
            rings: Device::Browser,
        };
        desk.apply(AgentEvent::Offered(offer.clone()), Timestamp(1_000));

        assert_eq!(idle_sentence(&desk), text::IDLE_RINGING);
        assert!(!rings_elsewhere(&desk));

        let rings = Device::Phone;
        desk.apply(
            AgentEvent::Offered(Offer { rings, ..offer }),
            Timestamp(2_000),
        );

        assert_eq!(idle_sentence(&desk), text::phone::IDLE_RINGING);
        assert!(rings_elsewhere(&desk));
        assert!(announcement(&desk).contains("Your phone rings"));
    }

    #[test]
    fn an_agent_with_the_browser_alone_has_nothing_to_choose() {
        let mut devices = Devices::default();
        assert_eq!(choices(&devices), []);
        assert_eq!(desk_phone(&devices), None);

        devices.number = Some("+34910000001".to_owned());
        assert_eq!(choices(&devices), [Device::Browser, Device::Number]);

        devices.phone = Some(true);
        assert_eq!(choices(&devices), Device::ALL);
    }

    #[test]
    fn a_choice_that_was_taken_away_is_still_shown_as_chosen() {
        let devices = Devices {
            chosen: Device::Phone,
            ..Devices::default()
        };

        assert_eq!(choices(&devices), [Device::Browser, Device::Phone]);
    }

    #[test]
    fn a_phone_that_cannot_be_reached_is_told_most_plainly_where_it_is_chosen() {
        let told = |phone, chosen| {
            let devices = Devices {
                chosen,
                phone: Some(phone),
                number: None,
            };
            desk_phone(&devices).map(|(words, _)| words)
        };

        assert_eq!(told(true, Device::Phone), Some("Desk phone ready"));
        assert_eq!(
            told(false, Device::Phone),
            Some("Desk phone not registered: calls cannot reach you there")
        );
        assert_eq!(
            told(false, Device::Browser),
            Some("Desk phone not registered")
        );
    }

    #[test]
    fn an_agent_whose_phone_is_muted_is_told_that_nobody_hears_them() {
        let mut talking = desk([work(1, Medium::Call)]);
        assert_eq!(call_on_phone(&talking), None);

        let muted = OnPhone { muted: true };
        let event = AgentEvent::OnPhone {
            interaction: id(1),
            phone: Some(muted),
        };
        talking.apply(event, Timestamp(2_000));

        assert_eq!(call_on_phone(&talking), Some((id(1), muted)));
        assert_eq!(on_phone(muted, false), text::phone::CARRIED_MUTED);
        assert_eq!(on_phone(muted, true), text::phone::CARRIED_HELD);
    }

    #[test]
    fn a_left_message_is_answered_where_the_visitor_said() {
        let mut context = Context::default();
        assert_eq!(reply_to(&context), None);

        let answered = |fact: &str, value: &str| Answered {
            fact: fact.to_owned(),
            label: String::new(),
            value: value.to_owned(),
        };
        context.answers = vec![
            answered("topic", "laptops"),
            answered("email", "ana@x.test"),
        ];

        assert_eq!(reply_to(&context), Some("ana@x.test"));
    }
}
