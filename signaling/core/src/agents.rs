//! One agent as the floor knows them: what they chose, where their desk is, what they have.

use std::collections::BTreeSet;

use bellwire_proto::{
    agent::{AgentState, Chosen, Device, Devices},
    id::{ConnectionId, InteractionId, QueueId, TabId},
    interaction::Medium,
    time::Timestamp,
};

use crate::{routing::Free, setup::AgentSetup};

/// One connected window of an agent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Window {
    pub(crate) tab: TabId,
    pub(crate) connection: ConnectionId,
}

/// Whether an agent's desk can be reached.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Desk {
    /// This window works.
    Here(Window),
    /// None does.
    Away { since: Timestamp },
}

/// One agent.
#[derive(Debug)]
pub(crate) struct Agent {
    pub(crate) setup: AgentSetup,
    /// Those of the setup's queues whose needs the agent meets, each once.
    pub(crate) serves: Vec<QueueId>,
    pub(crate) chosen: Chosen,
    pub(crate) since: Timestamp,
    pub(crate) desk: Desk,
    /// Where the agent takes calls.
    pub(crate) device: Device,
    /// The agent's desk phone is registered.
    pub(crate) phone_here: bool,
    /// Windows that are open beside the one that works.
    pub(crate) others: Vec<Window>,
    pub(crate) offer: Option<InteractionId>,
    /// What the agent has: in contact or in wrap-up.
    pub(crate) work: BTreeSet<InteractionId>,
    /// Of these, calls, and chats.
    pub(crate) load: Load,
    /// Of these, in wrap-up.
    pub(crate) wrapping: usize,
    pub(crate) idle_since: Timestamp,
    /// The state last told, and since when.
    pub(crate) told: (AgentState, Timestamp),
}

/// How much of each medium an agent has.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Load {
    pub(crate) calls: u8,
    pub(crate) chats: u8,
}

impl Load {
    pub(crate) fn of(self, medium: Medium) -> u8 {
        match medium {
            Medium::Call => self.calls,
            Medium::Chat => self.chats,
        }
    }

    pub(crate) fn add(&mut self, medium: Medium) {
        let slot = self.slot(medium);
        *slot = slot.saturating_add(1);
    }

    pub(crate) fn remove(&mut self, medium: Medium) {
        let slot = self.slot(medium);
        *slot = slot.saturating_sub(1);
    }

    fn slot(&mut self, medium: Medium) -> &mut u8 {
        match medium {
            Medium::Call => &mut self.calls,
            Medium::Chat => &mut self.chats,
        }
    }
}

impl Agent {
    pub(crate) fn new(setup: AgentSetup, chosen: Chosen, since: Timestamp, now: Timestamp) -> Self {
        Self {
            setup,
            serves: vec![],
            chosen,
            since,
            desk: Desk::Away { since: now },
            device: Device::default(),
            phone_here: false,
            others: vec![],
            offer: None,
            work: BTreeSet::new(),
            load: Load::default(),
            wrapping: 0,
            idle_since: since,
            told: (AgentState::SignedOut, now),
        }
    }

    /// The connection of the window that works.
    pub(crate) fn connection(&self) -> Option<ConnectionId> {
        match self.desk {
            Desk::Here(window) => Some(window.connection),
            Desk::Away { .. } => None,
        }
    }

    /// Takes interactions, whether busy now or not.
    pub(crate) fn is_staffed(&self, medium: Medium) -> bool {
        self.is_expected(medium) && self.connection().is_some()
    }

    /// Takes interactions, or will in a moment: a desk that is loaded anew, or comes back after the
    /// server did, is still ready.
    pub(crate) fn is_expected(&self, medium: Medium) -> bool {
        let ready = match self.chosen {
            Chosen::Ready => true,
            Chosen::NotReady { .. } | Chosen::OnCall => false,
        };
        let device = medium != Medium::Call || self.has_device();
        ready && device && self.setup.capacity.of(medium) > 0
    }

    /// Calls can reach where the agent takes them.
    fn has_device(&self) -> bool {
        match self.device {
            Device::Browser | Device::Both => true,
            Device::Phone => self.phone_here,
            Device::Number => self.setup.number.is_some(),
        }
    }

    /// What the agent could take calls on.
    pub(crate) fn devices(&self) -> Devices {
        Devices {
            chosen: self.device,
            phone: (!self.setup.phones.is_empty()).then_some(self.phone_here),
            number: self.setup.number.clone(),
        }
    }

    /// Whether the agent may choose this device.
    pub(crate) fn may_use(&self, device: Device) -> bool {
        match device {
            Device::Browser => true,
            Device::Phone | Device::Both => !self.setup.phones.is_empty(),
            Device::Number => self.setup.number.is_some(),
        }
    }

    /// What the agent can take now.
    pub(crate) fn free(&self) -> Option<Free> {
        if self.offer.is_some() {
            return None;
        }
        let takes = |medium: Medium| {
            self.is_staffed(medium) && self.load.of(medium) < self.setup.capacity.of(medium)
        };
        let free = Free {
            call: takes(Medium::Call),
            chat: takes(Medium::Chat),
            load: self.load.calls.saturating_add(self.load.chats),
            since: self.idle_since,
        };
        (free.call || free.chat).then_some(free)
    }

    /// What the agent does, for showing.
    pub(crate) fn state(&self) -> AgentState {
        if self.connection().is_none() {
            return AgentState::SignedOut;
        }
        if self.offer.is_some() {
            return AgentState::Offered;
        }
        match (&self.chosen, self.work.len(), self.wrapping) {
            (_, work, wrapping) if work > wrapping => AgentState::Busy,
            (_, 1.., _) => AgentState::WrapUp,
            (Chosen::Ready, _, _) => AgentState::Ready,
            (Chosen::NotReady { .. }, _, _) => AgentState::NotReady,
            (Chosen::OnCall, _, _) => AgentState::OnCall,
        }
    }
}
