use std::io::{self, BufWriter, Write};

use jiff::tz::TimeZone;

use super::Failure;
use crate::model::JobId;
use crate::spool::{ReportError, write_report};
use crate::store::{JobView, Reader};

/// `kentongan job ID --csv`: the job's report, as it lies beside the accepted file.
pub(super) fn print_csv(reader: &Reader, job: &JobView, zone: &TimeZone) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    let written = write_report(reader, JobId(job.id), zone, &mut out).and_then(|()| Ok(out.flush()?));
    match written {
        // A reader that has seen enough (`| head`) is no error.
        Err(ReportError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.map_err(Failure::refused),
    }
}
