//! Arbitrary octets as a job file of every kind. The first octet picks the kind.
#![no_main]

use std::io::{self, Cursor};
use std::ops::ControlFlow;

use kentongan::model::Timestamp;
use kentongan::spool::format::{Beside, FormatSettings, JobFile, NoRoster, read_job};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let Some((kind, octets)) = octets.split_first() else { return };
    let name = ["a.txt", "a.csv", "a.xlsx"][usize::from(*kind) % 3];
    let job = JobFile { name, unit: "diskominfo", classes: &[], in_doubt: None, owner: "nobody" };
    let _ = read_job(
        &job,
        &mut Cursor::new(octets),
        Beside {
            open_list: &mut |_| Err(io::Error::from(io::ErrorKind::NotFound).into()),
            roster: &mut NoRoster,
        },
        &FormatSettings::default(),
        Timestamp::UNIX_EPOCH,
        &mut |_| ControlFlow::Continue(()),
    );
});
