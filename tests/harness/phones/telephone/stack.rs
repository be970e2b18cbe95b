//! Transactions (RFC 3261, section 17) as a telephone needs them, and whom each message is for.

use std::{
    collections::HashMap,
    fmt,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, Weak},
    time::Duration,
};

use anyhow::{Context, Result};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};

use super::{
    Settings, digest,
    message::{Line, Message, judge},
    taking,
    talk::Talk,
    unique,
    wire::Wire,
};

/// T1 of RFC 3261: a guess at the time to the server and back.
const T1: Duration = Duration::from_millis(500);

/// The longest pause between two repetitions.
const T2: Duration = Duration::from_secs(4);

/// How long nobody may answer. Shorter than the RFC's 32 seconds: tests have no such patience.
const PATIENCE: Duration = Duration::from_secs(12);

/// A transaction's name: the branch and the method.
type Name = (String, String);

/// What a telephone knows of its messages.
pub(super) struct Stack {
    pub(super) settings: Settings,
    pub(super) ring: mpsc::Sender<Arc<Talk>>,
    wire: Wire,
    tables: Mutex<Tables>,
}

#[derive(Default)]
struct Tables {
    pending: HashMap<Name, Pending>,
    acknowledged: HashMap<String, (Message, SocketAddr)>,
    answered: HashMap<Name, (Message, SocketAddr)>,
    calls: HashMap<String, Arc<Talk>>,
    trace: Vec<String>,
    complaints: Vec<String>,
}

struct Pending {
    answers: mpsc::Sender<Message>,
    heard: bool,
}

impl Stack {
    pub(super) fn new(wire: Wire, settings: Settings, ring: mpsc::Sender<Arc<Talk>>) -> Self {
        Self {
            settings,
            ring,
            wire,
            tables: Mutex::default(),
        }
    }

    pub(super) fn local(&self) -> SocketAddr {
        self.wire.local
    }

    pub(super) fn own_address(&self) -> String {
        let Settings {
            user, domain, name, ..
        } = &self.settings;
        match name {
            Some(name) => format!("\"{name}\" <sip:{user}@{domain}>"),
            None => format!("<sip:{user}@{domain}>"),
        }
    }

    pub(super) fn contact(&self) -> String {
        let transport = self.settings.transport.name().to_lowercase();
        format!(
            "<sip:{}@{};transport={transport}>",
            self.settings.user,
            SocketAddr::new(self.settings.shown_at, self.local().port())
        )
    }

    /// Adds what every request has (RFC 3261, section 8.1.1).
    pub(super) fn complete(&self, mut request: Message) -> Message {
        let Line::Request { method, uri } = request.line.clone() else {
            return request;
        };
        let defaults = [
            ("Max-Forwards", "70".to_owned()),
            ("From", format!("{};tag={}", self.own_address(), unique())),
            ("To", format!("<{uri}>")),
            ("Call-ID", unique()),
            ("CSeq", format!("1 {method}")),
            ("Contact", self.contact()),
            ("Supported", self.settings.supported.clone()),
            ("Allow", taking::ALLOW.to_owned()),
            ("User-Agent", "Bellwire test telephone".to_owned()),
        ];
        for (name, value) in defaults {
            if request.header(name).is_none() {
                request.headers.push((name.into(), value));
            }
        }
        request
    }

    /// Puts a new branch on a request.
    pub(super) fn stamp(&self, request: &mut Message) {
        request.headers.retain(|(name, _)| name != "Via");
        let transport = self.settings.transport.name();
        let via = format!(
            "SIP/2.0/{transport} {};branch=z9hG4bK{};rport",
            self.local(),
            unique()
        );
        request.headers.insert(0, ("Via".into(), via));
    }

    /// Sends a request that has its branch, again and again until something comes back. The channel ends where
    /// nothing does.
    pub(super) fn transact(
        self: &Arc<Self>,
        request: Message,
        to: SocketAddr,
    ) -> mpsc::Receiver<Message> {
        let (answer, answers) = mpsc::channel(32);
        let name = (request.branch(), request.method().to_owned());
        let pending = Pending {
            answers: answer,
            heard: false,
        };
        self.tables().pending.insert(name.clone(), pending);
        self.send(&request, to);
        let stack = Arc::downgrade(self);
        tokio::spawn(async move { repeat(&stack, &name, &request, to).await });
        answers
    }

    /// Sends a request, answers one challenge, and gives the final answer.
    pub(super) async fn ask(
        self: &Arc<Self>,
        mut request: Message,
        to: SocketAddr,
    ) -> Result<Message> {
        self.stamp(&mut request);
        let answer = self.ask_once(&request, to).await?;
        if !matches!(answer.status(), Some(401 | 407)) || self.settings.login.is_none() {
            return Ok(answer);
        }
        digest::answer(&mut request, &answer, self.settings.login.as_ref())?;
        next_sequence(&mut request);
        self.stamp(&mut request);
        self.ask_once(&request, to).await
    }

    async fn ask_once(self: &Arc<Self>, request: &Message, to: SocketAddr) -> Result<Message> {
        let mut answers = self.transact(request.clone(), to);
        while let Some(answer) = answers.recv().await {
            if answer.status() >= Some(200) {
                return Ok(answer);
            }
        }
        None.with_context(|| format!("no answer within {PATIENCE:?} to:\n{request}"))
    }

    /// Sends an ACK, now and whenever the answer to the INVITE of this branch comes again.
    pub(super) fn acknowledge(&self, branch: String, ack: Message, to: SocketAddr) {
        self.send(&ack, to);
        self.tables().acknowledged.insert(branch, (ack, to));
    }

    /// Answers a request; a repetition of it gets the same answer.
    pub(super) fn respond(&self, request: &Message, response: Message, to: SocketAddr) {
        self.send(&response, to);
        let name = (request.branch(), request.method().to_owned());
        self.tables().answered.insert(name, (response, to));
    }

    pub(super) fn send(&self, message: &Message, to: SocketAddr) {
        let text = message.to_string();
        self.tables().trace.push(format!("-> {to}\n{text}"));
        self.wire.send(text.into_bytes(), to);
    }

    pub(super) fn know(&self, id: String, call: Arc<Talk>) {
        self.tables().calls.insert(id, call);
    }

    pub(super) fn call(&self, id: &str) -> Option<Arc<Talk>> {
        self.tables().calls.get(id).cloned()
    }

    pub(super) fn complain(&self, complaint: String) {
        self.tables().complaints.push(complaint);
    }

    pub(super) fn complaints(&self) -> Vec<String> {
        self.tables().complaints.clone()
    }

    pub(super) fn trace(&self) -> Vec<String> {
        self.tables().trace.clone()
    }

    pub(super) fn unplug(&self) {
        self.wire.cut();
        let calls = std::mem::take(&mut self.tables().calls);
        calls.values().for_each(|call| call.sound.stop());
        // Who waits for an answer is told that there is none.
        self.tables().pending.clear();
    }

    /// Takes in what came over the wire.
    pub(super) async fn take(self: &Arc<Self>, bytes: &[u8], from: SocketAddr) {
        // Two empty lines, or one, keep a way open.
        if bytes.iter().all(|byte| b"\r\n\0".contains(byte)) {
            return;
        }
        if let Some(complaint) = judge(bytes) {
            self.complain(complaint);
        }
        let message = match Message::parse(bytes) {
            Ok(message) => message,
            Err(error) => return self.complain(format!("{error:#}")),
        };
        self.tables().trace.push(format!("<- {from}\n{message}"));
        match &message.line {
            Line::Status { .. } => self.take_response(message),
            Line::Request { .. } => self.take_request(message, from).await,
        }
    }

    fn take_response(&self, response: Message) {
        let branch = response.branch();
        let known = match response.status() >= Some(200) && response.method() == "INVITE" {
            true => self.tables().acknowledged.get(&branch).cloned(),
            false => None,
        };
        if let Some((ack, to)) = known {
            return self.send(&ack, to);
        }
        let name = (branch, response.method().to_owned());
        if let Some(pending) = self.tables().pending.get_mut(&name) {
            pending.heard = true;
            // Full only where a server floods: what is lost then comes again.
            _ = pending.answers.try_send(response);
        }
    }

    async fn take_request(self: &Arc<Self>, request: Message, from: SocketAddr) {
        let name = (request.branch(), request.method().to_owned());
        let repeated = self.tables().answered.get(&name).cloned();
        if let Some((response, to)) = repeated {
            return self.send(&response, to);
        }
        taking::take(self, request, from).await;
    }

    fn waits_in_vain(&self, name: &Name) -> bool {
        let tables = self.tables();
        tables
            .pending
            .get(name)
            .is_some_and(|pending| !pending.heard)
    }

    fn give_up(&self, name: &Name) {
        self.tables().pending.remove(name);
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl fmt::Debug for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stack")
            .field("local", &self.local())
            .finish_non_exhaustive()
    }
}

/// Timers A and E (RFC 3261, sections 17.1.1.2 and 17.1.2.2), and then B and F.
async fn repeat(stack: &Weak<Stack>, name: &Name, request: &Message, to: SocketAddr) {
    let end = Instant::now() + PATIENCE;
    let mut pause = T1;
    loop {
        sleep(pause).await;
        let Some(stack) = stack.upgrade().filter(|stack| stack.waits_in_vain(name)) else {
            return;
        };
        if Instant::now() >= end {
            return stack.give_up(name);
        }
        if !stack.settings.transport.is_reliable() {
            stack.send(request, to);
        }
        pause = T2.min(pause * 2);
    }
}

/// Counts a request's `CSeq` on, for sending it once more in another form.
pub(super) fn next_sequence(request: &mut Message) {
    let next = format!("{} {}", request.sequence() + 1, request.method());
    request.set("CSeq", next);
}
