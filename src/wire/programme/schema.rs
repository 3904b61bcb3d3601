//! The JSON schema of the programme file, for editors that complete and check TOML.

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde_json::{Map, Value};

use super::file::ProgrammeFile;

/// The JSON schema (draft 2020-12) of the programme file. It knows keys, words and which keys are
/// required; what only holds between keys is for [`ProgrammeFile::check`].
#[must_use]
pub fn json_schema() -> Value {
    SchemaSettings::draft2020_12()
        .with_transform(RecursiveTransform(without_null))
        .into_generator()
        .into_root_schema_for::<ProgrammeFile>()
        .to_value()
}

/// TOML has no null: an optional key is there or not.
fn without_null(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
        choices.retain(|choice| choice.get("type").is_none_or(|kind| kind != "null"));
        if let [Value::Object(only)] = choices.as_slice() {
            let only: Map<String, Value> = only.clone();
            object.remove("anyOf");
            object.extend(only);
        }
    }
}
