//! What a trunk is asked: REGISTER with our own digest, and OPTIONS. One request after the other.
//!
//! When and how often is not decided here.

mod answers;

use std::{sync::Arc, time::Duration};

use rsipstack::{
    sip::{
        Auth, CallId, Header, Host, HostWithPort, Method, Param, Request, Response, Scheme,
        SipMessage, StatusCodeKind, Uri,
        param::Tag,
        typed::{From, To},
    },
    transaction::{
        key::{TransactionKey, TransactionRole},
        make_call_id, make_tag,
        transaction::Transaction,
    },
    transport::SipAddr,
};

use self::answers::{Answers, Useless, granted_s, is_our_own, seconds};
use super::{
    place::{self, Reached, reach},
    says,
    standing::Outcome,
};
use crate::{
    settings::{Login, Trunk},
    shared::Shared,
    words::{self, HostPort},
};

/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(4);

/// Our side of the conversation: RFC 3261 §10.2 wants one Call-ID and a rising `CSeq` for all registrations.
pub(super) struct Talk {
    call_id: CallId,
    tag: Tag,
    seq: u32,
    registered: bool,
}

/// What a request is made of.
struct Ask<'a> {
    method: Method,
    host: HostPort,
    user: Option<&'a str>,
    headers: Vec<Header>,
}

impl Talk {
    pub(super) fn new(shared: &Shared) -> Self {
        let option = &shared.stack.option;
        Self {
            call_id: make_call_id(option.callid_suffix.as_deref(), option.callid_format),
            tag: make_tag(),
            seq: 0,
            registered: false,
        }
    }

    /// Whether there is something to be taken back at the end.
    pub(super) const fn is_registered(&self) -> bool {
        self.registered
    }

    /// Registers for so long; 0 takes the registration back.
    pub(super) async fn register(
        &mut self,
        shared: &Arc<Shared>,
        trunk: &Trunk,
        expires_s: u32,
    ) -> Outcome {
        let (Some(login), Some(host)) = (&trunk.login, words::host_port(&trunk.host)) else {
            return Outcome::Silent {
                why: says::no_host(trunk),
            };
        };
        let reached = match reach(shared, trunk).await {
            Ok(reached) => reached,
            Err(why) => return Outcome::Silent { why },
        };
        let user = words::percent_encode_user(&login.user);
        let contact = format!(
            "sip:{user}@{};transport={}",
            reached.own,
            trunk.transport.name()
        );
        let mut answers = Answers::default();
        loop {
            let mut headers = vec![
                Header::Contact(format!("<{contact}>").into()),
                Header::Expires(expires_s.to_string().into()),
            ];
            headers.extend(answers.headers(
                login,
                &Method::Register.to_string(),
                &uri(&host).to_string(),
            ));
            let ask = Ask {
                method: Method::Register,
                host: host.clone(),
                user: Some(&login.user),
                headers,
            };
            // Where an answer is lost, we may be registered all the same.
            let before = std::mem::replace(&mut self.registered, true);
            let Some(response) = self.ask(shared, &reached, ask, trunk).await else {
                let address = reached.destination.addr.to_string();
                return Outcome::Silent {
                    why: says::silent(&trunk.host, "REGISTER", &address, trunk.transport),
                };
            };
            let status = response.status_code.code();
            if matches!(status, 401 | 407) {
                match answers.answer(&response) {
                    Ok(()) => {
                        self.registered = before;
                        continue;
                    }
                    Err(useless) => {
                        self.registered = false;
                        let why = match useless {
                            Useless::Unknown => says::odd_login(&trunk.host, status),
                            Useless::Wrong => says::refused(&trunk.host, login, status),
                        };
                        return Outcome::Refused { why, after_s: 0 };
                    }
                }
            }
            let outcome = judge(trunk, login, &response, &contact, expires_s);
            self.registered = match outcome {
                Outcome::Registered { .. } => expires_s > 0,
                Outcome::Refused { .. } => false,
                // What was there before is there still.
                Outcome::TooBrief { .. }
                | Outcome::Failed { .. }
                | Outcome::Silent { .. }
                | Outcome::Answered
                | Outcome::Unanswered { .. }
                | Outcome::Found => before,
            };
            return outcome;
        }
    }

    /// Asks whether it is there.
    pub(super) async fn options(&mut self, shared: &Arc<Shared>, trunk: &Trunk) -> Outcome {
        let Some(host) = words::host_port(&trunk.host) else {
            return Outcome::Unanswered {
                why: says::no_host(trunk),
            };
        };
        let reached = match reach(shared, trunk).await {
            Ok(reached) => reached,
            Err(why) => return Outcome::Unanswered { why },
        };
        let ask = Ask {
            method: Method::Options,
            host,
            user: trunk.login.as_ref().map(|login| login.user.as_str()),
            headers: vec![Header::Accept("application/sdp".into())],
        };
        match self.ask(shared, &reached, ask, trunk).await {
            Some(_) => Outcome::Answered,
            None => Outcome::Unanswered {
                why: says::silent(
                    &trunk.host,
                    "OPTIONS",
                    &reached.destination.addr.to_string(),
                    trunk.transport,
                ),
            },
        }
    }

    /// Sends a request, and gives the final response; none where there was none in time.
    async fn ask(
        &mut self,
        shared: &Arc<Shared>,
        reached: &Reached,
        ask: Ask<'_>,
        trunk: &Trunk,
    ) -> Option<Response> {
        self.seq += 1;
        let request = self.request(shared, reached, ask, trunk)?;
        let key = TransactionKey::from_request(&request, TransactionRole::Client).ok()?;
        let mut transaction = Transaction::new_client(
            key,
            request,
            Arc::clone(&shared.stack),
            reached.connection.clone(),
        );
        transaction.destination = Some(reached.destination.clone());
        let talked = async {
            transaction.send().await.ok()?;
            while let Some(message) = transaction.receive().await {
                if let SipMessage::Response(response) = message
                    && response.status_code.kind() != StatusCodeKind::Provisional
                {
                    return Some(response);
                }
            }
            None
        };
        // The transaction is dropped with what it did not get: nothing of it is used after this.
        let response = tokio::time::timeout(ANSWER, talked).await.ok()??;
        (!is_our_own(&response)).then_some(response)
    }

    /// A request outside a dialog.
    fn request(
        &self,
        shared: &Arc<Shared>,
        reached: &Reached,
        ask: Ask<'_>,
        trunk: &Trunk,
    ) -> Option<Request> {
        let (transport, _) = place::stack_transport(trunk.transport);
        let via = SipAddr::new(transport, reached.own.into());
        let via = shared.stack.get_via(Some(via), None).ok()?;
        let target = uri(&ask.host);
        // Our address of record there (RFC 3261 §10.2); who has none asks as the server itself.
        let who = match ask.user {
            Some(user) => Uri {
                auth: Some(Auth {
                    user: user.to_owned(),
                    password: None,
                }),
                ..uri(&HostPort {
                    host: ask.host.host.clone(),
                    port: None,
                })
            },
            None => Uri {
                scheme: Some(Scheme::Sip),
                host_with_port: reached.own.into(),
                ..Uri::default()
            },
        };
        let registers = ask.method == Method::Register;
        let from = From {
            display_name: None,
            uri: who.clone(),
            params: vec![Param::Tag(self.tag.clone())],
        };
        let to = To {
            display_name: None,
            uri: if registers { who } else { target.clone() },
            params: Vec::new(),
        };
        let call_id = registers.then(|| self.call_id.clone());
        let mut request = shared
            .stack
            .make_request(ask.method, target, via, from, to, self.seq, call_id);
        for header in ask.headers {
            request.headers.push(header);
        }
        Some(request)
    }
}

/// Looks up a trunk's addresses.
pub(super) async fn resolve(shared: &Arc<Shared>, trunk: &Trunk) -> Outcome {
    match place::resolve(shared, trunk).await {
        Ok(()) => Outcome::Found,
        Err(why) => Outcome::Unanswered { why },
    }
}

/// What a final response to REGISTER means, other than 401 and 407.
fn judge(
    trunk: &Trunk,
    login: &Login,
    response: &Response,
    contact: &str,
    asked_s: u32,
) -> Outcome {
    let status = response.status_code.code();
    let after_s = seconds(&response.headers, "Retry-After");
    match status {
        200..=299 => match granted_s(response, contact, asked_s) {
            0 if asked_s > 0 => Outcome::Refused {
                why: says::not_kept(&trunk.host, login),
                after_s: 0,
            },
            expires_s => Outcome::Registered { expires_s },
        },
        423 => Outcome::TooBrief {
            min_s: seconds(&response.headers, "Min-Expires").unwrap_or(0),
            why: says::refused(&trunk.host, login, status),
        },
        // It is there, but got no answer itself (RFC 3261 §21.4.9).
        408 | 430 | 480 | 500..=599 => Outcome::Failed {
            why: says::failed(&trunk.host, login, status),
            after_s: after_s.unwrap_or(0),
        },
        _ => Outcome::Refused {
            why: says::refused(&trunk.host, login, status),
            after_s: after_s.unwrap_or(0),
        },
    }
}

/// `sip:host`, as a Request-URI.
fn uri(host: &HostPort) -> Uri {
    let bare = host.host.trim_start_matches('[').trim_end_matches(']');
    let place = match bare.parse() {
        Ok(ip) => Host::IpAddr(ip),
        Err(_) => Host::Domain(host.host.clone().into()),
    };
    Uri {
        scheme: Some(Scheme::Sip),
        host_with_port: HostWithPort {
            host: place,
            port: host.port.map(Into::into),
        },
        ..Uri::default()
    }
}
