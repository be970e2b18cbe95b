//! The attackers, each at an address of its own.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result};
use bellwire_tests::{
    chance::Dice,
    phones::{g711::Law, garbage, telephone::Message},
};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpSocket, TcpStream, UdpSocket},
    task::JoinSet,
    time::{sleep, timeout},
};

/// Sends broken and odd messages, and random bytes.
pub(super) const TORTURER: &str = "127.0.0.66";
/// Tries passwords.
pub(super) const GUESSER: &str = "127.0.0.67";
/// Looks for telephone systems, and says by what name.
pub(super) const SCANNER: &str = "127.0.0.68";
/// Calls and calls without an account.
pub(super) const STRANGER: &str = "127.0.0.69";
/// Sends bodies without an end over TCP.
const GLUTTON: &str = "127.0.0.70";
/// Opens many connections, and says a letter now and then.
const SLUGGARD: &str = "127.0.0.71";

/// Everybody attacks at once, until this is dropped.
pub(super) struct Siege {
    tasks: JoinSet<Result<()>>,
    sent: Arc<AtomicU64>,
}

impl Siege {
    pub(super) fn begin(server: SocketAddr) -> Self {
        let sent = Arc::new(AtomicU64::new(0));
        let mut tasks = JoinSet::new();
        let mut nth = 0;
        let scan = move |_: &mut Dice, own: SocketAddr| {
            nth += 1;
            request(
                "OPTIONS",
                server,
                own,
                nth,
                "User-Agent: friendly-scanner\r\n",
            )
        };
        tasks.spawn(shower(server, TORTURER, sent.clone(), odd(server)));
        tasks.spawn(shower(server, STRANGER, sent.clone(), strangers(server)));
        tasks.spawn(shower(server, SCANNER, sent.clone(), scan));
        tasks.spawn(guess(server, sent.clone()));
        tasks.spawn(swarm(server, sent.clone()));
        tasks.spawn(gorge(server, sent.clone()));
        for nth in 0..40 {
            tasks.spawn(dawdle(server, nth, sent.clone()));
        }
        Self { tasks, sent }
    }

    /// Fails where an attacker gave up; how much was sent.
    pub(super) fn goes_on(&mut self) -> Result<u64> {
        if let Some(ended) = self.tasks.try_join_next() {
            ended?.context("an attacker gave up")?;
        }
        Ok(self.sent.load(Ordering::Relaxed))
    }
}

fn odd(server: SocketAddr) -> impl FnMut(&mut Dice, SocketAddr) -> Vec<u8> + Send {
    let mut nth = 0;
    move |dice, own| {
        nth += 1;
        garbage::letter(dice, server, own, nth)
    }
}

fn strangers(server: SocketAddr) -> impl FnMut(&mut Dice, SocketAddr) -> Vec<u8> + Send {
    let mut nth = 0;
    move |dice, own| {
        nth += 1;
        garbage::stranger(dice, server, own, nth)
    }
}

/// A sound request of somebody who calls itself Anna.
fn request(method: &str, server: SocketAddr, own: SocketAddr, nth: u32, more: &str) -> Vec<u8> {
    let text = format!(
        "{method} sip:localhost SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK{nth};rport\r\nMax-Forwards: 70\r\n\
         From: <sip:anna@localhost>;tag={nth}\r\nTo: <sip:anna@localhost>\r\nCall-ID: {nth}@{server}\r\n\
         CSeq: {nth} {method}\r\nContact: <sip:anna@{own}>\r\n{more}Content-Length: 0\r\n\r\n"
    );
    text.into_bytes()
}

/// Some three thousand datagrams a second.
async fn shower(
    server: SocketAddr,
    from: &str,
    sent: Arc<AtomicU64>,
    mut next: impl FnMut(&mut Dice, SocketAddr) -> Vec<u8> + Send,
) -> Result<()> {
    let socket = UdpSocket::bind((from, 0)).await?;
    let own = socket.local_addr()?;
    let mut dice = Dice::new(u64::from(own.port()));
    loop {
        for _ in 0..16 {
            let bytes = next(&mut dice, own);
            // What is too long for a datagram is the test's own noise.
            if socket.send_to(&bytes, server).await.is_ok() {
                sent.fetch_add(1, Ordering::Relaxed);
            }
        }
        sleep(Duration::from_millis(5)).await;
    }
}

/// The same from two hundred addresses in turn: each stays below every rate, and calls without an account.
async fn swarm(server: SocketAddr, sent: Arc<AtomicU64>) -> Result<()> {
    let mut sockets = vec![];
    for last in 1..=200 {
        sockets.push(UdpSocket::bind((format!("127.0.1.{last}"), 0)).await?);
    }
    let (mut dice, mut next) = (Dice::new(1), strangers(server));
    for some in sockets.chunks(16).cycle() {
        for socket in some {
            let bytes = next(&mut dice, socket.local_addr()?);
            socket.send_to(&bytes, server).await?;
            sent.fetch_add(1, Ordering::Relaxed);
        }
        sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

/// Asks for a challenge and answers it wrongly, again and again.
async fn guess(server: SocketAddr, sent: Arc<AtomicU64>) -> Result<()> {
    let socket = UdpSocket::bind((GUESSER, 0)).await?;
    let own = socket.local_addr()?;
    let mut nonce = String::new();
    for nth in 1.. {
        let proof = format!(
            "Authorization: Digest username=\"anna\", realm=\"localhost\", nonce=\"{nonce}\", uri=\"sip:localhost\", \
             algorithm=MD5, qop=auth, nc=00000001, cnonce=\"{nth}\", response=\"{nth:032x}\"\r\n"
        );
        let more = if nonce.is_empty() { "" } else { &proof };
        let register = request("REGISTER", server, own, nth, more);
        socket.send_to(&register, server).await?;
        sent.fetch_add(1, Ordering::Relaxed);
        let mut bytes = vec![0; 4096];
        // Nothing comes back to who is banned.
        let came = timeout(Duration::from_millis(20), socket.recv(&mut bytes)).await;
        let Ok(Ok(length)) = came else { continue };
        let answer = Message::parse(&bytes[..length])?;
        let challenge = (answer.all("WWW-Authenticate")).find(|one| one.contains("MD5"));
        let quoted = challenge.and_then(|one| one.split_once("nonce=\""));
        nonce = quoted
            .and_then(|(_, rest)| rest.split('"').next())
            .unwrap_or_default()
            .to_owned();
    }
    Ok(())
}

async fn connect(server: SocketAddr, from: &str) -> Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(from.parse::<IpAddr>()?, 0))?;
    Ok(socket.connect(server).await?)
}

/// Promises a body of a hundred million bytes, and sends as much of it as is taken; then the same as a header.
async fn gorge(server: SocketAddr, sent: Arc<AtomicU64>) -> Result<()> {
    let head = "INVITE sip:1000@localhost SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.70;branch=z9hG4bKg\r\n\
                From: <sip:a@localhost>;tag=g\r\nTo: <sip:1000@localhost>\r\nCall-ID: g\r\nCSeq: 1 INVITE\r\n";
    for rest in ["Content-Length: 100000000\r\n\r\n", "X-Long: "]
        .iter()
        .cycle()
    {
        sleep(Duration::from_millis(20)).await;
        let Ok(mut stream) = connect(server, GLUTTON).await else {
            continue;
        };
        let mut text = format!("{head}{rest}").into_bytes();
        // A server that closes such a stream is right; one that takes no more holds us up no longer than this.
        while let Ok(Ok(())) = timeout(Duration::from_secs(1), stream.write_all(&text)).await {
            sent.fetch_add(1, Ordering::Relaxed);
            text = vec![b'x'; 65_536];
        }
    }
    Ok(())
}

async fn dawdle(server: SocketAddr, nth: u32, sent: Arc<AtomicU64>) -> Result<()> {
    loop {
        sleep(Duration::from_millis(50)).await;
        let Ok(mut stream) = connect(server, SLUGGARD).await else {
            continue;
        };
        let own = stream.local_addr()?;
        for letter in request("REGISTER", server, own, nth, "") {
            sleep(Duration::from_millis(100)).await;
            if stream.write_all(&[letter]).await.is_err() {
                break;
            }
            sent.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Two seconds of 2000 hertz in PCMU, sent to each of these.
pub(super) async fn intrude(into: [SocketAddr; 2]) -> Result<()> {
    let socket = UdpSocket::bind((TORTURER, 0)).await?;
    let sample = |nth: u8| Law::Mu.encode([0.0, 0.5, 0.0, -0.5][usize::from(nth % 4)]);
    let sound: Vec<u8> = (0..160).map(sample).collect();
    for nth in 0..100_u16 {
        let [high, low] = nth.to_be_bytes();
        let [a, b, c, d] = (u32::from(nth) * 160).to_be_bytes();
        let header = [0x80, 0, high, low, a, b, c, d, 6, 6, 6, 6];
        for address in into {
            socket
                .send_to(&[&header[..], &sound].concat(), address)
                .await?;
        }
        sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
