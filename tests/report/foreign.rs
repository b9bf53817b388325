//! Names from anywhere stay text.

use crate::{
    drawing::{drawn_texts, read},
    samples::{all_with_name, woe_of},
};

const NAMES: [&str; 12] = [
    "<script>alert(1)</script>",
    "</text></svg><svg onload=\"alert(1)\">",
    "]]>",
    "<![CDATA[x]]>",
    "&amp; &lt; &#0; & &nope;",
    "\" onclick=\"alert(1)",
    "'single' \"double\"",
    "--><!-- x",
    "\0\u{1}\u{8}\u{b}\u{c}\u{1f}\u{7f}\u{85}\u{9f}",
    "\u{FFFE}\u{FFFF}\u{FDD0}\u{1FFFE}",
    "abc\u{202E}def\u{2066}\u{200F}",
    "نوع القرض \u{1F469}\u{200D}\u{1F4BB} 年収 Ѐ",
];

#[test]
fn no_name_becomes_markup() {
    let shape = |chart: &str| {
        let document = read(chart);
        let elements = document.descendants().filter(|node| node.is_element());
        let keys = |node: roxmltree::Node<'_, '_>| {
            let keys = node
                .attributes()
                .map(|attribute| attribute.name().to_owned());
            (node.tag_name().name().to_owned(), keys.collect::<Vec<_>>())
        };
        let all = elements.map(keys);
        // Only names that are not drawn as they are have a title of their own.
        all.filter(|(tag, _)| tag != "title").collect::<Vec<_>>()
    };
    let harmless = all_with_name("harmless");
    for name in NAMES {
        for ((kind, chart), (_, plain)) in all_with_name(name).iter().zip(&harmless) {
            assert_eq!(shape(chart), shape(plain), "{kind}: {name:?}");
        }
    }
}

#[test]
fn a_shortened_name_has_the_whole_of_it_as_its_title() {
    let name = format!("{}<end>", "long & <winding> ".repeat(20));
    for (kind, chart) in all_with_name(&name) {
        let document = read(&chart);
        let is_whole = |node: &roxmltree::Node<'_, '_>| {
            node.tag_name().name() == "title" && node.text().is_some_and(|t| t.ends_with(&name))
        };
        assert!(document.descendants().any(|node| is_whole(&node)), "{kind}");
        let longest = drawn_texts(&document)
            .iter()
            .map(|text| text.chars().count())
            .max();
        assert!(longest < Some(120), "{kind}: {longest:?}");
    }
}

#[test]
fn a_short_name_is_drawn_as_it_is() {
    for (kind, chart) in all_with_name("a<b> & \"c\"") {
        let document = read(&chart);
        let texts = drawn_texts(&document);
        assert!(
            texts.iter().any(|text| text.contains("a<b> & \"c\"")),
            "{kind}: {texts:?}"
        );
    }
}

#[test]
fn names_of_ten_thousand_characters_are_drawn_in_the_room_there_is() {
    for letter in ["x", "й", "年", "\u{301}", "<"] {
        let name = letter.repeat(10_000);
        for (kind, chart) in all_with_name(&name) {
            let document = read(&chart);
            let longest = drawn_texts(&document)
                .iter()
                .map(|text| text.chars().count())
                .max();
            assert!(longest < Some(120), "{kind}: {longest:?}");
        }
    }
}

#[test]
fn marks_of_direction_are_not_drawn_but_stay_in_the_title() {
    let chart = woe_of("abc\u{202E}def", &["x"]);
    let document = read(&chart);
    assert!(drawn_texts(&document).contains(&"Weight of evidence: abcdef".to_owned()));
    let title = document.root_element().first_child().unwrap();
    assert_eq!(title.text(), Some("Weight of evidence: abc\u{202E}def"));
}
