//! Another program, started for one test: its log, its end by its own process id.

use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::Mutex,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use tokio::{
    process::{Child, Command},
    time::timeout,
};

/// How long a program may take to end after it was asked to.
const ENDING: Duration = Duration::from_secs(5);

/// A running program. It ends when dropped.
#[derive(Debug)]
pub struct Program {
    ending: Ending,
    name: String,
    log: PathBuf,
    child: Mutex<Option<Child>>,
}

/// How a program ends when it is dropped.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Ending {
    /// It is killed.
    Kill,
    /// It is asked: it has children, who would stay.
    Ask,
}

impl Program {
    /// Starts `name` in `folder`; what it prints goes to a log there.
    ///
    /// # Errors
    ///
    /// Where the program is not installed or does not start.
    pub fn start(name: &str, folder: &Path, arguments: &[String]) -> Result<Self> {
        let log = folder.join(format!("{name}.log"));
        let mut options = OpenOptions::new();
        let file = options.create(true).append(true).open(&log)?;
        let child = Command::new(path(name)?)
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting {name}"))?;
        Ok(Self {
            ending: Ending::Kill,
            name: name.into(),
            log,
            child: Mutex::new(Some(child)),
        })
    }

    /// The same for a program that has children, and ends them when it is asked to end.
    ///
    /// # Errors
    ///
    /// As [`Self::start`].
    pub fn start_family(name: &str, folder: &Path, arguments: &[String]) -> Result<Self> {
        let mut program = Self::start(name, folder, arguments)?;
        program.ending = Ending::Ask;
        Ok(program)
    }

    /// The process id, while it runs.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.child().as_ref().and_then(Child::id)
    }

    /// How it ended, where it has.
    ///
    /// # Errors
    ///
    /// Where the system does not tell.
    pub fn ended(&self) -> Result<Option<ExitStatus>> {
        match self.child().as_mut() {
            Some(child) => Ok(child.try_wait()?),
            None => Ok(None),
        }
    }

    /// Fails where it has ended, with what it said.
    ///
    /// # Errors
    ///
    /// Where it has ended.
    pub fn check(&self) -> Result<()> {
        let ended = self.ended()?;
        ensure!(ended.is_none(), "{} ended:\n{}", self.name, self.log());
        Ok(())
    }

    /// Waits for its own end.
    ///
    /// # Errors
    ///
    /// Where it runs on.
    pub async fn finish(&self, within: Duration) -> Result<ExitStatus> {
        let mut child = self.take()?;
        match timeout(within, child.wait()).await {
            Ok(status) => Ok(status?),
            Err(_) => {
                child.kill().await?;
                anyhow::bail!("{} ran longer than {within:?}:\n{}", self.name, self.log())
            }
        }
    }

    /// `kill -9`: it says no goodbye.
    ///
    /// # Errors
    ///
    /// Where it does not run.
    pub async fn kill(&self) -> Result<()> {
        let mut child = self.take()?;
        child.kill().await.context("killing a program")
    }

    /// Asks it to end (SIGTERM), and waits; kills it where it does not.
    ///
    /// # Errors
    ///
    /// Where it does not run.
    pub async fn stop(&self) -> Result<()> {
        let mut child = self.take()?;
        if let Some(id) = child.id() {
            let mut tell = Command::new("kill");
            tell.args(["-TERM", &id.to_string()]).status().await?;
        }
        if timeout(ENDING, child.wait()).await.is_err() {
            child.kill().await?;
        }
        Ok(())
    }

    /// Everything it printed so far.
    #[must_use]
    pub fn log(&self) -> String {
        let bytes = std::fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn take(&self) -> Result<Child> {
        let child = self.child().take();
        child.with_context(|| format!("{} does not run", self.name))
    }

    fn child(&self) -> std::sync::MutexGuard<'_, Option<Child>> {
        self.child
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let Some(mut child) = self.child().take() else {
            return;
        };
        let id = child.id().filter(|_| self.ending == Ending::Ask);
        let Some(id) = id else { return };
        let mut tell = std::process::Command::new("kill");
        _ = tell.args(["-TERM", &id.to_string()]).status();
        let end = Instant::now() + ENDING;
        while matches!(child.try_wait(), Ok(None)) && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Where a program lies. Daemons are not in everybody's `PATH`.
///
/// # Errors
///
/// Where it is not installed.
pub fn path(name: &str) -> Result<PathBuf> {
    let search = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&search)
        .chain(["/usr/sbin".into(), "/usr/local/sbin".into()])
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
        .with_context(|| format!("there is no {name}: run `tools/setup.sh --tests` first"))
}
