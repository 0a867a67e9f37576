//! Amounts and dates as Indonesian operators write them.

use jiff::civil::Date;

/// An amount in whole units: `25.000`, `25,000`, `25.000,00`, `25000`, `Rp 1.250.000,-` without its `Rp`.
///
/// A point or comma before three digits parts thousands; the last one before one or two digits begins the decimals, which are
/// cut off. `None` where the groups fit neither.
pub(super) fn amount(text: &str) -> Option<u64> {
    let text = text.trim().trim_end_matches(['-', '.', ',', ' ']);
    let groups: Vec<&str> = text.split(['.', ',']).map(str::trim).collect();
    let digits = |group: &&str| !group.is_empty() && group.bytes().all(|octet| octet.is_ascii_digit());
    if !groups.iter().all(digits) {
        return None;
    }
    let whole = match groups.as_slice() {
        [whole @ .., last] if !whole.is_empty() && last.len() <= 2 => whole,
        all => all,
    };
    let parted = whole.len() > 1;
    let fits = |(place, group): (usize, &&str)| match place {
        0 => !parted || group.len() <= 3,
        _ => group.len() == 3,
    };
    whole.iter().enumerate().all(fits).then(|| whole.concat().parse().ok()).flatten()
}

/// The first three letters of the months, Indonesian and English.
const MONTHS: [&[&str]; 12] = [
    &["jan"],
    &["feb", "peb"],
    &["mar"],
    &["apr"],
    &["mei", "may"],
    &["jun"],
    &["jul"],
    &["agu", "agt", "ags", "aug"],
    &["sep"],
    &["okt", "oct"],
    &["nov", "nop"],
    &["des", "dec"],
];

/// A date: `24-12-2026`, `24/12/26`, `24.12.2026`, `2026-12-24`, `24 Des 2026`, `24Des26`. Day before month, as is written here.
/// `None` for anything else, and for days that are not in the calendar.
pub(super) fn date(text: &str) -> Option<Date> {
    let mut parts: Vec<String> = Vec::new();
    let mut kind = None;
    for character in text.trim().chars() {
        let now = (character.is_ascii_digit(), character.is_alphabetic());
        if !now.0 && !now.1 {
            kind = None;
            continue;
        }
        if kind != Some(now) {
            parts.push(String::new());
        }
        kind = Some(now);
        parts.last_mut()?.extend(character.to_lowercase());
    }
    let [first, second, third] = parts.as_slice() else { return None };
    let (year, month, day) = if first.len() == 4 { (first, second, third) } else { (third, second, first) };
    let year: i16 = match year.len() {
        2 => 2000 + year.parse::<i16>().ok()?,
        4 => year.parse().ok()?,
        _ => return None,
    };
    let month = match month.parse() {
        Ok(number) => number,
        Err(_) => {
            let start = month.get(..3)?;
            i8::try_from(MONTHS.iter().position(|names| names.contains(&start))? + 1).ok()?
        }
    };
    Date::new(year, month, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as day;

    use super::*;

    #[test]
    fn amounts_in_every_writing() {
        let check = |text: &str, expected: Option<u64>| assert_eq!(amount(text), expected, "{text}");
        check("25.000", Some(25_000));
        check("25,000", Some(25_000));
        check("25000", Some(25_000));
        check("25.000,00", Some(25_000));
        check("25,000.50", Some(25_000));
        check("1.250.000,-", Some(1_250_000));
        check("5.500.", Some(5_500));
        check("0", Some(0));
        check("96.45", Some(96));
        check("0,5", Some(0));
        check("1.25.000", None);
        check("1234.567", None);
        check("25.00.00", None);
        check("", None);
        check("Rp 5", None);
        check("99999999999999999999999", None);
    }

    #[test]
    fn dates_in_every_writing() {
        let check = |text: &str, expected: Option<Date>| assert_eq!(date(text), expected, "{text}");
        let eve = Some(day(2026, 12, 24));
        for text in [
            "24-12-2026",
            "24/12/26",
            "24.12.2026",
            "2026-12-24",
            "24 Des 2026",
            "24 Desember 2026",
            "24Dec26",
            "24-DES-26",
        ] {
            check(text, eve);
        }
        check("1 Agustus 2027", Some(day(2027, 8, 1)));
        check("31 Mei 27", Some(day(2027, 5, 31)));
        for text in ["", "24-12", "31-02-2027", "24-13-2026", "24 Foo 2026", "24-12-202", "24-12-2026 23:59", "é-é-é"]
        {
            check(text, None);
        }
    }
}
