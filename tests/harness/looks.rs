//! How screens look: pictures of them, and the rules that let everybody use them.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use playwright_rs::protocol::{ColorScheme, EmulateMediaOptions, Viewport};
use serde_json::json;

use crate::view::View;

const AXE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/node_modules/axe-core/axe.min.js"
);

/// How screens are looked at: name, colours, width and height.
const LOOKS: [(&str, ColorScheme, u32, u32); 3] = [
    ("dark", ColorScheme::Dark, 1280, 800),
    ("phone", ColorScheme::Light, 390, 844),
    ("light", ColorScheme::Light, 1280, 800),
];

/// Takes pictures of a screen in light, dark and phone size, and checks that all can use it.
///
/// # Errors
///
/// Where axe-core finds something serious, or no picture can be taken.
pub async fn inspect(view: &View, name: &str) -> Result<()> {
    let page = view.behind();
    let mut found = vec![];
    for (look, scheme, width, height) in LOOKS {
        let media = EmulateMediaOptions::builder().color_scheme(scheme).build();
        page.emulate_media(Some(media)).await?;
        page.set_viewport_size(Viewport { width, height }).await?;
        settle(view).await?;
        screenshot(view, &format!("{name}-{look}")).await?;
        if let Err(error) = is_accessible(view, &format!("{name}, {look}")).await {
            found.push(format!("{error:#}"));
        }
    }
    ensure!(found.is_empty(), "{}", found.join("\n"));
    Ok(())
}

/// Waits until transitions that a change of looks started are over.
async fn settle(view: &View) -> Result<()> {
    let over = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() =>
        Promise.allSettled(document.getAnimations()
            .filter((one) => one.effect?.getComputedTiming().endTime < 5000)
            .map((one) => one.finished)).then(() => done(true)))))";
    view.run::<bool>(over, serde_json::json!({})).await?;
    Ok(())
}

/// A picture of the whole page into `tests/screenshots`.
///
/// # Errors
///
/// Where it cannot be taken or written.
pub async fn screenshot(view: &View, name: &str) -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
    std::fs::create_dir_all(&folder)?;
    let path = folder.join(format!("{name}.png"));
    let taken = view.behind().screenshot_to_file(&path, None).await;
    taken.context("taking a screenshot")?;
    Ok(())
}

/// No violation of the accessibility rules that axe-core counts as serious or critical.
///
/// # Errors
///
/// With every violation and its elements.
async fn is_accessible(view: &View, screen: &str) -> Result<()> {
    let axe = std::fs::read_to_string(AXE).context("axe-core is missing: run `make test` once")?;
    // As a part of the function, because the page's own policy forbids to add scripts.
    let function = format!("async () => {{ if (!window.axe) {{ {axe} }} {CHECK} }}");
    let violations: Vec<String> = view.run(&function, json!({})).await?;
    ensure!(violations.is_empty(), "{screen}: {}", violations.join("\n"));
    Ok(())
}

const CHECK: &str = include_str!("js/accessible.js");
