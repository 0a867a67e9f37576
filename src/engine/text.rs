//! From a text to the octets of its segments.

use std::sync::Arc;

use super::station::Reserved;
use crate::model::SignedDuration;
use crate::pdu;

/// The last text that was planned: the recipients of a job mostly share theirs.
#[derive(Default)]
pub(super) struct Plans {
    last: Option<(Arc<str>, pdu::Plan)>,
}

/// A TPDU ready for `AT+CMGS`.
pub(super) struct Ready {
    /// Octets without the SMSC field.
    pub length: usize,
    /// Upper-case hexadecimal, SMSC field first.
    pub hex: String,
}

impl Plans {
    /// How many segments a text takes; more than a message can have where it is too long for one.
    pub fn segments(&mut self, text: &str) -> usize {
        self.plan(text).map_or_else(|too_long| too_long.segments, |plan| plan.segments())
    }

    fn plan(&mut self, text: &str) -> Result<&pdu::Plan, pdu::TextTooLong> {
        if self.last.as_ref().is_none_or(|(known, _)| **known != *text) {
            self.last = Some((text.into(), pdu::Text::plan(text)?));
        }
        Ok(&self.last.as_ref().expect("it was just set").1)
    }

    /// The SMS-SUBMIT of one reserved segment, valid for what is left of its job's time.
    pub fn submit(&mut self, text: &str, reserved: &Reserved, left: SignedDuration) -> Ready {
        let older;
        let mut plan = self.plan(text).expect("its length was judged when the job came in");
        if plan.segments() != usize::from(reserved.total) {
            // Counted by an earlier version, which wrote such a text by national tables: in so many segments it is finished.
            older = as_before(text);
            plan = older.as_ref().unwrap_or(plan);
        }
        let user_data = plan.user_data(reserved.segment.number, reserved.concat_ref.unwrap_or(0).into());
        let digits = reserved.number.digits();
        let address = match reserved.number.is_short_code() {
            true => pdu::Address::unknown(&digits),
            false => pdu::Address::international(&digits),
        };
        let destination = address.expect("an E.164 number is an address, and so is a short code");
        let submit = pdu::Submit {
            report: true,
            // Above 63 weeks the service centre's own maximum is what there is.
            validity: pdu::Validity::relative(left).ok(),
            ..pdu::Submit::new(destination, plan.dcs(None), user_data)
        };
        let tpdu = submit.encode();
        let octets = pdu::with_service_centre(None, &tpdu);
        Ready { length: tpdu.len(), hex: pdu::hex::encode(&octets) }
    }
}

fn as_before(text: &str) -> Option<pdu::Plan> {
    pdu::Text::plan_with(text, pdu::ReferenceWidth::Eight, pdu::National::WhereTheySave).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::queue::Tried;
    use crate::engine::rank::Rank;
    use crate::model::{JobId, MessageId, Msisdn, NetworkId, SegmentId, Ticket, Timestamp};

    #[test]
    fn a_message_counted_by_an_earlier_version_goes_out_whole() {
        let text = "Rapat ê ".repeat(10);
        let submit = |total: u8| {
            let reserved = Reserved {
                ticket: Ticket(1),
                segment: SegmentId { message: MessageId(1), number: 1 },
                job: JobId(1),
                number: Msisdn::from_u64(6_281_234_567_890),
                rank: Rank::Routine,
                total,
                concat_ref: (total > 1).then_some(7),
                tried: Tried::Never(NetworkId::UNKNOWN),
                since: Timestamp::UNIX_EPOCH,
            };
            Plans::default().submit(&text, &reserved, SignedDuration::from_hours(1)).hex
        };
        // TP-DCS 08 is UCS-2, the first of two parts; 00 with a header of one element 24 is what the earlier version counted.
        let (now, before) = (submit(2), submit(1));
        assert!(now.contains("08") && now.contains("050003070201"), "{now}");
        assert!(before.contains("03240103") && !before.contains("0500030701"), "{before}");
    }
}
