//! A registrar on a UDP port, which does what a test says and keeps what it heard.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use rsipstack::sip::Request;
use tokio::{
    net::UdpSocket,
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    task::JoinHandle,
};

use crate::{
    digest::{Attempt, Verdict, Verifier},
    settings::Secret,
    shared::lock,
};

/// What it does with a REGISTER.
#[derive(Clone, Debug)]
pub(super) struct Script {
    /// Asks for this password with digest; none asks for nothing.
    pub(super) password: Option<Secret>,
    /// Grants so long.
    pub(super) grants_s: u32,
    /// The shortest that it takes.
    pub(super) min_s: u32,
    /// Hears nothing.
    pub(super) deaf: bool,
    /// Says once that a nonce is too old.
    pub(super) stale_once: bool,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            password: Some(Secret::new("swordfish")),
            grants_s: 600,
            min_s: 0,
            deaf: false,
            stale_once: false,
        }
    }
}

pub(super) struct Registrar {
    pub(super) address: SocketAddr,
    pub(super) script: Arc<Mutex<Script>>,
    heard: UnboundedReceiver<Request>,
    task: JoinHandle<()>,
}

impl Drop for Registrar {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Registrar {
    pub(super) async fn start(script: Script) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let script = Arc::new(Mutex::new(script));
        let (tell, heard) = unbounded_channel();
        let does = Arc::clone(&script);
        let task = tokio::spawn(async move {
            let mut verifier = Verifier::new("example.net", [7; 32]);
            let mut datagram = vec![0; 65_536];
            loop {
                let (length, from) = socket.recv_from(&mut datagram).await.unwrap();
                let text = std::str::from_utf8(&datagram[..length]).unwrap();
                let request = Request::try_from(text).unwrap();
                let answer = answer(&mut lock(&does), &mut verifier, &request, from);
                tell.send(request).unwrap();
                if let Some(answer) = answer {
                    socket.send_to(answer.as_bytes(), from).await.unwrap();
                }
            }
        });
        Self {
            address,
            script,
            heard,
            task,
        }
    }

    /// The next request that it hears with this method.
    pub(super) async fn hears(&mut self, method: &str) -> Request {
        let next = async {
            loop {
                let request = self.heard.recv().await.unwrap();
                if request.method.to_string() == method {
                    return request;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(10), next)
            .await
            .unwrap()
    }

    /// Forgets what it heard so far.
    pub(super) fn forget(&mut self) {
        while self.heard.try_recv().is_ok() {}
    }
}

pub(super) fn header(request: &Request, wanted: &str) -> Option<String> {
    let found = request
        .headers
        .iter()
        .find(|header| header.name() == wanted);
    found.map(|header| header.value().to_owned())
}

fn answer(
    script: &mut Script,
    verifier: &mut Verifier,
    request: &Request,
    from: SocketAddr,
) -> Option<String> {
    if script.deaf {
        return None;
    }
    if request.method.to_string() == "OPTIONS" {
        return Some(response(request, "200 OK", ""));
    }
    let asked: u32 = header(request, "Expires")?.parse().ok()?;
    if asked > 0 && asked < script.min_s {
        let more = format!("Min-Expires: {}\r\n", script.min_s);
        return Some(response(request, "423 Interval Too Brief", &more));
    }
    let uri = request.uri.to_string();
    let challenge = |verifier: &mut Verifier, stale| {
        let values = verifier.challenges("34910000001", from.ip(), stale, 0);
        let more: String = values
            .iter()
            .map(|value| format!("WWW-Authenticate: {value}\r\n"))
            .collect();
        Some(response(request, "401 Unauthorized", &more))
    };
    if let Some(password) = script.password.clone() {
        let given = header(request, "Authorization");
        let given: Vec<&str> = given.as_deref().into_iter().collect();
        let attempt = Attempt {
            method: "REGISTER",
            uri: &uri,
            credentials: &given,
            source: from.ip(),
        };
        if !given.is_empty() && std::mem::take(&mut script.stale_once) {
            return challenge(verifier, true);
        }
        match verifier.verify(&attempt, 0, |_| Some(&password)) {
            Verdict::Passed { .. } => {}
            Verdict::Challenge | Verdict::Refused { .. } => return challenge(verifier, false),
            other @ (Verdict::Stale | Verdict::Malformed(_)) => panic!("{other:?}"),
        }
    }
    let contact = header(request, "Contact")?;
    let granted = asked.min(script.grants_s);
    let more = format!("Contact: {contact};expires={granted}\r\n");
    Some(response(request, "200 OK", &more))
}

fn response(request: &Request, status: &str, more: &str) -> String {
    let mut text = format!("SIP/2.0 {status}\r\n");
    for name in ["Via", "From", "Call-ID", "CSeq"] {
        text.push_str(&format!("{name}: {}\r\n", header(request, name).unwrap()));
    }
    let to = header(request, "To").unwrap();
    text.push_str(&format!("To: {to};tag=there\r\n"));
    text + more + "Content-Length: 0\r\n\r\n"
}
