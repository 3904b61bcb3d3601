use std::path::PathBuf;

use super::Config;
use super::defaults::USUAL;
use super::keys::AGENT_FORMAT;
use crate::loyalty::StoreId;
use crate::shell::config::{
    ConfigFault, ConfigFaults, Layer, Surroundings, files, laid_over, repair, variables,
};

/// What the command line says; everything else comes from the environment and the files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--config`: the configuration file.
    pub config: Option<PathBuf>,
    /// `--data-dir`: the data folder.
    pub data_dir: Option<String>,
    /// `--log-level`.
    pub log_level: Option<String>,
    /// `--listen`.
    pub listen: Option<String>,
    /// `--store`.
    pub store: Option<String>,
}

/// What a command cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing that has no default.
    Nothing,
    /// [`Config::store_id`].
    StoreId,
}

impl Config {
    /// Reads every source and lays flags over environment over `conf.d/*.toml` (in the order of
    /// their names) over the file over the defaults. A list that one source sets replaces that of
    /// the sources below it.
    ///
    /// # Errors
    /// Everything that is wrong in any of the sources.
    pub fn load(
        overrides: &Overrides,
        needs: Needs,
        around: &dyn Surroundings,
    ) -> Result<Self, ConfigFaults> {
        let place = USUAL.config_file(overrides.config.as_deref(), around);
        let layers = files(&AGENT_FORMAT, &place, around)
            .into_iter()
            .chain(variables(&AGENT_FORMAT, around))
            .chain(flags(overrides))
            .collect();
        resolved(layers, needs, around)
    }

    /// The store this agent is of.
    ///
    /// # Errors
    /// Nobody said, see [`Needs::StoreId`].
    pub fn store(&self) -> Result<&StoreId, ConfigFaults> {
        self.store_id.as_ref().ok_or_else(|| ConfigFaults(vec![store_is_missing()]))
    }
}

fn store_is_missing() -> ConfigFault {
    let reason = "the store's id is needed: set id below [store], TILLWARD__STORE__ID or --store";
    ConfigFault { origin: None, path: "store.id".to_owned(), reason: reason.to_owned() }
}

fn flags(overrides: &Overrides) -> Vec<Layer> {
    [
        ("--data-dir", "store.data_dir", &overrides.data_dir),
        ("--log-level", "log.level", &overrides.log_level),
        ("--listen", "api.listen", &overrides.listen),
        ("--store", "store.id", &overrides.store),
    ]
    .into_iter()
    .filter_map(|(flag, key, value)| {
        Some(Layer::of_flag(&AGENT_FORMAT, flag, key, value.as_deref()?))
    })
    .collect()
}

fn resolved(
    layers: Vec<Layer>,
    needs: Needs,
    around: &dyn Surroundings,
) -> Result<Config, ConfigFaults> {
    let (table, mut resolver) = laid_over(layers);
    let config = resolver.config(repair::read(table), USUAL.data_dir(around));
    if needs == Needs::StoreId && !resolver.origins.contains_key("store.id") {
        resolver.faults.push(store_is_missing());
    }
    if resolver.faults.is_empty() { Ok(config) } else { Err(ConfigFaults(resolver.faults)) }
}
