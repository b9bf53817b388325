//! A card in Markdown (`CommonMark` with tables), without its charts.

use super::{
    ModelCard,
    blocks::{Block, Table},
    story::{Pictures, story},
};

/// The card as Markdown.
///
/// Whatever characteristics and levels are called stays text: no name becomes a heading, link, table,
/// formula or HTML.
pub fn markdown(card: &ModelCard) -> String {
    let parts = story(card, Pictures::Without);
    let written = parts.iter().filter_map(block);
    written.collect::<Vec<_>>().join("\n")
}

fn block(block: &Block) -> Option<String> {
    Some(match block {
        Block::Heading(level, text) => {
            format!("{} {}\n", "#".repeat(usize::from(*level)), escaped(text))
        }
        Block::Paragraph(text) => format!("{}\n", escaped(text)),
        Block::Facts(facts) => {
            let fact = |(name, value): &(&str, String)| format!("- {name}: {}\n", escaped(value));
            facts.iter().map(fact).collect()
        }
        Block::List(items) => items
            .iter()
            .map(|item| format!("- {}\n", escaped(item)))
            .collect(),
        Block::Table(it) => table(it),
        Block::Picture(_) => return None,
    })
}

fn table(table: &Table) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let rule = (0..table.header.len()).map(|at| if at < table.words { "---" } else { "---:" });
    let mut text = format!("{}\n\n", escaped(&table.caption));
    text += &line(table.header.iter().map(|name| escaped(name)).collect());
    text += &line(rule.map(str::to_owned).collect());
    for row in &table.rows {
        text += &line(row.iter().map(|cell| escaped(cell)).collect());
    }
    text
}

/// `text` with a backslash before every character that Markdown, its tables, formulas and automatic
/// links could take for their own.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for (at, c) in text.char_indices() {
        let special = match c {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '#'
            | '$' | '@' | '!' => true,
            ':' => text[at..].starts_with("://"),
            '.' => ends_with_www(&text[..at]),
            // What would begin a list, a rule or a heading.
            '-' | '+' | '=' => at == 0,
            _ => false,
        };
        if special {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn ends_with_www(text: &str) -> bool {
    let tail = text.len().checked_sub(3).and_then(|at| text.get(at..));
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case("www"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_markdown_takes_for_its_own_is_escaped() {
        for (text, expected) in [
            ("a|b", "a\\|b"),
            ("`x` *y* _z_", "\\`x\\` \\*y\\* \\_z\\_"),
            ("<b>&amp;", "\\<b\\>\\&amp;"),
            ("[a](javascript:b)", "\\[a\\](javascript:b)"),
            ("https://x.y", "https\\://x.y"),
            ("WWW.x.y", "WWW\\.x.y"),
            ("a@b.c $x$", "a\\@b.c \\$x\\$"),
            ("- a", "\\- a"),
            ("# a", "\\# a"),
            ("\\|", "\\\\\\|"),
            ("0.25 (0.1 to 0.4), 5%", "0.25 (0.1 to 0.4), 5%"),
        ] {
            assert_eq!(escaped(text), expected);
        }
    }
}
