//! Where a configuration is said, and how one source is laid over another.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::fault::Origin;
use super::layer::{Format, Layer};
use super::resolver::Resolver;
use super::surroundings::Surroundings;

/// The folder beside the configuration file whose files are laid over it.
const OVERLAY_FOLDER: &str = "conf.d";

/// A configuration file to read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Somebody named it: it must be there.
    Named(PathBuf),
    /// Nobody did: it may be missing.
    Usual(PathBuf),
}

impl Place {
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Named(path) | Self::Usual(path) => path,
        }
    }

    /// The folder beside it whose files are laid over it.
    pub(crate) fn overlay_folder(&self) -> PathBuf {
        self.path().with_file_name(OVERLAY_FOLDER)
    }
}

/// The configuration file and those laid over it, in the order of their names.
pub(crate) fn files(format: &Format, place: &Place, around: &dyn Surroundings) -> Vec<Layer> {
    let mut layers = Vec::new();
    match (around.read(place.path()), place) {
        (Ok(text), _) => layers.push(Layer::of_file(format, place.path(), &text)),
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
            Ok(text) => Layer::of_file(format, &path, &text),
            Err(error) => unreadable(path, &error),
        });
    }
    layers
}

fn unreadable(path: PathBuf, error: &io::Error) -> Layer {
    Layer::refused(Origin::File(path), String::new(), format!("cannot be read: {error}"))
}

/// What our variables of the environment say.
pub(crate) fn variables(format: &Format, around: &dyn Surroundings) -> Vec<Layer> {
    let mut variables = around.variables();
    variables.sort();
    variables.iter().filter_map(|(name, value)| Layer::of_variable(format, name, value)).collect()
}

/// The layers, each over those before it: what is left of all, and who said what.
pub(crate) fn laid_over(layers: Vec<Layer>) -> (Table, Resolver) {
    let mut table = Table::new();
    let mut resolver = Resolver { origins: BTreeMap::new(), faults: Vec::new() };
    for layer in layers {
        lay_over(&mut table, layer.table, "", &layer.origin, &mut resolver.origins);
        resolver.faults.extend(layer.faults);
    }
    (table, resolver)
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
