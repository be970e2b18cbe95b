//! What a run says: tables for reading, and figures with what they are measured against.

/// One figure and its limit.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    name: String,
    value: f64,
    limit: Limit,
}

#[derive(Clone, Copy, Debug)]
enum Limit {
    AtMost(f64),
    AtLeast(f64),
    None,
}

impl Figure {
    pub(crate) fn at_most(name: &str, value: f64, limit: f64) -> Self {
        Self::new(name, value, Limit::AtMost(limit))
    }

    pub(crate) fn at_least(name: &str, value: f64, limit: f64) -> Self {
        Self::new(name, value, Limit::AtLeast(limit))
    }

    pub(crate) fn told(name: &str, value: f64) -> Self {
        Self::new(name, value, Limit::None)
    }

    fn new(name: &str, value: f64, limit: Limit) -> Self {
        let name = name.to_owned();
        Self { name, value, limit }
    }

    fn in_words(&self) -> String {
        let shown = format!("{:<58} {:>10.2}", self.name, self.value);
        let (limit, ratio, good) = match self.limit {
            Limit::AtMost(limit) => ("at most", limit, self.value <= limit),
            Limit::AtLeast(limit) => ("at least", limit, self.value >= limit),
            Limit::None => return shown,
        };
        let verdict = if good { "holds" } else { "FALLS SHORT" };
        let share = self.value / ratio;
        format!("{shown}   {limit} {ratio:>8.2}   ratio {share:>5.2}   {verdict}")
    }
}

/// Everything a run found out.
#[derive(Debug, Default)]
pub(crate) struct Report {
    figures: Vec<Figure>,
}

#[expect(clippy::print_stdout, reason = "a benchmark is read on the terminal")]
impl Report {
    pub(crate) fn table(&self, title: &str) {
        println!("\n{title}");
    }

    pub(crate) fn line(&self, line: &str) {
        println!("  {line}");
    }

    pub(crate) fn figure(&mut self, figure: Figure) {
        self.figures.push(figure);
    }

    pub(crate) fn close(&self) {
        println!("\nFigures");
        for figure in &self.figures {
            println!("  {}", figure.in_words());
        }
    }
}

/// The `at`-quantile of `values` (0.5 is the median); sorts them.
pub(crate) fn quantile(values: &mut [f64], at: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index below the length"
    )]
    let index = ((values.len().saturating_sub(1)) as f64 * at) as usize;
    values.get(index).copied().unwrap_or(f64::NAN)
}
