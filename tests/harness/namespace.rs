//! A network of its own for one test, where packets can be lost on purpose.
//!
//! The test starts itself once more inside a new network namespace that has nothing but the
//! loopback interface; there, `nft` drops what it is told to.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use tokio::process::Command;

const INSIDE: &str = "BELLWIRE_TEST_NAMESPACE";

/// Where the test runs now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    /// In a namespace of its own: go on.
    Inside,
    /// Outside, and the test has already run inside and passed.
    Passed,
}

/// Runs the test of this name inside a namespace of its own.
///
/// # Errors
///
/// Where the test fails inside, or the system makes no namespace.
pub async fn enter(test: &str) -> Result<Place> {
    if std::env::var_os(INSIDE).is_some() {
        run("ip", &["link", "set", "lo", "up"]).await?;
        return Ok(Place::Inside);
    }
    // As root a network namespace is enough; others need a user namespace around it.
    let options = if is_root().await? {
        ["-n", "--"].as_slice()
    } else {
        &["-rn", "--"]
    };
    let probe = Command::new("unshare")
        .args(options)
        .arg("true")
        .output()
        .await;
    let probe = probe.context("`unshare` of util-linux is needed for this test")?;
    ensure!(
        probe.status.success(),
        "this system makes no network namespace, so packet loss cannot be tested: {}",
        String::from_utf8_lossy(&probe.stderr)
    );
    let status = Command::new("unshare")
        .args(options)
        .arg(std::env::current_exe()?)
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, "1")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .status()
        .await?;
    ensure!(
        status.success(),
        "{test} failed inside its network namespace ({status})"
    );
    Ok(Place::Passed)
}

/// Loses every UDP packet from now on.
///
/// # Errors
///
/// Where `nft` is missing or refuses.
pub async fn lose_udp() -> Result<()> {
    run("nft", &["add", "table", "inet", "bellwire"]).await?;
    let chain = "add chain inet bellwire loss { type filter hook input priority 0; }";
    run("nft", &[chain]).await?;
    run(
        "nft",
        &["add rule inet bellwire loss meta l4proto udp drop"],
    )
    .await
}

/// Loses none any more.
///
/// # Errors
///
/// Where `nft` refuses.
pub async fn carry_udp() -> Result<()> {
    run("nft", &["delete", "table", "inet", "bellwire"]).await
}

async fn is_root() -> Result<bool> {
    let id = Command::new("id").arg("-u").output().await?;
    Ok(String::from_utf8_lossy(&id.stdout).trim() == "0")
}

async fn run(program: &str, arguments: &[&str]) -> Result<()> {
    let done = Command::new(program).args(arguments).output().await;
    let done = done.with_context(|| format!("`{program}` is needed for this test"))?;
    ensure!(
        done.status.success(),
        "{program} {}: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&done.stderr)
    );
    Ok(())
}
