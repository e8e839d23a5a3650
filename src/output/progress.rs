//! How far something has got that takes longer than a second.
//!
//! On the standard error and only on a terminal: a log of a thousand bars helps nobody.

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::harmless::harmless;

/// A bar that is gone when it is dropped.
#[derive(Debug)]
pub struct Progress(ProgressBar);

impl Progress {
    /// A bar of `total` things; an invisible one where the standard error is not a terminal.
    #[must_use]
    pub fn new(label: &str, total: u64, is_terminal: bool) -> Self {
        let target = if is_terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self::on(target, label, total)
    }

    fn on(target: ProgressDrawTarget, label: &str, total: u64) -> Self {
        let style = ProgressStyle::with_template("{msg} [{bar:30}] {human_pos} of {human_len}, {eta} left")
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("█▌·");
        let bar = ProgressBar::with_draw_target(Some(total), target);
        bar.set_style(style);
        bar.set_message(harmless(label).into_owned());
        Self(bar)
    }

    /// Says that `done` things are done.
    pub fn set(&self, done: u64) {
        self.0.set_position(done);
    }

    /// Takes it away.
    pub fn clear(&self) {
        self.0.finish_and_clear();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}

/// A bar for each of several things that get on in turns; gone when it is dropped.
#[derive(Debug)]
pub struct Bars {
    all: MultiProgress,
    bars: Vec<ProgressBar>,
}

/// How finely a bar of [`Bars`] moves.
const PARTS: u64 = 1000;

impl Bars {
    /// Bars of these names; invisible ones where the standard error is not a terminal.
    #[must_use]
    pub fn new<'a>(names: impl Iterator<Item = &'a str>, is_terminal: bool) -> Self {
        let target = if is_terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let all = MultiProgress::with_draw_target(target);
        let style = ProgressStyle::with_template("{msg:14} [{bar:40}] {percent:>3} %")
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("█▌·");
        let bar = |name: &str| {
            let bar =
                all.add(ProgressBar::new(PARTS).with_style(style.clone()).with_message(harmless(name).into_owned()));
            // Drawn before it begins: who looks sees what will be done.
            bar.tick();
            bar
        };
        let bars = names.map(bar).collect();
        Self { all, bars }
    }

    /// So much of one of them is done: 0 to 1.
    pub fn set(&self, index: usize, done: f64) {
        if let Some(bar) = self.bars.get(index) {
            bar.set_position((done * PARTS as f64) as u64);
        }
    }

    /// Takes them away.
    pub fn clear(&self) {
        self.bars.iter().for_each(ProgressBar::finish_and_clear);
        // What cannot be cleared is on no terminal any more.
        _ = self.all.clear();
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        self.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use indicatif::TermLike;

    use super::*;

    /// A terminal that keeps what is written to it, one after the other.
    #[derive(Clone, Debug, Default)]
    struct Screen(Arc<Mutex<String>>);

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            80
        }

        fn move_cursor_up(&self, _lines: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_down(&self, _lines: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_right(&self, _columns: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _columns: usize) -> io::Result<()> {
            Ok(())
        }

        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(text)
        }

        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.lock().unwrap().push_str(text);
            Ok(())
        }

        fn clear_line(&self) -> io::Result<()> {
            self.0.lock().unwrap().clear();
            Ok(())
        }

        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_bar_says_how_far_it_is_and_goes_away() {
        let screen = Screen::default();
        let progress = Progress::on(ProgressDrawTarget::term_like(Box::new(screen.clone())), "filling\u{1b}[2J", 4_000);
        progress.set(1_000);
        progress.0.force_draw();
        let shown = screen.0.lock().unwrap().clone();
        assert!(shown.contains("filling\\x1b[2J [███") && shown.contains("1,000 of 4,000"), "{shown}");
        drop(progress);
        assert_eq!(screen.0.lock().unwrap().trim(), "");
    }

    #[test]
    fn nothing_is_drawn_where_there_is_no_terminal() {
        assert!(Progress::new("filling", 10, false).0.is_hidden());
    }
}
