//! How an INVITE is made: to one contact of a phone, or over a trunk; and once more where it is challenged.

use std::sync::Arc;

use rsipstack::{
    sip::{Header, Response, Uri, typed::Route},
    transaction::{make_call_id, random_text},
    transport::SipAddr,
};

use super::super::{
    headers::{names, other, value, values},
    place,
};
use crate::{
    api::Dial,
    digest::Challenge,
    session_timer::Wish,
    settings::{Binding, Login, Trunk},
    shared::Shared,
    words,
};

/// How a branch is made, to make it once more where it is challenged.
#[derive(Clone)]
pub(super) struct Plan {
    pub(super) callee: Uri,
    pub(super) destination: SipAddr,
    pub(super) contact: Uri,
    pub(super) caller: Uri,
    pub(super) routes: Vec<Route>,
    pub(super) headers: Vec<Header>,
    pub(super) call_id: String,
    pub(super) wish: Wish,
    /// Login headers, and how often they were asked for.
    pub(super) login: Option<Login>,
    pub(super) proofs: Vec<Header>,
    /// Their provisional answers are confirmed (RFC 3262).
    pub(super) confirms: bool,
    challenged: u8,
}

impl Plan {
    /// To one contact of a phone: where its REGISTER came from, whatever its contact says.
    pub(super) fn to_phone(shared: &Arc<Shared>, dial: &Dial, binding: &Binding) -> Option<Self> {
        let far = Some(binding.source.ip());
        let number = (dial.from.as_deref())
            .and_then(words::dialled)
            .unwrap_or_else(|| "anonymous".to_owned());
        let routes = binding.path.iter().filter_map(|path| {
            let uri = words::Address::parse(path)?.uri_text;
            Some(Route::from(Uri::try_from(uri.as_str()).ok()?))
        });
        Some(Self {
            callee: Uri::try_from(binding.contact.as_str()).ok()?,
            destination: place::destination(binding.source, binding.transport),
            contact: place::contact(shared, binding.transport, far)?,
            caller: place::address(&number, &shared.settings.domain),
            routes: routes.collect(),
            headers: vec![],
            call_id: call_id(shared),
            wish: Wish::from(&shared.settings),
            login: None,
            proofs: vec![],
            confirms: false,
            challenged: 0,
        })
    }

    /// Over a trunk.
    pub(super) fn over_trunk(
        shared: &Arc<Shared>,
        dial: &Dial,
        trunk: &Trunk,
        number: &str,
        destination: SipAddr,
    ) -> Option<Self> {
        let host = words::host_port(&trunk.host)?;
        let number = words::dialled(number)?;
        let far = destination.get_socketaddr().ok().map(|at| at.ip());
        let contact = place::contact(shared, trunk.transport, far)?;
        let shown = (dial.from.as_deref())
            .and_then(words::dialled)
            .or_else(|| trunk.caller_id.as_deref().and_then(words::dialled));
        // Carriers want the account in From, and the number beside it.
        let user = match (&trunk.login, &shown) {
            (Some(login), _) => login.user.clone(),
            (None, Some(number)) => number.clone(),
            (None, None) => "anonymous".to_owned(),
        };
        let mut headers = Vec::new();
        if let Some(shown) = &shown {
            let asserted = place::address(shown, &host.host);
            headers.push(other("P-Asserted-Identity", format!("<{asserted}>")));
        }
        let mut callee = place::address(&number, &host.host);
        if let Some(port) = host.port {
            callee.host_with_port.port = Some(port.into());
        }
        if let Some(param) = contact.params.first() {
            callee.params.push(param.clone());
        }
        Some(Self {
            callee,
            destination,
            contact,
            caller: place::address(&user, &host.host),
            routes: vec![],
            headers,
            call_id: call_id(shared),
            wish: Wish::from(&shared.settings),
            login: trunk.login.clone(),
            proofs: vec![],
            confirms: false,
            challenged: 0,
        })
    }

    /// The same INVITE with what a 421 demands (RFC 3261 §21.4.16), if we have that and did not offer it.
    pub(super) fn extended(self, response: &Response) -> Option<Self> {
        let demands = names(&response.headers, "Require", "100rel");
        (demands && !self.confirms).then_some(Self {
            confirms: true,
            ..self
        })
    }

    /// The same INVITE with the longer session that a 422 demands (RFC 4028 §7.3).
    pub(super) fn longer(self, response: &Response) -> Option<Self> {
        let wish = self.wish.raised(value(&response.headers, "Min-SE"))?;
        Some(Self { wish, ..self })
    }

    /// The same INVITE with an answer to its challenge, unless that was answered already.
    pub(super) fn proven(mut self, response: &Response) -> Option<Self> {
        let login = self.login.clone()?;
        let proxy = response.status_code.code() == 407;
        let name = match proxy {
            true => "Proxy-Authenticate",
            false => "WWW-Authenticate",
        };
        let offered: Vec<&str> = values(&response.headers, name).collect();
        let challenge = Challenge::pick(&offered)?;
        self.challenged += 1;
        // Once, and once more for a nonce that was too old (RFC 7616 §3.3).
        if self.challenged > 2 || (self.challenged == 2 && !challenge.stale) {
            return None;
        }
        let uri = self.callee.to_string();
        let value = challenge.answer(&login, "INVITE", &uri, &random_text(16), 1);
        self.proofs = vec![match proxy {
            true => Header::ProxyAuthorization(value.into()),
            false => Header::Authorization(value.into()),
        }];
        Some(self)
    }
}

fn call_id(shared: &Arc<Shared>) -> String {
    let option = &shared.stack.option;
    make_call_id(option.callid_suffix.as_deref(), option.callid_format)
        .to_string()
        .trim_start_matches("Call-ID:")
        .trim()
        .to_owned()
}
