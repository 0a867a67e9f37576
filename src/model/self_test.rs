/// One thing that a modem's self-test shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TestStep {
    /// The service centre takes a message.
    Send,
    /// Its status report says that it arrived.
    Report,
    /// Its copy comes in as it was sent.
    Copy,
    /// A text of three segments comes back whole and in order.
    Long,
    /// Every character of the GSM 7 bit default alphabet and its extension comes back.
    Alphabet,
    /// A text in UCS-2 comes back.
    Unicode,
}

impl TestStep {
    /// All, in the order in which they are tried.
    pub const ALL: [TestStep; 6] =
        [TestStep::Send, TestStep::Report, TestStep::Copy, TestStep::Long, TestStep::Alphabet, TestStep::Unicode];

    /// The name stored and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            TestStep::Send => "send",
            TestStep::Report => "report",
            TestStep::Copy => "copy",
            TestStep::Long => "long",
            TestStep::Alphabet => "gsm7",
            TestStep::Unicode => "ucs2",
        }
    }
}

/// How a step of a self-test stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// It has not ended.
    Waiting,
    /// It holds.
    Ok,
    /// It does not.
    Failed,
    /// It was not tried, since an earlier one failed.
    Skipped,
}

impl StepState {
    /// The name stored and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            StepState::Waiting => "waiting",
            StepState::Ok => "ok",
            StepState::Failed => "failed",
            StepState::Skipped => "skipped",
        }
    }
}
