//! Programmes made ready for deciding, by version: one is read and indexed once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::hub::store::Tx;
use crate::hub::store::error::StoreError;
use crate::loyalty::Evaluator;
use crate::wire::programme::ProgrammeFile;

/// How many programmes are kept ready: more than are in use at once anywhere.
const READY_MAX: usize = 16;

/// The programmes that records name.
#[derive(Debug, Default)]
pub(crate) struct Evaluators {
    ready: Mutex<BTreeMap<u32, Option<Arc<Evaluator>>>>,
}

impl Evaluators {
    /// The programme of a version; `None` where it is not here or this software does not take it.
    pub(crate) fn of_version(
        &self,
        tx: &mut dyn Tx,
        version: u32,
    ) -> Result<Option<Arc<Evaluator>>, StoreError> {
        if let Some(ready) = self.lock().get(&version) {
            return Ok(ready.clone());
        }
        // One that is published later must be found then, so what is not here is not remembered.
        let Some(row) = tx.programme(version)? else { return Ok(None) };
        // It was checked when it was published; an earlier release may have taken what this does not.
        let programme = ProgrammeFile::check_kept(&row.text).ok();
        let evaluator = programme.map(|programme| Arc::new(Evaluator::new(programme)));
        let mut ready = self.lock();
        ready.insert(version, evaluator.clone());
        if ready.len() > READY_MAX {
            ready.pop_first();
        }
        Ok(evaluator)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u32, Option<Arc<Evaluator>>>> {
        // A panic while holding it leaves at worst a programme that is read again.
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
