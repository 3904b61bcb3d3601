//! How many cases a property runs, and that they ran.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use proptest::prelude::ProptestConfig;

/// As many cases as `PROPTEST_CASES` asks for, else so many.
pub(crate) fn cases(here: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|asked| asked.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(here), ..ProptestConfig::default() }
}

/// Counts a case that went through to its end: where `TILLWARD_CASES_DIR` names a folder, a file
/// there with the test's name grows by one byte. CI counts them.
pub(crate) fn ran() {
    let Some(folder) = std::env::var_os("TILLWARD_CASES_DIR") else { return };
    let thread = std::thread::current();
    let name = thread.name().expect("a test's thread has its name").replace("::", ".");
    let file = OpenOptions::new().create(true).append(true).open(Path::new(&folder).join(name));
    file.and_then(|mut file| file.write_all(b".")).expect("a case can be counted");
}
