//! What is committed together, and who waits for that.

use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
};

use axum::extract::ws::Utf8Bytes;
use bellwire_core::record::Record;
use bellwire_proto::{id::ConnectionId, visitor::VisitorEvent, wire::Down};

use crate::ws::line::{Line, frame};

/// Records to commit together, and what is told when that is done.
#[derive(Default)]
pub(super) struct Group {
    /// The records, in the order of the decisions.
    pub(super) records: Vec<Record>,
    facts: Vec<(Weak<Line>, Utf8Bytes)>,
    /// The last command of each page. Earlier ones need no answer of their own, and a page that
    /// asked much while the store was slow is not flooded.
    done: BTreeMap<ConnectionId, (Weak<Line>, u64)>,
}

impl Group {
    /// Tells this fact when the records are stored.
    pub(super) fn hold(&mut self, line: &Arc<Line>, fact: Utf8Bytes) {
        line.held.add();
        self.facts.push((Arc::downgrade(line), fact));
    }

    /// Acknowledges this command when the records are stored.
    pub(super) fn acknowledge(&mut self, line: &Arc<Line>, n: u64) {
        self.done.insert(line.id(), (Arc::downgrade(line), n));
    }

    /// Tells everything that waited, in order.
    pub(super) fn release(self) {
        for (line, fact) in self.facts {
            if let Some(line) = line.upgrade() {
                line.held.remove();
                line.push(fact);
            }
        }
        for (line, n) in self.done.into_values() {
            if let Some(line) = line.upgrade() {
                line.push(done(n));
            }
        }
    }
}

/// The acknowledgement of all commands up to this one.
pub(super) fn done(n: u64) -> Utf8Bytes {
    frame(&Down::<VisitorEvent>::Done { n })
}
