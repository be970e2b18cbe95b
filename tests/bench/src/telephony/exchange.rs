//! Bellwire with agents who take calls on desk phones, as a way from a page to a telephone.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use bellwire_proto::{
    admin::Kind,
    agent::{AgentCommand, AgentEvent, Device},
    id::{AgentId, InteractionId, NumberId, PeerId, PhoneId},
    interaction::Medium,
    rtc::{Signal, Step},
    setup::{Destination, Number, Phone},
    visitor::{VisitorCommand, VisitorEvent},
    wire::{Down, Up},
};
use bellwire_tests::{
    administrator::Administrator,
    centre::{Centre, Credential},
    chance,
    house::{self, SUPPORT},
    people,
    phones::ports,
};
use tokio::{task::JoinSet, time::timeout};

use super::{
    phones::{Dial, Phones, Placed},
    streams::{Ends, Streams},
    usage::Servers,
    way::Way,
};
use crate::{
    server::{OPEN, ask_nothing},
    socket::{Desk, Page, Socket},
};

/// The host part of the centre's SIP addresses.
pub(crate) const DOMAIN: &str = "localhost";

/// The telephone that calls [`SUPPORT`], and nobody takes calls on.
pub(crate) const CALLER: &str = "caller";

/// One import makes no more new users.
const A_BATCH: usize = 100;

/// How long a telephone may take to ring.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often pages say that they are there.
const PING: Duration = Duration::from_secs(10);

/// A centre whose agents all have a desk phone.
pub(crate) struct Exchange {
    centre: Centre,
    /// Where it hears SIP.
    pub(crate) sip: SocketAddr,
    phones: Arc<Phones>,
    agents: Vec<Agent>,
    /// The password of [`CALLER`].
    pub(crate) password: String,
    disposition: String,
    desks: Mutex<JoinSet<()>>,
}

#[derive(Clone)]
struct Agent {
    user: String,
    phone: String,
    cookie: String,
}

/// Calls between telephones.
pub(crate) struct Connected {
    placed: Vec<Placed>,
    /// Where the server hears both sides.
    pub(crate) ends: Vec<Ends>,
    /// What those who were called hear with.
    pub(crate) payload_type: u8,
}

/// A visitor's page, and its call.
pub(crate) struct Visit {
    page: Page,
    call: Option<InteractionId>,
}

impl Exchange {
    /// Starts a centre with so many agents. They are all ready, and their telephones answer at once.
    pub(crate) async fn open(phones: &Arc<Phones>, agents: usize) -> Result<Self> {
        let port = ports::sip()?;
        let mut own = house::settings(port);
        let most = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        own.extend(OPEN.map(|(name, value)| most(name, value)));
        own.extend([
            most("BELLWIRE_PHONE_INVITES_PER_SECOND", "100000"),
            most("BELLWIRE_PHONE_REGISTERS_PER_SECOND", "100000"),
            most("BELLWIRE_MEDIA_SILENT_AFTER_S", "3600"),
        ]);
        let settings: Vec<(&str, &str)> = (own.iter())
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let centre = Centre::start(&settings).await?;
        ask_nothing(&centre).await?;
        let administrator = Administrator::sign_in(&centre).await?;
        let mut passwords = vec![];
        let mut made = 0;
        while made < agents {
            let batch = A_BATCH.min(agents - made);
            let mut setup = administrator.current().await?.setup;
            let anna = (setup.users.iter()).find(|user| user.user == "anna");
            let anna = anna.context("no user anna")?.clone();
            for n in made..made + batch {
                let mut user = anna.clone();
                user.id = AgentId::new(chance::now(), chance::bits());
                user.user = format!("agent{n}");
                user.name = format!("Agent {n}");
                setup.phones.push(phone(&user.user, user.id));
                setup.users.push(user);
            }
            if made == 0 {
                let sofia = (setup.users.iter()).find(|user| user.user == "sofia");
                let owner = sofia.context("no user sofia")?.id;
                setup.phones.push(phone(CALLER, owner));
                let support = setup.queues.iter().find(|queue| queue.name == "Support");
                setup.numbers.push(Number {
                    id: NumberId::new(chance::now(), chance::bits()),
                    number: SUPPORT.to_owned(),
                    name: "Support line".to_owned(),
                    to: Destination::Queue(support.context("no queue Support")?.id),
                    language: String::new(),
                });
            }
            passwords.extend(administrator.import(setup, false).await?.passwords);
            made += batch;
        }
        let secret = |kind: Kind, user: &str| {
            let found = passwords
                .iter()
                .find(|one| one.kind == kind && one.user == user);
            found
                .map(|one| one.password.clone())
                .with_context(|| format!("no password for {user}"))
        };
        let mut known = vec![];
        for n in 0..agents {
            let user = format!("agent{n}");
            let who = Credential {
                user: user.clone(),
                password: secret(Kind::User, &user)?,
                role: "agent".to_owned(),
            };
            known.push(Agent {
                cookie: people::sign_in(&centre, &who).await?,
                phone: secret(Kind::Phone, &user)?,
                user,
            });
        }
        let dispositions = administrator.current().await?.setup.dispositions;
        let exchange = Self {
            password: secret(Kind::Phone, CALLER)?,
            centre,
            sip: SocketAddr::from(([127, 0, 0, 1], port)),
            phones: phones.clone(),
            agents: known,
            disposition: dispositions.into_iter().next().context("no dispositions")?,
            desks: Mutex::default(),
        };
        exchange.begin_work().await?;
        Ok(exchange)
    }

    /// Starts the server's process anew: what it did before has left nothing in its memory.
    pub(crate) async fn renew(&self) -> Result<()> {
        lock(&self.desks).abort_all();
        self.centre.stop().await?;
        self.centre.restart().await?;
        self.begin_work().await
    }

    /// So many calls from [`CALLER`] to agents' telephones, who hear with Opus or with PCMU.
    pub(crate) async fn connect(
        &self,
        callers: &Phones,
        streams: &Streams,
        calls: usize,
        opus: bool,
    ) -> Result<Connected> {
        let echo = self.phones.media();
        self.phones.hear_at(streams.other()?, opus);
        callers.hear_at(streams.one()?, false);
        let mut taken = self.phones.watch();
        let dial = Dial {
            server: self.sip,
            domain: DOMAIN,
            user: CALLER,
            password: &self.password,
            number: SUPPORT,
            media: streams.one()?,
        };
        let mut connected = Connected {
            placed: vec![],
            ends: vec![],
            payload_type: 0,
        };
        for _ in 0..calls {
            let placed = callers.dial(dial).await?;
            let answered = timeout(PATIENCE, taken.recv()).await;
            let answered = answered.context("no telephone rang")?;
            let answered = answered.context("no telephones")?;
            connected.ends.push((placed.remote, answered.remote));
            connected.payload_type = answered.payload_type;
            connected.placed.push(placed);
        }
        self.phones.hear_at(echo, false);
        Ok(connected)
    }

    /// Ends them.
    pub(crate) async fn disconnect(&self, callers: &Phones, connected: Connected) -> Result<()> {
        for placed in &connected.placed {
            callers.hang_up(placed).await?;
        }
        Ok(())
    }

    /// The server's process.
    pub(crate) fn process(&self) -> Result<Servers> {
        Ok(Servers(vec![self.centre.id().context("the server ended")?]))
    }

    async fn begin_work(&self) -> Result<()> {
        for agent in &self.agents {
            let phones = &self.phones;
            phones
                .register(self.sip, DOMAIN, &agent.user, &agent.phone)
                .await?;
        }
        for agent in &self.agents {
            let mut desk = Desk::open(self.centre.port, &agent.cookie).await?;
            // The server may have been started anew before everything was written down.
            for interaction in std::mem::take(&mut desk.unfinished) {
                desk.ask(finish(interaction, &self.disposition)).await?;
            }
            let device = Device::Phone;
            desk.ask(AgentCommand::TakeCallsOn { device }).await?;
            desk.ask(AgentCommand::Ready).await?;
            desk.socket.hear_of(r#""chosen":"ready""#).await?;
            let disposition = self.disposition.clone();
            lock(&self.desks).spawn(async move {
                _ = wrap_up(desk, disposition).await;
            });
        }
        Ok(())
    }
}

impl Way for Exchange {
    type Line = Visit;

    fn servers(&self) -> Result<Servers> {
        Ok(Servers(vec![self.centre.id().context("the server ended")?]))
    }

    async fn open(&self) -> Result<Visit> {
        let page = Page::open(self.centre.port).await?;
        Ok(Visit { page, call: None })
    }

    async fn call(&self, visit: &mut Visit, offer: &str) -> Result<String> {
        let interaction = InteractionId::new(chance::now(), chance::bits());
        let start = people::start(interaction, Medium::Call);
        let own = start.peer.context("no peer connection")?;
        visit.page.ask(VisitorCommand::Start(start)).await?;
        visit.call = Some(interaction);
        let peer = connected(&mut visit.page).await?;
        let sdp = offer.to_owned();
        let frame = Up::<VisitorCommand>::Relay {
            interaction,
            signal: Signal {
                from: own,
                to: Some(peer),
                step: Step::Offer { sdp },
            },
        };
        visit
            .page
            .socket
            .say(&serde_json::to_string(&frame)?)
            .await?;
        let said = visit.page.socket.hear_of(r#"{"answer""#).await?;
        let Down::<VisitorEvent>::Relay { signal, .. } = serde_json::from_str(&said)? else {
            bail!("not an answer: {said}");
        };
        let Step::Answer { sdp } = signal.step else {
            bail!("not an answer: {said}");
        };
        Ok(sdp)
    }

    async fn hang_up(&self, visit: &mut Visit) -> Result<()> {
        let interaction = visit.call.take().context("no call")?;
        visit
            .page
            .ask(VisitorCommand::Leave { interaction })
            .await?;
        visit.page.socket.hear_of(r#"{"ended""#).await?;
        Ok(())
    }

    async fn linger(&self, mut visit: Visit) {
        _ = keep(&mut visit.page.socket, |_| Ok(None)).await;
    }

    async fn close(&self, _: Visit) -> Result<()> {
        Ok(())
    }
}

/// Waits until an agent has the call.
async fn connected(page: &mut Page) -> Result<PeerId> {
    let said = page.socket.hear_of(r#"{"connected""#).await?;
    let Down::<VisitorEvent>::Tell(VisitorEvent::Connected { peer, .. }) =
        serde_json::from_str(&said)?
    else {
        bail!("not connected: {said}");
    };
    peer.context("nobody to negotiate with")
}

/// An agent's desk: ends each wrap-up as soon as it begins.
async fn wrap_up(mut desk: Desk, disposition: String) -> Result<()> {
    let mut n = desk.n;
    keep(&mut desk.socket, |frame| {
        if !frame.contains(r#"{"wrap_up""#) {
            return Ok(None);
        }
        let Down::<AgentEvent>::Tell(AgentEvent::WrapUp { interaction, .. }) =
            serde_json::from_str(frame)?
        else {
            return Ok(None);
        };
        n += 1;
        let command = finish(interaction, &disposition);
        let frame = Up::<AgentCommand>::Do { n, command };
        Ok(Some(serde_json::to_string(&frame)?))
    })
    .await
}

fn finish(interaction: InteractionId, disposition: &str) -> AgentCommand {
    AgentCommand::Finish {
        interaction,
        disposition: disposition.to_owned(),
        note: String::new(),
    }
}

/// Reads on and replies, and pings as pages do.
async fn keep(
    socket: &mut Socket,
    mut reply: impl FnMut(&str) -> Result<Option<String>>,
) -> Result<()> {
    let mut pings = tokio::time::interval(PING);
    loop {
        tokio::select! {
            frame = socket.hear() => {
                if let Some(text) = reply(&frame?)? {
                    socket.say(&text).await?;
                }
            }
            _ = pings.tick() => socket.say(r#""ping""#).await?,
        }
    }
}

fn phone(user: &str, agent: AgentId) -> Phone {
    Phone {
        id: PhoneId::new(chance::now(), chance::bits()),
        name: format!("{user}'s desk"),
        user: user.to_owned(),
        agent,
        secure: false,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
