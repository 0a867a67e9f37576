use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::model::{Places, Role, Seat, place_key};

/// Put together once: the file of areas is long.
static KNOWN: LazyLock<Known> = LazyLock::new(known);

fn known() -> Known {
    let saved = [
        ("rw-utara", "peran=RW dan wilayah=utara"),
        ("salah", "peran=raja"),
        ("a", "@b"),
        ("b", "@a"),
        ("c", "@rw-utara kecuali kelurahan=Dago"),
    ];
    Known {
        places: Places::parse(include_str!("../../../config/wilayah-bandung.csv")).unwrap(),
        saved: saved.map(|(name, text)| (name.to_owned(), text.to_owned())).into(),
        agencies: ["Dinas Kesehatan".to_owned()].into(),
    }
}

fn seat(role: Role, kecamatan: &str, kelurahan: &str, rw: u16, rt: u16) -> Seat {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let number = |number: u16| (number > 0).then_some(number);
    let (kecamatan, kelurahan) = (some(kecamatan), some(kelurahan));
    Seat { kecamatan, kelurahan, rw: number(rw), rt: number(rt), ..Seat::of(role) }
}

/// Who of a few is meant.
fn meant(text: &str) -> String {
    let audience = match Expression::parse(text).and_then(|read| read.resolve(&KNOWN)) {
        Ok(audience) => audience,
        Err(error) => return error.to_string(),
    };
    let official = Seat { agency: Some("Dinas  kesehatan".to_owned()), ..Seat::of(Role::Official) };
    let all = [
        ("rw-dago", seat(Role::Rw, "Coblong", "Dago", 5, 0)),
        ("rt-dago", seat(Role::Rt, "Coblong", "Dago", 5, 3)),
        ("rw-sekeloa", seat(Role::Rw, "COBLONG", "sekeloa", 12, 0)),
        ("rw-derwati", seat(Role::Rw, "Rancasari", "Derwati", 1, 0)),
        ("camat-coblong", seat(Role::Camat, "Coblong", "", 0, 0)),
        ("lurah-derwati", seat(Role::Lurah, "Rancasari", "Derwati", 0, 0)),
        ("dinkes", official),
    ];
    let names: Vec<_> = all.iter().filter(|(_, seat)| audience.means(seat)).map(|(name, _)| *name).collect();
    names.join(" ")
}

fn check(text: &str, expected: &str) {
    assert_eq!(meant(text), expected, "{text:?}");
}

#[test]
fn role_and_area_are_tied_together_as_people_write_them() {
    check("peran=RW dan wilayah=utara", "rw-dago rw-sekeloa");
    check("role = rw AND area = UTARA", "rw-dago rw-sekeloa");
    check("wilayah=utara", "rw-dago rt-dago rw-sekeloa camat-coblong");
    check("wilayah=Cibeunying dan peran=camat, ketua RT", "rt-dago camat-coblong");
    check("kelurahan=Dago,Derwati", "rw-dago rt-dago rw-derwati lurah-derwati");
    check("kel=\"Dago\", Coblong / Sekeloa", "rw-dago rt-dago rw-sekeloa");
    check("kecamatan=kec. rancasari", "rw-derwati lurah-derwati");
    check("rw=1-5", "rw-dago rt-dago rw-derwati");
    check("rw=05,12 dan bukan peran=RT", "rw-dago rw-sekeloa");
    check("instansi=dinas kesehatan", "dinkes");
    check("semua", "rw-dago rt-dago rw-sekeloa rw-derwati camat-coblong lurah-derwati dinkes");
    check("peran!=RW", "rt-dago camat-coblong lurah-derwati dinkes");
    check("@rw-utara", "rw-dago rw-sekeloa");
    check("@c atau peran = lurah", "rw-sekeloa lurah-derwati");
}

#[test]
fn and_binds_tighter_than_or_and_except_is_taken_from_everything_before_it() {
    check("peran=camat atau peran=RW dan kelurahan=Dago", "rw-dago camat-coblong");
    check("(peran=camat atau peran=RW) dan kelurahan=Dago", "rw-dago");
    check("peran=RW atau peran=RT kecuali kelurahan=Dago", "rw-sekeloa rw-derwati");
    check("peran=RW atau (peran=RT kecuali kelurahan=Dago)", "rw-dago rw-sekeloa rw-derwati");
    check("semua kecuali peran=RW atau peran=RT kecuali peran=OPD", "camat-coblong lurah-derwati");
    check("bukan peran=RW dan wilayah=utara", "rt-dago camat-coblong");
}

#[test]
fn every_mistake_says_where_it_is_and_what_was_expected() {
    check("", "character 1: expected a condition such as peran=RW, found the end");
    check("Dago", "character 1: expected a condition such as peran=RW, found `Dago`");
    check("RW", "character 3: expected = and a value, found the end");
    check("peran", "character 6: expected = and a value, found the end");
    check("peran=", "character 7: expected a value, found the end");
    check("peran=RW,", "character 10: expected a value, found the end");
    check("peran=RW dan", "character 13: expected a condition such as peran=RW, found the end");
    check("peran=RW dan dan rw=1", "character 14: expected a condition such as peran=RW, found `dan`");
    check("peran=RW rw=1", "character 10: expected dan, atau or kecuali (and, or, except), found `rw`");
    check("(peran=RW", "character 10: expected a closing bracket, found the end");
    check("peran=RW)", "character 9: expected dan, atau or kecuali (and, or, except), found `)`");
    check("peran=\"RW", "character 10: expected a closing quotation mark, found the end");
    check("wilayah=@utara", "character 9: expected a value, found `@utara`");
    check("@ dan rw=1", "character 3: expected the name of a saved audience, found `dan`");
    check("peran=RW ! rw=1", "character 10: expected a condition such as peran=RW, found `!`");
    check("wilyah=utara", "character 1: `wilyah` is nothing that can be asked; did you mean `wilayah`?");
    check("peran=RW,lurh", "character 10: `lurh` is no role; did you mean `lurah`?");
    check("rw=0", "character 4: `0` is no number from 1 to 999 and no range such as 1-5");
    check("rt=5-2", "character 4: `5-2` is no number from 1 to 999 and no range such as 1-5");
    check("peran=RW dan kelurahan=Dago,Pastuer", "character 29: `Pastuer` is no kelurahan; did you mean `Pasteur`?");
    check("kelurahan=Sukajadi", "character 11: `Sukajadi` is no kelurahan; it is a kecamatan");
    check("wilayah=barat daya", "character 9: `barat daya` is no wilayah");
    check(
        "instansi=Dinas Kesehatn",
        "character 10: nobody in the roster belongs to `Dinas Kesehatn`; did you mean `Dinas Kesehatan`?",
    );
    check("@rw-utar", "character 1: no audience is saved as `rw-utar`; did you mean `rw-utara`?");
    check("@salah", "character 1: the saved audience `salah` cannot be used: character 7: `raja` is no role");
    check("rt=1 atau @a", "character 11: too much stands inside each other here");
    check(&"(".repeat(80), "character 52: too much stands inside each other here");
}

#[test]
fn saved_names_that_double_at_every_step_come_to_an_end() {
    let mut known = known();
    for step in 0..40 {
        known.saved.insert(format!("d{step}"), format!("@d{next} dan @d{next}", next = step + 1));
    }
    known.saved.insert("d40".to_owned(), "peran=RW".to_owned());
    let error = Expression::parse("@d0").unwrap().resolve(&known).unwrap_err();
    assert_eq!(error.why, Why::TooDeep);
}

#[test]
fn an_ambiguous_kelurahan_is_refused_and_its_kecamatan_settles_it() {
    let mut known = known();
    known.places.add("Andir", Some("Dago"));
    let resolve = |text: &str| Expression::parse(text).unwrap().resolve(&known);
    assert_eq!(
        resolve("kelurahan=Dago").unwrap_err().to_string(),
        "character 11: there is a kelurahan `Dago` in several kecamatan: Andir, Coblong"
    );
    let audience = resolve("kelurahan=Coblong/Dago").unwrap();
    assert!(audience.means(&seat(Role::Rw, "Coblong", "Dago", 1, 0)));
    assert!(!audience.means(&seat(Role::Rw, "Andir", "Dago", 1, 0)));
}

#[test]
fn the_meaning_on_record_needs_neither_saved_names_nor_the_file_of_areas() {
    let audience = Expression::parse("@c atau rw=1").unwrap().resolve(&KNOWN).unwrap();
    assert_eq!(
        audience.meaning(),
        "peran=RW dan wilayah=utara dan bukan kelurahan=Dago atau rw=1; wilayah utara: Cibeunying Kaler, Cibeunying Kidul, \
         Cidadap, Coblong, Sukajadi, Sukasari"
    );
}

/// Conditions over few values, so that they meet the offices below.
fn expressions() -> impl Strategy<Value = Expression> {
    let one = |value: &str| (value.to_owned(), 1);
    let is = move |field: Field, values: &'static [&'static str]| {
        proptest::sample::subsequence(values, 1..=2)
            .prop_map(move |values| Expression::Is { field, values: values.into_iter().map(one).collect() })
    };
    let leaf = prop_oneof![
        Just(Expression::All),
        is(Field::Role, &["RW", "RT", "lurah", "camat"]),
        is(Field::Wilayah, &["utara", "timur", "Cibeunying"]),
        is(Field::Kecamatan, &["Coblong", "Rancasari", "Bandung Wetan"]),
        is(Field::Kelurahan, &["Dago", "Derwati", "Citarum"]),
        is(Field::Rw, &["1", "2-3", "4"]),
    ];
    leaf.prop_recursive(6, 40, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|one| Expression::Not(Box::new(one))),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| Expression::Both(Box::new(left), Box::new(right))),
            (inner.clone(), inner).prop_map(|(left, right)| Expression::Either(Box::new(left), Box::new(right))),
        ]
    })
}

fn seats() -> Vec<Seat> {
    let kelurahan = [
        ("Coblong", "Dago"),
        ("Coblong", "Sekeloa"),
        ("Rancasari", "Derwati"),
        ("Bandung Wetan", "Citarum"),
        ("Sukasari", "Isola"),
    ];
    let mut seats = Vec::new();
    for (kecamatan, name) in kelurahan {
        seats.push(seat(Role::Camat, kecamatan, "", 0, 0));
        seats.push(seat(Role::Lurah, kecamatan, name, 0, 0));
        for rw in 1..=4 {
            seats.push(seat(Role::Rw, kecamatan, name, rw, 0));
            seats.push(seat(Role::Rt, kecamatan, name, rw, 1));
        }
    }
    seats
}

/// Sets of places in the list, put together by hand: nothing of the code under test is in it but the area file's words.
fn naive(expression: &Expression, seats: &[Seat]) -> BTreeSet<usize> {
    let utara = ["Coblong", "Sukasari"];
    let covers = |word: &str, kecamatan: &str| match word {
        "utara" => utara.contains(&kecamatan),
        "timur" => kecamatan == "Rancasari",
        _ => ["Coblong", "Bandung Wetan"].contains(&kecamatan),
    };
    let has = |seat: &Seat, field: Field, value: &str| match field {
        Field::Role => seat.role.word() == value,
        Field::Wilayah => covers(value, seat.kecamatan.as_deref().unwrap()),
        Field::Kecamatan => seat.kecamatan.as_deref() == Some(value),
        Field::Kelurahan => seat.kelurahan.as_deref() == Some(value),
        Field::Rw if value == "2-3" => seat.rw == Some(2) || seat.rw == Some(3),
        Field::Rw => seat.rw.map(|rw| rw.to_string()).as_deref() == Some(value),
        Field::Rt | Field::Agency => panic!("not generated"),
    };
    let all = || (0..seats.len()).collect::<BTreeSet<_>>();
    match expression {
        Expression::All => all(),
        Expression::Saved { .. } => panic!("not generated"),
        Expression::Is { field, values } => {
            all().into_iter().filter(|n| values.iter().any(|(value, _)| has(&seats[*n], *field, value))).collect()
        }
        Expression::Not(one) => &all() - &naive(one, seats),
        Expression::Both(left, right) => &naive(left, seats) & &naive(right, seats),
        Expression::Either(left, right) => &naive(left, seats) | &naive(right, seats),
    }
}

/// The same with every position forgotten.
fn placeless(expression: &Expression) -> Expression {
    let inner = |one: &Expression| Box::new(placeless(one));
    match expression {
        Expression::All => Expression::All,
        Expression::Saved { name, .. } => Expression::Saved { name: name.clone(), at: 1 },
        Expression::Is { field, values } => {
            Expression::Is { field: *field, values: values.iter().map(|(value, _)| (value.clone(), 1)).collect() }
        }
        Expression::Not(one) => Expression::Not(inner(one)),
        Expression::Both(left, right) => Expression::Both(inner(left), inner(right)),
        Expression::Either(left, right) => Expression::Either(inner(left), inner(right)),
    }
}

proptest! {
    #[test]
    fn every_expression_means_whom_a_naive_count_finds(expression in expressions()) {
        let seats = seats();
        let audience = expression.resolve(&KNOWN).unwrap();
        let found: BTreeSet<usize> = (0..seats.len()).filter(|n| audience.means(&seats[*n])).collect();
        prop_assert_eq!(found, naive(&expression, &seats));
    }

    #[test]
    fn an_expression_written_back_reads_as_the_same(expression in expressions()) {
        let text = expression.to_string();
        let read = Expression::parse(&text).unwrap();
        prop_assert_eq!(placeless(&read), placeless(&expression), "{}", text);
    }

    #[test]
    fn no_text_panics(text in "(peran|=|RW|dan|kecuali|bukan|\\(|\\)|,|@a|\"| |\\PC){0,30}") {
        if let Ok(read) = Expression::parse(&text) {
            let _ = read.resolve(&KNOWN);
            let _ = place_key(&text);
        }
    }
}
