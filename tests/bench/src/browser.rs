//! What a visitor waits for in a real browser: the panel, the first sound, and the call's return
//! after a page change.

use std::time::{Duration, Instant};

use anyhow::Result;
use bellwire_tests::{
    guests::Desk,
    stage::{Stage, play},
    view::View,
};

use crate::report::{Figure, Report, quantile};

const REPEATS: usize = 5;
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Default)]
struct Times {
    panel: Vec<f64>,
    sound: Vec<f64>,
    back: Vec<f64>,
}

/// Measures in two real browsers and reports.
pub(crate) async fn run(report: &mut Report) -> Result<()> {
    let mut times = Times::default();
    let measured = &mut times;
    play("bench", &[], async |stage| {
        let desk = stage.ready_desk().await?;
        for _ in 0..REPEATS {
            visit(stage, &desk, measured).await?;
        }
        Ok(())
    })
    .await?;
    report.table("In Chromium, five visits (ms: least, median, most)");
    for (name, values) in [
        ("click on “Contact us” to a usable panel", &mut times.panel),
        (
            "click on “Start call” to sound, with the answer",
            &mut times.sound,
        ),
        ("click on a link to sound on the next page", &mut times.back),
    ] {
        let spread = [0.0, 0.5, 1.0].map(|at| quantile(values, at));
        report.line(&format!(
            "{name:<50} {:>6.0} {:>6.0} {:>6.0}",
            spread[0], spread[1], spread[2]
        ));
    }
    report.figure(Figure::told(
        "“Contact us” to a usable panel, ms",
        quantile(&mut times.panel, 0.5),
    ));
    report.figure(Figure::told(
        "“Start call” to sound, ms",
        quantile(&mut times.sound, 0.5),
    ));
    report.figure(Figure::at_most(
        "the call is back after a page change, ms",
        quantile(&mut times.back, 0.5),
        1_000.0,
    ));
    Ok(())
}

async fn visit(stage: &Stage, desk: &Desk, times: &mut Times) -> Result<()> {
    let guest = stage.visitor("/").await?;
    let launcher = guest.host().button("Contact us");
    launcher.wait_for(None).await?;
    let began = Instant::now();
    launcher.click(None).await?;
    let widget = guest.widget();
    widget.offers_within("Voice call", PATIENCE).await?;
    times.panel.push(began.elapsed().as_secs_f64() * 1_000.0);
    widget.press("Voice call").await?;
    widget.offers("Start call").await?;
    let clicked = now(&guest.host()).await?;
    widget.press("Start call").await?;
    desk.view().offers_within("Accept", PATIENCE).await?;
    desk.view().press("Accept").await?;
    times.sound.push(widget.first_sound().await? - clicked);
    let left = now(&guest.host()).await?;
    guest.page.locator("a[href='/help']").click(None).await?;
    guest.page.wait_for_url("http://*/help", None).await?;
    times.back.push(guest.widget().first_sound().await? - left);
    guest.widget().press("Hang up").await?;
    desk.view().offers("Finish").await?;
    desk.view().finish("Measured.").await?;
    guest.context.close().await?;
    Ok(())
}

async fn now(page: &View) -> Result<f64> {
    page.run("() => Date.now()", 0).await
}
