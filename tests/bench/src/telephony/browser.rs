//! The page's end of a call: ICE and DTLS-SRTP as a browser does them, in the load generator.

use std::{
    net::SocketAddr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use str0m::{
    Candidate, Event, Input, Output, Rtc,
    change::{SdpAnswer, SdpPendingOffer},
    crypto::{
        CryptoProvider,
        dtls::{DtlsCert, DtlsVersion},
        from_feature_flags,
    },
    media::{Direction, MediaKind, Mid},
    net::{Protocol, Receive},
    rtp::RtpWrite,
};
use tokio::{
    net::UdpSocket,
    time::{Instant as Later, MissedTickBehavior, interval_at, sleep_until, timeout},
};

/// How long a page tries to connect.
const PATIENCE: Duration = Duration::from_secs(5);

/// What all pages of a run sent and heard.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// Pages say something fifty times a second while this is set.
    pub(crate) talking: AtomicBool,
    pub(crate) sent: AtomicU64,
    pub(crate) heard: AtomicU64,
}

/// One page's end.
pub(crate) struct Browser {
    rtc: Rtc,
    socket: UdpSocket,
    local: SocketAddr,
    mid: Mid,
    pending: Option<SdpPendingOffer>,
    /// What it offers: PCMU, with its candidate.
    pub(crate) offer: String,
    connected: Option<Instant>,
    due: Instant,
    heard: u64,
}

impl Browser {
    /// Makes an offer.
    pub(crate) async fn new() -> Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        let local = socket.local_addr()?;
        let (crypto, certificate) = crypto()?;
        let mut rtc = Rtc::builder()
            .set_crypto_provider(crypto)
            .set_dtls_cert(certificate)
            // As browsers of today: DTLS 1.3 where the server has it.
            .set_dtls_version(DtlsVersion::Auto)
            .set_rtp_mode(true)
            .set_stats_interval(None)
            .clear_codecs()
            .enable_pcmu(true, false)
            .clear_extension_map()
            .build(Instant::now());
        rtc.add_local_candidate(Candidate::host(local, "udp")?);
        let mut api = rtc.sdp_api();
        let mid = api.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        let (offer, pending) = api.apply().context("nothing to offer")?;
        let offer = with_address(&offer.to_sdp_string(), local);
        Ok(Self {
            rtc,
            socket,
            local,
            mid,
            pending: Some(pending),
            offer,
            connected: None,
            due: Instant::now(),
            heard: 0,
        })
    }

    /// Takes the answer.
    pub(crate) fn answer(&mut self, sdp: &str) -> Result<()> {
        let text = complete(sdp, &self.mid.to_string(), echoed(&self.offer));
        let answer = SdpAnswer::from_sdp_string(&text)?;
        let pending = self.pending.take().context("answered already")?;
        self.rtc.sdp_api().accept_answer(pending, answer)?;
        Ok(())
    }

    /// Runs until DTLS is done; how long that took from now on.
    pub(crate) async fn connect(&mut self) -> Result<Duration> {
        let began = Instant::now();
        let connecting = async {
            while self.connected.is_none() {
                self.step(None).await?;
            }
            anyhow::Ok(())
        };
        timeout(PATIENCE, connecting)
            .await
            .context("no DTLS in time")??;
        let at = self.connected.context("not connected")?;
        Ok(at.duration_since(began))
    }

    /// Stays in the call, and talks where that is asked for, until it is aborted.
    pub(crate) async fn stay(mut self, all: Arc<Heard>, nth: u32) -> Result<()> {
        // Pages do not speak in step.
        let first = Later::now() + Duration::from_micros(u64::from(nth % 200) * 100);
        let mut ticks = interval_at(first, Duration::from_millis(20));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let (mut sequence, sound) = (1_u16, [0xff_u8; 160]);
        loop {
            tokio::select! {
                stepped = self.step(Some(&all)) => stepped?,
                _ = ticks.tick(), if all.talking.load(Relaxed) => {
                    let now = Instant::now();
                    let time = u32::from(sequence) * 160;
                    let packet = RtpWrite::new(0.into(), u64::from(sequence).into(), time, now, &sound[..]);
                    let mut direct = self.rtc.direct_api();
                    let stream = direct.stream_tx_by_mid(self.mid, None);
                    stream.context("nothing to send by")?.write_rtp(packet);
                    self.rtc.handle_input(Input::Timeout(now))?;
                    self.drain()?;
                    all.sent.fetch_add(1, Relaxed);
                    sequence = sequence.wrapping_add(1);
                }
            }
        }
    }

    /// Waits for one packet or timer.
    async fn step(&mut self, all: Option<&Heard>) -> Result<()> {
        self.drain()?;
        if let Some(all) = all {
            all.heard
                .fetch_add(std::mem::take(&mut self.heard), Relaxed);
        }
        if self.connected.is_some() && all.is_none() {
            return Ok(());
        }
        let mut buffer = [0; 2_000];
        tokio::select! {
            got = self.socket.recv_from(&mut buffer) => {
                let (length, source) = got?;
                let receive = Receive {
                    proto: Protocol::Udp,
                    source,
                    destination: self.local,
                    contents: buffer[..length].try_into()?,
                };
                self.rtc.handle_input(Input::Receive(Instant::now(), receive))?;
            }
            () = sleep_until(self.due.into()) => {
                self.rtc.handle_input(Input::Timeout(Instant::now()))?;
            }
        }
        Ok(())
    }

    fn drain(&mut self) -> Result<()> {
        loop {
            match self.rtc.poll_output()? {
                Output::Timeout(due) => {
                    self.due = due;
                    return Ok(());
                }
                Output::Transmit(transmit) => {
                    let sent = self
                        .socket
                        .try_send_to(&transmit.contents, transmit.destination);
                    // Where the server is gone already, nothing more is to be said.
                    _ = sent;
                }
                Output::Event(Event::Connected) => self.connected = Some(Instant::now()),
                Output::Event(Event::RtpPacket(_)) => self.heard += 1,
                Output::Event(_) => ensure!(self.rtc.is_alive(), "the page's end was closed"),
            }
        }
    }
}

fn crypto() -> Result<(Arc<CryptoProvider>, DtlsCert)> {
    static MADE: OnceLock<Option<(Arc<CryptoProvider>, DtlsCert)>> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let certificate = from_feature_flags().dtls_provider.generate_certificate()?;
        Some((bellwire_media::browser::crypto(), certificate))
    });
    match made {
        Some(made) => Ok(made.clone()),
        None => bail!("no certificate could be made"),
    }
}

/// As a browser that has gathered: the address stands in the description, and not only in a candidate.
fn with_address(offer: &str, local: SocketAddr) -> String {
    offer
        .replace("c=IN IP4 0.0.0.0", &format!("c=IN IP4 {}", local.ip()))
        .replace("m=audio 9 ", &format!("m=audio {} ", local.port()))
}

/// Adds what rtpengine leaves out and str0m insists on: `source` will be heard.
fn complete(answer: &str, mid: &str, source: u32) -> String {
    let mut text = answer.replace("\r\n", "\n").replace('\n', "\r\n");
    if !text.ends_with("\r\n") {
        text += "\r\n";
    }
    if !text.contains("a=mid:") {
        text += &format!("a=mid:{mid}\r\n");
    }
    if !text.contains("a=ssrc:") {
        text += &format!("a=ssrc:{source} cname:echo\r\n");
    }
    if !text.contains("a=group:") {
        text = text.replacen("\r\nm=", &format!("\r\na=group:BUNDLE {mid}\r\nm="), 1);
    }
    text
}

/// Under which source a telephone sends back what this page says.
fn echoed(offer: &str) -> u32 {
    let source = offer.lines().find_map(|line| {
        let number = line.strip_prefix("a=ssrc:")?.split(' ').next()?;
        number.parse::<u32>().ok()
    });
    !source.unwrap_or(0)
}
