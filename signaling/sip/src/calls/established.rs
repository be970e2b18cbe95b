//! A leg that was answered: changes of the session, keys, passing on, the session timer, and the end.

mod session;

use std::{sync::Arc, time::Duration};

use rsipstack::{
    dialog::{
        dialog::{DialogState, TransactionHandle},
        invite_dialog::InviteDialog,
    },
    sip::{Header, Request, Response, StatusCode, prelude::HeadersExt},
};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use super::{
    Leg,
    headers::{answering, description, names, reasons, value},
    incoming::ended,
    refer,
};
use crate::{
    api::{CallEvent, Order, Origin, ReofferError},
    cause::Cause,
    endpoint::locator::Place,
    session_timer::{Due, SessionTimer},
    shared::Shared,
};

/// How long a leg waits for the answer to its BYE.
pub(super) const GOODBYE: Duration = Duration::from_secs(3);
/// How long a BYE is sent again (64 times T1, RFC 3261 §17.1.2.2).
const LAST_WORDS: Duration = Duration::from_secs(33);

/// How an established leg begins.
pub(super) struct Began {
    pub(super) dialog: InviteDialog,
    /// What came before `states`.
    pub(super) inside: Vec<DialogState>,
    pub(super) states: mpsc::UnboundedReceiver<DialogState>,
    pub(super) timer: SessionTimer,
    /// Our description, as it was last.
    pub(super) sdp: String,
    pub(super) owner: Origin,
    pub(super) later: Vec<Order>,
}

/// An established leg.
pub(super) struct Established {
    leg: Leg,
    dialog: InviteDialog,
    inside: Vec<DialogState>,
    states: mpsc::UnboundedReceiver<DialogState>,
    timer: SessionTimer,
    sdp: String,
    owner: Origin,
    done: mpsc::UnboundedReceiver<Done>,
    tell: mpsc::UnboundedSender<Done>,
    /// A re-INVITE of ours is on its way.
    reoffering: bool,
    /// Their re-INVITE or UPDATE is not answered yet.
    offered: bool,
    /// The number of a re-INVITE that we answered with an offer: its ACK brings the answer.
    awaits_ack: Option<u32>,
    transfer: Option<oneshot::Sender<u16>>,
    /// The way to where they went during the call.
    way: Option<Place>,
    later: Vec<Order>,
}

/// What was done beside the task.
enum Done {
    /// They were answered, with this description of ours and for this re-INVITE if the answer is to come.
    Answered(Option<String>, Option<u32>, SessionTimer),
    /// Our re-INVITE was answered.
    Reoffered {
        sdp: String,
        answer: Result<String, ReofferError>,
        reply: oneshot::Sender<Result<String, ReofferError>>,
        response: Option<Box<Response>>,
    },
    /// Our refresh was answered.
    Refreshed(Option<Box<Response>>),
    /// A transfer that we asked for was refused.
    TransferRefused(u16),
}

impl Established {
    pub(super) fn new(leg: Leg, began: Began) -> Self {
        let (tell, done) = mpsc::unbounded_channel();
        Self {
            leg,
            dialog: began.dialog,
            inside: began.inside,
            states: began.states,
            timer: began.timer,
            sdp: began.sdp,
            owner: began.owner,
            done,
            tell,
            reoffering: false,
            offered: false,
            awaits_ack: None,
            transfer: None,
            way: None,
            later: began.later,
        }
    }

    pub(super) async fn run(mut self) {
        for state in std::mem::take(&mut self.inside) {
            if let Some((cause, by_them)) = self.state(state).await {
                return self.finish(cause, by_them);
            }
        }
        for order in std::mem::take(&mut self.later) {
            if let Some(cause) = self.ordered(order) {
                return self.hang_up(cause).await;
            }
        }
        loop {
            let due = self.timer.poll_timeout_ms();
            let now = self.leg.shared.now_ms();
            let timer = async {
                match due {
                    Some(at) => {
                        tokio::time::sleep(Duration::from_millis(at.saturating_sub(now))).await
                    }
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                state = self.states.recv() => {
                    let Some(state) = state else {
                        return self.finish(Cause::Timeout, false);
                    };
                    if let Some((cause, by_them)) = self.state(state).await {
                        return self.finish(cause, by_them);
                    }
                }
                Some(done) = self.done.recv() => {
                    if let Some(cause) = self.was_done(done) {
                        return self.hang_up(cause).await;
                    }
                }
                order = self.leg.order() => {
                    if let Some(cause) = self.ordered(order) {
                        return self.hang_up(cause).await;
                    }
                }
                () = timer => {
                    let now = self.leg.shared.now_ms();
                    match self.timer.handle_timeout(now) {
                        Some(Due::Refresh(by)) => {
                            if let Some(cause) = self.refresh(by) {
                                return self.hang_up(cause).await;
                            }
                        }
                        // RFC 4028 §10: the far end is gone.
                        Some(Due::Expire) => return self.hang_up(Cause::Timeout).await,
                        None => {}
                    }
                }
            }
        }
    }

    /// Deals with what the stack tells. Gives the end, if this is it.
    async fn state(&mut self, state: DialogState) -> Option<(Cause, bool)> {
        match state {
            DialogState::Updated(_, request, handle) => self.change(&request, handle).await,
            DialogState::Info(_, request, handle) => self.info(&request, handle).await,
            DialogState::Refer(_, request, handle) => {
                let refer = refer::read(&self.leg.shared, &request, &self.owner);
                match refer {
                    None => answer(&handle, 400, vec![], None).await,
                    Some((to, replaces)) => {
                        let subscribes = !names(&request.headers, "Require", "norefersub")
                            && value(&request.headers, "Refer-Sub") != Some("false");
                        let refer =
                            refer::ask(self.dialog.clone(), handle, to, replaces, subscribes);
                        self.leg.tell(CallEvent::Refer(refer));
                    }
                }
            }
            DialogState::Notify(_, request, handle) => {
                answer(&handle, 200, vec![], None).await;
                if let Some(status) = refer::final_status(&request)
                    && let Some(told) = self.transfer.take()
                {
                    let _ = told.send(status);
                }
            }
            DialogState::Options(_, _, handle) => {
                answer(&handle, 200, answering(false), None).await;
            }
            DialogState::Message(_, _, handle) | DialogState::Publish(_, _, handle) => {
                answer(&handle, 405, answering(false), None).await;
            }
            DialogState::Confirmed(..) => self.confirmed(),
            DialogState::Terminated(_, reason) => {
                let (cause, by_them) = ended(&reason);
                return Some((cause, by_them));
            }
            DialogState::Calling(_)
            | DialogState::Trying(_)
            | DialogState::Early(..)
            | DialogState::WaitAck(..) => {}
        }
        None
    }

    /// The stack tells so after an ACK, and after everything else too.
    fn confirmed(&mut self) {
        let Some(wanted) = self.awaits_ack else {
            return;
        };
        let Some(ack) = self.dialog.last_remote_ack() else {
            return;
        };
        let number = ack.cseq_header().and_then(|cseq| cseq.seq());
        if number.is_ok_and(|number| number == wanted) {
            self.awaits_ack = None;
            if let Some(sdp) = description(&ack.headers, &ack.body) {
                self.leg.tell(CallEvent::Agreed { sdp });
            }
        }
    }

    /// Keys by INFO, as phones of before RFC 4733 have it.
    async fn info(&mut self, request: &Request, handle: TransactionHandle) {
        if request.body.is_empty() {
            return answer(&handle, 200, vec![], None).await;
        }
        let kind = value(&request.headers, "Content-Type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let body = String::from_utf8_lossy(&request.body);
        let key = if kind.eq_ignore_ascii_case("application/dtmf-relay") {
            body.lines()
                .find_map(|line| line.trim().strip_prefix("Signal"))
                .map(|rest| rest.trim_start_matches([' ', '=']).trim())
        } else if kind.eq_ignore_ascii_case("application/dtmf") {
            Some(body.trim())
        } else {
            let accept = Header::Accept("application/dtmf-relay, application/dtmf".into());
            return answer(&handle, 415, vec![accept], None).await;
        };
        let key = key.and_then(key_of);
        match key {
            Some(key) => {
                answer(&handle, 200, vec![], None).await;
                self.leg.tell(CallEvent::Pressed(key));
            }
            None => answer(&handle, 400, vec![], None).await,
        }
    }

    /// Carries out an order. Gives the cause where the call is to end.
    fn ordered(&mut self, order: Order) -> Option<Cause> {
        match order {
            Order::Reject(cause) | Order::HangUp(cause) => return Some(cause),
            Order::TakeBack { .. } => return Some(Cause::Hangup),
            Order::Reoffer(sdp, reply) => self.reoffer(sdp, reply),
            Order::PressByInfo(key) => {
                let dialog = self.dialog.clone();
                tokio::spawn(async move {
                    let headers = vec![Header::ContentType("application/dtmf-relay".into())];
                    let body = format!("Signal={key}\r\nDuration=160\r\n");
                    let sent = dialog.info(Some(headers), Some(body.into_bytes()));
                    if let Err(error) = sent.await {
                        tracing::debug!(%error, "a key could not be sent");
                    }
                });
            }
            Order::Refer(to, told) => {
                self.transfer = Some(told);
                let (dialog, tell) = (self.dialog.clone(), self.tell.clone());
                let domain = self.leg.shared.settings.domain.clone();
                tokio::spawn(async move {
                    let Some(user) = crate::words::dialled(&to) else {
                        let _ = tell.send(Done::TransferRefused(400));
                        return;
                    };
                    let user = crate::words::percent_encode_user(&user);
                    let target = format!("<sip:{user}@{domain}>");
                    let status = match dialog.refer(target, None, None).await {
                        Ok(Some(response)) => response.status_code.code(),
                        Ok(None) | Err(_) => 0,
                    };
                    if !(200..300).contains(&status) {
                        let _ = tell.send(Done::TransferRefused(status));
                    }
                });
            }
            // It is answered.
            Order::Ring | Order::Queue | Order::Progress(_) | Order::Answer(_) => {}
        }
        None
    }

    /// Gives the cause where the call is to end.
    fn was_done(&mut self, done: Done) -> Option<Cause> {
        match done {
            Done::Answered(sdp, awaits, timer) => {
                self.offered = false;
                if let Some(sdp) = sdp {
                    self.sdp = sdp;
                    // What is refused refreshes nothing (RFC 4028 §9).
                    self.timer = timer;
                }
                self.awaits_ack = awaits;
                // The ACK may have been quicker than we are.
                self.confirmed();
            }
            Done::Reoffered {
                sdp,
                answer,
                reply,
                response,
            } => {
                self.reoffering = false;
                if answer.is_ok() {
                    self.sdp = sdp;
                    if let Some(response) = &response {
                        let expires = value(&response.headers, "Session-Expires");
                        (self.timer).refreshed_by_us(expires, self.leg.shared.now_ms());
                    }
                }
                // RFC 3261 §12.2.1.2: the far end knows of no such call, or is gone.
                let gone = matches!(answer, Err(ReofferError::Refused(408 | 481)));
                let _ = reply.send(answer);
                if gone {
                    return Some(Cause::Timeout);
                }
            }
            Done::Refreshed(response) => return self.refreshed(response.as_deref()),
            Done::TransferRefused(status) => {
                if let Some(told) = self.transfer.take() {
                    let _ = told.send(status);
                }
            }
        }
        None
    }

    async fn hang_up(self, cause: Cause) {
        self.leg.tell(CallEvent::Ended {
            cause,
            by_them: false,
        });
        let mut leg = self.leg;
        let (shared, dialog) = (leg.shared.clone(), self.dialog);
        let ways = (std::mem::take(&mut leg.ways), self.way);
        // A far end that cannot be reached for a moment hears it later; the leg does not wait for that.
        let said = tokio::spawn(async move {
            say_goodbye(&shared, &dialog, cause).await;
            drop(ways);
        });
        if timeout(GOODBYE, said).await.is_err() {
            tracing::debug!("a BYE is not answered yet");
        }
    }

    fn finish(self, cause: Cause, by_them: bool) {
        let cause = self.leg.why_they_went(cause);
        self.leg.tell(CallEvent::Ended { cause, by_them });
        self.leg.shared.dialogs.remove_dialog(&self.dialog.id());
    }
}

/// Sends BYE, and forgets the dialog.
pub(super) async fn say_goodbye(shared: &Arc<Shared>, dialog: &InviteDialog, cause: Cause) {
    let said = dialog.hangup_with_headers(Some(reasons(cause)));
    match timeout(LAST_WORDS, said).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a BYE came to nothing"),
        Err(_) => tracing::debug!("a BYE was not answered"),
    }
    shared.dialogs.remove_dialog(&dialog.id());
}

/// Answers a request inside the call.
pub(super) async fn answer(
    handle: &TransactionHandle,
    status: u16,
    headers: Vec<Header>,
    body: Option<String>,
) {
    let body = body.map(String::into_bytes);
    // A transaction that is over was answered by the stack.
    let _ = handle
        .respond(StatusCode::from(status), Some(headers), body)
        .await;
}

/// A key of a telephone; some write 10 and 11 for `*` and `#`.
fn key_of(text: &str) -> Option<char> {
    let mut letters = text.chars();
    match (letters.next(), letters.next(), text) {
        (Some(key @ ('0'..='9' | '*' | '#' | 'A'..='D')), None, _) => Some(key),
        (Some(key @ 'a'..='d'), None, _) => Some(key.to_ascii_uppercase()),
        (_, _, "10") => Some('*'),
        (_, _, "11") => Some('#'),
        (_, _, _) => None,
    }
}
