//! Small files that survive a power cut: write beside, fsync, rename, fsync the folder.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Who may read a file that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileAccess {
    /// Mode 0600: keys and other secrets.
    OwnerOnly,
    /// Mode 0644: everything else.
    Everybody,
}

impl FileAccess {
    #[cfg(unix)]
    fn unix_mode(self) -> u32 {
        match self {
            Self::OwnerOnly => 0o600,
            Self::Everybody => 0o644,
        }
    }
}

/// Puts `content` at `path`, replacing what was there; a reader sees the old file or the new one,
/// never a part of either.
///
/// # Errors
/// The I/O error of the step that failed; the old file is then still in place.
pub(crate) fn replace(path: &Path, content: &[u8], access: FileAccess) -> io::Result<()> {
    let beside = write_beside(path, content, access)?;
    fs::rename(&beside, path).inspect_err(|_| drop(fs::remove_file(&beside)))?;
    sync_folder_of(path)
}

/// Puts `content` at `path`, which must not exist yet.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] when there is a file already, which is left as it is; else the
/// I/O error of the step that failed.
pub(crate) fn write_new(path: &Path, content: &[u8], access: FileAccess) -> io::Result<()> {
    if path.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let beside = write_beside(path, content, access)?;
    // A link refuses to overwrite in the same step in which it appears, which a rename does not.
    let linked = fs::hard_link(&beside, path);
    fs::remove_file(&beside)?;
    linked?;
    sync_folder_of(path)
}

/// Makes what was created, renamed or removed in the folder of `path` survive a power cut.
///
/// # Errors
/// The folder cannot be opened or the device reports a fault.
pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = folder_of(path);
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// The folder that holds `path`; the current one for a bare name.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// `path` with `suffix` appended to its name: `ledger.db` and `-wal` give `ledger.db-wal`.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn write_beside(path: &Path, content: &[u8], access: FileAccess) -> io::Result<PathBuf> {
    // One fixed name, so that what a crash left behind is replaced and never piles up.
    let beside = with_suffix(path, ".tmp");
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let written = create(&beside, access).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()
    });
    written.inspect_err(|_| drop(fs::remove_file(&beside)))?;
    Ok(beside)
}

fn create(path: &Path, access: FileAccess) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, access.unix_mode());
    #[cfg(not(unix))]
    let _ = access;
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacing_leaves_the_new_content_and_no_other_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("settings");
        for content in ["first", "second, longer", ""] {
            replace(&path, content.as_bytes(), FileAccess::Everybody).expect("replaced");
            assert_eq!(fs::read_to_string(&path).expect("readable"), content);
        }
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn a_new_file_never_overwrites() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("device.key");
        write_new(&path, b"mine", FileAccess::OwnerOnly).expect("written");
        let again = write_new(&path, b"theirs", FileAccess::OwnerOnly).expect_err("refused");
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).expect("readable"), b"mine");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn what_a_crash_left_beside_is_no_obstacle() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("device.key");
        fs::write(with_suffix(&path, ".tmp"), b"half a k").expect("written");
        write_new(&path, b"a whole key", FileAccess::OwnerOnly).expect("written");
        assert_eq!(fs::read(&path).expect("readable"), b"a whole key");
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_is_readable_by_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        for (access, mode) in [(FileAccess::OwnerOnly, 0o600), (FileAccess::Everybody, 0o644)] {
            let path = folder.path().join(format!("{mode:o}"));
            replace(&path, b"x", access).expect("written");
            let found = path.metadata().expect("a file").permissions().mode() & 0o777;
            assert_eq!(found & !mode, 0, "{found:o} gives more than {mode:o}");
        }
    }
}
