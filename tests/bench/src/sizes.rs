//! What a visitor's browser has to load, as the server sends it.

use std::process::Stdio;

use anyhow::{Context, Result};
use bellwire_tests::{centre::Centre, people::SITE};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::Command,
};

use crate::report::{Figure, Report};

/// Measures the loader, and the first open of the widget.
pub(crate) async fn run(report: &mut Report) -> Result<()> {
    let centre = Centre::start(&[]).await?;
    let loader = gzip(&load(&centre, "/bellwire.js", "identity").await?.body).await?;
    let document = format!("/widget/?site={SITE}&origin={}", centre.origin());
    let page = load(&centre, &document, "identity").await?;
    let html = String::from_utf8_lossy(&page.body).into_owned();
    let mut files = assets(&html);
    files.sort();
    files.dedup();
    report.table("First open of the widget (bytes, brotli)");
    let mut total = 0;
    for file in files {
        let bytes = compressed(&centre, &file).await?;
        report.line(&format!("{bytes:>8}   {file}"));
        total += bytes;
    }
    let kb = |bytes: usize| f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / 1_000.0;
    report.figure(Figure::at_most("loader, kB gzip", kb(loader), 5.0));
    report.figure(Figure::at_most(
        "first open of the widget (WASM, JS, CSS), kB brotli",
        kb(total),
        120.0,
    ));
    Ok(())
}

/// The length of a file as it is sent with brotli. A server that has just started makes the
/// small form beside its other work, and sends the large one until it is there.
async fn compressed(centre: &Centre, file: &str) -> Result<usize> {
    let mut tries = 60;
    loop {
        tries -= 1;
        match load(centre, file, "br").await {
            Ok(answer) => return Ok(answer.body.len()),
            Err(error) if tries == 0 => return Err(error),
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(500)).await,
        }
    }
}

/// Scripts, modules and styles that the document names.
fn assets(html: &str) -> Vec<String> {
    html.split(['"', '\'', '=', '>', ' '])
        .filter(|text| text.starts_with("/widget/"))
        .filter(|text| {
            [".js", ".wasm", ".css"]
                .iter()
                .any(|end| text.ends_with(end))
        })
        .map(str::to_owned)
        .collect()
}

/// How long `text` is after `gzip -9`.
async fn gzip(text: &[u8]) -> Result<usize> {
    let mut gzip = Command::new("gzip")
        .arg("-9c")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut input = gzip.stdin.take().context("gzip takes nothing")?;
    input.write_all(text).await?;
    drop(input);
    Ok(gzip.wait_with_output().await?.stdout.len())
}

struct Answer {
    body: Vec<u8>,
}

/// A plain GET whose body is counted as it comes over the wire.
async fn load(centre: &Centre, path: &str, encoding: &str) -> Result<Answer> {
    let mut stream = TcpStream::connect(("127.0.0.1", centre.port)).await?;
    let host = format!("127.0.0.1:{}", centre.port);
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: {host}\r\naccept-encoding: {encoding}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = vec![];
    stream.read_to_end(&mut answer).await?;
    let end = (answer.windows(4))
        .position(|window| window == b"\r\n\r\n")
        .context("no header")?;
    let header = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    anyhow::ensure!(header.starts_with("http/1.1 200"), "{path}: {header}");
    if encoding != "identity" {
        let used = format!("content-encoding: {encoding}");
        anyhow::ensure!(
            header.contains(&used),
            "{path} is not sent as {encoding}: {header}"
        );
    }
    let body = answer.split_off(end + 4);
    Ok(Answer { body })
}
