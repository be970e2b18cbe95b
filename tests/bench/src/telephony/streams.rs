//! Sound on its way through a server: very many streams over two sockets of the load generator.
//!
//! The one socket stands for all callers, the other for all who are called: the server tells calls apart by the
//! port at which it hears them.

use std::{
    net::{SocketAddr, UdpSocket},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use socket2::{Domain, Socket, Type};

/// A telephone says something this often.
const PACKET: Duration = Duration::from_millis(20);

/// Within that time the streams take turns in so many steps, so that they do not all speak at once.
const STEPS: usize = 20;

/// What one side says.
#[derive(Clone, Debug)]
pub(crate) struct Sound {
    pub(crate) payload_type: u8,
    /// How much of the RTP clock one packet is.
    pub(crate) ticks: u32,
    /// Payloads that follow each other, again and again.
    pub(crate) payloads: Arc<Vec<Vec<u8>>>,
}

/// Where the server hears the two sides of a call.
pub(crate) type Ends = (SocketAddr, SocketAddr);

/// What became of the packets.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Carried {
    pub(crate) sent: u64,
    pub(crate) arrived: u64,
}

impl Carried {
    /// Packets that arrived.
    pub(crate) fn count(self) -> f64 {
        f64::from(u32::try_from(self.arrived).unwrap_or(u32::MAX))
    }

    /// Which share arrived. A server that fills gaps sends more than it hears.
    pub(crate) fn share(self) -> f64 {
        let sent = f64::from(u32::try_from(self.sent).unwrap_or(u32::MAX));
        self.count() / sent
    }
}

/// The two sockets.
pub(crate) struct Streams {
    one: UdpSocket,
    other: UdpSocket,
    /// How many packets each stream had so far: sequence numbers go on from run to run.
    said: AtomicU32,
}

impl Streams {
    pub(crate) fn open() -> Result<Self> {
        Ok(Self {
            one: socket()?,
            other: socket()?,
            said: AtomicU32::new(1),
        })
    }

    /// Where callers hear.
    pub(crate) fn one(&self) -> Result<SocketAddr> {
        Ok(self.one.local_addr()?)
    }

    /// Where those who are called hear.
    pub(crate) fn other(&self) -> Result<SocketAddr> {
        Ok(self.other.local_addr()?)
    }

    /// Both sides of all calls talk for this long.
    pub(crate) async fn talk(
        self: &Arc<Self>,
        calls: &[Ends],
        sounds: (&Sound, &Sound),
        long: Duration,
    ) -> Result<Carried> {
        let (own, calls) = (self.clone(), calls.to_vec());
        let sounds = (sounds.0.clone(), sounds.1.clone());
        tokio::task::spawn_blocking(move || own.talk_here(&calls, (&sounds.0, &sounds.1), long))
            .await?
    }

    fn talk_here(
        &self,
        calls: &[Ends],
        sounds: (&Sound, &Sound),
        long: Duration,
    ) -> Result<Carried> {
        let (over, arrived) = (AtomicBool::new(false), AtomicU64::new(0));
        let sent = thread::scope(|scope| {
            for socket in [&self.one, &self.other] {
                let (over, arrived) = (&over, &arrived);
                scope.spawn(move || hear(socket, over, arrived));
            }
            let sent = self.say(calls, sounds, long);
            // What is on its way still arrives.
            thread::sleep(Duration::from_millis(100));
            over.store(true, Relaxed);
            sent
        });
        let sent = sent.context("nothing could be sent")?;
        let arrived = arrived.into_inner();
        Ok(Carried { sent, arrived })
    }

    fn say(&self, calls: &[Ends], sounds: (&Sound, &Sound), long: Duration) -> Result<u64> {
        let (began, mut sent) = (Instant::now(), 0);
        let mut buffer = Vec::with_capacity(1_500);
        let rounds = u32::try_from(long.as_millis() / PACKET.as_millis())?;
        for round in 0..rounds {
            let nth = self.said.fetch_add(1, Relaxed);
            for step in 0..STEPS {
                let due = PACKET * round + PACKET / 20 * u32::try_from(step)?;
                thread::sleep(due.saturating_sub(began.elapsed()));
                for (call, ends) in calls.iter().enumerate().skip(step).step_by(STEPS) {
                    let source = u32::try_from(call)? * 2 + 2;
                    packet(&mut buffer, sounds.0, nth, source);
                    self.one.send_to(&buffer, ends.0)?;
                    packet(&mut buffer, sounds.1, nth, source + 1);
                    self.other.send_to(&buffer, ends.1)?;
                    sent += 2;
                }
            }
        }
        Ok(sent)
    }
}

fn hear(socket: &UdpSocket, over: &AtomicBool, arrived: &AtomicU64) {
    let mut buffer = [0; 2_000];
    while !over.load(Relaxed) {
        // The timeout lets it look whether it is over.
        if socket.recv_from(&mut buffer).is_ok() {
            arrived.fetch_add(1, Relaxed);
        }
    }
}

/// One packet of RTP (RFC 3550, section 5.1).
fn packet(buffer: &mut Vec<u8>, sound: &Sound, nth: u32, source: u32) {
    let [.., high, low] = nth.to_be_bytes();
    buffer.clear();
    buffer.extend([0x80, sound.payload_type, high, low]);
    buffer.extend(nth.wrapping_mul(sound.ticks).to_be_bytes());
    buffer.extend(source.to_be_bytes());
    let at = usize::try_from(nth).unwrap_or(0) % sound.payloads.len().max(1);
    if let Some(payload) = sound.payloads.get(at) {
        buffer.extend(payload);
    }
}

fn socket() -> Result<UdpSocket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None)?;
    // What the generator does not read in time is no loss of the server's.
    socket.set_recv_buffer_size(4 << 20)?;
    socket.set_read_timeout(Some(Duration::from_millis(50)))?;
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())?;
    Ok(socket.into())
}

/// Sends back what comes, under another source (RFC 3550, section 8: nobody hears themselves).
pub(crate) async fn echo(socket: tokio::net::UdpSocket) {
    let mut buffer = [0; 2_000];
    loop {
        let Ok((length, from)) = socket.recv_from(&mut buffer).await else {
            continue;
        };
        if length < 12 {
            continue;
        }
        for byte in &mut buffer[8..12] {
            *byte ^= 0xff;
        }
        _ = socket.try_send_to(&buffer[..length], from);
    }
}

/// Half a second of voice in mu-law.
pub(crate) fn pcmu() -> Sound {
    let voice = voice(8_000);
    let payloads = voice.chunks(160).map(|frame| {
        let coded = |sample: &i16| mu_law(*sample);
        frame.iter().map(coded).collect()
    });
    Sound {
        payload_type: 0,
        ticks: 160,
        payloads: Arc::new(payloads.collect()),
    }
}

/// The same in Opus.
pub(crate) fn opus(payload_type: u8) -> Result<Sound> {
    let mut encoder = opus::Encoder::new(48_000, opus::Channels::Mono, opus::Application::Voip)?;
    let payloads = (voice(48_000).chunks(960))
        .map(|frame| encoder.encode_vec(frame, 1_000))
        .collect::<Result<_, _>>()?;
    Ok(Sound {
        payload_type,
        ticks: 960,
        payloads: Arc::new(payloads),
    })
}

/// Half a second of something like a vowel: a pitch with overtones that swell and fade.
fn voice(rate: u32) -> Vec<i16> {
    let sample = |nth: u32| {
        let seconds = f64::from(nth) / f64::from(rate);
        let turn = seconds * std::f64::consts::TAU;
        let loud = 0.5 + 0.4 * (turn * 4.0).sin();
        let tone = (turn * 140.0).sin() + 0.5 * (turn * 420.0).sin() + 0.3 * (turn * 1_260.0).sin();
        #[expect(clippy::cast_possible_truncation, reason = "far below the limit")]
        let sample = (tone * loud * 9_000.0) as i16;
        sample
    };
    (0..rate / 2).map(sample).collect()
}

/// G.711, section 3, mu-law.
fn mu_law(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let magnitude = sample.unsigned_abs().min(32_635) + 132;
    let exponent = 7 - u8::try_from((magnitude << 1 | 1).leading_zeros().min(7)).unwrap_or(7);
    let mantissa = (magnitude >> (exponent + 3)) & 0x0f;
    !(sign | exponent << 4 | u8::try_from(mantissa).unwrap_or(0))
}
