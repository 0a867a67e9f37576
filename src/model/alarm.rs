/// What a person should look at. Each kind is raised where it is decided, and cleared there when it has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlarmKind {
    /// A modem does not come back to work and is left alone for a while. Subject: the modem.
    ModemOut,
    /// A SIM looks blocked or out of credit and is taken out. Subject: the SIM.
    SimBlocked,
    /// A modem did not pass its self-test. Subject: the modem.
    SelfTestFailed,
    /// A SIM has less credit than the settings want. Subject: the SIM.
    CreditLow,
    /// What operators answer does not say the credit any more. Subject: the SIM.
    CreditUnknown,
    /// A SIM's active period (masa aktif) ends soon, or has ended. Subject: the SIM.
    ActivePeriodEnds,
}

/// How much an alarm matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlarmLevel {
    /// Worth a look today.
    Warning,
    /// Messages wait or are lost to their purpose because of it.
    Critical,
}

impl AlarmKind {
    /// The name stored, in JSON and in the record.
    pub fn name(self) -> &'static str {
        match self {
            AlarmKind::ModemOut => "modem_out",
            AlarmKind::SimBlocked => "sim_blocked",
            AlarmKind::SelfTestFailed => "self_test_failed",
            AlarmKind::CreditLow => "credit_low",
            AlarmKind::CreditUnknown => "credit_unknown",
            AlarmKind::ActivePeriodEnds => "active_period_ends",
        }
    }

    /// How much it matters.
    pub fn level(self) -> AlarmLevel {
        match self {
            AlarmKind::ModemOut
            | AlarmKind::SelfTestFailed
            | AlarmKind::CreditLow
            | AlarmKind::CreditUnknown
            | AlarmKind::ActivePeriodEnds => AlarmLevel::Warning,
            AlarmKind::SimBlocked => AlarmLevel::Critical,
        }
    }
}

impl AlarmLevel {
    /// The name stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            AlarmLevel::Warning => "warning",
            AlarmLevel::Critical => "critical",
        }
    }
}
