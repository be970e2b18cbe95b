//! Reports written, read and mangled.

use super::*;
use crate::testing::Dice;

const BLOCK: ReportBlock = ReportBlock {
    ssrc: 0xaabb_ccdd,
    fraction_lost: 25,
    lost: -3,
    highest: 0x0001_fffe,
    jitter: 77,
    last_sender_report: 0x1122_3344,
    delay_since: 0x0001_8000,
};
const SENDER: SenderInfo = SenderInfo {
    ntp: 0xe000_0000_8000_0000,
    timestamp: 1600,
    packets: 10,
    octets: 1600,
};

#[test]
fn a_written_report_reads_back() {
    let mut datagram = Vec::new();
    let report = Report {
        ssrc: 7,
        sender: Some(SENDER),
        blocks: &[BLOCK],
        name: "desk@example",
        bye: true,
    };

    report.write(&mut datagram);

    let parts: Vec<_> = Compound::new(&datagram).collect::<Result<_, _>>().unwrap();
    let [
        Part::SenderReport {
            ssrc: 7,
            sender,
            reports,
        },
        description,
        bye,
    ] = parts[..]
    else {
        panic!("{parts:?}");
    };
    assert_eq!(sender, SENDER);
    assert_eq!(reports.collect::<Vec<_>>(), [BLOCK]);
    assert_eq!(
        description,
        Part::Description {
            ssrc: 7,
            name: Some("desk@example")
        }
    );
    assert!(bye.is_bye_of(7) && !bye.is_bye_of(8));
    assert_eq!(datagram.len() % 4, 0);
}

#[test]
fn who_sends_nothing_writes_a_receiver_report() {
    let mut datagram = Vec::new();

    Report {
        ssrc: 7,
        sender: None,
        blocks: &[],
        name: "abc",
        bye: false,
    }
    .write(&mut datagram);

    assert_eq!(&datagram[..8], [0x80, 201, 0, 1, 0, 0, 0, 7]);
    let parts: Vec<_> = Compound::new(&datagram).collect::<Result<_, _>>().unwrap();
    assert_eq!(
        parts[1],
        Part::Description {
            ssrc: 7,
            name: Some("abc")
        }
    );
}

#[test]
fn a_round_trip_is_what_remains_after_the_far_ends_delay() {
    // RFC 3550 figure 2: A 0xb710:8000, LSR 0xb705:2000, DLSR 0x0005:4000, trip 0x0006:2000.
    let block = ReportBlock {
        last_sender_report: 0xb705_2000,
        delay_since: 0x0005_4000,
        ..BLOCK
    };
    let now = 0xb710_8000 << 16;

    let trip = round_trip(&block, now).unwrap();

    assert_eq!(trip, Duration::from_micros(6_125_000));
}

#[test]
fn an_impossible_round_trip_is_not_told() {
    let none_yet = ReportBlock {
        last_sender_report: 0,
        ..BLOCK
    };
    let early = ReportBlock {
        last_sender_report: 2 << 16,
        delay_since: 1,
        ..BLOCK
    };

    assert_eq!(round_trip(&none_yet, 5 << 32), None);
    assert_eq!(round_trip(&early, 2 << 32), None);
}

#[test]
fn the_year_1970_is_long_after_1900() {
    assert_eq!(
        ntp(Duration::from_millis(500)),
        (2_208_988_800 << 32) | 0x8000_0000
    );
}

#[test]
fn mutated_compounds_never_panic_and_always_end() {
    let mut dice = Dice::new(2);
    let mut seed = Vec::new();
    Report {
        ssrc: 7,
        sender: Some(SENDER),
        blocks: &[BLOCK, BLOCK],
        name: "abcdefg",
        bye: true,
    }
    .write(&mut seed);
    for _ in 0..20_000 {
        let bytes = dice.mutated(&seed);
        for part in Compound::new(&bytes).flatten() {
            let _ = part.is_bye_of(7);
            match part {
                Part::SenderReport { reports, .. } | Part::ReceiverReport { reports, .. } => {
                    assert!(reports.count() <= 31);
                }
                Part::Description { .. } | Part::Bye { .. } | Part::Other { .. } => {}
            }
        }
    }
}
