//! A throw-away PostgreSQL from the machine's own binaries, for tests: an unprivileged user, a
//! loopback port, a temporary folder. It ends with the process, however that ends.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, thread};

use postgres::{Client, NoTls};

/// The superuser of the server.
const SUPERUSER: &str = "tester";
/// Users that PostgreSQL may run as where the tests are root, which it refuses.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];
/// The server writes this when it is up; messages are in English by `LC_MESSAGES`.
const READY: &str = "ready to accept connections";
/// A port that was free may be taken by the time it is asked for.
const ATTEMPTS: usize = 3;
/// Runs the server until its own input ends, which it does when whoever started it is gone, by a
/// panic or a signal too; then stops the server and removes its folder.
const KEEPER: &str = r#"
"$0" -D "$1/data" "${@:2}" </dev/null &
server=$!
read -r _
kill -QUIT $server
wait $server
cd / && rm -rf "$1"
"#;

/// The server of this process.
#[derive(Debug)]
pub(crate) struct Postgres {
    /// Its input is what keeps the server running.
    _keeper: Child,
    port: u16,
    password: String,
}

/// The server of this process, started by whoever asks first; `None`, said aloud, where the
/// machine has no PostgreSQL.
///
/// # Panics
/// Where it does not start, or `TILLWARD_REQUIRE` names `postgres` and there is none.
pub(crate) fn server() -> Option<&'static Postgres> {
    static SERVER: OnceLock<Option<Postgres>> = OnceLock::new();
    let server = SERVER.get_or_init(|| match find_binaries() {
        Some(binaries) => Some(Postgres::start(&binaries, &["fsync=off"])),
        None => {
            let required = env::var("TILLWARD_REQUIRE").unwrap_or_default();
            let required = required.split(',').any(|part| part == "postgres");
            assert!(!required, "PostgreSQL is required: initdb and postgres are nowhere");
            None
        }
    });
    if server.is_none() {
        eprintln!(
            "SKIPPED: postgres (initdb and postgres are nowhere in PATH or /usr/lib/postgresql)"
        );
    }
    server.as_ref()
}

impl Postgres {
    /// Starts a server of its own with these settings.
    ///
    /// # Panics
    /// Where it does not start.
    pub(crate) fn start(binaries: &Path, settings: &[&str]) -> Self {
        let user = unprivileged();
        let folder = tempfile::tempdir().expect("a temporary folder").keep();
        // The folder's name is as random as a password has to be here.
        let password = folder.file_name().and_then(OsStr::to_str).expect("plain").to_owned();
        make_cluster(binaries, &folder, user, &password);
        for _ in 0..ATTEMPTS {
            let port = free_port();
            if let Some(keeper) = run(binaries, &folder, user, port, settings) {
                return Self { _keeper: keeper, port, password };
            }
            make_cluster(binaries, &folder, user, &password);
        }
        panic!("PostgreSQL did not start in {ATTEMPTS} attempts");
    }

    /// The address of a database.
    pub(crate) fn url(&self, database: &str) -> String {
        let Self { port, password, .. } = self;
        format!("postgres://{SUPERUSER}:{password}@127.0.0.1:{port}/{database}")
    }

    /// Makes an empty database and gives its address.
    pub(crate) fn new_database(&self) -> String {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", MADE.fetch_add(1, Ordering::Relaxed));
        let mut client = Client::connect(&self.url("postgres"), NoTls).expect("the server answers");
        client.batch_execute(&format!("CREATE DATABASE {name}")).expect("a database");
        self.url(&name)
    }
}

/// The folder of `initdb` and `postgres`: one in PATH, else the newest of Debian's.
pub(crate) fn find_binaries() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&path).collect();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    versions.sort();
    folders.extend(versions.into_iter().rev());
    folders
        .into_iter()
        .find(|folder| ["initdb", "postgres"].iter().all(|binary| folder.join(binary).is_file()))
}

/// Makes the files of a server. `folder/data` is anew where an attempt left something.
fn make_cluster(binaries: &Path, folder: &Path, user: Option<(u32, u32)>, password: &str) {
    let password_file = folder.join("password");
    fs::create_dir_all(folder).expect("a folder");
    fs::write(&password_file, password).expect("written");
    if let Some((user, group)) = user {
        for path in [folder, &password_file] {
            chown(path, Some(user), Some(group)).expect("root may give files away");
        }
    }
    let data = folder.join("data");
    let mut initdb = command(&binaries.join("initdb"), folder, user);
    initdb.args(["--no-sync", "--encoding=UTF8", "--locale=C", "--auth=password"]);
    initdb.arg(format!("--username={SUPERUSER}")).arg("--pwfile").arg(&password_file);
    let made = initdb.arg("-D").arg(&data).output().expect("initdb runs");
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
}

/// Runs the server and waits until it is up; `None` where it ends instead.
fn run(
    binaries: &Path,
    folder: &Path,
    user: Option<(u32, u32)>,
    port: u16,
    settings: &[&str],
) -> Option<Child> {
    let mut keeper = command(Path::new("bash"), folder, user);
    keeper.args(["-c", KEEPER]).arg(binaries.join("postgres")).arg(folder);
    keeper.arg("-p").arg(port.to_string());
    let ours = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=300"];
    for setting in ours.iter().chain(settings) {
        keeper.args(["-c", setting]);
    }
    keeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut keeper = keeper.spawn().expect("bash runs");
    let stderr = keeper.stderr.take().expect("it is piped");
    let mut lines = BufReader::new(stderr).lines();
    let mut said = Vec::new();
    for line in lines.by_ref().map_while(io::Result::ok) {
        let (ready, gone) = (line.contains(READY), line.contains("FATAL"));
        said.push(line);
        if ready {
            // The rest is read so that the server does not wait for a reader.
            thread::spawn(move || lines.map_while(io::Result::ok).for_each(drop));
            return Some(keeper);
        }
        if gone {
            break;
        }
    }
    eprintln!("PostgreSQL ended while it started:\n{}", said.join("\n"));
    drop(keeper.stdin.take());
    keeper.wait().expect("it ends");
    None
}

fn command(program: &Path, folder: &Path, user: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env("LC_ALL", "C").env("LC_MESSAGES", "C").env("HOME", folder);
    if let Some((user, group)) = user {
        command.uid(user).gid(group);
    }
    command
}

/// Whom to run as where the tests are root.
fn unprivileged() -> Option<(u32, u32)> {
    use std::os::unix::fs::MetadataExt as _;
    let myself = fs::metadata("/proc/self").expect("a process has a folder").uid();
    if myself != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").expect("users");
    let find = |name: &&str| users.lines().find_map(|line| ids_of(line, name));
    Some(UNPRIVILEGED.iter().find_map(find).expect("PostgreSQL refuses root"))
}

/// User and group, where a line of `/etc/passwd` is of the name.
fn ids_of(line: &str, name: &str) -> Option<(u32, u32)> {
    let mut fields = line.split(':');
    if fields.next()? != name {
        return None;
    }
    let mut ids = fields.skip(1).map(str::parse);
    Some((ids.next()?.ok()?, ids.next()?.ok()?))
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("it is bound").port()
}
