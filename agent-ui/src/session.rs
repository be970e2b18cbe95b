//! The desk's only door to the server: who is signed in, the connection, what the desk knows,
//! and commands out. Components get signals from here and never see a socket.

pub(crate) mod api;

use std::{collections::BTreeMap, rc::Rc, time::Duration};

use bellwire_client::{
    clock, ids,
    link::{Connection, HelloError, Options},
};
use bellwire_proto::{
    agent::{AgentCommand, AgentEvent},
    id::InteractionId,
    interaction::EndCause,
    link,
    mirror::Desk,
    rtc::Signal as RtcSignal,
    time::Timestamp,
    wire::{ByeReason, Down, Hello, Pass, Up, VERSION},
};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use self::api::Trouble;
use crate::{
    notices::{Notices, WayOn},
    rules, text,
};

/// How long a visitor counts as typing after the last sign of it.
const TYPING_LASTS: Duration = Duration::from_secs(5);

/// A second refusal within this time is not answered with another ticket at once.
const TICKET_AGAIN_AFTER: Duration = Duration::from_secs(20);

/// A frame for the desk.
pub(crate) type Frame = Down<AgentEvent>;

type Listener = Rc<dyn Fn(&Frame)>;

type AgentConnection = Connection<AgentCommand, AgentEvent>;

/// Who is at the desk.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Phase {
    /// Not known yet.
    Asking,
    /// Nobody; with the sentence that says why, where there is one.
    SignedOut(Option<String>),
    /// An agent.
    SignedIn,
}

/// The door to the server.
#[derive(Clone, Copy)]
pub(crate) struct Session {
    /// Who is at the desk.
    pub(crate) phase: RwSignal<Phase>,
    /// What the desk knows.
    pub(crate) desk: RwSignal<Desk>,
    /// What the connection does.
    pub(crate) link: RwSignal<link::State>,
    /// The server's time, about twice a second.
    pub(crate) now: RwSignal<Timestamp>,
    /// Until when each visitor counts as typing.
    pub(crate) typing: RwSignal<BTreeMap<InteractionId, Timestamp>>,
    connection: StoredValue<Option<Rc<AgentConnection>>, LocalStorage>,
    listener: StoredValue<Option<Listener>, LocalStorage>,
    read_sent: StoredValue<BTreeMap<InteractionId, u32>>,
    unwelcome_at: StoredValue<Option<Timestamp>>,
    notices: Notices,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

impl Session {
    pub(crate) fn new(notices: Notices) -> Self {
        Self {
            phase: RwSignal::new(Phase::Asking),
            desk: RwSignal::new(Desk::default()),
            link: RwSignal::new(link::State::Idle),
            now: RwSignal::new(Timestamp(0)),
            typing: RwSignal::new(BTreeMap::new()),
            connection: StoredValue::new_local(None),
            listener: StoredValue::new_local(None),
            read_sent: StoredValue::new(BTreeMap::new()),
            unwelcome_at: StoredValue::new(None),
            notices,
        }
    }

    /// Calls `listener` with each frame, after the desk took it in.
    pub(crate) fn listen(self, listener: impl Fn(&Frame) + 'static) {
        self.listener.set_value(Some(Rc::new(listener)));
    }

    /// Finds out who is signed in, and opens the desk if someone is.
    pub(crate) fn start(self) {
        spawn_local(async move {
            match api::me().await {
                Ok(()) => self.open(),
                Err(Trouble::NotSignedIn) => self.phase.set(Phase::SignedOut(None)),
                Err(trouble) => {
                    let sentence = trouble.at_sign_in();
                    self.phase.set(Phase::SignedOut(Some(sentence)));
                }
            }
        });
    }

    /// Signs in and opens the desk.
    pub(crate) async fn sign_in(self, user: String, password: String) -> Result<(), Trouble> {
        api::sign_in(&user, &password).await?;
        self.open();
        Ok(())
    }

    /// Signs out, unless someone would be left alone.
    pub(crate) fn sign_out(self) {
        let desk = self.desk.read_untracked();
        if desk
            .items
            .values()
            .any(|item| rules::is_talking(&item.stage))
        {
            self.notices.say(text::STILL_TALKING);
            return;
        }
        // Whoever signs in here next should not ring at once.
        let reason = desk.reasons.first().cloned();
        if let Some(reason) = reason.filter(|_| !rules::is_not_ready(&desk.chosen)) {
            self.send(AgentCommand::NotReady { reason });
        }
        spawn_local(async move {
            match api::sign_out().await {
                Ok(()) | Err(Trouble::NotSignedIn) => self.close(text::SIGNED_OUT),
                Err(trouble) => self.notices.say(trouble.at_sign_in()),
            }
        });
    }

    /// Asks the server for something; kept over a lost connection.
    pub(crate) fn send(self, command: AgentCommand) {
        let Some(connection) = self.connection.get_value() else {
            return;
        };
        if connection.send(command).is_err() {
            self.notices.say(text::TOO_MUCH_KEPT);
        }
    }

    /// Sends a step of a call's negotiation to the visitor's page.
    pub(crate) fn relay(self, interaction: InteractionId, signal: RtcSignal) {
        self.send_now(Up::Relay {
            interaction,
            signal,
        });
    }

    /// Asks for STUN and TURN servers.
    pub(crate) fn ask_for_ice(self) {
        self.send_now(Up::Ice);
    }

    /// Writes a line; it stands in the chat at once, as not sent yet.
    pub(crate) fn say(self, interaction: InteractionId, line: String) {
        let message = ids::message();
        let shown = line.clone();
        self.desk.update(|desk| {
            if let Some(item) = desk.items.get_mut(&interaction) {
                item.chat.say(message, shown);
            }
        });
        self.send(AgentCommand::Say {
            interaction,
            message,
            text: line,
        });
    }

    /// Tells the visitor that the agent is typing; worth nothing once the connection is back.
    pub(crate) fn type_in(self, interaction: InteractionId) {
        if self.is_up() {
            self.send(AgentCommand::Typing { interaction });
        }
    }

    /// Tells the server that the agent has read a chat up to this line.
    pub(crate) fn read(self, interaction: InteractionId, seq: u32) {
        let known = self
            .read_sent
            .with_value(|sent| sent.get(&interaction).copied());
        if known >= Some(seq) {
            return;
        }
        self.read_sent
            .update_value(|sent| _ = sent.insert(interaction, seq));
        self.send(AgentCommand::Read { interaction, seq });
    }

    /// Brings the desk to this window.
    pub(crate) fn work_here(self) {
        match self.link.get_untracked() {
            link::State::Over(_) | link::State::Idle => self.open(),
            link::State::Opening { .. }
            | link::State::Greeting { .. }
            | link::State::Up { .. }
            | link::State::Resting { .. } => {}
        }
        self.send(AgentCommand::TakeOver);
    }

    /// Opens a new connection, after the server ended the last one for good.
    pub(crate) fn connect_again(self) {
        self.open();
    }

    /// Lets time pass on the screen.
    pub(crate) fn tick(self) {
        let now = self.server_now();
        self.now.set(now);
        if self
            .typing
            .read_untracked()
            .values()
            .any(|until| *until <= now)
        {
            self.typing
                .update(|typing| typing.retain(|_, until| *until > now));
        }
    }

    /// The server's time.
    pub(crate) fn server_now(self) -> Timestamp {
        (self.connection)
            .with_value(|connection| connection.as_ref().map(|it| it.server_now()))
            .unwrap_or_else(clock::now)
    }

    fn is_up(self) -> bool {
        matches!(self.link.get_untracked(), link::State::Up { .. })
    }

    fn send_now(self, frame: Up<AgentCommand>) {
        if let Some(connection) = self.connection.get_value() {
            connection.send_now(frame);
        }
    }

    fn open(self) {
        if let Some(old) = self.connection.get_value() {
            old.close();
        }
        self.phase.set(Phase::SignedIn);
        self.link.set(link::State::Idle);
        let connection = AgentConnection::open(Options {
            path: "/ws/agent",
            hello: Box::new(move || Box::pin(self.hello())),
            on_frame: Box::new(move |frame| self.heard(frame)),
            on_state: Box::new(move |state| self.linked(state)),
        });
        self.connection.set_value(Some(connection));
        self.tick();
    }

    fn close(self, why: &str) {
        if let Some(connection) = self.connection.get_value() {
            connection.close();
        }
        self.connection.set_value(None);
        self.desk.set(Desk::default());
        self.typing.set(BTreeMap::new());
        self.read_sent.set_value(BTreeMap::new());
        self.phase.set(Phase::SignedOut(Some(why.to_owned())));
    }

    async fn hello(self) -> Result<Hello, HelloError> {
        match api::ticket().await {
            Ok(ticket) => Ok(Hello {
                version: VERSION,
                tab: ids::tab(),
                pass: Pass::Agent { ticket },
                seen: self.desk.with_untracked(Desk::seen),
            }),
            Err(Trouble::NotSignedIn) => Err(HelloError::Over),
            Err(Trouble::Unreachable | Trouble::TooMany(_) | Trouble::Failed) => {
                Err(HelloError::Retry)
            }
        }
    }

    fn heard(self, frame: Frame) {
        if let Down::Tell(event) = &frame {
            let now = self.server_now();
            self.note(event, now);
            self.desk.update(|desk| desk.apply(event.clone(), now));
        }
        if let Some(listener) = self.listener.get_value() {
            listener(&frame);
        }
    }

    fn linked(self, state: link::State) {
        self.link.set(state);
        if state == link::State::Over(ByeReason::NotWelcome) {
            spawn_local(self.unwelcome());
        }
    }

    /// A ticket was not taken: either nobody is signed in any more, or the ticket was too old.
    async fn unwelcome(self) {
        let lately = self
            .unwelcome_at
            .get_value()
            .is_some_and(|at| clock::now().since(at) < TICKET_AGAIN_AFTER);
        self.unwelcome_at.set_value(Some(clock::now()));
        match api::me().await {
            Ok(()) if lately => {}
            Ok(()) => self.open(),
            Err(Trouble::NotSignedIn) => self.close(text::NO_LONGER_SIGNED_IN),
            // The notice on the screen has a button to connect again.
            Err(Trouble::Unreachable | Trouble::TooMany(_) | Trouble::Failed) => {}
        }
    }

    /// What is shown for a moment and not remembered by the desk.
    fn note(self, event: &AgentEvent, now: Timestamp) {
        match event {
            AgentEvent::Typing { interaction } => {
                let until = now + TYPING_LASTS;
                self.typing
                    .update(|typing| _ = typing.insert(*interaction, until));
            }
            AgentEvent::Said { interaction, .. } => {
                self.typing.update(|typing| _ = typing.remove(interaction));
            }
            AgentEvent::Refused { reason, .. } => self.notices.say(text::refused(*reason)),
            AgentEvent::Withdrawn { cause, .. } => self.offer_gone(*cause),
            AgentEvent::State { chosen, .. } => {
                if rules::is_ready(chosen) {
                    self.notices.done(WayOn::Ready);
                }
            }
            AgentEvent::Desk(_) => self.read_sent.set_value(BTreeMap::new()),
            AgentEvent::Elsewhere
            | AgentEvent::Offered(_)
            | AgentEvent::Connected(_)
            | AgentEvent::PeerChanged { .. }
            | AgentEvent::Reachable { .. }
            | AgentEvent::Held { .. }
            | AgentEvent::Read { .. }
            | AgentEvent::Looks { .. }
            | AgentEvent::Journey { .. }
            | AgentEvent::Named { .. }
            | AgentEvent::Learnt { .. }
            | AgentEvent::WrapUp { .. }
            | AgentEvent::Closed { .. }
            | AgentEvent::Queues(_)
            | AgentEvent::Devices(_)
            | AgentEvent::OnPhone { .. }
            | AgentEvent::Digits { .. } => {}
        }
    }

    fn offer_gone(self, cause: EndCause) {
        let by_telephone = self.desk.with_untracked(|desk| {
            (desk.offer.as_ref()).is_some_and(|card| card.offer.context.caller.is_some())
        });
        let Some(sentence) = rules::offer_gone(cause, by_telephone) else {
            return;
        };
        match cause {
            EndCause::NoAnswer => {
                self.notices.ask(sentence, WayOn::Ready);
            }
            EndCause::Abandoned
            | EndCause::Vanished
            | EndCause::HungUp
            | EndCause::Declined
            | EndCause::Directed => self.notices.say(sentence),
        }
    }
}
