//! What SIP's extensions ask for in a call: confirmations, updates.

use anyhow::{Context, Result, ensure};
use bellwire_proto::agent::Device;
use bellwire_tests::{
    house::{House, SUPPORT},
    phones::{ear::Ears, telephone::Dial},
};

fn demanding(late_offer: bool) -> Dial {
    Dial {
        to: SUPPORT.to_owned(),
        late_offer,
        headers: vec![("Require".to_owned(), "100rel".to_owned())],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_before_the_answer_is_confirmed_where_that_is_demanded() -> Result<()> {
    let house = House::open().await?;
    let phone = house.phone("anna").await?;
    let _desk = house.desk("anna", Device::Phone).await?;
    let caller = house.caller().await?;

    let out = caller.dial_as(demanding(false)).await?;
    let at_anna = phone.rings().await?;
    let ringing = out.is_told(180).await?;
    ensure!(ringing.list("Require").contains(&"100rel".to_owned()));
    let number: u32 = ringing.must("RSeq")?.parse()?;
    ensure!(number > 0);
    // It rings on: nobody is told the same again once it was confirmed.
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    let told = out.answers();
    let rang = (told.iter()).filter(|answer| answer.status() == Some(180));
    ensure!(rang.count() == 1, "{told:?}");
    at_anna.answer()?;
    out.answered().await?;

    tokio::try_join!(out.hears(440.0), at_anna.hears(1000.0))?;
    out.hang_up().await?;
    at_anna.ended().await?;
    caller.is_content()?;
    phone.is_content()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_demands_it_and_waits_hears_music_and_then_the_agent() -> Result<()> {
    let house = House::open().await?;
    let phone = house.phone("anna").await?;
    let caller = house.caller().await?;

    let out = caller.dial_as(demanding(false)).await?;
    let queued = out.is_told(182).await?;
    queued.must("RSeq")?;
    queued.must("Contact")?;
    out.answered().await?;
    out.hears_other_than(440.0).await?;
    let _desk = house.desk("anna", Device::Phone).await?;
    let at_anna = phone.rings().await?;
    at_anna.answer()?;

    tokio::try_join!(out.hears(440.0), at_anna.hears(1000.0))?;
    at_anna.hang_up().await?;
    out.ended().await?;
    caller.is_content()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_demands_it_and_leaves_the_offer_to_us_is_answered_at_once_with_it() -> Result<()> {
    let house = House::open().await?;
    let phone = house.phone("anna").await?;
    let _desk = house.desk("anna", Device::Phone).await?;
    let caller = house.caller().await?;

    let out = caller.dial_as(demanding(true)).await?;
    let at_anna = phone.rings().await?;
    at_anna.answer()?;
    out.answered().await?;

    let told = out.answers();
    let early = told
        .iter()
        .find(|answer| matches!(answer.status(), Some(101..200)));
    ensure!(early.is_none(), "{early:?}");
    tokio::try_join!(out.hears(440.0), at_anna.hears(1000.0))?;
    out.hang_up().await?;
    at_anna.ended().await?;
    caller.is_content()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_before_the_answer_may_come_again_and_one_after_it_is_taken() -> Result<()> {
    let house = House::open().await?;
    let phone = house.phone("anna").await?;
    let _desk = house.desk("anna", Device::Phone).await?;
    let caller = house.caller().await?;

    let out = caller.dial(SUPPORT).await?;
    let at_anna = phone.rings().await?;
    out.rings().await?;
    let early = out.ask("UPDATE", |request| request).await?;
    ensure!(early.status() == Some(500), "{early}");
    early
        .must("Retry-After")
        .context("when it may come again")?;
    at_anna.answer()?;
    out.answered().await?;
    let later = out.ask("UPDATE", |request| request).await?;
    ensure!(later.status() == Some(200), "{later}");

    tokio::try_join!(out.hears(440.0), at_anna.hears(1000.0))?;
    out.hang_up().await?;
    at_anna.ended().await?;
    Ok(())
}
