//! Final results and their wording (27.005 §3.2.5, 27.007 §9, V.250 §5.7).

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Final {
    Ok,
    Error,
    /// The command is not known.
    Unknown,
    NoCarrier,
    Cms(u16),
    Cme(u16),
    /// No final result now: a prompt follows.
    Prompt,
    /// `OK`, then the modem restarts.
    Restart,
}

/// The name of a `+CMS ERROR` under `AT+CMEE=2`.
pub(super) fn cms_name(number: u16) -> &'static str {
    match number {
        1 => "Unassigned (unallocated) number",
        8 => "Operator determined barring",
        10 => "Call barred",
        21 => "Short message transfer rejected",
        27 => "Destination out of service",
        28 => "Unidentified subscriber",
        30 => "Unknown subscriber",
        38 => "Network out of order",
        41 => "Temporary failure",
        42 => "Congestion",
        47 => "Resources unavailable, unspecified",
        50 => "Requested facility not subscribed",
        302 => "Operation not allowed",
        303 => "Operation not supported",
        304 => "Invalid PDU mode parameter",
        305 => "Invalid text mode parameter",
        310 => "SIM not inserted",
        311 => "SIM PIN required",
        314 => "SIM busy",
        316 => "SIM PUK required",
        321 => "Invalid memory index",
        322 => "Memory full",
        330 => "SMSC address unknown",
        331 => "no network service",
        332 => "Network timeout",
        340 => "NO +CNMA ACK EXPECTED",
        _ => "Unknown error",
    }
}

/// The name of a `+CME ERROR` under `AT+CMEE=2`.
pub(super) fn cme_name(number: u16) -> &'static str {
    match number {
        3 => "operation not allowed",
        4 => "operation not supported",
        10 => "SIM not inserted",
        11 => "SIM PIN required",
        12 => "SIM PUK required",
        14 => "SIM busy",
        16 => "incorrect password",
        30 => "no network service",
        50 => "incorrect parameters",
        _ => "unknown",
    }
}
