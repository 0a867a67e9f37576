//! A city as tiles: one kecamatan a tile, about where it lies, so that who knows the city sees at once where something did not arrive.
//!
//! The layout of Bandung stands here. Of a city with other kecamatan the tiles stand in the order of their names.

use super::page::Page;
use crate::store::AreaCount;

/// Column and row of each kecamatan of Bandung, from the north-west.
const BANDUNG: [(&str, usize, usize); 30] = [
    ("Sukasari", 1, 0),
    ("Cidadap", 2, 0),
    ("Coblong", 3, 0),
    ("Sukajadi", 1, 1),
    ("Bandung Wetan", 2, 1),
    ("Cibeunying Kaler", 3, 1),
    ("Cibeunying Kidul", 4, 1),
    ("Mandalajati", 5, 1),
    ("Ujungberung", 6, 1),
    ("Cibiru", 7, 1),
    ("Andir", 0, 2),
    ("Cicendo", 1, 2),
    ("Sumur Bandung", 2, 2),
    ("Batununggal", 3, 2),
    ("Antapani", 4, 2),
    ("Arcamanik", 5, 2),
    ("Cinambo", 6, 2),
    ("Panyileukan", 7, 2),
    ("Bandung Kulon", 0, 3),
    ("Bojongloa Kaler", 1, 3),
    ("Astanaanyar", 2, 3),
    ("Lengkong", 3, 3),
    ("Kiaracondong", 4, 3),
    ("Babakan Ciparay", 0, 4),
    ("Bojongloa Kidul", 1, 4),
    ("Regol", 2, 4),
    ("Bandung Kidul", 3, 4),
    ("Buahbatu", 4, 4),
    ("Rancasari", 5, 4),
    ("Gedebage", 6, 4),
];
/// Tiles of a row where the layout is not known.
const ROW: usize = 8;
/// From one tile to the next, in the picture's units.
const STEP: (usize, usize) = (100, 62);

/// The picture.
pub(super) struct Map {
    pub width: usize,
    pub height: usize,
    pub tiles: Vec<Tile>,
}

/// One kecamatan.
pub(super) struct Tile {
    pub x: usize,
    pub y: usize,
    /// Its name, a word a line.
    pub lines: Vec<String>,
    /// The share delivered.
    pub share: String,
    /// `t0` nothing to `t4` nearly all.
    pub class: &'static str,
    /// Whether its colour wants the other ink.
    pub dark: bool,
    pub title: String,
}

/// Draws areas; one whose name is not known is left to the table.
pub(super) fn draw(page: &Page, areas: &[AreaCount]) -> Map {
    let named: Vec<&AreaCount> = areas.iter().filter(|area| !area.kecamatan.is_empty()).collect();
    let known = |name: &str| BANDUNG.iter().find(|(known, ..)| same(known, name));
    let all_known = named.iter().all(|area| known(&area.kecamatan).is_some());
    let place = |index: usize, area: &AreaCount| match known(&area.kecamatan) {
        Some((_, column, row)) if all_known => (*column, *row),
        _ => (index % ROW, index / ROW),
    };
    let tiles: Vec<Tile> = named.iter().enumerate().map(|(index, area)| tile(page, area, place(index, area))).collect();
    let across = tiles.iter().map(|tile| tile.x + STEP.0).max().unwrap_or(STEP.0);
    let down = tiles.iter().map(|tile| tile.y + STEP.1).max().unwrap_or(STEP.1);
    Map { width: across, height: down, tiles }
}

fn same(known: &str, name: &str) -> bool {
    let plain =
        |name: &str| -> String { name.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect() };
    plain(known) == plain(name)
}

fn tile(page: &Page, area: &AreaCount, (column, row): (usize, usize)) -> Tile {
    let share = (area.delivered * 100).checked_div(area.messages).unwrap_or(0);
    let (class, dark) = match share {
        _ if area.messages == 0 || area.delivered == 0 => ("t0", false),
        0..=24 => ("t1", false),
        25..=59 => ("t2", false),
        60..=89 => ("t3", false),
        _ => ("t4", true),
    };
    let lines = match area.kecamatan.split_once(' ') {
        Some((first, rest)) => vec![first.to_owned(), rest.to_owned()],
        None => vec![area.kecamatan.clone()],
    };
    let title = page.say(page.w.tile, &[&area.kecamatan, &page.number(area.delivered), &page.number(area.messages)]);
    let share = page.share(area.delivered, area.messages);
    Tile { x: column * STEP.0 + 2, y: row * STEP.1 + 2, lines, share, class, dark, title }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_kecamatan_of_bandung_share_a_tile_or_a_name() {
        let places: BTreeSet<_> = BANDUNG.iter().map(|(_, column, row)| (column, row)).collect();
        let names: BTreeSet<_> = BANDUNG.iter().map(|(name, ..)| name).collect();
        assert_eq!((places.len(), names.len()), (30, 30));
        assert!(same("Sumur Bandung", "SUMUR  BANDUNG") && same("Buahbatu", "Buah Batu"));
    }

    #[test]
    fn every_kecamatan_of_the_file_of_areas_has_its_tile() {
        let file = include_str!("../../../config/wilayah-bandung.csv");
        let mut names: BTreeSet<&str> = BTreeSet::new();
        for line in file.lines().skip(1).filter(|line| !line.starts_with('#')) {
            names.extend(line.split(',').find(|cell| BANDUNG.iter().any(|(known, ..)| same(known, cell))));
        }
        assert_eq!(names.len(), 30, "{names:?}");
    }
}
