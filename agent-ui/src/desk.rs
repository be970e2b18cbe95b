//! The whole screen. It joins the parts: signals from [`Session`] and [`Media`] go in, presses
//! come back and become commands.

#![expect(
    unreachable_pub,
    reason = "the component macro makes all it generates public"
)]

mod availability;
mod call;
mod context;
mod devices;
mod header;
mod help;
mod items;
pub(crate) mod journey;
mod keypad;
pub(crate) mod known;
mod notice;
mod offer;
mod pages;
mod pane;
mod popover;
mod presses;
mod queues;
mod signin;
mod stage;
mod takes_calls;
mod toasts;
mod workspace;
mod wrapup;

use gloo_timers::callback::Interval;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use self::{notice::NoticePage, signin::SignIn, workspace::Workspace};
use crate::{
    drafts::Drafts,
    media::Media,
    notices::Notices,
    ring::Ring,
    rules::{self, Notice},
    session::{Phase, Session},
    text,
};

/// How often timers on the screen move on.
const TICK_MS: u32 = 500;

/// What every part of the desk is made from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts {
    session: Session,
    media: Media,
    ring: Ring,
    notices: Notices,
    drafts: Drafts,
}

/// The app.
#[component]
pub(crate) fn App() -> impl IntoView {
    let parts = Parts::new();
    let session = parts.session;
    let phase = session.phase;
    let notice = Memo::new(move |_| {
        let link = session.link.get();
        session.desk.with(|desk| rules::notice(desk, link))
    });
    // Another window carries the call then, or nobody does.
    Effect::new(move |_| {
        let signed_out = matches!(phase.get(), Phase::SignedOut(_));
        if signed_out || notice.get() == Some(Notice::Elsewhere) {
            parts.media.let_go();
        }
    });
    let state = move || match phase.get() {
        Phase::SignedIn => session.desk.with(|desk| rules::state_mark(&desk.state)),
        Phase::Asking | Phase::SignedOut(_) => "signed_out",
    };
    let screen = move || match (phase.get(), notice.get()) {
        (Phase::Asking, _) => {
            view! { <main class="notice"><p role="status">{text::ONE_MOMENT}</p></main> }.into_any()
        }
        (Phase::SignedOut(why), _) => view! { <SignInPage session why /> }.into_any(),
        (Phase::SignedIn, Some(notice)) => {
            let on_press = Callback::new(move |notice| way_on(session, notice));
            view! { <NoticePage notice on_press /> }.into_any()
        }
        (Phase::SignedIn, None) => view! { <Workspace parts /> }.into_any(),
    };

    session.start();
    view! {
        <div id="desk" data-state=state>
            {screen}
        </div>
    }
}

impl Parts {
    /// Makes the parts and connects them.
    fn new() -> Self {
        let notices = Notices::new();
        let session = Session::new(notices);
        let media = Media::new(session, notices);
        let ring = Ring::new();
        session.listen(move |frame| media.heard(frame));
        ring.follow(session, media.hushed.into());
        // The page's own timer lives as long as the page.
        Interval::new(TICK_MS, move || session.tick()).forget();
        Self {
            session,
            media,
            ring,
            notices,
            drafts: Drafts::kept(),
        }
    }
}

/// The form with its request.
#[component]
fn SignInPage(session: Session, why: Option<String>) -> impl IntoView {
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(why);
    let on_submit = Callback::new(move |(user, password): (String, String)| {
        busy.set(true);
        problem.set(None);
        spawn_local(async move {
            let signed_in = session.sign_in(user, password).await;
            // By then the desk may be there, and the form gone.
            busy.try_set(false);
            if let Err(trouble) = signed_in {
                problem.try_set(Some(trouble.at_sign_in()));
            }
        });
    });

    view! { <SignIn busy problem on_submit /> }
}

fn way_on(session: Session, notice: Notice) {
    match notice {
        Notice::Elsewhere => session.work_here(),
        Notice::Ended => session.connect_again(),
        Notice::OtherVersion => {
            // A page can always load itself anew.
            _ = window().location().reload();
        }
    }
}
