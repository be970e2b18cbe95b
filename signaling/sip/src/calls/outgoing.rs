//! We call somebody: every phone of an account at once, or a number over a trunk, until one answers.

mod plan;

use std::{future::poll_fn, task::Poll};

use futures_util::{FutureExt, future::join_all};
use rsipstack::{
    dialog::{
        DialogId, dialog::DialogState, invitation::InviteOption, invite_dialog::InviteDialog,
    },
    sip::prelude::HeadersExt,
    sip::{Header, Response},
};
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, timeout},
};

use self::plan::Plan;
use super::{
    Leg,
    established::{Began, Established, GOODBYE, say_goodbye},
    headers::{ALLOW, SDP, SUPPORTED, SUPPORTED_CALLING, asked, description, other, value},
    place,
};
use crate::{
    api::{CallEvent, Dial, Order, Origin, To},
    cause::Cause,
    session_timer::SessionTimer,
    settings::Trunk,
    shared::lock,
    trunks::Trunks,
    words,
};

type Invited = rsipstack::Result<(DialogId, Option<Response>)>;

/// One INVITE that is under way.
struct Branch {
    dialog: InviteDialog,
    states: mpsc::UnboundedReceiver<DialogState>,
    result: JoinHandle<Invited>,
    plan: Plan,
    /// A description that came before the answer, with the tag of who sent it: the answer need not repeat it (RFC 3261 §13.2.1).
    early: Option<(String, String)>,
    /// What came inside the call before its answer was dealt with: the stack has taken that already.
    inside: Vec<DialogState>,
}

/// What one branch says.
enum Said {
    State(Box<DialogState>),
    Result(Box<Option<Response>>),
}

struct Outgoing {
    leg: Leg,
    dial: Dial,
    branches: Vec<Branch>,
    owner: Origin,
    trunk: Option<Trunk>,
    /// The best reason of those that failed (RFC 3261 §16.7).
    best: Option<u16>,
    told_trying: bool,
    told_ringing: bool,
}

pub(super) async fn serve(leg: Leg, dial: Dial) {
    let owner = match &dial.to {
        To::Account(user) => Origin::Account(user.clone()),
        To::Trunk { trunk, .. } => Origin::Trunk(trunk.clone()),
    };
    leg.begun(owner.clone());
    let mut outgoing = Outgoing {
        leg,
        dial,
        branches: Vec::new(),
        owner,
        trunk: None,
        best: None,
        told_trying: false,
        told_ringing: false,
    };
    match outgoing.begin().await {
        Ok(()) => outgoing.run().await,
        Err(cause) => outgoing.leg.tell(CallEvent::Ended {
            cause,
            by_them: false,
        }),
    }
}

impl Outgoing {
    async fn begin(&mut self) -> Result<(), Cause> {
        let shared = self.leg.shared.clone();
        match self.dial.to.clone() {
            To::Account(user) => {
                let bindings = lock(&shared.bindings).of(&user, shared.now_ms());
                for binding in bindings {
                    if let Some(plan) = Plan::to_phone(&shared, &self.dial, &binding) {
                        self.invite(plan);
                    }
                }
                match self.branches.is_empty() {
                    true => Err(Cause::Unreachable),
                    false => Ok(()),
                }
            }
            To::Trunk { trunk, number } => {
                let trunk = Trunks::trunk(&shared, &trunk).ok_or(Cause::Unreachable)?;
                // It is the trunk that is busy, not the callee.
                let full = Cause::ServerError { status: 503 };
                let place = Trunks::take(&shared, &trunk.id).ok_or(full)?;
                let destination = Trunks::destination(&shared, &trunk).await?;
                let plan = Plan::over_trunk(&shared, &self.dial, &trunk, &number, destination)
                    .ok_or(Cause::NotFound)?;
                self.trunk = Some(trunk);
                self.leg.trunk = Some(place);
                self.invite(plan);
                match self.branches.is_empty() {
                    true => Err(Cause::Unreachable),
                    false => Ok(()),
                }
            }
        }
    }

    fn invite(&mut self, plan: Plan) {
        let shared = &self.leg.shared;
        let supported = match plan.confirms {
            true => SUPPORTED,
            false => SUPPORTED_CALLING,
        };
        let mut headers = vec![
            Header::Allow(ALLOW.into()),
            Header::Supported(supported.into()),
        ];
        headers.extend(plan.headers.iter().cloned());
        let timer = plan.wish.headers();
        headers.extend(timer.into_iter().map(|(name, value)| other(name, value)));
        headers.extend(plan.proofs.iter().cloned());
        let option = InviteOption {
            caller_display_name: (self.dial.name.as_deref()).and_then(words::display_name),
            caller: plan.caller.clone(),
            callee: plan.callee.clone(),
            destination: Some(plan.destination.clone()),
            content_type: Some(SDP.to_owned()),
            offer: Some(self.dial.offer.clone().into_bytes()),
            contact: plan.contact.clone(),
            headers: Some(headers),
            // Said above. The stack confirms what asks for it all the same.
            support_prack: false,
            // The first challenge is ours; what the carrier asks in the call is the stack's.
            credential: (plan.login.as_ref())
                .filter(|_| !plan.proofs.is_empty())
                .map(place::credential),
            call_id: Some(plan.call_id.clone()),
            route_set: plan.routes.clone(),
            ..InviteOption::default()
        };
        // What follows the INVITE names the callee alone, and has to go the same way (RFC 3261 §9.1).
        if plan.routes.is_empty() {
            let at = plan.destination.clone();
            let Some(way) = (shared.places).keep(&plan.callee, at, &self.owner) else {
                tracing::warn!(
                    "a phone calls itself by the address of another one that is in a call: it is not rung at meanwhile"
                );
                return;
            };
            self.leg.ways.push(way);
        }
        let shared = &self.leg.shared;
        let (sender, states) = shared.dialogs.new_dialog_state_channel();
        match shared.dialogs.do_invite_async(option, sender) {
            Ok((dialog, result)) => {
                self.leg.asks(&dialog.id());
                self.branches.push(Branch {
                    dialog,
                    states,
                    result,
                    plan,
                    early: None,
                    inside: Vec::new(),
                });
            }
            Err(error) => tracing::warn!(%error, "a call could not be begun"),
        }
    }

    async fn run(mut self) {
        let until = Instant::now() + self.dial.ring_for;
        loop {
            let branches = &mut self.branches;
            let said = poll_fn(|cx| {
                for (n, branch) in branches.iter_mut().enumerate() {
                    if let Poll::Ready(Some(state)) = branch.states.poll_recv(cx) {
                        return Poll::Ready((n, Said::State(Box::new(state))));
                    }
                    if let Poll::Ready(result) = branch.result.poll_unpin(cx) {
                        let response = match result {
                            Ok(Ok((_, response))) => response,
                            Ok(Err(error)) => {
                                tracing::debug!(%error, "an INVITE came to nothing");
                                None
                            }
                            Err(_) => None,
                        };
                        return Poll::Ready((n, Said::Result(Box::new(response))));
                    }
                }
                Poll::Pending
            });
            tokio::select! {
                biased;
                (n, said) = said => match said {
                    Said::State(state) => self.heard(n, *state),
                    Said::Result(response) => {
                        let branch = self.branches.swap_remove(n);
                        match self.answered(branch, *response) {
                            Next::GoOn => {}
                            Next::Talk(began) => return self.talk(*began).await,
                            Next::Failed(cause) => return self.fail(cause),
                        }
                    }
                },
                order = self.leg.orders.recv() => {
                    let order = order.unwrap_or(Order::HangUp(Cause::Hangup));
                    match order {
                        Order::HangUp(_) | Order::Reject(_) => {
                            return self.take_back(Cause::Cancelled, false).await;
                        }
                        Order::TakeBack { elsewhere } => {
                            return self.take_back(Cause::Cancelled, elsewhere).await;
                        }
                        // It is not answered yet.
                        Order::Ring
                        | Order::Queue
                        | Order::Progress(_)
                        | Order::Answer(_)
                        | Order::Reoffer(..)
                        | Order::PressByInfo(_)
                        | Order::Refer(..) => {}
                    }
                }
                () = tokio::time::sleep_until(until) => {
                    return self.take_back(Cause::NoAnswer, false).await;
                }
            }
        }
    }

    /// What one of the phones says before it answers.
    fn heard(&mut self, n: usize, state: DialogState) {
        match state {
            DialogState::Trying(_) => self.trying(),
            DialogState::Early(_, response) => {
                self.trying();
                let single = matches!(self.dial.to, To::Trunk { .. });
                if let Some(sdp) = description(&response.headers, &response.body) {
                    if let Some(branch) = self.branches.get_mut(n) {
                        branch.early = Some((tag_of(&response), sdp.clone()));
                    }
                    if single {
                        self.leg.tell(CallEvent::Progress { sdp });
                    }
                }
                if !self.told_ringing && response.status_code.code() != 183 {
                    self.told_ringing = true;
                    self.leg.tell(CallEvent::Ringing);
                }
                if let Some(trunk) = &self.trunk {
                    Trunks::worked(&self.leg.shared, &trunk.id);
                }
            }
            DialogState::Updated(..)
            | DialogState::Publish(..)
            | DialogState::Notify(..)
            | DialogState::Refer(..)
            | DialogState::Message(..)
            | DialogState::Info(..)
            | DialogState::Options(..)
            | DialogState::Terminated(..) => {
                if let Some(branch) = self.branches.get_mut(n) {
                    branch.inside.push(state);
                }
            }
            DialogState::Calling(_) | DialogState::WaitAck(..) | DialogState::Confirmed(..) => {}
        }
    }

    fn trying(&mut self) {
        if !self.told_trying {
            self.told_trying = true;
            self.leg.tell(CallEvent::Trying);
        }
    }

    /// What a final response leads to.
    fn answered(&mut self, branch: Branch, response: Option<Response>) -> Next {
        let Some(response) = response else {
            return self.lost_branch(408);
        };
        let status = response.status_code.code();
        match status {
            200..=299 => {
                if let Some(trunk) = &self.trunk {
                    Trunks::worked(&self.leg.shared, &trunk.id);
                }
                let expires = value(&response.headers, "Session-Expires");
                let update = asked(&response.headers).allows_update;
                let timer = SessionTimer::of_answer(
                    branch.plan.wish,
                    expires,
                    update,
                    self.leg.shared.now_ms(),
                );
                let early = (branch.early)
                    .filter(|(tag, _)| *tag == tag_of(&response))
                    .map(|(_, sdp)| sdp);
                let sdp = description(&response.headers, &response.body).or(early);
                (self.leg).known(&branch.dialog.id(), self.owner.clone(), None);
                self.leg.tell(CallEvent::Answered { sdp });
                Next::Talk(Box::new(Began {
                    dialog: branch.dialog,
                    inside: branch.inside,
                    states: branch.states,
                    timer,
                    sdp: self.dial.offer.clone(),
                    owner: self.owner.clone(),
                    later: Vec::new(),
                }))
            }
            401 | 407 => self.again(branch.plan.proven(&response), status),
            421 => self.again(branch.plan.extended(&response), status),
            422 => self.again(branch.plan.longer(&response), status),
            _ => self.lost_branch(status),
        }
    }

    /// Asks once more, where we can give what was demanded.
    fn again(&mut self, plan: Option<Plan>, status: u16) -> Next {
        let Some(plan) = plan else {
            return self.lost_branch(status);
        };
        self.invite(plan);
        match self.branches.is_empty() {
            true => Next::Failed(Cause::Unreachable),
            false => Next::GoOn,
        }
    }

    /// One branch failed: the others go on, unless it was refused for all of them.
    fn lost_branch(&mut self, status: u16) -> Next {
        self.best = Some(match self.best {
            None => status,
            Some(best) => better(best, status),
        });
        if status >= 600 {
            self.cancel_all(false);
        }
        match self.branches.is_empty() {
            true => Next::Failed(Cause::from_status(self.best.unwrap_or(status))),
            false => Next::GoOn,
        }
    }

    async fn talk(mut self, began: Began) {
        self.cancel_all(true);
        Established::new(self.leg, began).run().await;
    }

    fn fail(self, cause: Cause) {
        if let Some(trunk) = &self.trunk {
            let status = self.best.unwrap_or(408);
            let (shared, id) = (&self.leg.shared, &trunk.id);
            let host = &trunk.host;
            match cause {
                // Somebody at the trunk said something: it is the number that is not reached.
                Cause::Timeout | Cause::Unreachable if self.told_trying => {
                    Trunks::worked(shared, id);
                }
                Cause::Timeout | Cause::Unreachable => {
                    let why = format!(
                        "{host} did not answer a call. Check its address and transport, and whether a firewall stands between."
                    );
                    Trunks::unreachable(shared, id, why);
                }
                Cause::Forbidden | Cause::ServerError { .. } => {
                    let why = format!(
                        "{host} refused a call ({status}). Check the account, the caller number and the contract at the carrier."
                    );
                    Trunks::failed(shared, id, why);
                }
                Cause::Hangup
                | Cause::Cancelled
                | Cause::Busy
                | Cause::NoAnswer
                | Cause::Rejected
                | Cause::NotFound
                | Cause::NotAcceptable
                | Cause::Other { .. } => Trunks::worked(shared, id),
            }
        }
        self.leg.tell(CallEvent::Ended {
            cause,
            by_them: true,
        });
    }

    /// We want no answer any more.
    async fn take_back(mut self, cause: Cause, elsewhere: bool) {
        let taken_back = self.cancel_all(elsewhere);
        self.leg.tell(CallEvent::Ended {
            cause,
            by_them: false,
        });
        // The leg is there until the phones know, so that a stop waits for it.
        if timeout(GOODBYE, join_all(taken_back)).await.is_err() {
            tracing::debug!("a phone did not say that it rings no longer");
        }
    }

    /// Takes every call back that is not answered. A 200 that crosses the CANCEL is hung up by the stack, one that was there
    /// before it here.
    fn cancel_all(&mut self, elsewhere: bool) -> Vec<JoinHandle<()>> {
        let shared = &self.leg.shared;
        let take_back = |branch: Branch| {
            let shared = shared.clone();
            let Branch {
                dialog,
                result,
                states,
                ..
            } = branch;
            let call_id = dialog.id().call_id;
            if elsewhere {
                lock(&shared.elsewhere).insert(call_id.clone());
            }
            tokio::spawn(async move {
                if let Err(error) = dialog.cancel().await {
                    tracing::debug!(%error, "a call could not be taken back");
                }
                let answered = match result.await {
                    Ok(Ok((_, Some(response)))) => {
                        (200..300).contains(&response.status_code.code())
                    }
                    Ok(Ok((_, None)) | Err(_)) | Err(_) => false,
                };
                lock(&shared.elsewhere).remove(&call_id);
                if answered {
                    say_goodbye(&shared, &dialog, Cause::Hangup).await;
                }
                drop(states);
            })
        };
        self.branches.drain(..).map(take_back).collect()
    }
}

/// What comes next.
enum Next {
    GoOn,
    Talk(Box<Began>),
    Failed(Cause),
}

/// The response to pass on of two (RFC 3261 §16.7 step 6): 6xx, then the lowest class; of 4xx those that help.
fn better(one: u16, other: u16) -> u16 {
    let rank = |status: u16| match status {
        600.. => 0,
        // Somebody said no.
        486 => 1,
        401 | 407 | 415 | 420 | 484 => 2,
        300..=399 => 3,
        400..=499 => 4,
        _ => 5,
    };
    match rank(other) < rank(one) {
        true => other,
        false => one,
    }
}

/// Who answered, where several may.
fn tag_of(response: &Response) -> String {
    let tag = response.to_header().ok().and_then(|to| to.tag().ok());
    tag.flatten().map(|tag| tag.to_string()).unwrap_or_default()
}
