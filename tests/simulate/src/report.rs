//! What a run prints: tables for reading, and a verdict for each value that must hold.

use crate::{
    against::Against,
    floor::Outcome,
    known::Known,
    score::{NAMES, Scores},
    tally::Row,
};

/// The least and the most of the waits that may end within an 80 % range.
pub const COVERAGE: (f64, f64) = (0.78, 0.82);
/// The same where little is known yet: the range is wide on purpose.
pub const COVERAGE_OF_NEW: (f64, f64) = (0.78, 0.88);
/// The same for the centre's own routing, whose days are shorter.
const COVERAGE_OF_FLOOR: (f64, f64) = (0.76, 0.84);
/// How far off estimates may be on average, relative to the mean wait. Some is as it should be:
/// an estimate is for one who stays, and those who would have waited longest gave up.
const BIAS_OF_FLOOR: f64 = 0.08;

const HEAD: &str = "  on arrival                MARE    RASE     bias  coverage   width";

/// Verdicts so far.
#[derive(Debug, Default)]
pub struct Report {
    failed: Vec<String>,
}

#[expect(clippy::print_stdout, reason = "a simulation is read on the terminal")]
impl Report {
    /// Prints a heading.
    pub fn heading(&self, text: &str) {
        println!("\n{text}");
    }

    /// Prints a known value beside what was found.
    pub fn known(&mut self, known: &Known) {
        let Known {
            name,
            found,
            known: form,
            within,
        } = known;
        let verdict = self.verdict(name, known.holds());
        println!(
            "  {name:<58} {found:>8.4}  known {form:>8.4}  within {:.4} to {:.4}  {verdict}",
            within.0, within.1
        );
    }

    /// Prints the tables of one kind of day.
    pub fn day(&mut self, name: &str, scores: &Scores, coverage: (f64, f64)) {
        println!("\n{name}");
        let waits = scores.waits();
        println!(
            "  {} waits of {:.0} s on average; {:.0} % of those answered had to wait, {:.0} % gave up; \
             RASE without any information {:.3}",
            waits.compared(),
            waits.mean_wait_ms() / 1_000.0,
            100.0 * scores.share_waited(),
            100.0 * scores.share_gave_up(),
            waits.without_information(),
        );
        println!("{HEAD}");
        for row in scores.rows() {
            println!("  {}", in_words(&row, true));
        }
        println!("  while waiting");
        for row in scores.while_waiting() {
            println!("  {}", in_words(&row, row.width > 0.0));
        }
        for (error, against) in ["RASE", "MARE"].into_iter().zip(scores.against_best()) {
            self.against(name, error, &against);
        }
        self.coverage(name, scores.chosen().coverage, coverage);
    }

    /// Prints what came of the estimates of the real centre.
    pub fn floor(&mut self, name: &str, outcome: &Outcome) {
        let (told, last) = (outcome.told.row("told"), outcome.last.row("LES"));
        println!("\n{name}");
        println!(
            "  {} waits of {:.0} s on average; RASE without any information {:.3}",
            outcome.told.compared(),
            outcome.told.mean_wait_ms() / 1_000.0,
            outcome.told.without_information(),
        );
        println!("{HEAD}");
        println!("  {}", in_words(&last, false));
        println!("  {}", in_words(&told, true));
        let better = told.rase < last.rase && told.mare < last.mare;
        let verdict = self.verdict(&format!("{name}: against LES"), better);
        println!("  closer than the wait of the last who was answered: {verdict}");
        let fair = outcome.bias().abs() <= BIAS_OF_FLOOR;
        let verdict = self.verdict(&format!("{name}: bias"), fair);
        println!("  right on average, within {BIAS_OF_FLOOR}: {verdict}");
        self.coverage(name, told.coverage, COVERAGE_OF_FLOOR);
    }

    fn coverage(&mut self, name: &str, found: f64, within: (f64, f64)) {
        let good = (within.0..=within.1).contains(&found);
        let verdict = self.verdict(&format!("{name}: coverage"), good);
        let percent = 100.0 * found;
        println!("  {percent:.1} % of the waits within the 80 % range: {verdict}");
    }

    fn against(&mut self, name: &str, error: &str, against: &Against) {
        let verdict = self.verdict(&format!("{name}: {error}"), against.holds());
        println!(
            "  chosen / best single ({}) in {error}: {:.3} ± {:.3}: {verdict}",
            NAMES[against.best], against.ratio, against.noise
        );
    }

    fn verdict(&mut self, name: &str, good: bool) -> &'static str {
        if good {
            return "PASS";
        }
        self.failed.push(name.to_owned());
        "FAIL"
    }

    /// Prints what failed. Whether nothing did.
    #[must_use]
    pub fn close(self) -> bool {
        match self.failed.as_slice() {
            [] => println!("\nEverything that must hold holds."),
            failed => println!("\nFAILED: {}", failed.join("; ")),
        }
        self.failed.is_empty()
    }
}

/// One row. All but the coverage are relative to the mean wait.
#[must_use]
pub fn in_words(row: &Row, with_range: bool) -> String {
    let Row {
        name,
        mare,
        rase,
        bias,
        coverage,
        width,
    } = row;
    let errors = format!("  {name:<20} {mare:>7.3} {rase:>7.3} {bias:>+8.3}");
    if with_range {
        format!("{errors} {:>7.1} % {width:>7.3}", 100.0 * coverage)
    } else {
        errors
    }
}
