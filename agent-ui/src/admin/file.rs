//! The whole set-up as one file: out, and in again after a look at what that would change.

use bellwire_proto::{
    admin::{Finding, FirstPassword, Import, Imported, NotSaved},
    setup::Setup,
};
use js_sys::Reflect;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::{
    api::{self, Problem},
    store::Admin,
};
use crate::{route::Route, text::admin as text};

/// How far an import got.
#[derive(Clone, PartialEq)]
enum Step {
    /// Nothing was chosen.
    Nothing,
    /// The server is asked.
    Asking,
    /// It cannot be imported, and why.
    Refused(String, Vec<Finding>),
    /// This would change; with warnings where there are some.
    Would(Box<Setup>, i64, Imported),
    /// It was imported.
    Done(Imported),
}

/// The page.
pub(crate) fn page(admin: Admin) -> AnyView {
    let step = RwSignal::new(Step::Nothing);
    let choose = move |event: leptos::ev::Event| {
        let Some(file) = chosen_file(&event) else {
            return;
        };
        step.set(Step::Asking);
        spawn_local(async move {
            let next = match read(&file).await {
                Ok(setup) => ask(admin, setup, true).await,
                Err(sentence) => Step::Refused(sentence, vec![]),
            };
            step.try_set(next);
        });
    };
    let shown = move || match step.get() {
        Step::Nothing => ().into_any(),
        Step::Asking => view! { <p role="status">{text::BUSY}</p> }.into_any(),
        Step::Refused(sentence, findings) => view! {
            <p class="bw-problem" role="alert">
                {sentence}
            </p>
            {list(findings)}
        }
        .into_any(),
        Step::Would(setup, version, would) => would_change(admin, step, *setup, version, would),
        Step::Done(done) => imported(done),
    };
    view! {
        <h2 class="page-title">{text::page_name(&Route::File)}</h2>
        <section class="part">
            <h3>{text::EXPORT}</h3>
            <p class="hint">{text::EXPORT_HINT}</p>
            <p>
                <a class="bw-button" href="/api/admin/export" download="">
                    {text::EXPORT_NOW}
                </a>
            </p>
        </section>
        <section class="part">
            <h3>{text::IMPORT}</h3>
            <p class="hint">{text::IMPORT_HINT}</p>
            <label class="piece">
                <span class="piece-name">{text::IMPORT_FILE}</span>
                <input type="file" accept=".json,application/json" on:change=choose />
            </label>
            <div aria-live="polite">{shown}</div>
        </section>
    }
    .into_any()
}

/// What an import would change, and the button that does it.
fn would_change(
    admin: Admin,
    step: RwSignal<Step>,
    setup: Setup,
    version: i64,
    would: Imported,
) -> AnyView {
    if would.changes.is_empty() && would.findings.is_empty() {
        return view! { <p class="notice-line">{text::SAME_ALREADY}</p> }.into_any();
    }
    if would.findings.iter().any(|finding| finding.error) {
        return view! {
            <p class="bw-problem" role="alert">
                {text::IMPORT_WRONG}
            </p>
            {list(would.findings)}
        }
        .into_any();
    }
    let press = move |_| {
        let import = Import {
            version,
            setup: setup.clone(),
            dry_run: false,
            // They were shown together with this button.
            despite_warnings: true,
        };
        step.set(Step::Asking);
        spawn_local(async move {
            let next = match api::import(&import).await {
                Ok(done) => {
                    admin.notices.say(text::IMPORTED);
                    admin.reload().await;
                    Step::Done(done)
                }
                Err(problem) => refused(problem),
            };
            step.try_set(next);
        });
    };
    view! {
        <h4>{text::WOULD_CHANGE}</h4>
        <ul class="changes">
            {would.changes.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}
        </ul>
        {list(would.findings)}
        <p>
            <button type="button" class="bw-button bw-primary" on:click=press>
                {text::IMPORT_NOW}
            </button>
            <button
                type="button"
                class="bw-button"
                on:click=move |_| step.set(Step::Nothing)
            >
                {text::CANCEL}
            </button>
        </p>
    }
    .into_any()
}

fn imported(done: Imported) -> AnyView {
    let password = |it: FirstPassword| {
        view! { <dt>{it.user}</dt><dd><code>{it.password}</code></dd> }
    };
    let passwords = (!done.passwords.is_empty()).then(|| {
        view! {
            <p class="notice-line">{text::PASSWORDS_ONCE}</p>
            <dl class="facts">{done.passwords.into_iter().map(password).collect_view()}</dl>
        }
    });
    view! { <p class="notice-line">{text::IMPORTED}</p> {passwords} {list(done.findings)} }
        .into_any()
}

fn list(findings: Vec<Finding>) -> AnyView {
    let finding = |finding: Finding| {
        let mark = if finding.error {
            text::ERROR
        } else {
            text::WARNING
        };
        view! {
            <li class="finding" class:error=finding.error>
                <span class="tag">{mark}</span>
                <span>{finding.say} " " <span class="hint">{finding.at}</span></span>
            </li>
        }
    };
    view! { <ul class="findings">{findings.into_iter().map(finding).collect_view()}</ul> }
        .into_any()
}

/// Asks what the import would do. Warnings are shown with it; they do not stand in the way.
async fn ask(admin: Admin, setup: Setup, dry_run: bool) -> Step {
    let import = Import {
        version: admin.version(),
        setup,
        dry_run,
        despite_warnings: true,
    };
    match api::import(&import).await {
        Ok(would) => Step::Would(Box::new(import.setup), import.version, would),
        Err(problem) => refused(problem),
    }
}

fn refused(problem: Problem) -> Step {
    let sentence = problem.sentence();
    match problem {
        Problem::NotSaved(NotSaved { findings, .. }) => Step::Refused(sentence, findings),
        Problem::Unreachable
        | Problem::NotSignedIn
        | Problem::Forbidden
        | Problem::Gone
        | Problem::Failed(_) => Step::Refused(sentence, vec![]),
    }
}

fn chosen_file(event: &leptos::ev::Event) -> Option<web_sys::File> {
    let input = event.target()?;
    let files = Reflect::get(&input, &"files".into()).ok()?;
    let file = Reflect::get(&files, &JsValue::from(0)).ok()?;
    let file = file.dyn_into().ok();
    // Choosing the same file again, changed meanwhile, must be heard too.
    _ = Reflect::set(&input, &"value".into(), &"".into());
    file
}

async fn read(file: &web_sys::File) -> Result<Setup, String> {
    let text = JsFuture::from(file.text()).await.ok();
    let text = text.and_then(|text| text.as_string());
    understood(&text.unwrap_or_default())
}

/// A set-up file's content.
fn understood(content: &str) -> Result<Setup, String> {
    serde_json::from_str(content.trim_start_matches('\u{feff}'))
        .map_err(|problem| text::not_a_setup(problem.line(), &problem.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_no_set_up_is_told_by_its_line() {
        let read = understood("{\n\"format\": \"one\"}");

        assert!(read.is_err_and(|sentence| sentence.contains("line 2")));
    }

    #[test]
    fn a_file_with_a_byte_order_mark_is_read() {
        assert!(understood("\u{feff}{\"format\": 1}").is_ok());
    }
}
