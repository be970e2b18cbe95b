//! How the desk draws attention while an interaction waits for an answer: sound, a desktop
//! notification, the window's title.

mod bell;
mod notify;

use bellwire_client::dom::Listener;
use bellwire_proto::{
    id::InteractionId,
    interaction::Medium,
    mirror::{Desk, OfferCard},
};
use leptos::prelude::*;

use self::{bell::Bell, notify::Shown};
use crate::{format, rules, session::Session};

/// Rings for a desk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ring {
    /// The browser keeps the ring silent until the agent touches the page.
    pub(crate) blocked: RwSignal<bool>,
    /// The agent has not said yet whether notifications may appear.
    pub(crate) may_ask: RwSignal<bool>,
    bell: Bell,
    notification: StoredValue<Option<Shown>, LocalStorage>,
}

/// What rings: the offer with its epoch, and for how long.
#[derive(Clone, Debug, PartialEq)]
struct Ringing {
    offer: (InteractionId, u32),
    medium: Medium,
    /// The desk itself rings; otherwise a telephone does, and the desk only says so.
    here: bool,
    ring_ms: u64,
    title: String,
    body: String,
}

impl Ring {
    pub(crate) fn new() -> Self {
        let blocked = RwSignal::new(false);
        Self {
            blocked,
            may_ask: RwSignal::new(notify::may_ask()),
            bell: Bell::new(blocked),
            notification: StoredValue::new_local(None),
        }
    }

    /// Rings while the desk has an offer that is not `hushed`.
    pub(crate) fn follow(self, session: Session, hushed: Signal<Option<(InteractionId, u32)>>) {
        self.wake_on_touch();
        let ringing = Memo::new(move |_| {
            let hushed = hushed.get();
            session
                .desk
                .with(|desk| ringing(desk.offer.as_ref()?, hushed))
        });
        Effect::new(move |_| match ringing.get() {
            Some(ringing) => self.start(&ringing),
            None => self.stop(),
        });
        let lines = Memo::new(move |_| session.desk.with(rules::lines_from_visitors));
        Effect::new(move |before: Option<usize>| {
            let lines = lines.get();
            let grew = before.is_some_and(|before| lines > before);
            if grew && !document().has_focus().unwrap_or(true) {
                self.bell.tick();
            }
            lines
        });
        self.follow_title(session);
    }

    /// Asks the agent whether notifications may appear.
    pub(crate) fn ask(self) {
        notify::ask(move || self.may_ask.set(notify::may_ask()));
    }

    fn follow_title(self, session: Session) {
        let title = Memo::new(move |_| {
            let blink = (session.now.get().0 / 1_000).is_multiple_of(2);
            session.desk.with(|desk| title(desk, blink))
        });
        Effect::new(move |_| document().set_title(&title.get()));
    }

    fn start(self, ringing: &Ringing) {
        self.stop();
        if ringing.here {
            self.bell.ring(ringing.medium, ringing.ring_ms);
        } else {
            self.bell.tick();
        }
        if !document().has_focus().unwrap_or(false) {
            let shown = notify::show(&ringing.title, &ringing.body);
            self.notification.set_value(shown);
        }
    }

    fn stop(self) {
        self.bell.hush();
        self.notification.set_value(None);
    }

    fn wake_on_touch(self) {
        let window = window();
        for event in ["pointerdown", "keydown"] {
            Listener::new(&window, event, move |_| self.bell.wake()).forever();
        }
    }
}

fn ringing(card: &OfferCard, hushed: Option<(InteractionId, u32)>) -> Option<Ringing> {
    let offer = &card.offer;
    let key = (offer.interaction, offer.epoch);
    if hushed == Some(key) {
        return None;
    }
    let context = &offer.context;
    let medium = format::medium(context, offer.medium, offer.video);
    let body = match context.caller {
        Some(_) => format::line(context),
        None => {
            let page = format::title(&context.page.title, &context.page.url);
            format!("{}: {page}", context.site)
        }
    };
    Some(Ringing {
        offer: key,
        medium: offer.medium,
        here: offer.rings.has_page(),
        ring_ms: offer.ring_ms,
        title: format!("{medium}: {}", format::who(context)),
        body,
    })
}

/// The title blinks only where something rings, so that it does not change all day.
fn title(desk: &Desk, blink: bool) -> String {
    rules::document_title(desk, blink && desk.offer.is_some())
}

#[cfg(test)]
mod tests {
    use bellwire_proto::{
        agent::{Device, Offer},
        interaction::{Caller, Context},
        time::Timestamp,
    };

    use super::*;

    fn card(rings: Device) -> OfferCard {
        let context = Context {
            site: "Sales line".to_owned(),
            caller: Some(Caller {
                number: Some("+34910000001".to_owned()),
                name: None,
                dialled: "+34910000099".to_owned(),
            }),
            ..Context::default()
        };
        OfferCard {
            offer: Offer {
                interaction: InteractionId::new(Timestamp(1), 2),
                epoch: 1,
                medium: Medium::Call,
                video: false,
                queue: "Sales".to_owned(),
                waited_ms: 0,
                ring_ms: 20_000,
                context,
                rings,
            },
            until: Timestamp(20_000),
        }
    }

    #[test]
    fn a_caller_is_announced_by_number_and_line() {
        let ringing = ringing(&card(Device::Browser), None).expect("it rings");

        assert_eq!(ringing.title, "Telephone call: +34 910 000 001");
        assert_eq!(ringing.body, "Sales line, +34 910 000 099");
    }

    #[test]
    fn the_desk_rings_only_where_it_is_to_be_answered() {
        let here = |rings| ringing(&card(rings), None).map(|ringing| ringing.here);

        assert_eq!(
            Device::ALL.map(here),
            [Some(true), Some(false), Some(true), Some(false)]
        );
    }
}
