//! Lives through many days on several threads, each in a runtime of its own, and says which failed and why.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, Once};

use super::day::{Day, Look, live};

thread_local! {
    /// Panics of the day that this thread lives through; `None`: none is lived through.
    static PANICS: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// What became of a day.
pub type Lived = Result<Day, String>;

/// Panics of days are kept for their report instead of being printed, those that a session's keeper would catch too.
fn keep_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let kept = PANICS.with_borrow_mut(|panics| panics.as_mut().map(|panics| panics.push(info.to_string())));
            if kept.is_none() {
                usual(info);
            }
        }));
    });
}

/// Something lived through in a runtime of its own, on the paused clock.
pub fn lived<T>(story: impl Future<Output = T>) -> Result<T, String> {
    keep_panics();
    PANICS.set(Some(Vec::new()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let told = panic::catch_unwind(AssertUnwindSafe(|| runtime.block_on(story)));
    let panics = PANICS.take().unwrap_or_default();
    match told {
        Ok(told) if panics.is_empty() => Ok(told),
        _ => Err(panics.join("\n")),
    }
}

/// The day of this seed.
pub fn day(seed: u64, look: Look) -> Lived {
    lived(live(seed, look, None))
}

/// The days of these seeds, on so many threads; `told` hears of each as it ends.
pub fn days(
    seeds: std::ops::Range<u64>,
    threads: usize,
    look: Look,
    told: impl Fn(u64, &Lived) + Sync,
) -> Vec<(u64, Lived)> {
    let next = AtomicU64::new(seeds.start);
    let lived = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    let day = day(seed, look);
                    told(seed, &day);
                    lived.lock().unwrap().push((seed, day));
                }
            });
        }
    });
    let mut lived = lived.into_inner().unwrap();
    lived.sort_by_key(|(seed, _)| *seed);
    lived
}
