//! The choice of microphone and camera, with a test of the microphone.

use bellwire_client::{
    rtc::devices::{self, Choice, Device, Devices, Wanted},
    ui::MicrophoneMeter,
};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::MediaStream;

use crate::{media::chosen, text};

/// The content of the dialog.
#[component]
pub(crate) fn DeviceChoice(
    /// Called after another microphone was chosen.
    on_microphone: Callback<()>,
    /// Called after another camera was chosen.
    on_camera: Callback<()>,
) -> impl IntoView {
    let listed = RwSignal::new(Devices::default());
    let problem = RwSignal::new(None);
    let refresh = move || {
        spawn_local(async move {
            match devices::list().await {
                Ok(devices) => _ = listed.try_set(devices),
                Err(trouble) => _ = problem.try_set(Some(text::media_problem(&trouble))),
            }
        });
    };
    refresh();
    let choose_microphone = Callback::new(move |id: String| {
        chosen::choose_microphone(&id);
        on_microphone.run(());
    });
    let choose_camera = Callback::new(move |id: String| {
        chosen::choose_camera(&id);
        on_camera.run(());
    });

    view! {
        <div class="devices">
            <DeviceList
                name=text::MICROPHONE
                devices=Signal::derive(move || listed.with(|it| it.microphones.clone()))
                kept=chosen::value(chosen::microphone())
                on_choose=choose_microphone
            />
            <Test problem on_opened=Callback::new(move |()| refresh()) />
            <DeviceList
                name=text::CAMERA
                devices=Signal::derive(move || listed.with(|it| it.cameras.clone()))
                kept=chosen::value(chosen::camera())
                on_choose=choose_camera
            />
            <p class="bw-problem" role="alert">{problem}</p>
        </div>
    }
}

#[component]
fn DeviceList(
    name: &'static str,
    devices: Signal<Vec<Device>>,
    kept: String,
    on_choose: Callback<String>,
) -> impl IntoView {
    let option = move |(place, device): (usize, Device)| {
        let label = match device.label.is_empty() {
            true => format!("{name} {}", place + 1),
            false => device.label,
        };
        let selected = device.id == kept;
        view! { <option value=device.id selected=selected>{label}</option> }
    };
    // Before the first permission the browser names no device.
    let named = move || {
        let devices = devices
            .get()
            .into_iter()
            .filter(|device| !device.id.is_empty());
        devices.enumerate().map(option.clone()).collect_view()
    };

    view! {
        <label class="field">
            <span>{name}</span>
            <select class="bw-input" on:change=move |event| on_choose.run(event_target_value(&event))>
                <option value="">{text::SYSTEM_CHOICE}</option>
                {named}
            </select>
        </label>
    }
}

/// A microphone that is open for the test; let go when it is dropped.
#[derive(Debug)]
struct Open(MediaStream);

impl Drop for Open {
    fn drop(&mut self) {
        devices::stop(&self.0);
    }
}

/// A button that opens the microphone, and a bar that moves when it hears something.
#[component]
fn Test(problem: RwSignal<Option<String>>, on_opened: Callback<()>) -> impl IntoView {
    let open = StoredValue::new_local(None::<Open>);
    let stream = RwSignal::new_local(None::<MediaStream>);
    let is_open = Signal::derive(move || stream.with(Option::is_some));
    let start = move |opened: MediaStream| {
        let handle = Clone::clone(&opened);
        // A dialog that was closed meanwhile takes nothing; the microphone is let go.
        if open.try_set_value(Some(Open(opened))).is_none() {
            stream.set(Some(handle));
            on_opened.run(());
        }
    };
    let press = move |_| {
        if is_open.get_untracked() {
            open.set_value(None);
            stream.set(None);
            return;
        }
        problem.set(None);
        spawn_local(async move {
            let wanted = Wanted {
                audio: chosen::microphone(),
                video: Choice::Off,
            };
            match devices::open(&wanted).await {
                Ok(opened) => start(opened),
                Err(trouble) => _ = problem.try_set(Some(text::media_problem(&trouble))),
            }
        });
    };
    let bar = move || {
        is_open.get().then(|| {
            view! {
                <p class="hint">{text::SPEAK_NOW}</p>
                <MicrophoneMeter stream />
            }
        })
    };

    view! {
        <div class="test">
            <button type="button" class="bw-button" on:click=press>
                {move || if is_open.get() { text::STOP_TEST } else { text::TEST_MICROPHONE }}
            </button>
            {bar}
        </div>
    }
}
