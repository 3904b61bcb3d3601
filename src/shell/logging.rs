//! The log: lines to standard error, text for people, JSON for machines.

use std::io::{self, IsTerminal};

use tracing::level_filters::LevelFilter;
use tracing::{Dispatch, Level};
use tracing_subscriber::fmt::MakeWriter;

use crate::shell::config::{LogFormat, LogLevel, LogSettings};

/// What standard error is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Screen {
    /// Somebody looks at it.
    Terminal,
    /// A file, a pipe, the journal of the service manager.
    Other,
}

/// Starts the log of the process. A log that was started before goes on as it is.
pub(crate) fn start(settings: &LogSettings) {
    let screen = if io::stderr().is_terminal() { Screen::Terminal } else { Screen::Other };
    // An error says that there is one already: a test's, or that of a program that embeds us.
    let _ = tracing::dispatcher::set_global_default(dispatch(settings, screen, io::stderr));
}

/// A log with these settings to any writer.
pub(crate) fn dispatch<W>(settings: &LogSettings, screen: Screen, writer: W) -> Dispatch
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let log = tracing_subscriber::fmt().with_max_level(filter(settings.level)).with_writer(writer);
    match (settings.format, screen) {
        (LogFormat::Text, _) | (LogFormat::Auto, Screen::Terminal) => {
            log.with_ansi(screen == Screen::Terminal).finish().into()
        }
        (LogFormat::Json, _) | (LogFormat::Auto, Screen::Other) => {
            log.json().flatten_event(true).with_ansi(false).finish().into()
        }
    }
}

fn filter(level: LogLevel) -> LevelFilter {
    LevelFilter::from_level(match level {
        LogLevel::Error => Level::ERROR,
        LogLevel::Warn => Level::WARN,
        LogLevel::Info => Level::INFO,
        LogLevel::Debug => Level::DEBUG,
        LogLevel::Trace => Level::TRACE,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    fn logged(settings: LogSettings, screen: Screen) -> String {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let log = dispatch(&settings, screen, Lines(Arc::clone(&lines)));
        tracing::dispatcher::with_default(&log, || {
            tracing::info!(receipts = 3, "batch sent");
            tracing::debug!("unseen");
        });
        let bytes = lines.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl MakeWriter<'_> for Lines {
        type Writer = Line;

        fn make_writer(&self) -> Line {
            Line(Arc::clone(&self.0))
        }
    }

    struct Line(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Line {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn settings(format: LogFormat) -> LogSettings {
        LogSettings { level: LogLevel::Info, format }
    }

    #[test]
    fn a_machine_gets_one_json_object_a_line_with_its_fields_beside_the_message() {
        for (format, screen) in [
            (LogFormat::Auto, Screen::Other),
            (LogFormat::Json, Screen::Other),
            (LogFormat::Json, Screen::Terminal),
        ] {
            let text = logged(settings(format), screen);
            let line: serde_json::Value = serde_json::from_str(text.trim_end()).unwrap();
            assert_eq!(line["level"], "INFO");
            assert_eq!((&line["message"], &line["receipts"]), (&"batch sent".into(), &3.into()));
        }
    }

    #[test]
    fn a_person_gets_text_with_colours_on_a_terminal_only() {
        let plain = logged(settings(LogFormat::Text), Screen::Other);
        assert!(plain.contains("INFO") && plain.ends_with("batch sent receipts=3\n"), "{plain}");
        assert!(!plain.contains('\u{1b}'));
        assert!(logged(settings(LogFormat::Auto), Screen::Terminal).contains('\u{1b}'));
    }

    #[test]
    fn the_level_decides_what_is_written() {
        let quiet = LogSettings { level: LogLevel::Warn, format: LogFormat::Json };
        assert_eq!(logged(quiet, Screen::Other), "");
    }
}
