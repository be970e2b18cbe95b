//! The administration pages: what is changed there is seen in the shop at once.

use anyhow::{Context, Result, ensure};
use bellwire_tests::{
    centre::Credential,
    stage::play,
    view::View,
    wait::{PATIENT, SOON, until},
};
use playwright_rs::protocol::{FilePayload, SelectOption};
use serde_json::{Value, json};

use crate::{
    scene::{Call, both_hear},
    screens::Findings,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_queues_new_name_is_on_the_next_ring() -> Result<()> {
    play("admin-queue", &[], async |stage| {
        let admin = stage.office("administrator").await?;
        let view = admin.view();
        open(&view, "Queues", "Support").await?;
        view.fill("Name", "").await?;
        view.press("Save").await?;
        is_wrong(&view, "Name").await?;
        view.fill("Name", "Help desk").await?;
        save(&view).await?;

        let agent = stage.ready_desk().await?;
        let guest = stage.visitor("/").await?;
        let widget = guest.call("Voice call").await?;
        let desk = agent.view();
        desk.offers_within("Accept", PATIENT).await?;
        desk.reads("Queue Help desk").await?;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_holiday_closes_the_shop_at_once_and_undo_opens_it_again() -> Result<()> {
    play("admin-hours", &[], async |stage| {
        let guest = stage.visitor("/").await?;
        guest.shows_status("No agent just now").await?;
        let admin = stage.office("administrator").await?;
        let view = admin.view();
        open(&view, "Hours", "Always open").await?;
        view.press("Add day").await?;
        let today = "() => new Intl.DateTimeFormat('sv', { timeZone: 'Europe/Madrid' }).format()";
        let today: String = view.run(today, 0).await?;
        view.fill("Day", &today).await?;
        save(&view).await?;
        guest.shows_status("Closed, opens").await?;

        view.follow("Changes").await?;
        view.reads("Always open").await?;
        view.press("Undo the last change").await?;
        view.press("Really undo the last change").await?;

        view.reads("The last change is undone.").await?;
        guest.shows_status("No agent just now").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_tried_against_journeys_and_holds_once_it_is_saved() -> Result<()> {
    play("admin-rule", &[], async |stage| {
        let before = stage.demo_visitor("/help-laptop.html").await?;
        before.shows_status("No agent just now").await?;
        before.page.goto(&stage.centre.url("/"), None).await?;
        before.shows_status("No agent just now").await?;
        let admin = stage.office("administrator").await?;
        let view = admin.view();
        open(&view, "Intent rules", "Laptop trouble").await?;
        view.fill("At least so often", "1").await?;
        until("a journey that would change", PATIENT, async || {
            view.press("Try against recorded journeys").await?;
            view.reads_within(
                "it would have another intent.",
                std::time::Duration::from_secs(2),
            )
            .await?;
            Ok(Some(()))
        })
        .await?;
        view.reads("Laptop trouble 0 1").await?;
        save(&view).await?;

        // One page is enough now, for the visitor who has been there already too.
        let boris = stage.desk(&stage.agent(1)?).await?;
        boris.get_ready().await?;
        let widget = before.call("Voice call").await?;
        let desk = boris.view();
        desk.offers_within("Accept", PATIENT).await?;
        desk.reads("viewed 1 page of").await?;
        desk.press("Accept").await?;
        both_hear(&widget, &desk).await?;
        desk.press("Hang up").await?;
        widget.reads("The call is over").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_user_signs_in_and_takes_a_call() -> Result<()> {
    play("admin-user", &[], async |stage| {
        let admin = stage.office("administrator").await?;
        let view = admin.view();
        view.follow("Users").await?;
        heading(&view, "Users").await?;
        view.follow("New user").await?;
        heading(&view, "New user").await?;
        view.fill("User name", "clara").await?;
        view.fill("Name", "Clara Vogt").await?;
        view.press("Save").await?;
        // Nobody comes in without a password.
        is_wrong(&view, "Password").await?;
        view.press("Make one").await?;
        let password = view.labelled("Password").input_value(None).await?;
        view.fill("Calls", "1").await?;
        view.labelled("Support").check(None).await?;
        let skill = view.labelled("Add a skill…");
        let support = SelectOption::Value("support".into());
        skill.select_option(support, None).await?;
        save(&view).await?;

        let who = Credential {
            user: "clara".into(),
            password,
            role: "agent".into(),
        };
        let clara = stage.desk(&who).await?;
        clara.get_ready().await?;
        let guest = stage.visitor("/").await?;
        let widget = guest.call("Voice call").await?;
        clara.accept().await?;
        both_hear(&widget, &clara.view()).await?;
        widget.press("Hang up").await?;
        clara.view().offers("Finish").await?;

        view.follow("Changes").await?;
        view.reads("added user clara").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_strange_is_warned_of_and_saved_anyway() -> Result<()> {
    play("admin-warning", &[], async |stage| {
        let admin = stage.office("administrator").await?;
        let view = admin.view();
        open(&view, "Queues", "Support").await?;
        view.press("Add step").await?;
        view.press("Save").await?;
        view.reads("Nothing is saved yet").await?;
        view.reads("The queue asks for no language, so this step changes nothing.")
            .await?;
        view.press("Save anyway").await?;
        view.reads("Saved.").await?;

        admin.page.reload(None).await?;
        view.reads("Add step").await?;
        let steps = view.find("fieldset#at-relax > ol > li");
        ensure!(steps.count().await? == 1, "the step was not kept");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_set_up_goes_out_and_comes_in_as_one_file() -> Result<()> {
    play("admin-file", &[], async |stage| {
        let admin = stage.office("administrator").await?;
        let view = admin.view();
        view.follow("Import and export").await?;
        let download = admin.page.expect_download(None).await?;
        view.follow("Export the set-up").await?;
        let download = download.wait().await?;
        ensure!(
            download.suggested_filename().starts_with("bellwire-"),
            "{}",
            download.suggested_filename()
        );
        let path = download.path().await?.context("no file")?;
        let mut setup: Value = serde_json::from_slice(&std::fs::read(path)?)?;
        import(&view, &setup).await?;
        view.reads("Nothing would change").await?;

        setup["sites"][0]["look"]["label"] = json!({ "en": "Ask Lumen", "es": "Pregunte" });
        import(&view, &setup).await?;
        view.reads("This would change").await?;
        view.reads("Lumen demo shop").await?;
        view.press("Import now").await?;
        view.reads("Imported.").await?;

        let guest = stage.visitor("/").await?;
        guest.host().offers("Ask Lumen").await?;
        setup["queues"][0]["hours"] = json!("hrs_00000000000000000000000001");
        import(&view, &setup).await?;
        view.reads("This file cannot be imported.").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tag_can_be_copied_and_is_told_to_be_seen() -> Result<()> {
    play("admin-tag", &[], async |stage| {
        let admin = stage.office("administrator").await?;
        let view = admin.view();
        open(&view, "Sites", "Lumen demo shop").await?;
        view.reads("data-site=\"demo\"").await?;
        view.press("Copy the tag").await?;
        view.reads("Copied.").await?;
        let copied = "() => navigator.clipboard.readText()";
        let copied: String = view.run(copied, 0).await?;
        let tag = format!(
            "<script async src=\"{}/bellwire.js\" data-site=\"demo\"></script>",
            stage.origin()
        );
        ensure!(copied == tag, "copied “{copied}”");

        let guest = stage.visitor("/").await?;
        guest.shows_status("No agent just now").await?;
        let shop = stage.shop.origin();
        until("the seen tag", PATIENT, async || {
            view.press("Look again").await?;
            let text = view.text().await?;
            let seen = format!("The tag was seen on {shop}");
            ensure!(text.contains(&seen), "not seen yet");
            Ok(text.contains("one page is open now").then_some(()))
        })
        .await?;

        let stranger = format!("http://127.0.0.1:{}/", stage.shop.port);
        let _stranger = stage.visitor_at(&stranger, &[]).await?;
        until("the refused origin", PATIENT, async || {
            view.press("Look again").await?;
            Ok(view.button("Allow").is_visible().await?.then_some(()))
        })
        .await?;
        view.press("Allow").await?;
        save(&view).await?;
        let allowed = stage.visitor_at(&stranger, &[]).await?;
        allowed.host().offers("Contact us").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_does_not_get_into_the_administration() -> Result<()> {
    play("admin-agent", &[], async |stage| {
        let agent = stage.ready_desk().await?;
        let view = agent.view();
        let address = format!("{}/agent/#/admin/queues", stage.origin());
        agent.page.goto(&address, None).await?;
        agent.page.reload(None).await?;

        view.reads("You are ready.").await?;
        ensure!(
            !view.text().await?.contains("New queue"),
            "the page is there"
        );
        let asked = "async () => (await fetch('/api/admin/setup')).status";
        let status: f64 = view.run(asked, 0).await?;
        ensure!(status == 403.0, "the set-up was answered with {status}");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_of_the_administration_can_be_used_by_all() -> Result<()> {
    play("screens-admin", &[], async |stage| {
        let mut found = Findings::default();
        let admin = stage.office("administrator").await?;
        let view = admin.view();
        for (page, name) in [
            ("Sites", "sites"),
            ("Queues", "queues"),
            ("Users", "users"),
            ("Skills", "skills"),
            ("Hours", "hours"),
            ("Intent rules", "intents"),
            ("Forms and menus", "forms"),
            ("Invitations", "invitations"),
            ("Reasons", "reasons"),
            ("Changes", "changes"),
            ("Import and export", "file"),
        ] {
            view.follow(page).await?;
            heading(&view, page).await?;
            found.look(&view, &format!("admin-{name}")).await;
        }
        found.none()
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_of_the_administration_can_be_used_by_all() -> Result<()> {
    play("screens-forms", &[], async |stage| {
        let mut found = Findings::default();
        let admin = stage.office("administrator").await?;
        let view = admin.view();
        for (page, one, name) in [
            ("Sites", "Lumen demo shop", "site"),
            ("Queues", "Laptops", "queue"),
            ("Users", "Anna Berg", "user"),
            ("Hours", "Always open", "hours-one"),
            ("Intent rules", "Laptop trouble", "intent"),
            ("Forms and menus", "What it is about", "form"),
            ("Invitations", "Compares laptops", "invitation"),
        ] {
            open(&view, page, one).await?;
            found.look(&view, &format!("admin-{name}")).await;
        }
        open(&view, "Queues", "Support").await?;
        view.fill("Name", "").await?;
        view.press("Save").await?;
        is_wrong(&view, "Name").await?;
        found.look(&view, "admin-queue-wrong").await;
        found.none()
    })
    .await
}

/// Opens a document by the list of its kind.
pub(crate) async fn open(view: &View, page: &str, name: &str) -> Result<()> {
    view.follow(page).await?;
    heading(view, page).await?;
    view.follow(name).await?;
    heading(view, name).await?;
    view.offers("Save").await
}

async fn heading(view: &View, name: &str) -> Result<()> {
    until(format!("the page “{name}”"), SOON, async || {
        let title = view.find("h2.page-title").inner_text().await?;
        Ok((title.trim() == name).then_some(()))
    })
    .await
}

/// Saves, and waits until that is told.
pub(crate) async fn save(view: &View) -> Result<()> {
    view.press("Save").await?;
    view.reads("Saved.").await
}

/// The field says that it is wrong, and has the focus.
async fn is_wrong(view: &View, name: &str) -> Result<()> {
    let field = view.labelled(name);
    until(format!("an error at “{name}”"), SOON, async || {
        let wrong = field.get_attribute("aria-invalid").await?;
        ensure!(wrong.as_deref() == Some("true"), "it says {wrong:?}");
        let has_focus = "(field) => field === document.activeElement";
        let focused: bool = field.evaluate(has_focus, None::<()>).await?;
        ensure!(focused, "the focus is elsewhere");
        Ok(Some(()))
    })
    .await
}

async fn import(view: &View, setup: &Value) -> Result<()> {
    let file = FilePayload::new(
        "bellwire.json",
        "application/json",
        serde_json::to_vec(setup)?,
    );
    let input = view.find("input[type=file]");
    Ok(input.set_input_files_payload(file, None).await?)
}
