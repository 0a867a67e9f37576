//! What an office knows of makes of modem before a story begins, and what it has learnt by its end.

use std::path::Path;

use kentongan::policy::{Habit, Habits};
use rusqlite::{Connection, params};

/// The simulated makes, as the ledger calls them.
const QUECTEL: &str = "Quectel EC25 EC25EFAR06A11M4G";
const HUAWEI: &str = "huawei E1752 11.126.13.00.00";
const SIM800: &str = "SIMCOM_Ltd SIMCOM_SIM800L Revision:1418B05SIM800L24";

/// The rows of the ledger: make, habit, how often it held and did not, whether it is relied on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Knowledge(Vec<(String, String, u32, u32, bool)>);

impl Knowledge {
    /// What years with modems teach that count every segment when they hand it over, and write the number to the card at once.
    pub fn of_counters() -> Self {
        // One of these begins at 0 after a restart, whatever stands on the card.
        let holds = |make: &str, habit: &Habit| *habit != Habit::Resumes || make != SIM800;
        let row = |make: &str, habit: Habit| (make.to_owned(), habit.name().to_owned(), times(habit), 0, true);
        let of = |make: &'static str| {
            Habit::ALL.into_iter().filter(move |habit| holds(make, habit)).map(move |habit| row(make, habit))
        };
        Self([QUECTEL, HUAWEI, SIM800].into_iter().flat_map(of).collect())
    }

    /// What a ledger holds.
    pub fn read(ledger: &Path) -> Self {
        let ledger = Connection::open(ledger).unwrap();
        let mut rows = ledger.prepare("SELECT make, habit, held, broken, trusted FROM habits").unwrap();
        let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)));
        Self(rows.unwrap().map(Result::unwrap).collect())
    }

    /// Puts it into a ledger that has none.
    pub fn write(&self, ledger: &Path) {
        let ledger = Connection::open(ledger).unwrap();
        for (make, habit, held, broken, trusted) in &self.0 {
            let row = params![make, habit, held, broken, trusted];
            ledger.execute("INSERT INTO habits VALUES (?1, ?2, ?3, ?4, ?5)", row).unwrap();
        }
    }
}

/// How often a habit must be seen until it is relied on.
fn times(habit: Habit) -> u32 {
    let mut habits = Habits::default();
    (1..)
        .find(|_| {
            let _ = habits.learn(habit, true);
            habits.trusts(habit)
        })
        .expect("it is relied on some time")
}
