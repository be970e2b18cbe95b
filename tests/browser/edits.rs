//! Edits of the set-up that somebody else, or the administrator's own hurry, would have lost.

use anyhow::{Result, ensure};
use bellwire_tests::{looks::inspect, office::Office, stage::play};

use crate::administration::{open, save};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_is_not_left_without_a_question() -> Result<()> {
    play("edits-leave", &[], async |stage| {
        let admin = stage.office("administrator").await?;
        let view = admin.view();
        open(&view, "Queues", "Support").await?;
        view.fill("Name", "Helping hands").await?;

        view.follow("Users").await?;
        view.reads("Leave without saving?").await?;
        inspect(&view, "admin-leaving").await?;
        view.press("Stay here").await?;
        let typed = view.labelled("Name").input_value(None).await?;
        ensure!(typed == "Helping hands", "the field holds “{typed}”");
        view.follow("Users").await?;
        view.press("Leave and discard").await?;

        view.reads("New user").await?;
        open(&view, "Queues", "Support").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_by_somebody_else_is_not_overwritten_unseen() -> Result<()> {
    play("edits-outdated", &[], async |stage| {
        let office = Office::open(&stage.centre).await?;
        let admin = stage.office("administrator").await?;
        let view = admin.view();
        open(&view, "Queues", "Support").await?;
        view.fill("Name", "Help desk").await?;
        office.queue("Sales", |queue| queue.priority = 3).await?;

        view.press("Save").await?;
        view.reads("Somebody changed the set-up meanwhile.").await?;
        view.press("Load again").await?;
        view.reads("What you typed is still here.").await?;
        save(&view).await?;

        let queues = office.setup().await?.queues;
        let has = |name: &str, priority| {
            (queues.iter()).any(|queue| queue.name == name && queue.priority == priority)
        };
        ensure!(has("Sales", 3) && has("Help desk", 0), "{queues:?}");
        Ok(())
    })
    .await
}
