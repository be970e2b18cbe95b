//! The codecs against known values, against each other, and against garbage.

use super::*;
use crate::jitter::Playout;
use crate::testing::{Dice, loudness, sine, tone_to_rest_db};

fn through(codec: Codec, rate: Rate, pcm: &[i16]) -> Vec<i16> {
    let mut encoder = Encoder::at(codec, rate).unwrap();
    let mut decoder = Decoder::at(codec, rate).unwrap();
    let (mut payload, mut sound) = ([0; MOST_BYTES], [0; MOST_SAMPLES]);
    let mut out = Vec::new();
    for frame in pcm.chunks_exact(rate.samples(20)) {
        let bytes = encoder.encode(frame, &mut payload).unwrap();
        let samples = decoder.decode(&payload[..bytes], &mut sound).unwrap();
        assert_eq!(samples, frame.len());
        out.extend_from_slice(&sound[..samples]);
    }
    out
}

#[test]
fn a_tone_survives_every_codec() {
    for (codec, rate, at_least) in [
        (Codec::Pcmu, Rate::Narrow, 33.0),
        (Codec::Pcma, Rate::Narrow, 33.0),
        (Codec::G722, Rate::Wide, 33.0),
        (Codec::Opus, Rate::Narrow, 15.0),
        (Codec::Opus, Rate::Wide, 15.0),
        (Codec::Opus, Rate::Full, 15.0),
    ] {
        let tone = sine(800.0, rate.hz(), rate.samples(1000), 12_000.0);

        let out = through(codec, rate, &tone);

        let clean = tone_to_rest_db(&out[rate.samples(400)..], 800.0, rate.hz());
        assert!(clean > at_least, "{codec:?} {rate:?}: {clean:.1} dB");
        let gain = loudness(&out[rate.samples(400)..]) / loudness(&tone);
        assert!(
            (0.85..1.15).contains(&gain),
            "{codec:?} {rate:?}: gain {gain:.2}"
        );
    }
}

/// Values of ITU-T G.711 tables 1 and 2, in 16 bits.
#[test]
fn g711_has_the_values_of_its_tables() {
    let decode = |codec, byte| {
        let mut out = [0; 1];
        Decoder::new(codec)
            .unwrap()
            .decode(&[byte], &mut out)
            .unwrap();
        out[0]
    };

    assert_eq!(decode(Codec::Pcmu, 0xff), 0);
    assert_eq!(decode(Codec::Pcmu, 0x80), 32_124);
    assert_eq!(decode(Codec::Pcmu, 0x00), -32_124);
    assert_eq!(decode(Codec::Pcma, 0xd5), 8);
    assert_eq!(decode(Codec::Pcma, 0xaa), 32_256);
    assert_eq!(decode(Codec::Pcma, 0x2a), -32_256);
}

#[test]
fn every_g711_byte_comes_back() {
    for codec in [Codec::Pcmu, Codec::Pcma] {
        let bytes: Vec<u8> = (0..=255).collect();
        let mut pcm = [0; 256];
        let mut back = [0; 256];
        Decoder::new(codec)
            .unwrap()
            .decode(&bytes, &mut pcm)
            .unwrap();
        Encoder::new(codec)
            .unwrap()
            .encode(&pcm, &mut back)
            .unwrap();

        let differing: Vec<_> = bytes.iter().zip(back).filter(|(a, b)| **a != *b).collect();
        // µ-law has two zeros; the negative one comes back as the other.
        let zeros = usize::from(codec == Codec::Pcmu);
        assert_eq!(differing.len(), zeros, "{differing:?}");
    }
}

#[test]
fn g722_counts_half_of_what_it_samples() {
    let mut encoder = Encoder::new(Codec::G722).unwrap();
    let mut payload = [0; MOST_BYTES];

    let bytes = encoder.encode(&[0; 320], &mut payload).unwrap();

    assert_eq!(bytes, 160);
    assert_eq!(Codec::G722.span(20), 160);
    assert_eq!(
        encoder.encode(&[0; 321], &mut payload),
        Err(CodecError::Frame {
            codec: Codec::G722,
            samples: 321
        })
    );
}

#[test]
fn what_codes_may_move_to_the_media_thread() {
    fn moves<T: Send>() {}

    moves::<Transcoder>();
    moves::<crate::sounds::Reel>();
    moves::<crate::jitter::Jitter>();
    moves::<crate::srtp::Receiver>();
}

#[test]
fn only_opus_chooses_its_rate() {
    assert!(Decoder::at(Codec::Opus, Rate::Narrow).is_ok());
    let refused = Encoder::at(Codec::Pcmu, Rate::Full).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "PCMU cannot work at 48000 Hz; resample before"
    );
}

#[test]
fn buffers_too_small_are_refused() {
    let mut pcm = [0; 10];
    for codec in Codec::ALL {
        let mut encoder = Encoder::new(codec).unwrap();
        let frame = vec![900; encoder.rate().samples(20)];
        let mut payload = [0; MOST_BYTES];
        let bytes = encoder.encode(&frame, &mut payload).unwrap();
        let decoded = Decoder::new(codec)
            .unwrap()
            .decode(&payload[..bytes], &mut pcm);
        assert_eq!(decoded, Err(CodecError::Room(codec)));
        if codec != Codec::Opus {
            assert_eq!(
                encoder.encode(&frame, &mut [0; 3]),
                Err(CodecError::Room(codec))
            );
        }
    }
}

#[test]
fn every_pair_of_codecs_carries_a_tone_over() {
    for from in Codec::ALL {
        for to in Codec::ALL {
            let mut encoder = Encoder::new(from).unwrap();
            let mut transcoder = Transcoder::new(from, to).unwrap();
            let mut decoder = Decoder::new(to).unwrap();
            let tone = sine(
                800.0,
                encoder.rate().hz(),
                encoder.rate().samples(1000),
                12_000.0,
            );
            let (mut payload, mut sound) = ([0; MOST_BYTES], [0; MOST_SAMPLES]);
            let mut out = Vec::new();

            for frame in tone.chunks_exact(encoder.rate().samples(20)) {
                let bytes = encoder.encode(frame, &mut payload).unwrap();
                transcoder.push(Playout::Packet(&payload[..bytes]));
                while let Some(frame) = transcoder.next_frame() {
                    let samples = decoder.decode(frame, &mut sound).unwrap();
                    out.extend_from_slice(&sound[..samples]);
                }
            }

            let rate = decoder.rate();
            assert_eq!(out.len(), rate.samples(1000), "{from:?} {to:?}");
            let clean = tone_to_rest_db(&out[rate.samples(400)..], 800.0, rate.hz());
            assert!(clean > 12.0, "{from:?} {to:?}: {clean:.1} dB");
        }
    }
}

#[test]
fn packets_of_other_lengths_are_cut_into_frames_of_twenty_milliseconds() {
    for packet_ms in [10, 30, 60] {
        let mut transcoder = Transcoder::new(Codec::Pcmu, Codec::Pcma).unwrap();
        let mut frames = Vec::new();

        for _ in 0..600 / packet_ms {
            transcoder.push_payload(&vec![0xff; Rate::Narrow.samples(packet_ms)]);
            while let Some(frame) = transcoder.next_frame() {
                frames.push(frame.len());
            }
        }

        assert_eq!(frames, vec![160; 30], "{packet_ms}");
    }
}

#[test]
fn opus_recovers_a_lost_frame_from_the_next() {
    let rate = Rate::Wide;
    let mut encoder = Encoder::at(Codec::Opus, rate).unwrap();
    let speech: Vec<i16> = (0..rate.samples(1000))
        .map(|index| {
            let at = index as f64 / 16_000.0;
            let glide = 2.0 * std::f64::consts::PI * (150.0 + 60.0 * (at * 3.0).sin()) * at;
            ((1..8)
                .map(|harmonic| (glide * f64::from(harmonic)).sin() / f64::from(harmonic))
                .sum::<f64>()
                * 6000.0) as i16
        })
        .collect();
    let mut packets = Vec::new();
    for frame in speech.chunks_exact(rate.samples(20)) {
        let mut payload = [0; MOST_BYTES];
        let bytes = encoder.encode(frame, &mut payload).unwrap();
        packets.push(payload[..bytes].to_vec());
    }
    let mut whole = Decoder::at(Codec::Opus, rate).unwrap();
    let mut lossy = Decoder::at(Codec::Opus, rate).unwrap();
    let (mut expected, mut got) = (vec![0; 320], vec![0; 320]);
    let mut buffer = vec![0; MOST_SAMPLES];
    for packet in &packets[..30] {
        whole.decode(packet, &mut buffer).unwrap();
        lossy.decode(packet, &mut buffer).unwrap();
    }

    whole.decode(&packets[30], &mut expected).unwrap();
    lossy.recover(&packets[31], &mut got);

    assert!(loudness(&got) > loudness(&expected) * 0.4);
}

#[test]
fn lost_and_empty_packets_make_sound_of_their_usual_length() {
    for from in Codec::ALL {
        let mut transcoder = Transcoder::new(from, Codec::Pcmu).unwrap();
        let mut frames = 0;
        for playout in [
            Playout::Conceal,
            Playout::Recover(&[]),
            Playout::Nothing,
            Playout::Packet(&[]),
        ] {
            transcoder.push(playout);
            while transcoder.next_frame().is_some() {
                frames += 1;
            }
        }
        // G.711 and G.722 have packets of no length; to Opus such a one is lost.
        assert_eq!(frames, if from == Codec::Opus { 4 } else { 3 }, "{from:?}");
    }
}

#[test]
fn garbage_neither_panics_nor_stops_the_stream() {
    let mut dice = Dice::new(5);
    for codec in Codec::ALL {
        let mut decoder = Decoder::new(codec).unwrap();
        let mut transcoder = Transcoder::new(codec, Codec::Pcma).unwrap();
        let mut sound = vec![0; MOST_SAMPLES];
        for _ in 0..1500 {
            let count = dice.below(400);
            let bytes = dice.noise(count);
            if decoder.decode(&bytes, &mut sound).is_err() {
                decoder.recover(&bytes, &mut sound[..960]);
            }
            transcoder.push_payload(&bytes);
            while transcoder.next_frame().is_some() {}
        }
    }
}

#[test]
fn a_flood_into_a_transcoder_that_nobody_empties_is_bounded() {
    let mut transcoder = Transcoder::new(Codec::Pcmu, Codec::Pcma).unwrap();

    for _ in 0..10_000 {
        transcoder.push_payload(&[0xff; 960]);
    }

    let mut frames = 0;
    while transcoder.next_frame().is_some() {
        frames += 1;
    }
    assert!((1..=18).contains(&frames), "{frames}");
}
