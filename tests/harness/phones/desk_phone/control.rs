//! baresip's control port: JSON in netstrings, commands one way, answers and events the other.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
    task::JoinHandle,
    time::timeout,
};

use crate::wait::SOON;

/// Something happened at the phone.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Event {
    /// `REGISTER_OK`, `CALL_INCOMING`, `CALL_ESTABLISHED`, `CALL_CLOSED` and so on.
    #[serde(rename = "type")]
    pub kind: String,
    /// The address of the account that it happened to.
    #[serde(rename = "accountaor")]
    pub account: String,
    /// The far end's address.
    #[serde(rename = "peeruri")]
    pub peer: String,
    /// The call's id: its `Call-ID`.
    pub id: String,
    /// More, as the kind has it: a reason, a digit.
    pub param: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Answer {
    ok: bool,
    data: String,
}

/// A connection to the control port.
#[derive(Debug)]
pub(super) struct Control {
    writer: tokio::sync::Mutex<(OwnedWriteHalf, mpsc::Receiver<Answer>)>,
    heard: Arc<Mutex<Heard>>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Heard {
    events: Vec<Event>,
    seen: usize,
}

impl Control {
    pub(super) async fn connect(address: SocketAddr) -> Result<Self> {
        let (reader, writer) = TcpStream::connect(address).await?.into_split();
        let (answer, answers) = mpsc::channel(16);
        let heard = Arc::<Mutex<Heard>>::default();
        let task = tokio::spawn(read(reader, answer, Arc::clone(&heard)));
        Ok(Self {
            writer: tokio::sync::Mutex::new((writer, answers)),
            heard,
            task,
        })
    }

    /// Gives commands in a row, with no other between them, and what the last one answered.
    pub(super) async fn ask(&self, commands: &[(&str, &str)]) -> Result<String> {
        let mut both = self.writer.lock().await;
        let (writer, answers) = &mut *both;
        let mut said = String::new();
        for (command, parameters) in commands {
            let text = json!({ "command": command, "params": parameters, "token": "" }).to_string();
            let text = format!("{}:{text},", text.len());
            writer.write_all(text.as_bytes()).await?;
            let answer = timeout(SOON, answers.recv()).await;
            let answer = answer.with_context(|| format!("no answer to {command}"))?;
            let Answer { ok, data } = answer.context("the desk phone is gone")?;
            ensure!(ok, "the desk phone refuses {command} {parameters}: {data}");
            said = data;
        }
        Ok(said)
    }

    /// Whether an account has a call that was answered.
    pub(super) fn talks(&self, account: &str) -> bool {
        let heard = lock(&self.heard);
        let own = heard.events.iter().filter(|event| event.account == account);
        let mut open: Vec<&str> = vec![];
        for event in own {
            match event.kind.as_str() {
                "CALL_ESTABLISHED" => open.push(&event.id),
                "CALL_CLOSED" => open.retain(|id| *id != event.id),
                _ => {}
            }
        }
        !open.is_empty()
    }

    /// Every event so far.
    pub(super) fn events(&self) -> Vec<Event> {
        lock(&self.heard).events.clone()
    }

    /// The next event that fits.
    pub(super) fn next(&self, fits: impl Fn(&Event) -> bool) -> Option<Event> {
        let mut heard = lock(&self.heard);
        let Heard { events, seen } = &mut *heard;
        let found = events.iter().skip(*seen).position(fits)?;
        *seen += found + 1;
        events.get(*seen - 1).cloned()
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(heard: &Mutex<Heard>) -> MutexGuard<'_, Heard> {
    heard
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

async fn read(mut reader: OwnedReadHalf, answers: mpsc::Sender<Answer>, heard: Arc<Mutex<Heard>>) {
    let (mut stream, mut buffer) = (vec![], vec![0; 4096]);
    while let Ok(length @ 1..) = reader.read(&mut buffer).await {
        stream.extend(&buffer[..length]);
        while let Some(text) = first(&mut stream) {
            let Ok(value) = serde_json::from_slice::<serde_json::Value>(&text) else {
                continue;
            };
            if value.get("response").is_some() {
                let answer = serde_json::from_value(value).unwrap_or_default();
                if answers.send(answer).await.is_err() {
                    return;
                }
            } else if let Ok(event) = serde_json::from_value(value) {
                lock(&heard).events.push(event);
            }
        }
    }
}

/// Takes a netstring off the front.
fn first(stream: &mut Vec<u8>) -> Option<Vec<u8>> {
    let colon = stream.iter().position(|byte| *byte == b':')?;
    let length: usize = std::str::from_utf8(&stream[..colon]).ok()?.parse().ok()?;
    let end = colon + 1 + length;
    let text = stream.get(colon + 1..end)?.to_vec();
    stream.get(end)?;
    stream.drain(..=end);
    Some(text)
}
