//! Playing a stream.

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{HtmlMediaElement, MediaStream};

use crate::widget::{
    app::App,
    dom::{El, div, el},
    signals::{RwSignal, bind},
    text::T,
};

/// Plays a stream: sound, and picture where there is one. Where the browser keeps sound waiting
/// for a click, it shows a button to click.
pub(super) fn video(
    stream: RwSignal<Option<MediaStream>>,
    id: &str,
    own: bool,
    label: impl Fn() -> String + 'static,
) -> El {
    let video = el("video")
        .attr("id", id)
        .attr("autoplay", "")
        .attr("playsinline", "")
        .varies("aria-label", move || Some(label()));
    let media: HtmlMediaElement = video.node().clone().unchecked_into();
    media.set_muted(own);
    let refused = RwSignal::new(false);
    let player = media.clone();
    bind(move || {
        let stream = stream.get();
        // Setting the same one again would stutter.
        if player.src_object() != stream {
            player.set_src_object(stream.as_ref());
        }
        if stream.is_some() {
            play(&player, refused);
        }
    });
    let tap = move || {
        let media = media.clone();
        let tap = || el("button").attr("type", "button").class(TAP);
        let tapped = move |_| play(&media, refused);
        refused
            .get()
            .then(|| tap().text(T.tap_to_hear).on("click", tapped))
    };
    div(if own {
        "bw-video bw-video-own"
    } else {
        "bw-video"
    })
    .child(video)
    .live(tap)
}

/// Lies over the picture.
const TAP: &str = "bw-button bw-primary bw-tap";

/// Starts playing; browsers may refuse that until the panel was clicked.
fn play(media: &HtmlMediaElement, refused: RwSignal<bool>) {
    let Ok(playing) = media.play() else { return };
    let settled = |forbidden: bool| {
        Closure::once_into_js(move |error: JsValue| {
            let name = Reflect::get(&error, &"name".into())
                .ok()
                .and_then(|name| name.as_string());
            let forbidden = forbidden && name.as_deref() == Some("NotAllowedError");
            // The view may be gone by now.
            refused.set(forbidden);
        })
    };
    let then = Reflect::get(&playing, &"then".into()).ok();
    if let Some(then) = then.and_then(|then| then.dyn_into::<Function>().ok()) {
        // `then` itself never throws.
        let _ = then.call2(&playing, &settled(false), &settled(true));
    }
}

/// Plays by the chosen speaker, where the browser lets pages choose.
pub(super) fn play_by(app: App, view: &El) {
    let Ok(Some(media)) = view.node().query_selector("video") else {
        return;
    };
    bind(move || {
        let speaker = app.call.speaker.get();
        let set = Reflect::get(&media, &"setSinkId".into()).ok();
        let set = set.and_then(|set| set.dyn_into::<Function>().ok());
        if let Some(set) = set.filter(|_| !speaker.is_empty()) {
            // A speaker that is gone leaves the sound where it was.
            let _ = set.call1(&media, &speaker.into());
        }
    });
}
