use super::SimId;

/// Who a modem says it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModemIdentity {
    /// IMEI from `AT+CGSN`, digits; `None` where the modem would not tell. Cheap pools share one.
    pub imei: Option<String>,
    /// Manufacturer from `AT+CGMI`.
    pub manufacturer: String,
    /// Model from `AT+CGMM`.
    pub model: String,
    /// Firmware from `AT+CGMR`.
    pub revision: String,
}

/// Which card is in the modem.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SimIdentity {
    /// ICCID, 18 to 20 digits, nibbles in reading order, filler removed.
    pub iccid: Option<String>,
    /// IMSI from `AT+CIMI`, 14 or 15 digits.
    pub imsi: Option<String>,
}

impl SimIdentity {
    /// The text by which limits and reports know the card: the ICCID, else the IMSI, else `None`.
    pub fn key(&self) -> Option<String> {
        self.iccid
            .clone()
            .map(|iccid| format!("iccid:{iccid}"))
            .or_else(|| self.imsi.clone().map(|imsi| format!("imsi:{imsi}")))
    }
}

/// Where a received message lies in a modem (27.005 `<mem>` and `<index>`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Slot {
    /// `SM`, `ME`, `SR`, `MT` …
    pub memory: String,
    /// The index in that memory, as the modem listed it.
    pub index: u16,
}

/// Whether the network serves the SIM (27.007 `+CREG` `<stat>`, the best of CREG, CGREG and CEREG).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Registration {
    /// At home (1) or SMS only, home (6).
    Home,
    /// Roaming (5) or SMS only, roaming (7).
    Roaming,
    /// Searching (2).
    Searching,
    /// Denied (3): a blocked SIM or IMEI.
    Denied,
    /// Not registered and not searching (0), or unknown (4).
    #[default]
    None,
}

impl Registration {
    /// Whether messages can be sent.
    pub fn serves(self) -> bool {
        matches!(self, Registration::Home | Registration::Roaming)
    }

    /// The name stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            Registration::Home => "home",
            Registration::Roaming => "roaming",
            Registration::Searching => "searching",
            Registration::Denied => "denied",
            Registration::None => "none",
        }
    }
}

/// How a modem and its SIM stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The SIM.
    pub sim: Option<SimId>,
    /// Registration; `None`: it has no session, is unplugged, restarts or is left alone.
    pub registration: Option<Registration>,
    /// `+CSQ` 0 to 31; `None`: unknown.
    pub signal: Option<u8>,
    /// The operator that serves it.
    pub operator: Option<String>,
}
