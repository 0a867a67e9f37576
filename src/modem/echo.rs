//! The echo as a sign of a restart. A modem that was told to be quiet and whose commands come back all the same has forgotten it,
//! and with it PDU mode and how messages are announced. Many say nothing else of a restart, and a PDU that is written to a modem
//! in text mode goes on the air as a text, to the number that was meant to be its length.

use super::session::Break;

/// What is known of a modem's echo.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Echo {
    /// ATE0 was just given; the next command shows what came of it.
    #[default]
    Open,
    /// It is off.
    Off,
    /// It was off and is back. Whether the modem has restarted shows when it is set up again.
    Back,
    /// Nothing can be told from it: it stays on, or came back from a modem that had not restarted.
    Erratic,
}

impl Echo {
    /// A command was answered, or its echo heard. Whether this is a sign of a restart.
    pub fn hear(&mut self, echoed: bool) -> bool {
        *self = match (*self, echoed) {
            (Echo::Open, true) => Echo::Erratic,
            (Echo::Open, false) => Echo::Off,
            (Echo::Off, true) => Echo::Back,
            (Echo::Back | Echo::Erratic | Echo::Off, _) => return false,
        };
        *self == Echo::Back
    }

    /// The modem has been told to be quiet once more. `echoed`: a command up to then came back, as after a restart.
    pub fn told(self, echoed: bool) -> Echo {
        match self {
            Echo::Erratic => Echo::Erratic,
            Echo::Back if !echoed => Echo::Erratic,
            Echo::Open | Echo::Off | Echo::Back => Echo::Open,
        }
    }

    /// What follows from a sign. Not told as a restart to those who learn from restarts whether modems echo after them.
    pub fn restarted() -> Break {
        Break::Restart("its echo is back: it seems to have restarted by itself".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echo_that_comes_back_is_a_sign_once() {
        let mut echo = Echo::Open;
        let signs: Vec<bool> = [false, false, true, true, false].map(|echoed| echo.hear(echoed)).to_vec();
        assert_eq!(signs, [false, false, true, false, false]);
        // It had restarted: its echo was on when it was set up again.
        assert_eq!(echo.told(true), Echo::Open);
    }

    #[test]
    fn an_echo_that_stays_or_comes_back_without_a_restart_is_no_sign() {
        let mut stays = Echo::Open;
        assert!(![true, false, true].map(|echoed| stays.hear(echoed)).contains(&true));
        assert_eq!(Echo::Back.told(false), Echo::Erratic);
        assert_eq!(Echo::Erratic.told(true), Echo::Erratic);
    }
}
