//! A network that can be cut: a TCP proxy in front of the server.

use std::sync::Arc;

use anyhow::Result;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
    sync::watch,
    task::JoinHandle,
};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Wire {
    Whole,
    Cut,
}

/// Passes TCP on to the server, until it is cut.
#[derive(Debug)]
pub struct Proxy {
    /// Where it listens.
    pub port: u16,
    wire: Arc<watch::Sender<(Wire, u32)>>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// A proxy on `port`, to the server on `to`.
    ///
    /// # Errors
    ///
    /// Where the port is taken.
    pub async fn open(port: u16, to: u16) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let wire = Arc::new(watch::Sender::new((Wire::Whole, 0)));
        let heard = Arc::clone(&wire);
        let task = tokio::spawn(async move {
            while let Ok((page, _)) = listener.accept().await {
                tokio::spawn(pass(page, to, heard.subscribe()));
            }
        });
        Ok(Self { port, wire, task })
    }

    /// From now on nothing gets through, in either direction, and nobody is told.
    pub fn cut(&self) {
        self.wire.send_modify(|(wire, _)| *wire = Wire::Cut);
    }

    /// New connections work again; those from before the cut break, as behind a router that
    /// forgot them.
    pub fn mend(&self) {
        self.wire.send_modify(|(wire, age)| {
            *wire = Wire::Whole;
            *age += 1;
        });
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass(page: TcpStream, to: u16, mut wire: watch::Receiver<(Wire, u32)>) {
    let age = wire.borrow().1;
    if wire
        .wait_for(|(wire, _)| *wire == Wire::Whole)
        .await
        .is_err()
    {
        return;
    }
    if wire.borrow().1 != age {
        return;
    }
    let Ok(server) = TcpStream::connect(("127.0.0.1", to)).await else {
        return;
    };
    let (from_page, to_page) = page.into_split();
    let (from_server, to_server) = server.into_split();
    let broken = wire.clone();
    tokio::select! {
        () = carry(from_page, to_server, wire.clone()) => {}
        () = carry(from_server, to_page, wire) => {}
        () = older(broken, age) => {}
    }
}

/// Ends when the wire was cut and mended since `age`.
async fn older(mut wire: watch::Receiver<(Wire, u32)>, age: u32) {
    _ = wire.wait_for(|(_, now)| *now != age).await;
}

async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut wire: watch::Receiver<(Wire, u32)>,
) {
    let mut bytes = vec![0; 16 * 1024];
    while let Ok(n @ 1..) = from.read(&mut bytes).await {
        if wire
            .wait_for(|(wire, _)| *wire == Wire::Whole)
            .await
            .is_err()
        {
            return;
        }
        if to.write_all(&bytes[..n]).await.is_err() {
            return;
        }
    }
}
