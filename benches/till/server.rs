//! A process that listens: the agent, or the skeleton it is compared with.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::client;
use crate::shim::{Disk, Shim};
use crate::world::command;

/// Ticks of `/proc/PID/stat` in a second: 100 on every Linux (`USER_HZ`).
const TICKS_PER_SECOND: f64 = 100.0;
/// An agent that is not ready by then is broken.
const READY_TIMEOUT: Duration = Duration::from_secs(60);

/// A running process that said where it listens.
pub struct Server {
    child: Child,
    pub address: String,
    /// From the start of the process to the first 200 of `/readyz`.
    pub ready_in: Duration,
}

impl Server {
    /// Starts the agent on a data folder and waits until it is ready.
    pub fn agent(data: &Path, shim: &Shim, disk: Disk) -> Outcome<Self> {
        let mut agent = command(data);
        agent.args(["run", "--store", "S1", "--listen", "127.0.0.1:0"]);
        agent.stderr(fs::File::create(data.join("log"))?);
        shim.preload(&mut agent, disk)?;
        Self::start(agent)
    }

    /// [`Server::agent`] without the shim: its size and start are its own.
    pub fn bare_agent(data: &Path) -> Outcome<Self> {
        let mut agent = command(data);
        agent.args(["run", "--store", "S1", "--listen", "127.0.0.1:0"]);
        agent.stderr(fs::File::create(data.join("log"))?);
        Self::start(agent)
    }

    /// Starts this program again as something else.
    pub fn floor(arguments: &[&str], shim: &Shim, disk: Disk) -> Outcome<Self> {
        let mut floor = Command::new(std::env::current_exe()?);
        floor.args(arguments);
        shim.preload(&mut floor, disk)?;
        Self::start(floor)
    }

    fn start(mut command: Command) -> Outcome<Self> {
        let began = Instant::now();
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        let stdout = child.stdout.take().ok_or("standard output is not piped")?;
        BufReader::new(stdout).read_line(&mut line)?;
        let Some(address) = line.trim().strip_prefix("listening on ") else {
            let status = child.wait()?;
            return Err(format!("{command:?} ended: {status}").into());
        };
        let address = address.to_owned();
        while !is_ready(&address) {
            if began.elapsed() > READY_TIMEOUT {
                let (_, told) = client::ask(&address, &client::request("GET", "/readyz", ""))?;
                return Err(format!("{command:?} is not ready: {told}").into());
            }
            std::thread::yield_now();
        }
        Ok(Self { child, address, ready_in: began.elapsed() })
    }

    /// Processor time of all threads so far, user and system.
    pub fn cpu_seconds(&self) -> Outcome<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The second field is the name in brackets; utime and stime are the 14th and 15th.
        let (_, rest) = stat.rsplit_once(')').ok_or("an odd /proc/PID/stat")?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let ticks = |at: usize| fields[at].parse::<f64>();
        Ok((ticks(11)? + ticks(12)?) / TICKS_PER_SECOND)
    }

    /// Resident memory in MiB.
    pub fn resident_mib(&self) -> Outcome<f64> {
        resident_mib(self.child.id())
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it in order.
    pub fn stop(mut self) -> Outcome<()> {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        if !told.success() {
            return Err("the process was gone already".into());
        }
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // After `stop` there is nothing to kill, which is no error here.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Resident memory of a process in MiB.
pub fn resident_mib(pid: u32) -> Outcome<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = kib.and_then(|kib| kib.trim().strip_suffix(" kB")).ok_or("no VmRSS")?;
    Ok(kib.trim().parse::<f64>()? / 1024.0)
}

fn is_ready(address: &str) -> bool {
    let asked = || {
        let mut stream = TcpStream::connect(address)?;
        stream
            .write_all(b"GET /readyz HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")?;
        let mut status = [0; 12];
        stream.read_exact(&mut status)?;
        Ok::<_, std::io::Error>(status)
    };
    asked().is_ok_and(|status| status.ends_with(b" 200"))
}
