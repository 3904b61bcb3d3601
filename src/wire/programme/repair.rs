//! Reads what fits the format and tells everything that does not: what serde refuses is noted and
//! taken out, and the rest is read again, until it fits.

use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use toml::Value;

use super::fault::{FAULTS_MAX, FaultCode, Faults};
use super::file::{
    ConversionTable, EarnTable, OfferTable, ProgrammeFile, RewardTable, VoucherTypeTable,
};
use super::place::{Step, shown};

/// The parts of a file that fit the format. Elements keep their position in the file.
pub(crate) struct FileParts {
    /// All but the long lists, which are empty here.
    pub(crate) file: ProgrammeFile,
    /// Earning rules.
    pub(crate) earn: Vec<(usize, EarnTable)>,
    /// Rewards.
    pub(crate) rewards: Vec<(usize, RewardTable)>,
    /// Conversions.
    pub(crate) conversions: Vec<(usize, ConversionTable)>,
    /// Offers.
    pub(crate) offers: Vec<(usize, OfferTable)>,
    /// Voucher types.
    pub(crate) voucher_types: Vec<(usize, VoucherTypeTable)>,
}

/// Reads the parts of a file. The elements of the long lists are read one by one, so that a fault
/// costs a second reading of its element only.
pub(crate) fn read_parts(mut table: toml::Table, faults: &mut Faults<'_>) -> FileParts {
    let earn = read_list(&mut table, "earn", faults);
    let rewards = read_list(&mut table, "rewards", faults);
    let conversions = read_list(&mut table, "conversions", faults);
    let offers = read_list(&mut table, "offers", faults);
    let voucher_types = read_list(&mut table, "voucher_types", faults);
    let file = read(Value::Table(table), &[], faults);
    FileParts { file, earn, rewards, conversions, offers, voucher_types }
}

fn read_list<T: DeserializeOwned + Default>(
    table: &mut toml::Table,
    key: &str,
    faults: &mut Faults<'_>,
) -> Vec<(usize, T)> {
    // Anything but a list stays in the table, where reading the file finds it.
    if !table.get(key).is_some_and(Value::is_array) {
        return Vec::new();
    }
    let Some(Value::Array(elements)) = table.remove(key) else {
        return Vec::new();
    };
    let mut read_elements = Vec::with_capacity(elements.len());
    for (index, element) in elements.into_iter().enumerate() {
        let at = [Step::Key(key.to_owned()), Step::Index(index)];
        if element.is_table() {
            read_elements.push((index, read(element, &at, faults)));
        } else {
            let reason = format!("expected a table, found {}", element.type_str());
            faults.unread(at.to_vec(), FaultCode::WrongType, reason);
        }
    }
    read_elements
}

fn read<T: DeserializeOwned + Default>(
    mut value: Value,
    at: &[Step],
    faults: &mut Faults<'_>,
) -> T {
    while !faults.is_full() {
        let error = match serde_path_to_error::deserialize(value.clone()) {
            Ok(read) => return read,
            Err(error) => error,
        };
        let steps = steps_of(error.path());
        let message = error.inner().message().trim();
        if message.starts_with("unknown field") {
            let known = listed_words(message);
            let unknown = take_out_unknown(&mut value, &steps, &known);
            if unknown.is_empty() {
                break;
            }
            for key in unknown {
                let reason = explain_unknown(&key, &known);
                faults.unread([at, &key].concat(), FaultCode::UnknownKey, reason);
            }
            continue;
        }
        let (code, reason) = explain(message, &steps);
        faults.unread([at, &steps].concat(), code, reason.clone());
        match take_out(&mut value, &steps) {
            TakenOut::Nothing => break,
            TakenOut::Key => {}
            TakenOut::Elements(places) => {
                for place in places {
                    faults.unread([at, &place].concat(), code, reason.clone());
                }
            }
        }
    }
    T::default()
}

/// What reading again goes without.
enum TakenOut {
    /// There is nothing at the place: reading again would not end.
    Nothing,
    /// The key.
    Key,
    /// These elements of a list; something harmless stands for them, so that the others keep
    /// their position.
    Elements(Vec<Vec<Step>>),
}

fn take_out(value: &mut Value, steps: &[Step]) -> TakenOut {
    let Some((last, around)) = steps.split_last() else {
        return TakenOut::Nothing;
    };
    match (last, value_at(value, around)) {
        (Step::Key(key), Some(Value::Table(table))) => match table.remove(key) {
            Some(_) => TakenOut::Key,
            None => TakenOut::Nothing,
        },
        (Step::Index(index), Some(Value::Array(list))) if *index < list.len() => {
            match stand_in(&list[*index]) {
                Some(stand_in) => {
                    TakenOut::Elements(replace_alike(list, *index, &stand_in, around))
                }
                None => take_out(value, around),
            }
        }
        _ => TakenOut::Nothing,
    }
}

/// Takes every unknown key out of the table that one was found in: they would all be refused, one
/// reading each.
fn take_out_unknown(value: &mut Value, found: &[Step], known: &[&str]) -> Vec<Vec<Step>> {
    let around = found.split_last().map_or(found, |(_, around)| around);
    let Some(Value::Table(table)) = value_at(value, around) else {
        return Vec::new();
    };
    let mut unknown = Vec::new();
    table.retain(|key, _| {
        let is_known = known.contains(&key);
        // More than are told need no place.
        if !is_known && unknown.len() <= FAULTS_MAX {
            unknown.push([around, &[Step::Key(key.to_owned())]].concat());
        }
        is_known
    });
    unknown
}

/// What an element that does not fit is replaced by: all lists are of texts or of tables, so one
/// of the two fits. `None` where neither did.
fn stand_in(refused: &Value) -> Option<Value> {
    match refused {
        Value::Table(table) if table.is_empty() => None,
        Value::String(_) => Some(Value::Table(toml::Table::new())),
        _ => Some(Value::String(String::new())),
    }
}

/// Replaces every element of the refused one's type: they would all be refused, one reading each.
fn replace_alike(
    list: &mut [Value],
    refused: usize,
    stand_in: &Value,
    around: &[Step],
) -> Vec<Vec<Step>> {
    let kind = list[refused].type_str();
    let mut places = Vec::new();
    for (index, element) in list.iter_mut().enumerate() {
        if element.type_str() == kind {
            *element = stand_in.clone();
            // More than are told need no place.
            if places.len() > FAULTS_MAX {
                continue;
            }
            places.push([around, &[Step::Index(index)]].concat());
        }
    }
    places
}

fn value_at<'v>(value: &'v mut Value, steps: &[Step]) -> Option<&'v mut Value> {
    steps.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.get_mut(key.as_str()),
        Step::Index(index) => value.get_mut(*index),
    })
}

fn steps_of(path: &serde_path_to_error::Path) -> Vec<Step> {
    let step = |segment: &Segment| match segment {
        Segment::Map { key } => Some(Step::Key(key.clone())),
        Segment::Seq { index } => Some(Step::Index(*index)),
        Segment::Enum { .. } | Segment::Unknown => None,
    };
    path.iter().map_while(step).collect()
}

fn explain_unknown(key: &[Step], known: &[&str]) -> String {
    let near = match key.last() {
        Some(Step::Key(key)) => nearest(key, known.iter().copied()),
        _ => None,
    };
    match near {
        Some(word) => format!("unknown key; did you mean `{word}`?"),
        None => format!("unknown key; known here are {}", known.join(", ")),
    }
}

/// Serde's message in the words of the format.
fn explain(message: &str, steps: &[Step]) -> (FaultCode, String) {
    let key = match steps.last() {
        Some(Step::Key(key)) => key.as_str(),
        _ => "",
    };
    if let Some(rest) = message.strip_prefix("unknown variant `") {
        let known = listed_words(message);
        let word = shown(rest.split('`').next().unwrap_or_default());
        let reason = match nearest(&word, known.iter().copied()) {
            Some(near) => format!("unknown word \"{word}\"; did you mean \"{near}\"?"),
            None => format!("unknown word \"{word}\"; it may be {}", known.join(", ")),
        };
        return (FaultCode::UnknownWord, reason);
    }
    let Some((found, expected)) =
        message.strip_prefix("invalid type: ").and_then(|rest| rest.rsplit_once(", expected "))
    else {
        return (FaultCode::WrongType, message.to_owned());
    };
    let found = match found.split_once([' ', '`', '"']) {
        _ if found == "map" => "table",
        Some(("string", _)) => "text",
        Some(("floating", _)) => "a number with decimals",
        Some((kind, _)) => kind,
        None => found,
    };
    let reason = match expected {
        "a sequence" if found == "table" => {
            format!("expected a list: write [[{key}]] before each element, or [ ... ]")
        }
        "a sequence" => format!("expected a list, found {found}"),
        "i64" => format!("expected a whole number, found {found}"),
        "a string" if key == "group" && found == "sequence" => {
            "expected one group in quotes: of two groups that overlap nobody could say which of \
             their bests applies"
                .to_owned()
        }
        "a string" => format!("expected text in quotes, found {found}"),
        "a boolean" => format!("expected true or false, found {found}"),
        other => format!("expected {other}, found {found}"),
    };
    (FaultCode::WrongType, reason)
}

/// The words between backticks after "expected".
fn listed_words(message: &str) -> Vec<&str> {
    let listed = message.rsplit_once("`, expected ").map_or("", |(_, l)| l);
    listed.split('`').skip(1).step_by(2).collect()
}

/// The candidate that a slip of the pen made the word from: at most a third of it wrong.
pub(crate) fn nearest<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    let distance_max = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (edit_distance(word, candidate, distance_max), candidate))
        .filter(|(distance, _)| *distance <= distance_max)
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many characters were added, left out, replaced or swapped with their neighbour; anything
/// beyond `distance_max` where the lengths alone say so.
fn edit_distance(left: &str, right: &str, distance_max: usize) -> usize {
    let right: Vec<char> = right.chars().collect();
    if left.chars().count().abs_diff(right.len()) > distance_max {
        return distance_max + 1;
    }
    let left: Vec<char> = left.chars().collect();
    let mut before_last = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for i in 1..=left.len() {
        let mut row = vec![i];
        for j in 1..=right.len() {
            let replaced = last[j - 1] + usize::from(left[i - 1] != right[j - 1]);
            let mut distance = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            let swapped =
                i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
            if swapped {
                distance = distance.min(before_last[j - 2] + 1);
            }
            row.push(distance);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[right.len()]
}
