//! The server as a process: started, killed and started again on the same port and data.

use std::{
    fs::{File, OpenOptions},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::Mutex,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use tokio::process::{Child, Command};

use crate::{chance, http, people::SITE, sound::Folder, wait};

/// A demo centre of its own for one test.
#[derive(Debug)]
pub struct Centre {
    /// The port the server listens on.
    pub port: u16,
    folder: Folder,
    settings: Vec<(String, String)>,
    process: Mutex<Option<Child>>,
}

/// A line of `credentials.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct Credential {
    /// The user name.
    pub user: String,
    /// The password.
    pub password: String,
    /// The role.
    pub role: String,
}

impl Centre {
    /// Starts a demo centre with empty data and waits until it is ready.
    ///
    /// # Errors
    ///
    /// Where there is no server program, or it does not get ready; with its log.
    pub async fn start(settings: &[(&str, &str)]) -> Result<Self> {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let centre = Self {
            port: free_port()?,
            folder: Folder::new()?,
            settings: settings.iter().map(own).collect(),
            process: Mutex::new(None),
        };
        centre.restart().await?;
        Ok(centre)
    }

    /// Starts the server where it does not run, and waits until it is ready.
    ///
    /// # Errors
    ///
    /// As [`Self::start`].
    pub async fn restart(&self) -> Result<()> {
        let log = self.open_log()?;
        let child = self
            .command()?
            .args(["serve", "--demo"])
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("starting the server")?;
        *self.process() = Some(child);
        let ready = wait::until("ready server", Duration::from_secs(20), async || {
            if let Some(status) = self.ended()? {
                return Ok(Some(Some(status)));
            }
            let answer = http::get(self.port, "/readyz").await?;
            Ok((answer.status == 200).then_some(None))
        });
        match ready.await {
            Ok(None) => Ok(()),
            Ok(Some(status)) => bail!("the server ended with {status}:\n{}", self.log()),
            Err(error) => bail!("{error}:\n{}", self.log()),
        }
    }

    /// `kill -9`, and nothing is left of the process afterwards.
    ///
    /// # Errors
    ///
    /// Where the server does not run.
    pub async fn kill(&self) -> Result<()> {
        let mut child = self.process().take().context("the server does not run")?;
        child.kill().await.context("killing the server")
    }

    /// Asks the server to stop (SIGTERM), and waits for its end.
    ///
    /// # Errors
    ///
    /// Where the server does not end in time.
    pub async fn stop(&self) -> Result<ExitStatus> {
        let mut child = self.process().take().context("the server does not run")?;
        let id = child.id().context("the server has ended already")?;
        let told = Command::new("kill")
            .args(["-TERM", &id.to_string()])
            .status()
            .await?;
        ensure!(told.success(), "SIGTERM could not be sent");
        let ended = tokio::time::timeout(Duration::from_secs(15), child.wait());
        Ok(ended.await.context("the server ignores SIGTERM")??)
    }

    /// Whether the server runs.
    ///
    /// # Errors
    ///
    /// Where the system does not tell.
    pub fn runs(&self) -> Result<bool> {
        Ok(self.process().is_some() && self.ended()?.is_none())
    }

    /// Runs another command of the server's program on the same data.
    ///
    /// # Errors
    ///
    /// Where it fails; with what it printed.
    pub async fn run(&self, arguments: &[&str]) -> Result<String> {
        let done = self.command()?.args(arguments).output().await?;
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        ensure!(
            done.status.success(),
            "bellwire {} failed: {said}{}",
            arguments.join(" "),
            String::from_utf8_lossy(&done.stderr)
        );
        Ok(said)
    }

    /// Lets pages of this origin use the demo site, and waits until the server knows.
    ///
    /// # Errors
    ///
    /// As [`Self::run`], and where the server takes no notice.
    pub async fn allow(&self, origin: &str) -> Result<()> {
        self.run(&["site", "allow", SITE, "--origin", origin])
            .await?;
        wait::until(format!("leave for {origin}"), wait::SOON, async || {
            Ok(self.allows(origin).await?.then_some(()))
        })
        .await
    }

    /// Whether pages of this origin may use the demo site now.
    ///
    /// # Errors
    ///
    /// Where the server does not answer.
    pub async fn allows(&self, origin: &str) -> Result<bool> {
        let path = format!("/api/public/site/{SITE}.js");
        let answer = http::ask(self.port, "GET", &path, &[("origin", origin)], "").await?;
        ensure!(answer.status == 200, "{answer:?}");
        Ok(answer.body.contains("\"ok\":true"))
    }

    /// The address of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }

    /// The server's own origin.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Where the centre keeps its data.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A folder for the test's own files.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The users with this role, as the first start wrote them down.
    ///
    /// # Errors
    ///
    /// Where the file is missing or unreadable.
    pub fn users(&self, role: &str) -> Result<Vec<Credential>> {
        let text = std::fs::read_to_string(self.data().join("credentials.json"))
            .context("reading credentials.json")?;
        let all: Vec<Credential> = serde_json::from_str(&text)?;
        Ok(all.into_iter().filter(|one| one.role == role).collect())
    }

    /// The server's process id, for measuring what it costs.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.process().as_ref().and_then(Child::id)
    }

    /// Everything the server logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    fn command(&self) -> Result<Command> {
        let mut command = Command::new(program()?);
        command
            .env("BELLWIRE_LISTEN", format!("127.0.0.1:{}", self.port))
            .env("BELLWIRE_DATA_DIR", self.data())
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        Ok(command)
    }

    fn ended(&self) -> Result<Option<ExitStatus>> {
        match self.process().as_mut() {
            Some(child) => Ok(child.try_wait()?),
            None => Ok(None),
        }
    }

    fn process(&self) -> std::sync::MutexGuard<'_, Option<Child>> {
        self.process
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn open_log(&self) -> Result<File> {
        let mut options = OpenOptions::new();
        options
            .create(true)
            .append(true)
            .open(self.log_path())
            .context("opening the log")
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }
}

/// Which program to test: `BELLWIRE_BIN`, else what was built last.
fn program() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("BELLWIRE_BIN") {
        return Ok(path.into());
    }
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    ["release/bellwire", "debug/bellwire"]
        .map(|path| target.join(path))
        .into_iter()
        .find(|path| path.exists())
        .context("there is no server to test: run `make build` first, or set BELLWIRE_BIN")
}

/// A port that nobody uses, from below the range that the system gives to clients: a server
/// that is down for a moment finds its port free again.
///
/// # Errors
///
/// Where no port is free.
pub fn free_port() -> Result<u16> {
    let mut dice = chance::Dice::new(u64::try_from(chance::bits() >> 64)?);
    for _ in 0..200 {
        let port = u16::try_from(dice.between(20_000, 32_000))?;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no free port between 20000 and 32000")
}
