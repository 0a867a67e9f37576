//! A link that was noted before a backup was put back: it belongs to the record that was replaced, and is looked for there.

use std::path::PathBuf;

use super::super::Failure;
use super::phrases::Phrases;
use super::reason;
use crate::engine::Replaced;
use crate::model::Timestamp;
use crate::store::{Head, Reader};

/// Where the noted link belongs.
pub(super) struct Before {
    /// When the backup was put back.
    pub at: Timestamp,
    /// The ledger that was replaced.
    pub file: PathBuf,
    /// Whether it is whole and holds the link; else what was found instead.
    pub proof: Result<(), String>,
}

/// The ledger that was replaced and holds the link; else one that should. `None`: by the record there is none.
pub(super) fn find(say: &Phrases, reader: &Reader, noted: Head) -> Result<Option<Before>, Failure> {
    let put_backs = reader.put_backs().map_err(Failure::refused)?;
    let replaced = put_backs.iter().filter_map(|(at, detail)| Replaced::of(*at, detail));
    let mut found = None;
    for Replaced { at, file, .. } in replaced.filter(|replaced| replaced.may_hold(noted.event)) {
        let proof = match Reader::open(&file).and_then(|ledger| ledger.verify_chain(Some(noted))) {
            Ok(view) => view.broken.map_or(Ok(()), |broken| Err(reason(say, &broken))),
            Err(error) => Err(error.to_string()),
        };
        if proof.is_ok() {
            return Ok(Some(Before { at, file, proof }));
        }
        found = Some(Before { at, file, proof });
    }
    Ok(found)
}
