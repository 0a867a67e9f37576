//! Simulated modems and the network behind them, for trying, demonstrating and testing.
//!
//! [`Modem`] is a pure state machine: bytes and the time in, bytes and facts out. [`Fleet`] puts each into a task of its
//! own, on an in-memory stream (tokio's time, also paused) or on a pseudo-terminal. [`Truth`] is what really went on
//! the air; [`Faults`] is what goes wrong, by seed.
//!
//! It behaves as specifications and captures of modems say, not as our daemon would like it, and must not learn our
//! daemon's habits. Left out on purpose: text mode, phone books, data, several ports of one modem.

mod air;
mod driver;
mod faults;
mod fleet;
mod modem;
mod network;
mod port;
mod profile;
mod pty;
mod timers;
mod truth;
mod wire;

pub use air::{InboundError, RecipientForm};
pub use faults::{Faults, FaultsError};
pub use fleet::{Fleet, FleetSettings, Ports};
pub use modem::{Card, Modem, PortWish, SimCard};
pub use network::{InboundForm, NetworkSettings, Phone, UssdMenu};
pub use profile::{CardFile, Counting, HUAWEI, Numbers, PROFILES, Profile, QUECTEL, SIM800, by_name};
pub use truth::{Counts, Fact, Handing, Keep, Record, Truth, read as read_truth};
