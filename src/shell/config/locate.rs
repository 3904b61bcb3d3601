//! Where things are when nobody says.

use std::path::{Path, PathBuf};

use super::sources::Place;
use super::surroundings::Surroundings;

/// Where a daemon's things are when nobody says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usual {
    /// The variable that names the configuration file, as `--config` does.
    pub(crate) config_variable: &'static str,
    /// Where a packaged daemon's configuration is.
    pub(crate) config_file: &'static str,
    /// Where a packaged daemon keeps its files (Filesystem Hierarchy Standard).
    pub(crate) data_dir: &'static str,
    /// Its folder below the XDG base folders of a person who tries it.
    pub(crate) xdg_folder: &'static str,
}

/// Where systemd made a folder for the service's state (`StateDirectory=`).
const STATE_VARIABLE: &str = "STATE_DIRECTORY";

impl Usual {
    /// The configuration file: the flag, the variable, a person's own, the machine's.
    pub(crate) fn config_file(&self, flag: Option<&Path>, around: &dyn Surroundings) -> Place {
        let variable = || around.variable(self.config_variable).map(PathBuf::from);
        if let Some(named) = flag.map(Path::to_owned).or_else(variable) {
            return Place::Named(named);
        }
        let own = self.xdg(around, "XDG_CONFIG_HOME", ".config");
        let own = own.map(|folder| folder.join("config.toml"));
        // A missing one is no news; one that cannot be read is told when it is read.
        let is_there = |path: &PathBuf| match around.read(path) {
            Ok(_) => true,
            Err(error) => error.kind() != std::io::ErrorKind::NotFound,
        };
        Place::Usual(own.filter(is_there).unwrap_or_else(|| self.config_file.into()))
    }

    /// The data folder: what the service manager made, the machine's, or a person's own.
    pub(crate) fn data_dir(&self, around: &dyn Surroundings) -> PathBuf {
        let made = around.variable(STATE_VARIABLE);
        // The service manager may name several, with colons between; ours is the first.
        let made = made.and_then(|list| list.split(':').next().map(PathBuf::from));
        made.or_else(|| self.xdg(around, "XDG_DATA_HOME", ".local/share"))
            .unwrap_or_else(|| self.data_dir.into())
    }

    /// Our folder below one of a person's base folders (XDG Base Directory Specification); the
    /// administrator has none.
    fn xdg(&self, around: &dyn Surroundings, variable: &str, below_home: &str) -> Option<PathBuf> {
        if around.is_root() {
            return None;
        }
        let absolute = |path: &PathBuf| path.is_absolute();
        let base = around.variable(variable).map(PathBuf::from).filter(absolute);
        let home = || around.variable("HOME").map(|home| Path::new(&home).join(below_home));
        base.or_else(home).filter(absolute).map(|base| base.join(self.xdg_folder))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::config::Pretended;

    const USUAL: Usual = Usual {
        config_variable: "TILLWARD_CONFIG",
        config_file: "/etc/tillward/config.toml",
        data_dir: "/var/lib/tillward",
        xdg_folder: "tillward",
    };

    #[test]
    fn the_data_folder_is_the_services_the_machines_or_the_persons() {
        let root = Pretended::default;
        let person = || root().person().set("HOME", "/home/eva");
        for (around, folder) in [
            (root(), "/var/lib/tillward"),
            (root().set("HOME", "/root"), "/var/lib/tillward"),
            (root().person(), "/var/lib/tillward"),
            (person(), "/home/eva/.local/share/tillward"),
            (person().set("XDG_DATA_HOME", "/data"), "/data/tillward"),
            (person().set("XDG_DATA_HOME", "data"), "/home/eva/.local/share/tillward"),
            (person().set("STATE_DIRECTORY", "/state/a:/state/b"), "/state/a"),
        ] {
            assert_eq!(USUAL.data_dir(&around), Path::new(folder), "{around:?}");
        }
    }

    #[test]
    fn the_configuration_file_is_the_named_one_the_persons_or_the_machines() {
        let own = "/home/eva/.config/tillward/config.toml";
        let person = Pretended::default().person().set("HOME", "/home/eva");
        let usual = |path: &str| Place::Usual(path.into());
        assert_eq!(USUAL.config_file(None, &Pretended::default()), usual(USUAL.config_file));
        assert_eq!(USUAL.config_file(None, &person), usual(USUAL.config_file));
        let person = person.file(own, "");
        assert_eq!(USUAL.config_file(None, &person), usual(own));
        let person = person.set(USUAL.config_variable, "/a.toml");
        assert_eq!(USUAL.config_file(None, &person), Place::Named("/a.toml".into()));
        let flag = Place::Named("b.toml".into());
        assert_eq!(USUAL.config_file(Some(Path::new("b.toml")), &person), flag);
        assert_eq!(flag.overlay_folder(), Path::new("conf.d"));
    }
}
