#![no_main]
//! Any bytes from a modem: no panic, bounded lines, the same frames however they are split.

use kentongan::at::{Command, Dialogue, Frame, Framer, LINE_MAX};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((&split, bytes)) = data.split_first() else { return };
    let (mut framer, mut input) = (Framer::new(), bytes);
    let whole: Vec<Frame> = std::iter::from_fn(|| framer.next(&mut input)).collect();

    let mut framer = Framer::new();
    let mut pieces = Vec::new();
    for mut piece in bytes.chunks(usize::from(split).max(1)) {
        while let Some(frame) = framer.next(&mut piece) {
            pieces.push(frame);
        }
    }
    assert_eq!(whole, pieces);

    for command in [Command::list_all(), Command::pin_state(), Command::manufacturer(), Command::read(1)] {
        let mut dialogue = Dialogue::new();
        dialogue.begin(command);
        for frame in whole.iter().cloned() {
            if let Frame::Line(line) = &frame {
                assert!(line.text.chars().count() <= LINE_MAX);
            }
            let _ = dialogue.hear(frame);
        }
    }
});
