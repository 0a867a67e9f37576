use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::phrases::Phrases;
use super::view::{List, Scene, Scroll};
use super::{page, text};
use crate::metrics::{Glance, JobLine, LINE_MINUTES, ModemLine};
use crate::model::{Lang, SignedDuration, SimId, State, Timestamp};
use crate::store::{AlarmView, InboxView, JobView, ModemGauge};

/// 10.00 in Bandung.
pub(super) fn ten() -> Timestamp {
    Timestamp::from_second(1_800_068_400).unwrap()
}

pub(super) fn ago(minutes: i64) -> Timestamp {
    ten().checked_sub(SignedDuration::from_mins(minutes)).unwrap()
}

pub(super) fn job(id: i64, class: &str, state: &str, messages: &[(State, u64)]) -> JobLine {
    let messages: BTreeMap<String, u64> = messages.iter().map(|(state, n)| (state.name().to_owned(), *n)).collect();
    let sum = messages.values().sum();
    let waiting = messages.get("queued").copied().unwrap_or(0);
    let job = JobView {
        id,
        uid: format!("0199-{id}"),
        kind: "file".to_owned(),
        unit: "diskominfo".to_owned(),
        source: format!("undangan-rapat-{id}.csv"),
        filed_as: None,
        owner: "andi".to_owned(),
        class: class.to_owned(),
        state: state.to_owned(),
        in_doubt: "hold".to_owned(),
        waits_for: None,
        waits_reason: None,
        waits_since: None,
        waits_until: None,
        goes_first: None,
        canary: None,
        created_at: ago(30),
        finished_at: None,
        not_before: ago(30),
        expires_at: ago(-600),
        recipients: sum,
        excluded: 0,
        audience: None,
        roster_import: None,
        details_in: None,
        details_since: None,
        messages,
    };
    JobLine { all: sum, gone: sum - waiting, left_s: None, job }
}

fn modem(name: &str, state: &str, signal: Option<u8>, per_minute: u32) -> ModemLine {
    let modem = ModemGauge {
        name: name.to_owned(),
        state: state.to_owned(),
        reason: (state == "lost").then(|| "the port is gone".to_owned()),
        sim: Some(SimId(1)),
        operator: Some("TELKOMSEL".to_owned()),
        signal,
        credit: None,
    };
    let by_minute = (0..LINE_MINUTES as u32).map(|minute| if minute % 7 == 0 { 0 } else { per_minute }).collect();
    ModemLine { modem, by_minute, left_hour: Some(213), left_day: None }
}

fn busy() -> Glance {
    let mut warning = job(7, "emergency", "active", &[(State::Delivered, 120), (State::Queued, 80)]);
    warning.left_s = Some(95);
    let mut waiting = job(5, "routine", "active", &[(State::Queued, 11_480)]);
    waiting.job.waits_for = Some("quiet_hours".to_owned());
    waiting.job.waits_until = Some(ago(-300));
    let mut done = job(4, "important", "done", &[(State::Delivered, 1580)]);
    done.job.finished_at = Some(ago(75));
    Glance {
        at: ten(),
        running: true,
        queue: [("queued", 11_560), ("in_doubt", 2)].map(|(state, count)| (state.to_owned(), count)).into(),
        oldest_queued_at: Some(ago(3)),
        pauses: 1,
        approvals: 1,
        opt_outs: 12,
        by_minute: vec![20; LINE_MINUTES],
        jobs: vec![warning, waiting, done],
        modems: vec![modem("telkomsel-1", "ready", Some(22), 12), modem("indosat-1", "lost", None, 0)],
        alarms: vec![AlarmView {
            id: 1,
            kind: "modem_out".to_owned(),
            subject: "indosat-1".to_owned(),
            level: "warning".to_owned(),
            detail: "it is unplugged".to_owned(),
            raised_at: ago(20),
            cleared_at: None,
        }],
        inbound: vec![InboxView {
            id: 1,
            from: "+6281234567890".to_owned(),
            text: "Air sudah masuk rumah\ndi RT 03, mohon bantuan \u{1b}[2J segera".to_owned(),
            kind: "review".to_owned(),
            rule: None,
            complete: true,
            sim: "8962".to_owned(),
            sent_at: None,
            received_at: ago(1),
            state: Some("new".to_owned()),
            unit: None,
            about_job: None,
            answer_job: None,
            answer: None,
            answer_state: None,
        }],
    }
}

fn quiet() -> Glance {
    Glance {
        running: false,
        queue: BTreeMap::new(),
        oldest_queued_at: None,
        pauses: 0,
        approvals: 0,
        opt_outs: 0,
        by_minute: vec![0; LINE_MINUTES],
        jobs: Vec::new(),
        modems: Vec::new(),
        alarms: Vec::new(),
        inbound: Vec::new(),
        ..busy()
    }
}

fn drawn(glance: &Glance, lang: Lang, (columns, rows): (u16, u16), scroll: &mut Scroll) -> String {
    let zone = TimeZone::get("Asia/Jakarta").unwrap();
    let scene = Scene { say: Phrases::of(lang), lang, zone: &zone, office: "Diskominfo Kota Bandung" };
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal.draw(|frame| scene.draw(frame, glance, scroll)).unwrap();
    text(terminal.backend().buffer())
}

fn check(glance: &Glance, lang: Lang, size: (u16, u16), expected: &Expect) {
    expected.assert_eq(&drawn(glance, lang, size, &mut Scroll::default()));
}

#[test]
fn everything_that_matters_fits_a_small_terminal() {
    check(
        &busy(),
        Lang::Indonesian,
        (80, 24),
        &expect![[r#"
            kentongan  Diskominfo Kota Bandung  2027-01-16 10:00:00  daemon berjalan
            antre 11.560 · sedang dikirim 0 · belum pasti 2 · 20/menit, 1.200/jam
            terlama antre 3m 0dt · 1 ditahan · 1 menunggu persetujuan · menolak SMS 12
            PEKERJAAN Kelas     Keadaan      Kemajuan               Sisa waktu Berkas
            7         darurat   berjalan     ██████──── 120/200     ~1m 35dt   undangan-rapa
            5         umum      jam tenang   ────────── 0/11480                undangan-rapa
            4         penting   selesai      ██████████ 1580/1580   1j lalu    undangan-rapa
            MODEM          Keadaan     Operator   Sinyal  /menit Jatah jam/hari Terkirim
            telkomsel-1    siap        TELKOMSEL  ▂▄▆█ 22 12     213/-          █·██████·███
            indosat-1      hilang      TELKOMSEL  -       0      213/-          ············
            PERINGATAN           Tentang        Sejak       Keterangan
            modem tidak bekerja  indosat-1      01-16 09:40 it is unplugged
            SMS MASUK    Dari             Jenis        Isi
            01-16 09:59  +62812•••890     perlu dibaca Air sudah masuk rumah⏎di RT 03, mohon









            q keluar  p bekukan  Tab pilih daftar  ↑↓ gulir
        "#]],
    );
}

#[test]
fn a_wide_terminal_shows_more_of_each() {
    check(
        &busy(),
        Lang::English,
        (150, 16),
        &expect![[r#"
            kentongan  Diskominfo Kota Bandung  2027-01-16 10:00:00  daemon running
            queued 11.560 · sending 0 · in doubt 2 · 20/min, 1.200/h · oldest queued 3m 0s · 1 paused · 1 waiting for approval · opted out 12
            JOB       Class     State                    Progress                           Time left  Unit         File
            7         emergency active                   ██████████▊─────── 120/200         ~1m 35s    diskominfo   undangan-rapat-7.csv
            5         routine   quiet hours 01-16 15:00  ────────────────── 0/11.480                   diskominfo   undangan-rapat-5.csv
            4         important done                     ██████████████████ 1.580/1.580     1h ago     diskominfo   undangan-rapat-4.csv
            MODEM              State                      Operator         Signal  /min   Left hour/day  Sent by minute
            telkomsel-1        ready                      TELKOMSEL        ▂▄▆█ 22 12     213/-          ·██████·██████·██████·██████·██████·██████·██████·██████·
            indosat-1          lost: the port is gone     TELKOMSEL        -       0      213/-          ·························································
            ALARM                    About                Since        Detail
            modem out of work        indosat-1            01-16 09:40  it is unplugged
            INBOUND      From             Kind         Text
            01-16 09:59  +62812•••890     to be read   Air sudah masuk rumah⏎di RT 03, mohon bantuan �[2J segera


            q quit  p freeze  Tab choose a list  ↑↓ scroll
        "#]],
    );
}

#[test]
fn of_a_job_that_has_ended_it_is_told_how_long_ago() {
    for (seconds, indonesian, english) in [
        (0, "0dt lalu", "0s ago"),
        (2, "2dt lalu", "2s ago"),
        (59 * 60 + 59, "59m lalu", "59m ago"),
        (23 * 3600, "23j lalu", "23h ago"),
        (40 * 86_400, "40h lalu", "40d ago"),
    ] {
        let mut done = job(4, "important", "done", &[(State::Delivered, 1)]);
        done.job.finished_at = Some(ten() - SignedDuration::from_secs(seconds));
        let glance = Glance { jobs: vec![done], ..quiet() };
        for (lang, expected) in [(Lang::Indonesian, indonesian), (Lang::English, english)] {
            let drawn = drawn(&glance, lang, (80, 12), &mut Scroll::default());
            let row = drawn.lines().find(|line| line.starts_with("4 ")).unwrap();
            assert!(row.contains(&format!("1/1         {expected}  ")), "{row}");
        }
    }
}

#[test]
fn an_office_at_rest_is_told_so_and_what_to_do() {
    check(
        &quiet(),
        Lang::Indonesian,
        (80, 12),
        &expect![[r#"
            kentongan  Diskominfo Kota Bandung  2027-01-16 10:00:00  DAEMON TIDAK BERJALAN
            antre 0 · sedang dikirim 0 · 0/menit, 0/jam

            PEKERJAAN Kelas     Keadaan      Kemajuan               Sisa waktu Berkas
            tidak ada pekerjaan
            MODEM          Keadaan     Operator   Sinyal  /menit Jatah jam/hari Terkirim
            tidak ada modem; lihat kentongan doctor
            PERINGATAN           Tentang        Sejak       Keterangan
            tidak ada
            SMS MASUK    Dari             Jenis        Isi
            belum ada
            q keluar  p bekukan  Tab pilih daftar  ↑↓ gulir
        "#]],
    );
}

#[test]
fn on_paper_nothing_is_cut_off_below_and_no_keys_are_offered() {
    let zone = TimeZone::get("Asia/Jakarta").unwrap();
    let scene = Scene { say: Phrases::of(Lang::English), lang: Lang::English, zone: &zone, office: "Diskominfo" };
    let many =
        Glance { jobs: (1..=100).map(|id| job(id, "routine", "active", &[(State::Queued, 1)])).collect(), ..busy() };
    let page = page(&scene, &many, 80);
    assert!(page.contains("undangan") && page.lines().any(|line| line.starts_with("100 ")), "{page}");
    assert!(page.contains("+62812•••890") && !page.contains("q quit"), "{page}");
}

#[test]
fn a_long_list_is_scrolled_to_its_end_and_no_further() {
    let many =
        Glance { jobs: (1..=100).map(|id| job(id, "routine", "active", &[(State::Queued, 1)])).collect(), ..busy() };
    let mut scroll = Scroll::default();
    assert!(drawn(&many, Lang::English, (80, 24), &mut scroll).lines().any(|line| line.starts_with("1  ")));
    scroll.by(1000);
    let end = drawn(&many, Lang::English, (80, 24), &mut scroll);
    assert!(
        end.lines().any(|line| line.starts_with("100 ")) && !end.lines().any(|line| line.starts_with("1  ")),
        "{end}"
    );
    let last = scroll.first[0];
    scroll.by(-1);
    drawn(&many, Lang::English, (80, 24), &mut scroll);
    assert_eq!(scroll.first[0], last - 1, "one up is one up, however far somebody went down before");
    assert_eq!([List::Jobs, List::Inbound].map(List::next), [List::Modems, List::Jobs]);
}

#[test]
fn no_size_of_a_terminal_is_too_small_to_be_drawn() {
    for columns in [0, 1, 10, 40, 79] {
        for rows in [0, 1, 2, 3, 5, 8] {
            drawn(&busy(), Lang::English, (columns, rows), &mut Scroll::default());
            drawn(&quiet(), Lang::English, (columns, rows), &mut Scroll::default());
        }
    }
}
