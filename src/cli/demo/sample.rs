use fastrand::Rng;

const FIRST: [&str; 24] = [
    "Asep", "Siti", "Dedi", "Neneng", "Ujang", "Euis", "Agus", "Lilis", "Cecep", "Tati", "Budi", "Yuyun", "Iwan",
    "Rina", "Endang", "Imas", "Hendra", "Wati", "Dadang", "Nia", "Rahmat", "Eti", "Yanto", "Mimin",
];
const LAST: [&str; 16] = [
    "Suryana",
    "Hidayat",
    "Nurhayati",
    "Kurniawan",
    "Rohaeni",
    "Sutisna",
    "Permana",
    "Rahayu",
    "Gunawan",
    "Maryati",
    "Setiawan",
    "Sukmana",
    "Komariah",
    "Hermawan",
    "Sopandi",
    "Wulandari",
];
const PREFIXES: [&str; 10] = ["811", "812", "813", "821", "822", "852", "853", "857", "878", "896"];

/// A job as an office writes it: RW heads invited to a meeting, with the damage that spreadsheets do. The names and
/// numbers are invented.
pub(super) struct Sample {
    rows: Vec<Row>,
}

struct Row {
    /// Without country code and zero.
    national: String,
    written: String,
    name: String,
}

impl Sample {
    /// So many recipients; the same seed gives the same names.
    pub(super) fn new(recipients: u32, seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let rows = (0..recipients)
            .map(|place| {
                // Distinct by construction: the last seven digits count on.
                let prefix = PREFIXES[place as usize % PREFIXES.len()];
                let national = format!("{prefix}2{:07}", 1_000_000 + place);
                let written = match place % 5 {
                    0 => format!("0{national}"),
                    1 => format!("+62 {}-{}-{}", &national[..3], &national[3..7], &national[7..]),
                    2 => format!("62{national}"),
                    // The zero that a spreadsheet loses.
                    3 => national.clone(),
                    _ => format!("0{} {} {}", &national[..3], &national[3..7], &national[7..]),
                };
                let name = format!("{} {}", FIRST[rng.usize(..FIRST.len())], LAST[rng.usize(..LAST.len())]);
                Row { national, written, name }
            })
            .collect();
        Self { rows }
    }

    /// The numbers, `+62…`, of those who will answer STOP: one in two hundred, one at least, and late in the list, so
    /// that the confirmation does not take the place of an invitation.
    pub(super) fn leavers(&self) -> Vec<String> {
        let first = self.rows.len().clamp(1, 200) - 1;
        self.rows.iter().skip(first).step_by(200).map(|row| format!("+62{}", row.national)).collect()
    }

    /// The file, as Excel saves it here: semicolons, a byte order mark, CR LF; one row twice, one with a wrong number.
    pub(super) fn csv(&self) -> String {
        let mut csv = String::from("\u{FEFF}nomor;nama;pesan\r\n");
        let first = self.rows.first();
        let double = first.map(|row| (format!("0{}", row.national), row.name.clone()));
        let wrong = ("0812-34".to_owned(), "Nomor Salah".to_owned());
        let rows = self.rows.iter().map(|row| (row.written.clone(), row.name.clone()));
        for (number, name) in rows.chain(double).chain([wrong]) {
            csv.push_str(&format!(
                "{number};{name};Yth. {name}, rapat koordinasi RW Kamis 26/11 pukul 19.00 di aula kelurahan. \
                 Mohon hadir. Diskominfo Kota Bandung\r\n"
            ));
        }
        csv
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::{Country, Msisdn};
    use crate::pdu::Text;

    #[test]
    fn every_number_is_usable_and_its_own_and_every_text_is_one_segment() {
        let sample = Sample::new(500, 7);
        let numbers: BTreeSet<_> =
            sample.rows.iter().map(|row| Msisdn::parse(&row.written, Country::indonesia()).unwrap()).collect();
        assert_eq!(numbers.len(), 500);
        let csv = sample.csv();
        for line in csv.lines().skip(1) {
            assert_eq!(Text::plan(line.rsplit(';').next().unwrap()).unwrap().segments(), 1, "{line}");
        }
        assert_eq!(csv.lines().count(), 503);
        assert_eq!(sample.leavers().len(), 2);
        assert_eq!(Sample::new(1, 1).leavers().len(), 1);
    }
}
