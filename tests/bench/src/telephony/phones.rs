//! Very many telephones on one UDP socket: they register, answer whatever calls at once, and call themselves.
//!
//! As a server under measurement sees it these are separate telephones: each has a user name and a contact of its
//! own, and only the address is the same.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use tokio::{
    net::UdpSocket,
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::JoinHandle,
    time::{sleep, timeout},
};

use super::{sip, streams};

/// How long a response may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A call that a telephone took.
#[derive(Clone, Debug)]
pub(crate) struct Taken {
    /// Where the far end wants the sound.
    pub(crate) remote: SocketAddr,
    /// Under which payload type.
    pub(crate) payload_type: u8,
}

/// A call that a telephone made.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    user: String,
    call: String,
    from: String,
    to: String,
    target: String,
    routes: Vec<String>,
    server: SocketAddr,
    /// Where the far end wants the sound.
    pub(crate) remote: SocketAddr,
}

/// Who calls whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dial<'a> {
    pub(crate) server: SocketAddr,
    /// The host part of addresses.
    pub(crate) domain: &'a str,
    pub(crate) user: &'a str,
    pub(crate) password: &'a str,
    pub(crate) number: &'a str,
    /// Where the caller wants the sound.
    pub(crate) media: SocketAddr,
}

/// The telephones.
pub(crate) struct Phones {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
    echo: JoinHandle<()>,
    /// Where they are reached.
    pub(crate) address: SocketAddr,
}

struct Shared {
    socket: UdpSocket,
    address: SocketAddr,
    /// Where those who are called want the sound.
    media: Mutex<SocketAddr>,
    /// They answer with Opus where it is offered.
    opus: AtomicBool,
    waiting: Mutex<HashMap<String, UnboundedSender<String>>>,
    taken: Mutex<Option<UnboundedSender<Taken>>>,
}

impl Phones {
    /// Opens the socket, and one that echoes sound.
    pub(crate) async fn open() -> Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        let echo = UdpSocket::bind("127.0.0.1:0").await?;
        let address = socket.local_addr()?;
        let shared = Arc::new(Shared {
            socket,
            address,
            media: Mutex::new(echo.local_addr()?),
            opus: AtomicBool::new(false),
            waiting: Mutex::default(),
            taken: Mutex::default(),
        });
        let own = shared.clone();
        Ok(Self {
            shared,
            task: tokio::spawn(async move { own.listen().await }),
            echo: tokio::spawn(streams::echo(echo)),
            address,
        })
    }

    /// Where those who are called want the sound from now on, and whether as Opus.
    pub(crate) fn hear_at(&self, media: SocketAddr, opus: bool) {
        *lock(&self.shared.media) = media;
        self.shared.opus.store(opus, Relaxed);
    }

    /// Where they want it now.
    pub(crate) fn media(&self) -> SocketAddr {
        *lock(&self.shared.media)
    }

    /// Tells of each call that is taken from now on.
    pub(crate) fn watch(&self) -> UnboundedReceiver<Taken> {
        let (tell, told) = mpsc::unbounded_channel();
        *lock(&self.shared.taken) = Some(tell);
        told
    }

    /// Registers one.
    pub(crate) async fn register(
        &self,
        server: SocketAddr,
        domain: &str,
        user: &str,
        password: &str,
    ) -> Result<()> {
        let (call, uri) = (sip::fresh(), format!("sip:{domain}"));
        let own = format!("sip:{user}@{domain}");
        let fixed = format!(
            "Max-Forwards: 70\r\nFrom: <{own}>;tag={}\r\nTo: <{own}>\r\nCall-ID: {call}\r\n\
             Contact: <{}>\r\nExpires: 3600\r\n",
            sip::fresh(),
            self.shared.contact(user),
        );
        let mut proof = String::new();
        for count in 1..=2 {
            let headers = format!("{fixed}CSeq: {count} REGISTER\r\n{proof}");
            let said = self
                .ask(server, &call, "REGISTER", &uri, &headers, "")
                .await?;
            match sip::status(&said) {
                Some(200) => return Ok(()),
                Some(401 | 407) => {
                    proof = sip::prove(&said, "REGISTER", &uri, user, password)?;
                }
                _ => bail!("{user} was not registered: {said}"),
            }
        }
        bail!("{user} was not believed")
    }

    /// Calls, and waits for the answer.
    pub(crate) async fn dial(&self, dial: Dial<'_>) -> Result<Placed> {
        let (call, target) = (sip::fresh(), format!("sip:{}@{}", dial.number, dial.domain));
        let own = format!("sip:{}@{}", dial.user, dial.domain);
        let from = format!("<{own}>;tag={}", sip::fresh());
        let sdp = sip::describe(dial.media, 0, "PCMU/8000");
        let fixed = format!(
            "Max-Forwards: 70\r\nFrom: {from}\r\nTo: <{target}>\r\nCall-ID: {call}\r\nContact: <{}>\r\n",
            self.shared.contact(dial.user),
        );
        let mut proof = String::new();
        for count in 1..=2 {
            let cseq = format!("CSeq: {count} INVITE\r\n");
            let headers = format!("{fixed}{cseq}{proof}");
            let said = self
                .ask(dial.server, &call, "INVITE", &target, &headers, &sdp)
                .await?;
            let status = sip::status(&said).context("no response")?;
            if status >= 300 {
                // The ACK of a refusal belongs to the transaction of the INVITE (RFC 3261, section 17.1.1.3).
                let via = sip::header(&said, "Via");
                let to = sip::header(&said, "To");
                let ack = format!(
                    "Via: {via}\r\nMax-Forwards: 70\r\nFrom: {from}\r\nTo: {to}\r\nCall-ID: {call}\r\nCSeq: {count} ACK\r\n"
                );
                let ack = sip::message(&format!("ACK {target} SIP/2.0"), &ack, "");
                self.shared
                    .socket
                    .send_to(ack.as_bytes(), dial.server)
                    .await?;
            }
            match status {
                200 => {
                    let (remote, _) =
                        sip::sound(sip::body(&said), "PCMU").context("no sound in an answer")?;
                    let mut routes: Vec<String> = sip::headers(&said, "Record-Route")
                        .map(str::to_owned)
                        .collect();
                    routes.reverse();
                    let placed = Placed {
                        user: dial.user.to_owned(),
                        call,
                        from,
                        to: sip::header(&said, "To").to_owned(),
                        target: sip::uri(sip::header(&said, "Contact")).to_owned(),
                        routes,
                        server: dial.server,
                        remote,
                    };
                    self.say(&placed, count, "ACK").await?;
                    return Ok(placed);
                }
                401 | 407 if proof.is_empty() => {
                    proof = sip::prove(&said, "INVITE", &target, dial.user, dial.password)?;
                }
                _ => bail!("{} was refused: {said}", dial.number),
            }
        }
        bail!("{} was not believed", dial.user)
    }

    /// Hangs up.
    pub(crate) async fn hang_up(&self, placed: &Placed) -> Result<()> {
        let headers = in_dialogue(placed, 9, "BYE", &self.shared.contact(&placed.user));
        let said = self
            .ask(
                placed.server,
                &placed.call,
                "BYE",
                &placed.target,
                &headers,
                "",
            )
            .await?;
        ensure!(
            sip::status(&said) == Some(200),
            "a BYE was not understood: {said}"
        );
        Ok(())
    }

    async fn say(&self, placed: &Placed, count: u32, method: &str) -> Result<()> {
        let headers = in_dialogue(placed, count, method, &self.shared.contact(&placed.user));
        let headers = format!("{}{headers}", self.shared.via());
        let text = sip::message(&format!("{method} {} SIP/2.0", placed.target), &headers, "");
        self.shared
            .socket
            .send_to(text.as_bytes(), placed.server)
            .await?;
        Ok(())
    }

    /// Sends a request and waits for its final response. Sends it again where nothing comes, as UDP wants it.
    async fn ask(
        &self,
        server: SocketAddr,
        call: &str,
        method: &str,
        uri: &str,
        headers: &str,
        body: &str,
    ) -> Result<String> {
        let (tell, mut told) = mpsc::unbounded_channel();
        lock(&self.shared.waiting).insert(call.to_owned(), tell);
        let headers = format!("{}{headers}", self.shared.via());
        let text = sip::message(&format!("{method} {uri} SIP/2.0"), &headers, body);
        let branch = sip::header(&text, "Via").to_owned();
        let asking = async {
            let mut heard = false;
            let mut rest = Duration::from_millis(500);
            self.shared.socket.send_to(text.as_bytes(), server).await?;
            loop {
                tokio::select! {
                    said = told.recv() => {
                        let said = said.context("nobody listens any more")?;
                        if sip::header(&said, "Via") != branch {
                            continue;
                        }
                        heard = true;
                        if sip::status(&said).is_some_and(|status| status >= 200) {
                            return anyhow::Ok(said);
                        }
                    }
                    () = sleep(rest), if !heard => {
                        self.shared.socket.send_to(text.as_bytes(), server).await?;
                        rest *= 2;
                    }
                }
            }
        };
        let said = timeout(PATIENCE, asking).await;
        lock(&self.shared.waiting).remove(call);
        said.with_context(|| format!("no response to {method} {uri}"))?
    }
}

impl Drop for Phones {
    fn drop(&mut self) {
        self.task.abort();
        self.echo.abort();
    }
}

impl Shared {
    async fn listen(&self) {
        let mut buffer = vec![0; 65_536];
        loop {
            let Ok((length, from)) = self.socket.recv_from(&mut buffer).await else {
                continue;
            };
            let text = String::from_utf8_lossy(&buffer[..length]);
            match sip::status(&text) {
                Some(_) => {
                    let waiting = lock(&self.waiting);
                    if let Some(tell) = waiting.get(sip::header(&text, "Call-ID")) {
                        _ = tell.send(text.into_owned());
                    }
                }
                None => self.serve(&text, from).await,
            }
        }
    }

    /// Rings and answers at once; agrees to everything else.
    async fn serve(&self, request: &str, from: SocketAddr) {
        match sip::method(request) {
            "INVITE" => {
                let user = user_of(request).to_owned();
                let contact = self.contact(&user);
                if !sip::header(request, "To").contains(";tag=") {
                    self.reply(sip::answer(request, "180 Ringing", &contact, ""), from)
                        .await;
                }
                let media = *lock(&self.media);
                let offer = sip::body(request);
                let codec = match self.opus.load(Relaxed) && offer.contains("opus/48000") {
                    true => "opus/48000/2",
                    false => "PCMU/8000",
                };
                let Some((remote, payload_type)) = sip::sound(offer, codec) else {
                    return;
                };
                let sdp = sip::describe(media, payload_type, codec);
                self.reply(sip::answer(request, "200 OK", &contact, &sdp), from)
                    .await;
                if let Some(tell) = &*lock(&self.taken) {
                    _ = tell.send(Taken {
                        remote,
                        payload_type,
                    });
                }
            }
            "ACK" | "" => {}
            _ => {
                self.reply(sip::answer(request, "200 OK", "", ""), from)
                    .await
            }
        }
    }

    async fn reply(&self, text: String, to: SocketAddr) {
        // A lost answer is asked for again.
        _ = self.socket.send_to(text.as_bytes(), to).await;
    }

    fn contact(&self, user: &str) -> String {
        format!("sip:{user}@{}", self.address)
    }

    fn via(&self) -> String {
        format!(
            "Via: SIP/2.0/UDP {};branch=z9hG4bK{}\r\n",
            self.address,
            sip::fresh()
        )
    }
}

fn in_dialogue(placed: &Placed, count: u32, method: &str, contact: &str) -> String {
    let routes: String = (placed.routes.iter())
        .map(|route| format!("Route: {route}\r\n"))
        .collect();
    format!(
        "Max-Forwards: 70\r\n{routes}From: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {count} {method}\r\nContact: <{contact}>\r\n",
        placed.from, placed.to, placed.call
    )
}

fn user_of(request: &str) -> &str {
    let uri = request.split(' ').nth(1).unwrap_or_default();
    uri.split([':', '@']).nth(1).unwrap_or_default()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
