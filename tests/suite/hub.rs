use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use ring::rand::SystemRandom;
use ring::signature::Ed25519KeyPair;
use serde_json::Value;
use tempfile::TempDir;
use tillward::journal::{SigningKey, SoftwareVersion};
use tillward::wire::sync::packing::{pack, unpack};
use tillward::wire::sync::{
    Changes, EnrolReply, EnrolRequest, EnrolmentCode, HubIdentity, KeyList, Message, Nonce,
    PROTOCOL_HEADER, Refusal, RequestParts, RootFingerprint, SealingSecret, paths,
};

use crate::support::{PROGRAMME, client};

/// How long a hub may take to listen on a busy machine.
const START_MAX: Duration = Duration::from_secs(60);

/// The folder of a hub, and the process that serves it.
struct Hub {
    folder: TempDir,
    running: Option<(Child, String)>,
}

impl Hub {
    /// With its keys, not yet running.
    fn new() -> Self {
        let hub = Self { folder: tempfile::tempdir().unwrap(), running: None };
        let root = hub.root();
        let told = hub.succeed(&["init", "--root-out", root.to_str().unwrap()]);
        assert!(told.contains("list of keys 1"), "{told}");
        hub
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("root.key")
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tillward-hub"));
        command.args(arguments).env_clear();
        command.env("TILLWARD_HUB__HUB__DATA_DIR", self.folder.path().join("data"));
        command.env("TILLWARD_HUB__API__TRANSPORT", "plain");
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn succeed(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {told}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Starts it; says where it listens.
    fn start(&mut self) -> String {
        let mut command = self.command(&["run", "--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").expect("it says where").to_owned();
        self.running = Some((child, url.clone()));
        let begun = Instant::now();
        while client().build().unwrap().get(format!("{url}/readyz")).send().is_err() {
            assert!(begun.elapsed() < START_MAX, "the hub does not answer");
        }
        url
    }

    /// What `device add` prints behind a word.
    fn expect_device(&self, url: &str) -> Added {
        let told =
            self.succeed(&["device", "add", "--name", "lane 1", "--store", "S1", "--url", url]);
        let behind = |word: &str| {
            let line = told.lines().find(|line| line.starts_with(word)).expect(word);
            line[word.len()..].trim().to_owned()
        };
        assert!(told.contains('█'), "a QR code: {told}");
        Added {
            code: EnrolmentCode::parse(&behind("code")).unwrap(),
            fingerprint: RootFingerprint::parse(&behind("fingerprint")).unwrap(),
        }
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        if let Some((mut child, _)) = self.running.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

struct Added {
    code: EnrolmentCode,
    fingerprint: RootFingerprint,
}

/// A device as the hub sees one.
struct Device {
    key: SigningKey,
    url: String,
}

impl Device {
    fn new(url: &str) -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self { key: SigningKey::from_pkcs8(pkcs8.as_ref()).unwrap(), url: url.to_owned() }
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        body: &[u8],
        created: DateTime<Utc>,
        nonce: Option<Nonce>,
    ) -> (u16, Vec<u8>) {
        let (plain, query) = path.split_once('?').map_or((path, None), |(p, q)| (p, Some(q)));
        let parts = RequestParts::new(method, plain, query, body).unwrap();
        let nonce = nonce.unwrap_or_else(|| Nonce::of_random([5; 12]));
        let signature = parts.sign(created, nonce, &self.key);
        let method = method.parse().unwrap();
        let mut request = client().build().unwrap().request(method, format!("{}{path}", self.url));
        request = request.header(PROTOCOL_HEADER, "1");
        for (name, value) in signature.headers() {
            request = request.header(name, value);
        }
        if !body.is_empty() {
            request = request
                .header("content-type", paths::CONTENT_TYPE)
                .header("content-encoding", "zstd")
                .body(body.to_vec());
        }
        let response = request.send().unwrap();
        (response.status().as_u16(), response.bytes().unwrap().to_vec())
    }

    fn enrol(&self, code: &EnrolmentCode, created: DateTime<Utc>) -> (u16, Vec<u8>) {
        let secret = SealingSecret::generate(&SystemRandom::new()).unwrap();
        let request = EnrolRequest {
            code: code.as_str().to_owned(),
            public_key: self.key.public_key(),
            sealing_key: secret.public_key(),
            software: SoftwareVersion::parse("0.1.0").unwrap(),
            at: created,
        };
        let body = pack(&request.to_message());
        let (status, answer) = self.send("POST", paths::ENROLMENTS, &body, created, None);
        match Refusal::read(&answer) {
            Some(told) if told.code == "clock_differs" => {
                let nonce = told.nonce.as_deref().and_then(Nonce::parse);
                self.send("POST", paths::ENROLMENTS, &body, created, nonce)
            }
            _ => (status, answer),
        }
    }

    fn changes(&self, after: u64) -> Changes {
        let path = format!("{}?after={after}", paths::CHANGES);
        let (status, body) = self.send("GET", &path, b"", Utc::now(), None);
        assert_eq!(status, 200, "{:?}", Refusal::read(&body));
        Changes::from_message(&unpack(&body, 1 << 20).unwrap()).unwrap()
    }
}

#[test]
fn a_hub_from_its_keys_to_a_till_that_pulls() {
    let mut hub = Hub::new();
    let programme = hub.write("club.toml", PROGRAMME);
    hub.succeed(&["programme", "publish", &programme]);
    let members = hub.write("members.jsonl", &crate::support::members_file());
    assert!(hub.succeed(&["import", "members", &members]).contains("imported 3 members"));
    assert!(hub.succeed(&["import", "members", &members]).ends_with(" 0 changed\n"));
    let url = hub.start();
    let added = hub.expect_device(&url);
    let fingerprint = hub.succeed(&["keys", "fingerprint"]);
    assert_eq!(fingerprint.trim(), added.fingerprint.to_string());

    let device = Device::new(&url);
    let (status, body) = device.enrol(&added.code, Utc::now());
    assert_eq!(status, 200, "{:?}", Refusal::read(&body));
    let reply = EnrolReply::from_message(&unpack(&body, 1 << 20).unwrap()).unwrap();
    assert_eq!(reply.store.as_str(), "S1");
    let changes = device.changes(0);
    let members = changes
        .changes
        .iter()
        .filter(|change| matches!(change, tillward::wire::sync::Change::Member(_)));
    assert_eq!((members.count(), changes.more), (3, false));
    assert!(changes.programme.is_some());

    let listed: Value = serde_json::from_str(&hub.succeed(&["device", "list", "--json"])).unwrap();
    assert_eq!(listed["device"], reply.device.to_string());
    assert_eq!((&listed["store"], &listed["standing"]), (&"S1".into(), &"active".into()));
    let other = Device::new(&url);
    assert_eq!(other.enrol(&added.code, Utc::now()).0, 409, "the code is used");
    hub.succeed(&["device", "revoke", &reply.device.to_string()]);
    let path = format!("{}?after=0", paths::CHANGES);
    assert_eq!(device.send("GET", &path, b"", Utc::now(), None).0, 403);
}

#[test]
fn a_till_whose_clock_is_decades_off_enrols_and_pulls() {
    let mut hub = Hub::new();
    let url = hub.start();
    for year in ["1970-01-02T00:00:00Z", "2040-06-01T00:00:00Z"] {
        let clock: DateTime<Utc> = year.parse().unwrap();
        let added = hub.expect_device(&url);
        let device = Device::new(&url);
        let (status, body) = device.enrol(&added.code, clock);
        assert_eq!(status, 200, "{:?}", Refusal::read(&body));
        let path = format!("{}?after=0", paths::CHANGES);
        let (status, body) = device.send("GET", &path, b"", clock, None);
        let told = Refusal::read(&body).unwrap();
        assert_eq!((status, told.code.as_str()), (401, "clock_differs"));
        let nonce = told.nonce.as_deref().and_then(Nonce::parse);
        assert_eq!(device.send("GET", &path, b"", clock, nonce).0, 200, "{year}");
    }
    let table = hub.succeed(&["device", "list"]);
    assert!(table.contains(" days"), "{table}");
}

#[test]
fn a_key_is_replaced_and_a_programme_goes_back() {
    let mut hub = Hub::new();
    let root = hub.root();
    let root = root.to_str().unwrap();
    let told = hub.succeed(&["keys", "rotate", "programme", "--root", root]);
    assert!(told.contains("list of keys 2"), "{told}");
    let again = hub.run(&["keys", "rotate", "programme", "--root", root]);
    assert_eq!(again.status.code(), Some(64));
    let told = hub.succeed(&["keys", "rotate", "programme", "--root", root, "--retire-old"]);
    assert!(told.contains("list of keys 3"), "{told}");

    let first = hub.write("1.toml", PROGRAMME);
    hub.succeed(&["programme", "publish", &first]);
    let again = hub.run(&["programme", "publish", &first]);
    assert_eq!(again.status.code(), Some(65), "versions only rise");
    let wrong =
        hub.write("wrong.toml", &PROGRAMME.replace("percent = \"10\"", "percent = \"110\""));
    let wrong = hub.run(&["programme", "publish", &wrong]);
    assert_eq!(wrong.status.code(), Some(65));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("milk10"));
    let version = tillward::wire::programme::ProgrammeFile::check(PROGRAMME).unwrap().version;
    let told = hub.succeed(&["programme", "rollback", &version.to_string()]);
    assert!(told.contains(&format!("version {} has the content", version + 1)), "{told}");

    let url = hub.start();
    let added = hub.expect_device(&url);
    let device = Device::new(&url);
    assert_eq!(device.enrol(&added.code, Utc::now()).0, 200);
    let sealed = client().build().unwrap().get(format!("{url}{}", paths::KEYS)).send().unwrap();
    let pkcs8 = std::fs::read(hub.root()).unwrap();
    let root = SigningKey::from_pkcs8(&pkcs8).unwrap().public_key();
    let identity = HubIdentity::from_message(&sealed.bytes().unwrap()).unwrap();
    assert_eq!(identity.root, root);
    let list = KeyList::open(&identity.key_list.0, &root).unwrap();
    let notice = device.changes(0).programme.unwrap();
    assert_eq!((list.serial, notice.version), (3, version + 1));
    assert!(notice.verify(&list).is_ok());
}

#[test]
fn a_wrong_configuration_of_the_hub_ends_with_64_and_every_fault() {
    let hub = Hub::new();
    let config = hub
        .write("wrong.toml", "[api]\nlisten = \"nowhere\"\n[snapshot]\nhours_max = 0\n[nothing]\n");
    let output = hub.run(&["run", "--config", &config]);
    assert_eq!(output.status.code(), Some(64));
    let told = String::from_utf8_lossy(&output.stderr);
    for fault in ["api.listen", "snapshot.hours_max", "nothing"] {
        assert!(told.contains(fault), "{fault}: {told}");
    }
    let open = hub.run(&["run", "--listen", "0.0.0.0:8740"]);
    assert_eq!(open.status.code(), Some(64), "plain HTTP beyond loopback");
    let fresh = Hub { folder: tempfile::tempdir().unwrap(), running: None };
    let run = fresh.run(&["run"]);
    assert_eq!(run.status.code(), Some(64));
    assert!(String::from_utf8_lossy(&run.stderr).contains("tillward-hub init"));
}
