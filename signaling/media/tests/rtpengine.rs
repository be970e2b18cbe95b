//! The anchor on a real rtpengine, between telephones on UDP.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "rtpengine/daemon.rs"]
mod daemon;
#[path = "rtpengine/page.rs"]
mod page;
#[path = "rtpengine/phone.rs"]
mod phone;

use std::{path::Path, sync::Arc, time::Duration};

use bellwire_media::{
    anchor::{Anchor, Events, Hears, Kind, Leg, LegEvent, MediaError, Want},
    codec::Codec,
    sounds::{Programme, Sound},
};
use daemon::Daemon;
use page::Page;
use phone::Phone;
use tokio::{sync::mpsc, time::timeout};

const A: f64 = 400.0;
const B: f64 = 600.0;
const C: f64 = 1000.0;
const MUSIC: f64 = 1500.0;
const ALL: [f64; 4] = [A, B, C, MUSIC];
const NOTHING: [f64; 0] = [];

type Told = mpsc::UnboundedReceiver<LegEvent>;

fn channel() -> (Events, Told) {
    mpsc::unbounded_channel()
}

fn open(anchor: &Arc<dyn Anchor>, secure: bool) -> (Leg, Told) {
    let (events, told) = channel();
    let leg = Leg::open(anchor, Kind::Telephone { secure }, events);
    (leg, told)
}

/// A leg to a telephone that called us.
async fn incoming(anchor: &Arc<dyn Anchor>, phone: &Phone, want: Want) -> (Leg, Told) {
    let (leg, told) = open(anchor, false);
    let (answer, _) = leg.answer(phone.offer(), want).await.unwrap();
    phone.answered(&answer);
    (leg, told)
}

/// A leg to a telephone that we called.
async fn outgoing(anchor: &Arc<dyn Anchor>, phone: &Phone, secure: bool) -> (Leg, Told) {
    let (leg, told) = open(anchor, secure);
    let offer = leg.offer(Want::default()).await.unwrap();
    leg.answered(phone.answer(&offer)).await.unwrap();
    (leg, told)
}

async fn wait_for(told: &mut Told, what: LegEvent) {
    let found = timeout(Duration::from_secs(8), async {
        while let Some(event) = told.recv().await {
            if event == what {
                return true;
            }
        }
        false
    });
    assert_eq!(found.await, Ok(true), "{what:?} was not told");
}

fn tone(hz: f64, seconds: f64) -> Arc<Sound> {
    let samples = (seconds * 16_000.0) as usize;
    let pcm: Vec<i16> = (0..samples)
        .map(|n| (8000.0 * (std::f64::consts::TAU * hz * n as f64 / 16_000.0).sin()) as i16)
        .collect();
    Sound::from_pcm(Path::new("tone"), &pcm, 16_000).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn telephones_hear_each_other_music_and_others_and_are_closed() {
    let (daemon, anchor) = Daemon::start().await;
    let anchor: Arc<dyn Anchor> = anchor;
    let one = Phone::new(A, &[Codec::Pcmu], false).await;
    let two = Phone::new(B, &[Codec::Pcmu], false).await;
    let three = Phone::new(C, &[Codec::Pcma], false).await;
    let (first, mut told) = incoming(&anchor, &one, Want::default()).await;
    let (second, _told) = outgoing(&anchor, &two, false).await;
    assert_eq!(one.hears(&ALL).await, NOTHING);
    wait_for(&mut told, LegEvent::Connected).await;

    // The same codec on both sides.
    first.hears(Hears::Leg(second.id()));
    second.hears(Hears::Leg(first.id()));
    assert_eq!(one.hears(&ALL).await, [B]);
    assert_eq!(two.hears(&ALL).await, [A]);
    assert_eq!(anchor.counts().transcoded, 0);

    // Digits, from a far end and towards one.
    one.press("5");
    wait_for(&mut told, LegEvent::Pressed('5')).await;
    second.press("7#");
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_eq!(two.pressed(), "57#");

    // Music, again and again.
    first.hears(Hears::Sound(Programme::Loop(tone(MUSIC, 0.4))));
    second.hears(Hears::Nothing);
    assert_eq!(one.hears(&ALL).await, [MUSIC]);
    assert_eq!(two.hears(&ALL).await, NOTHING);
    first.press("3");
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(one.pressed(), "3");

    // A transfer, with another codec.
    let (third, mut third_told) = outgoing(&anchor, &three, false).await;
    first.hears(Hears::Leg(third.id()));
    third.hears(Hears::Leg(first.id()));
    assert_eq!(one.hears(&ALL).await, [C]);
    assert_eq!(three.hears(&ALL).await, [A]);
    assert_eq!(one.sources(), 1, "the port changed");
    assert_eq!(anchor.counts().transcoded, 2);

    // Two who listen to one, and one who is muted.
    second.hears(Hears::Leg(third.id()));
    assert_eq!(two.hears(&ALL).await, [C]);
    third.mute(true);
    assert_eq!(two.hears(&ALL).await, NOTHING);
    third.mute(false);
    assert_eq!(one.hears(&ALL).await, [C]);

    // Silence is told, and what a leg plays is over once.
    three.talk(false);
    wait_for(&mut third_told, LegEvent::Silent).await;
    third.hears(Hears::Sound(Programme::Once(tone(MUSIC, 0.5))));
    wait_for(&mut third_told, LegEvent::Played).await;

    drop(third);
    assert_eq!(one.hears(&ALL).await, NOTHING);
    assert_eq!(anchor.counts().telephones, 2);
    first.hears(Hears::Leg(second.id()));
    assert_eq!(one.hears(&ALL).await, [B]);
    drop((first, second));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(
        daemon.calls().contains(r#""calls":[]"#),
        "{}",
        daemon.calls()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_codec_reaches_every_other_encrypted_or_not() {
    let (_daemon, anchor) = Daemon::start().await;
    let anchor: Arc<dyn Anchor> = anchor;
    let one = Phone::new(A, &Codec::ALL, false).await;
    let two = Phone::new(B, &Codec::ALL, true).await;
    let (first, _first) = open(&anchor, false);
    let (second, _second) = open(&anchor, true);
    first.hears(Hears::Leg(second.id()));
    second.hears(Hears::Leg(first.id()));
    for codec in Codec::ALL {
        for other in Codec::ALL {
            let want = |codec| Want {
                codecs: vec![codec],
                ..Want::default()
            };
            let (answer, _) = first.answer(one.offer(), want(codec)).await.unwrap();
            one.answered(&answer);
            let offer = second.offer(want(other)).await.unwrap();
            let described = second.answered(two.answer(&offer)).await.unwrap();
            assert_eq!(described.codec, other);
            assert_eq!(one.hears(&ALL).await, [B], "{other:?} to {codec:?}");
            assert_eq!(two.hears(&ALL).await, [A], "{codec:?} to {other:?}");
        }
    }
    let (answer, described) = second.answer(two.offer(), Want::default()).await.unwrap();
    two.answered(&answer);
    assert_eq!(described.codec, Codec::Opus);
    assert_eq!(one.hears(&ALL).await, [B], "its own offer");
    assert_eq!(two.hears(&ALL).await, [A], "its own offer");
    // The digits of both have other numbers and another clock.
    one.press("4#");
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_eq!(two.pressed(), "4#");
    let refused = second.answer(one.offer(), Want::default()).await;
    assert_eq!(refused.map(drop), Err(MediaError::NotSecure));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_hears_a_telephone_and_music_through_later_negotiations() {
    let (_daemon, anchor) = Daemon::start().await;
    let anchor: Arc<dyn Anchor> = anchor;
    let phone = Phone::new(A, &[Codec::Pcma], false).await;
    let (telephone, _told) = incoming(&anchor, &phone, Want::default()).await;
    // It does ICE-lite, so the daemon must be the one who offers first.
    let page = Page::new().await;
    let (events, mut told) = channel();
    let leg = Leg::open(&anchor, Kind::Browser, events);
    leg.hears(Hears::Leg(telephone.id()));
    let offer = leg.offer(Want::default()).await.unwrap();
    leg.answered(page.answer(&offer)).await.unwrap();
    wait_for(&mut told, LegEvent::Connected).await;
    assert!(page.is_connected(), "connected");
    assert!(page.hears().await, "a telephone");

    leg.hears(Hears::Nothing);
    assert!(!page.hears().await, "nothing");
    leg.hears(Hears::Sound(Programme::Loop(tone(MUSIC, 0.4))));
    assert!(page.hears().await, "music");
    let offer = leg.offer(Want::default()).await.unwrap();
    leg.answered(page.answer(&offer)).await.unwrap();
    assert!(page.hears().await, "music after our offer");
    let (answer, _) = leg.answer(page.offer(), Want::default()).await.unwrap();
    page.answered(&answer);
    assert!(page.hears().await, "music after its offer");
    leg.hears(Hears::Leg(telephone.id()));
    assert!(page.hears().await, "the telephone again");

    drop(page);
    wait_for(&mut told, LegEvent::Lost).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_daemon_that_is_gone_is_told() {
    let (mut daemon, anchor) = Daemon::start().await;
    let anchor: Arc<dyn Anchor> = anchor;
    let one = Phone::new(A, &[Codec::Pcmu], false).await;
    let (first, mut told) = incoming(&anchor, &one, Want::default()).await;
    wait_for(&mut told, LegEvent::Connected).await;
    let (events, _told) = channel();
    let fresh = Leg::open(&anchor, Kind::Browser, events);

    daemon.stop();

    let gone = fresh.offer(Want::default()).await;
    assert!(matches!(gone, Err(MediaError::Gone(_))), "{gone:?}");
    drop(first);
    assert_eq!(anchor.counts().telephones, 0);
}
