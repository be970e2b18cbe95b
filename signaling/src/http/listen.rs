//! Takes connections in: so many in all, so many from one address, and none that only dawdles.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    pin::{Pin, pin},
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::Router;
use hyper::{
    Request,
    body::Incoming,
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};
use tokio_util::task::TaskTracker;

use super::client::{Peer, is_among};
use crate::app::App;

/// The largest header of a request.
const HEADER_BYTES: usize = 16 * 1024;

/// How long to wait where the system has no more files for connections.
const NO_FILES: Duration = Duration::from_millis(100);

/// How long requests under way may take to end when the server stops.
const LAST_REQUESTS: Duration = Duration::from_secs(3);

/// Serves until the server stops, then lets requests under way end.
pub(crate) async fn serve(app: Arc<App>, listener: TcpListener, router: Router) {
    let doors = Arc::new(Doors::default());
    let requests = TaskTracker::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(app.config.limits.header_timeout_s))
        .max_buf_size(HEADER_BYTES);
    loop {
        let accepted = tokio::select! {
            () = app.stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken in");
                tokio::time::sleep(NO_FILES).await;
                continue;
            }
        };
        let Some(entry) = doors.enter(&app, peer) else {
            tracing::debug!(%peer, "turned a connection away: too many are open");
            continue;
        };
        // Signals are small and wait for nobody.
        let _ = stream.set_nodelay(true);
        let io = TokioIo::new(Guarded {
            stream,
            _entry: entry,
        });
        let service = TowerToHyperService::new(router.clone());
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            service.call(request)
        });
        let served = http.serve_connection(io, service).with_upgrades();
        let stop = app.stop.clone();
        requests.spawn(async move {
            let mut served = pin!(served);
            let ended = tokio::select! {
                ended = served.as_mut() => ended,
                () = stop.cancelled() => {
                    served.as_mut().graceful_shutdown();
                    served.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    drop(listener);
    requests.close();
    let _ = tokio::time::timeout(LAST_REQUESTS, requests.wait()).await;
}

/// How many connections are open, in all and from each address.
#[derive(Debug, Default)]
struct Doors(Mutex<Open>);

#[derive(Debug, Default)]
struct Open {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

impl Doors {
    /// Counts a connection in; `None` where there are too many. A trusted proxy speaks for many.
    fn enter(self: &Arc<Self>, app: &App, peer: SocketAddr) -> Option<Entry> {
        let address = peer.ip().to_canonical();
        let limits = &app.config.limits;
        let counted = !is_among(address, &app.config.trusted_proxies);
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let here = open.by_address.get(&address).copied().unwrap_or(0);
        if open.all >= limits.connections || (counted && here >= limits.connections_per_address) {
            return None;
        }
        open.all += 1;
        open.by_address.insert(address, here + 1);
        Some(Entry {
            doors: self.clone(),
            address,
        })
    }
}

/// One open connection; counted out when dropped.
#[derive(Debug)]
struct Entry {
    doors: Arc<Doors>,
    address: IpAddr,
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut open = self.doors.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.all -= 1;
        if let Some(here) = open.by_address.get_mut(&self.address) {
            *here -= 1;
            if *here == 0 {
                open.by_address.remove(&self.address);
            }
        }
    }
}

/// A stream that is counted for as long as it is open, as a WebSocket too.
struct Guarded {
    stream: TcpStream,
    _entry: Entry,
}

impl AsyncRead for Guarded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
