//! A QR code as text, two rows of it in a line.

use qrcode::{EcLevel, QrCode};

/// Light modules around it (ISO/IEC 18004, 6.3.8 asks for four; a screen's own edge adds to two).
const QUIET_MODULES: usize = 2;

/// The code of a text; none where the text is too long for one.
pub(super) fn drawn(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let width = code.width();
    let colors = code.to_colors();
    let side = width + 2 * QUIET_MODULES;
    let is_dark = |x: usize, y: usize| {
        let inside = |place: usize| place.checked_sub(QUIET_MODULES).filter(|place| *place < width);
        match (inside(x), inside(y)) {
            (Some(x), Some(y)) => colors[y * width + x] == qrcode::Color::Dark,
            _ => false,
        }
    };
    // Light is what is drawn: terminals are dark, and a code that is light on dark reads as well on
    // light ones turned round.
    let block = |x: usize, y: usize| match (is_dark(x, y), y + 1 < side && is_dark(x, y + 1)) {
        (false, false) => '█',
        (false, true) => '▀',
        (true, false) => '▄',
        (true, true) => ' ',
    };
    let lines = (0..side).step_by(2).map(|y| (0..side).map(|x| block(x, y)).collect::<String>());
    Some(lines.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_square_with_its_three_finders() {
        let drawn = drawn("tillward-enrol:https://hub.example").expect("short enough");
        let lines: Vec<Vec<char>> = drawn.lines().map(|line| line.chars().collect()).collect();
        let width = lines[0].len();
        assert!(lines.iter().all(|line| line.len() == width));
        assert_eq!(lines.len(), width.div_ceil(2));
        let text = |line: &[char], from: usize| line[from..from + 7].iter().collect::<String>();
        for from in [QUIET_MODULES, width - QUIET_MODULES - 7] {
            assert_eq!(text(&lines[1], from), " ▄▄▄▄▄ ", "{drawn}");
        }
        assert!(super::drawn(&"x".repeat(4_000)).is_none());
    }
}
