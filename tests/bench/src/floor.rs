//! The least the work can cost: a bare axum WebSocket relay with the same shape.
//!
//! Each socket has one task and one bounded channel; what one of a pair says goes into the
//! other's channel. Nothing is parsed, checked or counted.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Router,
    extract::{
        Path, State,
        ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade},
    },
    response::Response,
    routing::any,
};
use tokio::sync::{Mutex, mpsc};

type Pairs = Arc<Mutex<HashMap<String, mpsc::Sender<Utf8Bytes>>>>;

/// Serves until the process is ended; prints the port it listens on.
#[expect(clippy::print_stdout, reason = "the parent reads the port from it")]
pub(crate) async fn serve() -> anyhow::Result<()> {
    let pairs = Pairs::default();
    let app = Router::new()
        .route("/{pair}/{side}", any(upgrade))
        .with_state(pairs);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?.port());
    axum::serve(listener, app).await?;
    Ok(())
}

async fn upgrade(
    upgrade: WebSocketUpgrade,
    Path((pair, side)): Path<(String, String)>,
    State(pairs): State<Pairs>,
) -> Response {
    upgrade
        .read_buffer_size(1024)
        .write_buffer_size(0)
        .max_message_size(64 * 1024)
        .on_upgrade(move |socket| relay(socket, pair, side, pairs))
}

async fn relay(mut socket: WebSocket, pair: String, side: String, pairs: Pairs) {
    let (say, mut told) = mpsc::channel(64);
    let other = if side == "a" { "b" } else { "a" };
    pairs.lock().await.insert(format!("{pair}/{side}"), say);
    let mut peer = None;
    loop {
        tokio::select! {
            heard = socket.recv() => {
                let Some(Ok(Message::Text(text))) = heard else { return };
                if peer.is_none() {
                    peer = pairs.lock().await.get(&format!("{pair}/{other}")).cloned();
                }
                if let Some(peer) = &peer && peer.send(text).await.is_err() {
                    return;
                }
            }
            text = told.recv() => {
                let Some(text) = text else { return };
                if socket.send(Message::Text(text)).await.is_err() {
                    return;
                }
            }
        }
    }
}
