/// What a person should look at. Each kind is raised where it is decided, and cleared there when it has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlarmKind {
    /// A modem does not come back to work and is left alone for a while, or is without a network, without a usable card, or away for
    /// long. Subject: the modem.
    ModemOut,
    /// A SIM looks blocked or out of credit and is taken out. Subject: the SIM.
    SimBlocked,
    /// Jobs wait for a person after a long stop of the daemon. Subject: always the same, for there is one backlog.
    BacklogWaits,
    /// Messages are accepted and do not arrive. Subject: the SIM, the operator they go to, both, or all SIMs.
    DeliveryFalls,
    /// The first messages of a job did not arrive, and the rest is held. Subject: the job.
    CanaryFailed,
    /// A modem did not pass its self-test. Subject: the modem.
    SelfTestFailed,
    /// A SIM has less credit than the settings want. Subject: the SIM.
    CreditLow,
    /// What operators answer does not say the credit any more. Subject: the SIM.
    CreditUnknown,
    /// A SIM's active period (masa aktif) ends soon, or has ended. Subject: the SIM.
    ActivePeriodEnds,
    /// A unit's folder is not its group's, or others may look into it. Subject: the unit.
    FolderWrong,
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
            AlarmKind::BacklogWaits => "backlog_waits",
            AlarmKind::DeliveryFalls => "delivery_falls",
            AlarmKind::CanaryFailed => "canary_failed",
            AlarmKind::SelfTestFailed => "self_test_failed",
            AlarmKind::CreditLow => "credit_low",
            AlarmKind::CreditUnknown => "credit_unknown",
            AlarmKind::ActivePeriodEnds => "active_period_ends",
            AlarmKind::FolderWrong => "folder_wrong",
        }
    }

    /// How much it matters.
    pub fn level(self) -> AlarmLevel {
        match self {
            AlarmKind::ModemOut
            | AlarmKind::SelfTestFailed
            | AlarmKind::CreditLow
            | AlarmKind::CreditUnknown
            | AlarmKind::ActivePeriodEnds
            | AlarmKind::FolderWrong => AlarmLevel::Warning,
            AlarmKind::SimBlocked | AlarmKind::BacklogWaits | AlarmKind::DeliveryFalls | AlarmKind::CanaryFailed => {
                AlarmLevel::Critical
            }
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
