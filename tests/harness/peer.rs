//! A page without a browser: `proto`'s link and mirror on a real WebSocket.
//!
//! The task behind a [`Peer`] does what the pages' shells do: it opens sockets, keeps the timer,
//! applies events to the mirror. Tests give commands and wait for what the mirror shows.

use std::{
    fmt::Debug,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use bellwire_proto::{
    id::InteractionId,
    link::{Config, Link, Output, State},
    rtc::{IceServer, Signal},
    time::Timestamp,
    wire::{Bye, Down, Hello, Up, Welcome},
};
use futures_util::{SinkExt, StreamExt};
use serde::{Serialize, de::DeserializeOwned};
use tokio::{
    net::TcpStream,
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{
        self, Message,
        client::IntoClientRequest,
        http::{HeaderName, HeaderValue},
    },
};

use crate::{chance, wait};

/// A socket to the server.
pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Which side of the contact a peer is on.
pub trait Side: Clone + Debug + Send + Sync + 'static {
    /// What it asks.
    type Command: Clone + Debug + Serialize + Send + Sync + 'static;
    /// What it is told.
    type Event: Clone + Debug + DeserializeOwned + Send + Sync + 'static;
    /// What it makes of that.
    type Mirror: Clone + Debug + Default + Send + Sync + 'static;
    /// Where it connects.
    const PATH: &'static str;

    /// The server's port.
    fn port(&self) -> u16;

    /// The page's origin.
    fn origin(&self) -> String;

    /// What else the browser sends with the request for a WebSocket.
    fn headers(&self) -> &[(String, String)] {
        &[]
    }

    /// What it says first on a new connection.
    fn hello(&mut self, mirror: &Self::Mirror) -> impl Future<Output = Result<Hello>> + Send;

    /// The hello was good.
    fn welcomed(&mut self, welcome: &Welcome);

    /// The mirror takes in an event.
    fn apply(mirror: &mut Self::Mirror, event: Self::Event, now: Timestamp);
}

/// Everything a peer has learnt so far.
#[derive(Clone, Debug)]
pub struct Known<S: Side> {
    /// What a screen would show.
    pub mirror: S::Mirror,
    /// The events behind it, in order.
    pub told: Vec<S::Event>,
    /// Signals of the other page in the call.
    pub signals: Vec<(InteractionId, Signal)>,
    /// The latest STUN and TURN servers.
    pub ice: Option<Vec<IceServer>>,
    /// The last goodbye of the server.
    pub bye: Option<Bye>,
    /// What the link does.
    pub link: State,
    /// The session's token, for a visitor.
    pub token: Option<String>,
    /// How often it was welcomed and told the whole state, the first event after a welcome.
    pub welcomes: u32,
    /// Welcomed, but not told the state yet.
    greeted: bool,
    /// How many commands it was given so far.
    pub asked: u64,
    /// How many of them are not stored yet.
    pub kept: usize,
}

#[derive(Debug)]
enum Order<C> {
    Do(C),
    Now(Up<C>),
    Drop,
}

/// A page without a browser. It disappears without a word when dropped.
#[derive(Debug)]
pub struct Peer<S: Side> {
    orders: mpsc::Sender<Order<S::Command>>,
    known: watch::Receiver<Known<S>>,
    task: JoinHandle<()>,
    given: AtomicU64,
}

impl<S: Side> Peer<S> {
    /// Connects, and goes on doing so.
    #[must_use]
    pub fn open(side: S) -> Self {
        let (orders, heard) = mpsc::channel(64);
        let (tell, known) = watch::channel(Known {
            mirror: S::Mirror::default(),
            told: vec![],
            signals: vec![],
            ice: None,
            bye: None,
            link: State::Idle,
            token: None,
            welcomes: 0,
            greeted: false,
            asked: 0,
            kept: 0,
        });
        let task = tokio::spawn(Page::new(side, tell).live(heard));
        Self {
            orders,
            known,
            task,
            given: AtomicU64::new(0),
        }
    }

    /// Asks for something, as a click would.
    ///
    /// # Errors
    ///
    /// Where the peer's task has ended.
    pub async fn ask(&self, command: S::Command) -> Result<()> {
        self.given.fetch_add(1, Ordering::Relaxed);
        self.order(Order::Do(command)).await
    }

    /// Waits until the server has done and stored everything that was asked of it so far.
    ///
    /// # Errors
    ///
    /// Where it has not.
    pub async fn settle(&self) -> Result<Known<S>> {
        let given = self.given.load(Ordering::Relaxed);
        self.until_within("all that was asked is stored", wait::PATIENT, |known| {
            known.asked >= given && known.kept == 0
        })
        .await
    }

    /// Sends a frame that is worth nothing later.
    ///
    /// # Errors
    ///
    /// As [`Self::ask`].
    pub async fn send_now(&self, frame: Up<S::Command>) -> Result<()> {
        self.order(Order::Now(frame)).await
    }

    /// Loses the socket; the link comes back by itself.
    ///
    /// # Errors
    ///
    /// As [`Self::ask`].
    pub async fn lose_socket(&self) -> Result<()> {
        self.order(Order::Drop).await
    }

    /// What it knows now.
    #[must_use]
    pub fn now(&self) -> Known<S> {
        self.known.borrow().clone()
    }

    /// Waits until what it knows fits.
    ///
    /// # Errors
    ///
    /// Where that takes too long; shows what it knows instead.
    pub async fn until(&self, what: &str, fits: impl FnMut(&Known<S>) -> bool) -> Result<Known<S>> {
        self.until_within(what, wait::SOON, fits).await
    }

    /// The same, with another patience.
    ///
    /// # Errors
    ///
    /// As [`Self::until`].
    pub async fn until_within(
        &self,
        what: &str,
        within: Duration,
        fits: impl FnMut(&Known<S>) -> bool,
    ) -> Result<Known<S>> {
        let mut known = self.known.clone();
        match timeout(within, known.wait_for(fits)).await {
            Ok(Ok(found)) => Ok(found.clone()),
            Ok(Err(_)) => bail!("the peer's task ended before: {what}"),
            Err(_) => bail!("not within {within:?}: {what}. Known: {:#?}", self.now()),
        }
    }

    async fn order(&self, order: Order<S::Command>) -> Result<()> {
        self.orders
            .send(order)
            .await
            .ok()
            .context("the peer's task has ended")
    }
}

impl<S: Side> Drop for Peer<S> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The shell around a link.
struct Page<S: Side> {
    side: S,
    link: Link<S::Command, S::Event>,
    socket: Option<Socket>,
    tell: watch::Sender<Known<S>>,
    asked: u64,
}

impl<S: Side> Page<S> {
    fn new(side: S, tell: watch::Sender<Known<S>>) -> Self {
        // Tests restart servers quickly, and come back as quickly.
        let config = Config {
            first_rest: Duration::from_millis(50),
            longest_rest: Duration::from_millis(400),
            ..Config::default()
        };
        let link = Link::new(config);
        Self {
            side,
            link,
            socket: None,
            tell,
            asked: 0,
        }
    }

    async fn live(mut self, mut orders: mpsc::Receiver<Order<S::Command>>) {
        self.link.open(chance::now());
        loop {
            while let Some(output) = self.link.poll_output() {
                self.carry_out(output).await;
            }
            let (kept, asked) = (self.link.kept().count(), self.asked);
            self.tell.send_if_modified(|known| {
                let before = (known.kept, known.asked);
                (known.kept, known.asked) = (kept, asked);
                before != (kept, asked)
            });
            let due = self.link.poll_timeout();
            let timer = async {
                match due {
                    Some(at) => sleep(at.since(chance::now())).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => self.obey(order),
                    None => return,
                },
                frame = next_frame(&mut self.socket) => self.hear(frame),
                () = timer => self.link.handle_timeout(jitter(), chance::now()),
            }
        }
    }

    fn obey(&mut self, order: Order<S::Command>) {
        match order {
            // The link keeps as many as a page may; a test asks for fewer.
            Order::Do(command) => {
                _ = self.link.send(command);
                self.asked += 1;
            }
            Order::Now(frame) => self.link.send_now(frame),
            Order::Drop => {
                self.socket = None;
                self.link.closed(jitter(), chance::now());
            }
        }
    }

    fn hear(&mut self, frame: Option<Down<S::Event>>) {
        match frame {
            Some(frame) => self.link.heard(frame, jitter(), chance::now()),
            None => {
                self.socket = None;
                self.link.closed(jitter(), chance::now());
            }
        }
    }

    async fn carry_out(&mut self, output: Output<S::Command, S::Event>) {
        match output {
            Output::Open => self.open().await,
            Output::Send(frame) => self.send(&frame).await,
            Output::Close => self.socket = None,
            Output::Deliver(frame) => self.deliver(frame),
            Output::Changed(state) => self.tell.send_modify(|known| known.link = state),
        }
    }

    async fn open(&mut self) {
        let mirror = self.tell.borrow().mirror.clone();
        let opened = async {
            let hello = self.side.hello(&mirror).await?;
            let headers = [("origin".to_owned(), self.side.origin())];
            let headers = headers.iter().chain(self.side.headers());
            let socket = connect_with(self.side.port(), S::PATH, headers).await?;
            anyhow::Ok((hello, socket))
        };
        match opened.await {
            Ok((hello, socket)) => {
                self.socket = Some(socket);
                self.link.opened(hello, chance::now());
            }
            Err(_) => self.link.closed(jitter(), chance::now()),
        }
    }

    async fn send(&mut self, frame: &Up<S::Command>) {
        let Some(socket) = &mut self.socket else {
            return;
        };
        let Ok(text) = serde_json::to_string(frame) else {
            return;
        };
        if socket.send(Message::text(text)).await.is_err() {
            self.socket = None;
            self.link.closed(jitter(), chance::now());
        }
    }

    fn deliver(&mut self, frame: Down<S::Event>) {
        let side = &mut self.side;
        self.tell.send_modify(|known| match frame {
            Down::Welcome(welcome) => {
                side.welcomed(&welcome);
                known.token = welcome.token.or(known.token.take());
                known.greeted = true;
            }
            Down::Tell(event) => {
                known.told.push(event.clone());
                S::apply(&mut known.mirror, event, chance::now());
                if std::mem::take(&mut known.greeted) {
                    known.welcomes += 1;
                }
            }
            Down::Relay {
                interaction,
                signal,
            } => known.signals.push((interaction, signal)),
            Down::Ice(servers) => known.ice = Some(servers),
            Down::Bye(bye) => known.bye = Some(bye),
            Down::Done { .. } | Down::Pong => {}
        });
    }
}

fn jitter() -> u8 {
    chance::bits().to_le_bytes()[0]
}

/// The next frame; `None` where the socket is gone.
async fn next_frame<E: DeserializeOwned>(socket: &mut Option<Socket>) -> Option<Down<E>> {
    let Some(socket) = socket else {
        return std::future::pending().await;
    };
    loop {
        match socket.next().await? {
            // As in a browser, what is not understood is ignored: it may be newer than the page.
            Ok(Message::Text(text)) => {
                if let Ok(frame) = serde_json::from_str(&text) {
                    return Some(frame);
                }
            }
            Ok(Message::Close(_)) | Err(_) => return None,
            Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
        }
    }
}

/// Opens a bare socket, with this origin.
///
/// # Errors
///
/// Where the server refuses ([`refusal`] tells the status), or is not there.
pub async fn connect(port: u16, path: &str, origin: Option<&str>) -> tungstenite::Result<Socket> {
    let origin = origin.map(|origin| ("origin".to_owned(), origin.to_owned()));
    connect_with(port, path, origin.iter()).await
}

/// The same, with these headers.
async fn connect_with(
    port: u16,
    path: &str,
    headers: impl Iterator<Item = &(String, String)>,
) -> tungstenite::Result<Socket> {
    let mut request = format!("ws://127.0.0.1:{port}{path}").into_client_request()?;
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        let name = name.map_err(tungstenite::http::Error::from)?;
        let value = HeaderValue::from_str(value).map_err(tungstenite::http::Error::from)?;
        request.headers_mut().insert(name, value);
    }
    Ok(connect_async(request).await?.0)
}

/// The HTTP status with which the server refused a socket.
#[must_use]
pub fn refusal(answer: &tungstenite::Result<Socket>) -> Option<u16> {
    match answer {
        Err(tungstenite::Error::Http(response)) => Some(response.status().as_u16()),
        Ok(_) | Err(_) => None,
    }
}
