//! The pages beside the desk: the bar that leads to them, the page itself, and the question before
//! unsaved edits are left.

use bellwire_proto::setup::UserRole;
use leptos::{html, prelude::*};

use super::{Parts, popover::Dialog};
use crate::{
    admin::{self, Admin, draft::later, kept},
    format,
    route::{self, Route, Tab},
    router::Router,
    rules, supervise,
    text::{self, admin as admin_text},
};

/// Where the user is, and what they may see.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pages {
    /// The address.
    pub(crate) router: Router,
    /// The desk is shown.
    pub(crate) on_desk: Memo<bool>,
    role: Memo<UserRole>,
    admin: Admin,
}

impl Pages {
    pub(crate) fn new(parts: Parts) -> Self {
        let router = Router::new();
        let desk = parts.session.desk;
        let role = Memo::new(move |_| desk.with(|desk| desk.role));
        let user = Memo::new(move |_| desk.with(|desk| desk.agent));
        let is_known = Memo::new(move |_| user.get().is_some());
        let on_desk = Memo::new(move |_| {
            let route = router.route.get();
            route.tab() == Tab::Desk || is_known.get() && !route::may_see(role.get(), &route)
        });
        // Nobody knows where a user works before the server has told who it is.
        let home = Memo::new(move |_| {
            desk.with(|desk| desk.agent.map(|_| route::home(desk.role, desk.capacity)))
        });
        Effect::new(move |_| {
            if let Some(home) = home.get()
                && home != Route::Desk
                && router.route.get() == Route::Home
            {
                router.go_home(&home);
            }
        });
        Self {
            router,
            on_desk,
            role,
            admin: Admin::new(router, parts.notices, user),
        }
    }
}

/// The bar with the pages; nothing for those who see the desk alone.
#[component]
pub(crate) fn PageBar(parts: Parts, pages: Pages) -> impl IntoView {
    let session = parts.session;
    let call = Memo::new(move |_| {
        session.desk.with(|desk| {
            rules::talking_call(desk)
                .map(|(_, item)| (format::who(&item.context), rules::since(&item.stage)))
        })
    });
    let live = move || {
        let (who, since) = call.get().filter(|_| !pages.on_desk.get())?;
        let timer = move || format::timer(session.now.get().since(since));
        Some(view! {
            <a class="live-call" href=Route::Desk.hash()>
                {text::BACK_TO_CALL} " " {who} " " <span class="timer">{timer}</span>
            </a>
        })
    };
    let unread = Memo::new(move |_| session.desk.with(rules::unread));
    let badge = move || {
        let unread = unread.get();
        (unread > 0).then(|| {
            view! {
                <span class="badge">
                    {unread} <span class="bw-unseen">" " {text::UNREAD}</span>
                </span>
            }
        })
    };
    let link = move |tab: Tab| {
        let is_here = move || {
            let shown = if pages.on_desk.get() {
                Tab::Desk
            } else {
                pages.router.route.with(Route::tab)
            };
            (shown == tab).then_some("page")
        };
        view! {
            <a href=tab.route().hash() aria-current=is_here>
                {text::tab(tab)}
                {(tab == Tab::Desk).then_some(badge)}
            </a>
        }
    };
    move || {
        let tabs = Tab::of(pages.role.get());
        (tabs.len() > 1).then(|| {
            view! {
                <nav class="page-bar" aria-label=text::PAGES>
                    {tabs.iter().copied().map(link).collect_view()}
                    {live}
                </nav>
            }
        })
    }
}

/// The page beside the desk. It stays as it is while the desk is shown.
#[component]
pub(crate) fn PageBeside(pages: Pages) -> impl IntoView {
    let main = NodeRef::<html::Main>::new();
    // By address, so that every page begins anew.
    let shown = Memo::new(move |_| {
        let page = pages.router.page.get();
        page.filter(|route| route::may_see(pages.role.get(), route))
    });
    let content = move |route: Route| match route.tab() {
        Tab::Admin => admin::admin_page(pages.admin, route),
        Tab::Contacts | Tab::Results => supervise::supervise_page(&route),
        Tab::Desk => ().into_any(),
    };
    let name = move || shown.with(|route| route.as_ref().map(admin_text::page_name));
    // Whoever reads with their ears is told that another page is there.
    Effect::new(move |before: Option<Option<Route>>| {
        let shown = shown.get();
        let is_other = before.is_some_and(|before| before.is_some() && before != shown);
        if is_other && !pages.on_desk.get_untracked() {
            later(move || focus(main));
        }
        shown
    });
    view! {
        <main
            class="beside"
            node_ref=main
            tabindex="-1"
            aria-label=name
            hidden=move || pages.on_desk.get()
        >
            <For each=move || shown.get() key=Route::hash children=content />
        </main>
        <LeaveQuestion router=pages.router />
    }
}

fn focus(main: NodeRef<html::Main>) {
    if let Some(main) = main.try_get_untracked().flatten() {
        // An element that is on the page takes the focus.
        _ = main.focus();
    }
}

#[component]
fn LeaveQuestion(router: Router) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(router.leaving.with(Option::is_some)));
    // Closed by Escape or its own button, it means: stay.
    Effect::new(move |before: Option<bool>| {
        let is_open = open.get();
        if before == Some(true) && !is_open {
            router.stay();
        }
        is_open
    });
    let leave = move |_| {
        kept::forget();
        router.leave();
    };
    view! {
        <Dialog open=open title=admin_text::LEAVE_TITLE close=admin_text::STAY>
            <p>{admin_text::LEAVE_MORE}</p>
            <p>
                <button type="button" class="bw-button end" on:click=leave>
                    {admin_text::LEAVE}
                </button>
            </p>
        </Dialog>
    }
}
