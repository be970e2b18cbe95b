//! Bare sockets to a server under measurement, as cheap as a client can be.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use bellwire_proto::{
    agent::{AgentCommand, AgentEvent, Work, WorkStage},
    id::{InteractionId, SiteKey, TabId},
    visitor::VisitorCommand,
    wire::{Down, Hello, Pass, Up, VERSION},
};
use bellwire_tests::{
    centre::{Centre, Credential},
    chance, people,
};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        Message, client::IntoClientRequest, http::HeaderValue, protocol::WebSocketConfig,
    },
};

const PATIENCE: Duration = Duration::from_secs(20);

/// Opens a WebSocket of a server on this machine, with one more header.
pub(crate) async fn connect(
    port: u16,
    path: &str,
    header: (&'static str, &str),
) -> Result<WebSocketStream<TcpStream>> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.set_nodelay(true)?;
    let mut request = format!("ws://127.0.0.1:{port}{path}").into_client_request()?;
    let value = HeaderValue::from_str(header.1)?;
    request.headers_mut().insert(header.0, value);
    // It costs little: tungstenite's own way writes 128 kB of zeros each time it reads.
    let frugal = WebSocketConfig::default()
        .read_buffer_size(4096)
        .write_buffer_size(0);
    let (socket, _) = client_async_with_config(request, stream, Some(frugal)).await?;
    Ok(socket)
}

/// A WebSocket that speaks text.
pub(crate) struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    pub(crate) async fn open(port: u16, path: &str) -> Result<Self> {
        let origin = format!("http://127.0.0.1:{port}");
        Ok(Self(connect(port, path, ("origin", &origin)).await?))
    }

    pub(crate) async fn say(&mut self, text: &str) -> Result<()> {
        Ok(self.0.send(Message::text(text.to_owned())).await?)
    }

    pub(crate) async fn hear(&mut self) -> Result<String> {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.0.next()).await;
            match next.context("the server fell silent")? {
                Some(Ok(Message::Text(text))) => return Ok(text.as_str().to_owned()),
                Some(Ok(Message::Close(frame))) => bail!("the server closed: {frame:?}"),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
                None => bail!("the server closed"),
            }
        }
    }

    /// Reads on until a frame holds `text`; gives that frame.
    pub(crate) async fn hear_of(&mut self, text: &str) -> Result<String> {
        loop {
            let frame = self.hear().await?;
            if frame.contains(text) {
                return Ok(frame);
            }
        }
    }
}

/// A visitor's page.
pub(crate) struct Page {
    pub(crate) socket: Socket,
    n: u64,
}

impl Page {
    /// Opens and waits until the server has told the session.
    pub(crate) async fn open(port: u16) -> Result<Self> {
        let mut socket = Socket::open(port, "/ws/visitor").await?;
        let hello = hello(Pass::Visitor {
            site: SiteKey(people::SITE.into()),
            token: None,
            visits: 0,
            quiet: false,
        });
        let hello = serde_json::to_string(&Up::<VisitorCommand>::Hello(hello))?;
        socket.say(&hello).await?;
        socket.hear_of(r#""session""#).await?;
        Ok(Self { socket, n: 0 })
    }

    pub(crate) async fn ask(&mut self, command: VisitorCommand) -> Result<()> {
        self.n += 1;
        let frame = Up::<VisitorCommand>::Do { n: self.n, command };
        self.socket.say(&serde_json::to_string(&frame)?).await
    }
}

/// An agent's desk.
pub(crate) struct Desk {
    pub(crate) socket: Socket,
    pub(crate) n: u64,
    /// What its agent was still writing down when it was opened.
    pub(crate) unfinished: Vec<InteractionId>,
}

impl Desk {
    /// Signs in, opens and is ready.
    pub(crate) async fn ready(centre: &Centre, who: &Credential) -> Result<Self> {
        let cookie = people::sign_in(centre, who).await?;
        let mut desk = Self::open(centre.port, &cookie).await?;
        desk.ask(AgentCommand::Ready).await?;
        desk.socket.hear_of(r#""chosen":"ready""#).await?;
        Ok(desk)
    }

    /// Opens for whoever has this cookie.
    pub(crate) async fn open(port: u16, cookie: &str) -> Result<Self> {
        let ticket = people::ticket(port, cookie).await?;
        let mut socket = Socket::open(port, "/ws/agent").await?;
        let hello = hello(Pass::Agent { ticket });
        let hello = serde_json::to_string(&Up::<AgentCommand>::Hello(hello))?;
        socket.say(&hello).await?;
        let told = socket.hear_of(r#"{"desk""#).await?;
        let Down::<AgentEvent>::Tell(AgentEvent::Desk(view)) = serde_json::from_str(&told)? else {
            bail!("not a desk: {told}");
        };
        let is_unfinished = |work: &Work| matches!(work.stage, WorkStage::WrapUp { .. });
        Ok(Self {
            socket,
            n: 0,
            unfinished: (view.work.iter())
                .filter(|work| is_unfinished(work))
                .map(|work| work.interaction)
                .collect(),
        })
    }

    pub(crate) async fn ask(&mut self, command: AgentCommand) -> Result<()> {
        self.n += 1;
        let frame = Up::<AgentCommand>::Do { n: self.n, command };
        self.socket.say(&serde_json::to_string(&frame)?).await
    }

    /// Waits for an offer and takes it.
    pub(crate) async fn take(&mut self) -> Result<()> {
        let frame = self.socket.hear_of(r#"{"offered""#).await?;
        let read: Down<AgentEvent> = serde_json::from_str(&frame)?;
        let Down::Tell(AgentEvent::Offered(offer)) = read else {
            bail!("not an offer: {frame}");
        };
        self.ask(AgentCommand::Accept {
            interaction: offer.interaction,
            epoch: offer.epoch,
            peer: Some(people::peer_id()),
        })
        .await?;
        self.socket.hear_of(r#"{"connected""#).await?;
        Ok(())
    }
}

fn hello(pass: Pass) -> Hello {
    Hello {
        version: VERSION,
        tab: TabId::new(chance::now(), chance::bits()),
        pass,
        seen: vec![],
    }
}
