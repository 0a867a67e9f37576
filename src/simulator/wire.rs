//! What a modem has written and the port has not yet taken, and the damage that cables, hubs and drivers do to it.
//!
//! Bytes keep their order always; only their grouping and their time change, and noise stands between lines.

use std::collections::VecDeque;
use std::time::Duration;

use super::faults::Faults;
use fastrand::Rng;

/// More than this is not kept for a client that does not read; a USB endpoint keeps less.
const LIMIT: usize = 64 * 1024;

/// The outgoing half of a serial line.
#[derive(Debug, Default)]
pub(super) struct Wire {
    ready: Vec<u8>,
    later: VecDeque<Piece>,
}

#[derive(Debug)]
struct Piece {
    due: Duration,
    bytes: Vec<u8>,
}

impl Wire {
    /// Writes without faults: echo, and everything while there are none.
    pub(super) fn write(&mut self, bytes: &[u8]) {
        match self.later.back_mut() {
            None if self.ready.len() + bytes.len() <= LIMIT => self.ready.extend_from_slice(bytes),
            Some(last) if last.bytes.len() + bytes.len() <= LIMIT => last.bytes.extend_from_slice(bytes),
            _ => {}
        }
    }

    /// Writes whole lines, through the faults of the line.
    pub(super) fn write_lines(&mut self, now: Duration, bytes: &[u8], faults: &Faults, rng: &mut Rng) {
        if faults.split == 0.0 && faults.merge == 0.0 && faults.noise == 0.0 {
            return self.write(bytes);
        }
        let [split, merge, noise] = [rng.f64() < faults.split, rng.f64() < faults.merge, rng.f64() < faults.noise];
        if noise {
            // What a line with a bad contact makes of nothing: 0xFF, 0x00, halves of characters.
            let junk: Vec<u8> =
                (0..rng.usize(1..=6)).map(|_| [0xFF, 0x00, 0xFE, 0x80, 0xF8, 0xC3][rng.usize(..6)]).collect();
            self.write(&junk);
        }
        if merge {
            let due = self.last_due(now) + Duration::from_millis(rng.u64(2..=12));
            self.later.push_back(Piece { due, bytes: bytes.to_vec() });
        } else if split && bytes.len() > 1 {
            let cut = rng.usize(1..bytes.len());
            self.write(&bytes[..cut]);
            let due = self.last_due(now) + Duration::from_millis(rng.u64(1..=15));
            self.later.push_back(Piece { due, bytes: bytes[cut..].to_vec() });
        } else {
            self.write(bytes);
        }
    }

    fn last_due(&self, now: Duration) -> Duration {
        self.later.back().map_or(now, |piece| piece.due.max(now))
    }

    /// Moves to `ready` what is due by now.
    pub(super) fn advance(&mut self, now: Duration) {
        while self.later.front().is_some_and(|piece| piece.due <= now) {
            if let Some(piece) = self.later.pop_front() {
                self.ready.extend_from_slice(&piece.bytes);
            }
        }
    }

    pub(super) fn next_due(&self) -> Option<Duration> {
        self.later.front().map(|piece| piece.due)
    }

    /// What the port may take now. The caller clears what it has taken.
    pub(super) fn ready(&mut self) -> &mut Vec<u8> {
        &mut self.ready
    }

    /// Power is gone: nothing of it comes any more.
    pub(super) fn clear(&mut self) {
        self.ready.clear();
        self.later.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_the_line_move_bytes_in_time_and_never_change_their_order() {
        let faults = Faults { split: 0.5, merge: 0.3, ..Faults::default() };
        let mut rng = Rng::with_seed(5);
        let mut wire = Wire::default();
        let mut written = Vec::new();
        let mut came = Vec::new();
        for step in 0..500_u64 {
            let now = Duration::from_millis(step);
            let line = format!("\r\n+LINE: {step}\r\n");
            written.extend_from_slice(line.as_bytes());
            wire.advance(now);
            wire.write_lines(now, line.as_bytes(), &faults, &mut rng);
            came.append(wire.ready());
        }
        assert!(came.len() < written.len(), "something is still held back");
        while let Some(due) = wire.next_due() {
            wire.advance(due);
        }
        came.append(wire.ready());
        assert_eq!(came, written);
    }

    #[test]
    fn noise_stands_between_lines() {
        let faults = Faults { noise: 1.0, ..Faults::default() };
        let mut wire = Wire::default();
        wire.write_lines(Duration::ZERO, b"\r\nOK\r\n", &faults, &mut Rng::with_seed(1));
        let bytes = wire.ready().clone();
        assert!(bytes.len() > 6 && bytes.ends_with(b"\r\nOK\r\n"), "{bytes:?}");
    }

    #[test]
    fn a_client_that_does_not_read_does_not_fill_our_memory() {
        let mut wire = Wire::default();
        for _ in 0..10_000 {
            wire.write(&[b'x'; 100]);
        }
        assert!(wire.ready().len() <= LIMIT);
    }
}
