//! The administration pages of telephones: a phone, a number, a trunk with a test call, and the limits.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use bellwire_tests::{
    house, looks,
    phones::{
        ports,
        telephone::{Pickup, Settings, Telephone},
    },
    stage::play,
    wait::PATIENT,
};
use playwright_rs::protocol::SelectOption;

use crate::{administration::save, telephones};

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_a_number_and_a_trunk_are_set_up_and_work() -> Result<()> {
    let port = ports::sip()?;
    let own = house::settings(port);
    let settings: Vec<(&str, &str)> = (own.iter())
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let server = SocketAddr::from(([127, 0, 0, 1], port));
    play("telephone-pages", &settings, async |stage| {
        let admin = stage.office("administrator").await?;
        let view = admin.view();

        view.follow("Phones").await?;
        view.follow("New phone").await?;
        view.fill("Name", "Anna's desk").await?;
        choose(&view, "Whose it is", "Anna Berg").await?;
        view.fill("Registers as", "anna").await?;
        view.press("Make one").await?;
        let password = view.labelled("Password").input_value(None).await?;
        save(&view).await?;
        view.reads("It is not registered, so it does not ring.")
            .await?;
        let mistyped = Telephone::plug_in(Settings {
            domain: "localhost".to_owned(),
            ..Settings::account(server, "anna", "mistyped")
        })
        .await?;
        ensure!(mistyped.register_for(300).await?.status() == Some(401));
        let refused = "A login with another password was refused";
        view.reads_within(refused, PATIENT).await?;
        looks::inspect(&view, "admin-phone-refused").await?;
        let settings = Settings::account(server, "anna", &password);
        let phone = telephones::phone(server, settings).await?;
        view.reads_within("Until", PATIENT).await?;
        view.reads_no_more(refused).await?;
        looks::inspect(&view, "admin-phone").await?;
        view.follow("Phones").await?;
        view.reads("registered").await?;

        view.follow("Numbers").await?;
        view.follow("New number").await?;
        view.fill("Number", "1000").await?;
        view.fill("Name", "Help line").await?;
        choose(&view, "Queue", "Support").await?;
        save(&view).await?;

        let far = Telephone::plug_in(Settings {
            pickup: Pickup::AtOnce,
            ..Settings::stranger(SocketAddr::from(([127, 0, 0, 1], 9)), "far")
        })
        .await?;
        view.follow("Trunks").await?;
        view.follow("New trunk").await?;
        view.fill("Name", "North").await?;
        view.fill("The far end", &far.address().to_string()).await?;
        save_despite_warnings(&view).await?;
        view.reads_within("up since", PATIENT).await?;
        view.fill("Number to dial", "+34600111222").await?;
        view.press("Test call").await?;
        view.reads_within("not allowed in the dialling limits", PATIENT)
            .await?;
        looks::inspect(&view, "admin-trunk").await?;
        ensure!(!far.has_rung().await, "it was dialled all the same");

        view.follow("Dialling limits").await?;
        view.reads("Nothing is dialled into the telephone network")
            .await?;
        looks::inspect(&view, "admin-dialling").await?;
        drop(phone);
        Ok(())
    })
    .await
}

async fn choose(view: &bellwire_tests::view::View, field: &str, option: &str) -> Result<()> {
    view.labelled(field)
        .select_option(SelectOption::Label(option.into()), None)
        .await
        .with_context(|| format!("choosing “{option}” for “{field}”"))?;
    Ok(())
}

async fn save_despite_warnings(view: &bellwire_tests::view::View) -> Result<()> {
    view.press("Save").await?;
    view.press("Save anyway").await?;
    view.reads("Saved.").await
}
