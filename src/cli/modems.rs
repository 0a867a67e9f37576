//! `kentongan modems`: the list, and what can be asked of one of them.

mod history;
mod phrases;
mod test;

use super::args::{Modems, ModemsAct};
use super::{Context, Failure, questions};

pub(super) fn run(context: &Context, how: &Modems) -> Result<(), Failure> {
    match &how.act {
        None => questions::modems(context, &how.listing),
        Some(ModemsAct::History(how)) => history::run(context, how),
        Some(ModemsAct::Test(how)) => test::run(context, how),
    }
}
