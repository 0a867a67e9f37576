//! Own network first: which messages a SIM takes before others, and which it leaves for a while to SIMs of their network.

use crate::model::{NetworkId, SignedDuration, Timestamp, later};

/// What a SIM may do with the messages of a job to one network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Take them before all others of the job: they go to its own network.
    First,
    /// Take them in their order.
    InOrder,
    /// Leave them until then: a SIM of their own network is expected to be free before.
    Kept(Timestamp),
}

/// What a SIM of network `own` may do with messages to network `to`.
///
/// `wait`: how long they are kept for their own network since `since`, when they could first have been sent; `None`: networks do not
/// matter. `served`: a SIM of their network could take one within that wait. Nothing is kept longer than that, nor where no SIM of its
/// network is there, nor where its network is not known: so nothing is ever stranded by this.
pub fn turn(
    own: NetworkId,
    to: NetworkId,
    wait: Option<SignedDuration>,
    served: bool,
    since: Timestamp,
    now: Timestamp,
) -> Turn {
    let Some(wait) = wait else { return Turn::InOrder };
    if to == NetworkId::UNKNOWN {
        return Turn::InOrder;
    }
    if to == own {
        return Turn::First;
    }
    let until = later(since, wait);
    if served && until > now { Turn::Kept(until) } else { Turn::InOrder }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_network_first_others_when_their_time_is_over_or_nobody_else_is_there() {
        let (a, b) = (NetworkId(1), NetworkId(2));
        let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).unwrap();
        let wait = Some(SignedDuration::from_secs(20));
        assert_eq!(turn(a, a, wait, true, at(0), at(5)), Turn::First);
        assert_eq!(turn(a, b, wait, true, at(0), at(5)), Turn::Kept(at(20)));
        assert_eq!(turn(a, b, wait, true, at(0), at(20)), Turn::InOrder);
        assert_eq!(turn(a, b, wait, false, at(0), at(5)), Turn::InOrder, "none of its network is there");
        assert_eq!(turn(a, NetworkId::UNKNOWN, wait, true, at(0), at(5)), Turn::InOrder);
        assert_eq!(turn(NetworkId::UNKNOWN, b, wait, true, at(0), at(5)), Turn::Kept(at(20)));
        assert_eq!(turn(NetworkId::UNKNOWN, NetworkId::UNKNOWN, wait, true, at(0), at(5)), Turn::InOrder);
        assert_eq!(turn(a, b, None, true, at(0), at(5)), Turn::InOrder);
        assert_eq!(turn(a, b, Some(SignedDuration::ZERO), true, at(0), at(0)), Turn::InOrder, "emergencies");
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_kept_beyond_the_wait_nor_without_a_sim_of_its_network(
            own in 0i64..4, to in 0i64..4, wait in 0i64..100, served in proptest::bool::ANY, since in 0i64..100, now in 0i64..300,
        ) {
            let at = |second| Timestamp::from_second(1_800_000_000 + second).unwrap();
            let wait_s = Some(SignedDuration::from_secs(wait));
            if let Turn::Kept(until) = turn(NetworkId(own), NetworkId(to), wait_s, served, at(since), at(now)) {
                proptest::prop_assert!(served && to != 0 && own != to && now < since + wait);
                proptest::prop_assert_eq!(until, at(since + wait));
            }
        }
    }
}
