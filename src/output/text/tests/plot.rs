//! Load over time: the shape of a plot, its scale, and values that nobody expects.

use super::*;
use crate::demo::{Diagram, Plot};
use samples::{avalanche, stale_fill};

#[test]
fn load_is_a_plot_with_its_scale_and_its_seconds() {
    let expected = "
avalanche, naive: the textbook protocol, without leases
------------------------------------------------------------
   reads of the database · reads/s · 1,000 at most
   1,000 ┤                              ██████
         ┤                              ██████
         ┤                              ██████
         ┤                              ██████
         ┤                              ██████            ██████
         ┤                              ██████            ██████
         ┤                              ██████            ████████████
         ┤                              ██████▁▁▁▁▁▁      ████████████
       0 ┼────────────────────────────────────────────────────────────
          0 s                                                     10 s

   • reads of the database: 1,754
✗ 1,000 keys expired in one second
";
    assert_eq!(shown(&[Event::Diagram(avalanche())]), expected);
}

fn load(values: Vec<f64>) -> Diagram {
    let plot = Plot { title: "reads".into(), unit: "reads/s".into(), step_ms: 250, values };
    Diagram { moments: Vec::new(), plots: vec![plot], ..stale_fill() }
}

/// How high the columns of the last plot are, in lines.
fn heights(events: &[Diagram]) -> Vec<usize> {
    let events: Vec<_> = events.iter().cloned().map(Event::Diagram).collect();
    let text = shown(&events);
    let lines: Vec<Vec<char>> =
        text.lines().filter_map(|line| Some(line.split_once('┤')?.1.chars().collect())).collect();
    let last = &lines[lines.len() - 8..];
    let columns = last.iter().map(Vec::len).max().unwrap();
    (0..columns).map(|at| last.iter().filter(|line| line.get(at).is_some_and(|block| *block != ' ')).count()).collect()
}

#[test]
fn plots_of_one_anomaly_can_be_compared_by_eye() {
    let (peak, plain) = (load(vec![0.0, 800.0]), load(vec![100.0, 100.0]));
    let six = |first, second| [[first; 6], [second; 6]].concat();
    assert_eq!(heights(std::slice::from_ref(&peak)), six(0, 8));
    assert_eq!(heights(&[peak.clone(), plain.clone()]), six(1, 1), "the scale of the peak");
    assert_eq!(heights(std::slice::from_ref(&plain)), six(8, 8), "its own");
    let other = Diagram { anomaly: "stampede", ..plain };
    assert_eq!(heights(&[peak, other]), six(8, 8), "that of another anomaly is not taken over");
}

#[test]
fn a_peak_is_seen_however_many_steps_there_are_and_no_number_is_nothing() {
    let mut values = vec![0.0; 10_000];
    values[7_777] = 640.0;
    values[1] = 0.01;
    let heights_of = heights(&[load(values)]);
    assert!(heights_of.len() <= 71, "{}", heights_of.len());
    assert_eq!(heights_of.iter().filter(|height| **height == 8).count(), 1, "{heights_of:?}");
    assert_eq!(heights_of[0], 1, "little is more than nothing");
    let odd = load(vec![f64::NAN, f64::INFINITY, -5.0, 10.0]);
    assert_eq!(heights(&[odd]), [vec![0; 18], vec![8; 6]].concat());
    assert!(shown(&[Event::Diagram(load(Vec::new()))]).contains("reads · reads/s · 0 at most\n\n"));
    assert_eq!(heights(&[load(vec![0.0; 3])]).iter().max(), None, "nothing but blanks");
}
