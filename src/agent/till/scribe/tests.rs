use std::sync::mpsc;

use super::*;
use crate::agent::store::ledger::{LEDGER_APPLICATION_ID, LEDGER_MIGRATIONS};
use crate::agent::store::writer::{CommitStep, SubmitError, Writer, WriterLimits};
use crate::agent::store::{base_files, open};
use crate::agent::testing::{Unobserved, World, card, store};

/// The base in use by a world, and the one of an import that came later.
async fn two_bases(world: &World) -> [OpenBase; 2] {
    let open = |path: &std::path::Path| {
        OpenBase::of(open::open_sealed(path).expect("opens")).expect("a base")
    };
    let (_, first) = base_files::newest(world.folder()).expect("a base");
    let kept = world.folder().join("kept.db");
    std::fs::copy(first, &kept).expect("copied");
    let member = format!("{:032x}", 99);
    let card = card(99);
    world.import(&format!(r#"{{"member":"{member}","codes":["{card}"],"points":5}}"#)).await;
    let (_, second) = base_files::newest(world.folder()).expect("a base");
    [open(&kept), open(&second)]
}

fn scribe(base: OpenBase) -> Scribe {
    let key = Arc::new(SigningKey::from_seed([1; 32]));
    let mut scribe = Scribe::new(key, store(), None);
    scribe.base = Some(base);
    scribe
}

fn cursor(scribe: &Scribe) -> Option<i64> {
    scribe.base.as_ref().map(|base| base.view().cursor())
}

#[tokio::test]
async fn a_base_comes_back_with_the_mark_and_stays_after_the_commit() {
    let world = World::new().await;
    let [first, second] = two_bases(&world).await;
    let (old, new) = (first.view().cursor(), second.view().cursor());
    assert_ne!(old, new);
    let mut scribe = scribe(first);
    let (batch, job) = (scribe.mark(), scribe.mark());
    scribe.replace_base(second);
    assert_eq!(cursor(&scribe), Some(new));
    scribe.restore(job);
    assert_eq!(cursor(&scribe), Some(old));
    scribe.restore(batch);
    assert_eq!(cursor(&scribe), Some(old), "once");
    let [_, second] = two_bases(&world).await;
    let last = second.view().cursor();
    scribe.replace_base(second);
    scribe.committed();
    let later = scribe.mark();
    scribe.restore(later);
    assert_eq!(cursor(&scribe), Some(last));
    assert!(scribe.bases_before.is_empty(), "a file that is gone takes no room on the disk");
}

#[tokio::test]
async fn a_full_disk_leaves_the_writer_with_the_base_that_the_ledger_names() {
    let world = World::new().await;
    let [first, second] = two_bases(&world).await;
    let (old, new) = (first.view().cursor(), second.view().cursor());
    let path = world.folder().join("other.db");
    let file = open::open_writer(&path, LEDGER_APPLICATION_ID, LEDGER_MIGRATIONS).expect("opened");
    let commit = CommitStep::Fails(rusqlite::ffi::SQLITE_FULL);
    let limits = WriterLimits { commit, ..WriterLimits::default() };
    let (writer, thread) =
        Writer::start(file, scribe(first), limits, Arc::new(Unobserved)).expect("started");
    let (seen, saw) = mpsc::channel();
    let before = seen.clone();
    let replace = writer.submit(move |_, scribe: &mut Scribe| {
        scribe.replace_base(second);
        before.send(cursor(scribe)).expect("listening");
        Ok::<_, StoreError>(())
    });
    assert!(matches!(replace.await, Err(SubmitError::StorageFull)));
    let look = writer.submit(move |_, scribe: &mut Scribe| {
        seen.send(cursor(scribe)).expect("listening");
        Ok::<_, StoreError>(())
    });
    assert!(matches!(look.await, Err(SubmitError::StorageFull)));
    assert_eq!(saw.iter().collect::<Vec<_>>(), [Some(new), Some(old)]);
    writer.shutdown();
    thread.join().expect("the writer ended well");
}

mod closings;
