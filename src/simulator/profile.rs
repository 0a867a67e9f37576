//! What differs between modems of several makers, as data. Taken from manuals and captures, not from what a client likes.

use std::time::Duration;

/// A make of modem: its names, what it offers and its habits.
#[derive(Debug)]
pub struct Profile {
    /// The name by which settings choose it.
    pub name: &'static str,
    pub(super) manufacturer: &'static str,
    pub(super) model: &'static str,
    pub(super) revision: &'static str,
    /// The first eight digits of the IMEI.
    pub(super) type_allocation: &'static str,
    pub(super) iccid: IccidCommand,
    /// Answers `COMMAND NOT SUPPORT`, without `ERROR` after it, to what it does not know.
    pub(super) says_not_supported: bool,
    /// How information lines end; `\r\r\n` on some Huawei firmwares.
    pub(super) line_end: &'static str,
    /// The first index of a memory: 0 on Huawei and most 4G modules, 1 on older ones.
    pub(super) index_base: u16,
    /// What `AT+CPMS=?` lists for reading, writing and receiving.
    pub(super) memories: [&'static [&'static str]; 3],
    /// All three memories after a restart.
    pub(super) memory_at_start: &'static str,
    /// Slots on the SIM, in the modem, and for status reports.
    pub(super) slots: Slots,
    pub(super) cnmi: CnmiOffer,
    /// `+CNMI` after a restart.
    pub(super) cnmi_at_start: [u8; 5],
    /// `+CMEE` after a restart.
    pub(super) cmee_at_start: u8,
    /// ESC at the prompt is answered by `OK` (27.005 §3.5.1), else by `ERROR`.
    pub(super) escape_is_ok: bool,
    /// Reading an empty slot is +CMS ERROR 321, else a bare `OK`.
    pub(super) empty_slot_is_error: bool,
    /// A stored report is announced as `+CDSI: "SM",0`, whatever its place (seen on EC25).
    pub(super) misnames_reports: bool,
    pub(super) tp_mr: TpMrHabit,
    pub(super) numbers: Numbers,
    /// Knows `+CGREG`, `+CEREG`.
    pub(super) packet: bool,
    pub(super) lte: bool,
    /// `+CMGS: <mr>,<scts>` under `+CSMS=1`.
    pub(super) time_in_answer: bool,
    /// What it says after switching on, and when.
    pub(super) boot: &'static [(Duration, BootStep)],
    /// Lines that come by themselves until silenced.
    pub(super) chatter: &'static [&'static str],
    pub(super) chatter_every: Duration,
    /// The set command that silences them, without `AT`.
    pub(super) silenced_by: &'static str,
    /// `{}`: the memory. Said when a message finds no room.
    pub(super) full: Option<&'static str>,
    /// From the end of a command line to its answer.
    pub(super) latency: Duration,
    /// The same for commands that go to the memories.
    pub(super) memory_latency: Duration,
    /// Bytes that come before the answer are kept for later; else they are lost.
    pub(super) queues_while_busy: bool,
    /// A call that rings makes `+CMGS` fail.
    pub(super) ringing_blocks_sending: bool,
    /// `+CUSD` strings are packed GSM-7 in hexadecimal.
    pub(super) packs_ussd: bool,
    /// The port goes away when it resets, as USB devices do.
    pub(super) reset_drops_port: bool,
}

#[derive(Debug)]
pub(super) struct IccidCommand {
    pub(super) name: &'static str,
    /// `^ICCID?` rather than `+QCCID`.
    pub(super) is_read: bool,
    pub(super) prefix: &'static str,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Slots {
    pub(super) sim: u16,
    pub(super) modem: u16,
    pub(super) reports: u16,
}

/// The values `+CNMI` takes: mode, mt, bm, ds, bfr, and the same as `AT+CNMI=?` prints it.
#[derive(Debug)]
pub(super) struct CnmiOffer {
    pub(super) values: [&'static [u8]; 5],
    pub(super) text: &'static str,
}

/// Where the TP-MR of a segment comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TpMrHabit {
    /// Goes on by one from the value kept on the SIM (EF_SMSS).
    Sim,
    /// Begins at 0 after each restart, then by one.
    Restart,
}

/// At which moments a modem counts its TP-MR: makers differ, and the standard leaves it open (23.040 §9.2.3.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// When a number counts as used.
    pub counting: Counting,
    /// When it is written into EF_SMSS on the card.
    pub card_file: CardFile,
}

/// When a modem counts a number as used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// When it submits the segment, whatever becomes of it: a refused one has taken a number.
    HandOver,
    /// When the network acknowledges it: the number of a refused one goes to the next.
    Acknowledged,
    /// At the hand-over, by one to three: something else in the modem sends too.
    Jumps,
    /// Never: every segment has the same number.
    Still,
}

/// When a modem writes the number into EF_SMSS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardFile {
    /// When it counts it, before the segment is on the air.
    HandOver,
    /// When the network has answered: a restart before that leaves the number out.
    Answer,
    /// Never.
    Never,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum BootStep {
    /// A line by itself.
    Says(&'static str),
    /// The SIM can be read.
    SimReady,
    /// The radio has found the network.
    Registered,
    /// Messages can be sent and stored ones read.
    SmsReady,
}

const fn ms(value: u64) -> Duration {
    Duration::from_millis(value)
}

/// A Quectel EC25, 4G: quick, indices from 0, misnames stored reports, wants `+CNMI` ds=1.
pub static QUECTEL: Profile = Profile {
    name: "quectel",
    manufacturer: "Quectel",
    model: "EC25",
    revision: "EC25EFAR06A11M4G",
    type_allocation: "86751404",
    iccid: IccidCommand { name: "+QCCID", is_read: false, prefix: "+QCCID: " },
    says_not_supported: false,
    line_end: "\r\n",
    index_base: 0,
    memories: [&["ME", "MT", "SM"], &["ME", "MT", "SM"], &["ME", "MT", "SM"]],
    memory_at_start: "ME",
    slots: Slots { sim: 50, modem: 255, reports: 100 },
    cnmi: CnmiOffer {
        values: [&[0, 1, 2], &[0, 1, 2, 3], &[0, 2], &[0, 1, 2], &[0, 1]],
        text: "(0-2),(0-3),(0,2),(0-2),(0,1)",
    },
    cnmi_at_start: [2, 1, 0, 0, 0],
    cmee_at_start: 1,
    escape_is_ok: true,
    empty_slot_is_error: false,
    misnames_reports: true,
    tp_mr: TpMrHabit::Sim,
    numbers: Numbers { counting: Counting::HandOver, card_file: CardFile::HandOver },
    packet: true,
    lte: true,
    time_in_answer: false,
    boot: &[
        (ms(10), BootStep::Says("RDY")),
        (ms(20), BootStep::Says("+CFUN: 1")),
        (ms(150), BootStep::SimReady),
        (ms(150), BootStep::Says("+CPIN: READY")),
        (ms(150), BootStep::Says("+QUSIM: 1")),
        (ms(300), BootStep::Registered),
        (ms(400), BootStep::SmsReady),
        (ms(400), BootStep::Says("+QIND: SMS DONE")),
        (ms(600), BootStep::Says("+QIND: PB DONE")),
    ],
    chatter: &["+QIND: \"csq\",24,99", "+QIND: \"act\",\"LTE\""],
    chatter_every: Duration::ZERO,
    silenced_by: "+QINDCFG=\"all\",0",
    full: Some("+QIND: \"smsfull\",\"{}\""),
    latency: Duration::ZERO,
    memory_latency: Duration::ZERO,
    queues_while_busy: true,
    ringing_blocks_sending: false,
    packs_ussd: false,
    reset_drops_port: true,
};

/// A Huawei E1752 stick, 3G: doubled CR, `COMMAND NOT SUPPORT`, lines that come unasked, indices from 0.
pub static HUAWEI: Profile = Profile {
    name: "huawei",
    manufacturer: "huawei",
    model: "E1752",
    revision: "11.126.13.00.00",
    type_allocation: "35361403",
    iccid: IccidCommand { name: "^ICCID", is_read: true, prefix: "^ICCID: " },
    says_not_supported: true,
    line_end: "\r\r\n",
    index_base: 0,
    memories: [&["ME", "MT", "SM", "SR"], &["ME", "MT", "SM", "SR"], &["ME", "MT", "SM", "SR"]],
    memory_at_start: "SM",
    slots: Slots { sim: 20, modem: 23, reports: 10 },
    cnmi: CnmiOffer {
        values: [&[0, 1, 2], &[0, 1, 2, 3], &[0, 2, 3], &[0, 1, 2], &[0, 1]],
        text: "(0,1,2),(0,1,2,3),(0,2,3),(0,1,2),(0,1)",
    },
    cnmi_at_start: [1, 0, 0, 0, 0],
    cmee_at_start: 0,
    escape_is_ok: true,
    empty_slot_is_error: true,
    misnames_reports: false,
    tp_mr: TpMrHabit::Sim,
    numbers: Numbers { counting: Counting::HandOver, card_file: CardFile::Answer },
    packet: true,
    lte: false,
    time_in_answer: true,
    boot: &[
        (ms(400), BootStep::Says("^RFSWITCH:1,1")),
        (ms(500), BootStep::SimReady),
        (ms(500), BootStep::Says("^SIMST:1")),
        (ms(900), BootStep::Registered),
        (ms(900), BootStep::Says("^SRVST:2")),
        (ms(1200), BootStep::SmsReady),
        (ms(1200), BootStep::Says("^MODE:5,4")),
    ],
    chatter: &["^RSSI:18", "^BOOT:20815134,0,0,0,72", "^DSFLOWRPT:0000004C,00000000,00000000,0000000000000000"],
    chatter_every: ms(3_000),
    silenced_by: "^CURC=0",
    full: Some("^SMMEMFULL: \"{}\""),
    latency: ms(2),
    memory_latency: ms(15),
    queues_while_busy: false,
    ringing_blocks_sending: false,
    packs_ussd: true,
    reset_drops_port: true,
};

/// A SIMCom SIM800 behind a UART bridge, 2G: slow, indices from 1, TP-MR from 0 after each restart.
pub static SIM800: Profile = Profile {
    name: "sim800",
    manufacturer: "SIMCOM_Ltd",
    model: "SIMCOM_SIM800L",
    revision: "Revision:1418B05SIM800L24",
    type_allocation: "86771703",
    iccid: IccidCommand { name: "+CCID", is_read: false, prefix: "" },
    says_not_supported: false,
    line_end: "\r\n",
    index_base: 1,
    memories: [&["SM", "ME", "MT"], &["SM", "ME"], &["SM", "ME"]],
    memory_at_start: "SM",
    slots: Slots { sim: 15, modem: 50, reports: 10 },
    cnmi: CnmiOffer {
        values: [&[0, 1, 2], &[0, 1, 2, 3], &[0, 2], &[0, 1], &[0, 1]],
        text: "(0,1,2),(0,1,2,3),(0,2),(0,1),(0,1)",
    },
    cnmi_at_start: [2, 1, 0, 0, 0],
    cmee_at_start: 0,
    escape_is_ok: false,
    empty_slot_is_error: false,
    misnames_reports: false,
    tp_mr: TpMrHabit::Restart,
    numbers: Numbers { counting: Counting::HandOver, card_file: CardFile::Never },
    packet: true,
    lte: false,
    time_in_answer: false,
    boot: &[
        (ms(300), BootStep::Says("RDY")),
        (ms(320), BootStep::Says("+CFUN: 1")),
        (ms(800), BootStep::SimReady),
        (ms(800), BootStep::Says("+CPIN: READY")),
        (ms(2_000), BootStep::Registered),
        (ms(2_500), BootStep::Says("Call Ready")),
        (ms(3_500), BootStep::SmsReady),
        (ms(3_500), BootStep::Says("SMS Ready")),
    ],
    chatter: &["*PSUTTZ: 2026,11,24,2,30,0,\"+28\",0", "DST: 0", "UNDER-VOLTAGE WARNNING"],
    chatter_every: Duration::ZERO,
    silenced_by: "+CIURC=0",
    full: None,
    latency: ms(20),
    memory_latency: ms(120),
    queues_while_busy: true,
    ringing_blocks_sending: true,
    packs_ussd: false,
    reset_drops_port: false,
};

impl Profile {
    /// The IMEI of this make's device number `serial` (3GPP TS 23.003 §6.2.1): type, six digits of its own, check digit.
    pub(super) fn imei(&self, serial: usize) -> String {
        let digits = format!("{}{:06}", self.type_allocation, serial % 1_000_000);
        let check = check_digit(&digits);
        format!("{digits}{check}")
    }
}

/// Luhn's: every second digit from the right counts double, by the sum of its digits (3GPP TS 23.003 annex B).
fn check_digit(digits: &str) -> u32 {
    let weighed = digits.bytes().rev().enumerate().map(|(place, digit)| {
        let digit = u32::from(digit - b'0');
        let weighed = if place % 2 == 0 { digit * 2 } else { digit };
        weighed / 10 + weighed % 10
    });
    (10 - weighed.sum::<u32>() % 10) % 10
}

/// Every profile there is.
pub static PROFILES: [&Profile; 3] = [&QUECTEL, &HUAWEI, &SIM800];

/// The profile of this name, in lower case. `None` where there is none.
pub fn by_name(name: &str) -> Option<&'static Profile> {
    PROFILES.into_iter().find(|profile| profile.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_of_a_make_differ_before_the_check_digit_which_is_right() {
        // 490154203237518 is the usual example of a whole one.
        assert_eq!(check_digit("49015420323751"), 8);
        let (one, two) = (QUECTEL.imei(1), QUECTEL.imei(2));
        assert_eq!((one.len(), one.starts_with("86751404")), (15, true));
        assert_ne!(one[..14], two[..14]);
    }
}
