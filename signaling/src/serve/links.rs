//! What a person who started the server wants to open next.

use std::io::Write;

use crate::app::App;

/// Prints where to go. A closed output is no reason to stop.
pub(super) fn print(app: &App, out: &mut impl Write) {
    let url = app.config.own_url();
    let passwords = app.config.data_dir.join("credentials.json");
    let mut lines = vec!["Bellwire is ready.".to_owned()];
    if app.demo.is_some() {
        lines.push(format!("  Demo shop   {url}/"));
    }
    lines.push(format!("  Agent desk  {url}/agent/"));
    lines.push(format!("  Health      {url}/readyz"));
    lines.push(format!(
        "User names and passwords are in {}",
        passwords.display()
    ));
    if app.assets.get("agent/index.html").is_none() {
        lines.push("The web apps are not in this binary: run `make build`.".to_owned());
    }
    lines.push("Ctrl-C stops it.".to_owned());
    let _ = writeln!(out, "\n{}\n", lines.join("\n"));
    let _ = out.flush();
}
