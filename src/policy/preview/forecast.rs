use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::ControlFlow;

use crate::model::{SignedDuration, Timestamp, later};
use crate::policy::{Limits, Quota, Recent};

/// A SIM as it stands now.
#[derive(Clone, Debug)]
pub struct Lane {
    /// How fast it may send.
    pub limits: Limits,
    /// What it sent lately.
    pub recent: Recent,
    /// How long one segment takes.
    pub each: SignedDuration,
}

/// Messages of one length that go out one after another.
#[derive(Clone, Debug)]
pub struct Block {
    /// How many messages.
    pub messages: u64,
    /// Segments of each, at least 1.
    pub segments: usize,
    /// Which part of each SIM's limits they may use.
    pub quota: Quota,
    /// The SIMs that carry them, by their places.
    pub lanes: Vec<usize>,
    /// Nothing of it goes out before.
    pub begins: Timestamp,
    /// Nothing of it goes out after.
    pub ends: Timestamp,
    /// Whether it is of the job that is asked about, and not ahead of it in the queue.
    pub own: bool,
}

/// What would become of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// When its last segment would be with the service centre, if its end did not matter.
    pub finish_at: Timestamp,
    /// Messages that would not have left by their end.
    pub late: u64,
}

/// Plays the blocks in their order over the SIMs, each message through the SIM that may start it first, by the limits that the engine
/// itself keeps.
///
/// All goes well in it: no refusal, no retry, no wait for reports, no jitter. So the job is not done before. `None`: no block is the
/// job's own, or one of those has no SIM.
pub fn forecast(lanes: Vec<Lane>, blocks: &[Block], now: Timestamp) -> Option<Forecast> {
    let carried = |block: &Block| block.messages == 0 || !block.own || !block.lanes.is_empty();
    if !blocks.iter().all(carried) {
        return None;
    }
    let mut told: Option<Forecast> = None;
    play(lanes, blocks, now, |place, at, end| {
        let block = &blocks[place];
        if block.own {
            let forecast = told.get_or_insert(Forecast { finish_at: end, late: 0 });
            forecast.finish_at = forecast.finish_at.max(end);
            forecast.late += u64::from(at > block.ends);
        }
        ControlFlow::Continue(())
    });
    told
}

/// When each block would be through at the earliest, as in [`forecast`]; `None` for one that no SIM carries, or that has no message.
///
/// At most `most` messages are played. What comes after them is taken to go on at the pace of those, so that a long queue costs no more.
pub fn ends(lanes: Vec<Lane>, blocks: &[Block], now: Timestamp, most: u64) -> Vec<Option<Timestamp>> {
    let mut ends = vec![None; blocks.len()];
    let (mut played, mut last) = (0_u64, now);
    let mut left: Vec<u64> = blocks.iter().map(|block| block.messages).collect();
    play(lanes, blocks, now, |place, _, end| {
        if played == most {
            return ControlFlow::Break(());
        }
        played += 1;
        last = last.max(end);
        left[place] -= 1;
        ends[place] = ends[place].max(Some(end));
        ControlFlow::Continue(())
    });
    let each = last.duration_since(now).as_millis() / i128::from(played.max(1));
    let mut after = 0;
    for (place, block) in blocks.iter().enumerate().filter(|(_, block)| !block.lanes.is_empty()) {
        after += left[place];
        if block.messages > 0 && left[place] > 0 {
            let more = i64::try_from(each * i128::from(after)).unwrap_or(i64::MAX);
            ends[place] = Some(later(last, SignedDuration::from_millis(more)));
        }
    }
    ends
}

/// Plays the blocks over the lanes; `each` hears of every message: the place of its block, when it begins and when it has left.
fn play(
    mut lanes: Vec<Lane>,
    blocks: &[Block],
    now: Timestamp,
    mut each: impl FnMut(usize, Timestamp, Timestamp) -> ControlFlow<()>,
) {
    for lane in &mut lanes {
        lane.limits.jitter = 0.0;
    }
    let mut free_at = vec![now; lanes.len()];
    for (own_place, block) in blocks.iter().enumerate().filter(|(_, block)| block.messages > 0) {
        let start = |lane: &Lane, free: Timestamp| {
            lane.recent.earliest(&lane.limits, block.quota, block.segments, free.max(block.begins))
        };
        let mut next: BinaryHeap<_> =
            block.lanes.iter().map(|place| Reverse((start(&lanes[*place], free_at[*place]), *place))).collect();
        for _ in 0..block.messages {
            let Some(Reverse((at, place))) = next.pop() else { break };
            if at > block.ends && !block.own {
                // What is ahead expires instead of holding this job up.
                break;
            }
            let lane = &mut lanes[place];
            let mut end = at;
            for _ in 0..block.segments {
                lane.recent.opened(end, &lane.limits);
                end = later(end, lane.each);
            }
            lane.recent.ended(end, 0);
            free_at[place] = end;
            if each(own_place, at, end).is_break() {
                return;
            }
            next.push(Reverse((start(lane, end), place)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn lane(limits: Limits, sent: impl IntoIterator<Item = i64>) -> Lane {
        Lane { limits, recent: Recent::new(sent.into_iter().map(at), None), each: SignedDuration::from_secs(6) }
    }

    fn block(messages: u64, segments: usize, lanes: &[usize]) -> Block {
        let (begins, ends, lanes) = (at(0), at(86_400), lanes.to_vec());
        Block { messages, segments, quota: Quota::Common, lanes, begins, ends, own: true }
    }

    fn seconds(lanes: Vec<Lane>, blocks: &[Block]) -> Option<i64> {
        forecast(lanes, blocks, at(0)).map(|told| told.finish_at.as_second() - at(0).as_second())
    }

    #[test]
    fn the_air_decides_where_no_limit_does_and_the_tightest_limit_otherwise() {
        let sims = |count, limits: Limits| vec![lane(limits, []); count];
        assert_eq!(seconds(sims(4, Limits::NONE), &[block(100, 1, &[0, 1, 2, 3])]), Some(150));
        let per_minute = Limits { per_minute: 6, ..Limits::NONE };
        assert_eq!(seconds(sims(1, per_minute.clone()), &[block(60, 1, &[0])]), Some(540 + 36));
        let two = seconds(sims(2, per_minute), &[block(60, 1, &[0, 1])]);
        assert_eq!(two, Some(240 + 36));
        let kept = Limits { per_hour: 250, reserve_emergency: 0.2, ..Limits::NONE };
        assert_eq!(seconds(sims(1, kept.clone()), &[block(201, 1, &[0])]), Some(3606), "200 are for all");
        let whole = Block { quota: Quota::Whole, ..block(201, 1, &[0]) };
        assert_eq!(seconds(sims(1, kept), &[whole]), Some(201 * 6), "emergencies have all of it");
    }

    #[test]
    fn each_job_has_its_own_end_and_what_is_not_played_goes_on_at_the_same_pace() {
        let sims = || vec![lane(Limits::NONE, []); 2];
        let blocks = [block(10, 1, &[0, 1]), block(20, 1, &[0, 1]), block(5, 1, &[])];
        let seconds = |most| -> Vec<Option<i64>> {
            let ends = ends(sims(), &blocks, at(0), most);
            ends.into_iter().map(|end| end.map(|end| end.as_second() - at(0).as_second())).collect()
        };
        assert_eq!(seconds(1000), [Some(30), Some(90), None]);
        assert_eq!(seconds(20), [Some(30), Some(90), None]);
        assert_eq!(seconds(4), [Some(30), Some(90), None]);
    }

    #[test]
    fn what_a_sim_sent_today_is_counted_and_only_sims_that_carry_the_job_take_part() {
        let limits = Limits { per_hour: 10, ..Limits::NONE };
        let used = || lane(limits.clone(), (-100..-90).map(|second| second * 6));
        assert_eq!(seconds(vec![used()], &[block(1, 1, &[0])]), Some(3000 + 6));
        assert_eq!(seconds(vec![used(), lane(limits.clone(), [])], &[block(1, 1, &[0, 1])]), Some(6));
        assert_eq!(seconds(vec![used(), lane(limits.clone(), [])], &[block(1, 1, &[0])]), Some(3000 + 6));
        assert_eq!(seconds(vec![used()], &[block(1, 1, &[])]), None, "no SIM is for this class");
        assert_eq!(seconds(vec![used()], &[]), None);
    }

    #[test]
    fn what_is_ahead_goes_first_until_it_expires_and_what_comes_late_is_counted() {
        let one = || vec![lane(Limits::NONE, [])];
        let ahead = Block { own: false, ..block(10, 1, &[0]) };
        assert_eq!(seconds(one(), &[ahead.clone(), block(1, 1, &[0])]), Some(66));
        let stale = Block { ends: at(12), ..ahead };
        assert_eq!(seconds(one(), &[stale, block(1, 1, &[0])]), Some(24));
        let short = Block { ends: at(30), ..block(10, 1, &[0]) };
        assert_eq!(forecast(one(), &[short], at(0)), Some(Forecast { finish_at: at(60), late: 4 }));
        let later = Block { begins: at(1000), ..block(1, 2, &[0]) };
        assert_eq!(seconds(one(), &[later]), Some(1012));
    }

    proptest::proptest! {
        #[test]
        fn a_job_is_never_through_before_its_limits_allow_nor_earlier_for_being_larger(
            messages in 1u64..300, sims in 1usize..6, per_hour in 1u32..50, reserve in 0.0f64..0.9,
        ) {
            let limits = Limits { per_hour, reserve_emergency: reserve, ..Limits::NONE };
            let places: Vec<usize> = (0..sims).collect();
            let took = |messages| {
                seconds(vec![lane(limits.clone(), []); sims], &[block(messages, 1, &places)]).unwrap()
            };
            let in_an_hour = u64::from(limits.part(per_hour, Quota::Common)) * sims as u64;
            proptest::prop_assert!(took(messages) as u64 >= (messages - 1) / in_an_hour * 3600);
            proptest::prop_assert!(took(messages) <= took(messages + 1));
        }
    }
}
