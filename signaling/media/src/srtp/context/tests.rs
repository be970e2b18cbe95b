//! SRTP against the vectors of libsrtp and against a hostile network.

use super::super::{MasterKey, Suite};
use super::*;
use crate::rtp::Header;
use crate::testing::Dice;

/// Bytes of hexadecimal text; spaces and line ends are left out.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<_> = text
        .chars()
        .filter_map(|digit| digit.to_digit(16))
        .collect();
    digits
        .chunks_exact(2)
        .map(|pair| (pair[0] * 16 + pair[1]) as u8)
        .collect()
}

fn line(suite: Suite) -> CryptoLine {
    CryptoLine::random(1, suite)
}

fn pair(line: &CryptoLine) -> (Sender, Receiver) {
    (Sender::new(line).unwrap(), Receiver::new(line).unwrap())
}

fn packet(sequence: u16) -> Vec<u8> {
    let header = Header {
        payload_type: 0,
        marker: false,
        sequence,
        timestamp: 160,
        ssrc: 0xcafe_babe,
    };
    let mut packet = Vec::new();
    header.write(&sequence.to_be_bytes().repeat(80), &mut packet);
    packet
}

/// The packets of libsrtp's own test (`srtp_validate`), whose key is that of RFC 3711 B.3.
#[test]
fn packets_are_those_of_libsrtp() {
    let suite = Suite::AesCm128HmacSha1_80;
    let bytes = hex("e1f97a0d3e018be0d64fa32c06de4139 0ec675ad498afeebb6960b3aabe6");
    let key = MasterKey::new(suite, &bytes).unwrap();
    let line = CryptoLine { key, ..line(suite) };
    let (mut sender, mut receiver) = pair(&line);
    let plain = hex("800f1234decafbadcafebabe abababababababababababababababab");
    let plain_rtcp = hex("81c8000bcafebabe abababababababababababababababab");
    let (mut rtp, mut rtcp) = (plain.clone(), plain_rtcp.clone());

    sender.protect_rtp(&mut rtp).unwrap();
    sender.rtcp_index = 1;
    sender.protect_rtcp(&mut rtcp).unwrap();

    assert_eq!(
        rtp,
        hex("800f1234decafbadcafebabe 4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb")
    );
    assert_eq!(
        rtcp,
        hex("81c8000bcafebabe 7128035be487b9bdbef89041f977a5a8 80000001 993e08cd54d6c1230798")
    );
    receiver.unprotect_rtp(&mut rtp).unwrap();
    receiver.unprotect_rtcp(&mut rtcp).unwrap();
    assert_eq!((rtp, rtcp), (plain, plain_rtcp));
}

#[test]
fn every_suite_carries_packets_over_a_roll_over() {
    for suite in Suite::ALL {
        let (mut sender, mut receiver) = pair(&line(suite));
        for sequence in (65_500..=65_535).chain(0..50) {
            let plain = packet(sequence);
            let mut bytes = plain.clone();

            sender.protect_rtp(&mut bytes).unwrap();
            assert_eq!(bytes.len(), plain.len() + suite.tag_bytes());
            assert_ne!(bytes[12..172], plain[12..172]);
            receiver.unprotect_rtp(&mut bytes).unwrap();

            assert_eq!(bytes, plain, "{suite:?} {sequence}");
        }
    }
}

#[test]
fn the_identifier_goes_with_every_packet_and_must_be_right() {
    let line = CryptoLine {
        mki: vec![0, 1],
        ..line(Suite::AesCm128HmacSha1_32)
    };
    let (mut sender, mut receiver) = pair(&line);
    let mut bytes = packet(1);
    sender.protect_rtp(&mut bytes).unwrap();
    let mut other = bytes.clone();
    other[173] ^= 1;

    assert_eq!(receiver.unprotect_rtp(&mut other), Err(SrtpError::Forged));
    receiver.unprotect_rtp(&mut bytes).unwrap();

    assert_eq!(bytes, packet(1));
    let mut report = hex("81c9000100000001");
    sender.protect_rtcp(&mut report).unwrap();
    receiver.unprotect_rtcp(&mut report).unwrap();
    assert_eq!(report, hex("81c9000100000001"));
}

#[test]
fn a_packet_sent_again_is_refused() {
    let (mut sender, mut receiver) = pair(&line(Suite::AesCm128HmacSha1_80));
    let (mut bytes, mut report) = (packet(1), hex("81c9000100000001"));
    sender.protect_rtp(&mut bytes).unwrap();
    sender.protect_rtcp(&mut report).unwrap();
    let (mut again, mut report_again) = (bytes.clone(), report.clone());
    receiver.unprotect_rtp(&mut bytes).unwrap();
    receiver.unprotect_rtcp(&mut report).unwrap();

    assert_eq!(receiver.unprotect_rtp(&mut again), Err(SrtpError::Replayed));
    assert_eq!(
        receiver.unprotect_rtcp(&mut report_again),
        Err(SrtpError::Replayed)
    );
}

#[test]
fn a_changed_bit_anywhere_is_noticed() {
    let (mut sender, mut receiver) = pair(&line(Suite::AesCm128HmacSha1_80));
    let mut bytes = packet(1);
    sender.protect_rtp(&mut bytes).unwrap();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 4;
        assert!(receiver.unprotect_rtp(&mut changed).is_err(), "byte {at}");
    }

    assert_eq!(receiver.unprotect_rtp(&mut bytes), Ok(()));
}

#[test]
fn forged_packets_do_not_move_the_window() {
    let (mut sender, mut receiver) = pair(&line(Suite::AesCm128HmacSha1_80));
    for sequence in [1, 2] {
        let mut bytes = packet(sequence);
        sender.protect_rtp(&mut bytes).unwrap();
        let mut forged = packet(sequence.wrapping_add(30_000));
        forged.extend([0; 10]);
        assert_eq!(receiver.unprotect_rtp(&mut forged), Err(SrtpError::Forged));
        assert_eq!(receiver.unprotect_rtp(&mut bytes), Ok(()));
    }
}

#[test]
fn padded_and_extended_packets_pass() {
    let (mut sender, mut receiver) = pair(&line(Suite::AesCm128HmacSha1_80));
    let mut plain = hex("b2 00 0001 000000a0 00000007 00000001 00000002 bede 0001 107f0000");
    plain.extend(b"sound");
    plain.extend([0, 0, 3]);
    let mut bytes = plain.clone();

    sender.protect_rtp(&mut bytes).unwrap();
    assert_eq!(bytes[..28], plain[..28]);
    receiver.unprotect_rtp(&mut bytes).unwrap();

    assert_eq!(bytes, plain);
}

#[test]
fn a_key_is_not_used_beyond_its_lifetime() {
    let line = CryptoLine {
        lifetime: Some(2),
        ..line(Suite::AesCm128HmacSha1_80)
    };
    let mut sender = Sender::new(&line).unwrap();

    assert_eq!(sender.protect_rtp(&mut packet(1)), Ok(()));
    assert_eq!(sender.protect_rtp(&mut packet(2)), Ok(()));
    assert_eq!(
        sender.protect_rtp(&mut packet(3)),
        Err(SrtpError::Exhausted)
    );
}

#[test]
fn sources_under_one_key_are_bounded() {
    let mut sender = Sender::new(&line(Suite::AesCm128HmacSha1_80)).unwrap();
    let results: Vec<_> = (0..17u32)
        .map(|ssrc| {
            let header = Header {
                payload_type: 0,
                marker: false,
                sequence: 1,
                timestamp: 1,
                ssrc,
            };
            sender.protect_rtp(&mut header.bytes().to_vec())
        })
        .collect();

    assert_eq!(results[15], Ok(()));
    assert_eq!(results[16], Err(SrtpError::TooManySources));
}

#[test]
fn mutated_packets_never_panic_and_never_pass() {
    let (mut sender, mut receiver) = pair(&line(Suite::AesCm128HmacSha1_32));
    let (mut bytes, mut report) = (packet(1), hex("81c9000100000001"));
    sender.protect_rtp(&mut bytes).unwrap();
    sender.protect_rtcp(&mut report).unwrap();
    let mut dice = Dice::new(7);
    for _ in 0..5000 {
        let mut mutated = dice.mutated(&bytes);
        if mutated != bytes {
            assert!(receiver.unprotect_rtp(&mut mutated).is_err());
        }
        let mut mutated = dice.mutated(&report);
        if mutated != report {
            assert!(receiver.unprotect_rtcp(&mut mutated).is_err());
        }
    }
}
