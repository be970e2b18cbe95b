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
    /// In the call.
    InCall,
}

/// What to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Plan {
    /// All is as it should be.
    Rest,
    /// The accepted call is connected: the visitor's page will make the first offer.
    Begin,
    /// The call is over, or another window's: let go of its media.
    Drop,
    /// The call goes on but this page has no media for it: take it, and make an offer.
    TakeBack(InteractionId),
}

/// Compares what the desk shows with what the page carries.
pub(crate) fn plan(desk: &Desk, carried: Option<Carried>) -> Plan {
    if desk.elsewhere {
        return carried.map_or(Plan::Rest, |_| Plan::Drop);
    }
    let call = rules::talking_call(desk).map(|(id, _)| id);
    match (carried, call) {
        (None, None) => Plan::Rest,
        (None, Some(call)) => Plan::TakeBack(call),
        (Some(carried), Some(call)) if carried.interaction == call => match carried.stage {
            Stage::Accepted => Plan::Begin,
            Stage::InCall => Plan::Rest,
        },
        (Some(carried), _) => {
            let rings = (desk.offer.as_ref())
                .is_some_and(|card| card.offer.interaction == carried.interaction);
            match carried.stage {
                Stage::Accepted if rings => Plan::Rest,
                Stage::Accepted | Stage::InCall => Plan::Drop,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use bellwire_proto::{
        agent::{AgentEvent, Offer, Work, WorkStage},
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
        };
        desk.apply(AgentEvent::Connected(work), NOW);
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
}
