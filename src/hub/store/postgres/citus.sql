-- For a hub on Citus: run once on the coordinator, by a superuser, when the hub has made its tables
-- (`CREATE EXTENSION citus` comes before). Without Citus nothing of this is needed.
--
-- The hub's processes all connect to the coordinator. A batch of a device locks the one row of the
-- device, which is in one shard, and its records are in one shard too.

SET search_path = tillward;

-- By device: its row, its journal and what belongs to records of it.
SELECT create_distributed_table('devices', 'device');
SELECT create_distributed_table('journal', 'device', colocate_with => 'devices');
SELECT create_distributed_table('forked_records', 'device', colocate_with => 'devices');
SELECT create_distributed_table('flags', 'device', colocate_with => 'devices');
SELECT create_distributed_table('checkpoints', 'device', colocate_with => 'devices');
SELECT create_distributed_table('follow_ups', 'sale_device', colocate_with => 'devices');

-- By account: the account and its entries.
SELECT create_distributed_table('accounts', 'account', colocate_with => 'none');
SELECT create_distributed_table('entries', 'account', colocate_with => 'accounts');

-- By store, by member, by code, by voucher: each looked up by its own key.
SELECT create_distributed_table('receipts', 'store', colocate_with => 'none');
SELECT create_distributed_table('members', 'member', colocate_with => 'none');
SELECT create_distributed_table('member_codes', 'code', colocate_with => 'none');
SELECT create_distributed_table('vouchers', 'voucher', colocate_with => 'none');

-- Small, and read by everybody: on every node.
SELECT create_reference_table('enrolments');
SELECT create_reference_table('programmes');
SELECT create_reference_table('key_lists');

-- `cursor` and `schema_version` stay on the coordinator: every batch takes the next cursor last.
