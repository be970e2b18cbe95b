//! What visitors looked at leads them to whom they need.

use anyhow::{Result, ensure};
use bellwire_tests::{
    guests::{Desk, Guest},
    stage::{Stage, play},
    wait::PATIENT,
};

use crate::scene::Call;

#[tokio::test(flavor = "multi_thread")]
async fn a_spanish_page_leads_to_the_agent_who_speaks_spanish() -> Result<()> {
    play("journey-spanish", &[], async |stage| {
        // Boris has been idle for longer, but has no Spanish.
        let (boris, anna) = both_desks(stage).await?;
        let guest = stage.demo_visitor("/es/portatil.html").await?;

        let widget = guest.call("Voice call").await?;
        let desk = anna.view();
        desk.offers_within("Accept", PATIENT).await?;

        for told in [
            "Reads Spanish",
            "reads pages in es",
            "Español",
            "Spanish",
            "/es/portatil",
        ] {
            desk.reads(told).await?;
        }
        ensure!(!rings(&boris).await?, "it rings at Boris too");
        desk.press("Accept").await?;
        let call = Call {
            guest,
            widget,
            agent: anna,
            desk,
        };
        call.both_hear().await?;
        call.hang_up_by_agent().await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn help_pages_on_a_laptop_lead_to_laptop_support() -> Result<()> {
    play("journey-laptop", &[], async |stage| {
        // Anna has been idle for longer, but Boris knows laptops better.
        let anna = stage.ready_desk().await?;
        let boris = stage.desk(&stage.agent(1)?).await?;
        boris.get_ready().await?;
        let guest = stage.demo_visitor("/support.html").await?;
        read_help(&guest).await?;

        let widget = guest.call("Voice call").await?;
        let desk = boris.view();
        desk.offers_within("Accept", PATIENT).await?;

        for told in [
            "Laptop trouble",
            "85 %",
            "viewed 2 pages of",
            "Laptops",
            "help-wifi",
        ] {
            desk.reads(told).await?;
        }
        ensure!(!rings(&anna).await?, "it rings at Anna too");
        desk.press("Accept").await?;
        let call = Call {
            guest,
            widget,
            agent: boris,
            desk,
        };
        call.both_hear().await?;
        // The evidence stays beside the call.
        call.desk.reads("viewed 2 pages of").await?;
        call.hang_up_by_visitor().await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_in_two_tabs_are_one_journey_that_a_reload_keeps() -> Result<()> {
    play("journey-tabs", &[], async |stage| {
        let agent = stage.ready_desk().await?;
        let guest = stage.demo_visitor("/help-battery.html").await?;
        guest.shows_status("1 agent available").await?;
        let page = guest.context.new_page().await?;
        page.goto(&stage.centre.url("/help-wifi.html"), None)
            .await?;
        let second = Guest {
            context: guest.context.clone(),
            page,
        };
        second.shows_status("1 agent available").await?;
        second.page.reload(None).await?;
        second.shows_status("1 agent available").await?;

        let widget = second.call("Voice call").await?;
        let desk = agent.view();
        desk.offers_within("Accept", PATIENT).await?;

        desk.reads("Laptop trouble").await?;
        desk.reads("A laptop runs down too soon").await?;
        desk.press("Accept").await?;
        let call = Call {
            guest: second,
            widget,
            agent,
            desk,
        };
        call.both_hear().await?;
        call.hang_up_by_visitor().await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_tells_what_was_searched_bought_and_sent_but_not_what_was_typed() -> Result<()> {
    play("journey-steps", &[], async |stage| {
        let agent = stage.ready_desk().await?;
        let guest = stage.demo_visitor("/laptop-air.html").await?;
        guest.shows_status("1 agent available").await?;
        let host = guest.host();
        host.press("Add to cart").await?;
        host.fill("Search the shop", "lost parcel").await?;
        let search = host.labelled("Search the shop");
        search.press("Enter", None).await?;
        guest.page.wait_for_url("**/search.html?q=*", None).await?;
        guest
            .page
            .goto(&stage.centre.url("/contact.html"), None)
            .await?;
        guest.shows_status("1 agent available").await?;
        host.fill("Your name", "Ada").await?;
        host.fill("Your e-mail address", "secret@shop.example")
            .await?;
        host.fill("Your message", "My private matter").await?;
        host.press("Send").await?;
        host.reads("nothing was sent").await?;

        let widget = guest.call("Voice call").await?;
        let desk = agent.view();
        desk.offers_within("Accept", PATIENT).await?;
        for told in [
            "Cart put in air-13, worth 1149.00",
            "Searched for “lost parcel”",
            "Sent the form “contact” with name, email, topic “order”, message",
        ] {
            desk.reads(told).await?;
        }
        let text = desk.text().await?;
        for typed in ["secret@", "private matter"] {
            ensure!(!text.contains(typed), "the desk knows “{typed}”");
        }
        desk.press("Accept").await?;
        let call = Call {
            guest,
            widget,
            agent,
            desk,
        };
        call.both_hear().await?;
        call.hang_up_by_visitor().await
    })
    .await
}

/// Boris, then Anna, both ready.
async fn both_desks(stage: &Stage) -> Result<(Desk, Desk)> {
    let boris = stage.desk(&stage.agent(1)?).await?;
    boris.get_ready().await?;
    Ok((boris, stage.ready_desk().await?))
}

/// Reads two help pages on laptops, as a person does.
async fn read_help(guest: &Guest) -> Result<()> {
    for page in ["help-laptop.html", "help-wifi.html"] {
        let link = guest.page.locator(format!("main a[href='{page}']")).first();
        link.click(None).await?;
        guest.page.wait_for_url(&format!("**/{page}"), None).await?;
        guest.shows_status("2 agents available").await?;
        if page != "help-wifi.html" {
            guest.page.go_back(None).await?;
            guest.page.wait_for_url("**/support.html", None).await?;
        }
    }
    Ok(())
}

async fn rings(desk: &Desk) -> Result<bool> {
    Ok(desk.view().button("Accept").is_visible().await?)
}
