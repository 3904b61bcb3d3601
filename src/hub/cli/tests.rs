use super::*;
use crate::hub::config::Transport;
use crate::shell::config::Pretended;

fn exit(arguments: &[&str], around: &Pretended) -> (Exit, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let arguments = std::iter::once("tillward-hub").chain(arguments.iter().copied());
    let perform = |command: Command, config: Config| match command {
        Command::Run(_) if config.api.transport == Transport::Tls => Ok(()),
        _ => Err(CommandError::busy("told")),
    };
    let exit = dispatch(arguments.map(OsString::from), around, &mut out, &mut err, &perform);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (exit, text(out), text(err))
}

#[test]
fn the_definition_is_sound() {
    <Cli as clap::CommandFactory>::command().debug_assert();
}

#[test]
fn wrong_arguments_and_a_wrong_configuration_end_with_64() {
    let root = Pretended::default();
    for (arguments, around) in [
        (vec!["fly"], root.clone()),
        (vec![], root.clone()),
        (vec!["device", "revoke", "7"], root.clone()),
        (vec!["device", "add", "--name", "a"], root.clone()),
        (vec!["device", "add", "--name", "a", "--store", "S1", "--days", "0"], root.clone()),
        (vec!["keys", "rotate", "root", "--root", "f"], root.clone()),
        (vec!["run", "--listen", "nowhere"], root.clone()),
        (vec!["run"], root.clone().set("TILLWARD_HUB__LOG__LEVEL", "loud")),
        (vec!["run", "--config", "/none.toml"], root),
    ] {
        let (exit, out, err) = exit(&arguments, &around);
        assert_eq!((exit, out.as_str()), (Exit::Usage, ""), "{arguments:?}");
        assert!(!err.is_empty());
    }
}

#[test]
fn help_goes_to_standard_output_and_names_every_command() {
    let (code, out, err) = exit(&["--help"], &Pretended::default());
    assert_eq!((code, err.as_str()), (Exit::Done, ""));
    for command in ["init", "run", "device", "programme", "exposure", "import", "keys", "64"] {
        assert!(out.contains(command), "{command} in\n{out}");
    }
    let (_, out, _) = exit(&["device", "add", "--help"], &Pretended::default());
    assert!(out.contains("tillward enrol URL CODE"), "{out}");
}

#[test]
fn a_command_runs_with_its_configuration_and_its_error_is_told() {
    assert_eq!(exit(&["run"], &Pretended::default()).0, Exit::Done);
    let (exit, _, err) = exit(&["keys", "list"], &Pretended::default());
    assert_eq!((exit, err.as_str()), (Exit::Busy, "tillward-hub: told\n"));
}
