//! Digits heard and sent, and what the network does to them.

use super::*;
use crate::testing::Dice;

fn payload(digit: char, end: bool, duration: u16) -> [u8; 4] {
    Event {
        code: code(digit).unwrap(),
        end,
        volume: 10,
        duration,
    }
    .bytes()
}

/// All packets of one press, ends three times.
fn press(digit: char) -> Vec<[u8; 4]> {
    let mut packets: Vec<_> = (1..5)
        .map(|step| payload(digit, false, step * 160))
        .collect();
    packets.extend([payload(digit, true, 800); 3]);
    packets
}

fn hear(digits: &mut Digits, timestamp: u32, packets: &[[u8; 4]], now: Instant) -> Vec<Heard> {
    packets
        .iter()
        .filter_map(|packet| digits.received(timestamp, packet, now))
        .collect()
}

#[test]
fn seven_packets_are_one_press_and_one_release() {
    let mut digits = Digits::default();

    let heard = hear(&mut digits, 1000, &press('5'), Instant::now());

    assert_eq!(heard, [Heard::Pressed('5'), Heard::Released('5')]);
}

#[test]
fn the_same_digit_twice_is_two_presses() {
    let mut digits = Digits::default();
    let now = Instant::now();

    let mut heard = hear(&mut digits, 1000, &press('5'), now);
    heard.extend(hear(&mut digits, 3000, &press('5'), now));

    assert_eq!(
        heard
            .iter()
            .filter(|heard| **heard == Heard::Pressed('5'))
            .count(),
        2
    );
}

#[test]
fn any_one_packet_of_a_press_is_enough() {
    let now = Instant::now();
    for kept in press('#') {
        let mut digits = Digits::default();
        assert_eq!(hear(&mut digits, 1000, &[kept], now), [Heard::Pressed('#')]);
    }
}

#[test]
fn a_press_whose_ends_are_lost_is_over_in_time() {
    let mut digits = Digits::default();
    let now = Instant::now();
    hear(&mut digits, 1000, &press('1')[..3], now);

    assert_eq!(digits.expire(now + LOST_AFTER / 2), None);
    assert_eq!(digits.deadline(), Some(now + LOST_AFTER));
    assert_eq!(digits.expire(now + LOST_AFTER), Some(Heard::Released('1')));
    assert_eq!(
        hear(&mut digits, 1000, &press('1')[4..], now + LOST_AFTER),
        []
    );
}

#[test]
fn a_late_packet_of_an_older_press_is_not_heard_again() {
    let mut digits = Digits::default();
    let now = Instant::now();
    hear(&mut digits, u32::MAX - 100, &press('1'), now);
    hear(&mut digits, 3000, &press('2')[..2], now);

    assert_eq!(hear(&mut digits, u32::MAX - 100, &press('1'), now), []);
    assert_eq!(
        hear(&mut digits, 3000, &press('2')[4..], now),
        [Heard::Released('2')]
    );
}

#[test]
fn a_press_longer_than_sixteen_bits_is_still_one() {
    let mut digits = Digits::default();
    let now = Instant::now();

    let mut heard = hear(
        &mut digits,
        0,
        &[payload('9', false, 160), payload('9', false, 0xffff)],
        now,
    );
    heard.extend(hear(
        &mut digits,
        0xffff,
        &[payload('9', false, 160), payload('9', true, 320)],
        now,
    ));

    assert_eq!(heard, [Heard::Pressed('9'), Heard::Released('9')]);
}

#[test]
fn events_that_are_no_digits_are_not_heard() {
    let mut digits = Digits::default();

    assert_eq!(digits.received(0, &[16, 0, 0, 160], Instant::now()), None);
    assert_eq!(digits.received(0, &[1, 0], Instant::now()), None);
}

#[test]
fn a_digit_is_sent_as_a_growing_tone_with_three_ends() {
    let begin = Instant::now();
    let mut presser = Presser::new(8000);

    assert_eq!(presser.press("7", begin), 1);

    let mut sent = Vec::new();
    while let Some(due) = presser.deadline() {
        while let Some(packet) = presser.poll(due) {
            let event = Event::parse(&packet.payload).unwrap();
            sent.push((
                (due - begin).as_millis(),
                packet.first,
                event.end,
                event.duration,
            ));
        }
    }
    assert_eq!(
        sent,
        [
            (0, true, false, 160),
            (20, false, false, 320),
            (40, false, false, 480),
            (60, false, false, 640),
            (80, false, true, 800),
            (100, false, true, 800),
            (120, false, true, 800),
        ]
    );
    assert!(!presser.is_sending());
}

#[test]
fn digits_follow_each_other_after_a_silence_and_are_heard_as_sent() {
    let begin = Instant::now();
    let mut presser = Presser::new(48_000);
    let mut digits = Digits::default();
    presser.press("15 9#x*d", begin);
    let mut heard = String::new();
    let mut begins = Vec::new();

    while let Some(due) = presser.deadline() {
        while let Some(packet) = presser.poll(due) {
            if packet.first {
                begins.push((due - begin).as_millis());
            }
            let timestamp = *begins.last().unwrap() as u32 * 48;
            if let Some(Heard::Pressed(digit)) = digits.received(timestamp, &packet.payload, due) {
                heard.push(digit);
            }
        }
    }

    assert_eq!(heard, "159#*D");
    assert_eq!(begins, [0, 160, 320, 480, 640, 800]);
}

#[test]
fn a_flood_of_digits_is_bounded() {
    let mut presser = Presser::new(8000);

    assert_eq!(presser.press(&"1".repeat(1000), Instant::now()), MAX_QUEUED);
    assert_eq!(presser.press("1", Instant::now()), 0);
}

#[test]
fn an_event_keeps_its_length_in_another_clock() {
    let event = Event {
        code: 1,
        end: true,
        volume: 10,
        duration: 4800,
    };

    assert_eq!(event.with_clock(48_000, 8000).duration, 800);
    assert_eq!(event.with_clock(8000, 48_000).duration, 28_800);
    assert_eq!(event.with_clock(1, u32::MAX).duration, u16::MAX);
}

#[test]
fn mutated_events_never_panic() {
    let mut dice = Dice::new(3);
    let mut digits = Digits::default();
    for _ in 0..20_000 {
        let bytes = dice.mutated(&payload('1', false, 160));
        digits.received(dice.next() as u32, &bytes, Instant::now());
    }
}
