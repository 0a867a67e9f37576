use jiff::SignedDuration;

use super::TimeStamp;

/// How long the service centre keeps trying to deliver (TP-VP, 23.040 §9.2.3.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Validity {
    /// One octet, 5 min to 63 weeks (§9.2.3.12.1); made by [`Validity::relative`].
    Relative(u8),
    /// Until this time (§9.2.3.12.2).
    Absolute(TimeStamp),
    /// Seven octets with a format of their own (§9.2.3.12.3); read, and written back as they are.
    Enhanced(EnhancedValidity),
}

/// The span is longer than TP-VP can say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{hours} hours are longer than the 63 weeks that TP-VP can say", hours = .0.as_hours())]
pub struct ValidityTooLong(pub SignedDuration);

const MINUTE_S: i64 = 60;
const HOUR_S: i64 = 60 * MINUTE_S;
const DAY_S: i64 = 24 * HOUR_S;
const WEEK_S: i64 = 7 * DAY_S;
/// The ends of the four ranges of §9.2.3.12.1.
const HALF_DAY_S: i64 = 12 * HOUR_S;
const MONTH_S: i64 = 30 * DAY_S;
const LONGEST_S: i64 = 63 * WEEK_S;

impl Validity {
    /// The relative format for a span: the shortest that is not shorter than asked, at least 5 minutes.
    ///
    /// Errors: [`ValidityTooLong`] above 63 weeks.
    pub fn relative(span: SignedDuration) -> Result<Self, ValidityTooLong> {
        let seconds = span.as_secs().saturating_add(i64::from(span.subsec_nanos() > 0));
        let steps = |seconds: i64, step_s: i64| (seconds.max(1) + step_s - 1) / step_s;
        let value = if seconds <= HALF_DAY_S {
            steps(seconds, 5 * MINUTE_S) - 1
        } else if seconds <= DAY_S {
            143 + steps(seconds - HALF_DAY_S, 30 * MINUTE_S)
        } else if seconds <= MONTH_S {
            166 + steps(seconds, DAY_S)
        } else if seconds <= LONGEST_S {
            192 + steps(seconds, WEEK_S)
        } else {
            return Err(ValidityTooLong(span));
        };
        Ok(Validity::Relative(value as u8))
    }

    /// The span, where the format says one; `None` for an absolute time and for enhanced formats without a span.
    pub fn span(self) -> Option<SignedDuration> {
        match self {
            Validity::Relative(value) => Some(relative_span(value)),
            Validity::Absolute(_) => None,
            Validity::Enhanced(enhanced) => enhanced.span(),
        }
    }
}

fn relative_span(value: u8) -> SignedDuration {
    let number = i64::from(value);
    SignedDuration::from_secs(match value {
        0..=143 => (number + 1) * 5 * MINUTE_S,
        144..=167 => HALF_DAY_S + (number - 143) * 30 * MINUTE_S,
        168..=196 => (number - 166) * DAY_S,
        197..=255 => (number - 192) * WEEK_S,
    })
}

/// The enhanced format of TP-VP (23.040 §9.2.3.12.3): a functionality indicator and what it announces, 7 octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EnhancedValidity(pub [u8; 7]);

impl EnhancedValidity {
    /// Whether the service centre tries once only (bit 6).
    pub fn single_shot(self) -> bool {
        self.0[0] & 0x40 != 0
    }

    /// The span it names: as in the relative format, in seconds, or in hours, minutes and seconds. `None` where it
    /// names none, where the indicator goes on in a second octet, and where the format is reserved.
    pub fn span(self) -> Option<SignedDuration> {
        let [indicator, first, second, third, ..] = self.0;
        if indicator & 0x80 != 0 {
            return None;
        }
        match indicator & 0x07 {
            1 => Some(relative_span(first)),
            2 if first > 0 => Some(SignedDuration::from_secs(i64::from(first))),
            3 => {
                let number = |octet: u8| {
                    let (tens, units) = (octet & 0x0F, octet >> 4);
                    (tens <= 9 && units <= 9).then_some(i64::from(tens * 10 + units))
                };
                let seconds = number(first)? * HOUR_S + number(second)? * MINUTE_S + number(third)?;
                Some(SignedDuration::from_secs(seconds))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_rounds_up_and_is_never_shorter_than_asked() {
        let check = |seconds: i64, value: u8| {
            let span = SignedDuration::from_secs(seconds);
            assert_eq!(Validity::relative(span), Ok(Validity::Relative(value)), "{seconds}");
        };
        check(-5, 0);
        check(0, 0);
        check(300, 0);
        check(301, 1);
        check(12 * HOUR_S, 143);
        check(12 * HOUR_S + 1, 144);
        check(DAY_S, 167);
        check(DAY_S + 1, 168);
        check(30 * DAY_S, 196);
        check(30 * DAY_S + 1, 197);
        check(5 * WEEK_S, 197);
        check(5 * WEEK_S + 1, 198);
        check(63 * WEEK_S, 255);
        let long = SignedDuration::from_secs(63 * WEEK_S + 1);
        assert_eq!(Validity::relative(long), Err(ValidityTooLong(long)));
        assert_eq!(Validity::relative(SignedDuration::MAX), Err(ValidityTooLong(SignedDuration::MAX)));
        assert_eq!(Validity::relative(SignedDuration::MIN), Ok(Validity::Relative(0)));
        let part = SignedDuration::from_millis(300_001);
        assert_eq!(Validity::relative(part), Ok(Validity::Relative(1)));
    }

    #[test]
    fn every_relative_value_says_itself() {
        for value in 0..=255 {
            let span = Validity::Relative(value).span().expect("a span");
            assert_eq!(Validity::relative(span), Ok(Validity::Relative(value)));
        }
    }

    #[test]
    fn enhanced_formats_are_understood() {
        let check = |octets: [u8; 7], seconds: Option<i64>| {
            let span = EnhancedValidity(octets).span();
            assert_eq!(span, seconds.map(SignedDuration::from_secs), "{octets:02x?}");
        };
        check([0x00, 0, 0, 0, 0, 0, 0], None);
        check([0x01, 0xA7, 0, 0, 0, 0, 0], Some(DAY_S));
        check([0x42, 60, 0, 0, 0, 0, 0], Some(60));
        check([0x02, 0, 0, 0, 0, 0, 0], None);
        check([0x03, 0x21, 0x03, 0x54, 0, 0, 0], Some(12 * HOUR_S + 30 * MINUTE_S + 45));
        check([0x03, 0xFF, 0x03, 0x54, 0, 0, 0], None);
        check([0x81, 0xA7, 0, 0, 0, 0, 0], None);
        assert!(EnhancedValidity([0x42, 60, 0, 0, 0, 0, 0]).single_shot());
    }
}
