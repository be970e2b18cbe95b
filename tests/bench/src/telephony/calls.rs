//! What a call costs, and how long its parts take: the floor, Bellwire and its peers in turn.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Result;

use super::{
    Peers, Size,
    direct::Direct,
    exchange::Exchange,
    janus::Janus,
    pair::Pair,
    phones::Phones,
    spread::{Row, Spread, table},
    way::{Manner, Round, Way, round},
};
use crate::{
    process::Threads,
    report::{Figure, Report},
};

/// Bridged calls at a time, and fresh ones.
const BRIDGED: usize = 4;
const FRESH: usize = 8;

/// Calls of one repetition, one after the other and twenty a second.
const PACED: usize = 60;

/// Enough agents that one is always free while others still write down what came of a call.
const AGENTS: usize = 20;

/// All rounds of one way.
struct Told {
    name: &'static str,
    costs: Row,
    rates: Row,
    answers: Spread,
    secured: Spread,
    /// By the names of the servers' threads.
    threads: BTreeMap<String, Threads>,
    calls: f64,
    why: Option<String>,
}

impl Told {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            costs: Row::new(name),
            rates: Row::new(name),
            answers: Spread::default(),
            secured: Spread::default(),
            threads: BTreeMap::new(),
            calls: 0.0,
            why: None,
        }
    }

    fn add(&mut self, round: Round) {
        self.costs.values.push(round.cost());
        self.rates.values.push(round.rate());
        for row in [&mut self.costs, &mut self.rates] {
            row.others.push(round.used.others);
            row.failed += round.failed;
        }
        self.calls += round.calls;
        for (name, used) in round.used.threads {
            *self.threads.entry(name).or_default() += used;
        }
        self.answers.0.extend(round.answers);
        self.secured.0.extend(round.secured);
        self.why = self.why.take().or(round.why);
    }
}

async fn turn<W: Way>(
    told: &mut Told,
    way: &Arc<W>,
    manner: Manner,
    calls: usize,
    at_once: usize,
) -> Result<()> {
    told.add(round(way, manner, calls, at_once).await?);
    Ok(())
}

/// The same for a peer. One that falls over misses this turn and is started anew.
async fn turn_of_peer<W: Way>(
    told: &mut Told,
    peer: &mut Result<Arc<W>>,
    start: impl AsyncFnOnce() -> Result<W>,
    (manner, calls, at_once): (Manner, usize, usize),
) {
    let Ok(way) = peer else {
        return;
    };
    if let Err(error) = turn(told, way, manner, calls, at_once).await {
        told.why = Some(format!("it fell over: {error:#}"));
        *peer = start().await.map(Arc::new);
    }
}

/// Measures and reports.
pub(crate) async fn run(
    report: &mut Report,
    size: &Size,
    phones: &Arc<Phones>,
    peers: &mut Peers,
) -> Result<()> {
    let direct = Arc::new(Direct::open(phones).await?);
    let exchange = Arc::new(Exchange::open(phones, AGENTS).await?);
    let mut floor = Told::new("direct SIP");
    let mut bridged = ["Bellwire", "Janus SIP", "Kamailio+rtpengine"].map(Told::new);
    let mut paced = ["Bellwire", "Janus SIP", "Kamailio+rtpengine"].map(Told::new);
    let mut fresh = ["Bellwire", "Janus SIP", "Kamailio+rtpengine"].map(Told::new);
    for _ in 0..size.repeats {
        turn(&mut floor, &direct, Manner::Signalled, size.calls, FRESH).await?;
        for (all, manner, most, at_once) in [
            (&mut bridged, Manner::Bridged, size.calls, BRIDGED),
            (&mut paced, Manner::Paced, PACED, 1),
            (&mut fresh, Manner::Fresh, size.calls, FRESH),
        ] {
            let [own, janus, pair] = all;
            turn(own, &exchange, manner, most, at_once).await?;
            let few = size.calls_of_janus.min(most);
            let again = async || Janus::start(phones.address).await;
            turn_of_peer(janus, &mut peers.janus, again, (manner, few, at_once)).await;
            let again = async || Pair::start(phones.address).await;
            turn_of_peer(pair, &mut peers.pair, again, (manner, most, at_once)).await;
        }
    }
    tell(report, peers, &floor, &bridged, &paced, &fresh);
    Ok(())
}

fn tell(
    report: &mut Report,
    peers: &Peers,
    floor: &Told,
    bridged: &[Told; 3],
    paced: &[Told; 3],
    fresh: &[Told; 3],
) {
    let [own, janus, pair] = bridged;
    let rows =
        |all: &[Told; 3], of: fn(&Told) -> &Row| all.iter().map(of).cloned().collect::<Vec<_>>();
    table(
        report,
        "Bridged calls, page to telephone with ICE and DTLS, 4 at a time (server CPU seconds for 1,000)",
        2,
        &rows(bridged, |told| &told.costs),
    );
    peers.tell_skipped(report);
    for (all, how) in [(bridged, ""), (paced, ", paced")] {
        for told in all.iter().filter(|told| !told.answers.0.is_empty()) {
            report.line(&format!(
                "{:<20} {:.0} calls a second{how}; click to answer p50 {:.2} p99 {:.2} ms; answer to DTLS p50 {:.2} p99 {:.2} ms",
                told.name,
                told.rates.values.median(),
                told.answers.at(0.5),
                told.answers.at(0.99),
                told.secured.at(0.5),
                told.secured.at(0.99),
            ));
        }
    }
    report.line(&format!(
        "{:<20} {:.0} calls a second; click to answer p50 {:.2} p99 {:.2} ms (the floor, 8 at a time, no server)",
        floor.name,
        floor.rates.values.median(),
        floor.answers.at(0.5),
        floor.answers.at(0.99),
    ));
    limits(report, own);
    table(
        report,
        "Fresh visitors, a new WebSocket and session for each call, signalling only, 8 at a time (calls a second)",
        1,
        &rows(fresh, |told| &told.rates),
    );
    table(
        report,
        "The same (server CPU seconds for 1,000)",
        2,
        &rows(fresh, |told| &told.costs),
    );
    for told in (bridged.iter().chain(paced).chain(fresh)).chain([floor]) {
        if let Some(why) = &told.why {
            report.line(&format!("{}: a call failed: {why}", told.name));
        }
    }
    report.figure(Figure::told(
        "bridged call, server CPU seconds for 1,000",
        own.costs.values.median(),
    ));
    let [own_fresh, janus_fresh, pair_fresh] = fresh;
    if peers.janus.is_ok() {
        report.figure(Figure::at_least(
            "bridged call, Janus' CPU over ours",
            janus.costs.values.over(&own.costs.values),
            5.0,
        ));
        report.figure(Figure::at_least(
            "fresh visitors, our calls a second over Janus'",
            own_fresh.rates.values.over(&janus_fresh.rates.values),
            100.0,
        ));
    }
    if peers.pair.is_ok() {
        report.figure(Figure::at_least(
            "bridged call, CPU of Kamailio and rtpengine over ours",
            pair.costs.values.over(&own.costs.values),
            4.0,
        ));
        report.figure(Figure::told(
            "fresh visitors, our calls a second over Kamailio's",
            own_fresh.rates.values.over(&pair_fresh.rates.values),
        ));
    }
    let [own_paced, ..] = paced;
    report.figure(Figure::at_most(
        "answer to DTLS, 20 calls a second, p50, ms",
        own_paced.secured.at(0.5),
        1.2,
    ));
    report.figure(Figure::told(
        "answer to DTLS, as many calls as go, p50, ms",
        own.secured.at(0.5),
    ));
}

/// Says where the time of bridged calls goes.
fn limits(report: &Report, told: &Told) {
    let all: f64 = (told.threads.values())
        .map(|used| used.user + used.system)
        .sum();
    report.line("What limits Bellwire, by its threads: their share of the time, how much of that in the kernel, waits a call");
    for (name, used) in &told.threads {
        let both = used.user + used.system;
        if both > 0.01 * all {
            report.line(&format!(
                "  {name:<18} {:>5.1} %   {:>5.1} %   {:>6.1}",
                100.0 * both / all,
                100.0 * used.system / both,
                used.waits / told.calls,
            ));
        }
    }
}
