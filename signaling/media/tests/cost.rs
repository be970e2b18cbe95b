//! What relaying costs the anchor's thread, beside the least that forwarding can cost. Measured, not asserted:
//! `cargo test --release -p bellwire-media --test cost -- --ignored --nocapture`

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "figures are what this is for; a measurement that fails may panic"
)]

use std::{
    net::{SocketAddr, UdpSocket},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use bellwire_media::{
    anchor::{Anchor, Direction, Hears, Kind, Leg, Settings, Want},
    codec::{Codec, Encoder},
    embedded::Embedded,
    rtp::Header,
    sdp::{self, Own},
};
use tokio::sync::mpsc::unbounded_channel;

const SECONDS: u64 = 5;

/// The processor time of this process's threads of this name, in seconds.
fn cpu(name: &str) -> f64 {
    let mut ticks = 0;
    for task in std::fs::read_dir("/proc/self/task").unwrap() {
        let path = task.unwrap().path();
        let Ok(comm) = std::fs::read_to_string(path.join("comm")) else {
            continue;
        };
        if comm.trim() != name {
            continue;
        }
        let stat = std::fs::read_to_string(path.join("stat")).unwrap();
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .unwrap()
            .split_whitespace()
            .collect();
        ticks += fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    }
    ticks as f64 / 100.0
}

/// A packet of 20 ms.
fn packet(codec: Codec, n: u32) -> Vec<u8> {
    let mut encoder = Encoder::new(codec).unwrap();
    let pcm: Vec<i16> = (0..encoder.rate().samples(20))
        .map(|at| ((at as f64 * 0.3).sin() * 8000.0) as i16)
        .collect();
    let mut payload = [0; 1500];
    let length = encoder.encode(&pcm, &mut payload).unwrap();
    let header = Header {
        payload_type: codec.static_payload_type().unwrap_or(sdp::OPUS),
        marker: false,
        sequence: n as u16,
        timestamp: n.wrapping_mul(codec.span(20)),
        ssrc: 7,
    };
    let mut packet = vec![];
    header.write(&payload[..length], &mut packet);
    packet
}

/// Sends 50 packets a second from every socket, and counts what comes back at all of them.
fn load(ends: &[(UdpSocket, SocketAddr, Codec)]) -> u64 {
    let mut came = 0;
    let mut buffer = [0; 2048];
    let begin = Instant::now();
    for n in 0..(SECONDS * 50) as u32 {
        for (socket, to, codec) in ends {
            let mut packet = packet_of(*codec);
            packet[2..4].copy_from_slice(&(n as u16).to_be_bytes());
            let timestamp = n.wrapping_mul(codec.span(20));
            packet[4..8].copy_from_slice(&timestamp.to_be_bytes());
            let _ = socket.send_to(&packet, to);
        }
        for (socket, _, _) in ends {
            while socket.recv(&mut buffer).is_ok() {
                came += 1;
            }
        }
        let due = begin + Duration::from_millis(20) * (n + 1);
        thread::sleep(due.saturating_duration_since(Instant::now()));
    }
    came
}

fn packet_of(codec: Codec) -> Vec<u8> {
    use std::sync::OnceLock;
    static PCMU: OnceLock<Vec<u8>> = OnceLock::new();
    static OPUS: OnceLock<Vec<u8>> = OnceLock::new();
    match codec {
        Codec::Opus => OPUS.get_or_init(|| packet(Codec::Opus, 0)).clone(),
        other @ (Codec::G722 | Codec::Pcmu | Codec::Pcma) => {
            PCMU.get_or_init(|| packet(other, 0)).clone()
        }
    }
}

fn end() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_nonblocking(true).unwrap();
    socket
}

async fn anchored(pairs: usize, codecs: [Codec; 2]) {
    let anchor: Arc<dyn Anchor> = Embedded::start(Settings {
        browsers: ([127, 0, 0, 1], 0).into(),
        telephones: [127, 0, 0, 1].into(),
        ports: (20_000, 29_999),
        ..Settings::default()
    })
    .unwrap();
    let mut ends = vec![];
    let mut legs = vec![];
    for _ in 0..pairs {
        let mut pair = vec![];
        for codec in codecs {
            let socket = end();
            let (tell, _) = unbounded_channel();
            let leg = Leg::open(&anchor, Kind::Telephone { secure: false }, tell);
            let own = Own {
                address: [127, 0, 0, 1].into(),
                port: socket.local_addr().unwrap().port(),
                session: 1,
                version: 1,
                codecs: vec![codec],
                direction: Direction::SendRecv,
                secure: vec![],
                video: None,
            };
            let (answer, _) = leg.answer(sdp::offer(&own), Want::default()).await.unwrap();
            let to = sdp::read(&answer).unwrap().sections[0].remote();
            ends.push((socket, to, codec));
            pair.push(leg);
        }
        pair[0].hears(Hears::Leg(pair[1].id()));
        pair[1].hears(Hears::Leg(pair[0].id()));
        legs.append(&mut pair);
    }
    let before = cpu("media");
    let came = tokio::task::spawn_blocking(move || load(&ends))
        .await
        .unwrap();
    let spent = cpu("media") - before;
    println!(
        "anchor {codecs:?}, {pairs} calls: {:.2} us a packet, {:.2} % of a core a call, {came} of {} packets came",
        spent * 1e6 / came as f64,
        spent / SECONDS as f64 * 100.0 / pairs as f64,
        pairs as u64 * 2 * SECONDS * 50,
    );
}

/// The floor: a socket pair a call, one thread, and nothing but passing on.
fn raw(pairs: usize) {
    let mut poll = mio::Poll::new().unwrap();
    let mut inside = vec![];
    let mut ends = vec![];
    for n in 0..pairs * 2 {
        let far = end();
        let mut near = mio::net::UdpSocket::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        poll.registry()
            .register(&mut near, mio::Token(n), mio::Interest::READABLE)
            .unwrap();
        let to = near.local_addr().unwrap();
        inside.push((near, far.local_addr().unwrap()));
        ends.push((far, to, Codec::Pcmu));
    }
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = stop.clone();
    let forwarder = thread::Builder::new()
        .name("raw".into())
        .spawn(move || {
            let mut events = mio::Events::with_capacity(1024);
            let mut buffer = [0; 2048];
            while !stopped.load(Ordering::Relaxed) {
                poll.poll(&mut events, Some(Duration::from_millis(100)))
                    .unwrap();
                for event in &events {
                    let n = event.token().0;
                    while let Ok((length, _)) = inside[n].0.recv_from(&mut buffer) {
                        let other = &inside[n ^ 1];
                        let _ = other.0.send_to(&buffer[..length], other.1);
                    }
                }
            }
        })
        .unwrap();
    let before = cpu("raw");
    let came = load(&ends);
    let spent = cpu("raw") - before;
    stop.store(true, Ordering::Relaxed);
    forwarder.join().unwrap();
    println!(
        "raw forwarder, {pairs} calls: {:.2} us a packet, {came} packets came",
        spent * 1e6 / came as f64
    );
}

#[test]
#[ignore = "a measurement"]
fn relaying_and_transcoding() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    for pairs in [100, 300] {
        raw(pairs);
        runtime.block_on(anchored(pairs, [Codec::Pcmu, Codec::Pcmu]));
    }
    runtime.block_on(anchored(50, [Codec::Opus, Codec::Pcmu]));
}
