//! Orders to the daemon and its answers: its NG protocol, in JSON over UDP.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::Value;
use tokio::{net::UdpSocket, sync::oneshot, task::JoinHandle, time::timeout};

use crate::anchor::MediaError;

/// How long one order may take before it is repeated, once.
const PATIENCE: Duration = Duration::from_secs(2);
/// The longest answer there is.
const MOST_BYTES: usize = 65_535;
/// What an order may be at most, so that UDP carries it.
const MOST_ORDER_BYTES: usize = 60_000;

/// Orders wait here for their answers, by their cookie.
type Waiting = Arc<Mutex<HashMap<String, oneshot::Sender<Value>>>>;

/// The connection to one daemon.
#[derive(Debug)]
pub(super) struct Control {
    socket: Arc<UdpSocket>,
    at: SocketAddr,
    waiting: Waiting,
    receiving: JoinHandle<()>,
}

impl Control {
    /// Opens the socket. Whether somebody answers is another matter.
    pub(super) async fn open(at: SocketAddr) -> Result<Self, MediaError> {
        let refused = |error| gone(at, &format!("its control port cannot be reached ({error})"));
        let socket = socket(at).await.map_err(refused)?;
        socket.connect(at).await.map_err(refused)?;
        let socket = Arc::new(socket);
        let waiting = Waiting::default();
        let receiving = tokio::spawn(receive(socket.clone(), waiting.clone()));
        Ok(Self {
            socket,
            at,
            waiting,
            receiving,
        })
    }

    /// Gives an order. An answer that says `error` is given back as it is.
    pub(super) async fn ask(&self, order: &Value) -> Result<Value, MediaError> {
        let cookie = cookie();
        let text = format!("{cookie} {order}");
        if text.len() > MOST_ORDER_BYTES {
            return Err(MediaError::Description("it is too long".into()));
        }
        let (sender, mut answer) = oneshot::channel();
        self.lock().insert(cookie.clone(), sender);
        let mut why = "no answer";
        for _ in 0..2 {
            // The same cookie again: the daemon repeats its answer and does nothing twice.
            if self.socket.send(text.as_bytes()).await.is_err() {
                // What is refused is told with the next packet sent, so it may well be another one's.
                why = "nobody listens at its control port";
            }
            if let Ok(Ok(answer)) = timeout(PATIENCE, &mut answer).await {
                return Ok(answer);
            }
        }
        self.lock().remove(&cookie);
        Err(gone(self.at, why))
    }

    /// Gives an order that must succeed.
    pub(super) async fn order(&self, order: &Value) -> Result<Value, MediaError> {
        let answer = self.ask(order).await?;
        match word(&answer, "result") {
            "ok" | "pong" => Ok(answer),
            _ => {
                let reason = word(&answer, "error-reason");
                tracing::debug!(
                    command = word(order, "command"),
                    reason,
                    "rtpengine refused"
                );
                Err(refusal(reason))
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, oneshot::Sender<Value>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.receiving.abort();
    }
}

/// A word of an answer, empty where there is none.
pub(super) fn word<'a>(answer: &'a Value, name: &str) -> &'a str {
    answer.get(name).and_then(Value::as_str).unwrap_or_default()
}

async fn receive(socket: Arc<UdpSocket>, waiting: Waiting) {
    let mut buffer = vec![0; MOST_BYTES];
    loop {
        let Ok(length) = socket.recv(&mut buffer).await else {
            // Refused once; the next order will tell whoever waits.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let Some(text) = buffer.get(..length).and_then(|b| str::from_utf8(b).ok()) else {
            continue;
        };
        let Some((cookie, answer)) = text.split_once(' ') else {
            continue;
        };
        let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = waiting.remove(cookie) {
            // Nobody waits any more where this fails.
            let _ = sender.send(serde_json::from_str(answer).unwrap_or_default());
        }
    }
}

fn gone(at: SocketAddr, why: &str) -> MediaError {
    MediaError::Gone(format!("rtpengine at {at}: {why}"))
}

fn refusal(reason: &str) -> MediaError {
    let known = reason.to_ascii_lowercase();
    if known.contains("unknown call-id") {
        return MediaError::Closed;
    }
    if known.contains("port") {
        return MediaError::Ports(format!("rtpengine says: {reason}"));
    }
    if known.contains("sdp") {
        return MediaError::Description(format!("rtpengine says: {reason}"));
    }
    MediaError::Gone(format!("rtpengine refused: {reason}"))
}

fn cookie() -> String {
    format!("{:016x}", random())
}

/// A socket of the family of `to`.
pub(super) async fn socket(to: SocketAddr) -> std::io::Result<UdpSocket> {
    let any: IpAddr = match to {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    UdpSocket::bind((any, 0)).await
}

/// Random bits: names of calls, cookies, starting points.
pub(super) fn random() -> u64 {
    let mut bytes = [0; 8];
    // Where the system has no randomness nothing else works either.
    let _ = getrandom::fill(&mut bytes);
    u64::from_ne_bytes(bytes)
}
