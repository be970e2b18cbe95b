//! How a telephone reaches its server: UDP, TCP (RFC 3261, section 18) or a WebSocket (RFC 7118).

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, Result};
use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
    sync::mpsc,
    task::JoinHandle,
};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{self, client::IntoClientRequest, http::HeaderValue},
};

use crate::phones::ports;

/// What carries a telephone's messages.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Transport {
    /// A datagram for each message.
    #[default]
    Udp,
    /// One stream to the server, in both directions.
    Tcp,
    /// One WebSocket to the server, in both directions.
    Ws,
}

impl Transport {
    /// The name in `Via`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Ws => "WS",
        }
    }

    /// Whether it delivers by itself what was sent once.
    #[must_use]
    pub fn is_reliable(self) -> bool {
        match self {
            Self::Udp => false,
            Self::Tcp | Self::Ws => true,
        }
    }
}

/// A message that came, and from where.
pub(super) type Letter = (Vec<u8>, SocketAddr);

/// The open wire. What is sent to a full one is lost, as on any network.
#[derive(Debug)]
pub(super) struct Wire {
    pub(super) local: SocketAddr,
    out: mpsc::Sender<Letter>,
    tasks: Vec<JoinHandle<()>>,
}

impl Wire {
    pub(super) async fn open(
        transport: Transport,
        server: SocketAddr,
    ) -> Result<(Self, mpsc::Receiver<Letter>)> {
        let (out, outgoing) = mpsc::channel(1024);
        let (deliver, incoming) = mpsc::channel(1024);
        let (local, tasks) = match transport {
            Transport::Udp => udp(outgoing, deliver).await?,
            Transport::Tcp => tcp(server, outgoing, deliver).await?,
            Transport::Ws => ws(server, outgoing, deliver).await?,
        };
        let wire = Self { local, out, tasks };
        Ok((wire, incoming))
    }

    pub(super) fn send(&self, bytes: Vec<u8>, to: SocketAddr) {
        _ = self.out.try_send((bytes, to));
    }

    /// Cuts it: nothing goes out or comes in any more.
    pub(super) fn cut(&self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.cut();
    }
}

type Opened = (SocketAddr, Vec<JoinHandle<()>>);

async fn udp(
    mut outgoing: mpsc::Receiver<Letter>,
    deliver: mpsc::Sender<Letter>,
) -> Result<Opened> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, ports::sip()?)).await?;
    let socket = std::sync::Arc::new(socket);
    let local = socket.local_addr()?;
    let reader = std::sync::Arc::clone(&socket);
    let write = async move {
        while let Some((bytes, to)) = outgoing.recv().await {
            _ = socket.send_to(&bytes, to).await;
        }
    };
    let read = async move {
        let mut buffer = vec![0; 65_536];
        loop {
            // An error is the answer of a port that is closed: the sender's timer tells.
            let Ok((length, from)) = reader.recv_from(&mut buffer).await else {
                continue;
            };
            if deliver
                .send((buffer[..length].to_vec(), from))
                .await
                .is_err()
            {
                return;
            }
        }
    };
    Ok((local, vec![tokio::spawn(write), tokio::spawn(read)]))
}

async fn tcp(
    server: SocketAddr,
    mut outgoing: mpsc::Receiver<Letter>,
    deliver: mpsc::Sender<Letter>,
) -> Result<Opened> {
    let stream = TcpStream::connect(server)
        .await
        .context("connecting by TCP")?;
    stream.set_nodelay(true)?;
    let local = stream.local_addr()?;
    let (mut reader, mut writer) = stream.into_split();
    let write = async move {
        while let Some((bytes, _)) = outgoing.recv().await {
            if writer.write_all(&bytes).await.is_err() {
                return;
            }
        }
    };
    let read = async move {
        let (mut stream, mut buffer) = (vec![], vec![0; 16_384]);
        while let Ok(length @ 1..) = reader.read(&mut buffer).await {
            stream.extend(&buffer[..length]);
            while let Some(message) = first_message(&mut stream) {
                if deliver.send((message, server)).await.is_err() {
                    return;
                }
            }
        }
    };
    Ok((local, vec![tokio::spawn(write), tokio::spawn(read)]))
}

/// Takes a whole message off the front of a stream (RFC 3261, section 18.3).
fn first_message(stream: &mut Vec<u8>) -> Option<Vec<u8>> {
    // Empty lines between messages keep a connection alive (RFC 5626, section 3.5.1).
    let start = stream
        .iter()
        .take_while(|byte| b"\r\n".contains(byte))
        .count();
    stream.drain(..start);
    let head = stream.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&stream[..head]).to_lowercase();
    let length = text.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        ["content-length", "l"]
            .contains(&name.trim())
            .then_some(value)
    });
    let length: usize = length
        .and_then(|value| value.trim().parse().ok())
        .unwrap_or(0);
    (stream.len() >= head + length).then(|| stream.drain(..head + length).collect())
}

async fn ws(
    server: SocketAddr,
    mut outgoing: mpsc::Receiver<Letter>,
    deliver: mpsc::Sender<Letter>,
) -> Result<Opened> {
    let mut request = format!("ws://{server}/").into_client_request()?;
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", HeaderValue::from_static("sip"));
    let (socket, _) = connect_async(request)
        .await
        .context("opening a WebSocket for SIP")?;
    let (mut writer, mut reader) = socket.split();
    let write = async move {
        while let Some((bytes, _)) = outgoing.recv().await {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if writer.send(tungstenite::Message::text(text)).await.is_err() {
                return;
            }
        }
    };
    let read = async move {
        while let Some(Ok(message)) = reader.next().await {
            let is_message = message.is_text() || message.is_binary();
            let bytes = message.into_data().to_vec();
            if is_message && deliver.send((bytes, server)).await.is_err() {
                return;
            }
        }
    };
    // A browser does not know its own address, and writes a name that leads nowhere.
    let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
    Ok((local, vec![tokio::spawn(write), tokio::spawn(read)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_cut_at_the_lengths_it_tells() {
        let mut stream =
            b"\r\n\r\nA sip:b SIP/2.0\r\nContent-Length: 2\r\n\r\nhiB sip:c SIP/2.0\r\n".to_vec();

        let first = first_message(&mut stream).unwrap();

        assert!(first.ends_with(b"\r\n\r\nhi"));
        assert_eq!(first_message(&mut stream), None);
        stream.extend(b"l: 0\r\n\r\n");
        assert!(first_message(&mut stream).is_some());
        assert!(stream.is_empty());
    }
}
