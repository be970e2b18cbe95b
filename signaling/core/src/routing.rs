//! Who gets what: the line of those who wait, the pool of those who are free, and the match.

mod line;
mod needs;
mod pool;

pub use line::{Line, Place};
pub use needs::{Needs, Trait, primary, qualifies, traits};
pub use pool::{Free, Pool};
