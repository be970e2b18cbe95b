//! The days that are replayed.

use crate::scenario::{Handling, Scenario, Shape};

/// Every kind of day on which the chosen estimate must be at least as good as the best single
/// estimator.
#[must_use]
pub fn all() -> Vec<Scenario> {
    let day = Shape::Day {
        wave: 0.25,
        lunch: 0.3,
        length: 150.0,
    };
    // As measured in call centres (Brown et al., JASA 100, 2005): near lognormal.
    let lognormal = Handling::Lognormal(1.2);
    let shifts = [(0.0, 1.0), (20.0, 0.6), (30.0, 0.85), (45.0, 1.1)];
    vec![
        Scenario::single("100 agents, 98 % busy", 100, 98.0),
        Scenario::single("100 agents, 95 % busy", 100, 95.0),
        Scenario::single("100 agents, 90 % busy", 100, 90.0),
        Scenario::single("10 agents, 98 % busy", 10, 9.8),
        Scenario::single("10 agents, 90 % busy", 10, 9.0),
        Scenario::single("2 agents, 85 % busy", 2, 1.7),
        Scenario::single("overload 1.4, 100 agents, people give up", 100, 140.0).patience(1.0),
        Scenario::single("overload 1.4, 300 agents, people give up", 300, 420.0).patience(1.0),
        Scenario::single("overload 1.2, 100 agents, people give up", 100, 120.0).patience(1.0),
        Scenario::single("busy noon, 40 agents, people give up", 40, 36.0)
            .shaped(day)
            .patience(2.0),
        Scenario::single("busy noon, 40 agents, endless patience", 40, 33.0).shaped(day),
        Scenario::single("agents go and come, 40 at most", 40, 36.0)
            .patience(2.0)
            .plan(60.0, &shifts),
        Scenario::ring("6 topics, 90 agents, 1 skill each", 1, 84.0),
        Scenario::ring("6 topics, 90 agents, 2 skills each", 2, 84.0),
        Scenario::ring("6 topics, 90 agents, 3 skills each", 3, 84.0),
        Scenario::ring("6 topics, 90 agents, all skills each", 6, 84.0),
        Scenario::ring("6 topics overloaded, 2 skills, people give up", 2, 110.0).patience(1.0),
        Scenario::ring("6 topics overloaded, 3 skills, people give up", 3, 110.0).patience(1.0),
        Scenario::ring("6 topics, 2 skills, agents go and come", 2, 72.0)
            .patience(2.0)
            .plan(60.0, &shifts),
        Scenario::single(
            "contacts take longer for hours, 40 agents, people give up",
            40,
            34.0,
        )
        .patience(2.0)
        .slower(1.5, 120.0),
        Scenario::single("lognormal handling, 100 agents", 100, 95.0).handling(lognormal),
        Scenario::single("lognormal handling, 10 agents", 10, 9.3).handling(lognormal),
        Scenario::single("lognormal handling, overload 1.3, people give up", 50, 65.0)
            .handling(lognormal)
            .patience(1.0),
    ]
}

/// A small centre that has just opened.
#[must_use]
pub fn new_centre() -> Scenario {
    let name = "the first 200 visitors of new centres, 5 agents, 90 % busy";
    Scenario::single(name, 5, 4.5)
}
