//! What the agent takes calls on: the page, the desk phone, both, or a number; and whether the
//! desk phone can be reached.

use bellwire_proto::agent::{Device, Devices};
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

use crate::{rules, text};

/// The choice, for agents who have one.
///
/// It decides nothing: a choice is reported, and shown once the server has told of it.
#[component]
pub(crate) fn TakesCalls(
    /// What there is, and what is chosen.
    #[prop(into)]
    devices: Signal<Devices>,
    /// Called with what the agent chose.
    on_choose: Callback<Device>,
) -> impl IntoView {
    let choices = Memo::new(move |_| devices.with(rules::choices));
    let chosen = Memo::new(move |_| devices.with(|devices| devices.chosen));
    let phone = Memo::new(move |_| devices.with(rules::desk_phone));
    let option = move |device: Device| {
        let name =
            move || devices.with(|devices| text::phone::device(device, devices.number.as_deref()));
        view! {
            <option value=mark(device) prop:selected=move || chosen.get() == device>
                {name}
            </option>
        }
    };
    let choose = move |event: ev::Event| {
        let value = event_target_value(&event);
        let before = chosen.get_untracked();
        if let Some(list) =
            (event.target()).and_then(|target| target.dyn_into::<web_sys::HtmlSelectElement>().ok())
        {
            list.set_value(mark(before));
        }
        let device = Device::ALL.into_iter().find(|it| mark(*it) == value);
        if let Some(device) = device.filter(|device| *device != before) {
            on_choose.run(device);
        }
    };
    let state = move || {
        phone.get().map(|(words, mark)| {
            view! {
                <span class="desk-phone" data-phone=mark>
                    <span class="dot" aria-hidden="true"></span>
                    {words}
                </span>
            }
        })
    };

    move || {
        (!choices.with(Vec::is_empty)).then(|| {
            view! {
                <div class="takes-calls">
                    <label>
                        <span>{text::phone::TAKE_CALLS_ON}</span>
                        <select class="bw-input" on:change=choose>
                            {move || choices.get().into_iter().map(option).collect_view()}
                        </select>
                    </label>
                    <p role="status">{state}</p>
                </div>
            }
        })
    }
}

fn mark(device: Device) -> &'static str {
    match device {
        Device::Browser => "browser",
        Device::Phone => "phone",
        Device::Both => "both",
        Device::Number => "number",
    }
}
