//! What carrying sound costs: a packet of one codec, and a call between two codecs.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};

use super::{
    Size,
    exchange::Exchange,
    forward::Forwarder,
    phones::Phones,
    rtpengine::{Rtpengine, Speaks},
    spread::{Row, table},
    streams::{Carried, Ends, Sound, Streams, opus, pcmu},
    tell_skipped,
    usage::{Servers, Used},
};
use crate::report::{Figure, Report};

/// Calls that are transcoded at once.
const TRANSCODED: usize = 20;

/// How long calls talk before it counts.
const SETTLING: Duration = Duration::from_millis(500);

/// One server with its calls.
struct Carrier {
    servers: Servers,
    calls: Vec<Ends>,
    sounds: (Sound, Sound),
}

impl Carrier {
    async fn measure(&self, streams: &Arc<Streams>, long: Duration) -> Result<(Used, Carried)> {
        let sounds = (&self.sounds.0, &self.sounds.1);
        streams.talk(&self.calls, sounds, SETTLING).await?;
        let meter = self.servers.meter()?;
        let carried = streams.talk(&self.calls, sounds, long).await?;
        Ok((meter.done()?, carried))
    }
}

/// Measures packets of one codec at `size.held` calls, and reports. Every agent of `exchange` is free.
pub(crate) async fn relay(report: &mut Report, size: &Size, exchange: &Exchange) -> Result<()> {
    let streams = Arc::new(Streams::open()?);
    let callers = Phones::open().await?;
    let same = || (pcmu(), pcmu());
    let forwarder = Forwarder::start(size.held).await?;
    let placed = exchange
        .connect(&callers, &streams, size.held, false)
        .await?;
    let mut carriers = vec![
        (
            Row::new("Bellwire"),
            Carrier {
                servers: exchange.process()?,
                calls: placed.ends.clone(),
                sounds: same(),
            },
        ),
        (
            Row::new("raw forwarder"),
            Carrier {
                servers: forwarder.servers()?,
                calls: forwarder.calls.clone(),
                sounds: same(),
            },
        ),
    ];
    let rtpengine = Rtpengine::start().await;
    if let Ok(server) = &rtpengine {
        let ends = connect(server, &streams, size.held, (Speaks::Pcmu, Speaks::Pcmu)).await?;
        carriers.push((
            Row::new("rtpengine userspace"),
            Carrier {
                servers: Servers(vec![server.id()?]),
                calls: ends.0,
                sounds: same(),
            },
        ));
    }
    for _ in 0..size.repeats {
        for (row, carrier) in &mut carriers {
            let (used, carried) = carrier.measure(&streams, size.talk).await?;
            row.values.push(used.cpu * 1e6 / carried.count());
            row.others.push(used.others);
            row.beside = format!("   {:.1} % arrived", carried.share() * 100.0);
        }
    }
    exchange.disconnect(&callers, placed).await?;
    let rows: Vec<Row> = carriers.into_iter().map(|(row, _)| row).collect();
    let title = format!(
        "Sound relayed between telephones, {} calls of 50 packets a second each way (µs of server CPU a packet)",
        size.held
    );
    table(report, &title, 2, &rows);
    if let Err(error) = &rtpengine {
        tell_skipped(report, "rtpengine userspace", error);
    }
    if let [own, floor, peers @ ..] = rows.as_slice() {
        if let [rtpengine] = peers {
            let ratio = own.values.over(&rtpengine.values);
            report.figure(Figure::at_most(
                "relay, our CPU over rtpengine's",
                ratio,
                1.0,
            ));
        }
        let ratio = own.values.over(&floor.values);
        report.figure(Figure::told("relay, our CPU over a raw forwarder's", ratio));
    }
    Ok(())
}

/// Measures calls between Opus and PCMU, and reports.
pub(crate) async fn transcoding(
    report: &mut Report,
    size: &Size,
    exchange: &Exchange,
) -> Result<()> {
    let streams = Arc::new(Streams::open()?);
    let callers = Phones::open().await?;
    let placed = exchange
        .connect(&callers, &streams, TRANSCODED, true)
        .await?;
    let mut carriers = vec![(
        Row::new("Bellwire"),
        Carrier {
            servers: exchange.process()?,
            calls: placed.ends.clone(),
            sounds: (pcmu(), opus(placed.payload_type)?),
        },
    )];
    let rtpengine = Rtpengine::start().await;
    if let Ok(server) = &rtpengine {
        let speak = (Speaks::Pcmu, Speaks::Opus);
        let (calls, payload_type) = connect(server, &streams, TRANSCODED, speak).await?;
        carriers.push((
            Row::new("rtpengine userspace"),
            Carrier {
                servers: Servers(vec![server.id()?]),
                calls,
                sounds: (pcmu(), opus(payload_type)?),
            },
        ));
    }
    for _ in 0..size.repeats {
        for (row, carrier) in &mut carriers {
            let (used, carried) = carrier.measure(&streams, size.talk).await?;
            let calls = f64::from(u32::try_from(TRANSCODED)?);
            row.values
                .push(used.cpu * 1e3 / calls / size.talk.as_secs_f64());
            row.others.push(used.others);
            row.beside = format!("   {:.1} % arrived", carried.share() * 100.0);
        }
    }
    exchange.disconnect(&callers, placed).await?;
    let rows: Vec<Row> = carriers.into_iter().map(|(row, _)| row).collect();
    let title = "Calls between PCMU and Opus, 20 at once (ms of server CPU a second, for one call)";
    table(report, title, 2, &rows);
    if let Err(error) = &rtpengine {
        tell_skipped(report, "rtpengine userspace", error);
    }
    if let [own, rtpengine] = rows.as_slice() {
        let ratio = own.values.over(&rtpengine.values);
        report.figure(Figure::at_most(
            "transcoding, our CPU over rtpengine's",
            ratio,
            1.0,
        ));
    }
    Ok(())
}

/// Calls over rtpengine, and the payload type of the second side.
async fn connect(
    server: &Rtpengine,
    streams: &Streams,
    calls: usize,
    speak: (Speaks, Speaks),
) -> Result<(Vec<Ends>, u8)> {
    let (one, other) = ((streams.one()?, speak.0), (streams.other()?, speak.1));
    let mut ends = vec![];
    let mut payload_type = None;
    for _ in 0..calls {
        let connected = server.connect(one, other).await?;
        ends.push((connected.to_one, connected.to_other));
        payload_type = Some(connected.payload_type);
    }
    Ok((ends, payload_type.context("no calls")?))
}
