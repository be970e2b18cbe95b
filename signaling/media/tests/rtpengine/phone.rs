//! A telephone on UDP: says one tone, and remembers what it hears.

use std::{
    collections::HashMap,
    f64::consts::TAU,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use bellwire_media::{
    anchor::Direction,
    codec::{Codec, Decoder, Encoder, MOST_BYTES, MOST_SAMPLES},
    event::{Digits, Heard, Presser},
    rtp::{Header, Packet},
    sdp::{self, Agreed, Own},
    srtp::{CryptoLine, Receiver, Sender, Suite},
};
use tokio::{net::UdpSocket, time::Instant};

/// What it shares with its task.
#[derive(Default)]
struct State {
    agreed: Option<Agreed>,
    talks: bool,
    sound: Vec<i16>,
    rate: u32,
    /// Sources and payload types that came.
    pub(crate) came: Vec<(SocketAddr, u8)>,
    pressed: String,
    press: String,
}

pub(crate) struct Phone {
    state: Arc<Mutex<State>>,
    own: Own,
    task: tokio::task::JoinHandle<()>,
}

impl Phone {
    pub(crate) async fn new(hz: f64, codecs: &[Codec], secure: bool) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let at = socket.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State {
            talks: true,
            ..State::default()
        }));
        let task = tokio::spawn(work(socket, hz, state.clone()));
        let secure = secure.then(|| CryptoLine::random(1, Suite::AesCm128HmacSha1_80));
        let own = Own {
            address: at.ip(),
            port: at.port(),
            session: 1,
            version: 1,
            codecs: codecs.to_vec(),
            direction: Direction::SendRecv,
            secure: secure.into_iter().collect(),
            video: None,
        };
        Self { state, own, task }
    }

    pub(crate) fn offer(&self) -> String {
        sdp::offer(&self.own)
    }

    pub(crate) fn answered(&self, answer: &str) {
        let agreed = sdp::agreed(&self.own, &sdp::read(answer).unwrap()).unwrap();
        self.state.lock().unwrap().agreed = Some(agreed);
    }

    pub(crate) fn answer(&self, offer: &str) -> String {
        let (text, agreed) = sdp::answer(&self.own, &sdp::read(offer).unwrap()).unwrap();
        self.state.lock().unwrap().agreed = Some(agreed);
        text
    }

    pub(crate) fn press(&self, digits: &str) {
        self.state.lock().unwrap().press.push_str(digits);
    }

    pub(crate) fn talk(&self, talks: bool) {
        self.state.lock().unwrap().talks = talks;
    }

    /// The digits that were heard.
    pub(crate) fn pressed(&self) -> String {
        self.state.lock().unwrap().pressed.clone()
    }

    /// What comes for a second from now on: its pitch in Hz among `pitches`, if any.
    pub(crate) async fn hears(&self, pitches: &[f64]) -> Vec<f64> {
        // What was under way before.
        tokio::time::sleep(Duration::from_millis(300)).await;
        self.state.lock().unwrap().sound.clear();
        self.state.lock().unwrap().came.clear();
        tokio::time::sleep(Duration::from_millis(800)).await;
        let state = self.state.lock().unwrap();
        let rate = f64::from(state.rate.max(1));
        let loud = |hz: f64| loudness(&state.sound, hz, rate) > 800.0;
        pitches.iter().copied().filter(|hz| loud(*hz)).collect()
    }

    /// How many different ports sent something since [`Self::hears`] began.
    pub(crate) fn sources(&self) -> usize {
        let mut from: Vec<_> = (self.state.lock().unwrap().came.iter())
            .map(|(from, _)| *from)
            .collect();
        from.sort_unstable();
        from.dedup();
        from.len()
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn work(socket: UdpSocket, hz: f64, state: Arc<Mutex<State>>) {
    let mut speaking = Speaking::new(hz);
    let mut hearing = Hearing::default();
    let mut tick = tokio::time::interval(Duration::from_millis(20));
    let mut buffer = vec![0; 2048];
    loop {
        tokio::select! {
            _ = tick.tick() => {
                let (agreed, keys, talks) = {
                    let mut state = state.lock().unwrap();
                    (state.agreed.clone(), std::mem::take(&mut state.press), state.talks)
                };
                let Some(agreed) = agreed else { continue };
                for packet in speaking.tick(&agreed, &keys, talks) {
                    let _ = socket.send_to(&packet, agreed.remote).await;
                }
            }
            Ok((length, from)) = socket.recv_from(&mut buffer) => {
                hearing.packet(&buffer[..length], from, &mut state.lock().unwrap());
            }
        }
    }
}

struct Speaking {
    hz: f64,
    at: u64,
    encoder: Option<Encoder>,
    sender: Option<(CryptoLine, Sender)>,
    presser: Presser,
    header: Header,
    event_at: u32,
}

impl Speaking {
    fn new(hz: f64) -> Self {
        let header = Header {
            payload_type: 0,
            marker: false,
            sequence: hz as u16,
            timestamp: hz as u32 * 1000,
            ssrc: hz as u32 * 77_777,
        };
        Self {
            hz,
            at: 0,
            encoder: None,
            sender: None,
            presser: Presser::new(8000),
            header,
            event_at: 0,
        }
    }

    fn tick(&mut self, agreed: &Agreed, keys: &str, talks: bool) -> Vec<Vec<u8>> {
        self.header.timestamp += agreed.codec.span(20);
        let now = Instant::now().into_std();
        self.presser.press(keys, now);
        let mut packets = Vec::new();
        while let Some(packet) = self.presser.poll(now) {
            let events = agreed.events.unwrap();
            self.presser.set_clock(events.clock);
            if packet.first {
                self.event_at = self.header.timestamp;
            }
            let header = Header {
                payload_type: events.send_pt,
                timestamp: self.event_at,
                ..self.header
            };
            packets.push(self.packet(header, &packet.payload, agreed));
        }
        if self.presser.is_sending() || !talks {
            return packets;
        }
        if (self.encoder.as_ref()).is_none_or(|encoder| encoder.codec() != agreed.codec) {
            self.encoder = Some(Encoder::new(agreed.codec).unwrap());
        }
        let encoder = self.encoder.as_mut().unwrap();
        let rate = encoder.rate();
        let pcm: Vec<i16> = (0..rate.samples(20) as u64)
            .map(|n| {
                let time = (self.at + n) as f64 / f64::from(rate.hz());
                (8000.0 * (TAU * self.hz * time).sin()) as i16
            })
            .collect();
        self.at += pcm.len() as u64;
        let mut payload = [0; MOST_BYTES];
        let length = encoder.encode(&pcm, &mut payload).unwrap();
        let header = Header {
            payload_type: agreed.send_pt,
            ..self.header
        };
        packets.push(self.packet(header, &payload[..length], agreed));
        packets
    }

    fn packet(&mut self, header: Header, payload: &[u8], agreed: &Agreed) -> Vec<u8> {
        self.header.sequence = self.header.sequence.wrapping_add(1);
        let mut packet = Vec::new();
        header.write(payload, &mut packet);
        if let Some((ours, _)) = &agreed.crypto {
            if self.sender.as_ref().is_none_or(|(line, _)| line != ours) {
                self.sender = Some((ours.clone(), Sender::new(ours).unwrap()));
            }
            let (_, sender) = self.sender.as_mut().unwrap();
            sender.protect_rtp(&mut packet).unwrap();
        }
        packet
    }
}

#[derive(Default)]
struct Hearing {
    decoder: Option<Decoder>,
    receiver: Option<(CryptoLine, Receiver)>,
    /// By source: a press that is passed on has another one than one that is put in.
    digits: HashMap<u32, Digits>,
}

impl Hearing {
    fn packet(&mut self, bytes: &[u8], from: SocketAddr, state: &mut State) {
        let Some(agreed) = state.agreed.clone() else {
            return;
        };
        let mut bytes = bytes.to_vec();
        if let Some((_, theirs)) = &agreed.crypto {
            if (self.receiver.as_ref()).is_none_or(|(line, _)| line != theirs) {
                self.receiver = Some((theirs.clone(), Receiver::new(theirs).unwrap()));
            }
            let (_, receiver) = self.receiver.as_mut().unwrap();
            if receiver.unprotect_rtp(&mut bytes).is_err() {
                return;
            }
        }
        let Ok(packet) = Packet::parse(&bytes) else {
            return;
        };
        let header = packet.header;
        if (64..96).contains(&header.payload_type) {
            return;
        }
        state.came.push((from, header.payload_type));
        if (agreed.events).is_some_and(|events| events.receive_pt == header.payload_type) {
            let now = Instant::now().into_std();
            if let Some(Heard::Pressed(key)) = (self.digits.entry(header.ssrc).or_default())
                .received(header.timestamp, packet.payload, now)
            {
                state.pressed.push(key);
            }
            return;
        }
        let codec = (agreed.receive.iter())
            .find(|(pt, _)| *pt == header.payload_type)
            .map(|(_, codec)| *codec);
        // A payload type that was not agreed is no sound.
        let Some(codec) = codec else { return };
        if (self.decoder.as_ref()).is_none_or(|decoder| decoder.codec() != codec) {
            self.decoder = Some(Decoder::new(codec).unwrap());
        }
        let decoder = self.decoder.as_mut().unwrap();
        let mut pcm = [0; MOST_SAMPLES];
        if let Ok(samples) = decoder.decode(packet.payload, &mut pcm) {
            state.rate = decoder.rate().hz();
            state.sound.extend_from_slice(&pcm[..samples]);
        }
    }
}

/// How loud one pitch is.
fn loudness(pcm: &[i16], hz: f64, rate: f64) -> f64 {
    let step = TAU * hz / rate;
    let (mut a, mut b) = (0.0, 0.0);
    for (n, sample) in pcm.iter().enumerate() {
        a += f64::from(*sample) * (step * n as f64).cos();
        b += f64::from(*sample) * (step * n as f64).sin();
    }
    // As if for the whole 800 ms: what came for a moment only is not loud.
    a.hypot(b) / (0.8 * rate)
}
