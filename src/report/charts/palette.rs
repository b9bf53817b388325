//! Colours, dashes and markers, for light and dark.

use std::fmt::Write;

use super::{document::Document, number::px};

/// The class of the whole drawing, so that its style touches nothing beside it on a page.
pub const ROOT: &str = "credit-chart";

/// How many series can be told apart.
pub const SERIES: usize = 6;

/// Page, ink, faint ink and grid: light, dark.
const GROUND: [[&str; 2]; 4] = [
    ["#ffffff", "#14181d"],
    ["#1f2328", "#e6e9ed"],
    ["#57606a", "#a3adb8"],
    ["#dfe3e8", "#333b44"],
];

/// One colour for each series: light, dark. After Okabe and Ito, "Color Universal Design" (2008),
/// darkened or lightened until each stands out from its page.
const COLOURS: [[&str; 2]; SERIES] = [
    ["#0072b2", "#56b4e9"],
    ["#c84e00", "#ff9143"],
    ["#00805d", "#2bd4a4"],
    ["#a34d85", "#f0a6cf"],
    ["#6b5d00", "#f0e442"],
    ["#4d4d4d", "#cccccc"],
];

/// Dashes of each series' line.
const DASHES: [&str; SERIES] = ["none", "8 4", "2 3", "10 3 2 3", "5 2", "12 4 2 4 2 4"];

/// Class of the line of a series.
pub fn line(series: usize) -> String {
    format!("l{}", series % SERIES)
}

/// Class of what a series fills.
pub fn fill(series: usize) -> String {
    format!("f{}", series % SERIES)
}

/// The rules of every drawing.
pub fn style() -> String {
    let mut css = format!(
        ".{ROOT} text{{font:12px system-ui,sans-serif}}\
         .{ROOT} .heading{{font-size:16px;font-weight:600}}\
         .{ROOT} .axis{{font-size:13px}}\
         .{ROOT} .other{{font-style:italic}}\
         .{ROOT} .e{{text-anchor:end}}\
         .{ROOT} .c{{text-anchor:middle}}\
         .{ROOT} .n{{font-variant-numeric:tabular-nums}}\
         .{ROOT} .plain{{fill:none;stroke-width:1.5;stroke-dasharray:6 4}}\
         .{ROOT} .soft{{fill-opacity:.45;stroke-width:1;stroke-dasharray:3 2}}\
         .{ROOT} .halo{{stroke-width:4;stroke-linejoin:round;paint-order:stroke}}"
    );
    for (series, dashes) in DASHES.iter().enumerate() {
        // Writing to a string does not fail.
        let _ = write!(
            css,
            ".{ROOT} .l{series}{{fill:none;stroke-width:2;stroke-linejoin:round;\
             stroke-dasharray:{dashes}}}"
        );
    }
    css.push_str(&colours(0));
    let _ = write!(css, "@media (prefers-color-scheme:dark){{{}}}", colours(1));
    css
}

/// The rules that differ between light, 0, and dark, 1.
fn colours(scheme: usize) -> String {
    let [page, ink, faint, grid] = GROUND.map(|pair| pair[scheme]);
    let mut css = format!(
        ".{ROOT} .page{{fill:{page}}}\
         .{ROOT} text{{fill:{ink}}}\
         .{ROOT} .faint{{fill:{faint}}}\
         .{ROOT} .grid{{stroke:{grid};fill:none}}\
         .{ROOT} .rule,.{ROOT} .plain{{stroke:{faint}}}\
         .{ROOT} .ink{{stroke:{ink};stroke-width:2;fill:none}}\
         .{ROOT} .ring{{stroke:{ink};stroke-width:2;fill:{page}}}\
         .{ROOT} .under{{stroke:{page};stroke-width:5;fill:none}}\
         .{ROOT} .halo{{stroke:{page}}}"
    );
    for (series, pair) in COLOURS.iter().enumerate() {
        let colour = pair[scheme];
        let _ = write!(
            css,
            ".{ROOT} .l{series}{{stroke:{colour}}}\
             .{ROOT} .f{series}{{fill:{colour};stroke:{colour}}}"
        );
    }
    css
}

/// The marker of a series around a point; it tells `title`, if there is one.
pub fn marker(document: &mut Document, series: usize, (x, y): (f64, f64), title: &str) {
    let corners: &[(f64, f64)] = match series % SERIES {
        0 => return circle_of(document, &fill(series), (x, y), title),
        1 => &[(-4.0, -4.0), (4.0, -4.0), (4.0, 4.0), (-4.0, 4.0)],
        2 => &[(0.0, -5.5), (5.0, 4.0), (-5.0, 4.0)],
        3 => &[(0.0, -5.5), (5.5, 0.0), (0.0, 5.5), (-5.5, 0.0)],
        4 => &[(0.0, 5.5), (5.0, -4.0), (-5.0, -4.0)],
        _ => &[(-5.5, -2.0), (5.5, -2.0), (5.5, 2.0), (-5.5, 2.0)],
    };
    let mut d = String::new();
    for (at, (right, down)) in corners.iter().enumerate() {
        let command = if at == 0 { 'M' } else { 'L' };
        let _ = write!(d, "{command}{} {}", px(x + right), px(y + down));
    }
    d.push('Z');
    drawn(
        document,
        "path",
        &[("class", &fill(series)), ("d", &d)],
        title,
    );
}

/// The marker of a point on a line that crosses bars; it tells `title`, if there is one.
pub fn ring(document: &mut Document, place: (f64, f64), title: &str) {
    circle_of(document, "ring", place, title);
}

fn circle_of(document: &mut Document, class: &str, (x, y): (f64, f64), title: &str) {
    let (x, y) = (px(x), px(y));
    let place = [
        ("class", class),
        ("cx", x.as_str()),
        ("cy", &y),
        ("r", "4.5"),
    ];
    drawn(document, "circle", &place, title);
}

fn drawn(document: &mut Document, name: &'static str, place: &[(&'static str, &str)], title: &str) {
    if title.is_empty() {
        document.shape(name, place);
    } else {
        document.titled(name, place, title);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance, WCAG 2.2.
    fn luminance(colour: &str) -> f64 {
        let part = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn text_and_series_stand_out_from_their_page_in_light_and_dark() {
        for scheme in 0..2 {
            let page = GROUND[0][scheme];
            for ink in [GROUND[1][scheme], GROUND[2][scheme]] {
                assert!(contrast(ink, page) >= 4.5, "text {ink} on {page}");
            }
            for pair in COLOURS {
                assert!(
                    contrast(pair[scheme], page) >= 4.5,
                    "{} on {page}",
                    pair[scheme]
                );
            }
        }
    }

    #[test]
    fn no_two_series_have_the_same_dashes() {
        for (at, dashes) in DASHES.iter().enumerate() {
            assert!(!DASHES[..at].contains(dashes), "{dashes}");
        }
    }
}
