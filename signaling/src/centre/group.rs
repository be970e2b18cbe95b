//! What is committed together, and who waits for that.

use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
    time::Duration,
};

use axum::extract::ws::Utf8Bytes;
use bellwire_core::{When, record::Record};
use bellwire_proto::{id::ConnectionId, time::Timestamp, visitor::VisitorEvent, wire::Down};

use crate::ws::line::{Line, frame};

/// How long records lie open for more to be committed with them, where nobody's next step waits for them.
const COMPANY: Duration = Duration::from_millis(5);

/// Records to commit together, and what is told when that is done.
#[derive(Default)]
pub(super) struct Group {
    /// The records, in the order of the decisions.
    pub(super) records: Vec<Record>,
    facts: Vec<(Weak<Line>, Utf8Bytes)>,
    /// When the first of them lay open long enough.
    due: Option<Timestamp>,
    /// Somebody's next step waits for them.
    hurried: bool,
    /// The last command of each page. Earlier ones need no answer of their own, and a page that
    /// asked much while the store was slow is not flooded.
    done: BTreeMap<ConnectionId, (Weak<Line>, u64)>,
}

impl Group {
    /// Adds a record that was made now.
    pub(super) fn record(&mut self, record: Record, now: Timestamp) {
        self.due.get_or_insert(now + COMPANY);
        self.records.push(record);
    }

    /// Until when the records may wait for more; none where they may not, or where there are none.
    pub(super) fn due(&self) -> Option<Timestamp> {
        self.due.filter(|_| !self.hurried)
    }

    /// Tells this fact when the records are stored.
    pub(super) fn hold(&mut self, line: &Arc<Line>, fact: Utf8Bytes, when: When) {
        self.hurried |= when == When::Stored;
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

#[cfg(test)]
mod tests {
    use bellwire_proto::id::SessionId;

    use super::*;

    fn record() -> Record {
        Record::ForgetJourney {
            session: SessionId::new(Timestamp(1), 1),
        }
    }

    fn line() -> Arc<Line> {
        Line::new(ConnectionId::new(Timestamp(1), 1), 10)
    }

    #[test]
    fn records_wait_for_more_from_the_first_of_them_on() {
        let mut group = Group::default();
        assert_eq!(group.due(), None);

        group.record(record(), Timestamp(1_000));
        group.record(record(), Timestamp(1_004));

        assert_eq!(group.due(), Some(Timestamp(1_000) + COMPANY));
    }

    #[test]
    fn what_somebody_waits_for_hurries_all_of_them() {
        let (line, fact) = (line(), Utf8Bytes::from_static("{}"));
        let mut group = Group::default();
        group.record(record(), Timestamp(1_000));

        group.hold(&line, fact.clone(), When::Unhurried);
        assert!(group.due().is_some());
        group.hold(&line, fact, When::Stored);
        group.record(record(), Timestamp(1_002));

        assert_eq!(group.due(), None);
        group.release();
        assert_eq!(line.held.get(), 0);
    }
}
