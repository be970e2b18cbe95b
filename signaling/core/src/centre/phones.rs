//! Agents' telephones: ringing at them, what they do in a call, and passing a call on.
//!
//! A telephone carries the agent's leg by a connection of its own and is told what a page would
//! be; the desk beside it goes on to show the contact. Who is chosen is decided in [`super::offer`].

use std::time::Duration;

use bellwire_proto::{
    agent::{AgentEvent, AgentRefusal, Device},
    id::{AgentId, ConnectionId, InteractionId, PeerId},
    interaction::{EndCause, Medium, Role},
    time::Timestamp,
    visitor::VisitorEvent,
    wire::ByeReason,
};

use super::{Centre, offer::Answerer, telephone::are_digits, timer::not_ready};
use crate::{
    Left, Output, PhoneRefusal, Ring, RingAt, When, interaction::Stage, leg::Leg, record::Record,
    setup::Destination,
};

/// For how long a call that is passed on to an agent waits for that agent alone.
const ONLY_FOR: Duration = Duration::from_secs(30);

impl Centre {
    /// The agent chose where to take calls. What rings or runs stays where it is.
    pub(super) fn take_calls_on(&mut self, id: AgentId, device: Device) {
        let Some(agent) = self.agents.get_mut(&id) else {
            return;
        };
        if !agent.may_use(device) {
            return self.refuse_agent(id, None, AgentRefusal::NoSuchDevice);
        }
        if agent.device == device {
            return;
        }
        agent.device = device;
        self.changed.insert(id);
        self.status_due = true;
        let record = Record::Device { agent: id, device };
        self.outputs.push_back(Output::Record(record));
        self.tell_devices(id);
    }

    fn tell_devices(&mut self, id: AgentId) {
        if let Some(agent) = self.agents.get(&id) {
            let event = AgentEvent::Devices(agent.devices());
            self.tell_agent(id, event, When::Now);
        }
    }

    /// The agent's desk phone registered, or is registered no longer.
    pub(super) fn phone_is(&mut self, id: AgentId, reachable: bool) {
        let Some(agent) = self.agents.get_mut(&id) else {
            return;
        };
        if agent.phone_here == reachable {
            return;
        }
        agent.phone_here = reachable;
        self.changed.insert(id);
        self.status_due = true;
        self.tell_devices(id);
    }

    /// Rings where the agent takes calls, beside the desk.
    pub(super) fn ring_phone(&mut self, id: InteractionId, agent: AgentId) {
        let (Some(interaction), Some(known)) =
            (self.interactions.get_mut(&id), self.agents.get(&agent))
        else {
            return;
        };
        interaction.rings = match interaction.medium {
            Medium::Call if known.device != Device::Both || known.phone_here => known.device,
            Medium::Call | Medium::Chat => Device::Browser,
        };
        let at = match (interaction.rings, &known.setup.number) {
            (Device::Browser, _) | (Device::Number, None) => return,
            (Device::Phone | Device::Both, _) => RingAt::Phones,
            (Device::Number, Some(number)) => RingAt::Number(number.clone()),
        };
        let (epoch, caller) = (interaction.epoch, interaction.context.caller.clone());
        let who =
            (interaction.context.name.clone()).unwrap_or_else(|| interaction.context.site.clone());
        let (queue, video, visitor) = (interaction.queue, interaction.video, interaction.session);
        let shown = format!("{who} ({})", self.queue_name(queue));
        self.outputs.push_back(Output::Ring(Ring {
            agent,
            interaction: id,
            visitor,
            epoch,
            at,
            caller,
            shown,
            video,
        }));
    }

    /// `taken`: the agent took the call, at whatever rang.
    pub(super) fn stop_ring(&mut self, id: InteractionId, taken: bool) {
        if let Some(interaction) = self.interactions.get_mut(&id)
            && interaction.rings != Device::Browser
        {
            interaction.rings = Device::Browser;
            let epoch = interaction.epoch;
            self.outputs.push_back(Output::StopRing {
                interaction: id,
                epoch,
                taken,
            });
        }
    }

    pub(super) fn phone_answered(
        &mut self,
        agent: AgentId,
        (id, epoch): (InteractionId, u32),
        (connection, peer): (ConnectionId, PeerId),
        now: Timestamp,
    ) {
        if !self.interactions.contains_key(&id) || !self.agents.contains_key(&agent) {
            return self.drop_phone(connection);
        }
        let answerer = Answerer::Phone(connection, peer);
        self.answer_offer(agent, id, epoch, answerer, now);
    }

    pub(super) fn phone_refused(
        &mut self,
        agent: AgentId,
        id: InteractionId,
        epoch: u32,
        why: PhoneRefusal,
        now: Timestamp,
    ) {
        let Some(interaction) = self.interactions.get(&id).filter(|i| i.epoch == epoch) else {
            return;
        };
        if !matches!(interaction.stage, Stage::Offered { agent: ringing, .. } if ringing == agent) {
            return;
        }
        match (why, interaction.rings) {
            (PhoneRefusal::Declined, _) => self.take_back_offer(agent, EndCause::Declined, now),
            // The page rings on.
            (PhoneRefusal::Unreachable, Device::Both | Device::Browser) => {}
            (PhoneRefusal::Unreachable, Device::Phone | Device::Number) => {
                self.take_back_offer(agent, EndCause::NoAnswer, now);
                self.choose(agent, not_ready("Telephone not reached"), now);
            }
        }
    }

    /// The telephone hung up, or its call broke off: whoever talked to it waits again then.
    pub(super) fn phone_left(&mut self, connection: ConnectionId, how: Left, now: Timestamp) {
        let Some(id) = self.phones.remove(&connection) else {
            return;
        };
        let Some(call) = self.interactions.get(&id) else {
            return;
        };
        let Stage::Talking { agent, .. } = call.stage else {
            return;
        };
        if !call.agent.is_on(connection) {
            return;
        }
        match how {
            Left::HungUp => self.end_contact(id, EndCause::HungUp, Some(Role::Agent), now),
            Left::Lost => {
                self.choose(agent, not_ready("Telephone not reached"), now);
                self.requeue(id, now);
            }
        }
    }

    pub(super) fn phone_held(&mut self, connection: ConnectionId, held: bool) {
        if let Some((agent, id)) = self.on_phone(connection) {
            self.hold(agent, id, held);
        }
    }

    pub(super) fn phone_pressed(&mut self, connection: ConnectionId, digits: &str) {
        if let Some((agent, id)) = self.on_phone(connection)
            && !(self.interactions.get(&id)).is_some_and(|call| call.is_by_telephone())
        {
            self.agent_pressed(agent, id, digits);
        }
    }

    /// Mutes the agent's telephone. A page mutes itself.
    pub(super) fn mute(&mut self, agent: AgentId, id: InteractionId, muted: bool) {
        if !self.has(agent, id) {
            return;
        }
        let phone = (self.interactions.get_mut(&id)).and_then(|call| call.phone.as_mut());
        let Some(phone) = phone else {
            return self.refuse_agent(agent, Some(id), AgentRefusal::NotNow);
        };
        phone.muted = muted;
        let event = AgentEvent::OnPhone {
            interaction: id,
            phone: Some(*phone),
        };
        self.tell_phone(id, &event);
        self.tell_agent(agent, event, When::Now);
    }

    /// The agent pressed keys: the customer's telephone gets them.
    pub(super) fn agent_pressed(&mut self, agent: AgentId, id: InteractionId, digits: &str) {
        let talks = (self.interactions.get(&id))
            .is_some_and(|call| matches!(call.stage, Stage::Talking { .. }));
        if !talks || !are_digits(digits) {
            return self.refuse_agent(agent, Some(id), AgentRefusal::NotNow);
        }
        let event = VisitorEvent::Digits {
            interaction: id,
            digits: digits.to_owned(),
        };
        self.tell_visitor(id, &event, When::Now);
    }

    /// Passes the call on, to whoever the telephone named, without talking first.
    pub(super) fn phone_transfers(&mut self, connection: ConnectionId, to: &str, now: Timestamp) {
        let Some((agent, id)) = self.on_phone(connection) else {
            return;
        };
        let wanted = to.to_lowercase();
        let colleague = (self.setup.agents.iter())
            .find(|known| {
                known
                    .phones
                    .iter()
                    .any(|user| user.to_lowercase() == wanted)
            })
            .map(|known| known.id);
        let number = self.number(to).map(|number| number.to.clone());
        let (to, why) = match (number, colleague) {
            (Some(to), _) => (Onward::To(to), format!("passed on to {wanted}")),
            (None, Some(colleague)) if colleague != agent => {
                (Onward::Agent(colleague), format!("passed on to {wanted}"))
            }
            (None, _) => {
                let event = AgentEvent::Refused {
                    interaction: Some(id),
                    reason: AgentRefusal::NotInList,
                };
                self.tell_phone(id, &event);
                return self.tell_agent(agent, event, When::Now);
            }
        };
        self.pass_on(id, to, why, now);
    }

    /// Gives the customer to whom the telephone talks in its other call. Where nobody answered that one yet, the
    /// customer goes where it was to go.
    pub(super) fn phone_joins(
        &mut self,
        connection: ConnectionId,
        consult: ConnectionId,
        now: Timestamp,
    ) {
        let (Some((agent, id)), Some(other)) = (self.on_phone(connection), self.call_of(consult))
        else {
            return;
        };
        let Some(asked) = self.interactions.get(&other).filter(|_| other != id) else {
            return;
        };
        let colleague = match asked.stage {
            Stage::Talking { agent: other, .. } if other != agent => other,
            Stage::Waiting
            | Stage::Offered { .. }
            | Stage::Talking { .. }
            | Stage::WrapUp { .. }
            | Stage::Closed { .. } => {
                let dialled = asked.context.caller.as_ref().map(|c| c.dialled.clone());
                self.end_contact(other, EndCause::HungUp, Some(Role::Customer), now);
                return self.phone_transfers(connection, &dialled.unwrap_or_default(), now);
            }
        };
        let Some(answerer) = self.leave_to(other, colleague, now) else {
            return;
        };
        let closed = AgentEvent::Closed { interaction: id };
        self.tell_phone(id, &closed);
        if self.take_from_agent(id, now).is_none() {
            return;
        }
        let because = "joined with a colleague by the agent's telephone".to_owned();
        self.decided(id, Some(colleague), because, now);
        self.hand_over(id, colleague, answerer, now);
    }

    /// Takes a call away from its agent, with what carries it, and ends it for its customer.
    fn leave_to(&mut self, id: InteractionId, agent: AgentId, now: Timestamp) -> Option<Answerer> {
        let call = self.interactions.get_mut(&id)?;
        let nobody = Leg::Away {
            since: now,
            peer: None,
        };
        let leg = std::mem::replace(&mut call.agent, nobody);
        let answerer = match (leg, call.phone.take()) {
            (Leg::Here { connection, peer }, Some(_)) => {
                self.phones.remove(&connection);
                Answerer::Phone(connection, peer)
            }
            // The page makes a new peer connection for the other call.
            (Leg::Here { .. } | Leg::Away { .. }, _) => Answerer::Nobody(None),
        };
        self.outputs.push_back(Output::Unbridge { interaction: id });
        self.release(agent, id, now);
        if let Some(working) = self.agents.get_mut(&agent) {
            working.load.remove(Medium::Call);
        }
        self.tell_agent(
            agent,
            AgentEvent::Closed { interaction: id },
            When::Unhurried,
        );
        self.close(id, EndCause::HungUp, Some(Role::Customer), now);
        Some(answerer)
    }

    fn pass_on(&mut self, id: InteractionId, to: Onward, why: String, now: Timestamp) {
        // The telephone is told that it worked, and then hangs up by itself.
        let closed = AgentEvent::Closed { interaction: id };
        self.tell_phone(id, &closed);
        if let Some(call) = self.interactions.get_mut(&id) {
            call.way.been.clear();
        }
        if self.take_from_agent(id, now).is_none() {
            return;
        }
        match to {
            Onward::To(destination) => self.lead(id, destination, why, now),
            Onward::Agent(colleague) => {
                let until = now + ONLY_FOR;
                if let Some(call) = self.interactions.get_mut(&id) {
                    call.reserved = Some((colleague, until));
                }
                self.decided(id, Some(colleague), why, now);
                self.wait_on(id, now);
                self.tell_place(id, When::Unhurried, now);
            }
        }
    }

    /// Tells the telephone that carries the agent's leg of this call.
    pub(super) fn tell_phone(&mut self, id: InteractionId, event: &AgentEvent) {
        let to = (self.interactions.get(&id))
            .filter(|call| call.phone.is_some())
            .and_then(|call| call.agent.connection());
        if let Some(to) = to {
            self.outputs.push_back(Output::TellAgent {
                to,
                event: event.clone(),
                when: When::Now,
            });
        }
    }

    /// The call is carried by the agent's telephone no longer. `before` is the leg it had.
    pub(super) fn leave_phone(&mut self, id: InteractionId, before: Leg) {
        let Some(call) = self.interactions.get_mut(&id) else {
            return;
        };
        if call.phone.take().is_none() {
            return;
        }
        if let Some(connection) = before.connection() {
            self.drop_phone(connection);
        }
        let event = AgentEvent::OnPhone {
            interaction: id,
            phone: None,
        };
        self.tell_worker(id, event, When::Now);
    }

    /// Sends a telephone away.
    pub(super) fn drop_phone(&mut self, connection: ConnectionId) {
        self.phones.remove(&connection);
        let reason = ByeReason::Replaced;
        (self.outputs).push_back(Output::Drop { connection, reason });
    }

    /// The agent and the call that this telephone carries.
    fn on_phone(&self, connection: ConnectionId) -> Option<(AgentId, InteractionId)> {
        let id = *self.phones.get(&connection)?;
        let call = self.interactions.get(&id)?;
        let agent = call.worker()?;
        call.agent.is_on(connection).then_some((agent, id))
    }
}

/// Where a call is passed on to.
enum Onward {
    /// To where a number leads.
    To(Destination),
    /// To this agent, for a while to nobody else.
    Agent(AgentId),
}
