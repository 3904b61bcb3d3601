//! Shell completions and man pages, made from the command line's definition.

use std::fs;
use std::io;
use std::path::Path;

use clap_complete::Shell;
use clap_mangen::Man;

use crate::shell::exit::CommandError;

/// The completions of one shell.
pub(super) fn completions(mut command: clap::Command, shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "tillward", &mut script);
    script
}

/// The man page of the program.
pub(super) fn page(command: clap::Command) -> Result<Vec<u8>, CommandError> {
    let mut page = Vec::new();
    let rendered = Man::new(command).render(&mut page);
    rendered.map_err(|error| CommandError::failed(format!("writing the page failed: {error}")))?;
    Ok(page)
}

/// A page for the program and for each of its commands, as files of a folder that is made.
pub(super) fn write_pages(command: clap::Command, dir: &Path) -> Result<(), CommandError> {
    let failed = |error: io::Error| {
        CommandError::failed(format!("writing man pages to {} failed: {error}", dir.display()))
    };
    fs::create_dir_all(dir).map_err(failed)?;
    clap_mangen::generate_to(command, dir).map_err(failed)
}
