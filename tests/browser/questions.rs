//! Where too little is known, visitors are asked: before they are in line, and while they wait.

use anyhow::{Result, ensure};
use bellwire_proto::setup::{
    Choice, Destination, Entry, Field, FieldKind, Form, FormKind, Required, ShowIf, Words, fact,
};
use bellwire_tests::{
    looks::inspect,
    office::{self, Office},
    stage::play,
    wait::{PATIENT, SOON, until},
};
use playwright_rs::protocol::SelectOption;

use crate::scene::{Call, both_hear};

const TOPICS: &str = "What is it about?";

#[tokio::test(flavor = "multi_thread")]
async fn one_question_leads_to_the_right_agent() -> Result<()> {
    play("question", &[], async |stage| {
        let anna = stage.ready_desk().await?;
        let boris = stage.desk(&stage.agent(1)?).await?;
        boris.get_ready().await?;
        let guest = stage.demo_visitor("/").await?;

        let widget = guest.call("Voice call").await?;
        widget.reads(TOPICS).await?;
        inspect(&widget, "widget-question").await?;
        widget.press("Help with a laptop").await?;
        let desk = boris.view();
        desk.offers_within("Accept", PATIENT).await?;

        for told in ["Laptops", "Answers", TOPICS, "Help with a laptop"] {
            desk.reads(told).await?;
        }
        ensure!(
            !anna.view().button("Accept").is_visible().await?,
            "it rings at Anna too"
        );
        desk.press("Accept").await?;
        let call = Call {
            guest,
            widget,
            agent: boris,
            desk,
        };
        call.both_hear().await?;
        call.hang_up_by_agent().await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_who_gives_up_at_the_question_leaves_nothing_behind() -> Result<()> {
    play("question-cancel", &[], async |stage| {
        let agent = stage.ready_desk().await?;
        let office = Office::open(&stage.centre).await?;
        let guest = stage.demo_visitor("/").await?;
        let widget = guest.call("Voice call").await?;
        widget.reads(TOPICS).await?;

        widget.press("Cancel").await?;

        widget.reads("How can we help?").await?;
        until("an empty list of contacts", SOON, async || {
            let contacts = office.contacts().await?.contacts;
            ensure!(contacts.is_empty(), "{contacts:?}");
            Ok(Some(()))
        })
        .await?;
        agent.view().reads("You are ready.").await?;
        ensure!(
            !agent.view().button("Accept").is_visible().await?,
            "the desk rings"
        );
        // Whoever comes back is asked anew, and served.
        widget.press("Voice call").await?;
        widget.press("Start call").await?;
        widget.press("Something else").await?;
        agent.accept().await?;
        both_hear(&widget, &agent.view()).await?;
        widget.press("Hang up").await?;
        agent.view().offers("Finish").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_tells_what_is_wrong_at_its_fields() -> Result<()> {
    play("form", &[], async |stage| {
        let office = Office::open(&stage.centre).await?;
        office.form(&customers()).await?;
        let need = Required {
            fact: "customer".into(),
            otherwise: None,
        };
        office
            .queue("Support", |queue| queue.needs = vec![need])
            .await?;
        let agent = stage.ready_desk().await?;
        let guest = stage.visitor("/").await?;
        let widget = guest.call("Voice call").await?;
        widget.reads("Who is calling?").await?;

        let company = widget.labelled("Your company");
        ensure!(
            !company.is_visible().await?,
            "nobody asked for a company yet"
        );
        let kind = widget.labelled("You call for");
        kind.select_option(SelectOption::Value("business".into()), None)
            .await?;
        until("the company's field", SOON, async || {
            Ok(company.is_visible().await?.then_some(()))
        })
        .await?;
        widget.fill("Your e-mail", "nobody at home").await?;
        widget.press("Go on").await?;
        widget.reads("Please fill this in.").await?;
        widget.fill("Your company", "Lumen Ltd").await?;
        widget.press("Go on").await?;
        widget.reads("This is no e-mail address.").await?;
        let email = widget.labelled("Your e-mail");
        let invalid = email.get_attribute("aria-invalid").await?;
        ensure!(
            invalid.as_deref() == Some("true"),
            "the field does not say it"
        );
        inspect(&widget, "widget-form").await?;
        widget.fill("Your e-mail", "ada@shop.example").await?;
        widget.press("Go on").await?;

        let desk = agent.view();
        desk.offers_within("Accept", PATIENT).await?;
        for told in ["Your company", "Lumen Ltd", "ada@shop.example"] {
            desk.reads(told).await?;
        }
        desk.press("Accept").await?;
        both_hear(&widget, &desk).await?;
        desk.press("Hang up").await?;
        widget.reads("The call is over").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_stands_again_after_a_reload() -> Result<()> {
    play("question-reload", &[], async |stage| {
        let agent = stage.ready_desk().await?;
        let guest = stage.demo_visitor("/").await?;
        let widget = guest.call("Voice call").await?;
        widget.reads(TOPICS).await?;
        widget.press("Close").await?;

        guest.page.reload(None).await?;
        let widget = guest.open_again().await?;
        widget.reads(TOPICS).await?;
        widget.press("Orders and returns").await?;
        agent.accept().await?;

        both_hear(&widget, &agent.view()).await?;
        widget.press("Hang up").await?;
        agent.view().offers("Finish").await?;
        agent.view().withdraws("Hang up").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_answered_while_waiting_is_on_the_desk() -> Result<()> {
    play("question-waiting", &[], async |stage| {
        let guest = stage.visitor("/").await?;
        let widget = guest.call("Voice call").await?;
        widget.reads("While you wait").await?;

        widget
            .fill("Your e-mail address (optional)", "not an address")
            .await?;
        widget.press("Go on").await?;
        widget.reads("This is no e-mail address.").await?;
        widget.fill("Your name (optional)", "Ada Lovelace").await?;
        widget
            .fill("Your e-mail address (optional)", "ada@shop.example")
            .await?;
        widget.press("Go on").await?;
        widget.withdraws("Go on").await?;
        let agent = stage.ready_desk().await?;

        let desk = agent.view();
        desk.offers_within("Accept", PATIENT).await?;
        desk.reads("Ada Lovelace").await?;
        desk.reads("ada@shop.example").await?;
        desk.press("Accept").await?;
        both_hear(&widget, &desk).await?;
        desk.press("Hang up").await?;
        widget.reads("The call is over").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_serves_better_is_shown_instead_of_a_line() -> Result<()> {
    play("directed", &[], async |stage| {
        let office = Office::open(&stage.centre).await?;
        let to_orders = Entry {
            language: None,
            topic: Some("orders".into()),
            media: vec![],
            to: Destination::Page {
                url: "/orders.html".into(),
                label: Words::one("en", "Look up your order"),
            },
        };
        office
            .site(|site| site.entries.insert(0, to_orders))
            .await?;
        let agent = stage.ready_desk().await?;
        let guest = stage.demo_visitor("/").await?;
        let widget = guest.call("Voice call").await?;
        widget.press("Orders and returns").await?;

        widget.reads("You find what you need on this page:").await?;
        inspect(&widget, "widget-directed").await?;
        widget.press("Look up your order").await?;
        guest.page.wait_for_url("**/orders.html", None).await?;
        ensure!(
            !agent.view().button("Accept").is_visible().await?,
            "the desk rings"
        );

        // Whoever wants to talk all the same can.
        let widget = guest.open_again().await?;
        widget.offers_within("Voice call", PATIENT).await
    })
    .await
}

/// A form that asks private callers for less than those of a business.
fn customers() -> Form {
    let choice = |value: &str, label: &str| Choice {
        value: value.into(),
        label: Words::one("en", label),
        skills: [].into(),
        to: None,
    };
    let field = |fact: &str, label: &str, kind: FieldKind| Field {
        fact: fact.into(),
        label: Words::one("en", label),
        kind,
        required: true,
        show_if: None,
    };
    let kinds = vec![
        choice("private", "Myself"),
        choice("business", "A business"),
    ];
    let only_business = ShowIf {
        fact: "customer".into(),
        is: vec!["business".into()],
    };
    Form {
        id: office::form_id(),
        name: "Customers".into(),
        title: Words::one("en", "Who is calling?"),
        kind: FormKind::Fields(vec![
            field("customer", "You call for", FieldKind::Choice(kinds)),
            Field {
                show_if: Some(only_business),
                ..field("company", "Your company", FieldKind::Text(80))
            },
            field(fact::EMAIL, "Your e-mail", FieldKind::Email),
        ]),
    }
}
