//! What supervisors see: every contact, and why it went where it went.

use anyhow::{Result, ensure};
use bellwire_tests::{looks::inspect, stage::play, wait::PATIENT};
use playwright_rs::protocol::AriaRole;

use crate::scene::{Call, finish};

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_is_told_with_every_decision_and_why() -> Result<()> {
    play("supervision", &[], async |stage| {
        let _anna = stage.ready_desk().await?;
        let boris = stage.desk(&stage.agent(1)?).await?;
        boris.get_ready().await?;
        let guest = stage.demo_visitor("/help-wifi.html").await?;
        guest.shows_status("2 agents available").await?;
        guest
            .page
            .goto(&stage.centre.url("/help-battery.html"), None)
            .await?;
        let widget = guest.call("Voice call").await?;
        let desk = boris.view();
        desk.offers_within("Accept", PATIENT).await?;
        desk.press("Accept").await?;
        let call = Call {
            guest,
            widget,
            agent: boris,
            desk,
        };
        call.both_hear().await?;

        let supervisor = stage.office("supervisor").await?;
        let view = supervisor.view();
        view.reads("in contact").await?;
        view.reads("Laptop trouble").await?;
        inspect(&view, "supervise-contacts").await?;
        let row = view.find("tbody tr td a").first();
        row.click(None).await?;
        for told in [
            "What was decided, and why",
            "Into Laptops",
            "Boris Klein: laptops 9",
            "Anna Berg skipped",
            "viewed 2 pages of",
            "A laptop loses the network",
        ] {
            view.reads(told).await?;
        }
        inspect(&view, "supervise-contact").await?;

        call.hang_up_by_visitor().await?;
        finish(&call.desk).await?;
        view.press("Read anew").await?;
        view.reads("ended").await?;
        let admin = view.role(AriaRole::Link, "Administration");
        ensure!(!admin.is_visible().await?, "a supervisor is offered more");
        Ok(())
    })
    .await
}
