//! A data folder, an agent on it, and a client.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use reqwest::blocking::{Client, ClientBuilder, Response};
use serde_json::{Value, json};
use tempfile::TempDir;

/// One point per 10.00, sliding expiry, silver from 1,000.00 at 1.5; milk 10 % off; 100 points pay
/// 10.00; a voucher of 15.00 from 25.00.
pub(crate) const PROGRAMME: &str = include_str!("../data/example/club.toml");

/// Ref and card code of the members that [`Shop::new`] imports. The n-th has n * 1,000 points.
pub(crate) const MEMBERS: [(&str, &str); 3] = [
    ("00000000000000000000000000000001", "2000000000015"),
    ("00000000000000000000000000000002", "2000000000022"),
    ("00000000000000000000000000000003", "2000000000039"),
];

/// A data folder with a programme and members in it, and the agent that runs on it.
pub(crate) struct Shop {
    pub(crate) folder: TempDir,
    agent: Option<Running>,
    pub(crate) client: Client,
    /// Laid over the environment of every agent that is started.
    pub(crate) environment: Vec<(&'static str, String)>,
}

struct Running {
    child: Child,
    address: String,
}

impl Shop {
    /// A fresh shop whose agent is ready.
    pub(crate) fn new() -> Self {
        let mut shop = Self::without_agent();
        shop.start();
        shop
    }

    /// A fresh shop whose agent does not run yet.
    pub(crate) fn without_agent() -> Self {
        let shop = Self::empty();
        shop.fill();
        shop
    }

    /// Puts programme and members into the data folder.
    pub(crate) fn fill(&self) {
        self.fill_with(PROGRAMME, &members_file());
    }

    /// Puts a programme and a members file of a test's own into the data folder.
    pub(crate) fn fill_with(&self, programme: &str, members: &str) {
        let programme = self.write("club.toml", programme);
        self.succeed(&["programme", "activate", programme.to_str().unwrap()]);
        let members = self.write("members.jsonl", members);
        self.succeed(&["import", "members", members.to_str().unwrap()]);
    }

    /// A shop with an empty data folder.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let client = client().build().expect("a client");
        Self { folder, agent: None, client, environment: Vec::new() }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Writes a file beside the data folder.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).expect("a temporary file");
        path
    }

    /// Runs a command on the data folder.
    pub(crate) fn run(&self, args: &[&str]) -> Output {
        command(&self.data()).args(args).output().expect("the binary runs")
    }

    /// Runs a command that must succeed; what it printed.
    pub(crate) fn succeed(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?} failed: {told}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Starts the agent and waits until it is ready.
    pub(crate) fn start(&mut self) {
        self.try_start_with(&[]).expect("the agent starts");
    }

    /// Starts the agent with arguments before the command; what it wrote where it ended instead.
    pub(crate) fn try_start_with(&mut self, args: &[&str]) -> Result<(), String> {
        let args: Vec<&str> = args
            .iter()
            .copied()
            .chain(["run", "--store", "S1", "--listen", "127.0.0.1:0"])
            .collect();
        self.try_start(&args)
    }

    /// Starts the agent with exactly these arguments and waits until it is ready; what it wrote where
    /// it ended instead.
    pub(crate) fn try_start(&mut self, args: &[&str]) -> Result<(), String> {
        self.launch(args)?;
        self.wait_until_ready();
        Ok(())
    }

    /// Waits until the running agent is ready.
    pub(crate) fn wait_until_ready(&self) {
        let begun = Instant::now();
        while self.client.get(self.url("/readyz")).send().map(|r| r.status().as_u16()).ok()
            != Some(200)
        {
            assert!(begun.elapsed() < Duration::from_secs(20), "ready in time: {}", self.log());
            std::thread::yield_now();
        }
    }

    /// Starts the agent with exactly these arguments, ready or not; what it wrote where it ended
    /// instead. The client calls where it listens.
    pub(crate) fn launch(&mut self, args: &[&str]) -> Result<(), String> {
        let mut child = command(&self.data())
            .args(args)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::piped())
            .stderr(Stdio::from(fs::File::create(self.folder.path().join("log")).unwrap()))
            .spawn()
            .expect("the binary runs");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("piped");
        BufReader::new(stdout).read_line(&mut line).expect("readable");
        let Some(address) = line.trim().strip_prefix("listening on ") else {
            let status = child.wait().expect("it ends");
            return Err(format!("{status}: {}", self.log()));
        };
        if address.starts_with('/') {
            self.client = client().unix_socket(address).build().expect("a client");
        }
        self.agent = Some(Running { child, address: address.to_owned() });
        Ok(())
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    pub(crate) fn address(&self) -> &str {
        &self.agent.as_ref().expect("the agent runs").address
    }

    pub(crate) fn pid(&self) -> u32 {
        self.agent.as_ref().expect("the agent runs").child.id()
    }

    /// Ends the agent as a power cut would.
    pub(crate) fn kill(&mut self) {
        let mut agent = self.agent.take().expect("the agent runs");
        agent.child.kill().expect("it runs");
        agent.child.wait().expect("it ends");
    }

    /// Ends the agent in order.
    pub(crate) fn stop(&mut self) {
        let mut agent = self.agent.take().expect("the agent runs");
        terminate(agent.child.id());
        let status = agent.child.wait().expect("it ends");
        assert!(status.success(), "{status}: {}", self.log());
    }

    pub(crate) fn url(&self, path: &str) -> String {
        // The client of a Unix socket goes there whatever the name; the name must be this machine.
        let host = if self.address().starts_with('/') { "localhost" } else { self.address() };
        format!("http://{host}{path}")
    }

    pub(crate) fn get(&self, path: &str) -> (u16, Value) {
        told(self.client.get(self.url(path)).send().expect("an answer"))
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        told(self.client.post(self.url(path)).json(body).send().expect("an answer"))
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> (u16, Value) {
        told(self.client.put(self.url(path)).json(body).send().expect("an answer"))
    }

    /// Scans a card; the identification.
    pub(crate) fn identify(&self, code: &str) -> String {
        let (status, reply) = self.post("/v1/identify", &json!({ "raw": code }));
        assert_eq!(status, 200, "{reply}");
        reply["identification_id"].as_str().expect("an id").to_owned()
    }

    pub(crate) fn balance(&self, member: &str) -> i64 {
        let (status, reply) = self.get(&format!("/v1/members/{member}"));
        assert_eq!(status, 200, "{reply}");
        reply["balance"].as_i64().expect("a balance")
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        if let Some(mut agent) = self.agent.take() {
            let _ = agent.child.kill();
            let _ = agent.child.wait();
        }
    }
}

pub(crate) fn client() -> ClientBuilder {
    // Done before where it fails.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().timeout(Duration::from_secs(20)).pool_max_idle_per_host(4)
}

/// The binary on a data folder, free of the developer's own settings. `TILLWARD_TEST_COMMAND` names
/// another build: a program and its first arguments, such as an emulator and a binary of another
/// architecture.
pub(crate) fn command(data: &Path) -> Command {
    let other = std::env::var("TILLWARD_TEST_COMMAND").ok();
    let own = env!("CARGO_BIN_EXE_tillward");
    let mut words = other.as_deref().unwrap_or(own).split_whitespace();
    let mut command = Command::new(words.next().expect("a program"));
    command.args(words);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TILLWARD_")) {
        command.env_remove(name);
    }
    command.env("TILLWARD__STORE__DATA_DIR", data).env("XDG_CONFIG_HOME", data);
    command
}

/// Asks a process to end.
pub(crate) fn terminate(pid: u32) {
    let status = Command::new("kill").args(["-TERM", &pid.to_string()]).status();
    assert!(status.expect("kill runs").success());
}

/// Status and JSON of an answer.
pub(crate) fn told(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().expect("a body");
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// A line of whole units.
pub(crate) fn line(id: &str, sku: &str, units: i64, unit_price: i64) -> Value {
    json!({
        "line_id": id, "sku": sku, "quantity": format!("{units}.000"),
        "unit_price": unit_price, "amount": units * unit_price, "tax_rate": "21",
    })
}

/// A receipt of the till "1" that pays exactly `payable`.
pub(crate) fn receipt(lines: &[Value], payable: i64) -> Value {
    json!({
        "till": "1", "currency": "CZK", "closed_at": chrono_now(), "lines": lines,
        "payable": payable, "payments": [{ "type": "card", "amount": payable }],
    })
}

/// `base` with the fields of `more`.
pub(crate) fn with(base: &Value, more: Value) -> Value {
    let mut merged = base.clone();
    for (key, value) in more.as_object().expect("an object") {
        merged[key] = value.clone();
    }
    merged
}

/// Now as a till writes it.
pub(crate) fn chrono_now() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let seconds = since.expect("after 1970").as_secs();
    chrono::DateTime::from_timestamp(seconds as i64, 0).expect("a time").to_rfc3339()
}

pub(crate) fn members_file() -> String {
    let last_purchase = &chrono_now()[..10];
    let member = |(number, (member, code)): (usize, &(&str, &str))| {
        let points = (number as i64 + 1) * 1_000;
        let vouchers = json!([{ "code": format!("V{}", number + 1), "type": "fifteen" }]);
        json!({
            "member": member, "codes": [code], "points": points,
            "last_purchase": last_purchase, "vouchers": vouchers,
        })
        .to_string()
    };
    let lines: Vec<String> = MEMBERS.iter().enumerate().map(member).collect();
    lines.join("\n") + "\n"
}
