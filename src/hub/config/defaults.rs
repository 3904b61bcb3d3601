//! Every default and limit of the configuration, with its reason.

use std::ops::RangeInclusive;

use crate::hub::changes::CHANGES_REPLY_MAX;
use crate::shell::config::Usual;

/// Where the hub's things are when nobody says.
pub(super) const USUAL: Usual = Usual {
    config_variable: "TILLWARD_HUB_CONFIG",
    config_file: "/etc/tillward-hub/config.toml",
    data_dir: "/var/lib/tillward-hub",
    xdg_folder: "tillward-hub",
};
/// Only this machine, until somebody says where tills come from.
pub(super) const LISTEN: &str = "127.0.0.1:8740";
/// The file of a hub without PostgreSQL, in the data folder.
pub(super) const STORE_FILE: &str = "hub.db";
/// Each till holds one connection while it waits for changes, and a thousand stores have one agent
/// each.
pub(super) const CONNECTIONS_MAX: u32 = 4_096;
/// One is of use; every one takes a file descriptor and some tens of kilobytes.
pub(super) const CONNECTIONS_RANGE: RangeInclusive<u32> = 1..=65_536;
/// A new till fetches the snapshot and then the changes since; those of a day are one reply.
pub(super) const SNAPSHOT_HOURS: u32 = 24;
/// At least hourly is a choice, less than weekly makes first starts long.
pub(super) const SNAPSHOT_HOURS_RANGE: RangeInclusive<u32> = 1..=168;
/// Half of what one reply tells, so that there is time to fetch the snapshot.
pub(super) const SNAPSHOT_CHANGES: u32 = 10_000;
/// At most what one reply tells: else a till could not go on from its snapshot.
pub(super) const SNAPSHOT_CHANGES_RANGE: RangeInclusive<u32> = 1_000..=CHANGES_REPLY_MAX as u32;
