//! What the server answers over HTTP.

use anyhow::{Context, Result, ensure};
use bellwire_tests::{
    centre::Centre,
    http,
    people::SITE,
    wait::{SOON, until},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_fixed_addresses_answer() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let addresses = [
        ("/", "text/html"),
        ("/agent/", "text/html"),
        ("/agent/anything", "text/html"),
        ("/bellwire.js", "text/javascript"),
        ("/api/openapi.json", "application/json"),
        ("/healthz", ""),
        ("/readyz", ""),
        ("/metrics", "application/openmetrics-text"),
    ];

    for (path, kind) in addresses {
        let answer = http::get(centre.port, path).await?;
        ensure!(answer.status == 200, "{path}: {}", answer.status);
        let said = answer.header("content-type").unwrap_or_default();
        ensure!(said.starts_with(kind), "{path}: {said}");
    }
    let missing = http::get(centre.port, "/nowhere.png").await?;
    ensure!(missing.status == 404, "{}", missing.status);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_and_the_widget_run_under_a_strict_policy() -> Result<()> {
    let centre = Centre::start(&[]).await?;

    let desk = http::get(centre.port, "/agent/").await?;
    let frame = http::get(
        centre.port,
        &format!("/widget/?site={SITE}&origin={}", centre.origin()),
    )
    .await?;

    let policy = |answer: &http::Answer| {
        let header = answer.header("content-security-policy");
        header
            .map(str::to_owned)
            .context("no Content-Security-Policy")
    };
    let (desk, frame) = (policy(&desk)?, policy(&frame)?);
    for policy in [&desk, &frame] {
        ensure!(
            policy.contains("default-src 'none'") || policy.contains("default-src 'self'"),
            "{policy}"
        );
        ensure!(
            !policy.contains("'unsafe-inline'") && !policy.contains("'unsafe-eval'"),
            "{policy}"
        );
    }
    ensure!(
        desk.contains("frame-ancestors 'none'"),
        "the desk can be framed: {desk}"
    );
    ensure!(frame.contains("frame-ancestors"), "{frame}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_told_whether_its_origin_is_allowed() -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let shop = "https://shop.example";

    let before = centre.allows(shop).await?;
    centre.allow(shop).await?;
    let after = centre.allows(shop).await?;
    let own = centre.allows(&centre.origin()).await?;
    centre
        .run(&["site", "refuse", SITE, "--origin", shop])
        .await?;

    ensure!(
        !before && after && own,
        "before {before}, after {after}, own {own}"
    );
    until("refusal", SOON, async || {
        Ok((!centre.allows(shop).await?).then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_count_what_happens() -> Result<()> {
    use bellwire_proto::interaction::Medium;
    use bellwire_tests::people;
    let centre = Centre::start(&[]).await?;
    let agent = people::ready_desk(&centre, &centre.users("agent")?[0]).await?;
    let visitor = people::visitor(&centre);
    let chat = visitor.start(Medium::Chat).await?;
    agent.take(chat).await?;

    let metrics = http::get(centre.port, "/metrics").await?.body;

    let lines: Vec<_> = metrics
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    ensure!(!lines.is_empty(), "no metrics");
    for line in &lines {
        let value = line
            .rsplit(' ')
            .next()
            .and_then(|value| value.parse::<f64>().ok());
        ensure!(
            line.starts_with("bellwire_") && value.is_some(),
            "not a metric: {line}"
        );
    }
    ensure!(
        metrics.contains("# TYPE") && metrics.ends_with("# EOF\n"),
        "{metrics}"
    );
    Ok(())
}
