//! One-time tickets: a desk gets one over HTTP, where its cookie counts, and shows it as the first
//! message of its socket, where a cookie must not.

use std::{collections::HashMap, time::Duration};

use bellwire_proto::time::Timestamp;

use crate::{
    random,
    store::{Login, LoginId},
};

/// How long a ticket is good for.
const GOOD_FOR: Duration = Duration::from_secs(30);

/// The most tickets open at once.
const MOST: usize = 10_000;

/// The open tickets, by their hash.
#[derive(Debug, Default)]
pub(super) struct Tickets {
    open: HashMap<LoginId, (Login, Timestamp)>,
}

impl Tickets {
    pub(super) fn issue(&mut self, login: &Login, now: Timestamp) -> Option<String> {
        if self.open.len() >= MOST {
            self.open.retain(|_, (_, until)| *until > now);
        }
        if self.open.len() >= MOST {
            return None;
        }
        let ticket = random::token();
        let until = now + GOOD_FOR;
        self.open
            .insert(LoginId::of(&ticket), (login.clone(), until));
        Some(ticket)
    }

    pub(super) fn redeem(&mut self, ticket: &str, now: Timestamp) -> Option<Login> {
        let (login, until) = self.open.remove(&LoginId::of(ticket))?;
        (until > now).then_some(login)
    }
}
