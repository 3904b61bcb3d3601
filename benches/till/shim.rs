//! The library that counts and delays fsync in a measured process.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Outcome;

const SOURCE: &str = include_str!("shim.c");

/// The built library, and where its processes count.
pub struct Shim {
    library: PathBuf,
    counts: PathBuf,
}

/// How long an fsync takes beyond what the disk takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    AsItIs,
    SlowerByMs(u32),
}

impl Shim {
    /// Builds it with the system's C compiler.
    pub fn build(folder: &Path) -> Outcome<Self> {
        let (source, library) = (folder.join("shim.c"), folder.join("shim.so"));
        fs::write(&source, SOURCE)?;
        let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
        let built = Command::new(&compiler)
            .args(["-shared", "-fPIC", "-O2", "-o"])
            .args([&library, &source])
            .status()
            .map_err(|error| format!("could not run {compiler}: {error}"))?;
        if !built.success() {
            return Err(format!("{compiler} could not build the fsync counter").into());
        }
        Ok(Self { library, counts: folder.join("fsyncs") })
    }

    /// Puts it into a process to be; counting begins at nothing.
    pub fn preload(&self, command: &mut Command, disk: Disk) -> Outcome<()> {
        fs::write(&self.counts, [0; 8])?;
        command.env("LD_PRELOAD", &self.library).env("FSYNC_COUNT_FILE", &self.counts);
        if let Disk::SlowerByMs(ms) = disk {
            command.env("FSYNC_DELAY_MS", ms.to_string());
        }
        Ok(())
    }

    /// The fsyncs so far of the process it was put into last.
    pub fn fsyncs(&self) -> Outcome<u64> {
        let bytes = fs::read(&self.counts)?;
        Ok(u64::from_ne_bytes(bytes.as_slice().try_into()?))
    }
}
