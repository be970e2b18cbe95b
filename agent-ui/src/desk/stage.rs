//! The live call with what this page carries of it; see [`CallStage`].

use bellwire_proto::{id::InteractionId, mirror::Desk};
use leptos::prelude::*;

use super::call::{CallMedia, CallStage, LiveCall, Press};
use crate::{format, media::Media, rules, session::Session};

/// Shows the live call, if there is one, and keeps it on the page as long as it lasts.
#[component]
pub(crate) fn Stage(
    session: Session,
    media: Media,
    #[prop(into)] shown: Signal<Option<InteractionId>>,
    on_press: Callback<Press>,
) -> impl IntoView {
    let desk = session.desk;
    let live = Memo::new(move |_| desk.with(live_call));
    let id = Memo::new(move |_| live.with(|live| live.as_ref().map(|live| live.id)));
    let since = Memo::new(move |_| {
        desk.with(|desk| rules::talking_call(desk).map(|(_, item)| rules::since(&item.stage)))
    });
    let timer = Signal::derive(move || {
        let since = since.get().unwrap_or_default();
        format::timer(session.now.get().since(since))
    });
    let parts = CallMedia {
        state: media.state.into(),
        is_carried: Signal::derive(move || media.carried.with(Option::is_some)),
        problem: media.problem.into(),
        remote: media.remote.into(),
        remote_sending: media.remote_sending.into(),
        local: media.local.into(),
        muted: media.muted.into(),
        camera: media.camera.into(),
        quality: media.quality.into(),
    };

    move || {
        let id = id.get()?;
        let fallback = live.get_untracked()?;
        let call = Signal::derive(move || live.get().unwrap_or_else(|| fallback.clone()));
        let in_front = Signal::derive(move || shown.get() == Some(id));
        Some(view! { <CallStage call media=parts in_front timer on_press /> })
    }
}

fn live_call(desk: &Desk) -> Option<LiveCall> {
    rules::talking_call(desk).map(|(id, item)| LiveCall {
        id,
        who: format::who(&item.context),
        held: rules::is_held(&item.stage),
        reachable: item.reachable,
    })
}
