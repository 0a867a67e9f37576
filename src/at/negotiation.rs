//! What a modem offers for storage, service and announcements, and what is chosen from it.

use std::fmt;

use super::Memory;
use super::fields::{after, fields, groups, number};

/// The values 0 to 15 that one place of a test answer offers: `(0-2)`, `(0,1,3)`, `(0-1,3)`, `0`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offered(u16);

impl Offered {
    fn parse(group: &str) -> Self {
        let mut bits = 0;
        for item in group.split(',').map(str::trim) {
            let (low, high) = item.split_once('-').unwrap_or((item, item));
            if let (Some(low), Some(high)) = (number(low.trim()), number(high.trim())) {
                for value in low..=high.min(15) {
                    bits |= 1 << value;
                }
            }
        }
        Self(bits)
    }

    /// Whether this value is offered.
    pub fn has(self, value: u8) -> bool {
        value < 16 && self.0 & (1 << value) != 0
    }

    /// The first of `wanted` that is offered.
    pub fn first_of(self, wanted: &[u8]) -> Option<u8> {
        wanted.iter().copied().find(|value| self.has(*value))
    }
}

/// The answer to `AT+CNMI=?`: up to five places `<mode>,<mt>,<bm>,<ds>,<bfr>` (27.005 §3.4.1); a place left out is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CnmiOffer {
    /// The places in the standard's order.
    pub places: [Option<Offered>; 5],
}

impl CnmiOffer {
    /// Reads `+CNMI: (0-2),(0,1,3),(0),(0,1),(0,1)`. `None` for another line or one without any number.
    pub fn parse(line: &str) -> Option<Self> {
        let mut places = [None; 5];
        for (place, group) in places.iter_mut().zip(groups(after(line, "+CNMI")?)) {
            *place = Some(Offered::parse(group)).filter(|offered| *offered != Offered::default());
        }
        places[0]?;
        Some(Self { places })
    }

    /// The settings to try, best first: mode 2, messages stored and announced (mt 1), no broadcasts, reports by `routes` (`<ds>`, in order
    /// of preference) and at last without. Never a value that is not offered.
    pub fn choices(&self, routes: &[u8]) -> Vec<CnmiSetting> {
        let [mode, mt, bm, ds, bfr] = self.places;
        let Some(mode) = mode.and_then(|offered| offered.first_of(&[2, 1, 3, 0])) else { return Vec::new() };
        let pick = |place: Option<Offered>, wanted: &[u8]| place.and_then(|offered| offered.first_of(wanted));
        let mt = pick(mt, &[1, 3, 2, 0]);
        let bm = mt.and_then(|_| pick(bm, &[0, 1, 2, 3]));
        let Some(ds) = ds.filter(|_| bm.is_some()) else {
            return vec![CnmiSetting { values: [Some(mode), mt, bm, None, None] }];
        };
        let routes = routes.iter().copied().chain([0]).filter(|route| ds.has(*route));
        let bfr = pick(bfr, &[0, 1]);
        let mut choices: Vec<CnmiSetting> =
            routes.map(|route| CnmiSetting { values: [Some(mode), mt, bm, Some(route), bfr] }).collect();
        choices.dedup();
        choices
    }
}

/// The values of `AT+CNMI=` or of its read answer; those after the first `None` are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CnmiSetting {
    /// `<mode>,<mt>,<bm>,<ds>,<bfr>`.
    pub values: [Option<u8>; 5],
}

impl CnmiSetting {
    /// The settings to try with a modem that will not say what it offers: short forms, since nobody knows its `<bfr>`.
    pub fn blind(routes: &[u8]) -> Vec<CnmiSetting> {
        let with = |route| CnmiSetting { values: [Some(2), Some(1), Some(0), Some(route), None] };
        let plain = |mode| CnmiSetting { values: [Some(mode), Some(1), None, None, None] };
        routes.iter().copied().map(with).chain([with(0), plain(2), plain(1)]).collect()
    }

    /// Reads `+CNMI: 2,1,0,1,0`. `None` for another line.
    pub fn parse(line: &str) -> Option<Self> {
        let mut values = [None; 5];
        for (value, field) in values.iter_mut().zip(fields(after(line, "+CNMI")?)) {
            *value = field.parse().ok();
        }
        values[0]?;
        Some(Self { values })
    }

    /// `<ds>`: 0 no reports, 1 handed on (`+CDS`), 2 stored (`+CDSI`).
    pub fn reports(&self) -> u8 {
        self.values[3].unwrap_or(0)
    }

    /// Whether messages that come in are announced or handed on (`<mt>` other than 0).
    pub fn announces(&self) -> bool {
        self.values[1].is_some_and(|mt| mt != 0)
    }

    /// Whether what the modem says it does covers this setting in mode, `<mt>` and `<ds>`.
    pub fn holds_in(&self, actual: &CnmiSetting) -> bool {
        [0, 1, 3].into_iter().all(|place| self.values[place].is_none() || self.values[place] == actual.values[place])
    }
}

impl fmt::Display for CnmiSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, value) in self.values.iter().map_while(|value| *value).enumerate() {
            write!(f, "{}{value}", if place > 0 { "," } else { "" })?;
        }
        Ok(())
    }
}

/// The answer to `AT+CPMS=?`: for reading, writing and receiving, the memories that may be chosen; one to three groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CpmsOffer {
    /// The groups; names not understood are left out.
    pub groups: Vec<Vec<Memory>>,
}

impl CpmsOffer {
    /// Reads `+CPMS: ("ME","SM"),("ME","SM"),("SM","MT")`, in one more pair of brackets or empty ones too. `None` for another line.
    pub fn parse(line: &str) -> Option<Self> {
        let groups = groups(after(line, "+CPMS")?);
        let groups = groups.into_iter().map(|group| group.split(',').filter_map(Memory::parse).collect());
        Some(Self { groups: groups.take(3).collect() })
    }

    /// The memories to be listed at start: of those that can be read, all but the ones that are another view of the same (MT) or hold no
    /// messages to us (BM, TA).
    pub fn readable(&self) -> Vec<Memory> {
        let reading = self.groups.first().map_or(&[][..], Vec::as_slice);
        [Memory::ME, Memory::SM, Memory::SR].into_iter().filter(|memory| reading.contains(memory)).collect()
    }

    /// What to set, best first: everything in ME where it may receive (a SIM is small and slow), else SM, else the first on offer;
    /// as many memories as there are groups.
    pub fn choices(&self) -> Vec<Vec<Memory>> {
        let Some(receiving) = self.groups.last().filter(|group| !group.is_empty()) else { return Vec::new() };
        let mut wanted: Vec<Memory> = [Memory::ME, Memory::SM].into_iter().filter(|m| receiving.contains(m)).collect();
        if wanted.is_empty() {
            wanted.push(receiving[0]);
        }
        let fill = |memory: Memory| {
            let place =
                |group: &Vec<Memory>| if group.contains(&memory) { Some(memory) } else { group.first().copied() };
            self.groups.iter().map_while(place).collect()
        };
        wanted.into_iter().map(fill).collect()
    }
}

/// How full the storage is that is read from, and its name where the answer gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CpmsUse {
    /// The memory read from; `None` in the answer to a setting.
    pub memory: Option<Memory>,
    /// The memory that receives, where the answer names it.
    pub receiving: Option<Memory>,
    /// Messages in it.
    pub used: u16,
    /// Room in it.
    pub total: u16,
}

impl CpmsUse {
    /// Reads `+CPMS: "SM",1,10,"SM",1,10,"SM",1,10` (query) or `+CPMS: 14,50,14,50` (setting). `None` for empty places (Nokia N79).
    pub fn parse(line: &str) -> Option<Self> {
        let parts = fields(after(line, "+CPMS")?);
        let memory = Memory::parse(parts.first()?).filter(|_| number(parts[0]).is_none());
        let at = usize::from(memory.is_some());
        let receiving = parts.get(6).or(parts.get(3)).and_then(|name| Memory::parse(name)).filter(|_| memory.is_some());
        Some(Self { memory, receiving, used: number(parts.get(at)?)?, total: number(parts.get(at + 1)?)? })
    }
}

/// `<service>` of `+CSMS: <service>,<mt>,<mo>,<bm>` (27.005 §3.2.1): with 1 the modem waits for AT+CNMA. `None` for another line.
pub fn message_service(line: &str) -> Option<u8> {
    fields(after(line, "+CSMS")?).first()?.parse().ok()
}

/// `<mode>` of `+CMGF: <mode>` (27.005 §3.2.3): 0 PDU mode, 1 text mode. `None` for another line.
pub fn message_format(line: &str) -> Option<u8> {
    fields(after(line, "+CMGF")?).first()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(line: &str, routes: &[u8]) -> Vec<String> {
        let offer = CnmiOffer::parse(line).unwrap_or_default();
        offer.choices(routes).iter().map(CnmiSetting::to_string).collect()
    }

    #[test]
    fn only_offered_announcements_are_tried() {
        let check = |line: &str, expected: &[&str]| assert_eq!(tried(line, &[1, 2]), expected, "{line}");
        check("+CNMI: (0-2),(0,1,3),(0),(0,1),(0,1)", &["2,1,0,1,0", "2,1,0,0,0"]);
        check("+CNMI: (0-3),(0-3),(0-3),(0,1),(0,1)", &["2,1,0,1,0", "2,1,0,0,0"]);
        check("+CNMI:(2),(0-1,3),(0,2),(0-1),(0)", &["2,1,0,1,0", "2,1,0,0,0"]);
        check("+CNMI: (0-3),(0,1),(0,2,3),(0,2),(1)", &["2,1,0,2,1", "2,1,0,0,1"]); // MC75i
        check("+CNMI: (0,1,2),(0,1),(0,2),(0),(1)", &["2,1,0,0,1"]); // Cinterion without reports
        check("+CNMI: (0,1,2),(0,1,2,3),(0,2),(0,1,2)", &["2,1,0,1", "2,1,0,2", "2,1,0,0"]);
        check("+CNMI: (0,1),(0,1)", &["1,1"]);
        check("+CNMI: ", &[]);
        assert_eq!(tried("+CNMI: (0-3),(0-3),(0-3),(0-2),(0,1)", &[1]), ["2,1,0,1,0", "2,1,0,0,0"]); // a dialect without ds=2
    }

    #[test]
    fn a_modem_that_drops_what_it_was_told_is_noticed() {
        let set = CnmiSetting::parse("+CNMI: 2,1,0,1,0");
        let holds = |line: &str| CnmiSetting::parse(line).zip(set).map(|(actual, set)| set.holds_in(&actual));
        assert_eq!(holds("+CNMI: 2,1,0,1,1"), Some(true));
        assert_eq!(holds("+CNMI: 2,0,0,0,0"), Some(false));
        assert_eq!(holds("+CNMI: 2,1"), Some(false));
    }

    #[test]
    fn storages_of_real_modems() {
        let check = |line: &str, readable: &[Memory], choices: &[&[Memory]]| {
            let offer = CpmsOffer::parse(line).unwrap_or_default();
            assert_eq!(offer.readable(), readable, "{line}");
            assert_eq!(offer.choices(), choices, "{line}");
        };
        use Memory as M;
        let four = "(\"ME\",\"MT\",\"SM\",\"SR\")";
        check(&format!("+CPMS: {four},{four},{four}"), &[M::ME, M::SM, M::SR], &[&[M::ME; 3], &[M::SM; 3]]); // K3715, ZTE
        check("+CPMS: ((\"SM\",\"BM\",\"SR\"),(\"SM\"))", &[M::SM, M::SR], &[&[M::SM; 2]]); // Wavecom
        check("+CPMS: (),(),()", &[], &[]); // Nokia N79
        check("+CPMS: (\"ME\",\"SM\"),(\"ME\",\"SM\"),(\"SM\",\"MT\")", &[M::ME, M::SM], &[&[M::SM; 3]]); // MC75i
        check("+CPMS: (\"MT\"),(\"MT\"),(\"MT\")", &[], &[&[M::MT; 3]]);
    }

    #[test]
    fn use_of_storage_in_both_writings() {
        let parsed = |line: &str| CpmsUse::parse(line).map(|found| (found.memory, found.used, found.total));
        assert_eq!(parsed("+CPMS: \"SM\",1,10,\"SM\",1,10,\"SM\",1,10"), Some((Some(Memory::SM), 1, 10)));
        assert_eq!(parsed("+CPMS: 14,50,14,50"), Some((None, 14, 50))); // Wavecom
        assert_eq!(parsed("+CPMS: ,,,,,,,,"), None); // Nokia N79
        assert_eq!(message_service("+CSMS: 1,1,1,1"), Some(1));
        assert_eq!(message_service("+CSMS: "), None);
        assert_eq!(message_format("+CMGF: 0"), Some(0));
        assert_eq!(message_format("+CMGF:1"), Some(1));
        assert_eq!(message_format("+CMGF: (0,1)"), None);
    }
}
