use std::io::{BufReader, Cursor, Read};

use super::*;
use crate::agent::store::base_files::about;
use crate::agent::testing::{PROGRAMME, card};
use crate::agent::till::shelf::Published;

fn line(member: u32) -> String {
    let code = card(member);
    format!(
        r#"{{"member":"{member:032x}","codes":["{code}"],"points":7,"last_purchase":"2026-02-20"}}"#
    )
}

/// A file that, while it is read, somebody else imports another one.
struct Interrupted<'a> {
    file: Cursor<String>,
    importer: &'a Importer<'a>,
    second: Option<Result<Imported, ImportError>>,
}

impl Read for Interrupted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.second.is_none() {
            self.second = Some(self.importer.import(Cursor::new(line(2))));
        }
        self.file.read(buffer)
    }
}

#[test]
fn two_imports_at_once_do_not_spoil_each_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let (directory, _) = DirectoryKey::load_or_create(folder.path()).expect("a key");
    let programme = Published::check(PROGRAMME.to_owned()).expect("a programme");
    let importer = Importer {
        folder: folder.path(),
        directory: &directory,
        codes: &CodeSettings::default(),
        programme: programme.evaluator.programme(),
    };
    let file = Cursor::new(line(1));
    let mut first = Interrupted { file, importer: &importer, second: None };
    let imported = importer.import(BufReader::new(&mut first)).expect("imported");
    assert_eq!(imported.members, 1);
    let second = first.second.expect("tried").expect_err("refused");
    assert!(matches!(second, ImportError::UnderWay { .. }), "{second}");
    let pending = folder.path().join(PENDING_BASE_FILE);
    let of_first = about(&pending).expect("a base");
    assert_eq!((of_first.cursor, of_first.members), (1, 1));
    importer.import(Cursor::new(line(2))).expect("imported after the first");
    let of_both = about(&pending).expect("a base");
    assert_eq!((of_both.cursor, of_both.members), (2, 2));
}

#[test]
fn an_import_that_fails_is_in_nobodys_way() {
    let folder = tempfile::tempdir().expect("a folder");
    let (directory, _) = DirectoryKey::load_or_create(folder.path()).expect("a key");
    let programme = Published::check(PROGRAMME.to_owned()).expect("a programme");
    let importer = Importer {
        folder: folder.path(),
        directory: &directory,
        codes: &CodeSettings::default(),
        programme: programme.evaluator.programme(),
    };
    let wrong = importer.import(Cursor::new("not a member".to_owned()));
    assert!(matches!(wrong, Err(ImportError::Faults { .. })), "{wrong:?}");
    importer.import(Cursor::new(line(1))).expect("imported");
}
