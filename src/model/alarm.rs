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
    /// No modem is at work at all. Subject: always the same.
    NoModem,
    /// Messages of a class that nothing holds have waited for long. Subject: the class.
    QueueOld,
    /// Little is left of a disk. Subject: what lies on it, `database` or `queue`.
    DiskLow,
    /// Many people opt out at once. Subject: always the same.
    OptOutSurge,
    /// A webhook does not take what it is told. Subject: its name.
    WebhookFailing,
    /// The mail server does not take notices. Subject: `mail`.
    MailFailing,
    /// The backup of the day could not be made. Subject: always the same.
    BackupFailed,
    /// The database's file is damaged, and nothing of units is sent before a person says so. Subject: always the same.
    DatabaseDamaged,
    /// People who were erased still stand in an archive after a day, since it is not reached. Subject: its file.
    ArchiveUnreached,
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
    /// Every kind.
    pub const ALL: [AlarmKind; 19] = [
        AlarmKind::ModemOut,
        AlarmKind::SimBlocked,
        AlarmKind::BacklogWaits,
        AlarmKind::DeliveryFalls,
        AlarmKind::CanaryFailed,
        AlarmKind::SelfTestFailed,
        AlarmKind::CreditLow,
        AlarmKind::CreditUnknown,
        AlarmKind::ActivePeriodEnds,
        AlarmKind::FolderWrong,
        AlarmKind::NoModem,
        AlarmKind::QueueOld,
        AlarmKind::DiskLow,
        AlarmKind::OptOutSurge,
        AlarmKind::WebhookFailing,
        AlarmKind::MailFailing,
        AlarmKind::BackupFailed,
        AlarmKind::DatabaseDamaged,
        AlarmKind::ArchiveUnreached,
    ];

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
            AlarmKind::NoModem => "no_modem",
            AlarmKind::QueueOld => "queue_old",
            AlarmKind::DiskLow => "disk_low",
            AlarmKind::OptOutSurge => "opt_out_surge",
            AlarmKind::WebhookFailing => "webhook_failing",
            AlarmKind::MailFailing => "mail_failing",
            AlarmKind::BackupFailed => "backup_failed",
            AlarmKind::DatabaseDamaged => "database_damaged",
            AlarmKind::ArchiveUnreached => "archive_unreached",
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
            | AlarmKind::FolderWrong
            | AlarmKind::OptOutSurge
            | AlarmKind::WebhookFailing
            | AlarmKind::MailFailing
            | AlarmKind::BackupFailed
            | AlarmKind::ArchiveUnreached => AlarmLevel::Warning,
            AlarmKind::SimBlocked
            | AlarmKind::BacklogWaits
            | AlarmKind::DeliveryFalls
            | AlarmKind::CanaryFailed
            | AlarmKind::NoModem
            | AlarmKind::QueueOld
            | AlarmKind::DiskLow
            | AlarmKind::DatabaseDamaged => AlarmLevel::Critical,
        }
    }
}

impl std::str::FromStr for AlarmKind {
    type Err = String;

    /// Reads a stored name. Errors: the word, where it is none of them.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        AlarmKind::ALL.into_iter().find(|kind| kind.name() == word).ok_or_else(|| word.to_owned())
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
