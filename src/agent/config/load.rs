use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use toml::{Table, Value};

use super::fault::{ConfigFault, ConfigFaults, Origin};
use super::layer::Layer;
use super::locate::{self, Place};
use super::resolve::Resolver;
use super::{Config, Surroundings, repair};
use crate::loyalty::StoreId;

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
        let place = locate::config_file(overrides.config.as_deref(), around);
        let layers = files(&place, around)
            .into_iter()
            .chain(variables(around))
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

fn files(place: &Place, around: &dyn Surroundings) -> Vec<Layer> {
    let mut layers = Vec::new();
    match (around.read(place.path()), place) {
        (Ok(text), _) => layers.push(Layer::of_file(place.path(), &text)),
        (Err(error), Place::Usual(_)) if error.kind() == io::ErrorKind::NotFound => {}
        (Err(error), _) => layers.push(unreadable(place.path().to_owned(), &error)),
    }
    let folder = place.overlay_folder();
    let mut overlays = match around.list(&folder) {
        Ok(found) => found,
        Err(error) => {
            layers.push(unreadable(folder, &error));
            return layers;
        }
    };
    overlays.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    overlays.sort();
    for path in overlays {
        layers.push(match around.read(&path) {
            Ok(text) => Layer::of_file(&path, &text),
            Err(error) => unreadable(path, &error),
        });
    }
    layers
}

fn unreadable(path: PathBuf, error: &io::Error) -> Layer {
    Layer::refused(Origin::File(path), String::new(), format!("cannot be read: {error}"))
}

fn variables(around: &dyn Surroundings) -> Vec<Layer> {
    let mut variables = around.variables();
    variables.sort();
    variables.iter().filter_map(|(name, value)| Layer::of_variable(name, value)).collect()
}

fn flags(overrides: &Overrides) -> Vec<Layer> {
    [
        ("--data-dir", "store.data_dir", &overrides.data_dir),
        ("--log-level", "log.level", &overrides.log_level),
        ("--listen", "api.listen", &overrides.listen),
        ("--store", "store.id", &overrides.store),
    ]
    .into_iter()
    .filter_map(|(flag, key, value)| Some(Layer::of_flag(flag, key, value.as_deref()?)))
    .collect()
}

fn resolved(
    layers: Vec<Layer>,
    needs: Needs,
    around: &dyn Surroundings,
) -> Result<Config, ConfigFaults> {
    let mut table = Table::new();
    let mut origins = BTreeMap::new();
    let mut faults: Vec<ConfigFault> = Vec::new();
    for layer in layers {
        lay_over(&mut table, layer.table, "", &layer.origin, &mut origins);
        faults.extend(layer.faults);
    }
    let mut resolver = Resolver { origins, faults };
    let config = resolver.config(repair::read(table), locate::data_dir(around));
    if needs == Needs::StoreId && !resolver.origins.contains_key("store.id") {
        resolver.faults.push(store_is_missing());
    }
    if resolver.faults.is_empty() { Ok(config) } else { Err(ConfigFaults(resolver.faults)) }
}

fn lay_over(
    below: &mut Table,
    above: Table,
    section: &str,
    origin: &Origin,
    origins: &mut BTreeMap<String, Origin>,
) {
    for (key, value) in above {
        let path = if section.is_empty() { key.clone() } else { format!("{section}.{key}") };
        match value {
            Value::Table(above) => {
                let below = below.entry(key).or_insert_with(|| Value::Table(Table::new()));
                if let Value::Table(below) = below {
                    lay_over(below, above, &path, origin, origins);
                }
            }
            value => {
                below.insert(key, value);
                origins.insert(path, origin.clone());
            }
        }
    }
}
