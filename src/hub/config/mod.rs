//! The hub's configuration: flags over environment over files over defaults.
//!
//! [`Config::load`] is the same story as the agent's (both use `shell`): every source is read and
//! laid over one another, what is left becomes domain types, and every fault is told with its
//! source, path and reason, all at once.

mod defaults;
mod format;
mod settings;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use self::defaults::USUAL;
use self::format::{HUB_FORMAT, RawConfig};
pub use self::settings::{ApiSettings, Config, SnapshotSettings, StoreAddress, Transport};
use crate::shell::config::{
    ConfigFaults, Layer, Surroundings, files, laid_over, repair, variables,
};

/// What the command line says; everything else comes from the environment and the files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--config`: the configuration file.
    pub config: Option<PathBuf>,
    /// `--data`: the data folder.
    pub data_dir: Option<String>,
    /// `--store-url`: where everything is kept.
    pub store_url: Option<String>,
    /// `--log-level`.
    pub log_level: Option<String>,
    /// `--listen`.
    pub listen: Option<String>,
}

impl Config {
    /// Reads every source and lays flags over environment over `conf.d/*.toml` over the file over
    /// the defaults.
    ///
    /// # Errors
    /// Everything that is wrong in any of the sources.
    pub fn load(overrides: &Overrides, around: &dyn Surroundings) -> Result<Self, ConfigFaults> {
        let place = USUAL.config_file(overrides.config.as_deref(), around);
        let layers = files(&HUB_FORMAT, &place, around)
            .into_iter()
            .chain(variables(&HUB_FORMAT, around))
            .chain(flags(overrides))
            .collect();
        let (table, mut resolver) = laid_over(layers);
        let raw: RawConfig = repair::read(table);
        let config = settings::resolved(&mut resolver, raw, USUAL.data_dir(around));
        if resolver.faults.is_empty() { Ok(config) } else { Err(ConfigFaults(resolver.faults)) }
    }
}

fn flags(overrides: &Overrides) -> Vec<Layer> {
    [
        ("--data", "hub.data_dir", &overrides.data_dir),
        ("--store-url", "store.url", &overrides.store_url),
        ("--log-level", "log.level", &overrides.log_level),
        ("--listen", "api.listen", &overrides.listen),
    ]
    .into_iter()
    .filter_map(|(flag, key, value)| {
        Some(Layer::of_flag(&HUB_FORMAT, flag, key, value.as_deref()?))
    })
    .collect()
}
