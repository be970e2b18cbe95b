//! What administrators see of telephones: where phones are, how trunks stand, and a call to try one by.

use std::{sync::Arc, time::Duration};

use bellwire_media::anchor::{MediaError, Want};
use bellwire_proto::{
    admin::{
        CallProgress, Contact, PhoneLine, RefusedLogin, TestCall, TestCallResult, TrunkLine,
        TrunkState,
    },
    time::Timestamp,
};
use bellwire_sip::{
    api::{self, CallEvent, Dial, To},
    cause::Cause,
};
use futures_util::future::BoxFuture;
use tokio::time::{Instant, timeout_at};

use super::{Phones, telephone::OwnLeg};
use crate::{http::Telephony, metrics::telephony::Seen};

/// How long a test call may take.
const LONGEST_TEST: Duration = Duration::from_secs(15);

impl Telephony for PhonesHandle {
    fn phone_lines(&self) -> Vec<PhoneLine> {
        let directory = self.0.directory();
        let line = |phone: &bellwire_proto::setup::Phone| {
            let bindings = self.0.endpoint.bindings_of(&phone.user);
            let registered = bindings.into_iter().map(|binding| Contact {
                contact: binding.contact,
                source: binding.source.to_string(),
                transport: binding.transport.to_string(),
                agent: binding.agent,
                until: Timestamp(binding.expires_at_ms),
            });
            PhoneLine {
                phone: phone.id,
                registered: registered.collect(),
                refused: (self.0.endpoint.refused_login_of(&phone.user)).map(|refused| {
                    RefusedLogin {
                        at: Timestamp(refused.at_ms),
                        source: refused.source.to_string(),
                    }
                }),
            }
        };
        directory.phones.iter().map(line).collect()
    }

    fn trunk_lines(&self) -> Vec<TrunkLine> {
        let directory = self.0.directory();
        let status = self.0.endpoint.trunks();
        let line = |trunk: &bellwire_proto::setup::Trunk| {
            let id = trunk.id.to_string();
            let known = status.iter().find(|status| status.id == id);
            let state = match (trunk.on, known.map(|known| known.state)) {
                (false, _) => TrunkState::Off,
                (true, None | Some(api::TrunkState::Unknown)) => TrunkState::Registering,
                (true, Some(api::TrunkState::Registered { .. } | api::TrunkState::Answers)) => {
                    TrunkState::Up
                }
                (true, Some(api::TrunkState::Refuses | api::TrunkState::Silent)) => {
                    TrunkState::Down
                }
            };
            let trouble = known.and_then(|known| known.trouble.clone());
            let no_password = (trunk.on && known.is_none()).then(|| {
                "This trunk has no password yet, or is not read yet. Give it one, and save."
                    .to_owned()
            });
            TrunkLine {
                trunk: trunk.id,
                state,
                since: known.map_or(Timestamp(0), |known| Timestamp(known.since_ms)),
                why: match state {
                    TrunkState::Down => trouble.as_ref().map(|(why, _)| why.clone()),
                    TrunkState::Registering => no_password,
                    TrunkState::Off | TrunkState::Up => None,
                },
                calls: known.map_or(0, |known| u32::try_from(known.calls).unwrap_or(u32::MAX)),
                last_refused: trouble
                    .map(|(why, _)| why)
                    .filter(|_| state != TrunkState::Down),
            }
        };
        directory.trunks.iter().map(line).collect()
    }

    fn seen(&self) -> Seen {
        let directory = self.0.directory();
        let is_up = |line: &TrunkLine| matches!(line.state, TrunkState::Up);
        let trunks = self.trunk_lines().into_iter().map(|line| {
            let name = directory.trunk_name(&line.trunk.to_string()).to_owned();
            (name, is_up(&line))
        });
        Seen {
            sip: self.0.endpoint.counts(),
            media: self.0.anchor.counts(),
            trunks: trunks.collect(),
        }
    }

    fn test_call<'a>(&'a self, test: TestCall) -> BoxFuture<'a, TestCallResult> {
        Box::pin(self.0.try_trunk(test))
    }
}

/// What the HTTP side holds.
pub(super) struct PhonesHandle(pub(super) Arc<Phones>);

impl Phones {
    async fn try_trunk(self: &Arc<Self>, test: TestCall) -> TestCallResult {
        let began = Instant::now();
        let result = |outcome, status, say: &str| TestCallResult {
            outcome,
            status,
            say: say.to_owned(),
            took_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        };
        let directory = self.directory();
        let Some(trunk) = directory.trunk_of(test.trunk).filter(|trunk| trunk.on) else {
            let say = "The trunk is switched off. Switch it on, save, and try again.";
            return result(CallProgress::Unreachable, None, say);
        };
        let mut entry = match self.may_dial(&test.number, None) {
            Ok(entry) => entry,
            Err(why) => return result(CallProgress::Rejected, None, &why.to_string()),
        };
        entry.over(trunk.id.to_string());
        let own = OwnLeg::open(self, trunk.secure);
        let offer = match own.leg.offer(Want::default()).await {
            Ok(offer) => offer,
            Err(error) => {
                tracing::error!(%error, "no sound could be offered to a trunk");
                let say = if matches!(error, MediaError::Ports(_)) {
                    "The server has no free port for sound. Widen media.first_port to media.last_port."
                } else {
                    "The server could not offer any sound. Its log says why."
                };
                return result(CallProgress::Unreachable, None, say);
            }
        };
        let (call, mut events) = self.endpoint.dial(Dial {
            to: To::Trunk {
                trunk: trunk.id.to_string(),
                number: test.number,
            },
            from: None,
            name: None,
            offer,
            // We look at the clock ourselves.
            ring_for: LONGEST_TEST * 2,
        });
        let mut rang = false;
        let (outcome, status, say) = loop {
            match timeout_at(began + LONGEST_TEST, events.recv()).await {
                Ok(Some(CallEvent::Answered { .. })) => {
                    break (CallProgress::Answered, Some(200), "It was answered.");
                }
                Ok(Some(CallEvent::Ended { cause, by_them })) => {
                    let (outcome, status, say) = outcome(cause);
                    // Nobody there sent a status.
                    break (outcome, status.filter(|_| by_them), say);
                }
                Ok(Some(CallEvent::Ringing | CallEvent::Progress { .. })) => rang = true,
                Ok(Some(_)) => {}
                Ok(None) | Err(_) if rang => {
                    let say = "It rings there, and nobody answered in 15 seconds: the trunk works.";
                    break (CallProgress::NoAnswer, Some(180), say);
                }
                Ok(None) | Err(_) => {
                    let say = "The trunk did not say anything in 15 seconds. Check its host and transport, and whether a firewall stands between.";
                    break (CallProgress::Unreachable, None, say);
                }
            }
        };
        call.hang_up(Cause::Hangup);
        entry.became("tested");
        drop(entry);
        result(outcome, status, say)
    }
}

fn outcome(cause: Cause) -> (CallProgress, Option<u16>, &'static str) {
    let status = Some(cause.response().0);
    match cause {
        Cause::Busy => (
            CallProgress::Busy,
            status,
            "The number is busy: the trunk works.",
        ),
        Cause::NoAnswer | Cause::Cancelled | Cause::Hangup => (
            CallProgress::NoAnswer,
            status,
            "Nobody answers there: the trunk works.",
        ),
        Cause::NotFound => (
            CallProgress::Rejected,
            status,
            "The carrier says that there is no such number. Write it with + and the country's digits.",
        ),
        Cause::Forbidden => (
            CallProgress::Rejected,
            status,
            "The carrier refuses the call: check user, password and caller number of the trunk.",
        ),
        Cause::NotAcceptable => (
            CallProgress::Rejected,
            status,
            "The carrier takes none of our codecs, or demands encryption. Try the other setting of \"encrypted sound\".",
        ),
        Cause::Rejected | Cause::Other { .. } => (
            CallProgress::Rejected,
            status,
            "The call was refused there.",
        ),
        Cause::Unreachable | Cause::Timeout => (
            CallProgress::Unreachable,
            None,
            "The trunk cannot be reached. Check its host and transport, and whether a firewall stands between.",
        ),
        Cause::ServerError { .. } => (
            CallProgress::Unreachable,
            status,
            "The carrier has a fault of its own. Try again later.",
        ),
    }
}
