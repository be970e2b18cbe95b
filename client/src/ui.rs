//! Components that the widget and the desk share: signals in, callbacks out.
//!
//! They bring no words of their own but those in their props and the few said here; how they
//! look is in `style/tokens.css` under the class names with `bw-`.

pub mod chat;
pub mod composer;
pub mod format;
pub mod icon;
pub mod meter;
pub(crate) mod text;
pub mod video;

pub use chat::ChatLog;
pub use composer::Composer;
pub use icon::{Glyph, Icon, view as icon};
pub use meter::{LevelMeter, MicrophoneMeter};
pub use video::VideoView;
