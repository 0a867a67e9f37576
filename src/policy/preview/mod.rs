//! What an author should see of a job before it goes out.
//!
//! [`Spread`]: recipients by operator and by area; [`Characters`]: what forces UCS-2; [`Filters`] and [`Findings`]: what operators are
//! known to filter, and links; [`forecast`]: when the job would be through. Pure: texts, limits and past sends are handed in.
//!
//! Left out on purpose: refusing anything. These are warnings; an office may have a reason to send such a text.

mod characters;
mod filtered;
mod findings;
mod forecast;
mod shapes;
mod spread;

pub use characters::{Characters, Forcing, Mark, marks};
pub use filtered::{Filters, Hit, Kind, Names};
pub use findings::{Finding, Findings};
pub use forecast::{Block, Forecast, Lane, ends, forecast};
pub use spread::{Share, Spread};
