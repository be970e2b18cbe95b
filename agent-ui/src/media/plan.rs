//! What this page's media is to do, from what the desk shows and what the page carries.

use bellwire_proto::{
    id::{InteractionId, PeerId},
    mirror::Desk,
};

use crate::rules;

/// The media that this page carries, or is about to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Carried {
    /// The call.
    pub(crate) interaction: InteractionId,
    /// This page's peer connection.
    pub(crate) own: PeerId,
    /// How far it got.
    pub(crate) stage: Stage,
}

/// How far the media of a call got.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stage {
    /// The offer is accepted, the server's word awaited.
    Accepted,
    /// The call is to come here from the agent's telephone; the server's word is awaited.
    FromPhone,
    /// In the call.
    InCall,
}

/// What to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Plan {
    /// All is as it should be.
    Rest,
    /// The accepted call is connected (the visitor's page will make the first offer), or it came
    /// here from the telephone.
    Begin,
    /// The call is over, another window's, or on the telephone: let go of its media.
    Drop,
    /// The call goes on but this page has no media for it: take it, and make an offer.
    TakeBack(InteractionId),
}

/// Compares what the desk shows with what the page carries.
pub(crate) fn plan(desk: &Desk, carried: Option<Carried>) -> Plan {
    if desk.elsewhere {
        return carried.map_or(Plan::Rest, |_| Plan::Drop);
    }
    let call = rules::talking_call(desk).map(|(id, item)| (id, item.phone.is_some()));
    match (carried, call) {
        // The telephone keeps its call until the agent says otherwise.
        (None, None | Some((_, true))) => Plan::Rest,
        (None, Some((call, false))) => Plan::TakeBack(call),
        (Some(carried), Some((call, on_phone))) if carried.interaction == call => {
            match (carried.stage, on_phone) {
                (Stage::Accepted | Stage::FromPhone, false) => Plan::Begin,
                (Stage::InCall, false) | (Stage::FromPhone, true) => Plan::Rest,
                // The telephone was quicker.
                (Stage::Accepted | Stage::InCall, true) => Plan::Drop,
            }
        }
        (Some(carried), _) => {
            let rings = (desk.offer.as_ref())
                .is_some_and(|card| card.offer.interaction == carried.interaction);
            match carried.stage {
                Stage::Accepted if rings => Plan::Rest,
                Stage::Accepted | Stage::FromPhone | Stage::InCall => Plan::Drop,
            }
        }
    }
}

/// How this page would carry `call`, now that its microphone is open; none: not any more.
/// `on_purpose`: the agent asked for a call that the telephone carries.
pub(crate) fn take(
    desk: &Desk,
    carried: Option<Carried>,
    call: InteractionId,
    on_purpose: bool,
) -> Option<Stage> {
    match plan(desk, carried) {
        Plan::TakeBack(due) => (due == call).then_some(Stage::InCall),
        Plan::Rest if carried.is_none() && !desk.elsewhere => rules::call_on_phone(desk)
            .filter(|(id, _)| on_purpose && *id == call)
            .map(|_| Stage::FromPhone),
        Plan::Rest | Plan::Begin | Plan::Drop => None,
    }
}

#[cfg(test)]
mod tests {
    use bellwire_proto::{
        agent::{AgentEvent, Device, Offer, OnPhone, Work, WorkStage},
        interaction::{ChatPart, Context, EndCause, Medium},
        time::Timestamp,
    };

    use super::*;

    const NOW: Timestamp = Timestamp(1_000);

    fn call() -> InteractionId {
        InteractionId::new(NOW, 7)
    }

    fn carried(stage: Stage) -> Carried {
        Carried {
            interaction: call(),
            own: PeerId::new(NOW, 1),
            stage,
        }
    }

    fn ringing() -> Desk {
        let mut desk = Desk::default();
        let offer = Offer {
            interaction: call(),
            epoch: 1,
            medium: Medium::Call,
            video: false,
            queue: "Sales".to_owned(),
            waited_ms: 0,
            ring_ms: 20_000,
            context: Context::default(),
            rings: Device::Both,
        };
        desk.apply(AgentEvent::Offered(offer), NOW);
        desk
    }

    fn talking() -> Desk {
        let mut desk = Desk::default();
        let work = Work {
            interaction: call(),
            uri: String::new(),
            medium: Medium::Call,
            video: false,
            queue: "Sales".to_owned(),
            stage: WorkStage::Talking {
                since: NOW,
                held: false,
            },
            context: Context::default(),
            chat: ChatPart::default(),
            reachable: true,
            peer: None,
            own: None,
            phone: None,
        };
        desk.apply(AgentEvent::Connected(work), NOW);
        desk
    }

    fn on_phone(mut desk: Desk, phone: Option<OnPhone>) -> Desk {
        let interaction = call();
        desk.apply(AgentEvent::OnPhone { interaction, phone }, NOW);
        desk
    }

    #[test]
    fn an_accepted_call_begins_when_the_server_says_so() {
        assert_eq!(plan(&ringing(), Some(carried(Stage::Accepted))), Plan::Rest);
        assert_eq!(
            plan(&talking(), Some(carried(Stage::Accepted))),
            Plan::Begin
        );
        assert_eq!(plan(&talking(), Some(carried(Stage::InCall))), Plan::Rest);
    }

    #[test]
    fn an_accepted_offer_that_went_away_lets_go_of_the_microphone() {
        assert_eq!(
            plan(&Desk::default(), Some(carried(Stage::Accepted))),
            Plan::Drop
        );
    }

    #[test]
    fn a_page_loaded_anew_takes_its_live_call_back() {
        assert_eq!(plan(&talking(), None), Plan::TakeBack(call()));
    }

    #[test]
    fn the_media_goes_when_the_call_is_over_or_another_windows() {
        let mut over = talking();
        let wrap_up = AgentEvent::WrapUp {
            interaction: call(),
            cause: EndCause::HungUp,
            by: None,
            since: NOW,
        };
        over.apply(wrap_up, NOW);
        assert_eq!(plan(&over, Some(carried(Stage::InCall))), Plan::Drop);
        assert_eq!(plan(&over, None), Plan::Rest);

        let mut elsewhere = talking();
        elsewhere.apply(AgentEvent::Elsewhere, NOW);
        assert_eq!(plan(&elsewhere, Some(carried(Stage::InCall))), Plan::Drop);
        assert_eq!(plan(&elsewhere, None), Plan::Rest);
    }

    #[test]
    fn a_call_on_the_telephone_is_left_there() {
        let desk = on_phone(talking(), Some(OnPhone::default()));

        assert_eq!(plan(&desk, None), Plan::Rest);
        assert_eq!(plan(&desk, Some(carried(Stage::InCall))), Plan::Drop);
    }

    #[test]
    fn a_page_that_answered_when_the_telephone_had_lets_go_of_the_microphone() {
        let desk = on_phone(talking(), Some(OnPhone::default()));

        assert_eq!(plan(&desk, Some(carried(Stage::Accepted))), Plan::Drop);
    }

    #[test]
    fn a_call_comes_from_the_telephone_only_on_purpose() {
        let desk = on_phone(talking(), Some(OnPhone::default()));
        assert_eq!(take(&desk, None, call(), false), None);
        assert_eq!(take(&desk, None, call(), true), Some(Stage::FromPhone));
        let coming = Some(carried(Stage::FromPhone));
        assert_eq!(plan(&desk, coming), Plan::Rest);

        let here = on_phone(desk, None);

        assert_eq!(plan(&here, coming), Plan::Begin);
    }

    #[test]
    fn a_call_that_ends_on_the_telephone_is_not_taken_any_more() {
        let mut desk = on_phone(talking(), Some(OnPhone::default()));
        let closed = AgentEvent::Closed {
            interaction: call(),
        };
        desk.apply(closed, NOW);

        assert_eq!(take(&desk, None, call(), true), None);
        assert_eq!(plan(&desk, Some(carried(Stage::FromPhone))), Plan::Drop);
    }

    #[test]
    fn a_lost_call_is_taken_back_with_or_without_asking() {
        assert_eq!(take(&talking(), None, call(), false), Some(Stage::InCall));
        assert_eq!(take(&talking(), None, call(), true), Some(Stage::InCall));
        let other = InteractionId::new(NOW, 8);
        assert_eq!(take(&talking(), None, other, true), None);
    }
}
