//! Days to replay: who comes, who works, how long things take.
//!
//! Times are in mean handling times; [`HANDLING_MS`] makes them wall time.

/// The mean handling time: four minutes.
pub const HANDLING_MS: f64 = 240_000.0;

/// Agents with the same skills.
#[derive(Clone, Debug)]
pub struct Group {
    /// Which lines they serve, a bit each.
    pub serves: u32,
    /// How many they are.
    pub agents: u32,
}

impl Group {
    /// Whether they serve this line.
    #[must_use]
    pub fn serves(&self, line: usize) -> bool {
        self.serves & (1 << line) != 0
    }
}

/// How long a contact takes.
#[derive(Clone, Copy, Debug)]
pub enum Handling {
    /// Exponential.
    Exponential,
    /// Lognormal with this deviation of the logarithm, as measured in real centres.
    Lognormal(f64),
}

/// How many come, as a factor over the day.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// The same all day.
    Flat,
    /// A wave of this height around the mean, and a peak of this height at lunch. The day has
    /// this length.
    Day {
        /// Height of the wave.
        wave: f64,
        /// Height of the peak.
        lunch: f64,
        /// Length of the day.
        length: f64,
    },
}

impl Shape {
    /// The factor at `time`.
    #[must_use]
    pub fn at(self, time: f64) -> f64 {
        match self {
            Self::Flat => 1.0,
            Self::Day {
                wave,
                lunch,
                length,
            } => {
                let day = (time / length).fract();
                let peak = ((day - 0.55) / 0.04).powi(2);
                1.0 + wave * (std::f64::consts::TAU * day).sin() + lunch * (-peak / 2.0).exp()
            }
        }
    }

    /// What the factor never exceeds.
    #[must_use]
    pub fn most(self) -> f64 {
        match self {
            Self::Flat => 1.0,
            Self::Day { wave, lunch, .. } => 1.0 + wave + lunch,
        }
    }
}

/// How many are at work, as a factor, from this time of a repeated plan on.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// When.
    pub at: f64,
    /// Of each group's agents.
    pub share: f64,
}

/// One kind of day.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name in tables.
    pub name: &'static str,
    /// How many lines; each gets the same share of the arrivals.
    pub lines: usize,
    /// Who works.
    pub groups: Vec<Group>,
    /// Arrivals in a mean handling time.
    pub load: f64,
    /// How the load moves.
    pub shape: Shape,
    /// How long a contact takes.
    pub handling: Handling,
    /// How much longer a contact takes in the second half of each plan: 1 for no longer.
    pub second_half: f64,
    /// The lines are told the mean handling time, as closed forms are, and need not measure it.
    pub mean_is_known: bool,
    /// Mean patience, exponential; endless where `None`.
    pub patience: Option<f64>,
    /// Who is at work when; everyone always where empty. Repeats after `plan_length`.
    pub plan: Vec<Step>,
    /// Length of the plan.
    pub plan_length: f64,
}

impl Scenario {
    /// One line, `agents` agents, M/M/s.
    #[must_use]
    pub fn single(name: &'static str, agents: u32, load: f64) -> Self {
        Self {
            name,
            lines: 1,
            groups: vec![Group { serves: 1, agents }],
            load,
            shape: Shape::Flat,
            handling: Handling::Exponential,
            second_half: 1.0,
            mean_is_known: false,
            patience: None,
            plan: vec![],
            plan_length: 1.0,
        }
    }

    /// Six lines on a ring of six groups, 90 agents, each with the skill of their own line and
    /// of the next `skills - 1`: the example of Wallace and Whitt.
    #[must_use]
    pub fn ring(name: &'static str, skills: usize, load: f64) -> Self {
        const LINES: usize = 6;
        let serves =
            |group: usize| (0..skills).fold(0, |bits, k| bits | 1 << ((group + k) % LINES));
        let group = |group| Group {
            serves: serves(group),
            agents: 15,
        };
        Self {
            lines: LINES,
            groups: (0..LINES).map(group).collect(),
            ..Self::single(name, 90, load)
        }
    }

    /// With lines that are told the mean handling time.
    #[must_use]
    pub fn knowing_the_mean(mut self) -> Self {
        self.mean_is_known = true;
        self
    }

    /// With people who give up.
    #[must_use]
    pub fn patience(mut self, mean: f64) -> Self {
        self.patience = Some(mean);
        self
    }

    /// With arrivals that follow the day.
    #[must_use]
    pub fn shaped(mut self, shape: Shape) -> Self {
        self.shape = shape;
        self
    }

    /// With handling times that are not exponential.
    #[must_use]
    pub fn handling(mut self, handling: Handling) -> Self {
        self.handling = handling;
        self
    }

    /// With contacts that take so much longer in the second half of each span of this length.
    #[must_use]
    pub fn slower(mut self, factor: f64, length: f64) -> Self {
        self.second_half = factor;
        self.plan_length = length;
        self
    }

    /// With agents who come and go.
    #[must_use]
    pub fn plan(mut self, length: f64, steps: &[(f64, f64)]) -> Self {
        self.plan = (steps.iter())
            .map(|&(at, share)| Step { at, share })
            .collect();
        self.plan_length = length;
        self
    }
}
