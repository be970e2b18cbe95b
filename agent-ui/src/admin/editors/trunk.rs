//! A trunk: where it leads, who the centre is there, whom it believes, and how it stands.

use bellwire_proto::{
    admin::{TestCall, TestCallResult},
    setup::SipTransport,
};
use leptos::prelude::*;
use serde_json::{Value, json};
use wasm_bindgen_futures::spawn_local;

use super::part;
use crate::{
    admin::{api, draft::Draft, live, pieces, place},
    text::admin as text,
};

/// The form.
pub(super) fn editor(d: Draft) -> AnyView {
    let transports = SipTransport::ALL.map(|it| (it.as_str().to_owned(), text::transport(it)));
    let transports = Signal::stored(transports.map(|(it, say)| (it, say.to_owned())).to_vec());
    let what = vec![
        pieces::text_line(d, "name", text::TRUNK_NAME, false),
        pieces::flag(d, "on", text::ENABLED),
        pieces::row(vec![
            pieces::text_line(d, "host", text::TRUNK_HOST, false),
            pieces::choice(d, "transport", text::TRUNK_TRANSPORT, None, transports),
        ]),
        pieces::flag(d, "secure", text::TRUNK_SECURE),
    ];
    let who = vec![login(d)];
    let inward = vec![pieces::names(
        d,
        "addresses",
        text::TRUNK_ADDRESSES,
        text::ADD_ADDRESS,
    )];
    let limits = vec![
        pieces::text_line(d, "caller_id", text::TRUNK_CALLER_ID, true),
        pieces::row(vec![
            pieces::number(d, "most_calls", text::TRUNK_MOST_CALLS, 0..=10_000),
            pieces::number(d, "order", text::TRUNK_ORDER, 0..=1_000),
        ]),
    ];
    let now = (!d.is_new).then(|| {
        let stands = live::trunk(d.id.get_value());
        view! {
            {part(text::PART_STANDS, vec![stands])}
            {part(text::PART_TEST, vec![test(d)])}
        }
    });
    view! {
        {now}
        {part(text::PART_TRUNK, what)}
        {part(text::PART_LOGIN, who)}
        {part(text::PART_INWARD, inward)}
        {part(text::PART_OUTWARD, limits)}
    }
    .into_any()
}

/// How the centre says who it is; nothing where it is known by its address.
fn login(d: Draft) -> AnyView {
    let has_one = Memo::new(move |_| {
        d.with(|doc| place::get(doc, "login").is_some_and(|value| !value.is_null()))
    });
    let names = pieces::Names::at("login");
    let wrong = pieces::wrong(d, "login");
    let change = move |event| {
        let on = event_target_checked(&event);
        d.set("login", if on { account() } else { Value::Null });
        d.password.set(String::new());
    };
    let fields = move || {
        has_one.get().then(|| {
            view! {
                {pieces::row(
                    vec![
                        pieces::text_line(d, "login.user", text::LOGIN_USER, false),
                        pieces::text_line(d, "login.auth_user", text::LOGIN_AUTH_USER, true),
                    ],
                )}
                {pieces::password(d, text::LOGIN_PASSWORD)}
                {pieces::flag(d, "login.register", text::LOGIN_REGISTER)}
            }
        })
    };
    view! {
        <div class="piece">
            <label class="tick">
                <input
                    type="checkbox"
                    id=names.control
                    prop:checked=move || has_one.get()
                    on:change=change
                />
                <span>{text::HAS_LOGIN}</span>
            </label>
            <p class="bw-problem">{wrong}</p>
        </div>
        {fields}
    }
    .into_any()
}

fn account() -> Value {
    json!({"user": "", "auth_user": null, "register": true})
}

/// Dials a number over the trunk as it is saved.
fn test(d: Draft) -> AnyView {
    let number = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let told = RwSignal::new(None::<Result<TestCallResult, String>>);
    let names = pieces::Names::at("test");
    let call = move || {
        let Ok(trunk) = d.id.get_value().parse() else {
            return;
        };
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        told.set(None);
        let test = TestCall {
            trunk,
            number: number.get_untracked().trim().to_owned(),
        };
        spawn_local(async move {
            let answer = api::test_call(&test).await;
            told.try_set(Some(answer.map_err(|problem| problem.sentence())));
            busy.try_set(false);
        });
    };
    let key = move |event: leptos::ev::KeyboardEvent| {
        // Enter in the document's form would save it.
        if event.key() == "Enter" {
            event.prevent_default();
            call();
        }
    };
    let said = move || match (busy.get(), told.get()) {
        (true, _) => view! { <p class="hint">{text::TEST_RUNS}</p> }.into_any(),
        (false, None) => ().into_any(),
        (false, Some(Ok(result))) => {
            view! { <p class="notice-line">{text::test_result(&result)}</p> }.into_any()
        }
        (false, Some(Err(sentence))) => view! { <p class="bw-problem">{sentence}</p> }.into_any(),
    };
    let control = view! {
        <div class="adder-line">
            <input
                class="bw-input"
                type="tel"
                id=names.control.clone()
                autocomplete="off"
                aria-describedby=names.about.clone()
                prop:value=move || number.get()
                on:input=move |event| number.set(event_target_value(&event))
                on:keydown=key
            />
            <button
                type="button"
                class="bw-button"
                aria-busy=move || busy.get().to_string()
                on:click=move |_| call()
            >
                {text::TEST_CALL}
            </button>
        </div>
    };
    let nothing_wrong = Signal::stored(String::new());
    view! {
        {pieces::framed(&names, text::TEST_NUMBER, nothing_wrong, control.into_any())}
        <div role="status">{said}</div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use bellwire_proto::setup::TrunkLogin;

    use super::*;
    use crate::admin::docs;

    #[test]
    fn an_account_begins_as_one() {
        assert!(docs::read::<TrunkLogin>(&account()).is_some());
    }
}
