//! The words of `kentongan modems history`.

use clap::Args;
use jiff::civil::Date;

#[derive(Debug, Args)]
pub(in crate::cli) struct ModemHistory {
    /// The modem's name, as `kentongan modems` shows it.
    pub name: String,
    /// From this day on (2026-11-01), or so many days back (30d), in the office's time zone.
    #[arg(long, value_name = "DATE|DAYS", default_value = "7d", value_parser = since)]
    pub since: Since,
    /// As JSON: a row for each change and each reading of credit, with UTC times.
    #[arg(long)]
    pub json: bool,
}

/// Where a stretch of time begins that ends now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Since {
    /// With this day.
    Day(Date),
    /// With the day so many days before today.
    DaysAgo(u16),
}

fn since(text: &str) -> Result<Since, String> {
    let days = text.strip_suffix(['d', 'D', 'h', 'H']).unwrap_or(text);
    match (days.parse(), text.parse()) {
        (Ok(days), _) => Ok(Since::DaysAgo(days)),
        (Err(_), Ok(day)) => Ok(Since::Day(day)),
        _ => Err("write a day such as 2026-11-01, or a number of days such as 30d".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_stretch_begins_with_a_day_or_some_days_ago() {
        assert_eq!(since("2026-11-01"), Ok(Since::Day(date(2026, 11, 1))));
        assert_eq!((since("30d"), since("7")), (Ok(Since::DaysAgo(30)), Ok(Since::DaysAgo(7))));
        for wrong in ["", "d", "kemarin", "2026-13-01", "-3d", "30m"] {
            assert!(since(wrong).is_err(), "{wrong}");
        }
    }
}
