//! Which lines belong to a start that is already known of.

use std::time::Duration;

use tokio::time::Instant;

/// How long after its first sign a start may go on saying more.
const BOOT_MAX: Duration = Duration::from_secs(60);

/// The start in hand, or the last one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Boot {
    until: Instant,
    /// What it has said already: that the SIM is ready, that the radio is on.
    card: bool,
    radio: bool,
}

impl Boot {
    /// None is known of; or one that was just caused.
    pub fn new(caused: bool) -> Self {
        let now = Instant::now();
        Self { until: if caused { now + BOOT_MAX } else { now }, card: false, radio: false }
    }

    /// One that this line announces.
    pub fn begun_by(line: &str) -> Self {
        let mut boot = Self::new(true);
        boot.heard(line);
        boot
    }

    /// Whether the line is the rest of it. `+CPIN` and `+CFUN` come late in a start, each once; they come again when a card or the radio
    /// is turned on, and then the modem is to be set up again. All other signs mean from the beginning. In a set-up both may come at any time.
    pub fn goes_on(&mut self, line: &str, setting_up: bool) -> bool {
        self.heard(line).is_some_and(|first| setting_up || first && Instant::now() < self.until)
    }

    /// Notes a late sign; whether it comes for the first time. `None`: the line is none.
    fn heard(&mut self, line: &str) -> Option<bool> {
        let seen = match line {
            _ if line.starts_with("+CPIN") => &mut self.card,
            _ if line.starts_with("+CFUN") => &mut self.radio,
            _ => return None,
        };
        Some(!std::mem::replace(seen, true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_late_sign_belongs_to_a_start_once_and_for_a_minute() {
        let mut boot = Boot::begun_by("RDY");
        assert!(boot.goes_on("+CFUN: 1", false) && boot.goes_on("+CPIN: READY", false));
        assert!(!boot.goes_on("+CPIN: READY", false), "another card");
        assert!(!boot.goes_on("RDY", false) && !boot.goes_on("RDY", true));
        let mut boot = Boot::begun_by("+CPIN: READY");
        assert!(!boot.goes_on("+CPIN: READY", false) && boot.goes_on("+CFUN: 1", false));
        let mut boot = Boot::new(true);
        tokio::time::advance(BOOT_MAX).await;
        assert!(!boot.goes_on("+CPIN: READY", false));
        assert!(!Boot::new(false).goes_on("+CPIN: READY", false));
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_in_a_set_up_is_not_waited_for_after_it() {
        let mut boot = Boot::new(true);
        assert!(boot.goes_on("+CPIN: READY", true) && boot.goes_on("+CPIN: READY", true));
        assert!(!boot.goes_on("+CPIN: READY", false));
        assert!(Boot::new(false).goes_on("+CFUN: 1", true));
    }
}
