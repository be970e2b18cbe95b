//! Attackers at other addresses than the good phones: what they do to them, and what they are told.

mod siege;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bellwire_proto::agent::Device;
use bellwire_tests::{
    house::{House, LOBBY, PASSWORD, SUPPORT},
    people::Agent,
    phones::{
        ear::{Ears, SILENCE},
        telephone::{Message, Pickup, Settings, Telephone},
    },
    wait,
};

use self::siege::{GUESSER, SCANNER, STRANGER, Siege, TORTURER, intrude};
use crate::real::{metric, nothing_is_left, on_desk};

/// How much more memory the server may have after a siege, in KiB: buffers and tables of a bounded size.
const MORE_MEMORY: u64 = 32 * 1024;

/// Anna's phone, which answers at once and says 1000 hertz; somebody who calls, and says 440.
struct Good {
    house: House,
    anna: Agent,
    phone: Telephone,
    caller: Telephone,
}

impl Good {
    /// With the limits that the product comes with.
    async fn open() -> Result<Self> {
        let house = House::open_with(&[
            ("BELLWIRE_PHONE_INVITES_PER_SECOND", "20"),
            ("BELLWIRE_PHONE_REGISTERS_PER_SECOND", "10"),
        ])
        .await?;
        let phone = Settings {
            pickup: Pickup::AtOnce,
            pitch: Some(1000.0),
            ..Settings::account(house.sip, "anna", PASSWORD)
        };
        Ok(Self {
            phone: house.phone_like(phone).await?,
            caller: house.phone(LOBBY).await?,
            anna: house.desk("anna", Device::Phone).await?,
            house,
        })
    }

    /// Calls so often, and gives the shortest, the middle and the longest time until both talked.
    async fn calls(&self, count: u32) -> Result<[Duration; 3]> {
        let mut times = vec![];
        for _ in 0..count {
            let start = Instant::now();
            let out = self.caller.dial(SUPPORT).await?;
            let at_anna = self.phone.rings().await?;
            out.answered().await?;
            times.push(start.elapsed());
            tokio::try_join!(out.hears(1000.0), at_anna.hears(440.0))?;
            out.hang_up().await?;
            at_anna.ended().await?;
            self.anna.finish(on_desk(&self.anna).await?).await?;
        }
        times.sort();
        let [first, .., last] = times[..] else {
            anyhow::bail!("no calls")
        };
        Ok([first, times[times.len() / 2], last])
    }

    /// What the server holds of memory (`VmRSS`), in KiB.
    fn memory(&self) -> Result<u64> {
        let id = self.house.centre.id().context("no server")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let words = line.context("no VmRSS")?.trim().trim_end_matches(" kB");
        Ok(words.parse()?)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_siege_keeps_nobody_from_calling() -> Result<()> {
    let good = Good::open().await?;
    let calm = good.calls(10).await?;
    let before = good.memory()?;

    let mut siege = Siege::begin(good.house.sip);
    let log = || good.house.centre.log();
    let banned = wait::until("bans in the log", wait::PATIENT, async || {
        let log = log();
        for (source, reason) in [
            (TORTURER, ""),
            (GUESSER, "login seconds=60"),
            (SCANNER, "scanner seconds=60"),
            (STRANGER, "flood seconds=60"),
        ] {
            let line = format!("sip ban source={source} reason={reason}");
            let bans = log.lines().filter(|line| line.contains("sip ban"));
            ensure!(
                log.contains(&line),
                "no {line} in {:#?}",
                bans.collect::<Vec<_>>()
            );
        }
        Ok(Some(()))
    });
    let (besieged, ()) = tokio::try_join!(good.calls(15), banned)?;
    // Now all of them are banned, and go on nevertheless.
    let ignored = good.calls(15).await?;
    let sent = siege.goes_on()?;
    drop(siege);
    let more = good.memory()?.saturating_sub(before);
    eprintln!(
        "shortest, middle and longest set-up: calm {calm:?}, attacked {besieged:?}, when they are banned {ignored:?}; \
         {sent} messages and parts; {more} KiB more memory than {before}"
    );

    ensure!(more < MORE_MEMORY, "{more} KiB more memory than {before}");
    let log = log();
    ensure!(!log.contains("source=127.0.0.1 "), "a good phone is banned");
    ensure!(!log.contains("panicked"), "{log}");
    ensure!(metric(&good.house, "bellwire_sip_banned_sources").await? >= 3.0);
    good.calls(2).await?;
    nothing_is_left(&good.house).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_speaks_into_a_call_is_not_heard() -> Result<()> {
    let good = Good::open().await?;
    let out = good.caller.dial(SUPPORT).await?;
    let at_anna = good.phone.rings().await?;
    out.answered().await?;
    tokio::try_join!(out.hears(1000.0), at_anna.hears(440.0))?;
    let (one, two) = (
        out.theirs().context("a caller")?,
        at_anna.theirs().context("a phone")?,
    );

    intrude([one.address, two.address]).await?;

    for (call, pitch) in [(&out, 1000.0), (&at_anna, 440.0)] {
        let heard = call.listen_back(Duration::from_secs(1));
        ensure!(
            heard.is(pitch) && heard.at(2000.0) < SILENCE,
            "{heard:?} at {:?}",
            call.traffic()
        );
    }
    at_anna.hang_up().await?;
    out.ended().await?;
    nothing_is_left(&good.house).await
}

/// An answer without what has to differ: whose it is, and nonces.
fn told(answer: &Message) -> String {
    let own = ["Via", "From", "To", "Call-ID", "CSeq", "Contact"];
    let headers = (answer.headers.iter()).filter(|(name, _)| !own.contains(&name.as_str()));
    let mut text = answer
        .to_string()
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned();
    for (name, value) in headers {
        let mut value = value.clone();
        if let Some((start, rest)) = value.split_once("nonce=\"") {
            let rest = rest.split_once('"').map_or("", |(_, rest)| rest);
            value = format!("{start}{rest}");
        }
        text += &format!("\n{name}: {value}");
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_which_accounts_there_are() -> Result<()> {
    let house = House::open().await?;
    let mut answers = vec![];
    for (user, password) in [("anna", "wrong"), ("nobody", "wrong"), ("nobody", PASSWORD)] {
        let phone = Telephone::plug_in(Settings {
            domain: "localhost".to_owned(),
            ..Settings::account(house.sip, user, password)
        })
        .await?;
        let mut all = vec![told(&phone.register_for(300).await?)];
        let out = phone.dial(SUPPORT).await?;
        out.ended().await?;
        all.extend(out.answers().iter().map(told));
        // Nor by calling them.
        let out = phone.dial(user).await?;
        out.ended().await?;
        all.extend(out.answers().iter().map(told));
        answers.push(all);
    }

    for other in &answers[1..] {
        ensure!(*other == answers[0], "{answers:#?}");
    }
    Ok(())
}
