//! Plays a stream: sound, and picture where there is one.

use js_sys::{Function, Promise, Reflect};
use leptos::{html::Video, prelude::*};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DomException, HtmlMediaElement, HtmlVideoElement, MediaStream};

/// Plays a stream. A voice call needs it too: it is what makes the other side heard.
///
/// Where the browser keeps sound waiting for a click, it shows a button to click.
#[component]
pub fn VideoView(
    /// What to play.
    #[prop(into)]
    stream: Signal<Option<MediaStream>, LocalStorage>,
    /// Whose picture it is, for those who do not see it.
    #[prop(into)]
    label: Signal<String>,
    /// Whether there is a picture to show; without one only sound is played.
    #[prop(into, default = true.into())]
    picture: Signal<bool>,
    /// The element's id, for pages that look for it.
    #[prop(optional)]
    id: Option<&'static str>,
    /// The own picture: silent, and mirrored as people know themselves.
    #[prop(optional)]
    own: bool,
    /// The speaker to play by; empty for the browser's choice.
    #[prop(into, optional)]
    speaker: Option<Signal<String>>,
    /// The button's words where the browser keeps sound waiting for a click.
    #[prop(default = "Tap to hear")]
    tap: &'static str,
) -> impl IntoView {
    let element = NodeRef::<Video>::new();
    let refused = RwSignal::new(false);

    Effect::new(move |_| {
        let stream = stream.get();
        if let Some(video) = element.get() {
            show(&video, stream.as_ref());
            play(video, refused);
        }
    });
    Effect::new(move |_| {
        if let (Some(video), Some(speaker)) = (element.get(), speaker) {
            play_by(&video, &speaker.get());
        }
    });
    let tapped = move |_| {
        if let Some(video) = element.get_untracked() {
            play(video, refused);
        }
    };

    view! {
        <div class="bw-video" class:bw-video-own=own>
            <video
                node_ref=element
                id=id
                autoplay=true
                playsinline=true
                prop:muted=own
                aria-label=label
                hidden=move || !picture.get()
            ></video>
            <Show when=move || refused.get()>
                <button type="button" class="bw-button bw-primary bw-tap" on:click=tapped>
                    {tap}
                </button>
            </Show>
        </div>
    }
}

/// Gives the element its stream, unless it plays that one already: setting it again stutters.
fn show(video: &HtmlVideoElement, stream: Option<&MediaStream>) {
    if video.src_object().as_ref() != stream {
        video.set_src_object(stream);
    }
}

fn play(video: HtmlVideoElement, refused: RwSignal<bool>) {
    if video.src_object().is_none() {
        refused.set(false);
        return;
    }
    let Ok(playing) = video.play() else { return };
    spawn_local(async move {
        let forbidden = match JsFuture::from(playing).await {
            Ok(_) => false,
            // Any other error means that a newer stream is on its way.
            Err(error) => match error.dyn_ref::<DomException>() {
                Some(error) => error.name() == "NotAllowedError",
                None => false,
            },
        };
        // The view may be gone by now.
        let _gone = refused.try_set(forbidden);
    });
}

/// Not every browser lets a page choose the speaker.
fn play_by(video: &HtmlMediaElement, speaker: &str) {
    let Ok(set_sink) = Reflect::get(video, &"setSinkId".into()) else {
        return;
    };
    let Some(set_sink) = set_sink.dyn_ref::<Function>() else {
        return;
    };
    let chosen = set_sink.call1(video, &JsValue::from_str(speaker));
    if let Some(chosen) = chosen.ok().and_then(|set| set.dyn_into::<Promise>().ok()) {
        spawn_local(async move {
            let _stays_with_the_former_speaker = JsFuture::from(chosen).await;
        });
    }
}
