//! What one routing pick costs as the pool grows.

use std::time::Instant;

use bellwire_core::{
    routing::{Free, Needs, Pool, Trait},
    setup::SkillLevel,
};
use bellwire_proto::{id::AgentId, interaction::Medium, time::Timestamp};
use bellwire_tests::chance::Dice;

use crate::report::{Figure, Report, quantile};

const SKILLS: u64 = 50;
const EACH_HAS: u64 = 3;

/// Measures picks for pools of growing size and reports them.
pub(crate) fn run(report: &mut Report) {
    report.table("Routing pick, 50 skills, 3 per agent, longest idle (ns)");
    let mut medians = vec![];
    let mut worst = 0.0;
    for agents in [10, 100, 1_000, 10_000, 100_000] {
        let (mut picks, mut releases) = measure(agents);
        let (p50, p99) = (quantile(&mut picks, 0.5), quantile(&mut picks, 0.99));
        let release = quantile(&mut releases, 0.5);
        report.line(&format!(
            "{agents:>8} agents   pick p50 {p50:>7.0}   p99 {p99:>7.0}   release p50 {release:>7.0}"
        ));
        medians.push((agents, p50));
        if agents == 10_000 {
            worst = p99;
        }
    }
    let cost = |size| {
        medians
            .iter()
            .find(|(agents, _)| *agents == size)
            .map_or(0.0, |m| m.1)
    };
    report.figure(Figure::at_most(
        "pick p99 at 10,000 agents, µs",
        worst / 1_000.0,
        2.0,
    ));
    report.figure(Figure::at_most(
        "cost(10,000)/cost(10)",
        cost(10_000) / cost(10),
        10.0,
    ));
}

/// Picks and releases in turn, with half of the agents busy; nanoseconds of each.
fn measure(agents: u64) -> (Vec<f64>, Vec<f64>) {
    // The same agents every run.
    let mut dice = Dice::new(12_345);
    let mut pool = Pool::default();
    let id = |n: u64| AgentId::new(Timestamp(1), u128::from(n));
    let free = |since: u64| {
        Some(Free {
            call: true,
            chat: false,
            load: 0,
            since: Timestamp(since),
        })
    };
    let needs: Vec<Needs> = (0..SKILLS)
        .map(|n| Needs::new(vec![(Trait::Skill(format!("skill {n}")), SkillLevel(1))]))
        .collect();
    for n in 0..agents {
        let skills = (0..EACH_HAS)
            .map(|_| Trait::Skill(format!("skill {}", dice.between(0, SKILLS))))
            .map(|skill| (skill, SkillLevel(5)));
        pool.know(id(n), skills.collect());
        pool.set(id(n), free(n));
    }
    let mut clock = agents;
    let mut busy = vec![];
    let (mut picks, mut releases) = (vec![], vec![]);
    for _ in 0..20_000.max(2 * agents) {
        let wanted = usize::try_from(dice.between(0, SKILLS)).unwrap_or(0);
        let began = Instant::now();
        let picked = pool.pick(Medium::Call, &needs[wanted], |_| true);
        if let Some(agent) = picked {
            pool.set(agent, None);
        }
        picks.push(nanos(began));
        busy.extend(picked);
        if u64::try_from(busy.len()).unwrap_or(0) > agents / 2 {
            let at = usize::try_from(dice.between(0, busy.len() as u64)).unwrap_or(0);
            let agent = busy.swap_remove(at);
            clock += 1;
            let began = Instant::now();
            pool.set(agent, free(clock));
            releases.push(nanos(began));
        }
    }
    (picks, releases)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a few seconds of nanoseconds fit"
)]
fn nanos(began: Instant) -> f64 {
    began.elapsed().as_nanos() as f64
}
