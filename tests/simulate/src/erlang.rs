//! Closed forms that a simulation must meet before it is believed.

/// Erlang's C formula: the share who must wait, and the mean wait in mean handling times.
///
/// Source: A. K. Erlang 1917; the recursion of the B formula.
#[must_use]
pub fn erlang_c(agents: u32, load: f64) -> (f64, f64) {
    let mut blocked = 1.0;
    for agent in 1..=agents {
        blocked = load * blocked / (f64::from(agent) + load * blocked);
    }
    let busy = load / f64::from(agents);
    let waits = blocked / (1.0 - busy * (1.0 - blocked));
    (waits, waits / (f64::from(agents) - load))
}

/// Relative error (RASE) of the queue-length estimator in M/M/s: √(1 − ρ).
///
/// Source: Ibrahim and Whitt 2009 (M&SOM); the wait behind n others is a sum of n + 1
/// exponential intervals, and n is geometric.
#[must_use]
pub fn queue_length_error(busy: f64) -> f64 {
    (1.0 - busy).sqrt()
}
