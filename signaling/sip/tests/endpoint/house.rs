//! An endpoint, and phones made of a plain socket each. What the tests ask of them is not here.

use std::{
    fmt::Write as _,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use bellwire_sip::{
    api::Event,
    bans::Reason,
    digest::{Algorithm, Challenge},
    endpoint::{Endpoint, Start},
    settings::{Account, Binding, Directory, Login, Secret, Settings},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
    sync::mpsc,
    time::timeout,
};

pub(super) const USER: &str = "anna";
pub(super) const PASSWORD: &str = "correct horse";
pub(super) const SOON: Duration = Duration::from_secs(5);
/// How long nothing is waited for.
pub(super) const NEVER: Duration = Duration::from_millis(400);
pub(super) const BEGAN_MS: u64 = 1_790_000_000_000;

pub(super) struct House {
    pub(super) endpoint: Endpoint,
    pub(super) events: mpsc::UnboundedReceiver<Event>,
    pub(super) clock_ms: Arc<AtomicU64>,
}

pub(super) fn settings() -> Settings {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Settings {
        udp: Some(any),
        tcp: Some(any),
        ..Settings::default()
    }
}

pub(super) fn directory(password: &str) -> Directory {
    Directory {
        accounts: vec![Account {
            user: USER.to_owned(),
            password: Secret::new(password),
            name: "Anna".to_owned(),
        }],
        ..Directory::default()
    }
}

pub(super) fn start(settings: Settings, clock_ms: &Arc<AtomicU64>) -> Start {
    let clock_ms = clock_ms.clone();
    Start {
        settings,
        directory: directory(PASSWORD),
        bindings: vec![],
        key: [7; 32],
        clock: Arc::new(move || clock_ms.load(Ordering::Relaxed)),
    }
}

impl House {
    pub(super) async fn open(settings: Settings) -> Self {
        let clock_ms = Arc::new(AtomicU64::new(BEGAN_MS));
        let started = Endpoint::start(start(settings, &clock_ms)).await;
        let (endpoint, events) = started.unwrap();
        Self {
            endpoint,
            events,
            clock_ms,
        }
    }

    pub(super) async fn udp(&self) -> Phone {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let server = self.endpoint.addresses().udp.unwrap();
        socket.connect(server).await.unwrap();
        let own = socket.local_addr().unwrap();
        Phone::new(Line::Udp(socket), own, "UDP")
    }

    pub(super) async fn tcp(&self) -> Phone {
        let server = self.endpoint.addresses().tcp.unwrap();
        // It listens from its first turn on, which may come a little later.
        let connect = async {
            loop {
                match TcpStream::connect(server).await {
                    Ok(stream) => return stream,
                    Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            }
        };
        let stream = timeout(SOON, connect).await.unwrap();
        let own = stream.local_addr().unwrap();
        Phone::new(Line::Tcp(stream), own, "TCP")
    }

    pub(super) async fn event(&mut self) -> Event {
        timeout(SOON, self.events.recv()).await.unwrap().unwrap()
    }

    pub(super) async fn bindings(&mut self) -> Vec<Binding> {
        match self.event().await {
            Event::Bindings { user, bindings } if user == USER => bindings,
            other @ (Event::Bindings { .. }
            | Event::Trunk(_)
            | Event::Arrived(_)
            | Event::Banned(_)) => panic!("{other:?}"),
        }
    }

    pub(super) async fn banned(&mut self) -> Reason {
        match self.event().await {
            Event::Banned(ban) => ban.reason,
            other @ (Event::Bindings { .. } | Event::Trunk(_) | Event::Arrived(_)) => {
                panic!("{other:?}")
            }
        }
    }
}

pub(super) enum Line {
    Udp(UdpSocket),
    Tcp(TcpStream),
}

pub(super) struct Phone {
    line: Line,
    pub(super) own: SocketAddr,
    transport: &'static str,
    /// Of its registrations: they are one sequence.
    call_id: String,
    pub(super) cseq: u32,
    read: Vec<u8>,
}

/// A name that nobody had yet.
pub(super) fn fresh(prefix: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("{prefix}{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

impl Phone {
    pub(super) fn new(line: Line, own: SocketAddr, transport: &'static str) -> Self {
        Self {
            line,
            own,
            transport,
            call_id: fresh("call"),
            cseq: 0,
            read: vec![],
        }
    }

    /// A request of `user`; `more` are whole header lines.
    pub(super) fn request(&mut self, method: &str, uri: &str, user: &str, more: &str) -> String {
        self.cseq += 1;
        let Self {
            own,
            transport,
            call_id,
            cseq,
            ..
        } = self;
        let (branch, tag) = (fresh("z9hG4bK"), fresh("t"));
        let to = match method {
            "REGISTER" => format!("<sip:{user}@localhost>"),
            _ => "<sip:100@localhost>".to_owned(),
        };
        format!(
            "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/{transport} {own};branch={branch};rport\r\nMax-Forwards: 70\r\n\
             From: <sip:{user}@localhost>;tag={tag}\r\nTo: {to}\r\nCall-ID: {call_id}\r\nCSeq: {cseq} {method}\r\n\
             Contact: <sip:{user}@{own}>\r\n{more}Content-Length: 0\r\n\r\n"
        )
    }

    pub(super) async fn send(&mut self, text: &str) {
        match &mut self.line {
            Line::Udp(socket) => drop(socket.send(text.as_bytes()).await.unwrap()),
            Line::Tcp(stream) => stream.write_all(text.as_bytes()).await.unwrap(),
        }
    }

    /// The next answer, with its body cut off; nothing where none comes within `time`.
    pub(super) async fn answer_within(&mut self, time: Duration) -> Option<Answer> {
        timeout(time, async {
            loop {
                let mut part = vec![0; 8192];
                let length = match &mut self.line {
                    Line::Udp(socket) => {
                        self.read.clear();
                        // What comes back as closed was no answer.
                        socket.recv(&mut part).await.unwrap_or_default()
                    }
                    Line::Tcp(stream) => {
                        if let Some(end) = self.read.windows(4).position(|at| at == b"\r\n\r\n") {
                            let head: Vec<u8> = self.read.drain(..end + 4).collect();
                            return Answer(String::from_utf8(head).unwrap());
                        }
                        stream.read(&mut part).await.unwrap()
                    }
                };
                self.read.extend_from_slice(&part[..length]);
                if matches!(self.line, Line::Udp(_)) && length > 0 {
                    return Answer(String::from_utf8(self.read.clone()).unwrap());
                }
                if matches!(self.line, Line::Tcp(_)) && length == 0 {
                    std::future::pending::<()>().await;
                }
            }
        })
        .await
        .ok()
    }

    pub(super) async fn ask(&mut self, method: &str, uri: &str, user: &str, more: &str) -> Answer {
        let text = self.request(method, uri, user, more);
        self.send(&text).await;
        loop {
            let answer = self.answer_within(SOON).await.unwrap();
            if answer.status() >= 200 {
                return answer;
            }
        }
    }

    pub(super) async fn options(&mut self) -> Option<u16> {
        let text = self.request("OPTIONS", "sip:localhost", "x", "");
        self.send(&text).await;
        Some(self.answer_within(NEVER).await?.status())
    }

    /// Registers with the challenge of this algorithm.
    pub(super) async fn register(
        &mut self,
        user: &str,
        password: &str,
        algorithm: Algorithm,
        expires: u32,
    ) -> Answer {
        let expires = format!("Expires: {expires}\r\n");
        let asked = self.ask("REGISTER", "sip:localhost", user, &expires).await;
        assert_eq!(asked.status(), 401, "{}", asked.0);
        let challenges = asked.values("WWW-Authenticate");
        let known = challenges.iter().filter_map(|text| Challenge::parse(text));
        let challenge = known
            .into_iter()
            .find(|challenge| challenge.algorithm == algorithm)
            .unwrap();
        let login = login(&challenge, user, password, "REGISTER", "sip:localhost");
        let more = format!("{expires}Authorization: {login}\r\n");
        self.ask("REGISTER", "sip:localhost", user, &more).await
    }
}

pub(super) fn login(
    challenge: &Challenge,
    user: &str,
    password: &str,
    method: &str,
    uri: &str,
) -> String {
    let login = Login {
        user: user.to_owned(),
        auth_user: user.to_owned(),
        password: Secret::new(password),
        register: true,
    };
    challenge.answer(&login, method, uri, "0a4f113b", 1)
}

pub(super) struct Answer(pub(super) String);

impl Answer {
    pub(super) fn status(&self) -> u16 {
        self.0.split(' ').nth(1).unwrap().parse().unwrap()
    }

    pub(super) fn values(&self, name: &str) -> Vec<&str> {
        let headers = self.0.lines().filter_map(|line| line.split_once(':'));
        headers
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
            .collect()
    }

    /// What a guesser learns of it: everything but what is different in every answer.
    pub(super) fn told(&self) -> String {
        let mut told = String::new();
        for line in self.0.lines() {
            let name = line.split(':').next().unwrap();
            match name {
                "Via" | "From" | "To" | "Call-ID" | "CSeq" => told.push_str(name),
                _ => match line.split_once("nonce=\"") {
                    Some((before, after)) => {
                        let after = after.split_once('"').unwrap().1;
                        write!(told, "{before}nonce{after}").unwrap();
                    }
                    None => told.push_str(line),
                },
            }
            told.push('\n');
        }
        told
    }
}
