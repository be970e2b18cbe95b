//! A page on UDP, with str0m in the place of a browser's own.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use bellwire_media::{
    anchor::Want,
    browser::{Browser, Media, Poll, Shared},
    rtp,
    stream::{Outgoing, SourceId},
};
use tokio::{net::UdpSocket, time::timeout};

#[derive(Default)]
struct State {
    connected: bool,
    packets: usize,
}

/// Says silence in Opus, and counts what comes: str0m itself takes no source that was not described, as browsers do.
pub(crate) struct Page {
    browser: Arc<Mutex<Browser>>,
    state: Arc<Mutex<State>>,
    task: tokio::task::JoinHandle<()>,
}

impl Page {
    pub(crate) async fn new() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let shared = Arc::new(Shared::new(vec![socket.local_addr().unwrap()]).unwrap());
        let browser = Browser::new(&shared, Instant::now()).unwrap();
        let browser = Arc::new(Mutex::new(browser));
        let state = Arc::new(Mutex::new(State::default()));
        let task = tokio::spawn(work(socket, browser.clone(), state.clone()));
        Self {
            browser,
            state,
            task,
        }
    }

    pub(crate) fn offer(&self) -> String {
        let want = Want::default();
        self.browser
            .lock()
            .unwrap()
            .offer(&want, Instant::now())
            .unwrap()
    }

    pub(crate) fn answered(&self, sdp: &str) {
        let mut browser = self.browser.lock().unwrap();
        browser.answered(sdp, Instant::now()).unwrap();
    }

    pub(crate) fn answer(&self, sdp: &str) -> String {
        let mut browser = self.browser.lock().unwrap();
        browser
            .answer(sdp, &Want::default(), Instant::now())
            .unwrap()
            .0
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.state.lock().unwrap().connected
    }

    /// Whether it hears something from now on.
    pub(crate) async fn hears(&self) -> bool {
        tokio::time::sleep(Duration::from_millis(300)).await;
        self.state.lock().unwrap().packets = 0;
        tokio::time::sleep(Duration::from_millis(600)).await;
        self.state.lock().unwrap().packets > 20
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn work(socket: UdpSocket, browser: Arc<Mutex<Browser>>, state: Arc<Mutex<State>>) {
    let mut buffer = vec![0; 2048];
    let mut tick = tokio::time::interval(Duration::from_millis(20));
    let mut outgoing = Outgoing::new(7, 7, 7, 48_000);
    loop {
        let out = {
            let mut browser = browser.lock().unwrap();
            let now = Instant::now();
            browser.handle_timeout(now);
            polled(&mut browser, &state)
        };
        for (to, bytes) in out {
            let _ = socket.send_to(&bytes, to).await;
        }
        tokio::select! {
            _ = tick.tick() => {
                let mut browser = browser.lock().unwrap();
                let now = Instant::now();
                if let Some(pt) = browser.agreed().map(|agreed| agreed.send_pt) {
                    let slot = outgoing.produce(SourceId(1), 960, now);
                    browser.send(Media::Audio, pt, &slot, &[0xf8, 0xff, 0xfe], now);
                }
            }
            Ok(Ok((length, from))) = timeout(Duration::from_secs(1), socket.recv_from(&mut buffer)) => {
                if rtp::kind(&buffer[..length]) == rtp::Kind::Rtp {
                    state.lock().unwrap().packets += 1;
                }
                let mut browser = browser.lock().unwrap();
                browser.handle_datagram(from, &buffer[..length], Instant::now());
            }
        }
    }
}

fn polled(browser: &mut Browser, state: &Mutex<State>) -> Vec<(SocketAddr, Vec<u8>)> {
    let mut out = Vec::new();
    loop {
        match browser.poll(Instant::now()) {
            Poll::Transmit { to, bytes } => out.push((to, bytes.to_vec())),
            Poll::Connected => state.lock().unwrap().connected = true,
            Poll::Lost(why) => panic!("{why}"),
            Poll::KeyframeWanted | Poll::Rtp { .. } => {}
            Poll::Timeout(_) => return out,
        }
    }
}
