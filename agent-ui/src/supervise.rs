//! The supervision pages: contacts with every decision about them, and what invitations and
//! estimates of waits are worth.

mod contact;
mod contacts;
mod results;

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    admin::api::Problem,
    route::Route,
    text::{self},
};

/// A supervision page.
pub(crate) fn supervise_page(route: &Route) -> AnyView {
    let content = match route {
        Route::Contacts => contacts::page(),
        Route::Contact(id) => contact::page(*id),
        Route::Results => results::page(),
        Route::Home
        | Route::Desk
        | Route::Docs(_)
        | Route::Doc(..)
        | Route::Changes
        | Route::File => ().into_any(),
    };
    view! { <div class="supervise">{content}</div> }.into_any()
}

/// Something that is read from the server and may be read anew.
struct Read<T: Send + Sync + 'static>(RwSignal<Option<Result<T, Problem>>>);

// By hand, because a derive would ask the same of `T`.
impl<T: Send + Sync + 'static> Clone for Read<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Read<T> {}

impl<T: Clone + Send + Sync + 'static> Read<T> {
    fn new() -> Self {
        Self(RwSignal::new(None))
    }

    /// Reads it; what is shown stays until the answer is there.
    fn read(self, answer: impl Future<Output = Result<T, Problem>> + 'static) {
        spawn_local(async move {
            let answer = answer.await;
            self.0.try_set(Some(answer));
        });
    }

    /// Shows it, or why it is not there.
    fn shown(self, show: impl Fn(T) -> AnyView + Send + 'static) -> AnyView {
        let shown = move || match self.0.get() {
            None => view! { <p role="status">{text::ONE_MOMENT}</p> }.into_any(),
            Some(Err(problem)) => view! {
                <p class="bw-problem" role="alert">
                    {problem.sentence()}
                </p>
            }
            .into_any(),
            Some(Ok(read)) => show(read),
        };
        shown.into_any()
    }
}
