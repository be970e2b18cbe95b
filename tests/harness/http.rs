//! As much HTTP as tests ask for: one request a connection.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Answer {
    /// The first header of this name (in lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        (self.headers.iter())
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    ///
    /// # Errors
    ///
    /// Where it is none.
    pub fn json(&self) -> Result<serde_json::Value> {
        serde_json::from_str(&self.body).with_context(|| format!("no JSON: {}", self.body))
    }
}

/// Sends one request to a port on this machine.
///
/// # Errors
///
/// Where nobody answers, or not in HTTP.
pub async fn ask(
    port: u16,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<Answer> {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).await?;
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    socket
        .write_all(format!("{head}\r\n{body}").as_bytes())
        .await?;
    let mut bytes = vec![];
    socket.read_to_end(&mut bytes).await?;
    read(&bytes)
}

/// `GET` without any headers.
///
/// # Errors
///
/// As [`ask`].
pub async fn get(port: u16, path: &str) -> Result<Answer> {
    ask(port, "GET", path, &[], "").await
}

/// A stream of server-sent events (HTML, section 9.2).
#[derive(Debug)]
pub struct Events {
    socket: TcpStream,
    /// The answer without its body.
    pub head: Answer,
    raw: Vec<u8>,
}

impl Events {
    /// Begins to listen, as a page of this origin would.
    ///
    /// # Errors
    ///
    /// Where the server does not answer.
    pub async fn open(port: u16, path: &str, origin: &str) -> Result<Self> {
        let mut socket = TcpStream::connect(("127.0.0.1", port)).await?;
        let head = format!(
            "GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\norigin: {origin}\r\naccept: text/event-stream\r\n\r\n"
        );
        socket.write_all(head.as_bytes()).await?;
        let mut raw = vec![];
        let end = loop {
            let found = raw.windows(4).position(|bytes: &[u8]| bytes == b"\r\n\r\n");
            match found {
                Some(at) => break at + 4,
                None => ensure!(socket.read_buf(&mut raw).await? > 0, "no answer"),
            }
        };
        let rest = raw.split_off(end);
        Ok(Self {
            socket,
            head: read(&raw)?,
            raw: rest,
        })
    }

    /// The data of the next event, as JSON.
    ///
    /// # Errors
    ///
    /// Where none comes in time, or it is no JSON.
    pub async fn next(&mut self, within: Duration) -> Result<serde_json::Value> {
        let next = async {
            loop {
                if let Some(data) = self.take() {
                    return serde_json::from_str(&data).with_context(|| format!("no JSON: {data}"));
                }
                let read = self.socket.read_buf(&mut self.raw).await?;
                ensure!(read > 0, "the stream ended");
            }
        };
        timeout(within, next)
            .await
            .with_context(|| format!("no event within {within:?}"))?
    }

    /// The first event that is whole. Chunks end in events here: their frames hold no `data:`.
    fn take(&mut self) -> Option<String> {
        let text = String::from_utf8_lossy(&self.raw).into_owned();
        let end = text.find("\n\n")? + 2;
        self.raw.drain(..end);
        let data = text[..end]
            .lines()
            .find_map(|line| line.strip_prefix("data:"));
        match data {
            Some(data) => Some(data.trim().to_owned()),
            None => self.take(),
        }
    }
}

fn read(bytes: &[u8]) -> Result<Answer> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text
        .split_once("\r\n\r\n")
        .context("no end of the headers")?;
    let mut lines = head.lines();
    let status = (lines.next().and_then(|line| line.split(' ').nth(1)))
        .and_then(|code| code.parse().ok())
        .context("no status")?;
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let chunked = headers
        .iter()
        .any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let body = if chunked {
        joined(body)
    } else {
        body.to_owned()
    };
    Ok(Answer {
        status,
        headers,
        body,
    })
}

/// A chunked body's text (RFC 9112 §7.1).
fn joined(mut rest: &str) -> String {
    let mut body = String::new();
    while let Some((size, after)) = rest.split_once("\r\n") {
        let Ok(size) = usize::from_str_radix(size.trim(), 16) else {
            break;
        };
        let Some(chunk) = after.get(..size).filter(|chunk| !chunk.is_empty()) else {
            break;
        };
        body.push_str(chunk);
        rest = after.get(size + 2..).unwrap_or_default();
    }
    body
}
