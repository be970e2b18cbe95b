//! A bar that moves with the voice.

use gloo_timers::callback::Interval;
use leptos::prelude::*;
use web_sys::MediaStream;

use crate::rtc::devices::Meter;

/// How loud the microphone of a stream is: listens to it as long as it is shown.
#[component]
pub fn MicrophoneMeter(
    /// The stream; told anew when its microphone was changed.
    #[prop(into)]
    stream: Signal<Option<MediaStream>, LocalStorage>,
    /// What is measured.
    #[prop(default = "Microphone level")]
    label: &'static str,
) -> impl IntoView {
    let level = RwSignal::new(0.0);
    let listening = StoredValue::new_local(None::<Interval>);
    Effect::new(move |_| {
        let meter = stream.with(|stream| stream.as_ref().and_then(Meter::new));
        level.set(0.0);
        listening.set_value(meter.map(|meter| {
            Interval::new(READ_EVERY_MS, move || {
                let _gone = level.try_set(meter.level());
            })
        }));
    });

    view! { <LevelMeter level=level label=label /> }
}

/// A bar for a level that is measured elsewhere.
#[component]
pub fn LevelMeter(
    /// 0 to 1.
    #[prop(into)]
    level: Signal<f32>,
    /// What is measured.
    #[prop(default = "Microphone level")]
    label: &'static str,
) -> impl IntoView {
    let percent = Memo::new(move |_| percent(level.get()));

    view! {
        <div
            class="bw-meter"
            role="meter"
            aria-label=label
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=move || percent.get().to_string()
        >
            <span class="bw-meter-bar" style:width=move || percent.get().to_string() + "%"></span>
        </div>
    }
}

/// Fast enough to follow speech.
const READ_EVERY_MS: u32 = 80;

/// Whole percents, in steps that the eye tells apart.
fn percent(level: f32) -> u8 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to 50"
    )]
    let half = (level.clamp(0.0, 1.0) * 50.0) as u8;
    half * 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_outside_the_scale_stays_on_the_bar() {
        assert_eq!(
            [-1.0, 0.0, 0.5, 1.0, 9.0].map(percent),
            [0, 0, 50, 100, 100]
        );
        assert_eq!(percent(f32::NAN), 0);
    }
}
