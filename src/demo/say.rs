//! What the demo tells whoever started it.

/// Writes a line to standard output.
#[allow(clippy::print_stdout, reason = "a command's answer is its output")]
pub(crate) fn say(text: &str) {
    use std::io::Write as _;
    println!("{text}");
    // Where nobody reads it, nothing is lost.
    let _ = std::io::stdout().flush();
}
