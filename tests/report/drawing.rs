//! Reading a chart back.

use roxmltree::{Document, Node, ParsingOptions};

/// The chart as an XML document; a chart that is none fails the test.
pub fn read(svg: &str) -> Document<'_> {
    let strict = ParsingOptions {
        allow_dtd: false,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(svg, strict).unwrap_or_else(|error| panic!("{error}: {svg}"))
}

/// Every element called `name` whose class has `class` in it.
pub fn of_class<'a>(document: &'a Document<'_>, name: &str, class: &str) -> Vec<Node<'a, 'a>> {
    let fits = |node: &Node<'_, '_>| {
        let classes = node.attribute("class").unwrap_or("");
        node.has_tag_name(("http://www.w3.org/2000/svg", name))
            && classes.split(' ').any(|one| one == class)
    };
    document.descendants().filter(fits).collect()
}

/// An attribute that is a number.
pub fn number(node: Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name).unwrap().parse().unwrap()
}

/// Left edge, upper edge, width and height of a rectangle, in tenths of a pixel.
pub fn sides(rect: Node<'_, '_>) -> [i64; 4] {
    ["x", "y", "width", "height"].map(|side| (number(rect, side) * 10.0).round() as i64)
}

/// The corners of the first line of a series.
pub fn corners(document: &Document<'_>, series: usize) -> Vec<(f64, f64)> {
    let line = of_class(document, "path", &format!("l{series}"))[0];
    let corner = |text: &str| {
        let (x, y) = text.split_once(' ').unwrap();
        (x.parse().unwrap(), y.parse().unwrap())
    };
    let d = line.attribute("d").unwrap();
    d.split(['M', 'L'])
        .filter(|text| !text.is_empty())
        .map(corner)
        .collect()
}

/// Everything that is drawn as text, without the titles of it.
pub fn drawn_texts(document: &Document<'_>) -> Vec<String> {
    let texts = document
        .descendants()
        .filter(|node| node.tag_name().name() == "text");
    let own = |node: Node<'_, '_>| {
        let own = node.children().filter(Node::is_text);
        own.filter_map(|text| text.text().map(str::to_owned))
            .collect()
    };
    texts.map(own).collect()
}

/// What the chart tells in words.
pub fn told(document: &Document<'_>) -> String {
    let desc = document
        .descendants()
        .find(|node| node.tag_name().name() == "desc");
    desc.unwrap().text().unwrap().to_owned()
}
