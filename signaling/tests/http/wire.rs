//! Pages as the wire sees them: a visitor's and a desk.

use std::{collections::VecDeque, fmt::Debug};

use bellwire_proto::{
    agent::{AgentCommand, AgentEvent},
    id::{InteractionId, TabId},
    rtc::Signal,
    time::Timestamp,
    visitor::{SessionView, VisitorCommand, VisitorEvent},
    wire::{ByeReason, Down, Up, VERSION},
};
use futures_util::{SinkExt, StreamExt};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest, handshake::client::Request},
};

use crate::server::{PATIENCE, Server};

/// A socket, and nothing known of what goes over it.
pub(crate) struct Raw(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Raw {
    pub(crate) async fn open(server: &Server, path: &str, origin: &str) -> Self {
        let request = request(server, path, Some(origin));
        let (socket, _) = connect_async(request).await.expect("the socket opens");
        Self(socket)
    }

    /// Opens a socket that must not open; gives the status.
    pub(crate) async fn refused(server: &Server, path: &str, origin: Option<&str>) -> u16 {
        match connect_async(request(server, path, origin)).await {
            Err(Error::Http(answer)) => answer.status().as_u16(),
            other => panic!("the socket was not refused: {other:?}"),
        }
    }

    /// Says hello with this pass.
    pub(crate) async fn hello(&mut self, pass: Value) {
        let tab = TabId::new(Timestamp(1), bellwire::random::bits());
        let hello = json!({ "hello": { "version": VERSION, "tab": tab, "pass": pass } });
        self.send_text(&hello.to_string()).await;
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        self.0
            .send(Message::text(text))
            .await
            .expect("the socket is open");
    }

    /// Sends where the server may be closing already.
    pub(crate) async fn try_send_text(&mut self, text: &str) {
        let _ = self.0.send(Message::text(text)).await;
    }

    /// The next frame; `None` where the socket is closed.
    async fn next(&mut self) -> Option<Message> {
        timeout(PATIENCE, self.0.next())
            .await
            .expect("a frame in time")?
            .ok()
    }

    /// The farewell and the close code, whatever comes before them.
    pub(crate) async fn end(&mut self) -> (Option<ByeReason>, u16) {
        let mut reason = None;
        while let Some(message) = self.next().await {
            if let Message::Text(text) = &message
                && let Ok(Down::<Value, Value>::Bye(bye)) = serde_json::from_str(text)
            {
                reason = Some(bye.reason);
            }
            if let Message::Close(Some(close)) = message {
                return (reason, close.code.into());
            }
        }
        (reason, 0)
    }

    /// Waits until the socket is closed, in whatever way.
    pub(crate) async fn closes(&mut self) {
        while self.next().await.is_some() {}
    }
}

fn request(server: &Server, path: &str, origin: Option<&str>) -> Request {
    let url = format!("ws://{}{path}", server.address());
    let mut request = url.into_client_request().expect("a URL");
    if let Some(origin) = origin {
        let origin = origin.parse().expect("a header");
        request.headers_mut().insert("Origin", origin);
    }
    request
}

/// A page that was let in.
pub(crate) struct Peer<C, E> {
    pub(crate) raw: Raw,
    n: u64,
    early: VecDeque<Down<E>>,
    _asks: std::marker::PhantomData<C>,
}

impl<C: Serialize, E: DeserializeOwned + Debug> Peer<C, E> {
    fn new(raw: Raw) -> Self {
        Self {
            raw,
            n: 0,
            early: VecDeque::new(),
            _asks: std::marker::PhantomData,
        }
    }

    /// Sends a command; gives its number.
    pub(crate) async fn ask(&mut self, command: C) -> u64 {
        self.n += 1;
        self.send(&Up::Do { n: self.n, command }).await;
        self.n
    }

    pub(crate) async fn relay(&mut self, interaction: InteractionId, signal: &Signal) {
        let signal = signal.clone();
        self.send(&Up::Relay {
            interaction,
            signal,
        })
        .await;
    }

    /// Asks for a sign of life, and waits for it.
    pub(crate) async fn ping(&mut self) {
        self.send(&Up::Ping).await;
        self.until(|down| matches!(down, Down::Pong)).await;
    }

    /// The next event that `wanted` takes; others stay for later.
    pub(crate) async fn told<T>(&mut self, wanted: impl Fn(E) -> Option<T>) -> T
    where
        E: Clone,
    {
        let mut found = None;
        self.until(|down| {
            if let Down::Tell(event) = down {
                found = wanted(event.clone());
            }
            found.is_some()
        })
        .await;
        found.expect("what was waited for")
    }

    /// The next signal of this call.
    pub(crate) async fn relayed(&mut self, call: InteractionId) -> Signal {
        let down = self.until(|down| matches!(down, Down::Relay { .. })).await;
        let Down::Relay {
            interaction,
            signal,
        } = down
        else {
            unreachable!("only a signal was waited for");
        };
        assert_eq!(interaction, call);
        signal
    }

    /// Whether such a frame came and was not asked for yet.
    pub(crate) fn has(&self, wanted: impl FnMut(&Down<E>) -> bool) -> bool {
        self.early.iter().any(wanted)
    }

    /// The next frame that `wanted` takes; others stay for later.
    pub(crate) async fn until(&mut self, mut wanted: impl FnMut(&Down<E>) -> bool) -> Down<E> {
        if let Some(at) = self.early.iter().position(&mut wanted) {
            return self.early.remove(at).expect("it was just there");
        }
        loop {
            let Some(Message::Text(text)) = self.raw.next().await else {
                panic!("the socket closed; before that came {:?}", self.early);
            };
            let down = serde_json::from_str(&text).expect("a frame");
            if wanted(&down) {
                return down;
            }
            self.early.push_back(down);
        }
    }

    async fn send(&mut self, up: &Up<C>) {
        let text = serde_json::to_string(up).expect("JSON");
        self.raw.send_text(&text).await;
    }
}

/// A visitor's page on the demo site.
pub(crate) struct Visitor {
    page: Peer<VisitorCommand, VisitorEvent>,
    pub(crate) token: String,
    pub(crate) session: SessionView,
}

impl Visitor {
    pub(crate) async fn open(server: &Server, token: Option<&str>) -> Self {
        let mut raw = Raw::open(server, "/ws/visitor", &server.origin()).await;
        raw.hello(json!({ "visitor": { "site": "demo", "token": token } }))
            .await;
        let mut page = Peer::new(raw);
        let Down::Welcome(welcome) = page.until(|_| true).await else {
            panic!("the welcome comes first");
        };
        let session = page
            .told(|event| {
                let VisitorEvent::Session(session) = event else {
                    panic!("the session comes first, not {event:?}");
                };
                Some(session)
            })
            .await;
        Self {
            page,
            token: welcome.token.expect("a visitor gets a token"),
            session,
        }
    }
}

impl std::ops::Deref for Visitor {
    type Target = Peer<VisitorCommand, VisitorEvent>;

    fn deref(&self) -> &Self::Target {
        &self.page
    }
}

impl std::ops::DerefMut for Visitor {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.page
    }
}

/// An agent's desk.
pub(crate) struct Desk;

impl Desk {
    pub(crate) async fn open(server: &Server, ticket: &str) -> Peer<AgentCommand, AgentEvent> {
        let mut raw = Raw::open(server, "/ws/agent", &server.origin()).await;
        raw.hello(json!({ "agent": { "ticket": ticket } })).await;
        let mut page = Peer::new(raw);
        page.until(|down| matches!(down, Down::Welcome(_))).await;
        let desk =
            |event| matches!(event, AgentEvent::Desk(_) | AgentEvent::Elsewhere).then_some(());
        page.told(desk).await;
        page
    }
}
