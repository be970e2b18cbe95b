//! Hashes and checks passwords (argon2id), away from the sockets' threads and never more at once
//! than there are cores.

use std::{sync::Arc, thread::available_parallelism};

use tokio::{
    sync::{OnceCell, Semaphore},
    task::spawn_blocking,
};

/// The most sign-ins that wait for a core; more are sent away.
const WAITING: usize = 64;

/// The shortest password that is taken, in characters.
const SHORTEST: usize = 10;

/// Checks passwords.
#[derive(Debug)]
pub(super) struct Passwords {
    waiting: Semaphore,
    cores: Arc<Semaphore>,
    /// Stands in where there is no such user, so that it takes as long.
    nobody: OnceCell<String>,
}

impl Passwords {
    pub(super) fn new() -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        Self {
            waiting: Semaphore::new(WAITING),
            cores: Arc::new(Semaphore::new(cores)),
            nobody: OnceCell::new(),
        }
    }

    /// Whether `password` is the one behind `hash`; false where there is no hash. `None` where too
    /// many wait.
    pub(super) async fn verify(&self, password: &str, hash: Option<String>) -> Option<bool> {
        let _place = self.waiting.try_acquire().ok()?;
        let known = hash.is_some();
        let hash = match hash {
            Some(hash) => hash,
            None => self.nobody.get_or_try_init(nobody).await.ok()?.clone(),
        };
        let _core = self.cores.acquire().await.ok()?;
        let password = password.to_owned();
        let right = spawn_blocking(move || password_auth::verify_password(password, &hash).is_ok());
        Some(right.await.ok()? && known)
    }
}

async fn nobody() -> Result<String, tokio::task::JoinError> {
    hash(crate::random::token()).await
}

/// The hash of a password.
///
/// # Errors
///
/// Where the runtime is stopping.
pub async fn hash(password: String) -> Result<String, tokio::task::JoinError> {
    spawn_blocking(move || password_auth::generate_hash(password)).await
}

/// Why a password is not taken, in a sentence without a full stop; `None` where it is.
#[must_use]
pub fn bad_password(password: &str) -> Option<String> {
    if password.chars().count() < SHORTEST {
        return Some(format!("a password has at least {SHORTEST} characters"));
    }
    let longest = super::LONGEST;
    (password.len() > longest).then(|| format!("a password has at most {longest} bytes"))
}

/// Whether a text can be a user name.
#[must_use]
pub fn is_user_name(name: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '@');
    (1..=64).contains(&name.chars().count()) && name.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_name_has_no_blanks() {
        assert!(is_user_name("anna.berg@lumen"));
        for name in ["", "anna berg", "anna\n", &"x".repeat(65)] {
            assert!(!is_user_name(name), "{name:?}");
        }
    }

    #[test]
    fn a_password_is_neither_too_short_nor_too_long() {
        assert_eq!(bad_password("0123456789"), None);
        assert!(bad_password("012345678").is_some());
        assert!(bad_password(&"x".repeat(257)).is_some());
    }
}
