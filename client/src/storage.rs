//! Text kept in the browser. Where the browser forbids storage (a blocked third-party frame, a
//! full disk), nothing is kept and nothing fails.

use web_sys::{Storage, window};

/// What this tab keeps under `key`.
#[must_use]
pub fn session(key: &str) -> Option<String> {
    session_storage()?.get_item(key).ok()?
}

/// Keeps `value` in this tab; `None` forgets it.
pub fn set_session(key: &str, value: Option<&str>) {
    set(session_storage(), key, value);
}

/// What this browser keeps under `key`.
#[must_use]
pub fn local(key: &str) -> Option<String> {
    local_storage()?.get_item(key).ok()?
}

/// Keeps `value` in this browser; `None` forgets it.
pub fn set_local(key: &str, value: Option<&str>) {
    set(local_storage(), key, value);
}

// Merely asking for the storage raises an error where it is forbidden.
fn session_storage() -> Option<Storage> {
    window()?.session_storage().ok()?
}

fn local_storage() -> Option<Storage> {
    window()?.local_storage().ok()?
}

fn set(storage: Option<Storage>, key: &str, value: Option<&str>) {
    let Some(storage) = storage else { return };
    let _nothing_to_do = match value {
        Some(value) => storage.set_item(key, value),
        None => storage.remove_item(key),
    };
}
