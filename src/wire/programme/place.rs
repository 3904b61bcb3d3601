//! Where in a programme file something stands.

/// One step into a table or list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// A key of a table.
    Key(String),
    /// An element of a list, from 0.
    Index(usize),
}

/// A place while the file is walked: a chain of borrowed steps, so that a walk without faults
/// allocates nothing.
#[derive(Clone, Copy)]
pub(crate) enum Place<'p> {
    /// The file.
    Root,
    /// A key of a table.
    Key(&'p Place<'p>, &'static str),
    /// An element of a list.
    Index(&'p Place<'p>, usize),
}

impl Place<'_> {
    /// A key of the table here.
    pub(crate) fn key(&self, name: &'static str) -> Place<'_> {
        Place::Key(self, name)
    }

    /// An element of the list here.
    pub(crate) fn index(&self, index: usize) -> Place<'_> {
        Place::Index(self, index)
    }

    /// The steps from the file to here.
    pub(crate) fn steps(&self) -> Vec<Step> {
        match self {
            Place::Root => Vec::new(),
            Place::Key(parent, name) => parent.with(Step::Key((*name).to_owned())),
            Place::Index(parent, index) => parent.with(Step::Index(*index)),
        }
    }

    fn with(&self, step: Step) -> Vec<Step> {
        let mut steps = self.steps();
        steps.push(step);
        steps
    }
}

/// The longest piece of the file that a fault repeats.
const SHOWN_CHARS_MAX: usize = 64;

/// A piece of the file for a terminal or a log: short, and without control characters.
pub(crate) fn shown(text: &str) -> String {
    let plain = |c: char| if c.is_control() { '?' } else { c };
    text.chars().take(SHOWN_CHARS_MAX).map(plain).collect()
}
