use std::collections::BTreeSet;
use std::path::Path;

use super::keys::{AGENT_FORMAT, KEYS, VARIABLE_PREFIX};
use super::raw::RawConfig;
use super::{
    Config, ConfigFaults, LogFormat, LogLevel, LogSettings, Needs, Overrides, Pretended, defaults,
};
use crate::loyalty::StoreId;
use crate::member_code::totp::TotpPolicy;
use crate::member_code::{CardRules, Framing};
use crate::shell::config::Layer;

const FILE: &str = "/etc/tillward/config.toml";
const EXAMPLE: &str = include_str!("../../../cross/tillward.example.toml");

fn load(around: &Pretended) -> Result<Config, ConfigFaults> {
    Config::load(&Overrides::default(), Needs::Nothing, around)
}

fn of_file(text: &str) -> Result<Config, ConfigFaults> {
    load(&Pretended::default().file(FILE, text))
}

fn faults(text: &str) -> Vec<String> {
    let faults = of_file(text).unwrap_err();
    let told = |fault: &super::ConfigFault| format!("{}: {}", fault.path, fault.reason);
    faults.as_slice().iter().map(told).collect()
}

/// The example with its defaults in force: `# key = ` lines and `# [[table]]` lines count.
fn uncommented() -> String {
    let takes_part = |rest: &str| {
        let key = rest.split(" = ").next().unwrap_or("");
        let is_key = key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        rest.starts_with("[[") || (rest.contains(" = ") && is_key)
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
    assert_eq!(config.store_id, None);
    assert_eq!(config.data_dir, Path::new(defaults::USUAL.data_dir));
    assert_eq!(config.api.listen.to_string(), defaults::LISTEN);
    assert_eq!(config.api.connections_max, 256);
    assert_eq!(config.codes.card_rules, CardRules::default());
    assert_eq!(config.codes.framing, Framing::default());
    assert_eq!(config.codes.totp, TotpPolicy::default());
    assert_eq!(config.log, LogSettings { level: LogLevel::Info, format: LogFormat::Auto });
    assert_eq!((config.retention.journal_days, config.receipt.columns), (400, 42));
}

#[test]
fn the_example_states_the_defaults() {
    let text = uncommented();
    assert!(text.matches("\n[[codes.rules]]").count() > 10, "{text}");
    assert_eq!(of_file(&text), load(&Pretended::default()));
}

#[test]
fn the_example_has_every_key_and_the_keys_are_all_that_are_read() {
    let raw: RawConfig = toml::from_str(&uncommented()).unwrap();
    let mut found = BTreeSet::new();
    collect(&serde_json::to_value(raw).unwrap(), "", &mut found);
    let known: BTreeSet<String> = KEYS.iter().map(|(key, _)| (*key).to_owned()).collect();
    assert_eq!(found, known);
    let tables = ["till", "token_sha256", "key_id", "public_key"];
    for key in KEYS.iter().map(|(key, _)| *key).chain(tables) {
        let name = key.rsplit('.').next().unwrap();
        let line = [format!("# {name} = "), format!("#     {name} = "), format!("[[{key}]]")];
        assert!(line.iter().any(|line| EXAMPLE.contains(line)), "{key}");
    }
}

fn collect(value: &serde_json::Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(sections) => {
            for (key, value) in sections {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                collect(value, &path, found);
            }
        }
        _ => {
            found.insert(path.to_owned());
        }
    }
}

#[test]
fn the_indented_lines_of_the_example_are_right_too() {
    let text: String = EXAMPLE
        .lines()
        .filter(|line| {
            !["# tokens", "# token_keys", "# allowed"].iter().any(|l| line.starts_with(l))
        })
        .map(|line| match line.strip_prefix("#     ").filter(|rest| !rest.starts_with(' ')) {
            Some(rest) => format!("{rest}\n"),
            None => format!("{line}\n"),
        })
        .collect();
    let config = of_file(&text).unwrap();
    assert_eq!(config.store_id, Some(StoreId::parse("S1").unwrap()));
    assert_eq!((config.api.tokens.len(), config.api.allowed_hosts.len()), (1, 2));
    assert!(config.codes.token_keys.key(&[0, 0x11, 0x22, 0x33]).is_some());
}

#[test]
fn flags_go_before_the_environment_before_later_files_before_the_file() {
    let mut around = Pretended::default().file(FILE, "[receipt]\ncolumns = 30");
    let columns = |around: &Pretended| load(around).unwrap().receipt.columns;
    assert_eq!(columns(&around), 30);
    around = around.file("/etc/tillward/conf.d/20.toml", "[receipt]\ncolumns = 32");
    around = around.file("/etc/tillward/conf.d/10.toml", "[receipt]\ncolumns = 31");
    around = around.file("/etc/tillward/conf.d/30.toml.bak", "[receipt]\ncolumns = 33");
    assert_eq!(columns(&around), 32);
    around = around.set("TILLWARD__RECEIPT__COLUMNS", "34");
    assert_eq!(columns(&around), 34);

    around = around.set("TILLWARD__API__LISTEN", "127.0.0.1:1");
    assert_eq!(load(&around).unwrap().api.listen.to_string(), "127.0.0.1:1");
    let flags = Overrides {
        listen: Some("127.0.0.1:2".into()),
        store: Some("S9".into()),
        data_dir: Some("/data".into()),
        log_level: Some("debug".into()),
        config: None,
    };
    let config = Config::load(&flags, Needs::StoreId, &around).unwrap();
    assert_eq!(config.api.listen.to_string(), "127.0.0.1:2");
    assert_eq!(config.store_id, Some(StoreId::parse("S9").unwrap()));
    assert_eq!(
        (config.data_dir.as_path(), config.log.level),
        (Path::new("/data"), LogLevel::Debug)
    );
}

#[test]
fn a_variable_spells_lists_with_commas_and_is_refused_where_only_a_file_has_room() {
    let around = Pretended::default()
        .set("TILLWARD__API__ALLOWED_HOSTS", "Till.example, [::1],")
        .set("TILLWARD__CODES__TOTP__DIGITS", "6")
        .set("OTHER__API__LISTEN", "x");
    let config = load(&around).unwrap();
    assert_eq!(config.api.allowed_hosts, ["till.example", "[::1]"]);
    assert_eq!(config.codes.totp, TotpPolicy::new(30_000, 6).unwrap());

    let around = Pretended::default()
        .set("TILLWARD__API__TOKENS", "x")
        .set("TILLWARD__RECEIPT__COLUMNS", "many")
        .set("TILLWARD__TYPO", "1");
    let text = load(&around).unwrap_err().to_string();
    let expected = "the configuration is wrong\
        \n  TILLWARD__API__TOKENS: api.tokens: this can only be set in a configuration file\
        \n  TILLWARD__RECEIPT__COLUMNS: receipt.columns: expected an integer in digits\
        \n  TILLWARD__TYPO: there is no key typo";
    assert_eq!(text, expected);
}

#[test]
fn every_key_has_a_variable() {
    for (key, _) in KEYS {
        let name = format!("{VARIABLE_PREFIX}{}", key.to_ascii_uppercase().replace('.', "__"));
        let layer = Layer::of_variable(&AGENT_FORMAT, &name, "1").unwrap();
        let unknown = layer.faults.iter().any(|fault| fault.reason.contains("there is no key"));
        assert!(!unknown, "{name}");
    }
}

#[test]
fn every_fault_of_every_kind_is_told_at_once_with_its_path() {
    let text = r#"
        typo = 1
        [api]
        listen = 8731
        allowed_hosts = ["a:80", "fine", ""]
        allowed_origins = ["till.example", "https://till.example/", "https://till:x"]
        connections_max = 257
        tokens = [
            { till = "1", token_sha256 = "00" },
            { token_sha256 = "zz" },
            { till = " ", token = 1 },
        ]
        [codes]
        group_separators = ["%"]
        rules = [
            { name = "a", kind = "member", length_min = 0, length_max = 4 },
            { name = "b", kind = "card", length_min = 5, length_max = -1, check = "" },
            { name = "c", kind = "member", length_min = 1, length_max = 4, symbologies = ["upc"] },
            { length_min = "4" },
        ]
        totp = { period_ms = 1, digits = -8 }
        token_keys = [{ key_id = "0011", public_key = "00" }, { key_id = "1" }]
        [log]
        level = "loud"
        format = "xml"
        [retention]
        journal_days = 89
        [store]
        id = ""
        data_dir = ""
        language = "cz"
        [receipt]
        columns = 1.5
    "#;
    let told = faults(text);
    for expected in [
        "typo: unknown key `typo`, expected one of `store`, `api`, `codes`, `log`, `retention`, `receipt`, `hub`",
        "api.listen: invalid type: integer `8731`, expected a string",
        "api.allowed_hosts[0]: expected a host name or address without a port; IPv6 in brackets",
        "api.allowed_hosts[2]: expected a host name or address without a port; IPv6 in brackets",
        "api.allowed_origins[0]: expected an origin as in https://till.example:8443, without a path",
        "api.allowed_origins[1]: expected an origin as in https://till.example:8443, without a path",
        "api.allowed_origins[2]: expected an origin as in https://till.example:8443, without a path",
        "api.connections_max: expected 1 to 256, found 257",
        "api.tokens[0].token_sha256: expected the SHA-256 of a token: 64 hexadecimal digits",
        "api.tokens[1]: the key till is missing",
        "api.tokens[1].token_sha256: expected the SHA-256 of a token: 64 hexadecimal digits",
        "api.tokens[2].token: unknown key `token`, expected `till` or `token_sha256`",
        "api.tokens[2].till: the id has control characters or white space around it",
        "api.tokens[2]: the key token_sha256 is missing",
        "codes.rules[0]: card rule \"a\": lengths must lie within 1 and 48",
        "codes.rules[1].kind: expected one of member, coupon, product, refund_receipt, found \"card\"",
        "codes.rules[1].check: expected one of none, gs1, luhn, found \"\"",
        "codes.rules[1].length_max: expected 0 to 65535, found -1",
        "codes.rules[3].length_min: invalid type: string \"4\", expected an integer",
        "codes.rules[3]: the key name is missing",
        "codes.totp: a TOTP period must lie within 1000 and 86400000 milliseconds",
        "codes.token_keys[0].public_key: expected 64 hexadecimal digits",
        "codes.token_keys[1]: the key public_key is missing",
        "log.level: expected one of error, warn, info, debug, trace, found \"loud\"",
        "log.format: expected one of auto, text, json, found \"xml\"",
        "retention.journal_days: expected 90 to 3650, found 89",
        "store.id: the id is empty",
        "store.data_dir: the path is empty",
        "store.language: expected one of cs, sk, pl, de, en, found \"cz\"",
        "receipt.columns: invalid type: floating point `1.5`, expected an integer",
    ] {
        assert!(told.iter().any(|fault| fault == expected), "{expected}\n{told:#?}");
    }
    for path in ["codes.group_separators", "codes.rules[2].symbologies[0]"] {
        assert!(told.iter().any(|fault| fault.starts_with(path)), "{path}\n{told:#?}");
    }
    assert_eq!(told.len(), 34, "{told:#?}");
}

#[test]
fn listening_beyond_this_machine_needs_a_token_per_till() {
    let open = "[api]\nlisten = \"0.0.0.0:8731\"\n";
    let told = faults(open);
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("a token per till is needed when not listening on loopback"));
    let digest = "ab".repeat(32);
    let token = format!("[[api.tokens]]\ntill = \"1\"\ntoken_sha256 = \"{digest}\"\n");
    let config = of_file(&format!("{open}{token}")).unwrap();
    assert_eq!(config.api.tokens[0].token_sha256, [0xab; 32]);
    // A token with a fault is the fault to tell, not that there is none.
    let told = faults(&format!("{open}{}", token.replace("ab", "xy")));
    assert_eq!(told.len(), 1, "{told:?}");
    let twice = faults(&format!("{open}{token}{}", token.replace("\"1\"", "\"2\"")));
    assert!(twice[0].starts_with("api.tokens[1].token_sha256: another till"), "{twice:?}");
    assert!(of_file("[api]\nlisten = \"unix:/run/a.sock\"").is_ok());
}

#[test]
fn a_fault_names_the_source_that_set_the_key_last() {
    let around = Pretended::default()
        .file(FILE, "[retention]\njournal_days = 1\n[receipt]\ncolumns = 1")
        .file("/etc/tillward/conf.d/a.toml", "[receipt]\ncolumns = 2")
        .file("/etc/tillward/conf.d/b.toml", "[receipt]\n\ncolumns =");
    let text = load(&around).unwrap_err().to_string();
    assert!(text.contains("\n  /etc/tillward/conf.d/b.toml: line 3: not TOML: "), "{text}");
    assert!(text.contains("\n  /etc/tillward/config.toml: retention.journal_days: "), "{text}");
    assert!(text.contains("\n  /etc/tillward/conf.d/a.toml: receipt.columns: "), "{text}");
}

#[test]
fn a_named_file_must_be_there_and_the_store_where_it_is_needed() {
    let named = Overrides { config: Some("/none.toml".into()), ..Overrides::default() };
    let error = Config::load(&named, Needs::StoreId, &Pretended::default()).unwrap_err();
    let [missing, store] = error.as_slice() else { panic!("{error}") };
    assert!(missing.to_string().starts_with("/none.toml: cannot be read: "), "{missing}");
    assert_eq!((store.origin.clone(), store.path.as_str()), (None, "store.id"));
}
