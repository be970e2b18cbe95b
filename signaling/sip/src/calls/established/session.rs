//! Changes of a session that stands: their offers and ours, and the session timer's refreshes.

use std::time::Duration;

use rsipstack::{
    dialog::dialog::{Dialog, TransactionHandle},
    sip::{Header, Method, Param, Request, Response, prelude::HeadersExt},
};
use tokio::{sync::oneshot, time::timeout};

use super::{
    super::{
        headers::{SDP, answering, asked, contact_of, description, other, value},
        place,
    },
    Done, Established, answer,
};
use crate::{
    api::{CallEvent, Origin, ReofferError, Replied, Reply},
    cause::Cause,
    endpoint::locator::is_inside,
    session_timer::{Due, Method as By},
    settings::Transport,
};

/// How long the server may take to answer a change of the session.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a change that crossed theirs is tried.
const GLARES: usize = 4;

impl Established {
    /// A re-INVITE or UPDATE of theirs.
    pub(super) async fn change(&mut self, request: &Request, handle: TransactionHandle) {
        let headers = &request.headers;
        let is_invite = request.method == Method::Invite;
        if self.reoffering || self.offered {
            // Glare (RFC 3261 §14.2, RFC 3311 §5.2).
            return answer(&handle, 491, vec![], None).await;
        }
        let mut extra = answering(false);
        let mut timer = self.timer.clone();
        match timer.refreshed_by_them(&asked(headers), self.leg.shared.now_ms()) {
            Ok(granted) => {
                if let Some(expires) = granted.session_expires {
                    extra.push(other("Session-Expires", expires));
                }
                if granted.require_timer {
                    extra.push(Header::Require("timer".into()));
                }
            }
            Err(small) => {
                let least = other("Min-SE", small.min_se_s.to_string());
                return answer(&handle, 422, vec![least], None).await;
            }
        }
        let offer = description(headers, &request.body);
        if offer.is_none() && !request.body.is_empty() {
            return answer(&handle, 415, vec![Header::Accept(SDP.into())], None).await;
        }
        self.follow(request);
        if offer.is_none() && !is_invite {
            self.timer = timer;
            // A refresh that changes nothing (RFC 4028 §7.4).
            return answer(&handle, 200, extra, None).await;
        }
        let number = request.cseq_header().and_then(|cseq| cseq.seq()).ok();
        let (say, said) = oneshot::channel();
        let tell = self.tell.clone();
        self.offered = true;
        tokio::spawn(async move {
            let replied = match timeout(PATIENCE, said).await {
                Ok(Ok(replied)) => replied,
                Ok(Err(_)) | Err(_) => Replied::Refused,
            };
            let done = match replied {
                Replied::Answer(sdp) => {
                    extra.push(Header::ContentType(SDP.into()));
                    answer(&handle, 200, extra, Some(sdp.clone())).await;
                    Done::Answered(Some(sdp), None, timer)
                }
                Replied::Offer(sdp) => {
                    extra.push(Header::ContentType(SDP.into()));
                    answer(&handle, 200, extra, Some(sdp.clone())).await;
                    Done::Answered(Some(sdp), number, timer)
                }
                Replied::Refused => {
                    answer(&handle, 488, vec![], None).await;
                    Done::Answered(None, None, timer)
                }
            };
            let _ = tell.send(done);
        });
        let reply = Reply(Some(say));
        self.leg.tell(CallEvent::Offered { sdp: offer, reply });
    }

    /// From now on they are reached where this says (RFC 3261 §12.2.2): a telephone may have moved into another network. An
    /// agent's is reached where it spoke from, so that no account can point us at somebody else.
    fn follow(&mut self, request: &Request) {
        let contact = contact_of(&request.headers);
        let (Some(mut contact), Some((at, transport))) = (contact, self.leg.spoke_from()) else {
            return;
        };
        let routed = !self.dialog.snapshot().route_set.is_empty();
        let hidden = matches!(self.owner, Origin::Account(_)) || is_inside(&contact);
        match transport {
            _ if routed => {}
            Transport::Udp if hidden => {
                contact.host_with_port = at.into();
                (contact.params)
                    .retain(|param| !matches!(param, Param::Transport(_) | Param::Maddr(_)));
                let (places, at) = (&self.leg.shared.places, place::destination(at, transport));
                self.way = places.keep(&contact, at, &self.owner);
            }
            Transport::Udp => {}
            // It is reached over its connection.
            Transport::Tcp | Transport::Tls | Transport::Ws | Transport::Wss if hidden => return,
            Transport::Tcp | Transport::Tls | Transport::Ws | Transport::Wss => {
                let named = |param: &Param| matches!(param, Param::Transport(_));
                if !contact.params.iter().any(named)
                    && let Some(over) = place::destination(at, transport).r#type
                {
                    contact.params.push(Param::Transport(over));
                }
            }
        }
        let told = request.contact_header().ok().cloned();
        Dialog::Invite(self.dialog.clone()).set_remote_target(contact, told);
    }

    /// A re-INVITE of ours, once more where it crosses one of theirs (RFC 3261 §14.1).
    pub(super) fn reoffer(
        &mut self,
        sdp: String,
        reply: oneshot::Sender<Result<String, ReofferError>>,
    ) {
        if self.reoffering {
            let _ = reply.send(Err(ReofferError::Refused(491)));
            return;
        }
        self.reoffering = true;
        let (dialog, tell) = (self.dialog.clone(), self.tell.clone());
        let headers = self.refreshing(true);
        tokio::spawn(async move {
            let body = sdp.clone().into_bytes();
            let answered = dialog.reinvite_with_glare_retry(Some(headers), Some(body), GLARES);
            let (answer, response) = match answered.await {
                Ok(Some(response)) => {
                    let status = response.status_code.code();
                    let answer = match status {
                        200..=299 => description(&response.headers, &response.body)
                            .ok_or(ReofferError::Refused(status)),
                        _ => Err(ReofferError::Refused(status)),
                    };
                    (answer, Some(Box::new(response)))
                }
                Ok(None) => (Err(ReofferError::Over), None),
                Err(_) => (Err(ReofferError::Refused(491)), None),
            };
            let _ = tell.send(Done::Reoffered {
                sdp,
                answer,
                reply,
                response,
            });
        });
    }

    /// Says that we are still there (RFC 4028 §7.4). Gives the cause where the call is to end.
    pub(super) fn refresh(&mut self, by: By) -> Option<Cause> {
        if self.reoffering || self.offered {
            // What is under way refreshes too.
            return self.refreshed(None);
        }
        let (dialog, tell, sdp) = (self.dialog.clone(), self.tell.clone(), self.sdp.clone());
        let headers = self.refreshing(matches!(by, By::Reinvite));
        tokio::spawn(async move {
            let sent = match by {
                By::Update => dialog.update(Some(headers), None).await,
                By::Reinvite => dialog.reinvite(Some(headers), Some(sdp.into_bytes())).await,
            };
            let response = sent.ok().flatten().map(Box::new);
            let _ = tell.send(Done::Refreshed(response));
        });
        None
    }

    fn refreshing(&self, with_description: bool) -> Vec<Header> {
        let mut headers = answering(with_description);
        let timer = self.timer.headers();
        headers.extend(timer.into_iter().map(|(name, value)| other(name, value)));
        headers
    }

    /// Gives the cause where the call is to end.
    pub(super) fn refreshed(&mut self, response: Option<&Response>) -> Option<Cause> {
        let now = self.leg.shared.now_ms();
        let status = response.map_or(491, |response| response.status_code.code());
        let headers = response.map(|response| &response.headers);
        let due = match status {
            200..=299 => {
                let expires = headers.and_then(|headers| value(headers, "Session-Expires"));
                self.timer.refreshed_by_us(expires, now);
                None
            }
            _ => {
                let least = headers.and_then(|headers| value(headers, "Min-SE"));
                self.timer.refresh_failed(status, least, now)
            }
        };
        match due {
            Some(Due::Refresh(by)) => self.refresh(by),
            // RFC 4028 §10: nobody is there any more.
            Some(Due::Expire) => Some(Cause::Timeout),
            None => None,
        }
    }
}
