//! A real rtpengine on ports of its own.

use std::{
    net::{SocketAddr, UdpSocket},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use bellwire_media::rtpengine::{Rtpengine, RtpengineSettings};

/// How many ports a test's legs may have.
const PORTS: u16 = 120;

static NEXT: AtomicU32 = AtomicU32::new(0);

pub(crate) struct Daemon {
    child: Child,
    folder: PathBuf,
    pub(crate) settings: RtpengineSettings,
}

impl Daemon {
    /// Starts one, and connects to it.
    pub(crate) async fn start() -> (Self, Arc<Rtpengine>) {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("bellwire-rtpengine-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let first = block(number);
        let (ng, digits) = (first, first + 1);
        let file = folder.join("rtpengine.conf");
        let text = format!(
            "[rtpengine]\ntable = -1\ninterface = lo/127.0.0.1\nlisten-ng = 127.0.0.1:{ng}\n\
             dtmf-log-dest = 127.0.0.1:{digits}\nport-min = {}\nport-max = {}\nnum-threads = 2\n\
             foreground = true\nlog-stderr = true\nlog-level = 6\ndtls-passive = true\ntimeout = 60\n\
             silent-timeout = 3600\noffer-timeout = 120\n",
            first + 2,
            first + PORTS - 1,
        );
        std::fs::write(&file, text).unwrap();
        let log = std::fs::File::create(folder.join("log")).unwrap();
        let child = Command::new("rtpengine")
            .arg(format!("--config-file={}", file.display()))
            .arg("--config-section=rtpengine")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("rtpengine is installed");
        let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let settings = RtpengineSettings {
            digits: Some(at(digits)),
            silent_after: Duration::from_secs(2),
            look_every: Duration::from_millis(300),
            ..RtpengineSettings::at(at(ng))
        };
        let daemon = Self {
            child,
            folder,
            settings,
        };
        // It answers the first order as soon as it is there.
        let mut anchor = Rtpengine::connect(daemon.settings.clone()).await;
        for _ in 0..4 {
            if anchor.is_err() {
                anchor = Rtpengine::connect(daemon.settings.clone()).await;
            }
        }
        let anchor = anchor.unwrap_or_else(|error| panic!("{error}\n{}", daemon.log()));
        (daemon, anchor)
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// What it says of the calls that it has.
    pub(crate) fn calls(&self) -> String {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket
            .set_read_timeout(Some(Duration::from_secs(2)))
            .unwrap();
        let order = format!("{} {{\"command\":\"list\"}}", std::process::id());
        socket
            .send_to(order.as_bytes(), self.settings.control)
            .unwrap();
        let mut buffer = [0; 4096];
        let length = socket.recv(&mut buffer).unwrap();
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    }

    pub(crate) fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[expect(
    clippy::print_stderr,
    reason = "what the daemon says explains a failure"
)]
impl Drop for Daemon {
    fn drop(&mut self) {
        self.stop();
        if std::thread::panicking() {
            let told = self.log();
            let worst = (told.lines()).filter(|line| line.contains("ERR") || line.contains("WARN"));
            eprintln!("{}", worst.collect::<Vec<_>>().join("\n"));
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The first of a block of ports that are free now.
fn block(number: u32) -> u16 {
    let mut seed = std::process::id();
    for _ in 0..200 {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // Tests of one process never get the same.
        let first = 12_000 + ((seed >> 8) as u16 % 37 * 4 + number as u16 % 4) * PORTS;
        let free = (first..first + PORTS).all(|port| UdpSocket::bind(("127.0.0.1", port)).is_ok());
        if free {
            return first;
        }
    }
    panic!("no ports are free");
}
