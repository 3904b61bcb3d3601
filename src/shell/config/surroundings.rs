//! The process, its environment and its files, as a configuration sees them.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A configuration file larger than this is some other file.
pub(crate) const FILE_BYTES_MAX: u64 = 1 << 20;

/// What the configuration needs to see of the world.
pub trait Surroundings {
    /// The environment: names and values that are text, in any order.
    fn variables(&self) -> Vec<(String, String)>;

    /// One variable of the environment; an empty one counts as not set.
    fn variable(&self, name: &str) -> Option<String> {
        let found = self.variables().into_iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value).filter(|value| !value.is_empty())
    }

    /// Whether the process is the administrator's.
    fn is_root(&self) -> bool;

    /// A file's text.
    ///
    /// # Errors
    /// It cannot be read, is too large for a configuration or is no UTF-8.
    fn read(&self, file: &Path) -> io::Result<String>;

    /// The files of a folder, in any order; none where there is no such folder.
    ///
    /// # Errors
    /// There is one, but it cannot be read.
    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;
}

/// The process that we are.
#[derive(Debug, Clone, Copy)]
pub struct Process;

impl Surroundings for Process {
    fn variables(&self) -> Vec<(String, String)> {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        std::env::vars_os().filter_map(text).collect()
    }

    fn is_root(&self) -> bool {
        // The owner of its own entry is the process's user; asking for it takes no unsafe call.
        std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
    }

    fn read(&self, file: &Path) -> io::Result<String> {
        let mut text = String::new();
        let read = File::open(file)?.take(FILE_BYTES_MAX + 1).read_to_string(&mut text)?;
        if u64::try_from(read).is_ok_and(|bytes| bytes <= FILE_BYTES_MAX) {
            Ok(text)
        } else {
            Err(io::Error::other(format!("larger than {FILE_BYTES_MAX} bytes")))
        }
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        match std::fs::read_dir(folder) {
            Ok(entries) => entries.map(|entry| entry.map(|entry| entry.path())).collect(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

/// A world for tests: a root user with no variables and no files unless they say otherwise.
#[cfg(test)]
#[derive(Debug, Clone, Default)]
pub(crate) struct Pretended {
    pub(crate) variables: Vec<(&'static str, &'static str)>,
    pub(crate) files: std::collections::BTreeMap<PathBuf, String>,
    pub(crate) is_person: bool,
}

#[cfg(test)]
impl Pretended {
    pub(crate) fn file(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.into(), text.to_owned());
        self
    }

    pub(crate) fn set(mut self, name: &'static str, value: &'static str) -> Self {
        self.variables.push((name, value));
        self
    }

    pub(crate) fn person(self) -> Self {
        Self { is_person: true, ..self }
    }
}

#[cfg(test)]
impl Surroundings for Pretended {
    fn variables(&self) -> Vec<(String, String)> {
        self.variables.iter().map(|&(name, value)| (name.into(), value.into())).collect()
    }

    fn is_root(&self) -> bool {
        !self.is_person
    }

    fn read(&self, file: &Path) -> io::Result<String> {
        self.files.get(file).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let inside = |path: &&PathBuf| path.parent() == Some(folder);
        Ok(self.files.keys().filter(inside).rev().cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_process_reads_files_and_misses_folders_quietly() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.toml");
        std::fs::write(&file, "x = 1").unwrap();
        assert_eq!(Process.read(&file).unwrap(), "x = 1");
        assert_eq!(Process.list(folder.path()).unwrap(), [file]);
        assert!(Process.list(&folder.path().join("none")).unwrap().is_empty());
        assert!(Process.read(&folder.path().join("none")).is_err());
    }

    #[test]
    fn a_file_larger_than_any_configuration_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.toml");
        File::create(&file).unwrap().set_len(FILE_BYTES_MAX + 1).unwrap();
        assert!(Process.read(&file).unwrap_err().to_string().contains("larger than"));
    }
}
