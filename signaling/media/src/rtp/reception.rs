//! What came of one received stream: numbers extended over their wraps, losses, jitter.
//!
//! The bookkeeping of RFC 3550 appendix A.1, A.3 and A.8. Without its probation: who may send to a
//! leg is decided before (latching, DTLS), so the first packet counts.

use std::time::{Duration, Instant};

use super::rtcp::{self, ReportBlock};

/// How a packet stands to those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// The first, or newer than all before.
    New,
    /// Older than the newest: late, or for the second time.
    Old,
    /// Far from all before. If the next one follows it, the far end began anew.
    Stray,
    /// The second in a row at a far place: from here the stream is counted anew.
    Restarted,
}

/// The receiving side of one synchronisation source.
///
/// `now` never goes back.
#[derive(Debug, Clone)]
pub struct Reception {
    clock: u32,
    stream: Option<Stream>,
    sender_report: Option<(u32, Instant)>,
}

#[derive(Debug, Clone)]
struct Stream {
    base: u64,
    /// Highest sequence number, extended by its wraps.
    highest: u64,
    /// Where a restarted stream would go on.
    restart_at: Option<u16>,
    received: u64,
    expected_before: u64,
    received_before: u64,
    /// In 1/16 of the RTP clock's unit.
    jitter: u32,
    last: (Instant, u32),
}

impl Reception {
    /// A stream whose timestamps run at `clock` Hz.
    #[must_use]
    pub fn new(clock: u32) -> Self {
        Self {
            clock: clock.max(1),
            stream: None,
            sender_report: None,
        }
    }

    /// Takes note of a packet.
    pub fn received(&mut self, sequence: u16, timestamp: u32, now: Instant) -> Arrival {
        let Some(stream) = &mut self.stream else {
            self.stream = Some(Stream::begin(sequence, timestamp, now));
            return Arrival::New;
        };
        let arrival = stream.place(sequence);
        match arrival {
            Arrival::New => {
                stream.received += 1;
                stream.jitter_of(timestamp, self.clock, now);
            }
            Arrival::Old => stream.received += 1,
            Arrival::Stray => {}
            Arrival::Restarted => *stream = Stream::begin(sequence, timestamp, now),
        }
        arrival
    }

    /// Takes note of the far end's sender report, for the next [`Self::report`].
    pub fn sender_report(&mut self, ntp: u64, now: Instant) {
        self.sender_report = Some((rtcp::middle(ntp), now));
    }

    /// Packets that never came, so far.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.stream.as_ref().map_or(0, |stream| {
            stream.expected().saturating_sub(stream.received)
        })
    }

    /// Packets that came, the doubled among them.
    #[must_use]
    pub fn packets(&self) -> u64 {
        self.stream.as_ref().map_or(0, |stream| stream.received)
    }

    /// Interarrival jitter.
    #[must_use]
    pub fn jitter(&self) -> Duration {
        let units = self.stream.as_ref().map_or(0, |stream| stream.jitter >> 4);
        Duration::from_secs_f64(f64::from(units) / f64::from(self.clock))
    }

    /// The highest sequence number with its wraps in the upper half, as reports carry it.
    #[must_use]
    pub fn highest(&self) -> Option<u32> {
        self.stream.as_ref().map(|stream| stream.highest as u32)
    }

    /// The report block about this stream, `None` before its first packet.
    ///
    /// The fraction lost counts from the call before: call it once for each report.
    pub fn report(&mut self, ssrc: u32, now: Instant) -> Option<ReportBlock> {
        let stream = self.stream.as_mut()?;
        let expected = stream.expected();
        let expected_since = expected - stream.expected_before;
        let received_since = stream.received - stream.received_before;
        stream.expected_before = expected;
        stream.received_before = stream.received;
        let lost_since = expected_since.saturating_sub(received_since);
        let fraction = (lost_since << 8).checked_div(expected_since).unwrap_or(0);
        let lost = i64::try_from(expected).unwrap_or(i64::MAX)
            - i64::try_from(stream.received).unwrap_or(i64::MAX);
        let (last_sender_report, delay_since) =
            self.sender_report.map_or((0, 0), |(middle, at)| {
                let micros = now.saturating_duration_since(at).as_micros();
                (
                    middle,
                    u32::try_from((micros << 16) / 1_000_000).unwrap_or(u32::MAX),
                )
            });
        Some(ReportBlock {
            ssrc,
            fraction_lost: u8::try_from(fraction).unwrap_or(u8::MAX),
            lost: lost.clamp(-0x80_0000, 0x7f_ffff) as i32,
            highest: stream.highest as u32,
            jitter: stream.jitter >> 4,
            last_sender_report,
            delay_since,
        })
    }
}

impl Stream {
    fn begin(sequence: u16, timestamp: u32, now: Instant) -> Self {
        Self {
            base: u64::from(sequence),
            highest: u64::from(sequence),
            restart_at: None,
            received: 1,
            expected_before: 0,
            received_before: 0,
            jitter: 0,
            last: (now, timestamp),
        }
    }

    fn expected(&self) -> u64 {
        self.highest - self.base + 1
    }

    /// Source: RFC 3550 appendix A.1, `update_seq`.
    fn place(&mut self, sequence: u16) -> Arrival {
        let ahead = sequence.wrapping_sub(self.highest as u16);
        if ahead == 0 {
            return Arrival::Old;
        }
        if ahead < MAX_DROPOUT {
            self.highest += u64::from(ahead);
            self.restart_at = None;
            return Arrival::New;
        }
        if ahead > u16::MAX - MAX_MISORDER {
            return Arrival::Old;
        }
        let follows = self.restart_at == Some(sequence);
        self.restart_at = Some(sequence.wrapping_add(1));
        if follows {
            Arrival::Restarted
        } else {
            Arrival::Stray
        }
    }

    /// Source: RFC 3550 appendix A.8, in its integer form.
    fn jitter_of(&mut self, timestamp: u32, clock: u32, now: Instant) {
        let (at, before) = std::mem::replace(&mut self.last, (now, timestamp));
        let spent = now.saturating_duration_since(at).as_micros() * u128::from(clock) / 1_000_000;
        let claimed = i64::from(timestamp.wrapping_sub(before) as i32);
        let differs = (i64::try_from(spent).unwrap_or(i64::MAX) - claimed).unsigned_abs();
        // A source that jumped in its own time tells nothing about the network.
        if differs > u64::from(clock) * 5 {
            return;
        }
        let differs = u32::try_from(differs).unwrap_or(0);
        self.jitter = self.jitter + differs - ((self.jitter + 8) >> 4);
    }
}

const MAX_DROPOUT: u16 = 3000;
const MAX_MISORDER: u16 = 100;

#[cfg(test)]
mod tests {
    use super::*;

    /// Receives `sequences` one each 20 ms; returns the clock after the last.
    fn hear(reception: &mut Reception, sequences: impl IntoIterator<Item = u16>) -> Instant {
        let mut now = Instant::now();
        for (index, sequence) in (0u32..).zip(sequences) {
            reception.received(sequence, index * 160, now);
            now += Duration::from_millis(20);
        }
        now
    }

    #[test]
    fn a_clean_stream_over_a_wrap_loses_nothing() {
        let mut reception = Reception::new(8000);

        let now = hear(
            &mut reception,
            (0..100).map(|index| 65_500u16.wrapping_add(index)),
        );

        let block = reception.report(9, now).unwrap();
        assert_eq!((block.lost, block.fraction_lost, block.jitter), (0, 0, 0));
        assert_eq!(block.highest, 0x1_0000 + 63);
    }

    #[test]
    fn one_in_four_lost_is_a_fraction_of_64() {
        let mut reception = Reception::new(8000);

        let now = hear(
            &mut reception,
            (0..=400).filter(|sequence| sequence % 4 != 3),
        );

        let block = reception.report(9, now).unwrap();
        assert_eq!(block.lost, 100);
        assert!(
            (63..=64).contains(&block.fraction_lost),
            "{}",
            block.fraction_lost
        );
        assert_eq!(reception.report(9, now).unwrap().fraction_lost, 0);
    }

    #[test]
    fn doubled_packets_are_a_loss_below_zero() {
        let mut reception = Reception::new(8000);

        let now = hear(&mut reception, [1, 1, 2, 2, 3, 3]);

        assert_eq!(reception.report(9, now).unwrap().lost, -3);
        assert_eq!(reception.lost(), 0);
    }

    #[test]
    fn a_late_packet_is_no_loss() {
        let mut reception = Reception::new(8000);

        hear(&mut reception, [1, 3, 2, 4]);

        assert_eq!(reception.lost(), 0);
    }

    #[test]
    fn one_stray_number_does_not_move_the_stream_but_two_in_a_row_do() {
        let mut reception = Reception::new(8000);
        let now = hear(&mut reception, 1..10);

        assert_eq!(reception.received(30_000, 0, now), Arrival::Stray);
        assert_eq!(reception.received(10, 0, now), Arrival::New);
        assert_eq!(reception.received(30_001, 0, now), Arrival::Stray);
        assert_eq!(reception.received(30_002, 0, now), Arrival::Restarted);
        assert_eq!(reception.lost(), 0);
    }

    #[test]
    fn packets_that_swing_by_ten_milliseconds_have_that_jitter() {
        let mut reception = Reception::new(8000);
        let begin = Instant::now();

        for index in 0..500u16 {
            let swing = if index % 2 == 0 { 0 } else { 10 };
            let now = begin + Duration::from_millis(u64::from(index) * 20 + swing);
            reception.received(index, u32::from(index) * 160, now);
        }

        let jitter = reception.jitter().as_secs_f64() * 1000.0;
        assert!((9.0..=10.5).contains(&jitter), "{jitter}");
    }

    #[test]
    fn the_delay_since_their_report_is_told() {
        let mut reception = Reception::new(8000);
        let now = hear(&mut reception, [1]);
        reception.sender_report(0x0000_1122_3344_0000, now);

        let block = reception
            .report(9, now + Duration::from_millis(1500))
            .unwrap();

        assert_eq!(block.last_sender_report, 0x1122_3344);
        assert_eq!(block.delay_since, 3 << 15);
    }
}
