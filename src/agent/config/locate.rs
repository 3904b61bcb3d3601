//! Where things are when nobody says.

use std::path::{Path, PathBuf};

use super::defaults::{CONFIG_FILE, DATA_DIR, XDG_FOLDER};
use crate::shell::config::{Place, Surroundings};

/// Names the configuration file, as `--config` does.
const CONFIG_VARIABLE: &str = "TILLWARD_CONFIG";
/// Where systemd made a folder for the service's state (`StateDirectory=`).
const STATE_VARIABLE: &str = "STATE_DIRECTORY";

/// The configuration file: the flag, the variable, a person's own, the machine's.
pub(super) fn config_file(flag: Option<&Path>, around: &dyn Surroundings) -> Place {
    let variable = || around.variable(CONFIG_VARIABLE).map(PathBuf::from);
    if let Some(named) = flag.map(Path::to_owned).or_else(variable) {
        return Place::Named(named);
    }
    let own = xdg(around, "XDG_CONFIG_HOME", ".config").map(|folder| folder.join("config.toml"));
    // A missing one is no news; one that cannot be read is told when it is read.
    let is_there = |path: &PathBuf| match around.read(path) {
        Ok(_) => true,
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    };
    Place::Usual(own.filter(is_there).unwrap_or_else(|| CONFIG_FILE.into()))
}

/// The data folder: what the service manager made, the machine's, or a person's own.
pub(super) fn data_dir(around: &dyn Surroundings) -> PathBuf {
    let made = around.variable(STATE_VARIABLE);
    // The service manager may name several, with colons between; ours is the first.
    let made = made.and_then(|list| list.split(':').next().map(PathBuf::from));
    made.or_else(|| xdg(around, "XDG_DATA_HOME", ".local/share")).unwrap_or_else(|| DATA_DIR.into())
}

/// Our folder below one of a person's base folders (XDG Base Directory Specification); the
/// administrator has none.
fn xdg(around: &dyn Surroundings, variable: &str, below_home: &str) -> Option<PathBuf> {
    if around.is_root() {
        return None;
    }
    let absolute = |path: &PathBuf| path.is_absolute();
    let base = around.variable(variable).map(PathBuf::from).filter(absolute);
    let home = || around.variable("HOME").map(|home| Path::new(&home).join(below_home));
    base.or_else(home).filter(absolute).map(|base| base.join(XDG_FOLDER))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::config::Pretended;

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
            assert_eq!(data_dir(&around), Path::new(folder), "{around:?}");
        }
    }

    #[test]
    fn the_configuration_file_is_the_named_one_the_persons_or_the_machines() {
        let own = "/home/eva/.config/tillward/config.toml";
        let person = Pretended::default().person().set("HOME", "/home/eva");
        let usual = |path: &str| Place::Usual(path.into());
        assert_eq!(config_file(None, &Pretended::default()), usual(CONFIG_FILE));
        assert_eq!(config_file(None, &person), usual(CONFIG_FILE));
        let person = person.file(own, "");
        assert_eq!(config_file(None, &person), usual(own));
        let person = person.set(CONFIG_VARIABLE, "/a.toml");
        assert_eq!(config_file(None, &person), Place::Named("/a.toml".into()));
        let flag = Place::Named("b.toml".into());
        assert_eq!(config_file(Some(Path::new("b.toml")), &person), flag);
        assert_eq!(flag.overlay_folder(), Path::new("conf.d"));
    }
}
