//! What the shells tell the engine, and what the engine asks of them.
//!
//! These are the only words that cross between the deciding engine and the tasks that move bytes. Both enums are
//! closed: a new kind of fact or wish is a new variant here.
//!
//! # The hand-over of one segment
//!
//! ```text
//! engine                         session                          modem
//!   ── Reserve{ticket, pdu} ──►  keeps it
//!                                when its line is free: ────────► AT+CMGS=len
//!   ◄─ Begun{ticket} ──────────  (or Answered{.., next: ticket})
//!   commits the attempt
//!   ── Go{ticket, attempt} ───►  waits for Go and for the prompt ◄ >
//!                                ────────────────────────────────► PDU 0x1A
//!   ── Reserve{next ticket} ──►  keeps it while this one is on the air
//!                                ◄──────────────────────────────── +CMGS: mr / OK
//!                                ────────────────────────────────► AT+CMGS=len   (at once, for the next)
//!   ◄─ Answered{attempt, outcome, next: Some(ticket)}
//! ```
//!
//! If the commit refuses (opted out meanwhile, limit, cancelled), the engine answers `Withdraw` instead of `Go`, and the session leaves
//! the prompt with ESC. A reservation is not an attempt: nothing of it is stored. After `Go` the session decides: see `Withdraw`.

mod calls;
mod copies;

use serde::{Deserialize, Serialize};

pub use self::calls::{HookCall, NoticeEnd};
pub use self::copies::{ArchiveEvent, BackupMade, NewArchive};
pub use crate::model::Scope;
use crate::model::{
    AccountRole, AttemptId, Body, Class, Fall, HandEntry, ImportId, JobHeader, JobId, ModemIdentity, ModemName, Msisdn,
    NotSent, Outcome, PasswordHash, RecipientRow, RecoveryStep, Registration, Right, RosterSteps, SecretDigest,
    SimIdentity, Slot, Ticket, Timestamp, Units, UssdAnswer, UssdCode, UssdEnd, WaitKind,
};
pub use crate::policy::alarms::Room;

/// A fact from outside. The engine commits it before it acts on it.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// From a modem's session.
    Modem(ModemName, ModemEvent),
    /// From the queue directory or another way in for jobs.
    Intake(IntakeId, IntakeEvent),
    /// Whose a unit's folder is has been looked at.
    Folder {
        /// The unit.
        unit: String,
        /// What is wrong with it and what to do, one line, English; `None`: nothing.
        fault: Option<String>,
    },
    /// How full a disk is has been looked at.
    Disk {
        /// What lies on it: `database` or `queue`.
        what: &'static str,
        /// What is left of it.
        room: Room,
    },
    /// A notice by mail, or a test of a webhook, was tried.
    Notice {
        /// The notice.
        id: i64,
        /// What came of it.
        end: NoticeEnd,
    },
    /// A webhook was called. Told seldom, for many calls at once, where all went well.
    Hook {
        /// Its name.
        name: String,
        /// What came of it.
        call: HookCall,
    },
    /// A backup was made at its time, or could not be: one line, English.
    Backup(Result<BackupMade, String>),
    /// Something came of the work at an archive.
    Archive(ArchiveEvent),
    /// The ledger's file was looked through and is damaged: what was found, one line.
    Damaged(String),
    /// A job's report file says what the ledger said at this mark; or it is not there, and names nobody.
    ReportWritten {
        /// The job.
        job: JobId,
        /// See [`ReportFileDue`](crate::store::ReportFileDue).
        mark: i64,
    },
    /// From a person.
    Act(Act),
    /// The time that [`Step::next_wake`](crate::engine::Step) named has come.
    Tick,
}

/// What a session reports about its modem. A session reports in the order in which things happened.
#[derive(Clone, Debug, PartialEq)]
pub enum ModemEvent {
    /// The modem answers and its SIM is readable: what is drained from its storage belongs to this SIM.
    Found {
        /// The device.
        modem: ModemIdentity,
        /// The card.
        sim: SimIdentity,
        /// The port, for people.
        port: String,
    },
    /// Storage is drained, the modem is registered and takes segments from now on.
    Ready {
        /// Operator as `AT+COPS?` names it, if it does.
        operator: Option<String>,
        /// Whether the modem will hand status reports on; without, messages end `unreported`.
        reports: bool,
    },
    /// It takes no segments for now (not registered, SIM busy, storage full), but its session goes on.
    Unready {
        /// One line, English, for the event record.
        reason: String,
    },
    /// The session has ended or starts over; every reservation it held is void, every attempt it had open has been
    /// answered before this.
    Lost {
        /// One line, English, for the event record.
        reason: String,
    },
    /// `AT+CMGS` has been written for this reservation; the prompt is awaited.
    Begun(Ticket),
    /// This reservation came to nothing before `Go` (no prompt, an error instead of it, or `Withdraw` obeyed).
    Declined {
        /// The reservation.
        ticket: Ticket,
        /// How it ended; never `Submitted` or `Uncertain`.
        outcome: Outcome,
    },
    /// An attempt has its outcome.
    Answered {
        /// The attempt named by `Go`.
        attempt: AttemptId,
        /// How it ended.
        outcome: Outcome,
        /// The reservation for which `AT+CMGS` has been written already, to be treated like `Begun`.
        next: Option<Ticket>,
    },
    /// A `+CMGS` for an attempt that was already reported `Uncertain`.
    LateAnswer {
        /// The attempt.
        attempt: AttemptId,
        /// Its TP-MR.
        tp_mr: u8,
    },
    /// An SMS-DELIVER or SMS-STATUS-REPORT, SMSC field included, octets as the modem's hexadecimal says.
    Received {
        /// The octets; unparsable hexadecimal arrives as [`ModemEvent::Garbled`].
        pdu: Vec<u8>,
        /// Where the modem keeps it, to be deleted after the commit; `None` when it was handed on directly.
        slot: Option<Slot>,
        /// Whether the modem waits for AT+CNMA.
        acknowledge: bool,
    },
    /// A stored or announced message whose line is not hexadecimal: kept raw for a person.
    Garbled {
        /// What stood there, cut to 1,024 characters.
        line: String,
        /// Where it lies.
        slot: Option<Slot>,
    },
    /// Signal and registration as last read.
    Health {
        /// Registration.
        registration: Registration,
        /// `+CSQ` 0 to 31; `None` when unknown (99).
        signal: Option<u8>,
    },
    /// The card knows its own number.
    OwnNumber {
        /// As `AT+CNUM` gives it, national or international.
        number: String,
    },
    /// How the modem stood when its set-up began; told right after `Found`.
    LinedUp {
        /// It echoed commands, which every set-up tells it not to.
        echoed: bool,
        /// It is known to have been started anew: it said so, or it was told to.
        restarted: bool,
    },
    /// EF_SMSS as read from the card: the TP-MR last used (31.102 §4.2.9). Told at each set-up of a modem that may be asked, and
    /// in answer to [`ModemOrder::ReadLastUsed`].
    LastUsed {
        /// The number; `None`: modem or card will not tell, and is not to be asked again.
        tp_mr: Option<u8>,
    },
    /// What the modem said after the hand-over of an attempt that was reported `Uncertain`; told right after that, and again when
    /// there is more.
    LastWords {
        /// The attempt.
        attempt: AttemptId,
        /// At most 200 characters, control characters escaped, PDUs and texts replaced by their length.
        said: String,
    },
    /// Something worth a line in the record: an unexpected restart, a storage warning.
    Noted {
        /// One line, English.
        text: String,
    },
    /// The SIM asks for its PIN, and one is configured. Answered with [`ModemOrder::EnterPin`] or [`ModemOrder::HoldPin`].
    PinAsked {
        /// SHA-256 over card and PIN: names the try without telling the PIN.
        digest: [u8; 32],
        /// Tries left, as the modem says; `None` where it does not.
        tries: Option<u8>,
    },
    /// What the SIM said to its PIN.
    PinAnswered {
        /// As in [`ModemEvent::PinAsked`].
        digest: [u8; 32],
        /// Whether it took it.
        accepted: bool,
    },
    /// The modem has no session and waits to be told how to get it back; answered with [`ModemOrder::Recover`], but for
    /// [`Fall::OpenRefused`], which is told once for each reason and tried again in any case. `Lost` came before it.
    Fell {
        /// How.
        fall: Fall,
        /// One line, English.
        reason: String,
    },
    /// The USSD exchange of this ticket is over, and its session with the network is closed.
    UssdEnded {
        /// From [`ModemOrder::Ussd`].
        ticket: Ticket,
        /// What the network said, one for each code that was answered, oldest first.
        answers: Vec<UssdAnswer>,
        /// How it ended.
        end: UssdEnd,
    },
}

/// Names one intake from its first event to its answer. Chosen by the shell, unique while the daemon runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntakeId(pub u64);

/// A job on its way in. All or nothing: until `Complete` is answered with `Accepted`, there is no job.
#[derive(Clone, Debug, PartialEq)]
pub enum IntakeEvent {
    /// The file lay in the queue since this time, before the queue was watched; told before `Begin`.
    Waited(Timestamp),
    /// The header. Answered only if it is refused.
    Begin(Box<JobHeader>),
    /// What is not done as the file says, each a sentence, English: for the record, if it becomes a job. Told after `Begin`.
    Remarks(Vec<String>),
    /// Some hundreds of rows, in the file's order.
    Rows(Vec<RecipientRow>),
    /// All rows are in. Answered by `Accepted` or `Refused`.
    Complete,
    /// The file turned out to be unusable; forget it.
    Abandon,
    /// The accepted file lies in `accepted/` under this name; closes the intake.
    Filed {
        /// The job.
        job: JobId,
        /// The file's name there.
        name: String,
        /// What has turned out since it was read, each a sentence, English.
        remarks: Vec<String>,
    },
    /// A file was rejected and lies in `rejected/`; for the record.
    Rejected {
        /// The unit.
        unit: String,
        /// The file's name.
        source: String,
        /// The reason, English.
        reason: String,
        /// The same in Indonesian.
        reason_indonesian: String,
    },
}

/// What a person asks, with who asked and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Act {
    /// Where the answer goes; `None` if nobody waits.
    pub reply_to: Option<u64>,
    /// Who, as the system knows them.
    pub actor: String,
    /// Why, in their words; may be empty.
    pub reason: String,
    /// What.
    pub action: Action,
}

/// What a person can ask, also as one line of JSON from a program beside the daemon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Stop sending this part of the queue until resumed.
    Pause(Scope),
    /// Send it again.
    Resume(Scope),
    /// Take back what of a job has not been handed over.
    Cancel(JobId),
    /// Let a job go that waits for a second person; refused to the one who brought it.
    Approve(JobId),
    /// Take back a job that waits for a second person.
    Refuse(JobId),
    /// Enter a stretch of time in which some classes or units may not send; the reason of the act is its reason.
    AddMoratorium(NewMoratorium),
    /// End one that people entered, by its number, before its time.
    EndMoratorium(i64),
    /// Enter an opt-out by hand.
    OptOut(HandEntry),
    /// Remove an opt-out by hand.
    OptIn(HandEntry),
    /// Enter by hand how a number came to the office.
    List(HandEntry),
    /// Take a number, its texts and what it wrote out of the ledger; its opt-out stays.
    Erase(HandEntry),
    /// Put on record that what is held of a number is handed out.
    Exported(Msisdn),
    /// An inbound text has been read.
    ReadInbox(i64),
    /// Answer an inbound text, once.
    AnswerInbox {
        /// The text.
        inbox: i64,
        /// What is answered.
        text: Body,
        /// Whose answer it is, where the text is nobody's.
        unit: Option<String>,
    },
    /// Settle a message in doubt: it is known to have arrived at the service centre.
    SettleSent(crate::model::MessageId),
    /// Settle a message in doubt: send it again.
    SettleResend(crate::model::MessageId),
    /// Use the SIM in this modem again, which was taken out or rests.
    ResumeModem(ModemName),
    /// Send again everything that waits because of a long stop of the daemon.
    ResumeHeld,
    /// Let this modem test itself. Answered with the number of the test, whose steps are then read from the ledger.
    TestModem {
        /// The modem.
        modem: ModemName,
        /// The number of its SIM; `None`: as configured, as the card says, or as an earlier test has shown.
        number: Option<Msisdn>,
    },
    /// Dial a USSD code through this modem, then the keys of its menu. Answered when the network has, with a
    /// [`UssdView`](crate::model::UssdView) as JSON.
    Ussd {
        /// The modem.
        modem: ModemName,
        /// The code first, then keys.
        codes: Vec<UssdCode>,
    },
    /// Begin a change of the roster, in the place of one that was begun and not applied.
    RosterBegin(RosterImport),
    /// Some hundreds of its steps, in their order.
    RosterSteps {
        /// Whose.
        session: u64,
        /// The steps.
        steps: RosterSteps,
    },
    /// All steps are in: make them the roster, if they are what was agreed to.
    RosterApply {
        /// Whose.
        session: u64,
        /// SHA-256 over all steps, lower-case hexadecimal.
        digest: String,
    },
    /// Save an expression under a name.
    SaveAudience {
        /// The name, without `@`.
        name: String,
        /// The expression.
        expression: String,
    },
    /// Forget a saved expression.
    RemoveAudience(String),
    /// Send again to a number that was suspended.
    Restore(Msisdn),
    /// Send a test to everybody who is told of alarms. Answered with the numbers of the notices, with commas between.
    TestAlarms,
    /// Call this webhook with a test. Answered with the number of the notice.
    TestWebhook(String),
    /// Note that rows of another daemon's outbox were taken over, so that it is not done again.
    MovedIn {
        /// The daemon and the file, for the record.
        source: String,
        /// A digest over each row.
        rows: Vec<SecretDigest>,
    },
    /// Move the details of old jobs to a file of their own. Answered when that is whole, which may take minutes.
    Archive(NewArchive),
    /// Open an account of the web page.
    OpenAccount(NewAccount),
    /// Give an account another role and other units.
    ChangeAccount {
        /// Which.
        name: String,
        /// Its role from now on.
        role: AccountRole,
        /// Its units from now on.
        units: Units,
    },
    /// Give an account another password, and sign everybody out who has it.
    SetPassword {
        /// Which.
        name: String,
        /// What its password is compared with from now on.
        password: PasswordHash,
    },
    /// Close an account.
    CloseAccount(String),
    /// Make a token.
    MakeToken(NewToken),
    /// Revoke a token.
    RevokeToken(String),
    /// Sign somebody in whose password was right. Only the page asks for it.
    #[serde(skip)]
    OpenSession {
        /// The account.
        name: String,
        /// SHA-256 of what the cookie holds.
        digest: SecretDigest,
        /// Until when.
        until: Timestamp,
    },
    /// Sign somebody out. Only the page asks for it.
    #[serde(skip)]
    EndSession(SecretDigest),
    /// Put on record that an account takes no passwords for a while. Only the page asks for it.
    #[serde(skip)]
    NoteLock(String),
    /// Note who brings a job, before its file is written. Only the door asks for it. Answered with the number of the request.
    #[serde(skip)]
    Request(NewJobRequest),
}

/// An account to be opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewAccount {
    /// Its name.
    pub name: String,
    /// What it may do.
    pub role: AccountRole,
    /// For whom.
    pub units: Units,
    /// What its password is compared with.
    pub password: PasswordHash,
}

/// A token to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewToken {
    /// Its name.
    pub name: String,
    /// SHA-256 of what it shows.
    pub digest: SecretDigest,
    /// What it may do.
    pub rights: Vec<Right>,
    /// For whom.
    pub units: Units,
    /// Until when; `None`: until it is revoked.
    pub expires_at: Option<Timestamp>,
}

/// A job that somebody brings by a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewJobRequest {
    /// Their own name for the request: made again, it brings nothing twice.
    pub key: String,
    /// For which unit.
    pub unit: String,
    /// The name of the file that will be made of it.
    pub source: String,
    /// SHA-256 of its content, lower-case hexadecimal.
    pub digest: String,
    /// SHA-256 over the names and contents of the lists that it brings along, lower-case hexadecimal.
    pub lists_digest: String,
}

/// A moratorium to be entered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewMoratorium {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end, which is not part of it.
    pub until: Timestamp,
    /// The classes it holds for; empty: all.
    pub classes: Vec<Class>,
    /// The units it holds for; empty: all.
    pub units: Vec<String>,
}

/// What is known of a change of the roster before its steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterImport {
    /// Names the import until it is applied; chosen at random by whoever imports.
    pub session: u64,
    /// The roster to which it is the difference; `None`: there was none.
    pub base: Option<ImportId>,
    /// The list's name.
    pub file: String,
    /// Where the list comes from: a decree, a letter. May be empty.
    pub source: String,
    /// The legal basis on which its numbers are used. May be empty.
    pub basis: String,
}

/// A wish of the engine, given after its commit.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// To a modem's session.
    Modem(ModemName, ModemOrder),
    /// To whoever began the intake.
    Intake(IntakeId, IntakeOrder),
    /// The answer to an [`Act`].
    Reply {
        /// From [`Act::reply_to`].
        to: u64,
        /// Done, with a line for a person; or refused, with the reason.
        result: Result<String, String>,
    },
    /// What a unit has to read and answer changed. Given at most once per unit and step.
    InboxChanged {
        /// The unit.
        unit: String,
    },
    /// A job's account changed; its report file wants writing. Given at most once per job and step.
    JobChanged {
        /// The job.
        job: JobId,
        /// Whether every message now has its final state.
        finished: bool,
    },
}

/// A segment made ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// Names it.
    pub ticket: Ticket,
    /// Octets of the TPDU without the SMSC field: what `AT+CMGS=` takes.
    pub length: usize,
    /// The PDU in upper-case hexadecimal, SMSC field first (`00`: the SIM's own service centre).
    pub pdu: String,
    /// Whether more segments follow at once through this modem (`AT+CMMS`).
    pub more: bool,
}

/// A USSD code or key made ready.
#[derive(Clone, PartialEq, Eq)]
pub struct UssdKey {
    /// As a person writes it.
    pub code: UssdCode,
    /// The same in packed septets, upper-case hexadecimal, for modems that want that.
    pub packed: String,
}

impl std::fmt::Debug for UssdKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.code.fmt(f)
    }
}

/// What the engine asks of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModemOrder {
    /// Keep this ready as the next segment; replaces a reservation that has not begun.
    Reserve(Reservation),
    /// The attempt is durable: hand the PDU over when the prompt is there.
    Go {
        /// The reservation that was begun.
        ticket: Ticket,
        /// Its attempt.
        attempt: AttemptId,
    },
    /// Do not send this; ESC if it was begun. Ignored for an unknown ticket, and after `Go` unless the prompt is still awaited.
    Withdraw(Ticket),
    /// The message in this slot is durable here: delete it there.
    Delete(Slot),
    /// The message handed on directly is durable: AT+CNMA, if the modem waits for it.
    Acknowledge,
    /// Read EF_SMSS when nothing is to be sent.
    ReadLastUsed,
    /// Set the modem up anew: errors say that its settings are not as we think.
    BringUp,
    /// Take this step and open a new session. Between sessions the answer to [`ModemEvent::Fell`]; during one, only resets
    /// are obeyed, and the session ends for it as soon as no send is in hand.
    Recover(RecoveryStep),
    /// The try is on record: enter the PIN, once.
    EnterPin,
    /// Do not enter the PIN.
    HoldPin {
        /// Why not and what to do, one line, English.
        reason: String,
    },
    /// Dial these, one after the other, as soon as no message is in hand; answered with [`ModemEvent::UssdEnded`], unless `Lost`
    /// comes before it.
    Ussd {
        /// Names the exchange.
        ticket: Ticket,
        /// The code, then the keys of its menu.
        keys: Vec<UssdKey>,
    },
    /// End the exchange of this ticket at once: the modem is needed. Ignored for an unknown ticket.
    EndUssd(Ticket),
}

/// The answer to an intake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntakeOrder {
    /// The job is durable and will be sent.
    Accepted {
        /// Its number.
        job: JobId,
        /// Recipients named.
        recipients: u64,
        /// Of these, how many get no message.
        excluded: u64,
    },
    /// This very file became this job before, and only its move to `accepted/` is missing.
    Known {
        /// Its number.
        job: JobId,
    },
    /// Not accepted.
    Refused(Refusal),
}

/// Why the engine refuses a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The same content was accepted before.
    SentBefore {
        /// As this job.
        job: JobId,
        /// At this time.
        at: Timestamp,
    },
    /// No recipient is left after exclusions.
    Nobody {
        /// Recipients named.
        recipients: u64,
        /// How many of them are excluded, by the reason's short name ([`Excluded::name`](crate::model::Excluded::name)).
        excluded: std::collections::BTreeMap<&'static str, u64>,
        /// Segments of the longest text that is too long, and how many it may have; `None`: none is.
        longest: Option<(usize, usize)>,
    },
    /// The time to send by has passed.
    TooLate {
        /// The time named in the file.
        expires_at: Timestamp,
    },
    /// Quiet hours or a moratorium hold until the time to send by has passed.
    NeverOpens {
        /// Which of them.
        kind: WaitKind,
        /// A moratorium's own words; else empty.
        reason: String,
        /// When it could first be sent; `None`: no such time is in sight.
        opens: Option<Timestamp>,
        /// The time to send by.
        expires_at: Timestamp,
    },
    /// It needs more segments than are left of its unit's day.
    OverQuota {
        /// What it needs.
        segments: u64,
        /// What is left.
        left: u64,
    },
}

impl From<NotSent> for Outcome {
    fn from(why: NotSent) -> Self {
        Outcome::NotSent(why)
    }
}
