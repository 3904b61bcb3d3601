//! A till and its hub, both as built: enrolment, what is sold, what changes, a line that is down.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{MEMBERS, PROGRAMME, Shop, line, members_file, receipt, with};

/// How long what takes a few tries may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The folder of a hub, and the process that serves it over TLS.
struct Hub {
    folder: TempDir,
    running: Option<Child>,
    url: String,
}

impl Hub {
    /// With keys, a programme and members, and running.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut hub = Self { folder, running: None, url: String::new() };
        let root = hub.folder.path().join("root.key");
        hub.succeed(&["init", "--root-out", root.to_str().unwrap()]);
        let programme = hub.write("club.toml", PROGRAMME);
        hub.succeed(&["programme", "publish", &programme]);
        hub.import(&members_file());
        hub.start("127.0.0.1:0");
        hub
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn import(&self, lines: &str) {
        let members = self.write("members.jsonl", lines);
        self.succeed(&["import", "members", &members]);
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tillward-hub"));
        command.args(arguments).env_clear();
        command.env("TILLWARD_HUB__HUB__DATA_DIR", self.folder.path().join("data"));
        command
    }

    fn succeed(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {told}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn start(&mut self, listen: &str) {
        let log = std::fs::File::create(self.folder.path().join("log")).unwrap();
        let mut command = self.command(&["run", "--listen", listen]);
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ");
        self.url = url.unwrap_or_else(|| panic!("it says where: {line} {}", self.log())).to_owned();
        self.running = Some(child);
    }

    /// Ends it as a power cut would.
    fn kill(&mut self) {
        let mut child = self.running.take().expect("it runs");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    fn address(&self) -> String {
        self.url.trim_start_matches("https://").to_owned()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// An invitation: code and fingerprint.
    fn invite(&self) -> (String, String) {
        let told = self
            .succeed(&["device", "add", "--name", "lane 1", "--store", "S1", "--url", &self.url]);
        let behind = |word: &str| {
            let line = told.lines().find(|line| line.starts_with(word)).expect(word);
            line[word.len()..].trim().to_owned()
        };
        (behind("code"), behind("fingerprint"))
    }

    /// The head of the only device's journal, as the hub has it.
    fn head(&self) -> (u64, u64) {
        let listed: Value =
            serde_json::from_str(&self.succeed(&["device", "list", "--json"])).unwrap();
        (listed["epoch"].as_u64().unwrap_or(0), listed["sequence"].as_u64().unwrap_or(0))
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        if let Some(mut child) = self.running.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A till that is enrolled and has what the hub gave it.
fn enrolled(hub: &Hub) -> Shop {
    let mut shop = Shop::empty();
    let (code, fingerprint) = hub.invite();
    let told = shop.succeed(&["enrol", &hub.url, &code, "--fingerprint", &fingerprint]);
    assert!(told.contains("for store S1"), "{told}");
    shop.start();
    until(&shop, hub, "the members are there", PATIENCE, || known(&shop, MEMBERS[0].0).is_some());
    shop
}

fn known(shop: &Shop, member: &str) -> Option<i64> {
    let (status, reply) = shop.get(&format!("/v1/members/{member}"));
    (status == 200).then(|| reply["balance"].as_i64().unwrap())
}

fn hub_of(shop: &Shop) -> Value {
    shop.get("/v1/info").1["hub"].clone()
}

/// Waits until something is so; how long that took.
fn until(shop: &Shop, hub: &Hub, what: &str, most: Duration, so: impl Fn() -> bool) -> Duration {
    let begun = Instant::now();
    while !so() {
        assert!(
            begun.elapsed() < most,
            "{what}: {}\nthe till: {}\nthe hub: {}",
            hub_of(shop),
            shop.log(),
            hub.log()
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    begun.elapsed()
}

fn sell(shop: &Shop, uid: &str) {
    let id = shop.identify(MEMBERS[0].1);
    let body = receipt(&[line("1", "bread", 1, 20_000)], 20_000);
    let body = with(&body, json!({ "identification_id": id }));
    let (status, reply) = shop.put(&format!("/v1/receipts/{uid}"), &body);
    assert_eq!(status, 201, "{reply}");
}

/// Everything is at the hub: the hub's head is the till's.
fn all_there(shop: &Shop, hub: &Hub) -> bool {
    let (_, info) = shop.get("/v1/info");
    let head = (info["epoch"].as_u64().unwrap(), info["sequence"].as_u64().unwrap());
    info["hub"]["unsent"] == 0 && hub.head() == head
}

#[test]
fn a_till_enrols_sells_and_hears_of_changes() {
    let hub = Hub::new();
    let shop = enrolled(&hub);
    let before = known(&shop, MEMBERS[0].0).unwrap();
    assert_eq!(before, 1_000, "as imported at the hub");
    assert_eq!(shop.get("/v1/info").1["programme"]["version"], 1);
    sell(&shop, "R1");
    let after = known(&shop, MEMBERS[0].0).unwrap();
    assert!(after > before, "{after}");
    until(&shop, &hub, "the sale is at the hub", PATIENCE, || all_there(&shop, &hub));
    // What the hub booked comes back, and counts once.
    let heard = || hub_of(&shop)["cursor"].as_u64();
    let told = heard();
    let newcomer = "00000000000000000000000000000004";
    let member = json!({
        "member": newcomer, "codes": ["2000000000046"], "points": 44,
        "last_purchase": &crate::support::chrono_now()[..10],
    });
    hub.import(&format!("{member}\n"));
    until(&shop, &hub, "the newcomer is known", PATIENCE, || known(&shop, newcomer) == Some(44));
    assert!(heard() > told, "the cursor moved");
    assert_eq!(known(&shop, MEMBERS[0].0), Some(after));
    let doctor = shop.run(&["doctor"]);
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(said.contains("0 differences"), "{said}");
    assert!(said.contains("enrolled at https://"), "{said}");
    let metrics = shop.client.get(shop.url("/metrics")).send().unwrap().text().unwrap();
    assert!(metrics.contains("hub_unsent_records 0"), "{metrics}");
}

#[test]
fn the_hub_says_whether_journals_and_balances_agree() {
    let hub = Hub::new();
    let shop = enrolled(&hub);
    sell(&shop, "R1");
    until(&shop, &hub, "the sale is at the hub", PATIENCE, || all_there(&shop, &hub));
    let told = hub.succeed(&["reconcile"]);
    assert!(told.contains("1 entries") && told.contains("\n0 differences"), "{told}");
    assert_eq!(hub.succeed(&["flags"]).trim(), "nothing was flagged", "computed the same");
    let store = hub.folder.path().join("data").join("hub.db");
    let store = rusqlite::Connection::open(store).unwrap();
    let other = "UPDATE accounts SET facts = (SELECT facts FROM accounts WHERE account <> a.account
                 AND facts <> a.facts LIMIT 1) FROM (SELECT account, facts FROM accounts LIMIT 1) a
                 WHERE accounts.account = a.account";
    assert_eq!(store.execute(other, []).unwrap(), 1);
    let output = hub.command(&["reconcile", "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["differences"], 1, "{told}");
    assert_eq!(told["accounts_differ"].as_array().unwrap().len(), 1, "{told}");
}

#[test]
fn what_is_sold_while_the_line_is_down_is_all_there_exactly_once_when_it_is_back() {
    let mut hub = Hub::new();
    let mut shop = enrolled(&hub);
    sell(&shop, "R1");
    until(&shop, &hub, "the first sale is there", PATIENCE, || all_there(&shop, &hub));
    let listen = hub.address();
    hub.kill();
    for number in 2..8 {
        sell(&shop, &format!("R{number}"));
    }
    assert!(hub_of(&shop)["unsent"].as_u64().unwrap() >= 6, "{}", hub_of(&shop));
    let balance = known(&shop, MEMBERS[0].0);
    shop.kill();
    shop.start();
    assert_eq!(known(&shop, MEMBERS[0].0), balance, "a till without a line knows what it knew");
    hub.start(&listen);
    until(&shop, &hub, "everything is there", PATIENCE, || all_there(&shop, &hub));
    assert_eq!(known(&shop, MEMBERS[0].0), balance);
    // Again, and nothing more comes of it.
    let head = hub.head();
    shop.stop();
    shop.start();
    until(&shop, &hub, "the start is there too", PATIENCE, || all_there(&shop, &hub));
    assert!(hub.head() >= head);
    assert_eq!(known(&shop, MEMBERS[0].0), balance);
    let (status, sold) = shop.get("/v1/receipts/R5?till=1");
    assert_eq!(status, 200, "{sold}");
}

#[test]
fn a_till_that_was_told_another_fingerprint_sends_no_code() {
    let hub = Hub::new();
    let shop = Shop::empty();
    let (code, fingerprint) = hub.invite();
    let other = fingerprint.replace(['0', '1', '2', '3', '4', '5'], "9");
    let refused = shop.run(&["enrol", &hub.url, &code, "--fingerprint", &other]);
    assert_eq!(refused.status.code(), Some(1));
    let told = String::from_utf8_lossy(&refused.stderr);
    assert!(told.contains("is not the hub of the fingerprint"), "{told}");
    // The code is still good.
    shop.succeed(&["enrol", &hub.url, &code, "--fingerprint", &fingerprint]);
    shop.succeed(&["enrol", &hub.url, &code, "--fingerprint", &fingerprint]);
    let other = Shop::empty().run(&["enrol", &hub.url, &code, "--fingerprint", &fingerprint]);
    assert_eq!(other.status.code(), Some(1), "it serves one device");
    let told = String::from_utf8_lossy(&other.stderr);
    assert!(told.contains("ask for a new one"), "{told}");
}
