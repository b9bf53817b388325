//! What holds for every chart: a valid, harmless, self-contained document of a bounded size.

use roxmltree::{Document, Node};

use credit_risk::report::charts::{RocChart, RocSeries, roc};

use crate::{
    drawing::{drawn_texts, read, told},
    samples::{all, all_empty, curve},
};

const SVG: &str = "http://www.w3.org/2000/svg";

/// All that charts are made of.
const ELEMENTS: [&str; 8] = [
    "svg", "title", "desc", "style", "rect", "path", "circle", "text",
];

#[test]
fn every_chart_is_an_image_with_a_title_and_a_description() {
    for (name, chart) in all().into_iter().chain(all_empty()) {
        let document = read(&chart);
        let root = document.root_element();
        assert_eq!(root.tag_name(), (SVG, "svg").into(), "{name}");
        assert_eq!(root.attribute("role"), Some("img"), "{name}");
        let children: Vec<Node<'_, '_>> = root.children().take(2).collect();
        let names: Vec<&str> = children.iter().map(|node| node.tag_name().name()).collect();
        assert_eq!(names, ["title", "desc"], "{name}");
        let ids: Vec<&str> = children
            .iter()
            .filter_map(|node| node.attribute("id"))
            .collect();
        let labelled_by = root.attribute("aria-labelledby");
        assert_eq!(labelled_by, Some(ids.join(" ").as_str()), "{name}");
        let words = children.iter().filter_map(|node| node.text());
        assert!(words.map(str::len).all(|length| length > 5), "{name}");
    }
}

#[test]
fn every_chart_scales_to_the_room_it_is_given() {
    for (name, chart) in all() {
        let document = read(&chart);
        let root = document.root_element();
        let size: Vec<f64> = numbers(root.attribute("viewBox").unwrap());
        assert!(size[2] >= 500.0 && size[3] >= 200.0, "{name}: {size:?}");
        assert!(
            !root.has_attribute("width") && !root.has_attribute("height"),
            "{name}"
        );
    }
}

#[test]
fn charts_hold_only_shapes_text_and_a_style_and_no_references() {
    for (name, chart) in all() {
        for node in read(&chart).descendants().filter(Node::is_element) {
            let tag = node.tag_name().name();
            assert!(ELEMENTS.contains(&tag), "{name}: {tag}");
            for attribute in node.attributes() {
                let key = attribute.name();
                assert!(!key.starts_with("on"), "{name}: {key}");
                assert!(!["href", "src", "style"].contains(&key), "{name}: {key}");
            }
        }
        assert!(
            !chart.contains("url(") && !chart.contains("@import"),
            "{name}"
        );
        assert_eq!(
            chart.matches("://").count(),
            1,
            "{name}: more than its namespace"
        );
    }
}

#[test]
fn every_chart_follows_a_dark_scheme_and_styles_nothing_outside_itself() {
    for (name, chart) in all() {
        let document = read(&chart);
        let style = document
            .descendants()
            .find(|node| node.has_tag_name((SVG, "style")))
            .unwrap();
        let css = style.text().unwrap();
        assert!(css.contains("@media (prefers-color-scheme:dark)"), "{name}");
        let selectors = css
            .split(['{', '}'])
            .filter(|part| part.starts_with(['.', '#', '*']));
        for selector in selectors {
            for one in selector.split(',') {
                assert!(one.starts_with(".credit-chart "), "{name}: {one}");
            }
        }
    }
}

#[test]
fn what_is_drawn_lies_within_the_drawing() {
    for (name, chart) in all() {
        let document = read(&chart);
        let size = numbers(document.root_element().attribute("viewBox").unwrap());
        for node in document.descendants() {
            for (x, width, most) in [("x", "width", size[2]), ("y", "height", size[3])] {
                let at = |key| {
                    node.attribute(key)
                        .and_then(|value| value.parse::<f64>().ok())
                };
                if let Some(start) = at(x) {
                    let end = start + at(width).unwrap_or(0.0);
                    assert!(start >= 0.0 && end <= most, "{name}: {node:?}");
                }
            }
        }
    }
}

#[test]
fn the_same_figures_give_the_same_bytes() {
    assert_eq!(all(), all());
}

#[test]
fn a_chart_without_figures_says_so_in_the_drawing_and_in_words() {
    for (name, chart) in all_empty() {
        let document = read(&chart);
        let reason = told(&document);
        assert!(reason.starts_with("There are no "), "{name}: {reason}");
        assert!(drawn_texts(&document).contains(&reason), "{name}");
        let lines = document
            .descendants()
            .filter(|node| node.has_tag_name((SVG, "path")));
        assert_eq!(lines.count(), 0, "{name}");
    }
}

#[test]
fn curves_of_a_thousand_points_take_less_than_60_kilobytes() {
    let curves = [0.2, 0.3, 0.4].map(|bend| curve(1_000, bend));
    let series = curves.iter().map(|(fpr, tpr)| RocSeries {
        name: "Sample",
        fpr,
        tpr,
        auc: None,
    });
    let chart = roc(&RocChart {
        series: series.collect(),
    });
    assert!(chart.len() < 60_000, "{}", chart.len());
}

#[test]
fn curves_of_a_million_points_take_no_more() {
    let noisy: Vec<f64> = (0..1_000_000_u32)
        .map(|at| f64::from(at % 997 * 7 % 1_000) / 1e3)
        .collect();
    let chart = roc(&RocChart {
        series: vec![RocSeries {
            name: "Sample",
            fpr: &noisy,
            tpr: &noisy[1..],
            auc: None,
        }],
    });
    assert!(chart.len() < 30_000, "{}", chart.len());
}

/// That charts that are no XML would be noticed.
#[test]
fn the_parser_of_these_tests_refuses_what_is_not_xml() {
    for wrong in [
        "<svg>\u{1}</svg>",
        "<svg>&</svg>",
        "<svg a='<'/>",
        "<svg></SVG>",
    ] {
        assert!(Document::parse(wrong).is_err(), "{wrong}");
    }
}

fn numbers(text: &str) -> Vec<f64> {
    text.split(' ')
        .map(|number| number.parse().unwrap())
        .collect()
}
