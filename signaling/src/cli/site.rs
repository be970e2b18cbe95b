//! `bellwire site`: which sites there are, and which origins may use their keys.

use std::io::{self, Write};

use anyhow::Context;
use bellwire_proto::{
    id::SiteKey,
    setup::{Queue, Site},
};
use clap::Subcommand;

use super::{ACTOR, open};
use crate::{config::Config, origin::Origin, random, seed::entries_with};

/// What is to be done with sites.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a site, and print the tag to paste into its pages.
    Add {
        /// The site's name, as agents see it.
        #[arg(long)]
        name: String,
        /// Where its pages come from: scheme, host and port. May be given several times.
        #[arg(long, required = true)]
        origin: Vec<Origin>,
        /// The queue of its visitors, but for those whose language has a queue of its own.
        /// Without it, the first queue that needs no language.
        #[arg(long)]
        queue: Option<String>,
    },
    /// List the sites, with their keys and origins.
    List,
    /// Let pages of another origin use a site's key.
    Allow {
        /// The site's key.
        key: String,
        /// Where the pages come from. May be given several times.
        #[arg(long, required = true)]
        origin: Vec<Origin>,
    },
    /// No longer let pages of an origin use a site's key.
    Refuse {
        /// The site's key.
        key: String,
        /// Where the pages come from. May be given several times.
        #[arg(long, required = true)]
        origin: Vec<Origin>,
    },
}

/// Does it.
pub(super) async fn run(command: Command, config: &Config) -> anyhow::Result<()> {
    match command {
        Command::Add {
            name,
            origin,
            queue,
        } => add(&name, &origin, queue.as_deref(), config).await,
        Command::List => list(config).await,
        Command::Allow { key, origin } => allow(SiteKey(key), &origin, true, config).await,
        Command::Refuse { key, origin } => allow(SiteKey(key), &origin, false, config).await,
    }
}

async fn add(
    name: &str,
    origins: &[Origin],
    queue: Option<&str>,
    config: &Config,
) -> anyhow::Result<()> {
    let (store, clock) = open(config).await?;
    let mut change = store.change(ACTOR, clock.now()).await?;
    let queues = change.queues().await?;
    let key = SiteKey(random::readable(12));
    let site = Site {
        origins: origins.iter().map(Origin::to_string).collect(),
        entries: entries_with(&queues, Some(general(&queues, queue)?)),
        ..Site::new(key.clone(), name)
    };
    change.add_site(&site).await?;
    change.commit().await?;
    store.close().await;

    let mut out = io::stdout().lock();
    writeln!(
        out,
        "The site {name:?} is there. Paste this into its pages:\n"
    )?;
    writeln!(out, "{}\n", tag(&config.own_url(), &key))?;
    if config.public_url.is_none() {
        writeln!(
            out,
            "Where browsers reach this server by another address, put that in its place."
        )?;
        writeln!(out, "(The setting public_url makes it part of the tag.)")?;
    }
    Ok(())
}

/// The tag that a site's owner pastes.
fn tag(url: &str, key: &SiteKey) -> String {
    format!(r#"<script async src="{url}/bellwire.js" data-site="{key}"></script>"#)
}

/// The queue for visitors whose language has none of its own.
fn general<'a>(queues: &'a [Queue], name: Option<&str>) -> anyhow::Result<&'a Queue> {
    let Some(name) = name else {
        return queues
            .iter()
            .find(|queue| queue.language.is_none())
            .or(queues.first())
            .context("the centre has no queues yet: start the server once, then add the site");
    };
    let found = queues.iter().find(|queue| queue.name == name);
    found.with_context(|| {
        let names: Vec<_> = queues.iter().map(|queue| queue.name.as_str()).collect();
        format!(
            "there is no queue {name:?}; there are: {}",
            names.join(", ")
        )
    })
}

async fn list(config: &Config) -> anyhow::Result<()> {
    let (store, _) = open(config).await?;
    let sites = store.sites().await?;
    store.close().await;

    let mut out = io::stdout().lock();
    if sites.is_empty() {
        writeln!(
            out,
            "There are no sites yet. bellwire site add --help says how to add one."
        )?;
    }
    for site in sites {
        writeln!(out, "{}  {}", site.key, site.site.name)?;
        for origin in site.origins {
            writeln!(out, "    {origin}")?;
        }
    }
    Ok(())
}

async fn allow(
    key: SiteKey,
    origins: &[Origin],
    allowed: bool,
    config: &Config,
) -> anyhow::Result<()> {
    let (store, clock) = open(config).await?;
    let mut change = store.change(ACTOR, clock.now()).await?;
    for origin in origins {
        match allowed {
            true => change.allow(&key, origin).await?,
            false => change.refuse(&key, origin).await?,
        }
    }
    change.commit().await?;
    store.close().await;
    let done = if allowed {
        "may use"
    } else {
        "may no longer use"
    };
    let mut out = io::stdout().lock();
    for origin in origins {
        writeln!(out, "Pages of {origin} {done} the key {key}.")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_is_what_the_manual_shows() {
        let tag = tag("http://127.0.0.1:8080", &SiteKey("KEY".to_owned()));

        assert_eq!(
            tag,
            r#"<script async src="http://127.0.0.1:8080/bellwire.js" data-site="KEY"></script>"#
        );
    }
}
