use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// TP-SCTS, TP-DT and the absolute TP-VP: seven octets of semi-octets (23.040 §9.2.3.11).
///
/// The octets are kept as they came, for a service centre that sends no date still sends the message. Years 90 to 99
/// are 19xx, the others 20xx. The zone counts quarters of an hour, summer time included.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimeStamp([u8; 7]);

/// One quarter of an hour in seconds, the unit of the zone.
const QUARTER_S: i32 = 15 * 60;

impl TimeStamp {
    /// From the octets as they stand in a TPDU.
    pub fn from_octets(octets: [u8; 7]) -> Self {
        Self(octets)
    }

    /// The octets as they stand in a TPDU.
    pub fn octets(self) -> [u8; 7] {
        self.0
    }

    /// The local time that clocks at this offset show; full seconds, the offset cut to quarters of an hour.
    ///
    /// `None` outside 1990 to 2089 and beyond 79 quarters, which the format cannot say.
    pub fn at(time: Timestamp, offset: Offset) -> Option<Self> {
        let quarters = offset.seconds() / QUARTER_S;
        let local = Offset::from_seconds(quarters * QUARTER_S).ok()?.to_datetime(time);
        if !(1990..2090).contains(&local.year()) || quarters.abs() > 79 {
            return None;
        }
        let swapped = |number: i8| ((number as u8 % 10) << 4) | (number as u8 / 10);
        let sign = if quarters < 0 { 0x08 } else { 0 };
        Some(Self([
            swapped((local.year() % 100) as i8),
            swapped(local.month()),
            swapped(local.day()),
            swapped(local.hour()),
            swapped(local.minute()),
            swapped(local.second()),
            swapped(quarters.abs() as i8) | sign,
        ]))
    }

    /// Local date and time, and the zone; `None` where the octets are no date.
    pub fn civil(self) -> Option<(DateTime, Offset)> {
        let [year, month, day, hour, minute, second] = {
            let mut numbers = [0i8; 6];
            for (number, octet) in numbers.iter_mut().zip(self.0) {
                *number = decimal(octet)?;
            }
            numbers
        };
        let century = if year >= 90 { 1900 } else { 2000 };
        let local = DateTime::new(century + i16::from(year), month, day, hour, minute, second, 0).ok()?;
        // Bit 3 is the sign, the tens have the three bits below. Indonesian centres send units above 9 (2 and 12 for 32
        // quarters); they are added up, for the rest of the time is good.
        let quarters = i32::from(self.0[6] & 0x07) * 10 + i32::from(self.0[6] >> 4);
        let signed = if self.0[6] & 0x08 == 0 { quarters } else { -quarters };
        Some((local, Offset::from_seconds(signed * QUARTER_S).ok()?))
    }

    /// The moment in UTC; `None` where the octets are no date.
    pub fn timestamp(self) -> Option<Timestamp> {
        let (local, offset) = self.civil()?;
        offset.to_timestamp(local).ok()
    }
}

/// Two digits, the tens in the lower half; `None` where a half is above 9.
fn decimal(octet: u8) -> Option<i8> {
    let (tens, units) = (octet & 0x0F, octet >> 4);
    (tens <= 9 && units <= 9).then_some((tens * 10 + units) as i8)
}

/// ISO 8601 with the offset, `2026-11-24T08:00:00+07:00`; `no date (octets)` where it is none.
impl fmt::Display for TimeStamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.civil() {
            Some((local, offset)) => {
                let minutes = offset.seconds() / 60;
                let sign = if minutes < 0 { '-' } else { '+' };
                write!(f, "{local}{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
            }
            None => write!(f, "no date ({})", super::hex::encode(&self.0)),
        }
    }
}

impl fmt::Debug for TimeStamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TimeStamp({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdu::hex;

    fn stamp(digits: &str) -> TimeStamp {
        let octets = hex::decode(digits).expect("hexadecimal");
        TimeStamp::from_octets(octets.try_into().expect("seven octets"))
    }

    #[test]
    fn zones_count_quarters_and_carry_their_sign_in_bit_3() {
        let check = |digits: &str, expected: &str| {
            let stamp = stamp(digits);
            assert_eq!(stamp.to_string(), expected, "{digits}");
            let (_, offset) = stamp.civil().expect(digits);
            let moment = stamp.timestamp().expect(digits);
            assert_eq!(TimeStamp::at(moment, offset), Some(stamp), "{digits}");
        };
        check("62114280000082", "2026-11-24T08:00:00+07:00");
        check("70402132522423", "2007-04-12T23:25:42+08:00");
        check("7040213252242B", "2007-04-12T23:25:42-08:00");
        check("42209232959532", "2024-02-29T23:59:59+05:45");
        check("99213132959500", "1999-12-13T23:59:59+00:00");
    }

    #[test]
    fn a_zone_with_a_unit_above_9_is_added_up() {
        // As a report from +62895… came in.
        assert_eq!(stamp("610103409544C2").to_string(), "2016-10-30T04:59:44+08:00");
    }

    #[test]
    fn what_is_no_date_is_kept_and_says_so() {
        for digits in ["00000000000000", "FFFFFFFFFFFFFF", "42311232959500", "4220033295950A"] {
            let stamp = stamp(digits);
            assert_eq!((stamp.timestamp(), hex::encode(&stamp.octets()).as_str()), (None, digits), "{digits}");
        }
    }

    #[test]
    fn a_time_the_format_cannot_say_is_none() {
        let check = |time: &str| {
            let time: Timestamp = time.parse().expect("a time");
            assert_eq!(TimeStamp::at(time, Offset::UTC), None);
        };
        check("1989-12-31T23:59:59Z");
        check("2090-01-01T00:00:00Z");
    }
}
