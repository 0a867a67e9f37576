//! Doubts that the numbers of messages settle, and what has to be seen of a modem before they may.

use super::desk::*;
use super::stories::refused;
use crate::engine::event::*;
use crate::model::*;

/// One modem that counts by one, and a long list to send.
struct Office {
    desk: Desk,
    job: JobId,
    /// The number last used.
    last: u8,
}

const MODEM: &str = "a";
const TOLD: Doubt = Doubt::NetworkTimeout;

impl Office {
    fn new() -> Self {
        let mut desk = Desk::new(free());
        desk.connect(MODEM);
        let job = desk.job(Class::Routine, "x", 0..400);
        Self { desk, job, last: 200 }
    }

    fn on_air(&mut self) -> AttemptId {
        match self.desk.air.get(&name(MODEM)) {
            Some(attempt) => *attempt,
            None => self.desk.begin(MODEM).expect("it may go"),
        }
    }

    fn take_number(&mut self) -> u8 {
        self.last = self.last.wrapping_add(1);
        self.last
    }

    /// The answer to what is on the air, and nothing begun behind it.
    fn answer(&mut self, outcome: Outcome) -> AttemptId {
        let attempt = self.on_air();
        let held = self.desk.ready.remove(&name(MODEM));
        self.desk.answer(MODEM, outcome);
        if let Some(held) = held {
            self.desk.ready.entry(name(MODEM)).or_insert(held);
        }
        attempt
    }

    fn accept(&mut self) -> AttemptId {
        let tp_mr = Some(self.take_number());
        self.answer(Outcome::Submitted { tp_mr })
    }

    fn refuse(&mut self, takes_number: bool) {
        self.last = self.last.wrapping_add(u8::from(takes_number));
        self.answer(refused(38, Cause::Temporary));
    }

    fn doubt(&mut self, doubt: Doubt, takes_number: bool) -> AttemptId {
        self.last = self.last.wrapping_add(u8::from(takes_number));
        self.answer(Outcome::Uncertain(doubt))
    }

    /// The session ends and the modem is set up again.
    fn set_up_again(&mut self, echoed: bool, restarted: bool, last_used: Option<u8>) {
        self.desk.modem(MODEM, ModemEvent::Lost { reason: "being set up again".to_owned() });
        self.desk.ready.clear();
        self.desk.air.clear();
        self.find(echoed, restarted, last_used);
    }

    fn find(&mut self, echoed: bool, restarted: bool, last_used: Option<u8>) {
        let sim = SimIdentity { iccid: Some("8962a".to_owned()), imsi: None };
        let port = "/dev/gsm/a".to_owned();
        self.desk.modem(MODEM, ModemEvent::Found { modem: ModemIdentity::default(), sim, port });
        self.desk.modem(MODEM, ModemEvent::LinedUp { echoed, restarted });
        if last_used.is_some() {
            self.desk.modem(MODEM, ModemEvent::LastUsed { tp_mr: last_used });
        }
        self.desk.modem(MODEM, ModemEvent::Ready { operator: None, reports: true });
    }

    fn restart(&mut self, last_used: Option<u8>) {
        self.set_up_again(true, true, last_used);
    }

    /// So much has been seen of it that the next answer settles what timed out before it.
    fn experienced() -> Self {
        let mut office = Self::new();
        for _ in 0..21 {
            office.accept();
        }
        for _ in 0..10 {
            office.refuse(true);
            office.accept();
        }
        for _ in 0..3 {
            office.doubt(TOLD, true);
            office.accept();
        }
        office
    }

    fn in_doubt(&self) -> u64 {
        self.desk.count(self.job, State::InDoubt)
    }

    fn asked(&mut self) -> usize {
        let orders = std::mem::take(&mut self.desk.orders);
        orders.iter().filter(|order| matches!(order, Order::Modem(_, ModemOrder::ReadLastUsed))).count()
    }
}

#[test]
fn no_number_missing_means_that_it_never_left_and_it_is_sent_again() {
    let mut office = Office::experienced();
    let before = office.in_doubt();
    let attempt = office.doubt(TOLD, false);
    assert_eq!(office.in_doubt(), before + 1);
    let last = office.last;
    office.accept();
    assert_eq!(office.in_doubt(), before, "it stands in the queue again");
    let settled = office.desk.recorded("settled");
    let numbers =
        format!("TP-MR {last} was the last before it, and {} came next: none is left for it", last.wrapping_add(1));
    assert!(settled[0].contains(&format!("attempt {attempt}: {numbers}")), "{settled:?}");
    // The refused ones before it wait half a minute, it does not.
    for _ in 0..5 {
        office.accept();
    }
    assert_eq!(office.desk.reader().repeats().unwrap(), 1, "its second hand-over has its reason on record");
}

#[test]
fn a_number_that_was_taken_shows_no_better_state_and_lets_a_report_find_it() {
    let mut office = Office::experienced();
    let before = office.in_doubt();
    office.doubt(TOLD, true);
    let tp_mr = office.last;
    office.accept();
    assert_eq!(office.in_doubt(), before + 1, "it left the modem; nobody knows whether it arrived");
    let doubt = office.desk.reader().doubts().unwrap().pop().unwrap();
    assert_eq!((doubt.tp_mr, doubt.next_number_may_tell, doubt.card_may_tell), (Some(tp_mr), false, false));
    assert!(office.desk.recorded("tp_mr_found")[0].ends_with("a report can say"));
    let now = office.desk.now;
    office.desk.receive(MODEM, report(tp_mr, &doubt.number, 0, now));
    assert_eq!((office.in_doubt(), office.desk.count(office.job, State::Delivered)), (before, 1));
}

#[test]
fn a_report_that_may_be_about_two_doubts_waits_until_the_numbers_tell() {
    let mut office = Office::experienced();
    let second = office.desk.job(Class::Emergency, "y", 350..351);
    let third = office.desk.job(Class::Emergency, "z", 350..351);
    office.doubt(TOLD, true);
    let tp_mr = office.last;
    office.doubt(TOLD, true);
    let now = office.desk.now;
    office.desk.receive(MODEM, report(tp_mr, &number(350).to_string(), 0, now));
    let states =
        |office: &Office, job| (office.desk.count(job, State::Delivered), office.desk.count(job, State::InDoubt));
    assert_eq!((states(&office, second), states(&office, third)), ((0, 1), (0, 1)), "either may be meant");
    assert_eq!(office.desk.recorded("report_orphan").len(), 1);
    office.accept();
    assert_eq!((states(&office, second), states(&office, third)), ((1, 0), (0, 1)));
}

#[test]
fn nothing_is_settled_before_the_modem_was_seen_to_count() {
    let mut office = Office::new();
    for _ in 0..10 {
        office.accept();
    }
    office.doubt(TOLD, false);
    office.accept();
    assert_eq!(office.in_doubt(), 1);
    assert!(office.desk.recorded("tp_mr_found").is_empty() && office.desk.recorded("settled").is_empty());
}

#[test]
fn on_a_modem_that_counts_only_what_is_acknowledged_nothing_is_taken_for_never_sent() {
    let mut office = Office::new();
    for _ in 0..30 {
        office.accept();
    }
    for _ in 0..12 {
        office.refuse(false);
        office.accept();
    }
    assert!(
        office.desk.recorded("habit_broken")[0].contains("a refused message takes a TP-MR: not so"),
        "{:?}",
        office.desk.recorded("habit_broken")
    );
    for _ in 0..5 {
        office.doubt(TOLD, false);
        office.accept();
    }
    assert_eq!(office.in_doubt(), 5);
}

#[test]
fn a_modem_that_does_not_count_by_one_is_recognised_and_put_on_record() {
    let mut office = Office::experienced();
    assert!(
        office
            .desk
            .recorded("habit_trusted")
            .iter()
            .any(|detail| detail.contains("TP-MR goes up by one: seen 20 times"))
    );
    office.accept();
    office.last = office.last.wrapping_add(7);
    office.accept();
    let broken = office.desk.recorded("habit_broken");
    assert!(broken.len() == 1 && broken[0].contains("TP-MR goes up by one: not so"), "{broken:?}");
    let before = office.in_doubt();
    office.doubt(TOLD, false);
    office.accept();
    assert_eq!(office.in_doubt(), before + 1, "it is not relied on any more");
    for _ in 0..41 {
        office.accept();
    }
    office.doubt(TOLD, false);
    office.accept();
    assert_eq!(office.in_doubt(), before, "after twice as much has been seen it is, and both are settled");
}

#[test]
fn after_a_silence_the_numbers_go_on_where_the_modem_was_not_restarted() {
    let mut office = Office::experienced();
    for _ in 0..2 {
        office.accept();
        office.restart(None);
    }
    for _ in 0..4 {
        office.accept();
        office.doubt(Doubt::Silence, true);
        office.set_up_again(false, false, None);
        office.accept();
    }
    let before = office.in_doubt();
    office.doubt(Doubt::Silence, false);
    office.set_up_again(false, false, None);
    office.accept();
    assert_eq!(office.in_doubt(), before, "it stayed on: its numbers tell");
    office.doubt(Doubt::Silence, false);
    office.set_up_again(true, false, None);
    office.accept();
    assert_eq!(
        office.in_doubt(),
        before + 1,
        "its echo tells that it was started anew, and then its numbers say nothing"
    );
}

#[test]
fn what_was_on_the_air_at_a_crash_of_the_daemon_is_settled_where_the_modem_stayed_on() {
    let mut office = Office::experienced();
    for _ in 0..2 {
        office.accept();
        office.restart(None);
    }
    for _ in 0..3 {
        office.accept();
        office.doubt(Doubt::Silence, true);
        office.set_up_again(false, false, None);
        office.accept();
    }
    let before = office.in_doubt();
    office.on_air();
    office.desk.crash();
    assert_eq!(office.in_doubt(), before + 1);
    office.find(false, false, None);
    office.accept();
    assert_eq!(office.in_doubt(), before, "what was learnt outlives the daemon");
}

/// Cards are read and seen to follow, also over restarts.
fn with_a_known_card() -> Office {
    let mut office = Office::experienced();
    for _ in 0..6 {
        office.accept();
        let last = office.last;
        office.restart(Some(last));
    }
    for _ in 0..3 {
        office.accept();
        office.refuse(true);
        let last = office.last;
        office.desk.modem(MODEM, ModemEvent::LastUsed { tp_mr: Some(last) });
    }
    for _ in 0..3 {
        office.accept();
        office.doubt(Doubt::Rebooted, true);
        let last = office.last;
        office.restart(Some(last));
    }
    office.accept();
    office
}

#[test]
fn over_a_restart_the_card_settles_it_where_it_was_seen_to_follow() {
    let mut office = with_a_known_card();
    let before = office.in_doubt();
    office.doubt(Doubt::Rebooted, false);
    let last = office.last;
    office.restart(Some(last));
    assert_eq!(office.in_doubt(), before, "{:?}", office.desk.recorded("habit_trusted"));
    let settled = office.desk.recorded("settled");
    assert!(settled[0].contains(&format!("EF_SMSS says {last}: none is left for it")), "{settled:?}");
    // Read from another make of modem, the card says nothing of this one.
    office.doubt(Doubt::PortGone, false);
    office.desk.modem(MODEM, ModemEvent::Lost { reason: "unplugged".to_owned() });
    let modem = ModemIdentity { model: "another".to_owned(), ..ModemIdentity::default() };
    let sim = SimIdentity { iccid: Some("8962a".to_owned()), imsi: None };
    office.desk.modem("b", ModemEvent::Found { modem, sim, port: "/dev/gsm/b".to_owned() });
    office.desk.modem("b", ModemEvent::LastUsed { tp_mr: Some(last) });
    assert_eq!(office.in_doubt(), before + 1);
}

#[test]
fn a_card_that_does_not_show_what_arrived_is_not_relied_on() {
    let mut office = with_a_known_card();
    office.doubt(Doubt::Rebooted, true);
    let tp_mr = office.last;
    let doubt = office.desk.reader().doubts().unwrap().pop().unwrap();
    let now = office.desk.now;
    // The network hands the report on before the card has been read.
    office.desk.receive(MODEM, report(tp_mr, &doubt.number, 0, now));
    let before = office.in_doubt();
    office.restart(Some(tp_mr.wrapping_sub(1)));
    assert!(office.desk.recorded("habit_broken").iter().any(|detail| detail.contains("that a restart cut short")));
    office.last = tp_mr.wrapping_sub(1);
    office.accept();
    office.doubt(Doubt::Rebooted, false);
    let last = office.last;
    office.restart(Some(last));
    assert_eq!(office.in_doubt(), before + 1);
}

#[test]
fn an_idle_modem_is_asked_for_the_card_at_once_when_something_is_in_doubt() {
    let mut office = with_a_known_card();
    office.on_air();
    // Nothing else is to be sent.
    office.desk.act(Action::Pause(Scope::All)).unwrap();
    office.desk.orders.clear();
    office.doubt(TOLD, false);
    assert_eq!(office.asked(), 1);
    office.desk.tick();
    assert_eq!(office.asked(), 0, "once");
    let (before, last) = (office.in_doubt(), office.last);
    office.desk.modem(MODEM, ModemEvent::LastUsed { tp_mr: Some(last) });
    // What times out was never seen to be on the card, so that it is not there says nothing yet.
    assert_eq!((office.in_doubt(), office.asked()), (before, 0));
    office.desk.modem(MODEM, ModemEvent::LastUsed { tp_mr: None });
    office.desk.tick();
    assert_eq!(office.asked(), 0, "a modem that will not tell is not asked");
}

#[test]
fn an_idle_modem_is_asked_for_the_card_until_that_is_known_to_follow() {
    let mut office = Office::new();
    office.set_up_again(true, false, Some(200));
    let mut asked = 0;
    for _ in 0..12 {
        office.on_air();
        office.desk.act(Action::Pause(Scope::All)).unwrap();
        office.accept();
        asked += office.asked();
        let last = office.last;
        office.desk.modem(MODEM, ModemEvent::LastUsed { tp_mr: Some(last) });
        office.desk.act(Action::Resume(Scope::All)).unwrap();
    }
    assert!((5..12).contains(&asked), "{asked}");
    assert!(office.desk.recorded("habit_trusted").iter().any(|detail| detail.contains("EF_SMSS holds the last TP-MR")));
    assert_eq!(office.asked(), 0);
}

#[test]
fn a_report_that_refutes_what_the_numbers_said_is_on_record_and_ends_the_trust() {
    let mut office = Office::experienced();
    let attempt = office.doubt(TOLD, false);
    let doubt = office.desk.reader().doubts().unwrap().pop().unwrap();
    office.accept();
    let number_given_twice = office.last;
    let now = office.desk.now;
    office.desk.receive(MODEM, report(number_given_twice, &doubt.number, 0, now));
    let refuted = office.desk.recorded("never_left_refuted");
    assert!(refuted.len() == 1 && refuted[0].contains(&format!("attempt {attempt}: ")), "{refuted:?}");
    assert_eq!(office.desk.count(office.job, State::Delivered), 1, "and it is not sent a second time");
    let before = office.in_doubt();
    office.doubt(TOLD, false);
    office.accept();
    assert_eq!(office.in_doubt(), before + 1);
}

#[test]
fn the_list_says_what_was_said_last_and_what_may_still_tell() {
    let mut office = Office::experienced();
    let attempt = office.doubt(TOLD, false);
    let said = "\\r\\n+CMS ERROR: 332\\r\\n".to_owned();
    office.desk.modem(MODEM, ModemEvent::LastWords { attempt, said: said.clone() });
    let doubt = office.desk.reader().doubts().unwrap().pop().unwrap();
    assert_eq!((doubt.class.as_str(), doubt.segments, doubt.said), ("routine", 1, Some(said)));
    assert_eq!((doubt.next_number_may_tell, doubt.card_may_tell, doubt.tp_mr), (true, false, None));
    assert!(doubt.report_until.is_some_and(|until| until > office.desk.now));
    office.restart(None);
    office.accept();
    let doubt = office.desk.reader().doubts().unwrap().pop().unwrap();
    assert!(!doubt.next_number_may_tell, "the modem has been started anew");
}

#[test]
fn an_early_report_is_not_taken_for_a_repetition_of_an_older_one() {
    let mut desk = Desk::new(free());
    desk.connect(MODEM);
    let to = number(0).to_string();
    let first = desk.job(Class::Routine, "x", 0..1);
    desk.begin(MODEM);
    desk.answer(MODEM, Outcome::Submitted { tp_mr: Some(9) });
    let delivered = report(9, &to, 0, desk.now);
    desk.receive(MODEM, delivered.clone());
    assert_eq!(desk.count(first, State::Delivered), 1);
    // Numbers have gone round once.
    desk.pass(SignedDuration::from_hours(1));
    let second = desk.job(Class::Routine, "y", 0..1);
    desk.begin(MODEM);
    let early = report(9, &to, 0, desk.now);
    desk.receive(MODEM, early);
    desk.answer(MODEM, Outcome::Submitted { tp_mr: Some(9) });
    assert_eq!(desk.count(second, State::Delivered), 1, "its own report came before its answer");
}
