//! A made-up roster of Bandung: its real kecamatan and kelurahan, as many RW and RT as the city has, invented people and invented
//! numbers. The same seed gives the same roster.

use std::collections::BTreeMap;

/// As many RW and RT as the city counted.
pub const RW: usize = 1_584;
pub const RT: usize = 9_900;

const AREAS: &str = include_str!("../../config/wilayah-bandung.csv");

const FIRST: [&str; 40] = [
    "Asep", "Dadang", "Ujang", "Cecep", "Yayat", "Dede", "Agus", "Iwan", "Encep", "Tatang", "Endang", "Rudi", "Budi",
    "Heri", "Deni", "Wawan", "Nana", "Oman", "Jajang", "Eko", "Euis", "Neneng", "Tuti", "Eti", "Yeni", "Rini", "Dewi",
    "Siti", "Lilis", "Imas", "Iis", "Cucu", "Ai", "Nining", "Popon", "Entin", "Réni", "Wiwin", "Yati", "Titin",
];
const LAST: [&str; 25] = [
    "Sunandar",
    "Suryana",
    "Hidayat",
    "Kusnadi",
    "Supriatna",
    "Mulyana",
    "Setiawan",
    "Rahmat",
    "Kurnia",
    "Permana",
    "Wijaya",
    "Sutisna",
    "Rohaeti",
    "Nurhayati",
    "Rosmiati",
    "Komala",
    "Sukmana",
    "Gunawan",
    "Herawati",
    "Suhendar",
    "Ramdani",
    "Firmansyah",
    "Saepudin",
    "Maulana",
    "Solihin",
];

/// Somebody who holds an office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// `RT`, `RW`, `lurah` or `camat`.
    pub role: &'static str,
    pub kecamatan: String,
    /// Empty for a camat.
    pub kelurahan: String,
    /// 0 where there is none.
    pub rw: usize,
    pub rt: usize,
    pub name: String,
    /// `0812…`.
    pub number: String,
}

impl Person {
    /// The office, as a key.
    pub fn office(&self) -> String {
        format!("{} {} {} {} {}", self.role, self.kecamatan, self.kelurahan, self.rw, self.rt)
    }
}

/// What a later list says differently, by the kind of change that an import calls it.
pub type Changed = BTreeMap<String, &'static str>;

/// Chance from a seed, and numbers that nobody got yet.
pub struct Maker {
    random: fastrand::Rng,
    next_number: u32,
}

impl Maker {
    pub fn new(seed: u64) -> Self {
        Self { random: fastrand::Rng::with_seed(seed), next_number: 0 }
    }

    fn name(&mut self) -> String {
        format!("{} {}", FIRST[self.random.usize(..FIRST.len())], LAST[self.random.usize(..LAST.len())])
    }

    /// A number of a block in which there are none, each once, in no order.
    fn number(&mut self) -> String {
        // 99,991 is a prime: every step gives another number.
        let number = u64::from(self.next_number) * 7_919 % 99_991;
        self.next_number += 1;
        format!("0812{number:08}")
    }

    /// Parts that add up to a sum, none of them 0.
    fn divided(&mut self, sum: usize, parts: usize) -> Vec<usize> {
        let mut each = vec![1; parts];
        for _ in parts..sum {
            each[self.random.usize(..parts)] += 1;
        }
        each
    }

    /// The whole city.
    pub fn city(&mut self) -> Vec<Person> {
        let areas: Vec<(&str, &str)> = AREAS
            .lines()
            .filter(|line| !line.starts_with('#'))
            .skip(1)
            .map(|line| {
                let mut cells = line.split(',');
                (cells.next().unwrap(), cells.next().unwrap())
            })
            .collect();
        let mut people = Vec::new();
        let mut last = "";
        let rw_of = self.divided(RW, areas.len());
        let mut rt_of = self.divided(RT, RW).into_iter();
        for ((kecamatan, kelurahan), count) in areas.into_iter().zip(rw_of) {
            if kecamatan != last {
                people.push(self.person("camat", kecamatan, "", 0, 0));
                last = kecamatan;
            }
            people.push(self.person("lurah", kecamatan, kelurahan, 0, 0));
            for rw in 1..=count {
                let head = self.person("RW", kecamatan, kelurahan, rw, 0);
                people.push(head.clone());
                for rt in 1..=rt_of.next().unwrap() {
                    let mut person = self.person("RT", kecamatan, kelurahan, rw, rt);
                    // Here and there the head of the RW is that of its first RT as well.
                    if rt == 1 && self.random.u8(..40) == 0 {
                        (person.name, person.number) = (head.name.clone(), head.number.clone());
                    }
                    people.push(person);
                }
            }
        }
        people
    }

    fn person(&mut self, role: &'static str, kecamatan: &str, kelurahan: &str, rw: usize, rt: usize) -> Person {
        Person {
            role,
            kecamatan: kecamatan.to_owned(),
            kelurahan: kelurahan.to_owned(),
            rw,
            rt,
            name: self.name(),
            number: self.number(),
        }
    }

    /// The list of the year after: exactly `count` offices differ. Gives which, and how.
    pub fn a_year_later(&mut self, people: &[Person], count: usize) -> (Vec<Person>, Changed) {
        let mut later = people.to_vec();
        let mut changed = Changed::new();
        let mut places: Vec<usize> = (0..later.len()).collect();
        self.random.shuffle(&mut places);
        let mut gone = Vec::new();
        let mut new = Vec::new();
        for (turn, place) in places.into_iter().enumerate() {
            if changed.len() == count {
                break;
            }
            let person = &mut later[place];
            let kind = match turn % 10 {
                0..4 => {
                    person.number = self.number();
                    "number"
                }
                4..7 => {
                    (person.name, person.number) = (self.name() + " Baru", self.number());
                    "holder"
                }
                7 => {
                    person.name = person.name.to_uppercase();
                    "details"
                }
                8 if person.role == "RT" => {
                    gone.push(place);
                    "gone"
                }
                9 if person.rw > 0 => {
                    // One RT more than there were.
                    let (kecamatan, kelurahan, rw) = (person.kecamatan.clone(), person.kelurahan.clone(), person.rw);
                    let rt = 100 + new.len();
                    new.push(self.person("RT", &kecamatan, &kelurahan, rw, rt));
                    changed.insert(new.last().unwrap().office(), "new");
                    continue;
                }
                _ => continue,
            };
            changed.insert(later[place].office(), kind);
        }
        gone.sort_unstable();
        for place in gone.into_iter().rev() {
            later.remove(place);
        }
        later.extend(new);
        (later, changed)
    }
}

/// A list as the city would keep it.
pub fn csv(people: &[Person]) -> String {
    let mut text = String::from("peran;kecamatan;kelurahan;rw;rt;nama;no hp\n");
    let number = |number: usize| if number == 0 { String::new() } else { number.to_string() };
    for person in people {
        let Person { role, kecamatan, kelurahan, rw, rt, name, number: phone } = person;
        text += &format!("{role};{kecamatan};{kelurahan};{};{};{name};{phone}\n", number(*rw), number(*rt));
    }
    text
}

/// Which kecamatan a word for a part of the city covers.
pub fn kecamatan_of(word: &str) -> Vec<&'static str> {
    let cells = AREAS.lines().filter(|line| !line.starts_with('#')).map(|line| line.split(',').collect::<Vec<_>>());
    let mut found: Vec<&str> = cells.filter(|cells| cells[3] == word).map(|cells| cells[0]).collect();
    found.dedup();
    found
}
