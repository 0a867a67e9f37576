use std::time::Duration;

use kentongan::engine::event::ModemEvent;
use kentongan::model::{ModemIdentity, SimIdentity, Slot};
use kentongan::modem::SessionEnd;

use crate::peer::Bench;

fn found(told: &[ModemEvent]) -> (&ModemIdentity, &SimIdentity) {
    let found = told.iter().find_map(|event| match event {
        ModemEvent::Found { modem, sim, .. } => Some((modem, sim)),
        _ => None,
    });
    found.expect("the modem was found")
}

fn is_ready(told: &[ModemEvent], operator: Option<&str>, reports: bool) {
    assert_eq!(told.last(), Some(&ModemEvent::Ready { operator: operator.map(str::to_owned), reports }));
}

fn received(told: &[ModemEvent]) -> Vec<(&str, u16)> {
    let slot = |event: &ModemEvent| matches!(event, ModemEvent::Received { slot: Some(_), .. });
    let stored = told.iter().filter(|event| slot(event));
    stored
        .map(|event| match event {
            ModemEvent::Received { slot: Some(Slot { memory, index }), .. } => (memory.as_str(), *index),
            _ => unreachable!("filtered"),
        })
        .collect()
}

fn count(commands: &[String], start: &str) -> usize {
    commands.iter().filter(|command| command.starts_with(start)).count()
}

#[tokio::test(start_paused = true)]
async fn huawei_e1752_starts_with_echo_and_doubled_cr_and_refuses_in_its_own_words() {
    let (bench, told) = Bench::ready("huawei-e1752").await;
    let (modem, sim) = found(&told);
    assert_eq!((modem.manufacturer.as_str(), modem.model.as_str()), ("huawei", "E1752"));
    assert_eq!(modem.revision, "11.126.13.00.00");
    assert_eq!(modem.imei.as_deref(), Some("111111111111111"));
    assert_eq!(sim.iccid.as_deref(), Some("89621000123456789012"));
    is_ready(&told, Some("TELE2"), true);
    // The draft in slot 3 was written by somebody here; nobody sent it to us.
    assert_eq!(received(&told), [("ME", 0)]);
    assert_eq!(count(&bench.peer.commands(), "AT^CURC"), 0);
}

#[tokio::test(start_paused = true)]
async fn wavecom_starts_without_ok_after_cpin_and_says_that_no_service_centre_is_set() {
    let (bench, told) = Bench::ready("wavecom-900e1800").await;
    let (modem, sim) = found(&told);
    assert_eq!((modem.manufacturer.as_str(), modem.revision.as_str()), ("WAVECOM MODEM", ""));
    assert_eq!(sim.iccid.as_deref(), Some("8962100012345678901"));
    assert!(told.iter().any(|event| matches!(event, ModemEvent::Noted { text } if text.contains("service centre"))));
    is_ready(&told, None, true);
    let commands = bench.peer.commands();
    assert_eq!(count(&commands, "AT+CPMS=\"SM\",\"SM\",\"S"), 0, "only two memories are offered");
    assert_eq!(
        commands.iter().filter(|command| command.starts_with("AT+CNMI=")).collect::<Vec<_>>(),
        ["AT+CNMI=?", "AT+CNMI=2,1,0,2,0"]
    );
}

#[tokio::test(start_paused = true)]
async fn zte_starts_with_a_busy_sim_and_urcs_in_mid_answer_and_is_not_believed_about_cnmi() {
    let (bench, told) = Bench::ready("zte-k3565-z").await;
    let (modem, sim) = found(&told);
    assert_eq!(modem.revision, "BD_P673A2V1.0.0B09");
    assert_eq!(sim.imsi.as_deref(), Some("111111111111111"));
    assert_eq!(sim.iccid.as_deref(), Some("8962100012345678901"));
    is_ready(&told, Some("TELE2"), true);
    assert_eq!(received(&told), [("SM", 1)]);
    let commands = bench.peer.commands();
    // It said OK to ds=1 and did otherwise.
    assert_eq!(count(&commands, "AT+CNMI=2,1,0,2,0"), 1);
    assert_eq!(count(&commands, "AT+CSMS=0"), 1);
    assert_eq!(count(&commands, "AT+CFUN=1"), 0);
}

#[tokio::test(start_paused = true)]
async fn nokia_n79_starts_although_it_takes_neither_cpms_nor_cnmi() {
    let (bench, told) = Bench::ready("nokia-n79").await;
    let (modem, sim) = found(&told);
    assert_eq!(modem.revision, "V ICPR72_08w44.1");
    assert_eq!(sim.iccid, None);
    assert_eq!(sim.imsi.as_deref(), Some("111111111111111"));
    is_ready(&told, None, false);
    assert_eq!(count(&bench.peer.commands(), "AT+CMGL=4"), 1);
}

#[tokio::test(start_paused = true)]
async fn cinterion_mc75i_is_given_only_the_values_it_offers() {
    let (bench, told) = Bench::ready("cinterion-mc75i").await;
    is_ready(&told, Some("INDOSAT"), true);
    let commands = bench.peer.commands();
    assert_eq!(count(&commands, "AT+CNMI=2,1,0,2,1"), 1);
    assert_eq!(count(&commands, "AT+CPMS=\"ME\",\"ME\""), 0, "it may not receive into ME");
    assert_eq!(count(&commands, "AT+CMGL=4"), 2, "SM and ME are both drained");
}

#[tokio::test(start_paused = true)]
async fn simcom_sim800l_met_while_it_starts_is_set_up_from_the_beginning_once_more() {
    let (bench, told) = Bench::ready("simcom-sim800l").await;
    assert_eq!(found(&told).0.revision, "Revision:1418B04SIM800L24");
    let commands = bench.peer.commands();
    assert_eq!(count(&commands, "AT+CGMI"), 2, "RDY came while it was asked who it is");
    assert!(told.iter().any(|event| matches!(event, ModemEvent::Unready { reason } if reason.contains("searching"))));
    is_ready(&told, Some("TELKOMSEL"), true);
}

#[tokio::test(start_paused = true)]
async fn simcom_sim7670g_lists_a_message_with_an_empty_name_between_quotes() {
    let (_bench, told) = Bench::ready("simcom-sim7670g").await;
    assert_eq!(received(&told), [("ME", 0)]);
    is_ready(&told, Some("Tele2"), true);
}

#[tokio::test(start_paused = true)]
async fn sierra_rc51_offers_what_it_refuses_and_its_card_is_read_another_way() {
    let (bench, told) = Bench::ready("sierra-rc51").await;
    assert_eq!(found(&told).1.iccid.as_deref(), Some("89610154253220000085"));
    is_ready(&told, Some("XL"), true);
    let commands = bench.peer.commands();
    let place = |wanted: &str| commands.iter().position(|command| command == wanted).expect("it was said");
    assert!(place("AT!ICCID?") < place("AT+CCID") && place("AT+CNMI=2,1,0,1,0") < place("AT+CNMI=2,1,0,2,0"));
}

#[tokio::test(start_paused = true)]
async fn telit_he910_keeps_messages_on_the_card_and_is_told_to_acknowledge_them_itself() {
    let (bench, told) = Bench::ready("telit-he910").await;
    is_ready(&told, Some("INDOSAT"), true);
    assert_eq!(count(&bench.peer.commands(), "AT+CSMS=0"), 1);
    assert_eq!(count(&bench.peer.commands(), "AT+CFUN=1"), 0);
}

#[tokio::test(start_paused = true)]
async fn ublox_sara_g450_gets_a_pause_after_each_answer_and_is_registered_with_packets_only() {
    let began = tokio::time::Instant::now();
    let (bench, told) = Bench::ready("ublox-sara-g450").await;
    is_ready(&told, Some("TELKOMSEL"), true);
    let commands = u32::try_from(bench.peer.commands().len()).expect("some dozens");
    assert!(began.elapsed() >= Duration::from_millis(20) * (commands - 10), "{commands} in {:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn quectel_ec25_hands_reports_on_since_its_stored_ones_get_lost() {
    let (bench, told) = Bench::ready("quectel-ec25").await;
    is_ready(&told, Some("TELKOMSEL"), true);
    assert_eq!(count(&bench.peer.commands(), "AT+CNMI=2,1,0,1,0"), 1);
}

#[tokio::test(start_paused = true)]
async fn qualcomm_m6280_says_nothing_about_cnmi_and_takes_no_me() {
    let (bench, told) = Bench::ready("qualcomm-m6280").await;
    assert_eq!(found(&told).1.iccid.as_deref(), Some("8962100012345678901"));
    is_ready(&told, Some("TELE2"), true);
    let commands = bench.peer.commands();
    assert_eq!(count(&commands, "AT+CPMS=\"SM\",\"SM\",\"SM\""), 1);
    assert_eq!(count(&commands, "AT+CNMI=2,1,0,1"), 1);
}

#[tokio::test(start_paused = true)]
async fn everything_stored_is_reported_after_found_and_before_ready() {
    let (_bench, told) = Bench::ready("zte-k3565-z").await;
    let place = |wanted: fn(&ModemEvent) -> bool| told.iter().position(wanted).expect("it came");
    let found = place(|event| matches!(event, ModemEvent::Found { .. }));
    let received = place(|event| matches!(event, ModemEvent::Received { .. }));
    let ready = place(|event| matches!(event, ModemEvent::Ready { .. }));
    assert!(found < received && received < ready);
}

#[tokio::test(start_paused = true)]
async fn a_sim_that_asks_for_its_pin_is_reported_and_gets_none() {
    let mut bench = Bench::start("locked");
    let ModemEvent::Unready { reason } = bench.event().await else { panic!("unready") };
    assert!(reason.contains("PIN"));
    tokio::time::sleep(Duration::from_secs(600)).await;
    let commands = bench.peer.commands();
    assert_eq!(count(&commands, "AT+CPIN="), 0);
    assert!(count(&commands, "AT+CPIN?") > 5);
    bench.stop.cancel();
    assert_eq!(bench.end().await, SessionEnd::Stopped);
}

#[tokio::test(start_paused = true)]
async fn a_port_that_answers_nothing_is_given_up_after_three_tries() {
    let mut bench = Bench::start("mute");
    bench.until(|event| matches!(event, ModemEvent::Lost { .. })).await;
    assert_eq!(bench.peer.commands(), ["AT", "ATQ0V1E0", "AT"]);
}

#[tokio::test(start_paused = true)]
async fn a_port_that_pours_out_noise_is_given_up_in_time() {
    let mut bench = Bench::start("mute");
    let began = tokio::time::Instant::now();
    let noise: Vec<u8> = (0..=255).cycle().take(900).filter(|octet| *octet != b'\n' && *octet != b'\r').collect();
    let lost = loop {
        bench.peer.say_bytes(&noise).await;
        bench.peer.say("\r\n%DBG: 1\r\n").await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        if let Ok(event) = bench.events.try_recv() {
            break event;
        }
    };
    assert!(format!("{lost:?}").contains("does not answer"));
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[tokio::test(start_paused = true)]
async fn losing_the_network_closes_the_modem_and_finding_it_opens_it_again() {
    let mut bench = Bench::start("wandering");
    let told = bench.until(|event| matches!(event, ModemEvent::Ready { .. })).await;
    assert!(told.iter().any(|event| matches!(event, ModemEvent::Unready { reason } if reason.contains("searching"))));
    // The daemon's minute passes, and the network is gone; and comes back.
    let ModemEvent::Unready { reason } = bench.event().await else { panic!("unready") };
    assert!(reason.contains("refuses"), "{reason}");
    assert!(matches!(bench.event().await, ModemEvent::Ready { .. }));
}

#[tokio::test(start_paused = true)]
async fn an_idle_modem_is_left_in_peace_but_for_a_look_a_minute() {
    let (bench, _) = Bench::ready("quectel-ec25").await;
    let before = bench.peer.commands().len();
    tokio::time::sleep(Duration::from_secs(290)).await;
    let said = bench.peer.commands().split_off(before);
    assert_eq!(count(&said, "AT+CSQ"), 4);
    assert_eq!(count(&said, "AT+CEREG?"), 4);
    assert_eq!(said.len(), 8, "{said:?}");
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_does_not_take_pdu_mode_never_gets_ready_and_says_why() {
    let mut bench = Bench::start("text-only");
    let ModemEvent::Unready { reason } = bench.event().await else { panic!("unready") };
    assert!(reason.contains("PDU mode"), "{reason}");
    // It takes it after all: the transcript says so at the seventh time.
    let told = bench.until(|event| matches!(event, ModemEvent::Ready { .. })).await;
    assert!(matches!(told[0], ModemEvent::Found { .. }), "{told:?}");
    let commands = bench.peer.commands();
    assert_eq!((count(&commands, "AT+CMGF=0"), count(&commands, "AT+CMGF?")), (7, 6));
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_refuses_to_be_told_pdu_mode_and_is_in_it_gets_ready() {
    let (bench, _) = Bench::ready("pdu-only").await;
    assert_eq!(count(&bench.peer.commands(), "AT+CMGF?"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_modem_whose_profile_gives_no_words_is_told_to_give_them() {
    for (digit, name) in [("0\r", "V0"), ("", "Q1")] {
        let mut bench = Bench::start("quectel-ec25-mute");
        bench.peer.say(digit).await;
        let told = bench.until(|event| matches!(event, ModemEvent::Ready { .. })).await;
        assert_eq!(found(&told).0.model, "EC25", "{name}");
        assert_eq!(bench.peer.commands()[..3], ["AT", "ATQ0V1E0", "ATE0"], "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_says_nothing_of_registration_is_used_and_that_is_noted_once() {
    let (mut bench, told) = Bench::ready("unregistered").await;
    let said = |told: &[ModemEvent]| {
        told.iter().filter(|event| matches!(event, ModemEvent::Noted { text } if text.contains("registered"))).count()
    };
    assert_eq!(said(&told), 1);
    tokio::time::sleep(Duration::from_secs(200)).await;
    bench.on_air(1, 11).await;
}

#[tokio::test(start_paused = true)]
async fn registered_with_calls_kept_apart_is_registered_and_a_radio_that_is_off_is_turned_on() {
    let (bench, _) = Bench::ready("calls-apart").await;
    assert_eq!(count(&bench.peer.commands(), "AT+CFUN=1"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_does_not_know_the_question_for_the_pin_is_used_if_its_card_tells_its_imsi() {
    let began = tokio::time::Instant::now();
    let (bench, told) = Bench::ready("no-cpin").await;
    assert!(!told.iter().any(|event| matches!(event, ModemEvent::Unready { .. })), "{told:?}");
    assert_eq!(count(&bench.peer.commands(), "AT+CPIN?"), 5);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_sim_that_is_not_inserted_is_missing_and_one_that_is_not_ready_is_asked_every_second() {
    let mut bench = Bench::start("late-sim");
    let ModemEvent::Unready { reason } = bench.event().await else { panic!("unready") };
    assert!(reason.contains("no SIM"), "{reason}");
    // Half a minute until it is looked for again; then it is there, and starts.
    let began = tokio::time::Instant::now();
    let told = bench.until(|event| matches!(event, ModemEvent::Ready { .. })).await;
    assert!(!told.iter().any(|event| matches!(event, ModemEvent::Unready { .. })), "{told:?}");
    assert!(began.elapsed() < Duration::from_secs(36), "{:?}", began.elapsed());
    assert_eq!(found(&told).1.iccid.as_deref(), Some("8962100012345678901"));
}

#[tokio::test(start_paused = true)]
async fn the_storage_of_a_modem_that_announces_nothing_is_swept_every_minute() {
    let (bench, _) = Bench::ready("nokia-n79").await;
    tokio::time::sleep(Duration::from_secs(190)).await;
    assert_eq!(count(&bench.peer.commands(), "AT+CMGL=4"), 4);
}
