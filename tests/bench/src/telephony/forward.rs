//! The least that carrying sound can cost: packets from one socket out of another, with nothing looked at.

use std::{io::ErrorKind, net::SocketAddr, process::Stdio, time::Duration};

use anyhow::{Context, Result, ensure};
use mio::{Events, Interest, Poll, Token, net::UdpSocket};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use super::{streams::Ends, usage::Servers};

/// The forwarder as a process of its own.
pub(crate) struct Forwarder {
    child: Child,
    pub(crate) calls: Vec<Ends>,
}

impl Forwarder {
    /// Starts it for so many calls.
    pub(crate) async fn start(calls: usize) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["forward", &calls.to_string()])
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let out = child.stdout.take().context("no output")?;
        let line = BufReader::new(out).lines().next_line().await?;
        let line = line.context("the forwarder ended")?;
        let ports = (line.split(' '))
            .map(|port| Ok(SocketAddr::from(([127, 0, 0, 1], port.parse()?))))
            .collect::<Result<Vec<_>>>()?;
        let calls: Vec<Ends> = (ports.chunks_exact(2))
            .map(|pair| (pair[0], pair[1]))
            .collect();
        Ok(Self { child, calls })
    }

    pub(crate) fn servers(&self) -> Result<Servers> {
        Ok(Servers(vec![
            self.child.id().context("the forwarder ended")?,
        ]))
    }
}

/// Forwards until the process is ended; prints the ports, two for each call.
#[expect(clippy::print_stdout, reason = "the parent reads the ports from it")]
pub(crate) fn serve(calls: usize) -> Result<()> {
    let mut poll = Poll::new()?;
    let mut sockets = vec![];
    let mut ports = vec![];
    for nth in 0..calls * 2 {
        let mut socket = UdpSocket::bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        poll.registry()
            .register(&mut socket, Token(nth), Interest::READABLE)?;
        ports.push(socket.local_addr()?.port().to_string());
        sockets.push((socket, None::<SocketAddr>));
    }
    ensure!(!sockets.is_empty(), "nothing to forward");
    println!("{}", ports.join(" "));
    let mut events = Events::with_capacity(1_024);
    let mut buffer = [0; 2_000];
    loop {
        poll.poll(&mut events, Some(Duration::from_secs(60)))?;
        for event in &events {
            let Token(nth) = event.token();
            loop {
                let (socket, peer) = &mut sockets[nth];
                match socket.recv_from(&mut buffer) {
                    Ok((length, from)) => {
                        *peer = Some(from);
                        let (out, Some(to)) = &sockets[nth ^ 1] else {
                            continue;
                        };
                        // A packet that finds no room is lost, as everywhere.
                        _ = out.send_to(&buffer[..length], *to);
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }
}
