//! The media proxy rtpengine, as a plain process without its kernel module.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::{net::UdpSocket, time::timeout};

use super::{ports, program::Program};
use crate::{
    chance,
    sound::Folder,
    wait::{SOON, until},
};

const TEMPLATE: &str = include_str!("../telephony/rtpengine.conf");

/// How many ports a test's calls may have.
const PORTS: u16 = 200;

/// A running rtpengine.
#[derive(Debug)]
pub struct Rtpengine {
    program: Program,
    _folder: Folder,
    /// Where it takes orders (the NG protocol).
    pub ng: SocketAddr,
    /// Where it reports digits.
    pub digits: SocketAddr,
    /// Where it shows its figures over HTTP: `/metrics`, `/ping`.
    pub http: SocketAddr,
}

impl Rtpengine {
    /// Starts it and waits until it answers.
    ///
    /// # Errors
    ///
    /// Where it is not installed or does not start; with its log.
    pub async fn start() -> Result<Self> {
        Self::start_at(ports::block(PORTS + 4)?).await
    }

    /// The same at the ports of one that was stopped before: its NG port is `first`.
    ///
    /// # Errors
    ///
    /// As [`Self::start`].
    pub async fn start_at(first: u16) -> Result<Self> {
        let folder = Folder::new()?;
        let filled = [
            ("{NG}", first),
            ("{CLI}", first + 1),
            ("{HTTP}", first + 2),
            ("{FIRST}", first + 4),
            ("{LAST}", first + 3 + PORTS),
            ("{DIGITS}", first + 3),
        ]
        .iter()
        .fold(TEMPLATE.to_owned(), |text, (name, port)| {
            text.replace(name, &port.to_string())
        });
        let file = folder.path().join("rtpengine.conf");
        std::fs::write(&file, filled)?;
        let words = [
            format!("--config-file={}", file.display()),
            "--config-section=rtpengine".into(),
        ];
        let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let rtpengine = Self {
            program: Program::start("rtpengine", folder.path(), &words)?,
            _folder: folder,
            ng: at(first),
            http: at(first + 2),
            digits: at(first + 3),
        };
        let ready = until("rtpengine that answers", SOON, async || {
            rtpengine.program.check()?;
            let answer = rtpengine.ask(json!({ "command": "ping" })).await?;
            Ok((answer["result"] == "pong").then_some(()))
        });
        ready.await.with_context(|| rtpengine.log())?;
        Ok(rtpengine)
    }

    /// Gives an order in JSON, and what it answered.
    ///
    /// # Errors
    ///
    /// Where it does not answer.
    pub async fn ask(&self, order: Value) -> Result<Value> {
        let socket = UdpSocket::bind(("127.0.0.1", 0)).await?;
        let cookie = format!("{:016x}", chance::bits() >> 64);
        socket
            .send_to(format!("{cookie} {order}").as_bytes(), self.ng)
            .await?;
        let mut buffer = vec![0; 65_536];
        let answer = timeout(Duration::from_secs(1), socket.recv(&mut buffer)).await;
        let length = answer.context("rtpengine does not answer")??;
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        let (own, answer) = text.split_once(' ').context("no answer of rtpengine")?;
        ensure!(own == cookie, "another one's answer: {text}");
        serde_json::from_str(answer).with_context(|| text.clone())
    }

    /// How many calls it has now.
    ///
    /// # Errors
    ///
    /// Where it does not answer.
    pub async fn calls(&self) -> Result<usize> {
        let answer = self.ask(json!({ "command": "list" })).await?;
        Ok(answer["calls"]
            .as_array()
            .context("no list of calls")?
            .len())
    }

    /// Ends it: sound stops.
    ///
    /// # Errors
    ///
    /// Where it does not run.
    pub async fn stop(&self) -> Result<()> {
        self.program.stop().await
    }

    /// The process id, for measuring what it costs.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.program.id()
    }

    /// Everything it logged.
    #[must_use]
    pub fn log(&self) -> String {
        self.program.log()
    }
}
