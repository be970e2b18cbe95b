//! RTCP that we send to telephones: reports every five seconds, and goodbye at the end (RFC 3550 §6).

use std::time::{Duration, Instant, SystemTime};

use super::{
    engine::Engine,
    leg::{Far, Leg},
};
use crate::rtp::rtcp::{self, Report};

const EVERY: Duration = Duration::from_secs(5);

impl Engine {
    pub(super) fn report(&mut self, now: Instant) {
        self.next_report = now + EVERY;
        for index in 0..self.legs.len() {
            self.report_to(index, false, now);
        }
    }

    /// Says goodbye to a telephone.
    pub(super) fn say_goodbye(&mut self, index: usize) {
        self.report_to(index, true, Instant::now());
    }

    fn report_to(&mut self, index: usize, bye: bool, now: Instant) {
        let Some(Leg {
            id,
            far: Far::Phone(phone),
            sound,
            ..
        }) = self.leg_mut(index)
        else {
            return;
        };
        let since_1970 = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let ssrc = phone.ssrc;
        let block = ssrc.and_then(|ssrc| phone.reception.report(ssrc, now));
        let name = format!("{:x}@bellwire", id.0);
        let report = Report {
            ssrc: sound.ssrc(),
            sender: sound.sender_info(rtcp::ntp(since_1970), now),
            blocks: block.as_slice(),
            name: &name,
            bye,
        };
        let mut packet = Vec::with_capacity(128);
        report.write(&mut packet);
        phone.send_rtcp(&mut packet);
    }
}
