//! The live call with what this page carries of it; see [`CallStage`].

use bellwire_proto::{id::InteractionId, mirror::DeskItem};
use leptos::prelude::*;

use super::{
    call::{CallMedia, CallStage, LiveCall, Press},
    keypad::KeypadView,
};
use crate::{
    format,
    media::{
        Answering, Media,
        plan::{self, Carried},
    },
    rules,
    session::Session,
};

/// Shows the live call, if there is one, and keeps it on the page as long as it lasts.
#[component]
pub(crate) fn Stage(
    session: Session,
    media: Media,
    keypad: KeypadView,
    #[prop(into)] shown: Signal<Option<InteractionId>>,
    on_press: Callback<Press>,
) -> impl IntoView {
    let desk = session.desk;
    let live = Memo::new(move |_| {
        desk.with(|desk| rules::talking_call(desk).map(|(id, item)| live_call(id, item)))
    });
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
        is_coming: Signal::derive(move || {
            let call = id.get();
            let opens = |answering: Answering| Some(answering.interaction()) == call;
            let asked = |carried: Carried| carried.stage == plan::Stage::FromPhone;
            media.answering.get().is_some_and(opens) || media.carried.get().is_some_and(asked)
        }),
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
        Some(view! { <CallStage call media=parts keypad in_front timer on_press /> })
    }
}

/// A call as it is shown.
pub(super) fn live_call(id: InteractionId, item: &DeskItem) -> LiveCall {
    LiveCall {
        id,
        who: format::who(&item.context),
        held: rules::is_held(&item.stage),
        reachable: item.reachable,
        has_camera: rules::has_camera(item),
        by_telephone: item.context.caller.is_some(),
        phone: item.phone,
        pressed: item.digits.clone(),
    }
}
