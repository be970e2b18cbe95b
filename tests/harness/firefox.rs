//! Firefox, steered over its own socket (the bidirectional `WebDriver`): pages, their frames, and what runs in them.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, sync::Mutex};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use crate::{
    phones::{ports, program::Program},
    sound::Folder,
    wait::{PATIENT, until},
};

/// A microphone and a camera that nobody is asked for, sound without a click, and calls to this machine.
const PREFERENCES: &[(&str, &str)] = &[
    ("media.navigator.streams.fake", "true"),
    ("media.navigator.permission.disabled", "true"),
    ("media.autoplay.default", "0"),
    ("media.peerconnection.ice.loopback", "true"),
    ("media.peerconnection.ice.obfuscate_host_addresses", "false"),
    ("datareporting.policy.dataSubmissionEnabled", "false"),
    ("browser.shell.checkDefaultBrowser", "false"),
];

/// Keeps every peer connection for the test to look at.
const WITNESS: &str = "() => { const Own = RTCPeerConnection; window.bwPeers = []; window.RTCPeerConnection = class extends Own { \
    constructor(...all) { super(...all); window.bwPeers.push(this); } }; }";

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A running Firefox with one page.
#[derive(Debug)]
pub struct Firefox {
    socket: Mutex<(Socket, u64)>,
    page: String,
    program: Program,
    _folder: Folder,
}

impl Firefox {
    /// Starts it, and opens a page.
    ///
    /// # Errors
    ///
    /// Where it is not installed or does not start.
    pub async fn open(url: &str) -> Result<Self> {
        let folder = Folder::new()?;
        let preferences: String = (PREFERENCES.iter())
            .map(|(name, value)| format!("user_pref(\"{name}\", {value});\n"))
            .collect();
        std::fs::write(folder.path().join("user.js"), preferences)?;
        let port = ports::sip()?;
        let arguments = [
            "--headless".to_owned(),
            "--no-remote".to_owned(),
            "--profile".to_owned(),
            folder.path().display().to_string(),
            format!("--remote-debugging-port={port}"),
        ];
        let program = Program::start("firefox-esr", folder.path(), &arguments)?;
        let address = format!("ws://127.0.0.1:{port}/session");
        let socket = until("Firefox", PATIENT, async || {
            program.check()?;
            Ok(connect_async(&address).await.ok().map(|(socket, _)| socket))
        });
        let mut firefox = Self {
            socket: Mutex::new((socket.await?, 0)),
            page: String::new(),
            program,
            _folder: folder,
        };
        firefox
            .ask("session.new", json!({ "capabilities": {} }))
            .await?;
        let preload = json!({ "functionDeclaration": WITNESS });
        firefox.ask("script.addPreloadScript", preload).await?;
        let tree = firefox.ask("browsingContext.getTree", json!({})).await?;
        let page = tree["contexts"][0]["context"].as_str();
        firefox.page = page.context("a page")?.to_owned();
        let there = json!({ "context": firefox.page, "url": url, "wait": "complete" });
        firefox.ask("browsingContext.navigate", there).await?;
        Ok(firefox)
    }

    async fn ask(&self, method: &str, params: Value) -> Result<Value> {
        let mut both = self.socket.lock().await;
        let (socket, last) = &mut *both;
        *last += 1;
        let id = *last;
        let order = json!({ "id": id, "method": method, "params": params });
        socket.send(Message::text(order.to_string())).await?;
        let answer = async {
            while let Some(message) = socket.next().await {
                let Message::Text(text) = message? else {
                    continue;
                };
                let answer: Value = serde_json::from_str(&text)?;
                if answer["id"] == id {
                    ensure!(answer["type"] == "success", "{method}: {answer}");
                    return Ok(answer["result"].clone());
                }
            }
            bail!("Firefox is gone: {}", self.program.log())
        };
        tokio::time::timeout(Duration::from_secs(20), answer)
            .await
            .with_context(|| format!("no answer to {method}"))?
    }

    /// Runs an expression in the page, as if somebody had clicked. Gives its text.
    ///
    /// # Errors
    ///
    /// Where it throws.
    pub async fn run(&self, expression: &str) -> Result<String> {
        self.run_in(&self.page, expression).await
    }

    /// The same in the page's only frame.
    ///
    /// # Errors
    ///
    /// Where there is no frame yet, or it throws.
    pub async fn run_in_frame(&self, expression: &str) -> Result<String> {
        let tree = json!({ "root": self.page });
        let tree = self.ask("browsingContext.getTree", tree).await?;
        let frame = tree["contexts"][0]["children"][0]["context"].as_str();
        self.run_in(frame.context("there is no frame yet")?, expression)
            .await
    }

    async fn run_in(&self, context: &str, expression: &str) -> Result<String> {
        let order = json!({
            "expression": format!("(async () => String(await ({expression})))()"),
            "target": { "context": context },
            "awaitPromise": true,
            "userActivation": true,
        });
        let done = self.ask("script.evaluate", order).await?;
        ensure!(done["type"] == "success", "{expression}: {done}");
        Ok(done["result"]["value"]
            .as_str()
            .unwrap_or_default()
            .to_owned())
    }

    /// Presses a button in the frame by what it says, once it is there.
    ///
    /// # Errors
    ///
    /// Where there is none; with what the frame says instead.
    pub async fn press_in_frame(&self, name: &str) -> Result<()> {
        let press = format!(
            "(() => {{ const button = [...document.querySelectorAll('button')].find((one) => (one.ariaLabel ?? one.textContent).trim().startsWith({name:?}) && \
             one.checkVisibility() && !one.disabled); button?.click(); return button ? '' : document.body.innerText; }})()"
        );
        until(
            format!("button “{name}” in Firefox"),
            PATIENT,
            async || {
                let instead = self.run_in_frame(&press).await?;
                ensure!(instead.is_empty(), "the frame says: {instead}");
                Ok(Some(()))
            },
        )
        .await
    }

    /// Waits until the frame says this.
    ///
    /// # Errors
    ///
    /// Where it does not; with what it says instead.
    pub async fn reads_in_frame(&self, text: &str) -> Result<()> {
        until(format!("“{text}” in Firefox"), PATIENT, async || {
            let said = self.run_in_frame("document.body.innerText").await?;
            ensure!(said.contains(text), "the frame says: {said}");
            Ok(Some(()))
        })
        .await
    }

    /// Waits until sound is heard in the frame's call.
    ///
    /// # Errors
    ///
    /// Where only silence comes.
    pub async fn hears_in_frame(&self) -> Result<()> {
        let energy = "(async () => { let energy = 0; for (const peer of window.bwPeers) for (const part of (await peer.getStats()).values()) \
                      if (part.type === 'inbound-rtp' && part.kind === 'audio') energy += part.totalAudioEnergy ?? 0; return energy; })()";
        let mut before = None;
        until("sound in Firefox", PATIENT, async || {
            let now: f64 = self.run_in_frame(energy).await?.parse()?;
            let louder = before
                .replace(now)
                .is_some_and(|before| now > before + 1e-4);
            Ok(louder.then_some(()))
        })
        .await
    }
}
