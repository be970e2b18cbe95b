//! Firefox and telephones: the server's end of a page's call is no browser, so every browser meets it on its own.

use anyhow::Result;
use bellwire_proto::agent::Device;
use bellwire_tests::{firefox::Firefox, house::House, phones::ear::Ears};

// Run it with `cargo nextest run -p bellwire-tests --test telephony --run-ignored only firefox`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs firefox-esr, which takes no media from loopback: the server hears the network for it"]
async fn a_visitor_in_firefox_talks_with_the_agents_phone() -> Result<()> {
    let house = House::open_with(&[("BELLWIRE_MEDIA_BROWSERS", "0.0.0.0:0")]).await?;
    let phone = house.phone("anna").await?;
    let _desk = house.desk("anna", Device::Phone).await?;
    let shop = format!("http://127.0.0.1:{}/", house.centre.port);
    let firefox = Firefox::open(&shop).await?;
    firefox.run("bellwire('open')").await?;
    firefox.reads_in_frame("Agents are here now").await?;
    firefox.press_in_frame("Voice call").await?;
    firefox.press_in_frame("Start call").await?;
    // The page tells nothing of the visitor's matter.
    firefox.press_in_frame("Skip").await?;
    let at_anna = phone.rings().await?;
    at_anna.answer()?;

    // Firefox's own tone, whatever its pitch.
    at_anna.hears_other_than(0.0).await?;
    firefox.hears_in_frame().await?;
    at_anna.hold().await?;
    firefox.reads_in_frame("On hold").await?;
    at_anna.resume().await?;
    firefox.hears_in_frame().await?;
    firefox.press_in_frame("Hang up").await?;
    at_anna.ended().await?;
    Ok(())
}
