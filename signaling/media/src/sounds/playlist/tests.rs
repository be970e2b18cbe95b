//! What listeners hear, measured.

use std::path::Path;

use super::*;
use crate::sounds::Library;
use crate::testing::{loudness, sine, tone_to_rest_db};

fn hear(playlist: &mut Playlist, ms: u32) -> Vec<i16> {
    let frame = playlist.rate().samples(20);
    let mut out = vec![0; playlist.rate().samples(ms)];
    for frame in out.chunks_mut(frame) {
        playlist.fill(frame);
    }
    out
}

fn sound(hz: f64, seconds: usize) -> Arc<Sound> {
    Sound::from_pcm(
        Path::new("tone"),
        &sine(hz, 16_000, seconds * 16_000, 8000.0),
        16_000,
    )
    .unwrap()
}

fn largest_step(pcm: &[i16]) -> u16 {
    pcm.windows(2)
        .map(|pair| pair[0].abs_diff(pair[1]))
        .max()
        .unwrap_or(0)
}

#[test]
fn the_built_in_music_loops_without_a_click() {
    let music = Library::open(None).unwrap().music();
    for rate in [Rate::Narrow, Rate::Wide] {
        let once = music.pcm(rate).len();
        let mut playlist = Playlist::new(Programme::Loop(Arc::clone(&music)), rate);

        let heard = hear(&mut playlist, 70_000);

        let seam = once - rate.samples(SEAM_MS);
        let around = &heard[seam - 400..seam + 1200];
        assert!(
            largest_step(around) <= largest_step(&heard[..seam - 400]),
            "{rate:?}"
        );
        let quiet = loudness(&heard[seam - 2000..seam + 2000]);
        assert!(quiet > loudness(&heard) * 0.2, "{rate:?}: {quiet}");
    }
}

#[test]
fn the_harshest_seam_is_blended() {
    // Ends at its peak, begins at its opposite peak.
    let mut pcm = sine(50.0, 8000, 8000, 10_000.0);
    pcm.iter_mut().take(4000).for_each(|sample| *sample = -9000);
    pcm.iter_mut().skip(4000).for_each(|sample| *sample = 9000);
    let sound = Sound::from_pcm(Path::new("step"), &pcm, 8000).unwrap();
    let mut playlist = Playlist::new(Programme::Loop(sound), Rate::Narrow);

    let heard = hear(&mut playlist, 3000);

    let seam = 8000 - 400;
    assert!(largest_step(&heard[seam - 200..seam + 600]) < 120);
}

#[test]
fn the_ringback_tone_has_its_pitch_and_cadence() {
    for (ringback, rate) in [
        (Ringback::EUROPE, Rate::Narrow),
        (Ringback::EUROPE, Rate::Full),
        (Ringback::AMERICA, Rate::Wide),
    ] {
        let mut playlist = Playlist::new(Programme::Ringing(ringback), rate);
        let heard = hear(&mut playlist, 12_000);

        let second = |at: u32| &heard[rate.samples(at * 1000 + 20)..rate.samples(at * 1000 + 900)];
        assert!(loudness(second(0)) > 2000.0, "{ringback:?}");
        assert!(loudness(second(3)) < 1.0, "{ringback:?}");
        let again = (ringback.on_ms + ringback.off_ms) / 1000;
        assert!(loudness(second(again)) > 2000.0, "{ringback:?}");
        if ringback.hz[1] == 0 {
            assert!(tone_to_rest_db(second(0), 425.0, rate.hz()) > 50.0);
        }
    }
}

#[test]
fn a_tone_is_pure_at_every_rate_over_seconds() {
    for rate in [Rate::Narrow, Rate::Wide, Rate::Full] {
        let mut playlist = Playlist::new(Programme::Tone { hz: 1004 }, rate);
        let heard = hear(&mut playlist, 3000);

        let clean = tone_to_rest_db(&heard[rate.samples(10)..], 1004.0, rate.hz());
        assert!(clean > 55.0, "{rate:?}: {clean:.1} dB");
    }
}

#[test]
fn an_announcement_interrupts_the_music_every_so_often() {
    let programme = Programme::Interrupted {
        music: sound(300.0, 3),
        announcement: vec![sound(1000.0, 1), sound(2000.0, 1)],
        every: Duration::from_secs(5),
    };
    let mut playlist = Playlist::new(programme, Rate::Narrow);

    let heard = hear(&mut playlist, 16_000);

    // Two seconds of speech, five of music, and again.
    let pitches = [
        1000, 2000, 300, 300, 300, 300, 300, 1000, 2000, 300, 300, 300, 300, 300, 1000, 2000,
    ];
    for (second, hz) in pitches.into_iter().enumerate() {
        let middle = &heard[second * 8000 + 3000..second * 8000 + 5000];
        let clean = tone_to_rest_db(middle, f64::from(hz), 8000);
        assert!(
            clean > 20.0 || hz == 300 && loudness(middle) > 4000.0,
            "second {second}: {clean:.1} dB"
        );
    }
    let edges = &heard[7 * 8000 - 2400..7 * 8000];
    assert!(loudness(&edges[2000..]) < loudness(&edges[..400]) * 0.3);
}

#[test]
fn an_announcement_that_is_not_repeated_is_heard_once() {
    let programme = Programme::Interrupted {
        music: sound(300.0, 1),
        announcement: vec![sound(1000.0, 1)],
        every: Duration::ZERO,
    };
    let mut playlist = Playlist::new(programme, Rate::Narrow);

    let heard = hear(&mut playlist, 20_000);

    assert!(tone_to_rest_db(&heard[1000..7000], 1000.0, 8000) > 40.0);
    assert!(
        heard[16_000..]
            .chunks(8000)
            .all(|second| tone_to_rest_db(second, 1000.0, 8000) < -10.0)
    );
}

#[test]
fn a_programme_without_announcements_or_longer_than_its_interval_still_plays() {
    let programme = Programme::Interrupted {
        music: sound(300.0, 1),
        announcement: Vec::new(),
        every: Duration::from_secs(1),
    };
    let heard = hear(&mut Playlist::new(programme, Rate::Wide), 3000);
    assert!(loudness(&heard) > 4000.0);

    let programme = Programme::Interrupted {
        music: sound(300.0, 1),
        announcement: vec![sound(1000.0, 2)],
        every: Duration::from_micros(1),
    };
    let heard = hear(&mut Playlist::new(programme, Rate::Narrow), 5000);
    assert!(loudness(&heard) > 4000.0);
}

#[test]
fn a_sound_played_once_ends_in_silence() {
    let mut playlist = Playlist::new(Programme::Once(sound(1000.0, 1)), Rate::Full);

    let heard = hear(&mut playlist, 1500);

    assert!(playlist.is_over());
    assert!(loudness(&heard[..48_000]) > 5000.0);
    assert!(loudness(&heard[48_100..]) < 1.0);
}

#[test]
fn three_hundred_listeners_share_one_recording() {
    let music = sound(300.0, 2);

    let listeners: Vec<_> = (0..300)
        .map(|_| Playlist::new(Programme::Loop(Arc::clone(&music)), Rate::Narrow))
        .collect();

    assert_eq!(Arc::strong_count(&music), 301);
    assert!(size_of_val(&listeners[0]) < 256);
}

#[test]
fn frames_of_any_length_are_filled_even_from_the_shortest_sound() {
    let shortest = Sound::from_pcm(Path::new("one"), &[500, -500, 3], 8000).unwrap();
    for rate in [Rate::Narrow, Rate::Wide, Rate::Full] {
        for programme in [
            Programme::Loop(Arc::clone(&shortest)),
            Programme::Silence,
            Programme::Once(Arc::clone(&shortest)),
        ] {
            let mut playlist = Playlist::new(programme, rate);
            for length in [0, 1, 7, 160, 961] {
                playlist.fill(&mut vec![0; length]);
            }
        }
    }
}
