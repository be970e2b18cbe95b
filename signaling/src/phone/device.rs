//! An agent's telephone: an offer rings at it, it answers, talks, holds, passes the call on, and hangs up.

use std::{
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
    time::Duration,
};

use bellwire_core::{Input, Left, PhoneRefusal, Ring, RingAt, Telephone as Does};
use bellwire_media::anchor::{Described, Hears, Want};
use bellwire_proto::{agent::AgentEvent, wire::Down};
use bellwire_sip::{
    api::{Call, CallEvent, CallEvents, Dial, ReferReply, To},
    cause::Cause,
};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{
    Order, Phones,
    caller::is_lost,
    ledger::Entry,
    telephone::{Happened, OwnLeg, Telephone, first_of},
};
use crate::centre::{Heard, Side};

/// For how long a telephone may ring at all. The centre stops it sooner.
const LONGEST_RING: Duration = Duration::from_secs(180);

/// How long a telephone that passed its call on may take to hang up by itself.
const GOODBYE: Duration = Duration::from_secs(3);

/// One telephone that rings.
struct Branch {
    call: Call,
    events: CallEvents,
    own: OwnLeg,
    /// What is kept of a call into the telephone network.
    entry: Option<Entry>,
}

/// A telephone that answered.
struct Answered {
    branch: Branch,
    described: Described,
}

/// Asks that telephones ring no longer.
#[derive(Clone, Debug, Default)]
pub(super) struct Stop {
    asked: CancellationToken,
    taken: Arc<AtomicBool>,
}

impl Stop {
    /// `taken`: the agent took the call somewhere else.
    pub(super) fn ask(&self, taken: bool) {
        self.taken.store(taken, Ordering::Relaxed);
        self.asked.cancel();
    }

    pub(super) fn is_asked(&self) -> bool {
        self.asked.is_cancelled()
    }

    /// Waits until it is asked. Says whether the call was taken somewhere else.
    async fn asked(&self) -> bool {
        self.asked.cancelled().await;
        self.taken.load(Ordering::Relaxed)
    }
}

/// Rings at an agent's telephones, and serves the one that answers until its call is over.
pub(super) async fn ring(phones: Arc<Phones>, ring: Ring, stop: Stop) {
    let answered = match &ring.at {
        RingAt::Phones => at_phones(&phones, &ring, &stop).await,
        RingAt::Number(number) => at_number(&phones, &ring, number, &stop).await,
    };
    match answered {
        Ok(Some(answered)) => talk(&phones, &ring, answered).await,
        // The centre stopped it.
        Ok(None) => {}
        Err(why) => {
            let refused = Does::Refused {
                agent: ring.agent,
                interaction: ring.interaction,
                epoch: ring.epoch,
                why,
            };
            phones.tell(refused).await;
        }
    }
}

fn wanted(phones: &Phones, ring: &Ring) -> Want {
    Want {
        codecs: (phones.remembered(ring.interaction)).map_or_else(Vec::new, first_of),
        video: ring.video,
        ..Want::default()
    }
}

fn caller_number(ring: &Ring) -> Option<String> {
    ring.caller
        .as_ref()
        .and_then(|caller| caller.number.clone())
}

/// Rings at every desk phone of the agent at once.
async fn at_phones(
    phones: &Arc<Phones>,
    ring: &Ring,
    stop: &Stop,
) -> Result<Option<Answered>, PhoneRefusal> {
    let directory = phones.directory();
    let mut branches = Vec::new();
    for phone in directory.phones_of(ring.agent) {
        if phones.endpoint.bindings_of(&phone.user).is_empty() {
            continue;
        }
        let own = OwnLeg::open(phones, phone.secure);
        let Ok(offer) = own.leg.offer(wanted(phones, ring)).await else {
            continue;
        };
        let (call, events) = phones.endpoint.dial(Dial {
            to: To::Account(phone.user.clone()),
            from: caller_number(ring),
            name: Some(ring.shown.clone()),
            offer,
            ring_for: LONGEST_RING,
        });
        branches.push(Branch {
            call,
            events,
            own,
            entry: None,
        });
    }
    race(branches, stop).await
}

/// Rings until one answers, all are gone, or the centre stops it.
async fn race(mut branches: Vec<Branch>, stop: &Stop) -> Result<Option<Answered>, PhoneRefusal> {
    let mut declined = false;
    while !branches.is_empty() {
        let next = poll_fn(|cx| {
            for (n, branch) in branches.iter_mut().enumerate() {
                if let Poll::Ready(event) = branch.events.poll_recv(cx) {
                    return Poll::Ready((n, event));
                }
            }
            Poll::Pending
        });
        let (n, event) = tokio::select! {
            biased;
            taken = stop.asked() => {
                for branch in &branches {
                    branch.call.take_back(taken);
                }
                return Ok(None);
            }
            next = next => next,
        };
        match event {
            Some(CallEvent::Answered { sdp }) => {
                let branch = branches.swap_remove(n);
                match branch.own.leg.answered(sdp.unwrap_or_default()).await {
                    Ok(described) => {
                        for other in &branches {
                            other.call.take_back(true);
                        }
                        return Ok(Some(Answered { branch, described }));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "a phone answered with what cannot be used");
                        branch.call.hang_up(Cause::NotAcceptable);
                    }
                }
            }
            Some(CallEvent::Ended { cause, .. }) => {
                tracing::info!(?cause, "a desk phone did not take a call");
                branches.swap_remove(n);
                declined |= is_declined(cause);
            }
            None => {
                branches.swap_remove(n);
            }
            // Nobody hears anything before the answer.
            Some(
                CallEvent::Trying
                | CallEvent::Ringing
                | CallEvent::Progress { .. }
                | CallEvent::Offered { .. }
                | CallEvent::Agreed { .. }
                | CallEvent::Pressed(_)
                | CallEvent::Refer(_),
            ) => {}
        }
    }
    Err(match declined {
        true => PhoneRefusal::Declined,
        false => PhoneRefusal::Unreachable,
    })
}

fn is_declined(cause: Cause) -> bool {
    matches!(cause, Cause::Busy | Cause::Rejected)
}

/// Rings at a number, over the first trunk that works.
async fn at_number(
    phones: &Arc<Phones>,
    ring: &Ring,
    number: &str,
    stop: &Stop,
) -> Result<Option<Answered>, PhoneRefusal> {
    let visitor = ring.visitor.to_string();
    let entry = match phones.may_dial(number, Some(&visitor)) {
        Ok(entry) => entry,
        Err(why) => {
            tracing::warn!(agent = %ring.agent, "the agent's number was not dialled: {why}");
            return Err(PhoneRefusal::Unreachable);
        }
    };
    let directory = phones.directory();
    let mut entry = Some(entry);
    for trunk in directory.trunks_to_dial(&phones.endpoint.trunks()) {
        let own = OwnLeg::open(phones, trunk.secure);
        let Ok(offer) = own.leg.offer(wanted(phones, ring)).await else {
            continue;
        };
        let (call, mut events) = phones.endpoint.dial(Dial {
            to: To::Trunk {
                trunk: trunk.id.to_string(),
                number: number.to_owned(),
            },
            from: None,
            name: Some(ring.shown.clone()),
            offer,
            ring_for: LONGEST_RING,
        });
        let patience = Duration::from_secs(phones.app.config.phone.failover_s);
        let first = tokio::select! {
            biased;
            taken = stop.asked() => {
                call.take_back(taken);
                return Ok(None);
            }
            first = timeout(patience, events.recv()) => first,
        };
        match first {
            Ok(Some(CallEvent::Ended { cause, .. })) if is_declined(cause) => {
                return Err(PhoneRefusal::Declined);
            }
            Ok(Some(CallEvent::Ended { cause, .. })) => {
                tracing::info!(
                    trunk = trunk.name,
                    ?cause,
                    "a trunk did not take a call; trying the next"
                );
                continue;
            }
            Ok(None) => continue,
            Err(_) => {
                call.hang_up(Cause::Cancelled);
                tracing::warn!(trunk = trunk.name, "a trunk says nothing; trying the next");
                continue;
            }
            Ok(Some(first)) => {
                let mut taken = entry.take();
                if let Some(entry) = &mut taken {
                    entry.over(trunk.id.to_string());
                }
                let branch = Branch {
                    call,
                    events,
                    own,
                    entry: taken,
                };
                if let CallEvent::Answered { sdp } = first {
                    return match branch.own.leg.answered(sdp.unwrap_or_default()).await {
                        Ok(described) => Ok(Some(Answered { branch, described })),
                        Err(_) => Err(PhoneRefusal::Unreachable),
                    };
                }
                match race_or_next(branch, stop).await {
                    Raced::Answered(answered) => return Ok(Some(*answered)),
                    Raced::Stopped => return Ok(None),
                    Raced::Refused(why) => return Err(why),
                    Raced::Next(kept) => entry = kept,
                }
            }
        }
    }
    Err(PhoneRefusal::Unreachable)
}

/// What became of a call over one trunk.
enum Raced {
    Answered(Box<Answered>),
    Stopped,
    Refused(PhoneRefusal),
    /// The trunk failed before it rang: the next may do better.
    Next(Option<Entry>),
}

async fn race_or_next(mut branch: Branch, stop: &Stop) -> Raced {
    let mut rang = false;
    loop {
        let event = tokio::select! {
            biased;
            taken = stop.asked() => {
                branch.call.take_back(taken);
                return Raced::Stopped;
            }
            event = branch.events.recv() => event,
        };
        match event {
            Some(CallEvent::Answered { sdp }) => {
                return match branch.own.leg.answered(sdp.unwrap_or_default()).await {
                    Ok(described) => Raced::Answered(Box::new(Answered { branch, described })),
                    Err(_) => Raced::Refused(PhoneRefusal::Unreachable),
                };
            }
            Some(CallEvent::Ended { cause, .. }) if is_declined(cause) => {
                return Raced::Refused(PhoneRefusal::Declined);
            }
            Some(CallEvent::Ended { .. }) | None if rang => {
                return Raced::Refused(PhoneRefusal::Unreachable);
            }
            Some(CallEvent::Ended { .. }) | None => return Raced::Next(branch.entry.take()),
            Some(CallEvent::Ringing | CallEvent::Progress { .. }) => rang = true,
            Some(
                CallEvent::Trying
                | CallEvent::Offered { .. }
                | CallEvent::Agreed { .. }
                | CallEvent::Pressed(_)
                | CallEvent::Refer(_),
            ) => {}
        }
    }
}

struct Device {
    telephone: Telephone,
    /// A wish of the telephone to pass the call on, which the centre looks at.
    passing: Option<ReferReply>,
    /// We ended the call.
    over: bool,
}

async fn talk(phones: &Arc<Phones>, ring: &Ring, answered: Answered) {
    let Answered { branch, described } = answered;
    let Branch {
        call,
        events,
        own,
        entry,
    } = branch;
    let mut telephone = Telephone::new(phones, call, events, own, ring.interaction);
    telephone.described = Some(described);
    let connection = telephone.connection();
    let answered = Does::Answered {
        agent: ring.agent,
        interaction: ring.interaction,
        epoch: ring.epoch,
        connection,
        peer: telephone.peer,
    };
    let line = telephone.line.clone();
    let joined = Heard::joined(line, Side::Agent, Input::Telephone(answered));
    phones.hear(joined).await;
    let mut device = Device {
        telephone,
        passing: None,
        over: false,
    };
    let how = match entry {
        None => device.run().await,
        Some(mut entry) => {
            entry.became("answered");
            let used_up = tokio::select! {
                how = device.run() => Some(how),
                () = phones.minutes_end() => None,
            };
            used_up.unwrap_or_else(|| {
                tracing::warn!("the day's minutes of calls into the telephone network are used up");
                device.hang_up(Cause::Hangup);
                Some(Left::HungUp)
            })
        }
    };
    let Some(how) = how else {
        return;
    };
    let left = Input::Telephone(Does::AgentLeft { connection, how });
    phones.hear(Heard::left(connection, left)).await;
}

impl Device {
    async fn run(&mut self) -> Option<Left> {
        loop {
            match self.telephone.next().await {
                Happened::Call(CallEvent::Ended { cause, by_them }) => {
                    return match (by_them || self.over) && !is_lost(cause) {
                        true => Some(Left::HungUp),
                        false => Some(Left::Lost),
                    };
                }
                Happened::Call(event) => self.call(event).await,
                Happened::Silent => {
                    tracing::info!(call = ?self.telephone.call.id(), "nothing is heard of a telephone any more");
                    self.hang_up(Cause::Timeout);
                    return Some(Left::Lost);
                }
                Happened::Pressed(key) => self.pressed(key).await,
                Happened::Frame(frame) => {
                    if let Some(down) = Telephone::read(&frame) {
                        self.down(down).await;
                    }
                }
                Happened::Told(told) => {
                    self.telephone.told(told, false).await;
                    self.telephone.listen(Hears::Nothing);
                }
                Happened::SentAway => self.hang_up(Cause::Hangup),
                Happened::Stop => {
                    // What becomes of the call is decided when the server starts again.
                    self.hang_up(Cause::ServerError { status: 503 });
                    return None;
                }
            }
        }
    }

    async fn call(&mut self, event: CallEvent) {
        match event {
            CallEvent::Offered { sdp, reply } => {
                let held = self.telephone.offered(sdp, reply).await;
                self.holds(held).await;
            }
            CallEvent::Agreed { sdp } => {
                let held = self.telephone.agreed(sdp).await;
                self.holds(held).await;
            }
            CallEvent::Pressed(key) => {
                self.telephone.press_across(key);
                self.pressed(key).await;
            }
            CallEvent::Refer(refer) => {
                self.passing = Some(refer.reply);
                let connection = self.telephone.connection();
                let (to, phones) = (refer.to, &self.telephone.phones);
                match refer.replaces {
                    Some(other) => phones.order(Order::Join {
                        connection,
                        other,
                        to,
                    }),
                    None => phones.tell(Does::AgentTransfers { connection, to }).await,
                }
            }
            CallEvent::Answered { .. }
            | CallEvent::Trying
            | CallEvent::Ringing
            | CallEvent::Progress { .. }
            | CallEvent::Ended { .. } => {}
        }
    }

    /// The telephone put the call on hold, or resumed it.
    async fn holds(&self, held: Option<bool>) {
        if let Some(held) = held {
            let connection = self.telephone.connection();
            let holds = Does::AgentHeld { connection, held };
            self.telephone.phones.tell(holds).await;
            self.telephone.listen(Hears::Nothing);
        }
    }

    async fn pressed(&self, key: char) {
        let (connection, digits) = (self.telephone.connection(), key.to_string());
        let pressed = Does::AgentPressed { connection, digits };
        self.telephone.phones.tell(pressed).await;
    }

    async fn down(&mut self, down: Down<AgentEvent>) {
        match down {
            Down::Relay { signal, .. } => {
                self.telephone.signal(signal, false).await;
                self.telephone.listen(Hears::Nothing);
            }
            Down::Tell(event) => self.event(event),
            Down::Welcome(_) | Down::Done { .. } | Down::Ice(_) | Down::Pong | Down::Bye(_) => {}
        }
    }

    fn event(&mut self, event: AgentEvent) {
        match event {
            AgentEvent::Held { held, .. } => {
                self.telephone.held = held;
                self.telephone.listen(Hears::Nothing);
            }
            AgentEvent::OnPhone {
                phone: Some(phone), ..
            } => self.telephone.own.leg.mute(phone.muted),
            AgentEvent::Digits { digits, .. } => self.press(digits),
            AgentEvent::WrapUp { .. } | AgentEvent::OnPhone { phone: None, .. } => {
                self.hang_up(Cause::Hangup);
            }
            AgentEvent::Closed { .. } => match self.passing.take() {
                Some(reply) => self.passed_on(reply),
                None => self.hang_up(Cause::Hangup),
            },
            AgentEvent::Refused { .. } => {
                if let Some(reply) = self.passing.take() {
                    // 404: nobody here is called that.
                    let _ = reply.accept().send(404);
                }
            }
            AgentEvent::Desk(_)
            | AgentEvent::Elsewhere
            | AgentEvent::State { .. }
            | AgentEvent::Offered(_)
            | AgentEvent::Withdrawn { .. }
            | AgentEvent::Connected(_)
            | AgentEvent::PeerChanged { .. }
            | AgentEvent::Reachable { .. }
            | AgentEvent::Said { .. }
            | AgentEvent::Typing { .. }
            | AgentEvent::Read { .. }
            | AgentEvent::Looks { .. }
            | AgentEvent::Journey { .. }
            | AgentEvent::Named { .. }
            | AgentEvent::Learnt { .. }
            | AgentEvent::Queues(_)
            | AgentEvent::Devices(_) => {}
        }
    }

    /// The call is with somebody else now. The telephone hears so and hangs up; we do if it does not.
    fn passed_on(&mut self, reply: ReferReply) {
        let told = reply.accept();
        let _ = told.send(200);
        self.over = true;
        let call = self.telephone.call.clone();
        self.telephone.phones.tasks.spawn(async move {
            tokio::time::sleep(GOODBYE).await;
            call.hang_up(Cause::Hangup);
            drop(told);
        });
    }

    fn press(&self, digits: String) {
        match self.telephone.described {
            Some(described) if !described.digits => {
                for key in digits.chars() {
                    self.telephone.call.press_by_info(key);
                }
            }
            Some(_) | None => self.telephone.own.leg.press(digits),
        }
    }

    fn hang_up(&mut self, cause: Cause) {
        if !self.over {
            self.over = true;
            self.telephone.call.hang_up(cause);
        }
    }
}
