use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{MEMBERS, Shop, line, receipt, told, with};

/// A small disk of its own for a data folder; unmounted when dropped.
struct Disk(PathBuf);

impl Disk {
    /// Mounts one, where the machine allows it.
    fn mount(at: &Path, kib: u32) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let mounted =
            mount(&["-t", "tmpfs", "-o", &format!("size={kib}k"), "tillward", at.to_str()?]);
        if !mounted {
            assert!(
                !std::env::var("TILLWARD_REQUIRE").unwrap_or_default().contains("mount"),
                "mounting is required and not allowed here"
            );
            eprintln!("SKIPPED: this machine does not let tests mount a disk");
        }
        mounted.then(|| Self(at.to_owned()))
    }

    fn remount(&self, options: &str) {
        assert!(
            mount(&["-o", &format!("remount,{options}"), self.0.to_str().unwrap()]),
            "{options}"
        );
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(&self.0).status().ok();
    }
}

fn mount(args: &[&str]) -> bool {
    Command::new("mount").args(args).output().is_ok_and(|output| output.status.success())
}

#[test]
fn on_a_full_disk_nothing_is_lost_and_the_till_sells_on_when_there_is_room() {
    let mut shop = Shop::empty();
    let Some(disk) = Disk::mount(&shop.data(), 2_048) else { return };
    shop.fill();
    shop.start();
    let id = shop.identify(MEMBERS[0].1);
    let sell = |number: u32| {
        let lines: Vec<Value> = (0..200).map(|n| line(&n.to_string(), "bread", 1, 1_000)).collect();
        // From 500.00 on, 20.00 off.
        let body = with(&receipt(&lines, 198_000), json!({ "identification_id": id }));
        shop.put(&format!("/v1/receipts/R{number}"), &body)
    };
    let mut answered = 0;
    let refused = loop {
        let (status, reply) = sell(answered);
        if status != 201 {
            break (status, reply["code"].clone());
        }
        answered += 1;
        assert!(answered < 2_000, "the disk is small");
    };
    assert_eq!(refused, (507, json!("storage_full")));
    let there = |number: u32| shop.get(&format!("/v1/receipts/R{number}?till=1")).0;
    assert!((0..answered).all(|number| there(number) == 200), "what was answered is there");
    assert_eq!(there(answered), 404, "what was refused is not");
    disk.remount("size=16384k");
    assert_eq!(sell(answered).0, 201, "the till sells on");
    shop.stop();
    assert!(shop.succeed(&["journal", "verify"]).contains("0 faults"));
}

#[test]
fn a_read_only_disk_is_told_at_the_start_and_the_till_sells_on_afterwards() {
    let mut shop = Shop::empty();
    let Some(disk) = Disk::mount(&shop.data(), 8_192) else { return };
    shop.fill();
    shop.start();
    let id = shop.identify(MEMBERS[0].1);
    let sound = receipt(&[line("1", "bread", 1, 1_000)], 1_000);
    assert_eq!(shop.put("/v1/receipts/R1", &sound).0, 201);
    shop.stop();
    disk.remount("ro");
    let output = shop.run(&["run", "--store", "S1", "--listen", "127.0.0.1:0"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && told.contains("cannot be written"), "{told}");
    disk.remount("rw");
    shop.start();
    assert_eq!(
        shop.put("/v1/receipts/R2", &with(&sound, json!({ "identification_id": id }))).0,
        201
    );
}

/// An ext4 of its own for a data folder, whose kernel is told of an error; unmounted when dropped.
struct FailingDisk {
    image: PathBuf,
    at: PathBuf,
}

impl FailingDisk {
    /// Mounts one, where the machine allows it.
    fn mount(image: PathBuf, at: &Path) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        std::fs::File::create(&image).and_then(|file| file.set_len(32 << 20)).unwrap();
        let made = Command::new("mkfs.ext4").args(["-q", "-F"]).arg(&image).output();
        let disk = Self { image, at: at.to_owned() };
        let mounted = made.is_ok_and(|output| output.status.success()) && disk.mount_again();
        if mounted && disk.trigger().is_some_and(|trigger| trigger.exists()) {
            return Some(disk);
        }
        assert!(
            !std::env::var("TILLWARD_REQUIRE").unwrap_or_default().contains("loop"),
            "a disk in a file is required and not to be had here"
        );
        eprintln!("SKIPPED: this machine does not let tests make a disk that fails");
        None
    }

    fn mount_again(&self) -> bool {
        let (image, at) = (self.image.to_str().unwrap(), self.at.to_str().unwrap());
        mount(&["-o", "loop,errors=remount-ro", image, at])
    }

    fn unmount(&self) {
        let unmounted = Command::new("umount").arg(&self.at).status();
        assert!(unmounted.is_ok_and(|status| status.success()), "nobody uses it");
    }

    /// Where the kernel is told that the file system has an error.
    fn trigger(&self) -> Option<PathBuf> {
        let mounts = std::fs::read_to_string("/proc/mounts").ok()?;
        let at = self.at.to_str()?;
        let of_disk = |line: &&str| line.split(' ').nth(1) == Some(at);
        let device = mounts.lines().find(of_disk)?.split(' ').next()?.rsplit('/').next()?;
        Some(PathBuf::from(format!("/sys/fs/ext4/{device}/trigger_fs_error")))
    }

    /// From now on nothing can be written, as when a card wears out.
    fn fail(&self) {
        let trigger = self.trigger().expect("it is mounted");
        std::fs::write(trigger, "1").expect("the kernel listens");
    }
}

impl Drop for FailingDisk {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(&self.at).output().ok();
    }
}

#[test]
fn a_disk_that_turns_read_only_is_told_and_what_was_answered_is_there_afterwards() {
    let mut shop = Shop::empty();
    let image = shop.folder.path().join("disk.img");
    let Some(disk) = FailingDisk::mount(image, &shop.data()) else { return };
    shop.fill();
    shop.start();
    let id = shop.identify(MEMBERS[0].1);
    let sound =
        with(&receipt(&[line("1", "bread", 1, 1_000)], 1_000), json!({ "identification_id": id }));
    let sell = |shop: &Shop, uid: &str| {
        let (status, reply) = shop.put(&format!("/v1/receipts/{uid}"), &sound);
        (status, reply["code"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(sell(&shop, "R1").0, 201);
    disk.fail();
    // Of what the disk fails under nobody can say what is there; that may be the upkeep's own.
    let told = sell(&shop, "R2");
    assert!([500, 503].contains(&told.0), "{told:?}");
    assert!(["outcome_unknown", "storage_read_only"].contains(&told.1.as_str()), "{told:?}");
    for uid in ["R3", "R3", "R4"] {
        assert_eq!(sell(&shop, uid), (503, "storage_read_only".to_owned()), "{uid}");
    }
    let (status, problem) = shop.get("/readyz");
    assert_eq!((status, &problem["errors"][0]["code"]), (503, &json!("ledger_writable")));
    assert_eq!(shop.get("/v1/receipts/R1?till=1").0, 200, "what was answered can be read");
    let quote = json!({ "till": "1", "currency": "CZK", "lines": [line("1", "milk", 1, 1_000)], "identification_id": id });
    assert_eq!(shop.post("/v1/quotes", &quote).1["totals"]["payable"], 900, "and baskets priced");
    shop.kill();
    disk.unmount();
    assert!(disk.mount_again(), "the technician came");
    shop.start();
    assert_eq!(shop.get("/v1/receipts/R1?till=1").0, 200);
    assert_eq!(shop.get("/v1/receipts/R3?till=1").0, 404, "what was refused is not there");
    for uid in ["R1", "R2", "R3", "R4"] {
        assert_eq!(sell(&shop, uid).0, 201, "{uid}");
    }
    assert_eq!(shop.balance(MEMBERS[0].0), 1_004, "each once");
    shop.stop();
    assert!(shop.succeed(&["journal", "verify"]).contains("0 faults"));
}

#[test]
fn with_tokens_each_till_acts_for_itself_only() {
    let mut shop = Shop::without_agent();
    let hash = sha256("secret-1").expect("sha256sum runs");
    let config = shop.write(
        "tokens.toml",
        &format!("[[api.tokens]]\ntill = \"1\"\ntoken_sha256 = \"{hash}\"\n"),
    );
    shop.try_start_with(&["--config", config.to_str().unwrap()]).expect("the agent starts");
    let sound = receipt(&[line("1", "bread", 1, 1_000)], 1_000);
    let put = |token: Option<&str>, body: &Value| {
        let request = shop.client.put(shop.url("/v1/receipts/R1")).json(body);
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let (status, reply) = told(request.send().expect("an answer"));
        (status, reply["code"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(put(None, &sound), (401, "token_missing".to_owned()));
    assert_eq!(put(Some("wrong"), &sound), (401, "token_wrong".to_owned()));
    let others = with(&sound, json!({ "till": "2" }));
    assert_eq!(put(Some("secret-1"), &others), (403, "other_till".to_owned()));
    assert_eq!(put(Some("secret-1"), &sound).0, 201);
    assert_eq!(shop.get("/healthz").0, 200, "monitors need none");
}

/// By coreutils, so that the test shares no code with the agent.
fn sha256(text: &str) -> Option<String> {
    let output = Command::new("sh").arg("-c").arg(format!("printf %s {text} | sha256sum")).output();
    let told = String::from_utf8(output.ok()?.stdout).ok()?;
    told.split_whitespace().next().map(str::to_owned)
}

#[test]
fn displays_hear_what_happens_and_catch_up_where_they_left() {
    let shop = Shop::new();
    let listen = |last: Option<&str>| {
        let mut stream = TcpStream::connect(shop.address()).expect("a connection");
        let resume = last.map(|id| format!("Last-Event-ID: {id}\r\n")).unwrap_or_default();
        let head = format!("GET /v1/events HTTP/1.1\r\nHost: localhost\r\n{resume}\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut lines = BufReader::new(stream).lines().map(|line| line.expect("readable"));
        assert!(lines.next().is_some_and(|status| status.contains("200")));
        lines
    };
    let mut live = listen(None);
    let sell = |uid: &str| {
        let sound = receipt(&[line("1", "bread", 1, 1_000)], 1_000);
        assert_eq!(shop.put(&format!("/v1/receipts/{uid}"), &sound).0, 201);
    };
    sell("R1");
    let (mut id, mut data) = (String::new(), String::new());
    for _ in 0..2 {
        let line = live.find(|line| line.starts_with("id:") || line.starts_with("data:"));
        let line = line.expect("an event");
        match line.split_once(':').expect("a field") {
            ("id", value) => id = value.trim().to_owned(),
            (_, value) => data = value.trim().to_owned(),
        }
    }
    assert!(data.contains("R1"), "{data}");
    drop(live);
    sell("R2");
    let mut resumed = listen(Some(&id));
    let missed = resumed.find(|line| line.starts_with("data:")).expect("an event");
    assert!(missed.contains("R2"), "what was missed comes first: {missed}");
}
