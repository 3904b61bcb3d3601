//! Speed and size of the agent, each figure beside a floor that is measured in the same run, so
//! that a slow machine does not matter.
//!
//! `cargo bench --no-default-features --features agent` measures the features that ship, in the
//! release profile; `TILLWARD_BENCH_BINARY` names another build, such as one of profile `dist`;
//! `-- quote`, `large`, `commit`, `slow-disk`, `crowd`, `flat` or `footprint` run one part, `--quick` a
//! small run. A missed target is told, never an error.
#![allow(missing_docs, unreachable_pub, reason = "a program: nothing of it is anybody's interface")]
#![allow(clippy::print_stdout, reason = "the table is its output")]

mod client;
mod commits;
mod flat;
mod floor;
mod footprint;
mod quotes;
mod server;
mod shim;
mod table;
mod world;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use shim::Shim;
use table::{Table, Verdict};
use tempfile::TempDir;
use world::World;

/// Of a step of a bench.
pub type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Everything that the parts share.
pub struct Bench {
    pub size: Size,
    pub folder: TempDir,
    pub shim: Shim,
    pub table: Table,
}

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub members: u64,
    pub quotes: usize,
    pub commits: usize,
    pub slow_commits: usize,
    pub records_before: u64,
    pub rounds: usize,
}

impl Size {
    const FULL: Self = Self {
        members: 1_500_000,
        quotes: 10_000,
        commits: 40_000,
        slow_commits: 20_000,
        records_before: 500_000,
        rounds: 3,
    };
    const QUICK: Self = Self {
        members: 150_000,
        quotes: 2_000,
        commits: 10_000,
        slow_commits: 5_000,
        records_before: 50_000,
        rounds: 1,
    };
}

type Part = fn(&mut Bench, &World) -> Outcome<()>;

const PARTS: [(&str, Part); 7] = [
    ("footprint", footprint::run),
    ("quote", quotes::run),
    ("large", quotes::run_large),
    ("commit", commits::run),
    ("slow-disk", commits::run_slow_disk),
    ("crowd", commits::run_crowd),
    ("flat", flat::run),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["--floor", "plain", folder, seconds] => seconds
            .parse()
            .map_err(Into::into)
            .and_then(|seconds| floor::plain(Path::new(folder), seconds)),
        ["--floor", "skeleton", folder] => floor::skeleton(Path::new(folder)),
        arguments => measure(arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the bench could not run: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &[&str]) -> Outcome<()> {
    let size = if arguments.contains(&"--quick") { Size::QUICK } else { Size::FULL };
    // Cargo says `--bench`.
    let wanted: Vec<&str> = arguments.iter().copied().filter(|a| !a.starts_with('-')).collect();
    let known = |name: &&str| PARTS.iter().any(|(part, _)| part == name);
    if let Some(unknown) = wanted.iter().find(|name| !known(name)) {
        return Err(format!("there is no part {unknown}").into());
    }
    let folder = fast_folder()?;
    let shim = Shim::build(folder.path())?;
    let mut bench = Bench { size, folder, shim, table: Table::default() };
    let heading = heading(size);
    eprintln!("{heading}");
    let world = World::make(bench.folder.path(), size.members)?;
    settle(&bench, &world)?;
    let measured = format!("{:.0} s, {:.0} MiB on disk", world.import_seconds, world.base_mib()?);
    let per_member = world.base_mib()? * 1024.0 * 1024.0 / world.members as f64;
    let floor = format!("{per_member:.0} bytes a member");
    let figure = format!("import of {} members", size.members);
    bench.table.add(figure, measured, floor, "", Verdict::Told);
    for (name, part) in PARTS {
        if wanted.is_empty() || wanted.contains(&name) {
            eprintln!("{name}");
            part(&mut bench, &world)?;
        }
    }
    println!("{heading}\n\n{}", bench.table.markdown());
    let path = bench.table.save(&heading)?;
    eprintln!("also in {}", path.display());
    Ok(())
}

/// The first start takes programme and base up; what is measured begins after it.
fn settle(bench: &Bench, world: &World) -> Outcome<()> {
    server::Server::agent(&world.data, &bench.shim, shim::Disk::AsItIs)?.stop()
}

/// Memory that looks like a disk, so that figures are the program's.
fn fast_folder() -> Outcome<TempDir> {
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    Ok(tempfile::Builder::new().prefix("tillward-bench-").tempdir_in(place)?)
}

fn heading(size: Size) -> String {
    let build = match std::env::var("TILLWARD_BENCH_BINARY") {
        Ok(_) => "another build, named by TILLWARD_BENCH_BINARY",
        Err(_) if cfg!(feature = "demo") => "release with every feature",
        Err(_) => "release with `--no-default-features --features agent`",
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    format!(
        "{} members, 500 live offers, {cores} cores shared by agent and clients, data on tmpfs; \
         build: {build}.",
        size.members,
    )
}
