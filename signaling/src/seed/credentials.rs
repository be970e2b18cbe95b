//! The passwords of the first start: in a file for its owner only, and printed once.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use bellwire_proto::setup::UserRole;
use serde::{Deserialize, Serialize};

use super::Error;
use crate::random;

/// The file's name in the data directory.
const FILE: &str = "credentials.json";

/// A user's first password.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct Credential {
    /// The user name.
    pub user: String,
    /// The password.
    pub password: String,
    /// What the user may do.
    pub role: UserRole,
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credential")
            .field("user", &self.user)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// A password for each user: those that the file has, or fresh ones that it has from now on.
pub(super) fn keep(
    data_dir: &Path,
    users: &[(&str, UserRole)],
) -> Result<(Vec<Credential>, PathBuf), Error> {
    let path = data_dir.join(FILE);
    let failed = |why| Error::Credentials {
        path: path.clone(),
        why,
    };
    if let Some(kept) = read(&path).map_err(failed)? {
        return Ok((matching(kept, users).map_err(failed)?, path));
    }
    let fresh: Vec<_> = users
        .iter()
        .map(|&(user, role)| Credential {
            user: user.to_owned(),
            password: random::password(),
            role,
        })
        .collect();
    write(&path, &fresh).map_err(failed)?;
    Ok((fresh, path))
}

fn read(path: &Path) -> io::Result<Option<Vec<Credential>>> {
    match fs::read(path) {
        Ok(text) => Ok(Some(serde_json::from_slice(&text)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The kept credentials in the order of `users`.
fn matching(kept: Vec<Credential>, users: &[(&str, UserRole)]) -> io::Result<Vec<Credential>> {
    users
        .iter()
        .map(|(user, _)| {
            let credential = kept.iter().find(|credential| credential.user == *user);
            credential.cloned().ok_or_else(|| {
                let said = format!("it has no password for {user}; move the file away");
                io::Error::new(io::ErrorKind::InvalidData, said)
            })
        })
        .collect()
}

/// Writes the file in one step, and never over another one.
fn write(path: &Path, credentials: &[Credential]) -> io::Result<()> {
    let unfinished = path.with_extension(format!("json.{}", random::readable(8)));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&unfinished)?;
    let written = serde_json::to_writer_pretty(&mut file, credentials)
        .map_err(io::Error::from)
        .and_then(|()| file.write_all(b"\n"))
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::hard_link(&unfinished, path));
    fs::remove_file(&unfinished)?;
    written
}

/// Shows the passwords.
pub(super) fn print(
    credentials: &[Credential],
    path: &Path,
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(out, "\nThe centre's first users (shown this once):\n")?;
    writeln!(out, "  {:<12} {:<21} Role", "User name", "Password")?;
    for credential in credentials {
        let Credential {
            user,
            password,
            role,
        } = credential;
        writeln!(out, "  {user:<12} {password:<21} {role}")?;
    }
    writeln!(
        out,
        "\nThey are kept in {}, for your eyes only.\n",
        path.display()
    )?;
    out.flush()
}
