//! The rendering for people: what a walk-through, a command or a failure looks like in a terminal.
//!
//! One file a kind of event. Each writes on a [`Page`], which is then written out at once, so that two streams that end on
//! the same terminal do not mix within an event.

mod anomaly;
mod bench;
mod card;
mod claims;
mod comparison;
mod diagram;
mod fit;
mod grid;
mod outcome;
mod plot;
mod queue;
mod reflow;
mod remark;
mod stats;
mod summary;
mod waterfall;
mod worker;

use std::io::Write;
use std::time::Duration;

use async_trait::async_trait;

use super::lines::Lines;
use super::page::{Page, dim};
use super::{Settings, Streams, prompt, write_out};
use crate::demo::{Audience, Choice, Event, HopSeen};
use crate::error::Result;

/// The rendering for people.
pub(super) struct Text {
    settings: Settings,
    output: Box<dyn Write + Send + Sync>,
    errors: Box<dyn Write + Send + Sync>,
    lines: Lines,
    /// Whether flights are compared one after the other, a line each.
    compares_many: bool,
    /// How long the operation took whose hop was the last event: another of its hops belongs to the same waterfall.
    waterfall: Option<Duration>,
    /// Whether the last line is to be written anew, and not ended yet.
    live_line: bool,
    /// Whether it was said already what went wrong.
    told_error: bool,
    /// How high the plots reached that are to be compared with the next.
    scales: anomaly::Scales,
    /// What goes wrong on purpose: said again under the figures.
    faults: Option<String>,
}

impl Text {
    /// Renders as `settings` say, to and from these streams.
    pub(super) fn new(settings: Settings, streams: Streams) -> Self {
        Self {
            settings,
            output: streams.output,
            errors: streams.errors,
            lines: Lines::new(streams.input),
            compares_many: false,
            waterfall: None,
            live_line: false,
            faults: None,
            told_error: false,
            scales: anomaly::Scales::default(),
        }
    }

    fn page(&self) -> Page {
        Page::new(self.settings.width, self.settings.colours)
    }

    fn write(&mut self, page: Page) -> Result<()> {
        match page.into_text() {
            text if text.is_empty() => Ok(()),
            text => {
                let erased = self.erase();
                write_out(self.output.as_mut(), &format!("{erased}{text}"))
            }
        }
    }

    /// Writes a line in place of the one that was written so last.
    fn redraw(&mut self, page: Page) -> Result<()> {
        let erased = self.erase();
        self.live_line = true;
        write_out(self.output.as_mut(), &format!("{erased}{}", page.into_text().trim_end_matches('\n')))
    }

    /// What takes a line away that is to be written anew.
    fn erase(&mut self) -> &'static str {
        if std::mem::take(&mut self.live_line) { "\r\x1b[2K" } else { "" }
    }

    /// Ends a line that is not written anew any more: it stays, and what comes next does not stand behind it.
    fn settle(&mut self) -> Result<()> {
        if std::mem::take(&mut self.live_line) { write_out(self.output.as_mut(), "\n") } else { Ok(()) }
    }

    fn hop(&mut self, page: &mut Page, seen: &HopSeen) {
        if !self.settings.verbose {
            return;
        }
        // A worker shows the hops of several operations at once.
        if self.waterfall.replace(seen.of) != Some(seen.of) {
            waterfall::heading(page, seen);
        }
        waterfall::hop(page, seen);
    }
}

/// However it ends, the shell's prompt gets a line of its own.
impl Drop for Text {
    fn drop(&mut self) {
        _ = self.settle();
    }
}

#[async_trait]
impl Audience for Text {
    fn show(&mut self, event: &Event) -> Result<()> {
        let mut page = self.page();
        match event {
            Event::Start(start) => {
                self.compares_many = start.steps.is_none() && start.flight_id.is_none();
                self.faults = remark::faults(start);
                remark::start(&mut page, start);
            }
            Event::Step(step) => remark::step(&mut page, step),
            Event::Hop(seen) => {
                self.hop(&mut page, seen);
                return self.write(page);
            }
            Event::Read(seen) => outcome::read(&mut page, seen),
            Event::Refresh(seen) => outcome::refresh(&mut page, seen),
            Event::Update(seen) => outcome::update(&mut page, seen),
            Event::Consistency(seen) if self.compares_many => comparison::one_of_many(&mut page, seen),
            Event::Consistency(seen) => comparison::whole(&mut page, seen),
            Event::Queue(seen) => queue::queue(&mut page, seen),
            Event::Worker(seen) if self.settings.live => {
                worker::live(&mut page, seen);
                self.waterfall = None;
                return self.redraw(page);
            }
            Event::Worker(seen) => worker::logged(&mut page, seen),
            Event::Report(seen) => worker::report(&mut page, seen, self.settings.live),
            Event::DeadLetter(letter) => worker::dead_letter(&mut page, letter),
            Event::Entry(seen) => card::entry(&mut page, seen),
            Event::Row(seen) => card::row(&mut page, seen),
            Event::Log(seen) => card::log(&mut page, seen),
            Event::Note(note) => remark::note(&mut page, note),
            Event::Summary(seen) => {
                summary::summary(&mut page, seen);
                if let Some(faults) = &self.faults {
                    remark::simulated(&mut page, faults);
                }
            }
            Event::Reconciled(seen) => remark::reconciled(&mut page, seen),
            Event::Finding(finding) => remark::finding(&mut page, finding),
            Event::Tables(tables) => summary::tables(&mut page, tables),
            Event::Stats(seen) => stats::stats(&mut page, seen),
            Event::Anomalies(seen) => anomaly::list(&mut page, seen),
            Event::Diagram(seen) => anomaly::run(&mut page, seen, &mut self.scales),
            Event::Lesson(seen) => anomaly::lesson(&mut page, seen),
            Event::Bench(report) => bench::report(&mut page, report),
            Event::BenchCompared(compared) => bench::compared(&mut page, compared),
            Event::Limits(checked) => bench::limits(&mut page, checked),
            Event::ClaimsListed(seen) => claims::list(&mut page, seen),
            Event::Claims(seen) => {
                claims::measured(&mut page, seen);
                if let Some(faults) = &self.faults {
                    remark::simulated(&mut page, faults);
                }
            }
            Event::Error(seen) => {
                self.told_error = true;
                // The figures of a worker that fails stay above what it failed with.
                _ = self.settle();
                let mut page = Page::new(self.settings.width, self.settings.error_colours);
                remark::error(&mut page, seen);
                // If nobody can be told, the exit code still says it; a closed standard error must not hide that.
                _ = write_out(self.errors.as_mut(), &page.into_text());
                return Ok(());
            }
            Event::End(end) => {
                self.settle()?;
                if !end.held && !self.told_error {
                    remark::end(&mut page, end);
                }
            }
        }
        self.waterfall = None;
        self.write(page)
    }

    fn show_sent(&mut self, hops: &[HopSeen]) -> Result<()> {
        let mut page = self.page();
        match hops.first() {
            Some(first) => waterfall::heading(&mut page, first),
            None => page.line(3, &[dim("nothing was sent")]),
        }
        for seen in hops {
            waterfall::hop(&mut page, seen);
        }
        self.write(page)
    }

    async fn pause(&mut self, next: &str) -> Result<Choice> {
        if self.settings.interactive {
            return Ok(prompt::stop(next, self.errors.as_mut(), &mut self.lines).await);
        }
        if let Some(pause) = self.settings.pause {
            tokio::time::sleep(pause).await;
        }
        Ok(Choice::Next)
    }
}

#[cfg(test)]
mod tests;
