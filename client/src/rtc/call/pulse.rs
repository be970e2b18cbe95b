//! The pulse of a call: repairs what is due, and tells how the call stands and sounds.

use std::rc::{Rc, Weak};

use bellwire_proto::rtc::Step;

use super::{Call, CallChange, CallState, steps::Job};
use crate::{
    clock, dom,
    rtc::{peer::Peer, stats},
};

impl Call {
    /// Once a second: what is due, how the call stands, how good it is.
    pub(super) fn tick(&self) {
        let Some(peer) = self.peer().filter(|_| !self.closed.get()) else {
            return;
        };
        if self.restart_soon.take() {
            self.restart();
        }
        self.look();
        let due = self.recovery.borrow_mut().due(peer.talks(), clock::now());
        if due.restart {
            self.restart_soon.set(true);
            (self.want_ice)();
        }
        if due.repeat {
            self.push(Job::Repeat);
        }
        if due.offer {
            self.push(Job::Offer);
        }
        self.ticks.set(self.ticks.get().wrapping_add(1));
        if self.ticks.get().is_multiple_of(2) && self.shown.get() == CallState::Connected {
            self.measure(peer);
        }
    }

    pub(super) fn measure(&self, peer: Rc<Peer>) {
        let this = Weak::clone(&self.this);
        dom::spawn(async move {
            let counts = stats::read(peer.raw()).await;
            if let (Some(counts), Some(call)) = (counts, this.upgrade()) {
                let quality = call.gauge.borrow_mut().take(counts);
                call.change(CallChange::Quality(quality));
            }
        });
    }

    /// Looks how the path is and shows how the call stands.
    pub(super) fn look(&self) {
        let Some(peer) = self.peer() else { return };
        let now = clock::now();
        self.recovery.borrow_mut().path(peer.path(), now);
        let state = self.recovery.borrow().state(now);
        if self.shown.replace(state) != state {
            if state == CallState::Connected {
                self.rebuilt.set(0);
                self.say(Step::Sending(self.local.sending()));
            }
            self.change(CallChange::State(state));
        }
    }

    pub(super) fn restart(&self) {
        let Some(peer) = self.peer() else { return };
        if peer.is_stable() {
            self.told.borrow_mut().clear();
            // The browser asks for a negotiation next.
            peer.restart_ice();
        } else {
            self.push(Job::Repeat);
        }
    }
}
