//! `kentongan top`: what is being sent, through which modems, and what somebody should look at; looked at anew every second. It changes
//! nothing.

mod eye;
mod phrases;
mod view;

#[cfg(test)]
mod tests;

use std::io::{self, IsTerminal};
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::text::Span;

use self::eye::Eye;
use self::phrases::Phrases;
use self::view::{List, Scene, Scroll};
use super::args::Top;
use super::screen::print;
use super::{Context, Failure};
use crate::metrics::Glance;
use crate::model::SignedDuration;

/// How wide it is printed where no terminal says it; enough for all columns.
const PAPER_COLUMNS: u16 = 120;

pub(super) fn run(context: &Context, how: &Top) -> Result<(), Failure> {
    let office = context.office()?;
    let mut eye = Eye::new(context)?;
    let scene = Scene { say: Phrases::of(context.lang), lang: context.lang, zone: &office.zone, office: &office.name };
    if how.once || !io::stdout().is_terminal() {
        let glance = eye.look()?;
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).unwrap_or(PAPER_COLUMNS);
        return Ok(print(&page(&scene, &glance, columns.clamp(80, 500)))?);
    }
    let mut terminal = ratatui::try_init()?;
    let every = SignedDuration::from_secs(i64::from(how.every));
    let end = watch_on(context, &scene, &mut terminal, &mut eye, every);
    ratatui::restore();
    end
}

/// Draws and listens until somebody has seen enough.
fn watch_on(
    context: &Context,
    scene: &Scene<'_>,
    terminal: &mut ratatui::DefaultTerminal,
    eye: &mut Eye<'_>,
    every: SignedDuration,
) -> Result<(), Failure> {
    let mut glance = eye.look()?;
    let mut looked_at = context.clock.now();
    let mut scroll = Scroll::default();
    loop {
        terminal.draw(|frame| scene.draw(frame, &glance, &mut scroll))?;
        let left = every.saturating_sub(context.clock.now().duration_since(looked_at));
        let left = Duration::try_from(left).unwrap_or(Duration::ZERO).min(every.unsigned_abs());
        if event::poll(left)? {
            match event::read()? {
                Event::Key(key) if key.kind == KeyEventKind::Press => match answer(key, &mut scroll) {
                    Answer::Quit => return Ok(()),
                    Answer::GoOn => {}
                },
                // A terminal of another size is drawn anew like anything else.
                _ => {}
            }
        }
        if !scroll.frozen && context.clock.now().duration_since(looked_at) >= every {
            glance = eye.look()?;
            looked_at = context.clock.now();
        }
        if scroll.frozen {
            // Nothing is asked meanwhile, and the wait for a key begins anew.
            looked_at = context.clock.now();
        }
    }
}

enum Answer {
    Quit,
    GoOn,
}

/// What a key does.
fn answer(key: KeyEvent, scroll: &mut Scroll) -> Answer {
    match key.code {
        KeyCode::Char('q') | KeyCode::Esc => return Answer::Quit,
        KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => return Answer::Quit,
        KeyCode::Char('p' | ' ') => scroll.frozen = !scroll.frozen,
        KeyCode::Tab => scroll.list = scroll.list.next(),
        KeyCode::Up | KeyCode::Char('k') => scroll.by(-1),
        KeyCode::Down | KeyCode::Char('j') => scroll.by(1),
        KeyCode::PageUp => scroll.by(-10),
        KeyCode::PageDown => scroll.by(10),
        KeyCode::Home => scroll.by(isize::MIN),
        _ => {}
    }
    Answer::GoOn
}

/// All of it as text, as high as it needs to be.
fn page(scene: &Scene<'_>, glance: &Glance, columns: u16) -> String {
    let rows: usize = List::ALL.map(|list| list.rows(glance).clamp(1, list.most_on_paper()) + 1).iter().sum();
    let height = u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(view::FRAME_ROWS);
    let mut terminal = Terminal::new(TestBackend::new(columns, height)).unwrap_or_else(|never| match never {});
    let Ok(_) = terminal.draw(|frame| scene.draw(frame, glance, &mut Scroll { on_paper: true, ..Scroll::default() }));
    text(terminal.backend().buffer())
}

/// What stands in a buffer, without the blanks at the ends of lines.
fn text(buffer: &Buffer) -> String {
    let mut text = String::new();
    for cells in buffer.content().chunks(usize::from(buffer.area.width.max(1))) {
        let (mut line, mut covered) = (String::new(), 0);
        for cell in cells {
            if covered > 0 {
                covered -= 1;
                continue;
            }
            line.push_str(cell.symbol());
            covered = Span::raw(cell.symbol()).width().saturating_sub(1);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
