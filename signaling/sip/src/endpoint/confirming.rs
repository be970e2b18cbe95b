//! The way of our confirmations of provisional answers (PRACK): the stack names the callee alone, and learns the way only from
//! the final answer.

use std::{collections::VecDeque, sync::Mutex};

use rsipstack::sip::{Header, Method, Request, Response, Uri};

use crate::{
    calls::{contact_of, value, values},
    shared::lock,
    words::split_commas,
};

/// Provisional answers whose confirmation may still go out. What is older is forgotten: anybody could send us answers.
const MOST: usize = 256;

/// Where confirmations go, by the answers they confirm.
#[derive(Default)]
pub(super) struct Ways(Mutex<VecDeque<Way>>);

struct Way {
    call_id: String,
    number: String,
    contact: Uri,
    routes: Vec<String>,
}

impl Ways {
    /// Notes where a provisional answer wants its confirmation (RFC 3261 §12.1.2), if it wants one.
    pub(super) fn note(&self, response: &Response) {
        let status = response.status_code.code();
        if !(101..200).contains(&status) {
            return;
        }
        let headers = &response.headers;
        let named = (value(headers, "RSeq"), value(headers, "Call-ID"));
        let (Some(number), Some(call_id)) = named else {
            return;
        };
        let Some(contact) = contact_of(headers) else {
            return;
        };
        let mut routes: Vec<_> = values(headers, "Record-Route")
            .flat_map(split_commas)
            .map(|route| route.trim().to_owned())
            .collect();
        routes.reverse();
        let mut ways = lock(&self.0);
        ways.retain(|way| way.call_id != call_id || way.number != number);
        if ways.len() >= MOST {
            ways.pop_front();
        }
        ways.push_back(Way {
            call_id: call_id.to_owned(),
            number: number.to_owned(),
            contact,
            routes,
        });
    }

    /// Leads a confirmation there.
    pub(super) fn lead(&self, request: &mut Request) {
        if request.method != Method::PRack {
            return;
        }
        let number = value(&request.headers, "RAck").and_then(|rack| rack.split(' ').next());
        let call_id = value(&request.headers, "Call-ID");
        let ways = lock(&self.0);
        let way = ways
            .iter()
            .find(|way| Some(&*way.call_id) == call_id && Some(&*way.number) == number);
        let Some(way) = way else {
            return;
        };
        request.uri.clone_from(&way.contact);
        let routes = way.routes.iter().cloned();
        request
            .headers
            .retain(|header| !matches!(header, Header::Route(_)));
        request
            .headers
            .extend(routes.map(|route| Header::Route(route.into())).collect());
    }
}
