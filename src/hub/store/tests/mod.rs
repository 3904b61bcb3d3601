//! One suite for every store: each case runs on SQLite and on PostgreSQL.

mod accounts;
mod changes;
mod devices;
pub(in crate::hub) mod fixture;
mod journal;
mod links;
mod members;
mod opening;
#[path = "../../../../tests/common/postgres.rs"]
pub(super) mod postgres_server;
mod published;
pub(super) mod samples;
mod together;
mod transactions;

/// Each case as a test of each store.
macro_rules! on_every_store {
    ($($group:ident { $($case:ident)+ })+) => {
        mod sqlite {
            $(mod $group {
                use crate::hub::store::tests::{$group, fixture};

                $(#[test]
                fn $case() {
                    fixture::on_sqlite($group::$case);
                })+
            })+
        }

        mod postgres {
            $(mod $group {
                use crate::hub::store::tests::{$group, fixture};

                $(#[test]
                fn $case() {
                    fixture::on_postgres($group::$case);
                })+
            })+
        }
    };
}

on_every_store! {
    devices {
        a_device_is_read_as_it_was_saved
        devices_are_in_order
        what_a_device_said_of_itself_is_noted
        an_enrolment_is_read_as_it_was_added_and_used_once
    }
    journal {
        records_are_read_as_they_were_added
        a_taken_place_is_refused
        hashes_and_records_go_on_from_a_place
        a_second_record_of_a_place_is_kept_once
        a_receipt_is_one_record_for_ever
        a_flag_is_added_once_and_the_newest_comes_first
    }
    accounts {
        an_account_that_is_locked_is_there
        accounts_are_read_as_they_were_saved
        an_entry_is_added_once_and_read_in_the_order_of_its_key
        every_account_is_gone_through_in_order
        what_is_saved_twice_at_once_is_the_last
    }
    links {
        what_follows_a_sale_is_noted_once_and_in_order
        a_checkpoint_keeps_its_time
        entries_of_a_record_are_taken_back
        a_receipt_becomes_another_record
    }
    members {
        members_are_read_as_they_were_saved
        a_code_has_one_holder
        codes_go_from_one_member_to_another
        a_member_that_is_gone_frees_its_codes
        vouchers_are_read_as_they_were_saved
    }
    published {
        programmes_are_newest_and_in_force_by_version_and_time
        the_newest_list_of_keys_is_that_of_the_highest_serial
    }
    changes {
        nothing_changed_at_first
        each_change_is_told_once_as_it_is_now
        a_page_never_splits_a_cursor
        a_page_of_nothing_gets_on
        changes_survive_opening_again
    }
    transactions {
        a_transaction_that_is_dropped_is_gone
        a_transaction_in_which_something_failed_is_not_committed
        a_read_sees_one_state
        a_number_beyond_what_databases_hold_is_refused
        nothing_asked_for_is_nothing_found
        large_batches_go_through
    }
    together {
        two_writers_on_one_device_wait_for_each_other
        two_writers_of_the_same_accounts_both_count
        accounts_in_any_order_do_not_lock_each_other_out
        cursors_become_visible_in_their_order
        a_code_that_two_want_at_once_has_one_holder
        several_open_an_empty_store_at_once
    }
    opening {
        a_store_of_a_newer_program_is_refused_and_left_alone
        every_older_schema_becomes_the_newest
        what_belongs_to_another_program_is_refused
    }
}
