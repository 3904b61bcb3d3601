//! Makes, lists and replaces the hub's keys.

use crate::hub::cli::{InitArgs, KeysCommand, RotateArgs};
use crate::hub::config::Config;
use crate::hub::keys::{
    self, Init, KEY_USES, Place, ROOT_FILE, finish_rotation, newest_list, root_public,
    start_rotation,
};
use crate::shell::exit::CommandError;
use crate::shell::process::say;
use crate::wire::sync::{KeyList, RootFingerprint};

use super::{failed, keys_failed, make_folder, now, open_store};

pub(super) fn init_hub(config: &Config, args: &InitArgs) -> Result<(), CommandError> {
    let folder = &config.data_dir;
    make_folder(folder)?;
    let store = open_store(&config.store)?;
    let root_file = args.root_out.clone().unwrap_or_else(|| folder.join(ROOT_FILE));
    let init = Init { folder, root_file: &root_file, store: &*store, now: now() };
    let made = keys::init(&init).map_err(keys_failed)?;
    if let Some(root_file) = &made.root_file {
        say(&format!(
            "the root key is in {}: carry it to where no network reaches, and keep a copy",
            root_file.display()
        ));
    }
    say(&format!("the keys of the hub are in {}: keep a copy locked away", folder.display()));
    say(&format!("list of keys {}, fingerprint {}", made.list.serial, made.fingerprint));
    Ok(())
}

pub(super) fn perform(config: &Config, command: KeysCommand) -> Result<(), CommandError> {
    match command {
        KeysCommand::Fingerprint => {
            let root = root_public(&config.data_dir).map_err(keys_failed)?;
            say(&RootFingerprint::of(&root).to_string());
            Ok(())
        }
        KeysCommand::List => {
            let root = root_public(&config.data_dir).map_err(keys_failed)?;
            let store = open_store(&config.store)?;
            let mut tx = store.read().map_err(|error| failed(&error))?;
            let list = newest_list(&mut *tx, &root).map_err(keys_failed)?;
            say(&told(&list));
            Ok(())
        }
        KeysCommand::Rotate(args) => rotate(config, &args),
        KeysCommand::Renew(root) => {
            let store = open_store(&config.store)?;
            let place = Place {
                folder: &config.data_dir,
                root_file: &root.file,
                store: &*store,
                now: now(),
            };
            let list = keys::renew(place).map_err(keys_failed)?;
            say(&told(&list));
            Ok(())
        }
    }
}

fn rotate(config: &Config, args: &RotateArgs) -> Result<(), CommandError> {
    let store = open_store(&config.store)?;
    let place =
        Place { folder: &config.data_dir, root_file: &args.root.file, store: &*store, now: now() };
    let key_use = args.key_use.into();
    let (rotated, next) = if args.retire_old {
        (finish_rotation(place, key_use), "the old key is off the list")
    } else {
        let next = "restart every hub process, each with a copy of the new key file; then run this \
                    again with --retire-old";
        (start_rotation(place, key_use), next)
    };
    let rotated = rotated.map_err(keys_failed)?;
    say(&told(&rotated.list));
    say(&format!("{} is the new key: {next}", rotated.key.key_id()));
    Ok(())
}

fn told(list: &KeyList) -> String {
    let mut text =
        format!("list of keys {}, good until {}", list.serial, list.expires_at.date_naive());
    for (name, key_use) in KEY_USES {
        for key in list.keys_for(key_use) {
            text.push_str(&format!("\n  {name:<10}  {}", key.key_id()));
        }
    }
    text
}
