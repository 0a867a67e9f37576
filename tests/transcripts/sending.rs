use std::time::Duration;

use kentongan::engine::event::{ModemEvent, ModemOrder, Reservation};
use kentongan::model::{AttemptId, Cause, Doubt, ErrorCode, ErrorKind, NotSent, Outcome, Ticket};
use kentongan::modem::SessionEnd;

use crate::peer::{Bench, Got, PDU, reservation};

const MODEM: &str = "quectel-ec25";

fn answered(attempt: i64, outcome: Outcome) -> ModemEvent {
    ModemEvent::Answered { attempt: AttemptId(attempt), outcome, next: None }
}

fn declined(ticket: u64, outcome: impl Into<Outcome>) -> ModemEvent {
    ModemEvent::Declined { ticket: Ticket(ticket), outcome: outcome.into() }
}

fn submitted(tp_mr: u8) -> Outcome {
    Outcome::Submitted { tp_mr: Some(tp_mr) }
}

fn refused(cause: Cause, number: u16) -> Outcome {
    Outcome::Refused { cause, code: ErrorCode { kind: ErrorKind::Cms, number } }
}

fn cmgs() -> Got {
    Got::Command("AT+CMGS=24".into())
}

/// Reserves and waits for AT+CMGS to reach the modem.
async fn begun(ticket: u64) -> Bench {
    let (mut bench, _) = Bench::ready(MODEM).await;
    bench.reserve(ticket).await;
    assert_eq!(bench.event().await, ModemEvent::Begun(Ticket(ticket)));
    assert_eq!(bench.peer.got().await, cmgs());
    bench
}

/// A send is on the air.
async fn on_air() -> Bench {
    let (mut bench, _) = Bench::ready(MODEM).await;
    bench.on_air(1, 11).await;
    bench
}

/// What the modem said last is told, once.
async fn last_words(bench: &mut Bench, said: &str) {
    assert_eq!(bench.event().await, ModemEvent::LastWords { attempt: AttemptId(11), said: said.to_owned() });
}

async fn check_answer(said: &str, outcome: Outcome) {
    let mut bench = on_air().await;
    bench.peer.say(said).await;
    let in_doubt = matches!(outcome, Outcome::Uncertain(_));
    assert_eq!(bench.event().await, answered(11, outcome), "{said}");
    if in_doubt {
        last_words(&mut bench, &said.escape_default().to_string()).await;
    }
    // The line is in order afterwards.
    bench.on_air(2, 12).await;
}

#[tokio::test(start_paused = true)]
async fn answers_become_outcomes() {
    check_answer("\r\n+CMGS: 5\r\n\r\nOK\r\n", submitted(5)).await;
    check_answer("+CMGS:255\nOK\n", submitted(255)).await;
    check_answer("\r\n+CMGS: 9 OK\r\n", submitted(9)).await;
    check_answer("\r\n+CMGS: 0,\"26/11/24,10:00:00+28\"\r\n\r\nOK\r\n", submitted(0)).await;
    check_answer(&format!("{PDU}\r\n^RSSI:21\r\n\r\n+CMGS: 6\r\n\r\nOK\r\n"), submitted(6)).await;
    check_answer("\r\n+CMS ERROR: 38\r\n", refused(Cause::Temporary, 38)).await;
    // Glued to the PDU that comes back.
    check_answer(&format!("{PDU}\x1a+CMS ERROR: 38\r\n"), refused(Cause::Temporary, 38)).await;
    check_answer(&format!("{PDU}\x1a+CMGS: 3\r\nOK\r\n"), submitted(3)).await;
    check_answer("\r\n+CMS ERROR: 21\r\n", refused(Cause::Ambiguous, 21)).await;
    check_answer("\r\n+CMS ERROR: 332\r\n", Outcome::Uncertain(Doubt::NetworkTimeout)).await;
    check_answer("\r\n+CMS ERROR: 197\r\n", Outcome::Submitted { tp_mr: None }).await;
    check_answer("\r\nNO CARRIER\r\n\r\n+CMGS: 7\r\n\r\nOK\r\n", submitted(7)).await;
    // The number came, and its OK got lost.
    check_answer("\r\n+CMGS: 8\r\n", submitted(8)).await;
    // Spelled out, it is no line that is known to say nothing of anybody.
    let mut bench = on_air().await;
    bench.peer.say("\r\n+CMS ERROR: network timeout\r\n").await;
    assert_eq!(bench.event().await, answered(11, Outcome::Uncertain(Doubt::NetworkTimeout)));
    last_words(&mut bench, "\\r\\n<27>\\r\\n").await;
}

#[tokio::test(start_paused = true)]
async fn a_final_result_on_the_line_of_the_answer_is_not_waited_for() {
    let mut bench = on_air().await;
    bench.reserve(2).await;
    bench.peer.gets_nothing_for(Duration::from_secs(1)).await;
    let answered_at = tokio::time::Instant::now();
    bench.peer.say("\r\n+CMGS: 9 OK\r\n").await;
    assert_eq!(bench.peer.got().await, cmgs());
    assert!(answered_at.elapsed() < Duration::from_secs(1), "{:?}", answered_at.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_prompt_is_taken_in_every_form_and_after_an_announcement() {
    for prompt in ["\r\n> ", ">", "\n>\n", "\r\n+CMTI: \"XX\",3\r\n\r\n> ", "\0\u{ff}> ", "^RSSI:3\r\n> "] {
        let mut bench = begun(1).await;
        bench.peer.say(prompt).await;
        bench.peer.gets_nothing_for(Duration::from_secs(1)).await;
        bench.go(1, 11).await;
        assert_eq!(bench.peer.got().await, Got::Pdu(PDU.into()), "{prompt:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_handed_over_before_go_even_if_the_prompt_waits() {
    let mut bench = begun(1).await;
    bench.peer.say("\r\n> ").await;
    bench.peer.gets_nothing_for(Duration::from_secs(20)).await;
    // An order for another reservation is no leave for this one.
    bench.go(2, 12).await;
    assert_eq!(bench.event().await, answered(12, NotSent::PortGone.into()));
    bench.peer.gets_nothing_for(Duration::from_secs(5)).await;
    bench.go(1, 11).await;
    assert_eq!(bench.peer.got().await, Got::Pdu(PDU.into()));
}

#[tokio::test(start_paused = true)]
async fn the_next_at_cmgs_is_written_before_the_answer_is_reported() {
    let mut bench = on_air().await;
    bench.reserve(2).await;
    bench.peer.say("\r\n+CMGS: 5\r\n\r\nOK\r\n").await;
    assert_eq!(bench.peer.got().await, cmgs());
    let next = Some(Ticket(2));
    assert_eq!(bench.event().await, ModemEvent::Answered { attempt: AttemptId(11), outcome: submitted(5), next });
    bench.peer.say("\r\n> ").await;
    bench.go(2, 12).await;
    assert_eq!(bench.peer.got().await, Got::Pdu(PDU.into()));
    bench.peer.say("\r\n+CMGS: 6\r\n\r\nOK\r\n").await;
    assert_eq!(bench.event().await, answered(12, submitted(6)));
}

#[tokio::test(start_paused = true)]
async fn a_withdrawn_segment_leaves_the_prompt_and_no_message_leaves() {
    let mut bench = begun(1).await;
    bench.order(ModemOrder::Withdraw(Ticket(1))).await;
    bench.peer.gets_nothing_for(Duration::from_secs(1)).await;
    bench.peer.say("\r\n> ").await;
    assert_eq!(bench.peer.got().await, Got::Escape);
    bench.peer.say("\r\nOK\r\n").await;
    assert_eq!(bench.event().await, declined(1, NotSent::Withdrawn));
    bench.on_air(2, 12).await;
}

#[tokio::test(start_paused = true)]
async fn a_withdrawn_segment_after_which_the_modem_says_nothing_to_esc() {
    let mut bench = begun(1).await;
    bench.peer.say("\r\n> ").await;
    bench.order(ModemOrder::Withdraw(Ticket(1))).await;
    assert_eq!(bench.peer.got().await, Got::Escape);
    assert_eq!(bench.event().await, declined(1, NotSent::Withdrawn));
    assert_eq!(bench.peer.commands().last().map(String::as_str), Some("AT"));
    bench.on_air(2, 12).await;
}

#[tokio::test(start_paused = true)]
async fn a_go_that_crosses_the_end_of_its_reservation_is_answered() {
    let mut bench = begun(1).await;
    bench.peer.say("\r\n+CMS ERROR: 302\r\n").await;
    assert_eq!(bench.event().await, declined(1, refused(Cause::Ambiguous, 302)));
    bench.go(1, 11).await;
    assert_eq!(bench.event().await, answered(11, refused(Cause::Ambiguous, 302)));
}

#[tokio::test(start_paused = true)]
async fn an_error_instead_of_the_prompt_is_a_refusal() {
    let mut bench = begun(1).await;
    bench.go(1, 11).await;
    bench.peer.gets_nothing_for(Duration::from_secs(1)).await;
    bench.peer.say("\r\n+CMS ERROR: 330\r\n").await;
    assert_eq!(bench.event().await, answered(11, refused(Cause::Sim, 330)));
    let mut bench = begun(1).await;
    bench.peer.say("\r\nCOMMAND NOT SUPPORT\r\n").await;
    let code = ErrorCode { kind: ErrorKind::Plain, number: 0 };
    assert_eq!(bench.event().await, declined(1, Outcome::Refused { cause: Cause::Command, code }));
}

#[tokio::test(start_paused = true)]
async fn without_a_prompt_it_is_tried_once_more_and_then_given_up() {
    let mut bench = begun(1).await;
    bench.go(1, 11).await;
    assert_eq!(bench.peer.got().await, Got::Escape);
    assert_eq!(bench.peer.got().await, cmgs());
    assert_eq!(bench.peer.got().await, Got::Escape);
    assert_eq!(bench.event().await, answered(11, NotSent::NoPrompt.into()));
    // The second try may be the one that works.
    let mut bench = begun(1).await;
    bench.go(1, 11).await;
    assert_eq!(bench.peer.got().await, Got::Escape);
    bench.peer.say("\r\nOK\r\n").await;
    assert_eq!(bench.peer.got().await, cmgs());
    bench.peer.say("> ").await;
    assert_eq!(bench.peer.got().await, Got::Pdu(PDU.into()));
}

/// Asks for the segment back.
async fn ask_back(bench: &Bench, ticket: u64) {
    bench.order(ModemOrder::Withdraw(Ticket(ticket))).await;
}

#[tokio::test(start_paused = true)]
async fn a_segment_whose_prompt_does_not_come_is_given_back_at_once_and_the_line_put_in_order_after_that() {
    // The modem heeds ESC; heeds it only at its prompt, which comes late; says nothing at all to it.
    for said in [&["\r\nOK\r\n"][..], &["\r\n> ", "\r\nOK\r\n"], &[]] {
        let mut bench = begun(1).await;
        bench.go(1, 11).await;
        bench.peer.gets_nothing_for(Duration::from_secs(5)).await;
        let asked = tokio::time::Instant::now();
        ask_back(&bench, 1).await;
        assert_eq!(bench.event().await, answered(11, NotSent::NoPrompt.into()));
        assert_eq!(asked.elapsed(), Duration::ZERO, "another modem waits for it");
        // The next one waits for the line.
        bench.reserve(2).await;
        for word in said {
            assert_eq!(bench.peer.got().await, Got::Escape);
            bench.peer.say(word).await;
        }
        if said.is_empty() {
            assert_eq!(bench.peer.got().await, Got::Escape);
        }
        assert_eq!(bench.event().await, ModemEvent::Begun(Ticket(2)));
        assert_eq!(bench.peer.got().await, cmgs());
        bench.go(2, 12).await;
        bench.peer.say("\r\n> ").await;
        assert_eq!(bench.peer.got().await, Got::Pdu(PDU.into()), "{said:?}");
        bench.peer.say("\r\n+CMGS: 5\r\n\r\nOK\r\n").await;
        assert_eq!(bench.event().await, answered(12, submitted(5)));
    }
}

#[tokio::test(start_paused = true)]
async fn what_has_been_handed_over_is_not_given_back() {
    let mut bench = on_air().await;
    ask_back(&bench, 1).await;
    bench.reserve(2).await;
    bench.peer.gets_nothing_for(Duration::from_secs(20)).await;
    bench.peer.say("\r\n+CMGS: 5\r\n\r\nOK\r\n").await;
    assert_eq!(bench.peer.got().await, cmgs());
    let next = Some(Ticket(2));
    assert_eq!(bench.event().await, ModemEvent::Answered { attempt: AttemptId(11), outcome: submitted(5), next });
    // Too late, and not meant for the next one.
    ask_back(&bench, 1).await;
    bench.go(2, 12).await;
    bench.peer.say("\r\n> ").await;
    assert_eq!(bench.peer.got().await, Got::Pdu(PDU.into()));
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_is_deaf_gives_back_what_it_was_to_send_and_ends_its_session() {
    let mut bench = begun(1).await;
    bench.go(1, 11).await;
    bench.peer.hold_still();
    ask_back(&bench, 1).await;
    assert_eq!(bench.event().await, answered(11, NotSent::NoPrompt.into()));
    assert!(matches!(bench.end().await, SessionEnd::Silent(_)));
}

#[tokio::test(start_paused = true)]
async fn an_echo_that_is_back_is_not_forgotten_when_the_segment_is_asked_back() {
    let mut bench = begun(1).await;
    bench.go(1, 11).await;
    bench.peer.say("AT+CMGS=24\r").await;
    bench.peer.gets_nothing_for(Duration::from_secs(1)).await;
    ask_back(&bench, 1).await;
    assert_eq!(bench.event().await, answered(11, NotSent::NoPrompt.into()));
    assert_eq!(bench.peer.got().await, Got::Escape);
    bench.peer.say("\r\nOK\r\n").await;
    let told = bench.until(|event| matches!(event, ModemEvent::Ready { .. })).await;
    assert!(matches!(told[0], ModemEvent::Lost { .. }), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn a_leftover_ok_is_not_taken_for_an_answer() {
    let mut bench = begun(1).await;
    bench.go(1, 11).await;
    bench.peer.say("\r\nOK\r\n\r\n> ").await;
    assert_eq!(bench.peer.got().await, Got::Pdu(PDU.into()));
    bench.peer.say("\r\n+CMGS: 9\r\n\r\nOK\r\n").await;
    assert_eq!(bench.event().await, answered(11, submitted(9)));
}

#[tokio::test(start_paused = true)]
async fn the_late_ok_of_the_send_before_is_not_the_answer_to_this_one() {
    for early in [true, false] {
        let mut bench = on_air().await;
        bench.reserve(2).await;
        bench.peer.say("\r\n+CMGS: 0\r\n").await;
        // Its OK is late: the next one begins.
        assert_eq!(bench.peer.got().await, cmgs());
        let next = Some(Ticket(2));
        assert_eq!(bench.event().await, ModemEvent::Answered { attempt: AttemptId(11), outcome: submitted(0), next });
        bench.peer.say("\r\n> ").await;
        if early {
            bench.peer.say("\r\nOK\r\n").await;
            bench.peer.gets_nothing_for(Duration::from_secs(1)).await;
        }
        bench.go(2, 12).await;
        assert_eq!(bench.peer.got().await, Got::Pdu(PDU.into()));
        if !early {
            bench.peer.say("\r\nOK\r\n").await;
        }
        bench.peer.gets_nothing_for(Duration::from_secs(4)).await;
        bench.peer.say("\r\n+CMS ERROR: 38\r\n").await;
        assert_eq!(bench.event().await, answered(12, refused(Cause::Temporary, 38)));
        // Only one was owed: a modem that says no more than OK is believed.
        bench.on_air(3, 13).await;
        bench.peer.say("\r\nOK\r\n").await;
        assert_eq!(bench.event().await, answered(13, Outcome::Submitted { tp_mr: None }));
    }
}

#[tokio::test(start_paused = true)]
async fn silence_is_uncertain_and_the_line_is_listened_to_before_anything_is_written() {
    let mut bench = on_air().await;
    let began = tokio::time::Instant::now();
    // Chatter does not make the wait longer.
    for _ in 0..170 {
        bench.peer.say("^RSSI:21\r\n").await;
        bench.peer.gets_nothing_for(Duration::from_secs(1)).await;
    }
    assert_eq!(bench.event().await, answered(11, Outcome::Uncertain(Doubt::Silence)));
    assert!(began.elapsed() < Duration::from_secs(181));
    last_words(&mut bench, &"^RSSI:21\\r\\n".repeat(17)[4..]).await;
    assert!(matches!(bench.event().await, ModemEvent::Lost { .. }));
    bench.peer.gets_nothing_for(Duration::from_secs(9)).await;
    assert_eq!(bench.peer.got().await, Got::Escape);
    let told = bench.until(|event| matches!(event, ModemEvent::Ready { .. })).await;
    assert!(matches!(told[0], ModemEvent::Found { .. }), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn an_echo_that_is_back_stops_the_send_before_the_pdu_since_the_modem_may_be_in_text_mode() {
    for prompt in ["AT+CMGS=24\r\r\n> ", "AT+CMGS=24> "] {
        let mut bench = begun(1).await;
        bench.go(1, 11).await;
        bench.peer.restart();
        bench.peer.say(prompt).await;
        assert_eq!(bench.peer.got().await, Got::Escape, "{prompt:?}");
        bench.peer.say("\r\nOK\r\n").await;
        assert_eq!(bench.event().await, answered(11, NotSent::NoPrompt.into()));
        let told = bench.until(|event| matches!(event, ModemEvent::Ready { .. })).await;
        assert!(matches!(told[0], ModemEvent::Lost { .. }), "{told:?}");
        assert!(told.contains(&ModemEvent::LinedUp { echoed: true, restarted: false }), "{told:?}");
        let modes = bench.peer.commands().iter().filter(|command| *command == "AT+CMGF=0").count();
        assert_eq!(modes, 2, "it is told PDU mode again");
        bench.on_air(2, 12).await;
    }
    // An idle modem shows it with the first command.
    let (mut bench, _) = Bench::ready(MODEM).await;
    bench.peer.restart();
    let ModemEvent::Lost { reason } = bench.event().await else { panic!("lost") };
    assert!(reason.contains("echo"), "{reason}");
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_echoes_now_and_then_without_having_restarted_is_set_up_again_once() {
    let mut bench = begun(1).await;
    bench.peer.say("AT+CMGS=24\r\r\n> ").await;
    assert_eq!(bench.peer.got().await, Got::Escape);
    bench.peer.say("\r\nOK\r\n").await;
    bench.until(|event| matches!(event, ModemEvent::Ready { .. })).await;
    for (ticket, attempt, prompt) in [(2, 12, "AT+CMGS=24\r\r\n> "), (3, 13, "AT+CMGS=24> ")] {
        bench.reserve(ticket).await;
        assert_eq!(bench.event().await, ModemEvent::Begun(Ticket(ticket)));
        assert_eq!(bench.peer.got().await, cmgs());
        bench.go(ticket, attempt).await;
        bench.peer.say(prompt).await;
        assert_eq!(bench.peer.got().await, Got::Pdu(PDU.into()));
        bench.peer.say("\r\n+CMGS: 5\r\n\r\nOK\r\n").await;
        assert_eq!(bench.event().await, answered(attempt, submitted(5)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_settles_the_attempt_and_needs_no_esc() {
    let mut bench = on_air().await;
    assert_eq!(bench.event().await, answered(11, Outcome::Uncertain(Doubt::Silence)));
    last_words(&mut bench, "").await;
    assert!(matches!(bench.event().await, ModemEvent::Lost { .. }));
    bench.peer.say("\r\n+CMGS: 77\r\n\r\nOK\r\n").await;
    assert_eq!(bench.event().await, ModemEvent::LateAnswer { attempt: AttemptId(11), tp_mr: 77 });
    let told = bench.until(|event| matches!(event, ModemEvent::Ready { .. })).await;
    assert!(matches!(told[0], ModemEvent::Lost { .. }), "{told:?}");
    bench.peer.gets_nothing_for(Duration::from_secs(5)).await;
}

#[tokio::test(start_paused = true)]
async fn a_restart_in_mid_send_is_uncertain_and_sets_the_modem_up_again() {
    let mut bench = on_air().await;
    bench.reserve(2).await;
    bench.peer.say("\r\nRDY\r\n\r\n+CFUN: 1\r\n").await;
    assert_eq!(bench.event().await, answered(11, Outcome::Uncertain(Doubt::Rebooted)));
    last_words(&mut bench, "\\r\\nRDY\\r\\n\\r\\n+CFUN: 1\\r\\n").await;
    assert!(matches!(bench.event().await, ModemEvent::Lost { .. }));
    let told = bench.until(|event| matches!(event, ModemEvent::Ready { .. })).await;
    assert!(matches!(told[0], ModemEvent::Found { .. }));
    // The reservation is void; the next one works.
    bench.on_air(3, 13).await;
}

#[tokio::test(start_paused = true)]
async fn what_a_modem_says_late_in_its_start_is_no_second_restart() {
    let (mut bench, _) = Bench::ready(MODEM).await;
    bench.peer.say("\r\nRDY\r\n").await;
    bench.until(|event| matches!(event, ModemEvent::Ready { .. })).await;
    bench.on_air(1, 11).await;
    bench.peer.say("\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n").await;
    bench.peer.gets_nothing_for(Duration::from_secs(3)).await;
    bench.peer.say("\r\n+CMGS: 0\r\n\r\nOK\r\n").await;
    assert_eq!(bench.event().await, answered(11, submitted(0)));
    // It comes once in a start: this is another card.
    bench.peer.say("\r\n+CPIN: READY\r\n").await;
    assert!(matches!(bench.event().await, ModemEvent::Lost { .. }));
    let told = bench.until(|event| matches!(event, ModemEvent::Ready { .. })).await;
    // It may be the SIM alone: nothing is learned from it about restarts.
    assert!(told.contains(&ModemEvent::LinedUp { echoed: false, restarted: false }), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn after_a_sign_of_a_restart_in_mid_send_the_answer_is_listened_for_and_nothing_is_written() {
    let mut bench = on_air().await;
    bench.peer.say("\r\n+CPIN: READY\r\n").await;
    bench.peer.gets_nothing_for(Duration::from_secs(2)).await;
    bench.peer.say("\r\n+CMGS: 5\r\n\r\nOK\r\n").await;
    assert_eq!(bench.event().await, answered(11, submitted(5)));
    // It is set up again all the same.
    assert!(matches!(bench.event().await, ModemEvent::Lost { .. }));
    bench.until(|event| matches!(event, ModemEvent::Ready { .. })).await;
    // An OK without a number after such a sign is no answer.
    bench.on_air(2, 12).await;
    bench.peer.say("\r\nRDY\r\n\r\nOK\r\n").await;
    assert_eq!(bench.event().await, answered(12, Outcome::Uncertain(Doubt::Rebooted)));
}

#[tokio::test(start_paused = true)]
async fn a_restart_before_the_prompt_means_that_nothing_was_sent() {
    let mut bench = begun(1).await;
    bench.peer.say("\r\n^SYSSTART\r\n").await;
    assert_eq!(bench.event().await, declined(1, NotSent::NoPrompt));
    assert!(matches!(bench.event().await, ModemEvent::Lost { .. }));
}

#[tokio::test(start_paused = true)]
async fn unplugging_before_the_hand_over_is_not_sent_and_after_it_uncertain() {
    let mut bench = begun(1).await;
    bench.peer.unplug();
    assert_eq!(bench.event().await, declined(1, NotSent::PortGone));
    assert!(matches!(bench.end().await, SessionEnd::PortGone(_)));

    let mut bench = begun(1).await;
    bench.go(1, 11).await;
    bench.peer.gets_nothing_for(Duration::from_secs(1)).await;
    bench.peer.unplug();
    assert_eq!(bench.event().await, answered(11, NotSent::PortGone.into()));
    assert!(matches!(bench.end().await, SessionEnd::PortGone(_)));

    let mut bench = on_air().await;
    bench.reserve(2).await;
    bench.peer.unplug();
    assert_eq!(bench.event().await, answered(11, Outcome::Uncertain(Doubt::PortGone)));
    assert!(matches!(bench.end().await, SessionEnd::PortGone(_)));

    let mut bench = on_air().await;
    bench.peer.say("\r\n+CMGS: 9\r\n").await;
    bench.peer.gets_nothing_for(Duration::from_secs(1)).await;
    bench.peer.unplug();
    assert_eq!(bench.event().await, answered(11, submitted(9)));
}

#[tokio::test(start_paused = true)]
async fn noise_and_an_endless_line_do_not_hide_the_answer() {
    let mut bench = on_air().await;
    bench.peer.say_bytes(&[0xFF; 900]).await;
    bench.peer.say_bytes(&vec![b'x'; 50_000]).await;
    bench.peer.say("\r\n\0\0\u{ff}+CMGS: 5\r\n\r\nOK\r\n").await;
    assert_eq!(bench.event().await, answered(11, submitted(5)));
}

#[tokio::test(start_paused = true)]
async fn stopping_waits_for_the_answer_of_the_send_in_hand() {
    let mut bench = on_air().await;
    bench.reserve(2).await;
    bench.stop.cancel();
    bench.peer.gets_nothing_for(Duration::from_secs(60)).await;
    bench.peer.say("\r\n+CMGS: 5\r\n\r\nOK\r\n").await;
    assert_eq!(bench.event().await, answered(11, submitted(5)));
    assert_eq!(bench.end().await, SessionEnd::Stopped);
}

#[tokio::test(start_paused = true)]
async fn stopping_at_the_prompt_leaves_it() {
    let mut bench = begun(1).await;
    bench.stop.cancel();
    bench.peer.say("\r\n> ").await;
    assert_eq!(bench.peer.got().await, Got::Escape);
    bench.peer.say("\r\nOK\r\n").await;
    assert_eq!(bench.event().await, declined(1, NotSent::Withdrawn));
    assert_eq!(bench.end().await, SessionEnd::Stopped);
}

#[tokio::test(start_paused = true)]
async fn a_reservation_can_be_replaced_and_withdrawn_before_it_begins() {
    let mut bench = on_air().await;
    bench.reserve(2).await;
    bench.reserve(3).await;
    bench.order(ModemOrder::Withdraw(Ticket(3))).await;
    assert_eq!(bench.event().await, declined(3, NotSent::Withdrawn));
    bench.peer.say("\r\n+CMGS: 5\r\n\r\nOK\r\n").await;
    assert_eq!(bench.event().await, answered(11, submitted(5)));
    bench.peer.gets_nothing_for(Duration::from_secs(5)).await;
}

#[tokio::test(start_paused = true)]
async fn more_segments_are_announced_once_and_never_again_to_a_modem_that_refuses() {
    let (mut bench, _) = Bench::ready("cinterion-mc75i").await;
    for ticket in 1..=2 {
        bench.order(ModemOrder::Reserve(Reservation { more: true, ..reservation(ticket) })).await;
        assert_eq!(bench.event().await, ModemEvent::Begun(Ticket(ticket)));
        assert_eq!(bench.peer.got().await, cmgs());
        bench.peer.say("\r\n+CMS ERROR: 38\r\n").await;
        bench.event().await;
    }
    assert_eq!(bench.peer.commands().iter().filter(|command| *command == "AT+CMMS=1").count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_takes_no_octets_has_not_sent() {
    let mut bench = Bench::start_with(MODEM, 32);
    bench.until(|event| matches!(event, ModemEvent::Ready { .. })).await;
    let long = Reservation { pdu: "00".repeat(100), ..reservation(1) };
    bench.order(ModemOrder::Reserve(long)).await;
    assert_eq!(bench.event().await, ModemEvent::Begun(Ticket(1)));
    assert_eq!(bench.peer.got().await, cmgs());
    bench.peer.say("> ").await;
    bench.peer.hold_still();
    bench.go(1, 11).await;
    assert_eq!(bench.event().await, answered(11, NotSent::PortGone.into()));
    assert!(matches!(bench.end().await, SessionEnd::Silent(_)));
}

#[tokio::test(start_paused = true)]
async fn a_bring_up_ordered_by_the_engine_starts_over() {
    let (mut bench, _) = Bench::ready(MODEM).await;
    bench.order(ModemOrder::BringUp).await;
    assert!(matches!(bench.event().await, ModemEvent::Lost { .. }));
    let told = bench.until(|event| matches!(event, ModemEvent::Ready { .. })).await;
    assert!(matches!(told[0], ModemEvent::Found { .. }));
}
