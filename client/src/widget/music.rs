//! The music that a visitor hears while a call waits: the centre's, played from memory so that it
//! repeats without a gap. Where it cannot be loaded or played, nothing is shown and nothing said.

use bellwire_proto::{interaction::Medium, mirror::Widget, visitor::VisitorStage};
use gloo_timers::callback::Timeout;
use js_sys::ArrayBuffer;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AudioBuffer, AudioContext, GainNode, Response};

use super::{
    app::App,
    dom::document,
    keep,
    screen::Here,
    signals::{Memo, RwSignal, bind},
};
use crate::dom::{Listener, spawn};

/// How loud, of 1: music to wait by, not to listen to.
const LOUDNESS: f32 = 0.3;

/// How quickly it swells and fades: the time to two thirds of the way, in seconds.
const SWELL_S: f64 = 0.5;
const FADE_S: f64 = 0.015;

/// After this long a fade is inaudible. An answered call must not have music in it for longer.
const FADED_MS: u32 = 90;

/// What the visitor may hear while waiting.
#[derive(Clone, Copy)]
pub(crate) struct Sounds {
    /// There is music.
    pub(crate) there: RwSignal<bool>,
    /// The visitor wants music.
    pub(crate) music: RwSignal<bool>,
    /// The visitor wants the ringing tone while a desk rings; the music makes room for it.
    pub(crate) tone: RwSignal<bool>,
    /// The visitor has clicked here: until then, browsers let no page be heard.
    clicked: RwSignal<bool>,
}

impl Sounds {
    pub(super) fn new() -> Self {
        Self {
            there: RwSignal::new(false),
            music: RwSignal::new(keep::wants_music()),
            tone: RwSignal::new(true),
            clicked: RwSignal::new(false),
        }
    }
}

/// How far the music got.
#[derive(Default)]
pub(super) enum Music {
    /// No call waits, or nobody wanted music yet.
    #[default]
    Off,
    /// Being fetched, to be heard then or not; or there is none.
    Loading(bool),
    /// It runs, heard or not.
    Runs(Player),
}

/// Where a call stands that this page carries and that waits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Waits {
    /// An agent's desk rings.
    ringing: bool,
}

fn waits(widget: &Widget, here: Here) -> Option<Waits> {
    let (id, contact) = widget.live(Medium::Call)?;
    match contact.stage {
        VisitorStage::Waiting { ringing, .. } if here.own == Some(id) => Some(Waits { ringing }),
        VisitorStage::Waiting { .. }
        | VisitorStage::Asked
        | VisitorStage::Connected { .. }
        | VisitorStage::Ended { .. } => None,
    }
}

impl App {
    /// Plays music whenever a call of this page waits.
    pub(super) fn follow_waiting(self) {
        let sounds = self.sounds;
        Listener::new(&document(), "click", move |_| {
            if !sounds.clicked.get_untracked() {
                sounds.clicked.set(true);
            }
        })
        .forever();
        let waiting = Memo::new(move || {
            let here = self.here.get();
            self.mirror.with(|widget| waits(widget, here))
        });
        bind(move || {
            let clicked = sounds.clicked.get();
            let waits = waiting.get().filter(|_| clicked);
            let toned = waits.is_some_and(|waits| waits.ringing) && sounds.tone.get();
            self.play(waits.is_some(), sounds.music.get() && !toned);
        });
    }

    fn play(self, waits: bool, heard: bool) {
        let inner = self.inner();
        let mut music = inner.music.borrow_mut();
        match &*music {
            Music::Off if waits && heard => {
                *music = Music::Loading(heard);
                if let Ok(context) = AudioContext::new() {
                    spawn(self.load(context));
                }
            }
            Music::Runs(player) if waits => player.heard(heard),
            Music::Loading(_) if waits => *music = Music::Loading(heard),
            Music::Off => {}
            Music::Loading(_) | Music::Runs(_) => {
                *music = Music::Off;
                self.sounds.there.set(false);
            }
        }
    }

    async fn load(self, context: AudioContext) {
        let site = self.inner().address.site.clone();
        let buffer = fetch(&context, &site).await;
        let inner = self.inner();
        let mut music = inner.music.borrow_mut();
        match (&*music, buffer) {
            (Music::Loading(heard), Some(buffer)) => {
                let player = Player::start(context, &buffer);
                player.heard(*heard);
                *music = Music::Runs(player);
                self.sounds.there.set(true);
            }
            // There is none, or the call was answered or given up meanwhile.
            (Music::Off | Music::Loading(_) | Music::Runs(_), _) => close(&context),
        }
    }

    /// Music, or none; remembered.
    pub(crate) fn toggle_music(self) {
        let music = !self.sounds.music.get_untracked();
        keep::set_wants_music(music);
        self.sounds.music.set(music);
    }
}

/// The music of the queue that calls of this site wait in.
async fn fetch(context: &AudioContext, site: &str) -> Option<AudioBuffer> {
    let site: String = js_sys::encode_uri_component(site).into();
    let address = ["/api/public/sound/", &site, "/waiting.ogg"].concat();
    let answer = JsFuture::from(web_sys::window()?.fetch_with_str(&address));
    let answer: Response = answer.await.ok()?.unchecked_into();
    if !answer.ok() {
        return None;
    }
    let sound = JsFuture::from(answer.array_buffer().ok()?).await.ok()?;
    let sound: ArrayBuffer = sound.unchecked_into();
    let buffer = JsFuture::from(context.decode_audio_data(&sound).ok()?);
    Some(buffer.await.ok()?.unchecked_into())
}

/// Music that runs round and round. Dropped, it fades and ends.
pub(super) struct Player {
    context: AudioContext,
    gain: Option<GainNode>,
}

impl Player {
    fn start(context: AudioContext, buffer: &AudioBuffer) -> Self {
        let gain = run(&context, buffer);
        Self { context, gain }
    }

    fn heard(&self, heard: bool) {
        let Some(gain) = &self.gain else { return };
        let (loudness, time) = if heard {
            (LOUDNESS, SWELL_S)
        } else {
            (0.0, FADE_S)
        };
        let now = self.context.current_time();
        let _silent_where_it_cannot = gain.gain().set_target_at_time(loudness, now, time);
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        self.heard(false);
        let context = self.context.clone();
        Timeout::new(FADED_MS, move || close(&context)).forget();
    }
}

/// Starts silently.
fn run(context: &AudioContext, buffer: &AudioBuffer) -> Option<GainNode> {
    let gain = context.create_gain().ok()?;
    gain.gain().set_value(0.0);
    gain.connect_with_audio_node(&context.destination()).ok()?;
    let source = context.create_buffer_source().ok()?;
    source.set_buffer(Some(buffer));
    source.set_loop(true);
    source.connect_with_audio_node(&gain).ok()?;
    source.start().ok()?;
    let _waits_for_a_click_at_worst = context.resume();
    Some(gain)
}

fn close(context: &AudioContext) {
    // Closed already is closed.
    let _ = context.close();
}

#[cfg(test)]
mod tests {
    use bellwire_proto::{
        id::InteractionId,
        time::Timestamp,
        visitor::{AgentCard, VisitorEvent},
    };

    use super::*;

    fn call() -> InteractionId {
        InteractionId::new(Timestamp(1), 2)
    }

    fn here() -> Here {
        Here {
            own: Some(call()),
            ..Here::default()
        }
    }

    fn in_line(ringing: bool) -> Widget {
        let mut widget = Widget::default();
        widget.started(call(), Medium::Call, false);
        let event = VisitorEvent::Waiting {
            interaction: call(),
            position: 1,
            ringing,
            wait: None,
        };
        widget.apply(event, Timestamp(1));
        widget
    }

    #[test]
    fn a_call_of_this_page_has_music_while_it_waits_and_none_once_it_is_answered() {
        let mut widget = in_line(false);
        assert_eq!(waits(&widget, here()), Some(Waits { ringing: false }));
        assert_eq!(waits(&in_line(true), here()), Some(Waits { ringing: true }));

        let answered = VisitorEvent::Connected {
            interaction: call(),
            agent: AgentCard {
                name: "Anna".to_owned(),
            },
            peer: None,
            at: Timestamp(2),
        };
        widget.apply(answered, Timestamp(2));

        assert_eq!(waits(&widget, here()), None);
    }

    #[test]
    fn a_call_that_another_tab_carries_plays_there_alone() {
        assert_eq!(waits(&in_line(false), Here::default()), None);
    }

    #[test]
    fn the_fade_is_over_when_the_sound_is_cut() {
        let left = (-f64::from(FADED_MS) / 1_000.0 / FADE_S).exp();

        assert!(f64::from(LOUDNESS) * left < 0.001, "{left}");
        const { assert!(FADED_MS < 100) };
    }
}
