use crate::model::{Timestamp, minute};

/// What is on record of entering one PIN on one card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinTry {
    /// The card took it.
    Accepted,
    /// The card said that it is wrong.
    Refused,
    /// It was about to be entered; whether it was, nobody knows.
    Unknown,
}

/// A card that has fewer tries left than this has been tried by somebody else.
const TRIES_MIN: u8 = 3;

/// Whether a PIN may be entered. `tries`: what the modem says is left. Errors: why not and what to do, one line, English.
///
/// Three wrong PINs lock a card, and only the operator's PUK opens it. So a PIN is entered where all tries are left, once
/// for each card and value; only one that this card has taken before is entered again after the modem was off.
pub fn may_enter(tries: Option<u8>, earlier: Option<(PinTry, Timestamp)>) -> Result<(), String> {
    let remedy = "enter it by hand, or turn the PIN off in a phone";
    match (tries, earlier) {
        (_, Some((PinTry::Refused, at))) => Err(format!(
            "the PIN in the configuration was wrong ({}); correct it, or turn the PIN off in a phone",
            minute(at)
        )),
        (_, Some((PinTry::Unknown, at))) => Err(format!(
            "the PIN was about to be entered at {} and nobody knows whether it was, so it is not entered again; {remedy}",
            minute(at)
        )),
        (None, _) => {
            Err(format!("the modem does not say how many tries of the PIN are left, so it is not entered; {remedy}"))
        }
        (Some(tries), _) if tries < TRIES_MIN => {
            Err(format!("only {tries} tries of the PIN are left, so it is not entered; {remedy}"))
        }
        (Some(_), None | Some((PinTry::Accepted, _))) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_entered_only_where_nothing_can_be_lost() {
        let at = Timestamp::UNIX_EPOCH;
        let check = |tries, earlier: Option<PinTry>, allowed: bool| {
            let verdict = may_enter(tries, earlier.map(|earlier| (earlier, at)));
            assert_eq!(verdict.is_ok(), allowed, "{tries:?} {earlier:?}: {verdict:?}");
        };
        check(Some(3), None, true);
        check(Some(10), None, true);
        check(Some(2), None, false);
        check(Some(0), None, false);
        check(None, None, false);
        check(Some(3), Some(PinTry::Accepted), true);
        check(Some(2), Some(PinTry::Accepted), false);
        check(None, Some(PinTry::Accepted), false);
        check(Some(3), Some(PinTry::Refused), false);
        check(Some(3), Some(PinTry::Unknown), false);
    }
}
