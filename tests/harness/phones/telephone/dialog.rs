//! A dialog (RFC 3261, section 12): who talks to whom, by which way, with which numbers.

use std::net::SocketAddr;

use super::{
    message::{Message, address_of, parameter, uri_of},
    unique,
};
use crate::chance;

/// One side's view of a dialog.
#[derive(Clone, Debug)]
pub(super) struct Dialog {
    pub(super) id: String,
    pub(super) local: String,
    pub(super) remote: String,
    target: String,
    routes: Vec<String>,
    pub(super) sequence: u32,
    fallback: SocketAddr,
    heard: u32,
}

impl Dialog {
    /// The caller's side, before anything came back.
    pub(super) fn calling(invite: &Message, target: &str, server: SocketAddr) -> Self {
        let own = |name| invite.header(name).unwrap_or_default().to_owned();
        Self {
            id: own("Call-ID"),
            local: own("From"),
            remote: own("To"),
            target: target.into(),
            routes: vec![],
            sequence: invite.sequence(),
            fallback: server,
            heard: 0,
        }
    }

    /// The called side.
    pub(super) fn called(invite: &Message, from: SocketAddr) -> Self {
        let their = |name| invite.header(name).unwrap_or_default().to_owned();
        let contact = invite.header("Contact").unwrap_or_default();
        Self {
            id: their("Call-ID"),
            local: format!("{};tag={}", their("To"), unique()),
            remote: their("From"),
            target: uri_of(contact).into(),
            routes: invite.list("Record-Route"),
            sequence: u32::from(chance::bits().to_le_bytes()[0]),
            fallback: from,
            heard: invite.sequence(),
        }
    }

    /// Takes over what a response with a tag tells (RFC 3261, section 12.1.2).
    pub(super) fn learn(&mut self, response: &Message) {
        let to = response.header("To").unwrap_or_default();
        if parameter(to, "tag").is_some() {
            to.clone_into(&mut self.remote);
        }
        self.retarget(response);
        self.routes = response.list("Record-Route");
        self.routes.reverse();
    }

    /// The far end's contact, from each message that may change it.
    pub(super) fn retarget(&mut self, message: &Message) {
        if let Some(contact) = message.header("Contact") {
            uri_of(contact).clone_into(&mut self.target);
        }
    }

    /// A request inside the dialog, without a branch, and where it goes. ACK and CANCEL have the INVITE's number.
    pub(super) fn request(&mut self, method: &str) -> (Message, SocketAddr) {
        if method != "ACK" {
            self.sequence += 1;
        }
        let mut request = Message::request(method, &self.target)
            .with("From", &self.local)
            .with("To", &self.remote)
            .with("Call-ID", &self.id)
            .with("CSeq", format!("{} {method}", self.sequence));
        for route in &self.routes {
            request = request.with("Route", route);
        }
        (request, self.next())
    }

    /// Whether a request's number is a new one (RFC 3261, section 12.2.2).
    pub(super) fn hear(&mut self, request: &Message) -> bool {
        if ["ACK", "CANCEL"].contains(&request.method()) {
            return true;
        }
        let is_new = request.sequence() > self.heard;
        self.heard = self.heard.max(request.sequence());
        is_new
    }

    /// `Replaces` for a call that takes this one's place: the far end's tag first (RFC 3891, section 3).
    pub(super) fn replaces(&self) -> String {
        let tag = |value: &str| parameter(value, "tag").unwrap_or_default();
        let (to, from) = (tag(&self.remote), tag(&self.local));
        format!("{};to-tag={to};from-tag={from}", self.id)
    }

    /// The far end's contact.
    pub(super) fn target(&self) -> &str {
        &self.target
    }

    fn next(&self) -> SocketAddr {
        let first = self.routes.first().unwrap_or(&self.target);
        address_of(first).unwrap_or(self.fallback)
    }
}
