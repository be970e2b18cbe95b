//! The promises of `Outgoing`: no jump, no number twice, gaps kept.

use std::collections::BTreeSet;

use super::*;
use crate::testing::Dice;

const ANNA: SourceId = SourceId(1);
const BORIS: SourceId = SourceId(2);
const MUSIC: SourceId = SourceId(3);
const FRAME: Duration = Duration::from_millis(20);

fn packet(source: SourceId, sequence: u16, timestamp: u32) -> Incoming {
    Incoming {
        source,
        sequence,
        timestamp,
        clock: 8000,
        marker: false,
    }
}

fn numbers(slot: Slot) -> (u16, u32) {
    (slot.sequence, slot.timestamp)
}

#[test]
fn the_first_packet_has_the_numbers_asked_for_and_the_marker() {
    let mut outgoing = Outgoing::new(9, 100, 5000, 8000);

    let slot = outgoing
        .forward(packet(ANNA, 7, 70), Instant::now())
        .unwrap();

    assert_eq!(
        slot,
        Slot {
            sequence: 100,
            extended: 100,
            timestamp: 5000,
            marker: true
        }
    );
}

#[test]
fn a_change_of_source_goes_on_where_the_stream_is() {
    let mut now = Instant::now();
    let mut outgoing = Outgoing::new(9, 100, 5000, 8000);
    outgoing.forward(packet(ANNA, 7, 70), now);
    now += FRAME;

    let slot = outgoing
        .forward(packet(BORIS, 60_000, 4_000_000_000), now)
        .unwrap();
    now += FRAME;
    let next = outgoing
        .forward(packet(BORIS, 60_001, 4_000_000_160), now)
        .unwrap();

    assert_eq!((numbers(slot), slot.marker), ((101, 5160), true));
    assert_eq!((numbers(next), next.marker), ((102, 5320), false));
}

#[test]
fn a_gap_in_the_source_stays_a_gap() {
    let now = Instant::now();
    let mut outgoing = Outgoing::new(9, 0, 0, 8000);
    outgoing.forward(packet(ANNA, 10, 0), now);

    let slot = outgoing
        .forward(packet(ANNA, 13, 480), now + 3 * FRAME)
        .unwrap();

    assert_eq!((numbers(slot), slot.marker), ((3, 480), false));
}

#[test]
fn swapped_packets_stay_swapped_and_do_not_take_the_marker() {
    let now = Instant::now();
    let mut outgoing = Outgoing::new(9, 0, 0, 8000);
    outgoing.forward(packet(ANNA, 10, 0), now);
    outgoing.forward(packet(ANNA, 12, 320), now + FRAME);

    let late = outgoing
        .forward(packet(ANNA, 11, 160), now + FRAME)
        .unwrap();

    assert_eq!((numbers(late), late.marker), ((1, 160), false));
}

#[test]
fn a_packet_older_than_the_change_has_no_place() {
    let now = Instant::now();
    let mut outgoing = Outgoing::new(9, 0, 0, 8000);
    outgoing.forward(packet(ANNA, 10, 0), now);
    outgoing.forward(packet(BORIS, 50, 9000), now + FRAME);

    assert_eq!(outgoing.forward(packet(BORIS, 49, 8840), now + FRAME), None);
}

#[test]
fn muted_packets_leave_no_gap_but_their_time_goes_by() {
    let now = Instant::now();
    let mut outgoing = Outgoing::new(9, 0, 0, 8000);
    outgoing.forward(packet(ANNA, 10, 0), now);
    for index in 1..=50u16 {
        outgoing.withhold(
            packet(ANNA, 10 + index, u32::from(index) * 160),
            now + FRAME * u32::from(index),
        );
    }

    let slot = outgoing
        .forward(packet(ANNA, 61, 51 * 160), now + FRAME * 51)
        .unwrap();

    assert_eq!((numbers(slot), slot.marker), ((1, 51 * 160), true));
}

#[test]
fn music_is_continuous_although_its_clock_wavers() {
    let begin = Instant::now();
    let mut outgoing = Outgoing::new(9, 0, 0, 8000);

    for (index, waver_ms) in (0u32..).zip([0u64, 3, 0, 9, 1, 0, 15, 0]) {
        let now = begin + FRAME * index + Duration::from_millis(waver_ms);
        let slot = outgoing.produce(MUSIC, 160, now);
        assert_eq!((slot.timestamp, slot.marker), (index * 160, index == 0));
    }
}

#[test]
fn music_after_a_pause_is_at_the_time_of_the_wall() {
    let begin = Instant::now();
    let mut outgoing = Outgoing::new(9, 0, 0, 8000);
    outgoing.produce(MUSIC, 160, begin);

    let slot = outgoing.produce(MUSIC, 160, begin + Duration::from_secs(2));

    assert_eq!((numbers(slot), slot.marker), ((1, 16_000), true));
}

#[test]
fn a_source_of_another_clock_keeps_its_pace() {
    let now = Instant::now();
    let mut outgoing = Outgoing::new(9, 0, 0, 8000);
    let wide = |sequence, timestamp| Incoming {
        clock: 48_000,
        ..packet(ANNA, sequence, timestamp)
    };
    outgoing.forward(wide(1, 4_294_967_000), now);

    let slot = outgoing
        .forward(wide(2, 4_294_967_000u32.wrapping_add(960)), now + FRAME)
        .unwrap();

    assert_eq!(numbers(slot), (1, 160));
}

#[test]
fn an_event_keeps_its_time_and_the_sound_counts_on_behind_it() {
    let begin = Instant::now();
    let mut outgoing = Outgoing::new(9, 0, 0, 8000);
    outgoing.forward(packet(ANNA, 10, 0), begin);
    let mut now = begin + FRAME;

    let first = outgoing.event(true, now);
    now += FRAME;
    outgoing.withhold(packet(ANNA, 11, 160), now);
    let second = outgoing.event(false, now);
    now += FRAME;
    let sound = outgoing.forward(packet(ANNA, 12, 320), now).unwrap();

    assert_eq!((numbers(first), first.marker), ((1, 160), true));
    assert_eq!((numbers(second), second.marker), ((2, 160), false));
    assert_eq!((numbers(sound), sound.marker), ((3, 320), true));
}

#[test]
fn a_source_that_sets_its_clock_anew_is_joined_anew() {
    let now = Instant::now();
    let mut outgoing = Outgoing::new(9, 0, 0, 8000);
    outgoing.forward(packet(ANNA, 10, 1000), now);

    let slot = outgoing
        .forward(packet(ANNA, 11, 3_000_000_000), now + FRAME)
        .unwrap();

    assert_eq!((numbers(slot), slot.marker), ((1, 160), true));
}

#[test]
fn pictures_keep_their_own_markers() {
    let now = Instant::now();
    let mut outgoing = Outgoing::new(9, 0, 0, 90_000).for_video();
    let part = |sequence, marker| Incoming {
        clock: 90_000,
        marker,
        ..packet(ANNA, sequence, 0)
    };

    assert!(!outgoing.forward(part(10, false), now).unwrap().marker);
    assert!(outgoing.forward(part(11, true), now).unwrap().marker);
}

#[test]
fn the_sender_report_names_the_time_of_now() {
    let now = Instant::now();
    let mut outgoing = Outgoing::new(9, 0, 1000, 8000);
    assert_eq!(outgoing.sender_info(1, now), None);
    outgoing.forward(packet(ANNA, 10, 0), now);
    outgoing.count(160);

    let info = outgoing
        .sender_info(77, now + Duration::from_millis(50))
        .unwrap();

    assert_eq!(
        info,
        SenderInfo {
            ntp: 77,
            timestamp: 1400,
            packets: 1,
            octets: 160
        }
    );
}

/// Sources come and go at random, with losses, swaps, mutes, music and digits; numbers start close
/// to their wraps.
#[test]
fn whatever_happens_no_number_is_used_twice_and_time_never_jumps() {
    for seed in 0..300 {
        let mut dice = Dice::new(seed);
        let mut outgoing = Outgoing::new(9, 65_530, u32::MAX - 3000, 8000);
        let mut now = Instant::now();
        let mut used = BTreeSet::new();
        let mut newest: Option<Slot> = None;
        let mut sources = [(65_000u16, u32::MAX - 500); 2];
        let mut at_work = 0;
        let mut pressing = false;
        for _ in 0..400 {
            now += FRAME;
            for source in &mut sources {
                source.0 = source.0.wrapping_add(1);
                source.1 = source.1.wrapping_add(160);
            }
            if dice.below(40) == 0 {
                at_work = dice.below(3);
            }
            let slot = match at_work {
                2 => Some(outgoing.produce(MUSIC, 160, now)),
                from => {
                    let back = if dice.below(10) == 0 {
                        dice.below(3) as u16
                    } else {
                        0
                    };
                    let incoming = packet(
                        SourceId(from as u64),
                        sources[from].0.wrapping_sub(back),
                        sources[from].1.wrapping_sub(u32::from(back) * 160),
                    );
                    match dice.below(12) {
                        0 => None,
                        1 => {
                            outgoing.withhold(incoming, now);
                            None
                        }
                        2 => {
                            let first = !std::mem::replace(&mut pressing, true);
                            Some(outgoing.event(first, now))
                        }
                        _ => outgoing.forward(incoming, now).filter(|_| back == 0),
                    }
                }
            };
            pressing &= dice.below(8) != 0;
            let Some(slot) = slot else { continue };
            assert!(used.insert(slot.extended), "seed {seed}: {slot:?} again");
            if let Some(before) = newest.filter(|before| slot.extended > before.extended) {
                assert!(
                    slot.extended - before.extended < 50,
                    "seed {seed}: {before:?} {slot:?}"
                );
                let step = slot.timestamp.wrapping_sub(before.timestamp) as i32;
                assert!(
                    (-8000..8000).contains(&step),
                    "seed {seed}: {before:?} {slot:?}"
                );
            }
            if newest.is_none_or(|before| slot.extended > before.extended) {
                newest = Some(slot);
            }
        }
    }
}
