use std::collections::BTreeSet;
use std::path::Path;

use super::format::{HUB_FORMAT, KEYS, RawConfig};
use super::{Config, Overrides, StoreAddress, Transport, defaults};
use crate::shell::config::{ConfigFaults, Layer, LogLevel, Pretended};

const FILE: &str = "/etc/tillward-hub/config.toml";
const EXAMPLE: &str = include_str!("../../../cross/tillward-hub.example.toml");

fn load(around: &Pretended) -> Result<Config, ConfigFaults> {
    Config::load(&Overrides::default(), around)
}

fn of_file(text: &str) -> Result<Config, ConfigFaults> {
    load(&Pretended::default().file(FILE, text))
}

/// The example with its defaults in force: lines `# key = value` count.
fn uncommented() -> String {
    let takes_part = |rest: &str| {
        let key = rest.split(" = ").next().unwrap_or("");
        rest.contains(" = ") && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
    };
    let line = |line: &str| match line.strip_prefix("# ").filter(|rest| takes_part(rest)) {
        Some(rest) => format!("{rest}\n"),
        None => format!("{line}\n"),
    };
    EXAMPLE.lines().map(line).collect()
}

#[test]
fn nothing_said_gives_the_defaults() {
    let config = load(&Pretended::default()).unwrap();
    assert_eq!(config.data_dir, Path::new("/var/lib/tillward-hub"));
    assert_eq!(config.public_url, None);
    assert_eq!(config.store, StoreAddress::Sqlite("/var/lib/tillward-hub/hub.db".into()));
    assert_eq!(config.api.listen.to_string(), defaults::LISTEN);
    assert_eq!((config.api.transport, config.api.connections_max), (Transport::Tls, 4_096));
    assert_eq!((config.snapshot.hours_max, config.snapshot.changes_max), (24, 10_000));
    assert_eq!(config.log.level, LogLevel::Info);
}

#[test]
fn the_example_states_the_defaults_and_every_key() {
    let text = uncommented();
    assert_eq!(of_file(&text), load(&Pretended::default()));
    let raw: RawConfig = toml::from_str(&text).unwrap();
    let mut found = BTreeSet::new();
    for (section, keys) in serde_json::to_value(raw).unwrap().as_object().unwrap() {
        found.extend(keys.as_object().unwrap().keys().map(|key| format!("{section}.{key}")));
    }
    let known: BTreeSet<String> = KEYS.iter().map(|(key, _)| (*key).to_owned()).collect();
    assert_eq!(found, known);
    for (key, _) in KEYS {
        let name = key.rsplit('.').next().unwrap();
        let lines = [format!("# {name} = "), format!("#     {name} = ")];
        assert!(lines.iter().any(|line| EXAMPLE.contains(line)), "{key}");
    }
}

#[test]
fn the_indented_lines_of_the_example_are_right_too() {
    let text: String = EXAMPLE
        .lines()
        .map(|line| match line.strip_prefix("#     ") {
            Some(rest) => format!("{rest}\n"),
            None => format!("{line}\n"),
        })
        .collect();
    let config = of_file(&text).unwrap();
    assert_eq!(config.public_url.as_deref(), Some("https://hub.example:8740"));
    assert!(matches!(config.store, StoreAddress::Postgres(_)));
}

#[test]
fn flags_go_before_the_environment_before_the_files() {
    let mut around = Pretended::default().file(FILE, "[api]\nlisten = \"127.0.0.1:1\"");
    let listen = |around: &Pretended, flag: Option<&str>| {
        let overrides = Overrides { listen: flag.map(str::to_owned), ..Overrides::default() };
        Config::load(&overrides, around).unwrap().api.listen.port()
    };
    assert_eq!(listen(&around, None), 1);
    around = around.file("/etc/tillward-hub/conf.d/1.toml", "[api]\nlisten = \"127.0.0.1:2\"");
    assert_eq!(listen(&around, None), 2);
    around = around.set("TILLWARD_HUB__API__LISTEN", "127.0.0.1:3");
    assert_eq!(listen(&around, None), 3);
    assert_eq!(listen(&around, Some("127.0.0.1:4")), 4);
}

#[test]
fn every_key_has_a_variable() {
    for (key, _) in KEYS {
        let name = format!("TILLWARD_HUB__{}", key.to_uppercase().replace('.', "__"));
        let layer = Layer::of_variable(&HUB_FORMAT, &name, "1").unwrap();
        assert!(layer.faults.is_empty(), "{name}: {:?}", layer.faults);
    }
}

#[test]
fn everything_wrong_is_told_at_once_with_its_place() {
    let text = "[hub]\ndata_dir = \"\"\npublic_url = \"hub.example\"\nname = 1\n\
                [store]\nurl = \"mysql://secret@x/y\"\n\
                [api]\nlisten = \"0.0.0.0:8740\"\ntransport = \"plain\"\nconnections_max = 0\n\
                [snapshot]\nhours_max = \"x\"\nchanges_max = 1\n[log]\nlevel = \"loud\"\n";
    let faults = of_file(text).unwrap_err();
    let paths: Vec<&str> = faults.as_slice().iter().map(|fault| fault.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "hub.name",
            "snapshot.hours_max",
            "hub.data_dir",
            "store.url",
            "hub.public_url",
            "api.transport",
            "api.connections_max",
            "snapshot.changes_max",
            "log.level",
        ]
    );
    assert!(!faults.to_string().contains("secret"), "a URL may hold a password");
}

#[test]
fn a_password_is_not_shown() {
    let around =
        Pretended::default().set("TILLWARD_HUB__STORE__URL", "postgres://tillward:secret@db/x");
    let config = load(&around).unwrap();
    assert!(matches!(&config.store, StoreAddress::Postgres(url) if url.contains("secret")));
    assert!(!format!("{config:?}").contains("secret"));
}
