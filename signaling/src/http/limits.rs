//! How fast one address may ask over HTTP.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use bellwire_proto::time::Timestamp;

use super::problem::Problem;
use crate::ws::rate::{Allowance, Rate};

/// Signing in and out, tickets: a person's pace, for an office behind one address, where all
/// desks come back at once after a restart.
const API: Allowance = Allowance {
    burst: 500,
    per_second: 20,
};

/// The loader asks once for each page that a visitor opens.
const PUBLIC: Allowance = Allowance {
    burst: 1000,
    per_second: 100,
};

/// The most addresses remembered. Beyond that the ones that have rested are forgotten.
const MOST: usize = 50_000;

/// What is asked for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Kind {
    /// `/api/…`, for agents.
    Api,
    /// `/api/public/…`, for any page.
    Public,
}

/// Counts what each address asks.
#[derive(Debug, Default)]
pub(crate) struct Limiter(Mutex<HashMap<(Kind, IpAddr), Rate>>);

impl Limiter {
    /// Counts a request; refuses it where there were too many.
    pub(crate) fn take(&self, kind: Kind, from: IpAddr, now: Timestamp) -> Result<(), Problem> {
        let allowance = match kind {
            Kind::Api => API,
            Kind::Public => PUBLIC,
        };
        let mut rates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if rates.len() >= MOST {
            rates.retain(|_, rate| now.since(rate.since()).as_secs() < 60);
        }
        let rate = rates
            .entry((kind, from))
            .or_insert_with(|| Rate::new(allowance, now));
        match rate.take(allowance, now) {
            true => Ok(()),
            false => Err(Problem::too_fast(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_too_fast_does_not_stop_another() {
        let limiter = Limiter::default();
        let (fast, calm) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));

        let taken = (0..900)
            .filter(|_| limiter.take(Kind::Api, fast, Timestamp(0)).is_ok())
            .count();

        assert_eq!(taken, 500);
        assert!(limiter.take(Kind::Api, calm, Timestamp(0)).is_ok());
        assert!(limiter.take(Kind::Api, fast, Timestamp(200)).is_ok());
    }
}
