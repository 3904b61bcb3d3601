//! The configuration as it is written: nothing is checked but types and names of keys.

use serde::Deserialize;

macro_rules! raw {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Default, Deserialize)]
        #[cfg_attr(test, derive(serde::Serialize))]
        #[serde(default, deny_unknown_fields)]
        pub(super) struct $name { $(pub(super) $field: $type),+ }
    )+};
}

raw! {
    RawConfig {
        store: RawStore,
        api: RawApi,
        codes: RawCodes,
        log: RawLog,
        retention: RawRetention,
        receipt: RawReceipt,
        hub: RawHub,
    }
    RawStore { id: Option<String>, data_dir: Option<String>, language: Option<String> }
    RawApi {
        listen: Option<String>,
        allowed_hosts: Option<Vec<String>>,
        allowed_origins: Option<Vec<String>>,
        tokens: Option<Vec<RawTillToken>>,
        connections_max: Option<i64>,
    }
    RawTillToken { till: Option<String>, token_sha256: Option<String> }
    RawCodes {
        group_separators: Option<Vec<String>>,
        rules: Option<Vec<RawCardRule>>,
        totp: RawTotp,
        token_keys: Option<Vec<RawTokenKey>>,
    }
    RawCardRule {
        name: Option<String>,
        symbologies: Option<Vec<String>>,
        prefix: Option<String>,
        length_min: Option<i64>,
        length_max: Option<i64>,
        alphabet: Option<String>,
        check: Option<String>,
        kind: Option<String>,
    }
    RawTotp {
        period_ms: Option<i64>,
        digits: Option<i64>,
        steps_back: Option<i64>,
        steps_ahead: Option<i64>,
        steps_untrusted: Option<i64>,
    }
    RawTokenKey { key_id: Option<String>, public_key: Option<String> }
    RawLog { level: Option<String>, format: Option<String> }
    RawRetention { journal_days: Option<i64> }
    RawReceipt { columns: Option<i64> }
    RawHub { sync: Option<String> }
}
