use std::collections::{BTreeMap, BTreeSet};

use super::*;

const EXAMPLE: &str = include_str!("../../../bellwire.example.toml");

/// The example with its commented-out settings made real.
fn example_with_everything() -> String {
    let setting = |line: &str| {
        let key = line.split_once(" = ").map(|(key, _)| key);
        key.is_some_and(|key| key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
    };
    let lines = EXAMPLE.lines().map(|line| match line.strip_prefix("# ") {
        Some(rest) if setting(rest) => rest,
        Some(_) | None => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn from_environment(variables: &[(&str, &str)]) -> Result<Config, Error> {
    let environment = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let file = None;
    Config::load(&Origins { file, environment }).map(|loaded| loaded.config)
}

/// Why a file with this text is refused.
fn refused(text: &str) -> Error {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("bellwire.toml");
    std::fs::write(&path, text).expect("the file is written");
    let file = Some(path);
    let environment = BTreeMap::new();
    Config::load(&Origins { file, environment }).expect_err(text)
}

/// Each variable, with a value that is not the default.
const VARIABLES: [(&str, &str); 58] = [
    ("BELLWIRE_LISTEN", "0.0.0.0:80"),
    ("BELLWIRE_DATA_DIR", "/var/lib/bellwire"),
    ("BELLWIRE_PUBLIC_URL", "https://centre.example"),
    ("BELLWIRE_CENTRE", "lumen"),
    ("BELLWIRE_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8"),
    ("BELLWIRE_LOG_LEVEL", "warn,bellwire=debug"),
    ("BELLWIRE_LOG_FORMAT", "json"),
    ("BELLWIRE_ICE_STUN", "stun:stun.example:3478"),
    ("BELLWIRE_ICE_TURN", "turn:turn.example,turns:turn.example"),
    ("BELLWIRE_ICE_TURN_SECRET", "12345"),
    ("BELLWIRE_ICE_TURN_TTL_S", "60"),
    ("BELLWIRE_LIMITS_MESSAGE_BYTES", "1000"),
    ("BELLWIRE_LIMITS_FRAMES_PER_SECOND", "10"),
    ("BELLWIRE_LIMITS_QUEUED_FRAMES", "32"),
    ("BELLWIRE_LIMITS_CONNECTIONS_PER_ADDRESS", "3"),
    ("BELLWIRE_LIMITS_CONNECTIONS", "4"),
    ("BELLWIRE_LIMITS_HEADER_TIMEOUT_S", "5"),
    ("BELLWIRE_LIMITS_LOGIN_ATTEMPTS", "6"),
    ("BELLWIRE_LIMITS_LOGIN_WINDOW_S", "7"),
    ("BELLWIRE_TIMES_RING_S", "8"),
    ("BELLWIRE_TIMES_GRACE_S", "9"),
    ("BELLWIRE_TIMES_DESK_GRACE_S", "10"),
    ("BELLWIRE_TIMES_DECLINE_PAUSE_S", "11"),
    ("BELLWIRE_TIMES_CHAT_GRACE_S", "12"),
    ("BELLWIRE_TIMES_MESSAGE_GRACE_S", "13"),
    ("BELLWIRE_TIMES_LINGER_S", "13"),
    ("BELLWIRE_TIMES_AGEING_S", "14"),
    ("BELLWIRE_TIMES_STATUS_EVERY_MS", "15"),
    ("BELLWIRE_PHONE_ON", "true"),
    ("BELLWIRE_PHONE_DOMAIN", "pbx.example"),
    ("BELLWIRE_PHONE_UDP", "0.0.0.0:5070"),
    ("BELLWIRE_PHONE_TCP", "0.0.0.0:5071"),
    ("BELLWIRE_PHONE_TLS", "0.0.0.0:5061"),
    ("BELLWIRE_PHONE_CERTIFICATE", "/etc/bellwire/sip.pem"),
    ("BELLWIRE_PHONE_KEY", "/etc/bellwire/sip.key"),
    ("BELLWIRE_PHONE_WS", "0.0.0.0:5072"),
    ("BELLWIRE_PHONE_PUBLIC", "192.0.2.1"),
    ("BELLWIRE_PHONE_TRUST", "/etc/bellwire/roots.pem"),
    ("BELLWIRE_PHONE_MD5", "false"),
    ("BELLWIRE_PHONE_SHA256", "false"),
    ("BELLWIRE_PHONE_INVITES_PER_SECOND", "1"),
    ("BELLWIRE_PHONE_REGISTERS_PER_SECOND", "2"),
    ("BELLWIRE_PHONE_FAILED_LOGINS", "3"),
    ("BELLWIRE_PHONE_BAN_S", "4"),
    ("BELLWIRE_PHONE_CALLS", "5"),
    ("BELLWIRE_PHONE_SESSION_EXPIRES_S", "900"),
    ("BELLWIRE_PHONE_OPTIONS_EVERY_S", "6"),
    ("BELLWIRE_PHONE_FAILOVER_S", "7"),
    ("BELLWIRE_MEDIA_BROWSERS", "0.0.0.0:3480"),
    ("BELLWIRE_MEDIA_TELEPHONES", "192.0.2.1"),
    ("BELLWIRE_MEDIA_PUBLIC", "192.0.2.2"),
    ("BELLWIRE_MEDIA_FIRST_PORT", "30000"),
    ("BELLWIRE_MEDIA_LAST_PORT", "30999"),
    ("BELLWIRE_MEDIA_SILENT_AFTER_S", "8"),
    ("BELLWIRE_MEDIA_SOUNDS", "/var/lib/bellwire/sounds"),
    ("BELLWIRE_MEDIA_RTPENGINE", "127.0.0.1:22222"),
    ("BELLWIRE_MEDIA_RTPENGINE_DIGITS", "127.0.0.1:22223"),
    ("BELLWIRE_MEDIA_OPUS_TO_BROWSERS", "true"),
];

#[test]
fn the_example_shows_the_defaults() {
    let example: Config = toml::from_str(EXAMPLE).expect("the example reads");

    assert_eq!(example, Config::default());
}

#[test]
fn the_example_has_every_setting_and_each_can_come_from_the_environment() {
    let table: toml::Table = example_with_everything().parse().expect("TOML");
    let mut in_example = BTreeSet::new();
    for (key, value) in table {
        if let toml::Value::Table(section) = value {
            let keys = section
                .into_iter()
                .map(|(k, _)| format!("BELLWIRE_{key}_{k}"));
            in_example.extend(keys.map(|name| name.to_uppercase()));
        } else {
            in_example.insert(format!("BELLWIRE_{key}").to_uppercase());
        }
    }
    let variables = VARIABLES.map(|(name, _)| name.to_owned());

    assert_eq!(in_example, BTreeSet::from(variables));
}

#[test]
fn each_variable_changes_a_setting() {
    for (name, value) in VARIABLES {
        let secret = ("BELLWIRE_ICE_TURN_SECRET", "s");
        let before = match name {
            "BELLWIRE_ICE_TURN_SECRET" => Config::default(),
            _ => from_environment(&[secret]).expect("settings"),
        };
        let after = from_environment(&[secret, (name, value)]).expect(name);
        assert_ne!(after, before, "{name}");
    }
}

#[test]
fn the_environment_goes_before_the_file() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("own.toml");
    std::fs::write(&path, "listen = \"127.0.0.1:1\"\n[times]\nring_s = 5\n").expect("written");
    let environment = BTreeMap::from([("BELLWIRE_LISTEN".to_owned(), "127.0.0.1:2".to_owned())]);

    let loaded = Config::load(&Origins {
        file: Some(path.clone()),
        environment,
    })
    .expect("settings");

    assert_eq!(loaded.config.listen.port(), 2);
    assert_eq!(loaded.config.times.ring_s, 5);
    assert_eq!(loaded.file, Some(path));
}

#[test]
fn an_error_names_the_setting_its_value_and_what_is_expected() {
    let cases = [
        (
            "listen = \"localhost\"",
            "listen = \"localhost\"",
            "an IP address and a port",
        ),
        (
            "[times]\nring_s = 0",
            "times.ring_s = 0",
            "a whole number of at least 1",
        ),
        ("[times]\nring = 5", "times.ring = 5", "`ring_s`"),
        ("lisen = 1", "lisen = 1", "`listen`"),
        (
            "centre = \"My Centre\"",
            "centre = \"My Centre\"",
            "lower-case letters",
        ),
        (
            "[ice]\nstun = [\"stun.example\"]",
            "ice.stun = [\"stun.example\"]",
            "stun:stun.example",
        ),
        (
            "[log]\nlevel = \"loud\"",
            "log.level = \"loud\"",
            "error, warn, info",
        ),
        ("[log]\nformat = \"xml\"", "log.format = \"xml\"", "`json`"),
        (
            "public_url = \"centre.example\"",
            "public_url = \"centre.example\"",
            "https://",
        ),
        (
            "trusted_proxies = [\"here\"]",
            "trusted_proxies = [\"here\"]",
            "10.0.0.0/8",
        ),
        (
            "[limits]\nframes_per_second = 9999999999",
            "limits.frames_per_second",
            "smaller",
        ),
    ];
    for (text, setting, expected) in cases {
        let said = refused(text).to_string();
        assert!(said.contains(setting), "{said}");
        assert!(said.contains(expected), "{said}");
        assert!(said.contains("bellwire.toml"), "{said}");
    }
}

#[test]
fn an_error_in_the_environment_names_the_variable() {
    let said = from_environment(&[("BELLWIRE_TIMES_RING_S", "soon")])
        .expect_err("not a number")
        .to_string();

    assert_eq!(
        said,
        "times.ring_s = \"soon\" (from BELLWIRE_TIMES_RING_S): expected a whole number of at least 1"
    );
}

#[test]
fn a_turn_server_needs_its_secret() {
    let said = from_environment(&[("BELLWIRE_ICE_TURN", "turn:turn.example")])
        .expect_err("no secret")
        .to_string();

    assert!(said.starts_with("ice.turn_secret is not set"), "{said}");
}

#[test]
fn a_secret_is_shown_nowhere() {
    let config = from_environment(&[("BELLWIRE_ICE_TURN_SECRET", "hunter2")]).expect("settings");
    let refused = refused("[ice]\nturn_secret = [\"hunter2\"]");

    let shown = format!(
        "{config:?} {} {refused} {refused:?}",
        config.in_force().expect("TOML")
    );

    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("(hidden)"), "{shown}");
}

#[test]
fn a_misspelt_variable_is_noticed() {
    let environment = BTreeMap::from([
        ("BELLWIRE_LISTN".to_owned(), "127.0.0.1:2".to_owned()),
        ("BELLWIRE_CONFIG".to_owned(), "own.toml".to_owned()),
        ("PATH".to_owned(), "/bin".to_owned()),
    ]);
    let file = None;

    let loaded = Config::load(&Origins { file, environment }).expect("settings");

    assert_eq!(loaded.unknown_variables, ["BELLWIRE_LISTN"]);
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let file = Some(PathBuf::from("/nowhere/bellwire.toml"));
    let environment = BTreeMap::new();

    let error = Config::load(&Origins { file, environment }).expect_err("no file");

    assert!(matches!(error, Error::Unreadable { .. }), "{error}");
}
