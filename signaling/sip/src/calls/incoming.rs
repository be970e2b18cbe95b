//! Somebody calls us: until the call is answered, refused or taken back (RFC 3261 §13.3).

use std::{sync::Arc, time::Duration};

use rsipstack::{
    dialog::{
        dialog::{DialogState, TerminatedReason},
        invite_dialog::InviteDialog,
    },
    sip::{Contact, Header, Request, Response, StatusCode, Uri, prelude::HeadersExt},
    transaction::transaction::{Transaction, TransactionEvent, TransactionEventSender},
};
use tokio::sync::mpsc;

use super::{
    Leg,
    established::{Began, Established},
    headers::{SDP, answering, asked, contact_of, description, names, other, value, values},
    place::{self, source, transport_of},
    reliable::{Again, Provisional, Reliable, Telling, Wish as Confirming},
    replaced,
};
use crate::{
    api::{Arrived, CallEvent, Event, Order, Origin},
    cause::Cause,
    endpoint::locator::{Place, is_inside},
    session_timer::{self, SessionTimer, Wish},
    settings::Transport,
    shared::Shared,
    trunks::Trunks,
    words,
};

/// A call that is not answered yet.
struct Incoming {
    leg: Leg,
    dialog: InviteDialog,
    states: mpsc::UnboundedReceiver<DialogState>,
    respond: TransactionEventSender,
    request: Request,
    timer: SessionTimer,
    granted: Vec<Header>,
    /// Their offer came with the INVITE.
    offered: bool,
    /// What the caller is told before the answer.
    reliable: Reliable,
    /// Its confirmations (PRACK).
    confirmations: mpsc::UnboundedReceiver<Transaction>,
    contact: Option<Uri>,
    /// The answer, while it waits for a confirmation.
    held: Option<String>,
    /// What we answered with.
    sdp: Option<String>,
    /// Orders for when the answer is confirmed.
    later: Vec<Order>,
}

pub(super) async fn serve(shared: Arc<Shared>, mut tx: Transaction, origin: Origin) {
    let request = tx.original.clone();
    let headers = &request.headers;
    let wish = Wish::from(&shared.settings);
    let (timer, granted) = match session_timer::accept(wish, &asked(headers), shared.now_ms()) {
        Ok((timer, granted)) => (timer, granted),
        Err(small) => {
            // RFC 4028 §9
            let least = other("Min-SE", small.min_se_s.to_string());
            refuse(&mut tx, 422, vec![least]).await;
            return;
        }
    };
    if let Some(wanted) = value(headers, "Replaces") {
        // RFC 3891 §3: 481 for what there is not; nobody takes over a call by calling here.
        let status = match replaced(&shared, wanted, &origin) {
            Some(_) => 603,
            None => 481,
        };
        return refuse(&mut tx, status, vec![]).await;
    }
    let dialled = request.uri.auth.as_ref().map(|auth| auth.user.as_str());
    let dialled = (dialled.and_then(words::dialled)).or_else(|| {
        let to = words::Address::parse(value(headers, "To")?)?;
        words::dialled(&to.uri?.user?)
    });
    let Some(dialled) = dialled else {
        return refuse(&mut tx, 404, vec![]).await;
    };
    let asserted: Vec<&str> = match origin {
        Origin::Trunk(_) => values(headers, "P-Asserted-Identity").collect(),
        Origin::Account(_) => Vec::new(),
    };
    let privacy: Vec<&str> = values(headers, "Privacy").collect();
    let caller = words::caller(value(headers, "From"), &asserted, &privacy);
    let offer = description(headers, &request.body);
    if offer.is_none() && !request.body.is_empty() {
        // RFC 3261 §21.4.13
        let accept = Header::Accept(SDP.into());
        return refuse(&mut tx, 415, vec![accept]).await;
    }
    let place_on_trunk = match &origin {
        Origin::Account(_) => None,
        Origin::Trunk(id) => match Trunks::take(&shared, id) {
            Some(place) => {
                Trunks::worked(&shared, id);
                Some(place)
            }
            // As many calls as the trunk bears.
            None => {
                shared.count_refused();
                return refuse(&mut tx, 503, vec![Header::RetryAfter("5".into())]).await;
            }
        },
    };
    let far = source(&tx).map(|at| at.ip());
    let contact = place::contact(&shared, transport_of(tx.connection.as_ref()), far);
    let (sender, states) = shared.dialogs.new_dialog_state_channel();
    let login = match &origin {
        Origin::Account(_) => None,
        Origin::Trunk(id) => Trunks::trunk(&shared, id).and_then(|trunk| trunk.login),
    };
    let login = login.as_ref().map(place::credential);
    let created = (shared.dialogs).get_or_create_server_invite(&tx, sender, login, contact.clone());
    let Ok(dialog) = created else {
        return refuse(&mut tx, 400, vec![]).await;
    };
    let (mut leg, call, events) = Leg::new(&shared);
    leg.trunk = place_on_trunk;
    leg.ways.extend(way_back(&shared, &tx, &origin));
    let (confirm, confirmations) = mpsc::unbounded_channel();
    leg.known(&dialog.id(), origin.clone(), Some(confirm));
    let reliable = reliable(&request, offer.is_some());
    let respond = tx.tu_sender.clone();
    let mut driven = dialog.clone();
    tokio::spawn(async move {
        if let Err(error) = driven.handle(&mut tx).await {
            tracing::debug!(%error, "an INVITE came to nothing");
        }
    });
    let mut extra = Vec::new();
    if let Some(expires) = granted.session_expires {
        extra.push(other("Session-Expires", expires));
    }
    if granted.require_timer {
        extra.push(Header::Require("timer".into()));
    }
    shared.tell(Event::Arrived(Box::new(Arrived {
        call,
        events,
        origin,
        dialled,
        caller,
        offer: offer.clone(),
    })));
    let incoming = Incoming {
        leg,
        dialog,
        states,
        respond,
        request,
        timer,
        granted: extra,
        offered: offer.is_some(),
        reliable,
        confirmations,
        contact,
        held: None,
        sdp: None,
        later: Vec::new(),
    };
    incoming.run().await;
}

/// The way back to a caller over UDP who calls itself by an address of its own network.
fn way_back(shared: &Shared, tx: &Transaction, owner: &Origin) -> Option<Place> {
    let request = &tx.original;
    let routed = request.record_route_headers().into_iter().next().is_some();
    if routed || transport_of(tx.connection.as_ref()) != Transport::Udp {
        return None;
    }
    let contact = contact_of(&request.headers)?;
    if !is_inside(&contact) {
        return None;
    }
    let at = place::destination(source(tx)?, Transport::Udp);
    shared.places.keep(&contact, at, owner)
}

/// How this caller is told what comes before the answer.
fn reliable(request: &Request, offered: bool) -> Reliable {
    let headers = &request.headers;
    let required = names(headers, "Require", "100rel");
    let wish = match (required, offered) {
        (true, true) => Confirming::All,
        (true, false) => Confirming::Nothing,
        (false, true) if names(headers, "Supported", "100rel") => Confirming::Sound,
        (false, _) => Confirming::Plain,
    };
    let sequence = request.cseq_header().and_then(|cseq| cseq.seq());
    // Any number will do where there is no randomness.
    let random = getrandom::u32().unwrap_or(1 << 16);
    Reliable::new(wish, sequence.unwrap_or_default(), random)
}

async fn refuse(tx: &mut Transaction, status: u16, headers: Vec<Header>) {
    if let Err(error) = tx.reply_with(status.into(), headers, None).await {
        tracing::debug!(%error, status, "a call could not be refused");
    }
}

impl Incoming {
    async fn run(mut self) {
        let shared = self.leg.shared.clone();
        loop {
            tokio::select! {
                biased;
                state = self.states.recv() => match state {
                    Some(DialogState::Confirmed(..)) if self.sdp.is_some() => {
                        return self.confirmed().await;
                    }
                    Some(DialogState::Terminated(_, reason)) => {
                        let (cause, by_them) = ended(&reason);
                        return self.finish(cause, by_them);
                    }
                    Some(
                        DialogState::Calling(_)
                        | DialogState::Trying(_)
                        | DialogState::Early(..)
                        | DialogState::WaitAck(..)
                        | DialogState::Confirmed(..)
                        | DialogState::Updated(..)
                        | DialogState::Publish(..)
                        | DialogState::Notify(..)
                        | DialogState::Refer(..)
                        | DialogState::Message(..)
                        | DialogState::Info(..)
                        | DialogState::Options(..),
                    ) => {}
                    None => return self.finish(Cause::Timeout, false),
                },
                Some(prack) = self.confirmations.recv() => self.confirm(prack).await,
                order = self.leg.order() => {
                    if let Some(cause) = self.ordered(order) {
                        return self.give_up(cause).await;
                    }
                }
                () = due(&shared, self.reliable.due_ms()) => {
                    match self.reliable.again(shared.now_ms()) {
                        Again::Nothing => {}
                        Again::Tell(telling) => self.say(telling),
                        // RFC 3262 §3
                        Again::GiveUp => {
                            return self.give_up(Cause::ServerError { status: 504 }).await;
                        }
                    }
                }
            }
        }
    }

    /// The caller confirms what it was told (RFC 3262 §3).
    async fn confirm(&mut self, prack: Transaction) {
        if let Some(next) = confirm(&mut self.reliable, prack, self.leg.shared.now_ms()).await {
            self.say(next);
        }
        if !self.reliable.holds_answer()
            && let Some(sdp) = self.held.take()
        {
            self.accept(sdp);
        }
    }

    /// Carries out an order. Gives the cause where the call is to end.
    fn ordered(&mut self, order: Order) -> Option<Cause> {
        let answered = self.sdp.is_some() || self.held.is_some();
        match order {
            Order::Ring if !answered => self.tell(Provisional::Ringing),
            Order::Queue if !answered => self.tell(Provisional::Queued),
            Order::Progress(sdp) if !answered => self.tell(Provisional::Progress(sdp)),
            Order::Answer(sdp) if !answered => match self.reliable.holds_answer() {
                true => self.held = Some(sdp),
                false => self.accept(sdp),
            },
            Order::Ring | Order::Queue | Order::Progress(_) | Order::Answer(_) => {}
            Order::Reject(cause) | Order::HangUp(cause) => return Some(cause),
            Order::TakeBack { .. } => return Some(Cause::Hangup),
            order @ (Order::Reoffer(..) | Order::PressByInfo(_) | Order::Refer(..)) => {
                self.later.push(order);
            }
        }
        None
    }

    fn tell(&mut self, what: Provisional) {
        if let Some(telling) = self.reliable.tell(what, self.leg.shared.now_ms()) {
            self.say(telling);
        }
    }

    fn say(&self, Telling { what, number }: Telling) {
        let mut headers = answering(matches!(what, Provisional::Progress(_)));
        if let Some(number) = number {
            headers.push(Header::Require("100rel".into()));
            headers.push(other("RSeq", number.to_string()));
        }
        let said = match what {
            Provisional::Ringing => self.dialog.ringing(Some(headers), None),
            Provisional::Progress(sdp) => {
                (self.dialog).ringing(Some(headers), Some(sdp.into_bytes()))
            }
            Provisional::Queued => {
                self.queued(headers);
                Ok(())
            }
        };
        if let Err(error) = said {
            tracing::debug!(%error, "a caller was not told how its call goes");
        }
    }

    fn accept(&mut self, sdp: String) {
        self.reliable.stop();
        let mut headers = answering(true);
        headers.append(&mut self.granted.clone());
        self.sdp = Some(sdp.clone());
        if let Err(error) = self.dialog.accept(Some(headers), Some(sdp.into_bytes())) {
            tracing::debug!(%error, "a call could not be answered");
        }
    }

    /// Says that the call waits in a line (RFC 3261 §21.1.4): an answer that the stack has no call for.
    fn queued(&self, headers: Vec<Header>) {
        let stack = &self.leg.shared.stack;
        let mut response = stack.make_response(&self.request, StatusCode::Queued, None);
        tag(&mut response, &self.dialog.id().local_tag);
        let routes =
            (self.request.headers.iter()).filter(|header| matches!(header, Header::RecordRoute(_)));
        let contact =
            (self.contact.clone()).map(|uri| Header::Contact(Contact::from(format!("<{uri}>"))));
        for header in routes.cloned().chain(contact).chain(headers) {
            response.headers.push(header);
        }
        // A transaction that is over needs no provisional answer.
        let _ = self.respond.send(TransactionEvent::Respond(response));
    }

    async fn confirmed(mut self) {
        // What was told before the answer may be confirmed after it. Ends with the leg.
        let (mut reliable, mut confirmations) = (self.reliable, self.confirmations);
        let now_ms = self.leg.shared.now_ms();
        tokio::spawn(async move {
            while let Some(prack) = confirmations.recv().await {
                confirm(&mut reliable, prack, now_ms).await;
            }
        });
        let answer = match self.offered {
            true => None,
            false => self
                .dialog
                .last_remote_ack()
                .and_then(|ack| description(&ack.headers, &ack.body)),
        };
        self.leg.tell(CallEvent::Answered { sdp: answer });
        // RFC 4028 §10: the interval begins with the answer.
        self.timer.answered(self.leg.shared.now_ms());
        let owner = leg_owner(&self.leg);
        let began = Began {
            dialog: self.dialog,
            inside: Vec::new(),
            states: self.states,
            timer: self.timer,
            sdp: self.sdp.unwrap_or_default(),
            owner,
            later: self.later,
        };
        Established::new(self.leg, began).run().await;
    }

    /// We end it: refused before the answer, hung up after it.
    async fn give_up(mut self, cause: Cause) {
        if self.sdp.is_some() {
            self.leg.tell(CallEvent::Ended {
                cause,
                by_them: false,
            });
            // RFC 3261 §15: no BYE before the ACK. The stack gives up after 32 s, and says BYE then.
            let ends = |state: &DialogState| {
                matches!(
                    state,
                    DialogState::Confirmed(..) | DialogState::Terminated(..)
                )
            };
            while let Some(state) = self.states.recv().await {
                if ends(&state) {
                    break;
                }
            }
            super::established::say_goodbye(&self.leg.shared, &self.dialog, cause).await;
            return;
        }
        let (status, _) = match cause {
            // Nobody talked yet: what is hung up is refused.
            Cause::Hangup | Cause::Cancelled => (480, ""),
            Cause::Busy
            | Cause::NoAnswer
            | Cause::Rejected
            | Cause::NotFound
            | Cause::Unreachable
            | Cause::NotAcceptable
            | Cause::Forbidden
            | Cause::Timeout
            | Cause::ServerError { .. }
            | Cause::Other { .. } => cause.response(),
        };
        let [reason, _] = cause.reasons();
        if let Err(error) = self.dialog.reject(Some(status.into()), Some(reason)) {
            tracing::debug!(%error, "a call could not be refused");
        }
        self.finish(cause, false);
    }

    fn finish(self, cause: Cause, by_them: bool) {
        let cause = self.leg.why_they_went(cause);
        self.leg.tell(CallEvent::Ended { cause, by_them });
        self.leg.shared.dialogs.remove_dialog(&self.dialog.id());
    }
}

/// Answers a PRACK (RFC 3262 §3). Gives what is told next.
async fn confirm(reliable: &mut Reliable, mut prack: Transaction, now_ms: u64) -> Option<Telling> {
    let rack = value(&prack.original.headers, "RAck").unwrap_or_default();
    let confirmed = reliable.confirmed(rack, now_ms);
    let status = match confirmed {
        Err(_) => StatusCode::CallTransactionDoesNotExist,
        // Another offer before the answer is too early for us (RFC 6337 §2.2).
        Ok(_) if !prack.original.body.is_empty() => StatusCode::NotAcceptableHere,
        Ok(_) => StatusCode::OK,
    };
    if let Err(error) = prack.reply(status).await {
        tracing::debug!(%error, "a PRACK was not answered");
    }
    confirmed.ok().flatten()
}

fn leg_owner(leg: &Leg) -> Origin {
    let legs = crate::shared::lock(&leg.shared.legs);
    legs.get(&leg.id)
        .map_or(Origin::Account(String::new()), |leg| leg.owner.clone())
}

/// Waits until then, or for ever.
async fn due(shared: &Shared, at_ms: Option<u64>) {
    match at_ms {
        Some(at_ms) => {
            let left_ms = at_ms.saturating_sub(shared.now_ms());
            tokio::time::sleep(Duration::from_millis(left_ms)).await;
        }
        None => std::future::pending().await,
    }
}

/// Gives a response our tag, which makes it one of the dialog.
fn tag(response: &mut Response, tag: &str) {
    let tagged = response
        .to_header()
        .ok()
        .map(|to| to.value().to_owned())
        .filter(|to| !to.contains(";tag="))
        .map(|to| format!("{to};tag={tag}"));
    if let Some(to) = tagged {
        for header in response.headers.iter_mut() {
            if let Header::To(old) = header {
                *old = to.clone().into();
            }
        }
    }
}

/// What the stack's end means, and whether they ended it.
pub(super) fn ended(reason: &TerminatedReason) -> (Cause, bool) {
    match reason {
        TerminatedReason::Timeout => (Cause::Timeout, false),
        TerminatedReason::UacCancel => (Cause::Cancelled, true),
        TerminatedReason::UacBye | TerminatedReason::UasBye => (Cause::Hangup, true),
        TerminatedReason::UacBusy | TerminatedReason::UasBusy => (Cause::Busy, true),
        TerminatedReason::UasDecline => (Cause::Rejected, true),
        TerminatedReason::ProxyAuthRequired => (Cause::Forbidden, true),
        TerminatedReason::ProxyError(status)
        | TerminatedReason::UacOther(status)
        | TerminatedReason::UasOther(status) => (Cause::from_status(status.code()), true),
    }
}
