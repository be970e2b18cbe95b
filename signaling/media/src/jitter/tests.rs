//! The jitter buffer on a virtual network.

use super::*;
use crate::rtp::Header;
use crate::testing::Dice;

const FRAME_MS: u64 = 20;

fn header(sequence: u16, timestamp: u32) -> Header {
    Header {
        payload_type: 0,
        marker: false,
        sequence,
        timestamp,
        ssrc: 5,
    }
}

/// Packet `index` of a stream that begins close to both wraps; its payload is its index.
fn packet(index: u16) -> (Header, [u8; 2]) {
    let timestamp = (u32::MAX - 1000).wrapping_add(u32::from(index) * 160);
    (
        header(65_500u16.wrapping_add(index), timestamp),
        index.to_be_bytes(),
    )
}

/// Sends the packets of `arrivals` (index, ms) and pulls each 20 ms from the first on.
/// Returns what was played: the index, or `None` for anything made up.
fn play(jitter: &mut Jitter, arrivals: &[(u16, u64)], until_ms: u64) -> Vec<Option<u16>> {
    let begin = Instant::now();
    let mut arrivals = arrivals.to_vec();
    arrivals.sort_by_key(|(_, ms)| *ms);
    let mut arrivals = arrivals.into_iter().peekable();
    let mut played = Vec::new();
    for ms in (0..until_ms).step_by(FRAME_MS as usize) {
        while let Some((index, at)) = arrivals.next_if(|(_, at)| *at <= ms) {
            let (header, payload) = packet(index);
            jitter.push(&header, &payload, begin + Duration::from_millis(at));
        }
        match jitter.pull(begin + Duration::from_millis(ms)) {
            Playout::Packet(payload) => {
                played.push(Some(u16::from_be_bytes([payload[0], payload[1]])))
            }
            Playout::Recover(_) | Playout::Conceal => played.push(None),
            Playout::Nothing => {}
        }
    }
    played
}

fn steady(count: u16) -> Vec<(u16, u64)> {
    (0..count)
        .map(|index| (index, u64::from(index) * FRAME_MS))
        .collect()
}

#[test]
fn a_steady_stream_is_played_whole_and_in_order_over_its_wraps() {
    let mut jitter = Jitter::new(8000, Limits::default());

    let played = play(&mut jitter, &steady(200), 4100);

    let indices: Vec<_> = played.iter().copied().take(200).collect();
    assert_eq!(indices, (0..200).map(Some).collect::<Vec<_>>());
    assert_eq!(jitter.target(), Duration::from_millis(20));
}

#[test]
fn swapped_and_doubled_packets_are_played_once_and_in_order() {
    let mut arrivals = steady(50);
    arrivals.swap(10, 11);
    arrivals[10].1 = 200;
    arrivals[11].1 = 221;
    arrivals.push((20, 401));
    let mut jitter = Jitter::new(
        8000,
        Limits {
            shortest: Duration::from_millis(40),
            ..Limits::default()
        },
    );

    let played = play(&mut jitter, &arrivals, 1200);

    let real: Vec<_> = played.into_iter().flatten().collect();
    assert_eq!(real, (0..50).collect::<Vec<_>>());
}

#[test]
fn a_lost_packet_is_recovered_from_the_one_behind_it() {
    let mut jitter = Jitter::new(
        8000,
        Limits {
            shortest: Duration::from_millis(40),
            ..Limits::default()
        },
    );
    let begin = Instant::now();
    for index in [0, 1, 3] {
        let (header, payload) = packet(index);
        jitter.push(
            &header,
            &payload,
            begin + Duration::from_millis(u64::from(index) * FRAME_MS),
        );
    }
    let at = |ms| begin + Duration::from_millis(ms);

    assert_eq!(jitter.pull(at(40)), Playout::Packet(&[0, 0]));
    assert_eq!(jitter.pull(at(60)), Playout::Packet(&[0, 1]));
    assert_eq!(jitter.pull(at(80)), Playout::Recover(&[0, 3]));
    assert_eq!(jitter.pull(at(100)), Playout::Packet(&[0, 3]));
}

#[test]
fn a_network_that_wavers_lengthens_the_delay_until_nothing_is_late() {
    let mut dice = Dice::new(4);
    let arrivals: Vec<_> = (0..1000u16)
        .map(|index| (index, u64::from(index) * FRAME_MS + dice.below(50) as u64))
        .collect();
    let mut jitter = Jitter::new(8000, Limits::default());

    let played = play(&mut jitter, &arrivals, 20_000);

    let made_up = played[100..]
        .iter()
        .filter(|played| played.is_none())
        .count();
    assert!(
        made_up < 10,
        "{made_up} of {}, {:?}",
        played.len(),
        jitter.counts()
    );
    assert!(
        jitter.target() >= Duration::from_millis(50),
        "{:?}",
        jitter.target()
    );
}

#[test]
fn the_delay_never_exceeds_its_limit_and_shrinks_when_the_network_calms_down() {
    let mut arrivals = steady(1000);
    for (index, arrival) in arrivals.iter_mut().enumerate().take(100) {
        arrival.1 += if index % 3 == 0 { 300 } else { 0 };
    }
    let mut jitter = Jitter::new(8000, Limits::default());

    play(&mut jitter, &arrivals[..120], 2400);
    assert_eq!(jitter.target(), Duration::from_millis(120));
    let mut jitter = Jitter::new(8000, Limits::default());
    let played = play(&mut jitter, &arrivals, 20_000);

    assert_eq!(jitter.target(), Duration::from_millis(20));
    assert!(jitter.counts().skipped > 0);
    assert_eq!(
        played.last(),
        Some(&Some(998)),
        "still late by {:?}",
        jitter.counts()
    );
}

#[test]
fn a_pause_of_the_far_end_is_silence_and_not_a_loss() {
    let mut arrivals = steady(20);
    let begin = Instant::now();
    arrivals.truncate(20);
    let mut jitter = Jitter::new(8000, Limits::default());
    play(&mut jitter, &arrivals, 400);
    let mut silent = 0;
    for ms in (400..2000).step_by(20) {
        if jitter.pull(begin + Duration::from_millis(ms)) == Playout::Nothing {
            silent += 1;
        }
    }

    assert!(silent > 70, "{silent}");
    assert!(jitter.counts().concealed <= 5);
}

#[test]
fn a_copy_of_what_was_played_is_not_late() {
    let mut jitter = Jitter::new(8000, Limits::default());
    play(
        &mut jitter,
        &[
            (0, 0),
            (1, 20),
            (0, 90),
            (2, 40),
            (3, 60),
            (4, 80),
            (5, 100),
        ],
        160,
    );

    assert_eq!(jitter.counts().late, 0);
    assert_eq!(jitter.target(), Duration::from_millis(20));
}

#[test]
fn another_ssrc_begins_anew() {
    let mut jitter = Jitter::new(8000, Limits::default());
    play(&mut jitter, &steady(10), 100);
    let now = Instant::now() + Duration::from_secs(60);

    let kept = jitter.push(
        &Header {
            ssrc: 6,
            ..header(9, 77)
        },
        b"new",
        now,
    );

    assert_eq!(kept, Kept::Restarted);
    assert_eq!(
        jitter.pull(now + Duration::from_millis(20)),
        Playout::Packet(b"new")
    );
}

#[test]
fn a_sender_whose_clock_is_fast_does_not_fill_the_buffer() {
    let mut jitter = Jitter::new(8000, Limits::default());
    // One per cent: far worse than any real clock.
    let arrivals: Vec<_> = (0..3000u16)
        .map(|index| (index, u64::from(index) * 198 / 10))
        .collect();

    let played = play(&mut jitter, &arrivals, 59_000);

    let newest = played.last().copied().flatten().unwrap();
    let sent = 59_000 * 10 / 198;
    assert!(
        sent - u64::from(newest) < 12,
        "{newest} of {sent}, {:?}",
        jitter.counts()
    );
}

#[test]
fn any_order_of_any_packets_neither_panics_nor_plays_twice() {
    for seed in 0..200 {
        let mut dice = Dice::new(seed);
        let mut jitter = Jitter::new(48_000, Limits::default());
        let mut now = Instant::now();
        for _ in 0..300 {
            now += Duration::from_millis(dice.below(40) as u64);
            let far = dice.below(20) == 0;
            let sequence = if far {
                dice.next() as u16
            } else {
                dice.below(80) as u16
            };
            let timestamp = if far {
                dice.next() as u32
            } else {
                u32::from(sequence) * 960
            };
            let payload = dice.noise(4);
            jitter.push(&header(sequence, timestamp), &payload, now);
            if dice.below(2) == 0 {
                jitter.pull(now);
            }
        }
    }
}
