//! Janus with its SIP plugin, as a way from a page to a telephone.

use std::{net::SocketAddr, path::Path, time::Duration};

use anyhow::{Context, Result, bail};
use bellwire_tests::{
    phones::{ports, program::Program},
    sound::Folder,
};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, process::Command, time::timeout};
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};

use super::{
    sip,
    usage::Servers,
    way::{Way, let_in},
};
use crate::socket::connect;

const FILES: [(&str, &str); 3] = [
    ("janus.jcfg", include_str!("../../peers/janus.jcfg")),
    (
        "janus.plugin.sip.jcfg",
        include_str!("../../peers/janus.plugin.sip.jcfg"),
    ),
    (
        "janus.transport.websockets.jcfg",
        include_str!("../../peers/janus.transport.websockets.jcfg"),
    ),
];

const SHIM: &str = include_str!("../../peers/loopback.c");

/// How many ports its calls may have, towards pages and towards telephones.
const PORTS: u16 = 1_300;

const PATIENCE: Duration = Duration::from_secs(10);

/// A running Janus.
pub(crate) struct Janus {
    program: Program,
    _folder: Folder,
    port: u16,
    phones: SocketAddr,
}

/// A WebSocket with a session, and a handle of the SIP plugin in it.
pub(crate) struct Session {
    socket: WebSocketStream<TcpStream>,
    session: Value,
    handle: Value,
}

impl Janus {
    /// Starts it and waits until it answers.
    pub(crate) async fn start(phones: SocketAddr) -> Result<Self> {
        let folder = Folder::new()?;
        let libraries = ["x86_64-linux-gnu/janus", "aarch64-linux-gnu/janus", "janus"]
            .map(|name| Path::new("/usr/lib").join(name))
            .into_iter()
            .find(|path| path.is_dir())
            .context("Janus' libraries are not there")?;
        let first = ports::block(2 * PORTS + 2)?;
        let filled = |text: &str| {
            [
                ("{LIBRARIES}", libraries.display().to_string()),
                ("{PORT}", first.to_string()),
                ("{FIRST}", (first + 2).to_string()),
                ("{LAST}", (first + 1 + PORTS).to_string()),
                ("{FIRST_SIP}", (first + 2 + PORTS).to_string()),
                ("{LAST_SIP}", (first + 1 + 2 * PORTS).to_string()),
            ]
            .iter()
            .fold(text.to_owned(), |text, (name, value)| {
                text.replace(name, value)
            })
        };
        for (name, text) in FILES {
            std::fs::write(folder.path().join(name), filled(text))?;
        }
        let shim = compile(folder.path()).await?;
        let place = folder.path().display().to_string();
        let words = [
            format!("LD_PRELOAD={shim}"),
            "janus".to_owned(),
            format!("--configs-folder={place}"),
            format!("--config={place}/janus.jcfg"),
            "--disable-colors".to_owned(),
        ];
        // `env` becomes Janus: the process id stays.
        let janus = Self {
            program: Program::start("env", folder.path(), &words)?,
            _folder: folder,
            port: first,
            phones,
        };
        let_in(&janus, &janus.program).await.context("Janus")?;
        Ok(janus)
    }
}

impl Way for Janus {
    type Line = Session;

    fn servers(&self) -> Result<Servers> {
        Ok(Servers(vec![self.program.id().context("Janus ended")?]))
    }

    async fn open(&self) -> Result<Session> {
        let protocol = ("sec-websocket-protocol", "janus-protocol");
        let socket = connect(self.port, "/", protocol).await?;
        let mut session = Session {
            socket,
            session: Value::Null,
            handle: Value::Null,
        };
        let made = session.ask(json!({ "janus": "create" })).await?;
        session.session = made["data"]["id"].clone();
        let plugin = "janus.plugin.sip";
        let made = session
            .ask(json!({ "janus": "attach", "plugin": plugin }))
            .await?;
        session.handle = made["data"]["id"].clone();
        let name = format!("sip:{}@127.0.0.1", sip::fresh());
        let body = json!({ "request": "register", "type": "guest", "username": name });
        session.order(body, None).await?;
        session.hear_event("registered").await?;
        Ok(session)
    }

    async fn call(&self, session: &mut Session, offer: &str) -> Result<String> {
        let body = json!({ "request": "call", "uri": format!("sip:echo@{}", self.phones) });
        let offer = json!({ "type": "offer", "sdp": offer, "trickle": false });
        session.order(body, Some(offer)).await?;
        let said = session.hear_event("accepted").await?;
        let sdp = said["jsep"]["sdp"].as_str().map(str::to_owned);
        sdp.with_context(|| format!("no answer: {said}"))
    }

    async fn hang_up(&self, session: &mut Session) -> Result<()> {
        session.order(json!({ "request": "hangup" }), None).await?;
        // Before the core says so, the next offer would change the old connection.
        loop {
            let said = session.hear().await?;
            if said["janus"] == "hangup" {
                return Ok(());
            }
        }
    }

    async fn close(&self, mut session: Session) -> Result<()> {
        session.ask(json!({ "janus": "destroy" })).await?;
        Ok(())
    }
}

impl Session {
    async fn say(&mut self, mut order: Value) -> Result<String> {
        let transaction = sip::fresh();
        order["transaction"] = transaction.clone().into();
        for (name, value) in [("session_id", &self.session), ("handle_id", &self.handle)] {
            if !value.is_null() {
                order[name] = value.clone();
            }
        }
        self.socket.send(Message::text(order.to_string())).await?;
        Ok(transaction)
    }

    /// An order that is answered at once.
    async fn ask(&mut self, order: Value) -> Result<Value> {
        let transaction = self.say(order).await?;
        loop {
            let said = self.hear().await?;
            if said["transaction"] == transaction.as_str() {
                return Ok(said);
            }
        }
    }

    /// An order to the plugin, whose effect is told later.
    async fn order(&mut self, body: Value, jsep: Option<Value>) -> Result<()> {
        let mut order = json!({ "janus": "message", "body": body });
        if let Some(jsep) = jsep {
            order["jsep"] = jsep;
        }
        self.say(order).await?;
        Ok(())
    }

    async fn hear_event(&mut self, wanted: &str) -> Result<Value> {
        loop {
            let said = self.hear().await?;
            let event = &said["plugindata"]["data"]["result"]["event"];
            if event == wanted {
                return Ok(said);
            }
            let failed = event == "hangup" || event == "registration_failed";
            if failed || said["plugindata"]["data"]["error"].is_string() || said["janus"] == "error"
            {
                bail!("not {wanted}: {said}");
            }
        }
    }

    async fn hear(&mut self) -> Result<Value> {
        loop {
            let next = timeout(PATIENCE, self.socket.next()).await;
            match next
                .context("Janus fell silent")?
                .context("Janus closed")??
            {
                Message::Text(text) => return Ok(serde_json::from_str(&text)?),
                Message::Close(frame) => bail!("Janus closed: {frame:?}"),
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }
}

/// Makes the library that lets Janus offer the loopback's address.
async fn compile(folder: &Path) -> Result<String> {
    let (source, library) = (folder.join("loopback.c"), folder.join("loopback.so"));
    std::fs::write(&source, SHIM)?;
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-O1", "-o"]);
    let done = compiler
        .arg(&library)
        .arg(&source)
        .arg("-ldl")
        .output()
        .await?;
    if !done.status.success() {
        bail!("cc failed: {}", String::from_utf8_lossy(&done.stderr));
    }
    Ok(library.display().to_string())
}
