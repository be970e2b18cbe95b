//! What is counted and measured, in the words an operator looks for.
//!
//! `/metrics` shows it in the text form that Prometheus reads. No label carries
//! anything a page chose, so the number of series is bounded.

pub(crate) mod telephony;

use std::{fmt, sync::atomic::AtomicU64, time::Instant};

use bellwire_core::Note;
use bellwire_proto::{
    admin::WaitAccuracy,
    interaction::{EndCause, Medium},
    visitor::CentreView,
    wire::ByeReason,
};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::{ConstGauge, Gauge},
        histogram::Histogram,
        info::Info,
    },
    registry::{Registry, Unit},
};

/// Everything that is counted.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    /// Live sockets.
    pub(crate) connections: Family<Side, Gauge>,
    /// Frames that pages sent.
    pub(crate) frames: Family<Side, Counter>,
    /// Frames that this server did not understand and passed over.
    pub(crate) unknown_frames: Counter,
    /// Signals passed from page to page.
    pub(crate) relayed: Counter,
    /// Signals that had nowhere to go.
    pub(crate) relay_dropped: Counter,
    /// Connections ended by the server.
    pub(crate) byes: Family<Ended, Counter>,
    /// Sockets and site checks refused for their origin.
    pub(crate) refused_origins: Counter,
    /// Failed and refused sign-ins.
    pub(crate) failed_logins: Counter,
    /// HTTP requests.
    pub(crate) requests: Family<Request, Counter>,
    /// How long one group of records took to be stored.
    pub(crate) store_write: Histogram,
    /// Groups of records that could not be stored at the first try.
    pub(crate) store_failures: Counter,
    /// Records that contradict what is stored, and were left out.
    pub(crate) store_lost: Counter,
    /// How long an input waited for the centre.
    pub(crate) centre_lag: Histogram,
    /// How telephones stand.
    pub(crate) telephony: telephony::Telephony,
    floor: Floor,
}

/// What the centre itself counts.
#[derive(Debug)]
struct Floor {
    started: Family<ByMedium, Counter>,
    offered: Family<ByMedium, Counter>,
    answered: Family<ByMedium, Counter>,
    withdrawn: Family<ByCause, Counter>,
    ended: Family<ByMediumAndCause, Counter>,
    requeued: Family<ByMedium, Counter>,
    said: Counter,
    asked: Counter,
    overflowed: Family<ByMedium, Counter>,
    invitations: Family<ByOutcome, Counter>,
    wait_error: Family<ByQueue, Gauge<f64, AtomicU64>>,
    wait_within: Family<ByQueue, Gauge<f64, AtomicU64>>,
    waiting: Gauge,
    agents: Family<ByMedium, Gauge>,
    wait: Family<ByMedium, Histogram, fn() -> Histogram>,
    talk: Family<ByMedium, Histogram, fn() -> Histogram>,
}

/// Whose connection, as a label.
#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
pub(crate) struct Side {
    pub(crate) side: &'static str,
}

/// Why the server ended a connection, as a label.
#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
pub(crate) struct Ended {
    pub(crate) reason: &'static str,
}

/// What was asked over HTTP and how it ended, as labels.
#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
pub(crate) struct Request {
    pub(crate) route: String,
    pub(crate) status: u16,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct ByMedium {
    medium: &'static str,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct ByQueue {
    queue: String,
    medium: &'static str,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct ByOutcome {
    outcome: &'static str,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct ByCause {
    cause: &'static str,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct ByMediumAndCause {
    medium: &'static str,
    cause: &'static str,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("bellwire"),
            connections: Family::default(),
            frames: Family::default(),
            unknown_frames: Counter::default(),
            relayed: Counter::default(),
            relay_dropped: Counter::default(),
            byes: Family::default(),
            refused_origins: Counter::default(),
            failed_logins: Counter::default(),
            requests: Family::default(),
            store_write: Histogram::new(SHORT_SECONDS),
            store_failures: Counter::default(),
            store_lost: Counter::default(),
            centre_lag: Histogram::new(SHORT_SECONDS),
            telephony: telephony::Telephony::default(),
            floor: Floor {
                started: Family::default(),
                offered: Family::default(),
                answered: Family::default(),
                withdrawn: Family::default(),
                ended: Family::default(),
                requeued: Family::default(),
                said: Counter::default(),
                asked: Counter::default(),
                overflowed: Family::default(),
                invitations: Family::default(),
                wait_error: Family::default(),
                wait_within: Family::default(),
                waiting: Gauge::default(),
                agents: Family::default(),
                wait: Family::new_with_constructor(|| Histogram::new(LONG_SECONDS)),
                talk: Family::new_with_constructor(|| Histogram::new(LONG_SECONDS)),
            },
        };
        metrics.register();
        metrics
    }

    #[rustfmt::skip] // One line a metric reads as the table it is.
    fn register(&mut self) {
        let all = &mut self.registry;
        let version = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        all.register("build", "The running version", version);
        all.register("connections", "Live WebSockets", self.connections.clone());
        all.register("frames", "Frames that pages sent", self.frames.clone());
        all.register("unknown_frames", "Frames passed over because this server does not know them", self.unknown_frames.clone());
        all.register("relayed", "Signals passed from page to page", self.relayed.clone());
        all.register("relay_dropped", "Signals that had nowhere to go", self.relay_dropped.clone());
        all.register("byes", "Connections ended by the server", self.byes.clone());
        all.register("refused_origins", "WebSockets and site checks refused for their origin", self.refused_origins.clone());
        all.register("failed_logins", "Failed and refused sign-ins", self.failed_logins.clone());
        all.register("http_requests", "HTTP requests by route and status", self.requests.clone());
        all.register_with_unit("store_write", "Time to store one group of records", Unit::Seconds, self.store_write.clone());
        all.register("store_failures", "Failed tries to store a group of records", self.store_failures.clone());
        all.register("store_lost", "Records left out because they contradict what is stored", self.store_lost.clone());
        all.register_with_unit("centre_lag", "Time an input waited for the centre", Unit::Seconds, self.centre_lag.clone());

        let floor = &self.floor;
        all.register("interactions_started", "Visitors who asked for an agent", floor.started.clone());
        all.register("offers", "Times a desk began to ring", floor.offered.clone());
        all.register("interactions_answered", "Interactions that an agent accepted", floor.answered.clone());
        all.register("offers_withdrawn", "Offers without an answer: no_answer is RONA", floor.withdrawn.clone());
        all.register("interactions_ended", "Interactions that ended", floor.ended.clone());
        all.register("interactions_requeued", "Interactions back in line because their agent vanished", floor.requeued.clone());
        all.register("chat_lines", "Chat lines written", floor.said.clone());
        all.register("questions", "Questions put to visitors", floor.asked.clone());
        all.register("interactions_overflowed", "Interactions that a queue's rules led to another one", floor.overflowed.clone());
        all.register("invitations", "What became of invitations", floor.invitations.clone());
        all.register("wait_estimate_error", "Root mean square error of the waits told of late, over the mean wait", floor.wait_error.clone());
        all.register("wait_estimate_within", "Share of waits of late within the range told; 0.8 is meant", floor.wait_within.clone());
        all.register("waiting", "Interactions in line now", floor.waiting.clone());
        all.register("agents_there", "Agents who are ready or busy now", floor.agents.clone());
        all.register_with_unit("wait", "Time from the request to an agent's answer", Unit::Seconds, floor.wait.clone());
        all.register_with_unit("talk", "Time in contact", Unit::Seconds, floor.talk.clone());

        self.telephony.register(all);
        all.register_collector(Box::new(Process));
    }

    /// Counts a connection that the server ended.
    pub(crate) fn bye(&self, reason: ByeReason) {
        let reason = match reason {
            ByeReason::Restart => "restart",
            ByeReason::TooSlow => "too_slow",
            ByeReason::TooFast => "too_fast",
            ByeReason::Replaced => "replaced",
            ByeReason::NotWelcome => "not_welcome",
            ByeReason::UnknownSite => "unknown_site",
            ByeReason::Unreadable => "unreadable",
            ByeReason::OtherVersion => "other_version",
        };
        bump(&self.byes, &Ended { reason });
    }

    /// Counts what the centre noted.
    pub(crate) fn noted(&self, note: Note) {
        let floor = &self.floor;
        match note {
            Note::Started(medium) => bump(&floor.started, &by(medium)),
            Note::Offered(medium) => bump(&floor.offered, &by(medium)),
            Note::Answered { medium, waited_ms } => {
                bump(&floor.answered, &by(medium));
                observe(&floor.wait, medium, waited_ms);
            }
            Note::Withdrawn(cause) => bump(
                &floor.withdrawn,
                &ByCause {
                    cause: cause_name(cause),
                },
            ),
            Note::Ended {
                medium,
                cause,
                talked_ms,
            } => {
                let labels = ByMediumAndCause {
                    medium: medium_name(medium),
                    cause: cause_name(cause),
                };
                bump(&floor.ended, &labels);
                if talked_ms > 0 {
                    observe(&floor.talk, medium, talked_ms);
                }
            }
            Note::Requeued(medium) => bump(&floor.requeued, &by(medium)),
            Note::Said => {
                floor.said.inc();
            }
            Note::Asked => {
                floor.asked.inc();
            }
            Note::Overflowed(medium) => bump(&floor.overflowed, &by(medium)),
            Note::Invitation(outcome) => bump(
                &floor.invitations,
                &ByOutcome {
                    outcome: outcome.name(),
                },
            ),
        }
    }

    /// Shows what visitors are told of the centre.
    pub(crate) fn status(&self, view: &CentreView) {
        let floor = &self.floor;
        floor.waiting.set(view.waiting.into());
        let calls = floor.agents.get_or_create_owned(&by(Medium::Call));
        calls.set(view.call_agents.into());
        let chats = floor.agents.get_or_create_owned(&by(Medium::Chat));
        chats.set(view.chat_agents.into());
    }

    /// Shows how well waits were foretold of late.
    pub(crate) fn accuracy(&self, waits: &[WaitAccuracy]) {
        for line in waits {
            let labels = ByQueue {
                queue: line.queue.clone(),
                medium: medium_name(line.medium),
            };
            let floor = &self.floor;
            (floor.wait_error.get_or_create(&labels)).set(line.error_percent / 100.0);
            (floor.wait_within.get_or_create(&labels)).set(line.within_percent / 100.0);
        }
    }

    /// Everything, as text.
    pub(crate) fn text(&self) -> String {
        let mut text = String::with_capacity(16 * 1024);
        if let Err(error) = encode(&mut text, &self.registry) {
            tracing::error!(%error, "the metrics could not be written");
        }
        text
    }
}

/// Measures how long something takes, finer than [`crate::clock`] counts. Nothing is decided by it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn stop(self, histogram: &Histogram) {
        histogram.observe(self.0.elapsed().as_secs_f64());
    }
}

const SHORT_SECONDS: [f64; 12] = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0,
];

const LONG_SECONDS: [f64; 11] = [
    2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0,
];

fn bump<L>(family: &Family<L, Counter>, labels: &L)
where
    L: Clone + std::hash::Hash + Eq,
{
    family.get_or_create(labels).inc();
}

fn observe(family: &Family<ByMedium, Histogram, fn() -> Histogram>, medium: Medium, span_ms: u64) {
    // Milliseconds of a contact are far below 2^52.
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    let seconds = span_ms as f64 / 1000.0;
    family.get_or_create(&by(medium)).observe(seconds);
}

fn by(medium: Medium) -> ByMedium {
    ByMedium {
        medium: medium_name(medium),
    }
}

fn medium_name(medium: Medium) -> &'static str {
    match medium {
        Medium::Call => "call",
        Medium::Chat => "chat",
    }
}

fn cause_name(cause: EndCause) -> &'static str {
    match cause {
        EndCause::HungUp => "hung_up",
        EndCause::Abandoned => "abandoned",
        EndCause::NoAnswer => "no_answer",
        EndCause::Declined => "declined",
        EndCause::Vanished => "vanished",
        EndCause::Directed => "directed",
    }
}

/// What the system says of this process, read when it is asked for.
#[derive(Debug)]
struct Process;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Some(bytes) = resident_bytes() else {
            return Ok(());
        };
        let gauge = ConstGauge::new(bytes);
        let metric = encoder.encode_descriptor(
            "process_resident_memory",
            "Memory of this process",
            Some(&Unit::Bytes),
            gauge.metric_type(),
        )?;
        gauge.encode(metric)
    }
}

/// The resident set size; `None` where the system does not show it.
fn resident_bytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: i64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1024)
}
