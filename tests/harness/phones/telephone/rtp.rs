//! A call's sound in RTP (RFC 3550): a mouth that says one pitch, an ear that remembers, digits both ways.

use std::{
    collections::{BTreeSet, VecDeque},
    f64::consts::TAU,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use anyhow::{Context, Result};
use tokio::{
    net::UdpSocket,
    task::JoinHandle,
    time::{Instant, interval},
};

use super::digits::{Event, Keypad, Receiver};
use crate::{
    chance,
    phones::{ear::Heard, g711::Law, ports},
};

/// Samples in a second.
const RATE: u32 = 8000;

/// Samples in a packet of 20 milliseconds.
const FRAME: u16 = 160;

/// How long the ear remembers.
const MEMORY: Duration = Duration::from_secs(10);

/// A session's socket, mouth and ear.
#[derive(Debug)]
pub(super) struct Session {
    port: u16,
    shared: Arc<Mutex<Shared>>,
    tasks: [JoinHandle<()>; 3],
}

/// What came in so far.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    /// Packets of sound.
    pub packets: u64,
    /// Packets that the numbers say are missing.
    pub lost: u64,
    /// When the first came.
    pub first: Option<Instant>,
    /// When the last came.
    pub last: Option<Instant>,
    /// The longest time between two.
    pub longest_gap: Duration,
    /// The sources that spoke (SSRC). A steady far end is one.
    pub sources: BTreeSet<u32>,
    /// The payload types that came.
    pub types: BTreeSet<u8>,
    /// Jumps of the timestamp that fit no silence: what a jitter buffer would stumble over.
    pub jumps: u64,
    /// Datagrams that are no RTP.
    pub strange: u64,
    /// Packets that went.
    pub sent: u64,
    /// Reports about the sound (RTCP), at the port beside.
    pub reports: u64,
}

/// Where sound goes, and as what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Aim {
    pub(super) to: SocketAddr,
    pub(super) codec: Law,
    pub(super) sends: bool,
    /// The payload type that the far end takes digits as.
    pub(super) digits_out: Option<u8>,
    /// The one we take them as.
    pub(super) digits_in: Option<u8>,
}

#[derive(Debug)]
struct Shared {
    aim: Option<Aim>,
    pitch: Option<f64>,
    keypad: Keypad,
    heard: VecDeque<(Instant, Vec<f32>)>,
    digits: Receiver,
    traffic: Traffic,
    next: Option<Next>,
}

/// What the far end's next packet of sound should say.
#[derive(Debug)]
struct Next {
    source: u32,
    sequence: u16,
    timestamp: Option<u32>,
}

impl Session {
    /// Opens a port; nothing goes out before [`Self::aim`].
    pub(super) async fn open(pitch: Option<f64>) -> Result<Self> {
        let port = ports::block(2)?;
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).await;
        let socket = Arc::new(socket.context("opening a port for sound")?);
        let reports = UdpSocket::bind((Ipv4Addr::LOCALHOST, port + 1)).await?;
        let shared = Arc::new(Mutex::new(Shared {
            aim: None,
            pitch,
            keypad: Keypad::default(),
            heard: VecDeque::new(),
            digits: Receiver::default(),
            traffic: Traffic::default(),
            next: None,
        }));
        let tasks = [
            tokio::spawn(speak(Arc::clone(&socket), Arc::clone(&shared))),
            tokio::spawn(listen(socket, Arc::clone(&shared))),
            tokio::spawn(count(reports, Arc::clone(&shared))),
        ];
        Ok(Self {
            port,
            shared,
            tasks,
        })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Sends there from now on.
    pub(super) fn aim(&self, aim: Aim) {
        self.lock().aim = Some(aim);
    }

    /// Neither talks nor listens any more. What was heard stays.
    pub(super) fn stop(&self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }

    /// Says this pitch from now on; `None` is silence, whose packets go on.
    pub(super) fn say(&self, pitch: Option<f64>) {
        self.lock().pitch = pitch;
    }

    /// Presses keys, one after the other, 100 ms each.
    pub(super) fn press(&self, keys: &str) -> Result<()> {
        let mut shared = self.lock();
        let takes = shared.aim.and_then(|aim| aim.digits_out);
        takes.context("the far end takes no digits in RTP")?;
        keys.chars().try_for_each(|key| shared.keypad.press(key))
    }

    pub(super) fn digits(&self) -> String {
        self.lock().digits.digits()
    }

    pub(super) fn traffic(&self) -> Traffic {
        self.lock().traffic.clone()
    }

    /// What was heard within `span` up to now. Where packets are missing, there was silence.
    pub(super) fn heard(&self, span: Duration) -> Heard {
        let since = Instant::now().checked_sub(span);
        let shared = self.lock();
        let recent = shared.heard.iter().filter(|(at, _)| Some(*at) >= since);
        let samples: Vec<f32> = recent.flat_map(|(_, samples)| samples).copied().collect();
        // The search for a pitch takes long; nobody may wait for it to talk.
        drop(shared);
        // A quarter of it is too little to tell a pitch by.
        let enough = span.as_secs_f64() * f64::from(RATE) / 4.0;
        if f64::from(u32::try_from(samples.len()).unwrap_or(u32::MAX)) < enough {
            return Heard::of(vec![0.0; usize::from(FRAME)], RATE);
        }
        Heard::of(samples, RATE)
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        lock(&self.shared)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.stop();
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

async fn speak(socket: Arc<UdpSocket>, shared: Arc<Mutex<Shared>>) {
    let mut clock = interval(Duration::from_millis(20));
    let mut mouth = Mouth::new();
    loop {
        clock.tick().await;
        let packet = mouth.packet(&mut lock(&shared));
        if let Some((to, packet)) = packet {
            // A port that is closed at the far end says so here; the call's end says it better.
            _ = socket.send_to(&packet, to).await;
        }
    }
}

#[derive(Debug)]
struct Mouth {
    source: u32,
    sequence: u16,
    timestamp: u32,
    said: u32,
    quiet: bool,
}

impl Mouth {
    fn new() -> Self {
        let bits = chance::bits().to_le_bytes();
        Self {
            source: u32::from_le_bytes([bits[0], bits[1], bits[2], bits[3]]),
            sequence: u16::from_le_bytes([bits[8], bits[9]]),
            timestamp: u32::from_le_bytes([bits[12], bits[13], bits[14], bits[15]]),
            said: 0,
            quiet: true,
        }
    }

    /// What goes out in this turn of 20 ms.
    fn packet(&mut self, shared: &mut Shared) -> Option<(SocketAddr, Vec<u8>)> {
        let timestamp = self.timestamp;
        self.timestamp = self.timestamp.wrapping_add(FRAME.into());
        let Some(aim) = shared.aim.filter(|aim| aim.sends) else {
            self.quiet = true;
            return None;
        };
        let sound = self.frame(shared.pitch, aim.codec);
        let event = aim
            .digits_out
            .and_then(|kind| Some((kind, shared.keypad.turn(timestamp)?)));
        let packet = match event {
            // RFC 4733, section 2.5.1.2: an event's packets all carry the time of its start.
            Some((kind, Event { start, first, body })) => self.write(kind, first, start, &body),
            None => {
                let marker = std::mem::take(&mut self.quiet);
                self.write(aim.codec.payload_type(), marker, timestamp, &sound)
            }
        };
        shared.traffic.sent += 1;
        Some((aim.to, packet))
    }

    fn frame(&mut self, pitch: Option<f64>, codec: Law) -> Vec<u8> {
        let start = self.said;
        self.said = self.said.wrapping_add(FRAME.into());
        let sample = |nth: u16| {
            let seconds = f64::from(start.wrapping_add(nth.into())) / f64::from(RATE);
            let sample = pitch.map_or(0.0, |hz| (TAU * hz * seconds).sin() * 0.4);
            #[allow(clippy::cast_possible_truncation, reason = "sound needs no more")]
            codec.encode(sample as f32)
        };
        (0..FRAME).map(sample).collect()
    }

    fn write(&mut self, kind: u8, marker: bool, timestamp: u32, body: &[u8]) -> Vec<u8> {
        self.sequence = self.sequence.wrapping_add(1);
        let mut packet = vec![0x80, u8::from(marker) << 7 | kind];
        packet.extend(self.sequence.to_be_bytes());
        packet.extend(timestamp.to_be_bytes());
        packet.extend(self.source.to_be_bytes());
        packet.extend(body);
        packet
    }
}

async fn listen(socket: Arc<UdpSocket>, shared: Arc<Mutex<Shared>>) {
    let mut buffer = vec![0; 2048];
    loop {
        // An error here is an ICMP answer to what was sent before.
        let Ok((length, _)) = socket.recv_from(&mut buffer).await else {
            continue;
        };
        lock(&shared).hear(&buffer[..length], Instant::now());
    }
}

async fn count(socket: UdpSocket, shared: Arc<Mutex<Shared>>) {
    let mut buffer = vec![0; 2048];
    loop {
        let Ok((length, _)) = socket.recv_from(&mut buffer).await else {
            continue;
        };
        // A sender's or a receiver's report stands first (RFC 3550, section 6.1).
        let is_report = matches!(&buffer[..length], [first, 200 | 201, ..] if first >> 6 == 2);
        lock(&shared).traffic.reports += u64::from(is_report);
    }
}

impl Shared {
    fn hear(&mut self, packet: &[u8], now: Instant) {
        let Some(packet) = Packet::read(packet) else {
            self.traffic.strange += 1;
            return;
        };
        let traffic = &mut self.traffic;
        traffic.types.insert(packet.kind);
        traffic.sources.insert(packet.source);
        if self
            .aim
            .is_some_and(|aim| aim.digits_in == Some(packet.kind))
        {
            self.digits.take(packet.timestamp, packet.body);
            // Its timestamp stands still, and the next of sound is as late as the digit was long.
            if let Some(next) = &mut self.next {
                next.sequence = next.sequence.wrapping_add(1);
                next.timestamp = None;
            }
            return;
        }
        let Some(law) = Law::of(packet.kind) else {
            traffic.strange += 1;
            return;
        };
        if let Some(last) = traffic.last {
            traffic.longest_gap = traffic.longest_gap.max(now - last);
        }
        traffic.first.get_or_insert(now);
        traffic.last = Some(now);
        traffic.packets += 1;
        self.count(&packet);
        let samples = packet.body.iter().map(|byte| law.decode(*byte)).collect();
        self.heard.push_back((now, samples));
        while self.heard.front().is_some_and(|(at, _)| now - *at > MEMORY) {
            self.heard.pop_front();
        }
    }

    fn count(&mut self, packet: &Packet<'_>) {
        let length = u32::try_from(packet.body.len()).unwrap_or_default();
        let next = self.next.take().filter(|next| next.source == packet.source);
        if let Some(next) = next {
            let missing = packet.sequence.wrapping_sub(next.sequence);
            // More than that is a packet that came late.
            if missing < 0x8000 {
                self.traffic.lost += u64::from(missing);
            }
            let fits = next.timestamp.is_none_or(|at| at == packet.timestamp);
            if missing == 0 && !fits && !packet.marker {
                self.traffic.jumps += 1;
            }
        }
        self.next = Some(Next {
            source: packet.source,
            sequence: packet.sequence.wrapping_add(1),
            timestamp: Some(packet.timestamp.wrapping_add(length)),
        });
    }
}

#[derive(Debug)]
struct Packet<'a> {
    marker: bool,
    kind: u8,
    sequence: u16,
    timestamp: u32,
    source: u32,
    body: &'a [u8],
}

impl<'a> Packet<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (head, body) = bytes.split_first_chunk::<12>()?;
        if head[0] >> 6 != 2 {
            return None;
        }
        // Contributing sources, an extension and padding stand between (RFC 3550, section 5.1).
        let body = body.get(usize::from(head[0] & 0x0f) * 4..)?;
        let body = match head[0] & 0x10 {
            0 => body,
            _ => {
                let (extension, _) = body.split_first_chunk::<4>()?;
                let words = u16::from_be_bytes([extension[2], extension[3]]);
                body.get(4 + usize::from(words) * 4..)?
            }
        };
        let padding = match head[0] & 0x20 {
            0 => 0,
            _ => usize::from(*body.last()?),
        };
        Some(Self {
            marker: head[1] & 0x80 != 0,
            kind: head[1] & 0x7f,
            sequence: u16::from_be_bytes([head[2], head[3]]),
            timestamp: u32::from_be_bytes([head[4], head[5], head[6], head[7]]),
            source: u32::from_be_bytes([head[8], head[9], head[10], head[11]]),
            body: body.get(..body.len().checked_sub(padding)?)?,
        })
    }
}
