//! Components that the widget and the desk share: signals in, callbacks out.
//!
//! They bring no words of their own but those in their props and the few said here; how they
//! look is in `style/tokens.css` under the class names with `bw-`.

#[cfg(feature = "desk")]
pub mod chat;
#[cfg(feature = "desk")]
pub mod composer;
pub mod format;
pub mod icon;
pub mod keypad;
#[cfg(feature = "desk")]
pub mod meter;
pub(crate) mod text;
#[cfg(feature = "desk")]
pub mod video;

#[cfg(feature = "desk")]
pub use chat::ChatLog;
#[cfg(feature = "desk")]
pub use composer::Composer;
pub use icon::Icon;
#[cfg(feature = "desk")]
pub use icon::{Glyph, view as icon};
#[cfg(feature = "desk")]
pub use meter::{LevelMeter, MicrophoneMeter};
#[cfg(feature = "desk")]
pub use video::VideoView;
