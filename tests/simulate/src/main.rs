//! Replays seeded days and prints how good the estimates of waits are.
//!
//! `make simulate` runs all of it; `cargo run --release -p bellwire-simulate -- skills` only the
//! days whose names have the word in them.

use std::process::ExitCode;

use bellwire_simulate::{
    day::{replay, replay_new},
    days,
    floor::{self, FLOORS},
    jobs, known,
    report::{COVERAGE, COVERAGE_OF_NEW, Report},
};

const SEED: u64 = 7;
/// Arrivals for a known value: the closed forms are far off in short runs near full load.
const KNOWN: u64 = 6_000_000;
/// Arrivals of one kind of day.
const DAY: u64 = 1_500_000;
/// New centres, and how many arrive at each.
const NEW: (u64, u64) = (2_000, 200);
/// Arrivals at the centre itself.
const FLOOR: u64 = 20_000;

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let wants = |name: &str| wanted.is_empty() || wanted.iter().any(|word| name.contains(word));
    let mut report = Report::default();
    if wants("known values") {
        report.heading("Known values");
        for values in jobs::each(&known::GROUPS, |group| group.check(KNOWN, SEED)) {
            values.iter().for_each(|value| report.known(value));
        }
    }
    report.heading("MARE, RASE, bias and width are relative to the mean wait of those who waited");
    let mut days = days::all();
    days.retain(|day| wants(day.name));
    let scores = jobs::each(&days, |day| replay(day, DAY, SEED));
    for (day, scores) in days.iter().zip(&scores) {
        report.day(day.name, scores, COVERAGE);
    }
    let new = days::new_centre();
    if wants(new.name) {
        let scores = replay_new(&new, NEW.0, NEW.1, SEED);
        report.day(new.name, &scores, COVERAGE_OF_NEW);
    }
    let mut floors = FLOORS.to_vec();
    floors.retain(|floor| wants(floor.name));
    let outcomes = jobs::each(&floors, |at| floor::replay(*at, FLOOR, SEED));
    for (floor, outcome) in floors.iter().zip(&outcomes) {
        report.floor(floor.name, outcome);
    }
    if report.close() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
