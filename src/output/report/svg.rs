//! Charts as SVG, of lines and of bars: small enough for a phone, and with nothing in them that runs.
//!
//! A chart is a title, what it says in words for whoever does not see it, two axes, and what stands between them. Each subject
//! has a colour, a dash and a marker, so that none of the three is needed alone. Colours are classes: the page knows whether it
//! is light, dark or paper. Where styles are taken away, as a mail program does, the attributes still draw it.

use std::fmt::Write as _;

use super::super::axis::Axis;

/// The page of a chart. At 340 pixels, which a phone has, a letter is still 10 high.
const WIDTH: f64 = 440.0;
const HEIGHT: f64 = 290.0;
/// What is left free at the sides for the axes and their labels.
const LEFT: f64 = 58.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 28.0;
const BOTTOM: f64 = 46.0;
/// How high a bar is, with the gap to the next.
const BAR: f64 = 30.0;
/// Where bars begin, right of the names.
const NAMES: f64 = 112.0;
/// Room for what stands behind the longest bar.
const FIGURES: f64 = 96.0;

/// The dashes, each unlike the one before.
const DASHES: [&str; 7] = ["none", "7 3", "2 3", "9 3 2 3", "14 4", "5 2 1 2 1 2", "1 4"];

/// What every chart has.
pub(super) struct Chart<'a> {
    /// Unlike that of any other chart of the page.
    pub(super) id: &'a str,
    /// What it shows.
    pub(super) title: &'a str,
    /// The same in words and figures.
    pub(super) description: &'a str,
}

/// A line of one subject.
pub(super) struct Series {
    /// Which style: the same for a subject in every chart.
    pub(super) style: usize,
    /// Where it goes, in the units of the axes.
    pub(super) points: Vec<(f64, f64)>,
    /// After how many points a marker stands.
    pub(super) marked_every: usize,
}

/// A bar of one subject, in parts that stand one behind the other.
pub(super) struct Bar {
    /// Which style.
    pub(super) style: usize,
    /// Whose.
    pub(super) name: String,
    /// The parts, in the unit of all; the first is solid, the second is hatched.
    pub(super) parts: Vec<f64>,
    /// What stands behind it.
    pub(super) figure: String,
}

impl Chart<'_> {
    /// Lines between two axes.
    pub(super) fn lines(&self, x: &Axis, y: &Axis, series: &[Series]) -> String {
        let across = |value: f64| LEFT + x.place(value) * (WIDTH - LEFT - RIGHT);
        let up = |value: f64| HEIGHT - BOTTOM - y.place(value) * (HEIGHT - TOP - BOTTOM);
        let mut svg = self.begin(HEIGHT);
        for (value, label) in &y.ticks {
            let at = up(*value);
            _ = write!(
                svg,
                r#"<path class="grid" fill="none" stroke="grey" stroke-width=".5" d="M{LEFT} {at:.1}H{:.1}"/>"#,
                WIDTH - RIGHT
            );
            _ = write!(
                svg,
                r#"<text x="{:.1}" y="{:.1}" text-anchor="end">{}</text>"#,
                LEFT - 6.0,
                at + 4.0,
                escaped(label)
            );
        }
        for (value, label) in &x.ticks {
            let at = across(*value);
            _ = write!(
                svg,
                r#"<path class="grid" fill="none" stroke="grey" stroke-width=".5" d="M{at:.1} {TOP}V{:.1}"/>"#,
                HEIGHT - BOTTOM
            );
            _ = write!(
                svg,
                r#"<text x="{at:.1}" y="{:.1}" text-anchor="middle">{}</text>"#,
                HEIGHT - BOTTOM + 16.0,
                escaped(label)
            );
        }
        _ = write!(
            svg,
            r#"<path class="axis" fill="none" stroke="grey" d="M{LEFT} {TOP}V{:.1}H{:.1}"/>"#,
            HEIGHT - BOTTOM,
            WIDTH - RIGHT
        );
        let middle = (LEFT + WIDTH - RIGHT) / 2.0;
        _ = write!(
            svg,
            r#"<text x="{middle:.1}" y="{:.1}" text-anchor="middle">{}</text>"#,
            HEIGHT - 8.0,
            escaped(&x.label)
        );
        // Over the axis rather than along it: nobody has to turn their head, and it needs no room at the side.
        _ = write!(svg, r#"<text x="4" y="14">{}</text>"#, escaped(&y.label));
        for series in series {
            let is_sound = |(x, y): &&(f64, f64)| x.is_finite() && y.is_finite();
            let points: Vec<_> = series.points.iter().filter(is_sound).map(|(x, y)| (across(*x), up(*y))).collect();
            let path: Vec<_> = points.iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
            if path.is_empty() {
                continue;
            }
            let (colour, dash) = style(series.style);
            _ = write!(
                svg,
                r#"<g class="{colour}"><path class="line" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="{dash}" d="M{}"/>"#,
                path.join("L")
            );
            for (x, y) in points.iter().step_by(series.marked_every.max(1)) {
                svg.push_str(&marker(series.style, *x, *y));
            }
            svg.push_str("</g>");
        }
        svg + "</svg>"
    }

    /// Bars from the left, each with its name and its figure; `most` is what the longest would reach.
    pub(super) fn bars(&self, most: f64, bars: &[Bar]) -> String {
        let room = WIDTH - NAMES - FIGURES;
        let mut svg = self.begin(BAR * (bars.len() as f64 + 0.2));
        svg.push_str(
            r##"<defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="hatch" stroke="white" stroke-width="4" d="M0 0V5"/></pattern></defs>"##,
        );
        for (line, bar) in bars.iter().enumerate() {
            let top = BAR * (line as f64 + 0.2);
            let text = top + BAR / 2.0;
            let colour = style(bar.style).0;
            _ = write!(
                svg,
                r#"<text x="{:.1}" y="{text:.1}" text-anchor="end">{}</text><g class="{colour}">"#,
                NAMES - 8.0,
                escaped(&bar.name)
            );
            let mut left = NAMES;
            for (part, value) in bar.parts.iter().enumerate() {
                let share = if most > 0.0 && value.is_finite() { (value / most).clamp(0.0, 1.0) } else { 0.0 };
                let (width, height, from) = (share * room, BAR - 12.0, top + 1.0);
                _ = write!(
                    svg,
                    r#"<rect class="bar" fill="currentColor" x="{left:.1}" y="{from:.1}" width="{width:.1}" height="{height:.1}"/>"#
                );
                if part > 0 {
                    _ = write!(
                        svg,
                        r##"<rect fill="url(#hatch)" x="{left:.1}" y="{from:.1}" width="{width:.1}" height="{height:.1}"/>"##
                    );
                }
                left += width;
            }
            _ = write!(svg, r#"</g><text x="{:.1}" y="{text:.1}">{}</text>"#, left + 6.0, escaped(&bar.figure));
        }
        svg + "</svg>"
    }

    fn begin(&self, height: f64) -> String {
        let (id, title, description) = (self.id, escaped(self.title), escaped(self.description));
        format!(
            r#"<svg role="img" font-family="sans-serif" font-size="13" viewBox="0 0 {WIDTH} {height}" aria-labelledby="{id}-title {id}-words"><title id="{id}-title">{title}</title><desc id="{id}-words">{description}</desc>"#
        )
    }
}

/// What stands in a legend for a subject.
pub(super) fn sample(number: usize) -> String {
    let (colour, dash) = style(number);
    format!(
        r#"<svg class="sample" viewBox="0 0 36 14" aria-hidden="true"><g class="{colour}"><path class="line" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="{dash}" d="M1 7H35"/>{}</g></svg>"#,
        marker(number, 18.0, 7.0)
    )
}

/// The class of the colour, and the dash.
fn style(number: usize) -> (String, &'static str) {
    let number = number % DASHES.len();
    (format!("s{number}"), DASHES[number])
}

/// A small figure around a point: round, square, on its point, …
fn marker(number: usize, x: f64, y: f64) -> String {
    let path = match number % DASHES.len() {
        0 => "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
        1 => "m-3.5 -3.5h7v7h-7z",
        2 => "m0 -4.5l4.5 8h-9z",
        3 => "m0 -5l5 5l-5 5l-5 -5z",
        4 => "m0 4.5l4.5 -8h-9z",
        5 => "m-1.4 -4.5h2.8v3.1h3.1v2.8h-3.1v3.1h-2.8v-3.1h-3.1v-2.8h3.1z",
        _ => "m0 -5l1.6 3.4l3.4 1.6l-3.4 1.6l-1.6 3.4l-1.6 -3.4l-3.4 -1.6l3.4 -1.6z",
    };
    format!(r#"<path class="marker" fill="currentColor" d="M{x:.1} {y:.1}{path}"/>"#)
}

/// A text as it may stand in HTML and SVG, between tags and in quotes; what acts or hides is spelt out.
pub(super) fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in super::super::harmless::harmless(text).chars() {
        match character {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\'' => shown.push_str("&#39;"),
            character => shown.push(character),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHART: Chart<'_> = Chart { id: "c", title: "a < b", description: "\"x\"" };

    #[test]
    fn a_chart_has_words_axes_and_a_line_for_each_series() {
        let y = Axis::linear("operations/s", 0.0, 100.0, f64::to_string);
        let x = Axis::linear("s", 0.0, 2.0, f64::to_string);
        let series = |style| Series { style, points: vec![(0.0, 0.0), (1.0, f64::NAN), (2.0, 100.0)], marked_every: 1 };
        let svg = CHART.lines(&x, &y, &[series(0), series(1)]);
        assert!(svg.contains(r#"role="img""#) && svg.contains(r#"aria-labelledby="c-title c-words""#));
        assert!(svg.contains(r#"<title id="c-title">a &lt; b</title><desc id="c-words">&quot;x&quot;</desc>"#));
        assert!(svg.contains(">operations/s</text>") && svg.contains(">s</text>"));
        assert_eq!(svg.matches(r#"class="line""#).count(), 2);
        assert_eq!(svg.matches(r#"class="marker""#).count(), 4, "what is no number is left out");
        // From the lower left to the upper right.
        assert!(svg.contains("M58.0 244.0L426.0 28.0"), "{svg}");
        assert!(!svg.contains("NaN"));
    }

    #[test]
    fn bars_are_as_long_as_their_parts_and_stay_inside() {
        let bar = |parts: &[f64]| Bar { style: 2, name: "<x>".into(), parts: parts.to_vec(), figure: "½".into() };
        let svg = CHART.bars(2.0, &[bar(&[0.5, 1.0]), bar(&[f64::NAN]), bar(&[99.0])]);
        let widths: Vec<_> = svg
            .split("class=\"bar\"")
            .skip(1)
            .map(|rest| rest.split("width=\"").nth(1).unwrap().split('"').next().unwrap())
            .collect();
        assert_eq!(widths, ["58.0", "116.0", "0.0", "232.0"]);
        assert_eq!(svg.matches("url(#hatch)").count(), 1);
        assert!(svg.contains("&lt;x&gt;") && !svg.contains("<x>"));
    }

    #[test]
    fn subjects_are_told_apart_by_more_than_colour() {
        let unlike = |things: Vec<String>| {
            let all = things.len();
            let mut things = things;
            things.sort_unstable();
            things.dedup();
            things.len() == all
        };
        assert!(unlike((0..7).map(|number| marker(number, 0.0, 0.0)).collect()));
        assert!(unlike((0..7).map(|number| style(number).1.to_owned()).collect()));
    }

    #[test]
    fn what_would_be_markup_is_text() {
        assert_eq!(escaped("<script>&'\"\u{202e}\u{1b}"), "&lt;script&gt;&amp;&#39;&quot;\\u{202e}\\x1b");
    }
}
