use super::*;

const TOY_ID: i32 = 0x7459_0001;
const TOY: [Migration; 2] = [
    Migration { number: 1, name: "notes", sql: "CREATE TABLE note (id INTEGER PRIMARY KEY, text)" },
    Migration { number: 2, name: "index", sql: "CREATE INDEX note_text ON note (text)" },
];

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn integer(connection: &Connection, pragma: &str) -> i64 {
    connection.pragma_query_value(None, pragma, |row| row.get(0)).expect("a setting")
}

#[test]
fn an_sqlite_that_can_lose_commits_is_refused() {
    assert!(matches!(
        refuse_old_sqlite(3_051_002),
        Err(OpenError::SqliteTooOld { found: 3_051_002 })
    ));
    refuse_old_sqlite(SQLITE_VERSION_MIN).expect("new enough");
    refuse_old_sqlite(rusqlite::version_number()).expect("the linked one is new enough");
}

#[test]
fn the_writer_is_durable_and_the_reader_cannot_write() {
    let folder = folder();
    let path = folder.path().join("toy.db");
    let writer = open_writer(&path, TOY_ID, &TOY).expect("opened");
    for pragma in COMMON_PRAGMAS.iter().chain(&WRITER_PRAGMAS) {
        // No answer for a setting that this build leaves out would be a failure here too.
        let found = integer(&writer.connection, pragma.name);
        assert_eq!(found, pragma.value, "{}", pragma.name);
    }
    let mode: String = writer
        .connection
        .pragma_query_value(None, "journal_mode", |row| row.get(0))
        .expect("a mode");
    assert_eq!(mode, "wal");
    let reader = open_reader(&path).expect("opened");
    for pragma in COMMON_PRAGMAS.iter().chain(&READER_PRAGMAS) {
        assert_eq!(integer(&reader, pragma.name), pragma.value, "{}", pragma.name);
    }
    let refused = reader.execute("INSERT INTO note (text) VALUES ('x')", []).expect_err("refused");
    assert_eq!(refused.sqlite_error_code(), Some(ErrorCode::ReadOnly));
}

#[test]
fn a_sealed_file_is_read_whatever_its_name() {
    let folder = folder();
    for name in ["plain", "a?immutable=0", "100%25", "#1", "with space", "č"] {
        let path = folder.path().join(name).join("toy.db");
        std::fs::create_dir(folder.path().join(name)).expect("a folder");
        let file = open_writer(&path, TOY_ID, &TOY).expect("opened");
        file.connection.execute("INSERT INTO note (text) VALUES (?1)", [name]).expect("inserted");
        drop(file);
        let sealed = open_sealed(&path).expect("opened");
        let text: String =
            sealed.query_row("SELECT text FROM note", [], |row| row.get(0)).expect("read");
        assert_eq!(text, name);
        let left: Vec<_> = std::fs::read_dir(folder.path().join(name)).expect("a folder").collect();
        assert_eq!(left.len(), 2, "the file and its lock, no journal: {left:?}");
    }
}

#[test]
fn a_second_opener_is_refused_until_the_first_has_gone() {
    let folder = folder();
    let path = folder.path().join("toy.db");
    let first = open_writer(&path, TOY_ID, &TOY).expect("opened");
    let second = open_writer(&path, TOY_ID, &TOY).expect_err("refused");
    assert!(matches!(second, OpenError::AlreadyRunning { .. }), "{second}");
    drop(first);
    open_writer(&path, TOY_ID, &TOY).expect("opened again");
}

#[test]
fn a_newer_file_is_refused_untouched() {
    let folder = folder();
    let path = folder.path().join("toy.db");
    drop(open_writer(&path, TOY_ID, &TOY).expect("opened"));
    let before = fs::read(&path).expect("readable");
    let refused = open_writer(&path, TOY_ID, &TOY[..1]).expect_err("refused");
    let OpenError::Migrate { source: MigrateError::FileIsNewer { file, program }, .. } = refused
    else {
        panic!("another refusal: {refused}");
    };
    assert_eq!((file, program), (2, 1));
    assert_eq!(fs::read(&path).expect("readable"), before);
}

#[test]
fn another_programs_file_is_refused_untouched() {
    let folder = folder();
    let path = folder.path().join("toy.db");
    let other = Connection::open(&path).expect("opened");
    other.execute_batch("CREATE TABLE theirs (x)").expect("created");
    other.close().expect("closed");
    let before = fs::read(&path).expect("readable");
    let refused = open_writer(&path, TOY_ID, &TOY).expect_err("refused");
    assert!(matches!(refused, OpenError::Foreign { found: 0, .. }), "{refused}");
    assert_eq!(fs::read(&path).expect("readable"), before);
}

#[test]
fn a_broken_file_is_told_moved_aside_and_never_deleted() {
    let folder = folder();
    let path = folder.path().join("toy.db");
    fs::write(&path, [b'x'; 9000]).expect("written");
    fs::write(durable_file::with_suffix(&path, "-wal"), b"its wal").expect("written");
    let refused = open_writer(&path, TOY_ID, &TOY).expect_err("refused");
    assert!(matches!(refused, OpenError::Damaged { .. }), "{refused}");
    let now = DateTime::from_timestamp_millis(1_798_000_000_123).expect("a time");
    let aside = move_aside(&path, "damaged", now).expect("moved");
    let name = aside.file_name().expect("a name").to_string_lossy();
    assert_eq!(name, "toy.db.damaged-20261223T042640.123Z");
    assert_eq!(fs::read(&aside).expect("readable"), [b'x'; 9000]);
    assert!(durable_file::with_suffix(&aside, "-wal").exists());
    drop(open_writer(&path, TOY_ID, &TOY).expect("a fresh file"));
    assert_ne!(
        move_aside(&path, "damaged", now).expect("moved"),
        aside,
        "the same millisecond twice"
    );
}

#[test]
fn a_wal_without_its_file_is_kept() {
    let folder = folder();
    let path = folder.path().join("toy.db");
    let wal = durable_file::with_suffix(&path, "-wal");
    fs::write(&wal, b"answered commits").expect("written");
    for empty in [false, true] {
        if empty {
            fs::write(&path, b"").expect("written");
        }
        let refused = open_writer(&path, TOY_ID, &TOY).expect_err("refused");
        assert!(matches!(refused, OpenError::Damaged { .. }), "{refused}");
        assert_eq!(fs::read(&wal).expect("readable"), b"answered commits");
    }
}

#[test]
fn a_damaged_page_is_found_by_the_quick_check() {
    let folder = folder();
    let path = folder.path().join("toy.db");
    let file = open_writer(&path, TOY_ID, &TOY).expect("opened");
    file.connection
        .execute_batch(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
             INSERT INTO note (text) SELECT 'note number ' || i FROM n",
        )
        .expect("filled");
    quick_check(&file.connection, &path).expect("sound");
    drop(file);
    let mut bytes = fs::read(&path).expect("readable");
    let page = bytes.len() / 2 / 4096 * 4096;
    bytes[page..page + 4096].fill(0xA5);
    fs::write(&path, bytes).expect("written");
    let file = open_writer(&path, TOY_ID, &TOY).expect("the first page is sound");
    let found = quick_check(&file.connection, &path).expect_err("damaged");
    assert!(matches!(found, OpenError::Damaged { .. }), "{found}");
}

#[test]
fn a_missing_folder_is_named() {
    let folder = folder();
    let missing = folder.path().join("nowhere");
    let refused = open_writer(&missing.join("toy.db"), TOY_ID, &TOY).expect_err("refused");
    assert!(matches!(refused, OpenError::FolderMissing { path } if path == missing));
}

#[test]
fn each_fault_of_a_folder_or_disk_has_its_own_error() {
    use io::ErrorKind as Kind;
    let path = Path::new("/data/toy.db");
    let told = |kind: Kind| match OpenError::from_folder(path, kind.into()) {
        OpenError::FolderMissing { .. } => "missing",
        OpenError::FolderReadOnly { .. } => "read-only",
        OpenError::StorageFull { .. } => "full",
        _ => "other",
    };
    assert_eq!(told(Kind::NotFound), "missing");
    assert_eq!(told(Kind::NotADirectory), "missing");
    assert_eq!(told(Kind::PermissionDenied), "read-only");
    assert_eq!(told(Kind::ReadOnlyFilesystem), "read-only");
    assert_eq!(told(Kind::StorageFull), "full");
    assert_eq!(told(Kind::Interrupted), "other");
}

/// Root writes what it likes, so the refusal can only be seen by another user.
#[cfg(unix)]
#[test]
fn a_read_only_file_is_refused_or_this_user_may_write_it_anyway() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let path = folder.path().join("toy.db");
    drop(open_writer(&path, TOY_ID, &TOY).expect("opened"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).expect("changed");
    let may_write = fs::OpenOptions::new().append(true).open(&path).is_ok();
    match open_writer(&path, TOY_ID, &TOY) {
        Ok(_) => assert!(may_write),
        Err(OpenError::FileReadOnly { .. }) => assert!(!may_write),
        Err(other) => panic!("another refusal: {other}"),
    }
}

#[test]
fn a_broken_page_that_a_migration_meets_is_the_files_damage() {
    let failed = |code| MigrateError::StepFailed {
        number: 2,
        name: "checksums",
        source: rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None),
    };
    let path = Path::new("ledger.db");
    let told = |code| OpenError::from_migrate(path, failed(code));
    assert!(matches!(told(rusqlite::ffi::SQLITE_CORRUPT), OpenError::Damaged { .. }));
    assert!(matches!(told(rusqlite::ffi::SQLITE_FULL), OpenError::StorageFull { .. }));
    assert!(matches!(told(rusqlite::ffi::SQLITE_ERROR), OpenError::Migrate { .. }));
}
