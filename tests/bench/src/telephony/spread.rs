//! Several repetitions of one measurement: least, median and most, and the ratio of two medians.

use crate::report::{Report, quantile};

/// What repetitions gave.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spread(pub(crate) Vec<f64>);

impl Spread {
    pub(crate) fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    pub(crate) fn median(&self) -> f64 {
        self.at(0.5)
    }

    pub(crate) fn at(&self, quantile_at: f64) -> f64 {
        quantile(&mut self.0.clone(), quantile_at)
    }

    /// The median of this one over that of another.
    pub(crate) fn over(&self, other: &Self) -> f64 {
        self.median() / other.median()
    }

    /// Least, median and most in words.
    pub(crate) fn words(&self, digits: usize) -> String {
        let [least, median, most] = [0.0, 0.5, 1.0].map(|at| self.at(at));
        format!("{least:.digits$} to {median:.digits$} to {most:.digits$}")
    }
}

/// One way of doing the work, over all repetitions.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) values: Spread,
    pub(crate) others: Spread,
    pub(crate) failed: usize,
    /// More to say.
    pub(crate) beside: String,
}

impl Row {
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            values: Spread::default(),
            others: Spread::default(),
            failed: 0,
            beside: String::new(),
        }
    }
}

/// Prints rows under a title; each beside the first one.
pub(crate) fn table(report: &Report, title: &str, digits: usize, rows: &[Row]) {
    report.table(title);
    let Some(first) = rows.first() else { return };
    for row in rows.iter().filter(|row| !row.values.0.is_empty()) {
        let failed = match row.failed {
            0 => String::new(),
            failed => format!("   {failed} failed"),
        };
        report.line(&format!(
            "{:<20} {:<28} ratio {:>7.2}   others={:.2}{failed}{}",
            row.name,
            row.values.words(digits),
            row.values.over(&first.values),
            row.others.median(),
            row.beside,
        ));
    }
}
