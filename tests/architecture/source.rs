//! Source files as text: their code without comments, literals and unit tests,
//! and the names at the root of the crate that it refers to.

use std::collections::BTreeSet;

/// The names at the root of the crate that `code` refers to: `crate::a`,
/// `crate::{a::b, c}`, `credit_risk::a`, and `super::` chains that lead there.
pub fn imports(code: &str, depth: usize) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for start in ["crate::", "credit_risk::"] {
        for (at, _) in code.match_indices(start) {
            if !continues(code, at) {
                found.extend(first_segments(&code[at + start.len()..]));
            }
        }
    }
    let way_out = "super::".repeat(depth);
    for (at, _) in code.match_indices(&way_out) {
        if !continues(code, at) {
            let rest = &code[at + way_out.len()..];
            found.extend(first_segments(rest));
        }
    }
    found
}

/// Whether what stands at `at` is the end of a longer name or path.
fn continues(code: &str, at: usize) -> bool {
    code[..at]
        .chars()
        .next_back()
        .is_some_and(|c| c.is_alphanumeric() || "_$:".contains(c))
}

/// The first segment of a path, or of each path of a `{…}` group.
fn first_segments(rest: &str) -> Vec<String> {
    let name = |text: &str| {
        let text = text.trim_start();
        let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_'));
        match &text[..end.unwrap_or(text.len())] {
            // A glob, say: no row allows it.
            "" => text.chars().take(1).collect(),
            name => name.to_owned(),
        }
    };
    if !rest.starts_with('{') {
        return vec![name(rest)];
    }
    let (mut level, mut items) = (0, vec![String::new()]);
    for c in rest.chars() {
        match c {
            '{' => level += 1,
            '}' => level -= 1,
            ',' if level == 1 => items.push(String::new()),
            c if level == 1 => items.last_mut().unwrap().push(c),
            _ => {}
        }
        if level == 0 {
            break;
        }
    }
    items.retain(|item| !item.trim().is_empty());
    items.iter().map(|item| name(item)).collect()
}

/// `code` without the items that exist only for its unit tests.
pub fn without_tests(code: &str) -> String {
    let mut rest = code;
    let mut kept = String::new();
    while let Some(at) = rest.find("#[cfg(test)]") {
        kept.push_str(&rest[..at]);
        let item = &rest[at..];
        let mut level = 0;
        let end = item.char_indices().find(|(_, c)| {
            level += i32::from(*c == '{') - i32::from(*c == '}');
            level == 0 && "};".contains(*c)
        });
        rest = &item[end.map_or(item.len(), |(end, _)| end + 1)..];
    }
    kept + rest
}

/// `text` with comments, strings and characters blanked out.
pub fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = skipped(rest, code.chars().next_back());
        let taken = skipped.unwrap_or(c.len_utf8());
        if skipped.is_none() {
            code.push(c);
        } else {
            code.push(' ');
            code.extend(rest[..taken].chars().filter(|c| *c == '\n'));
        }
        rest = &rest[taken..];
    }
    code
}

/// Bytes of the comment or literal that `rest` begins with.
fn skipped(rest: &str, before: Option<char>) -> Option<usize> {
    let until = |end: &str, from: usize| rest[from..].find(end).map(|at| from + at + end.len());
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return until("*/", 2);
    }
    let raw = rest
        .strip_prefix('r')
        .map(|text| text.trim_start_matches('#'));
    if let Some(text) = raw
        && text.starts_with('"')
        && !before.is_some_and(|c| c.is_alphanumeric() && c != 'b')
    {
        let opening = rest.len() - text.len();
        return until(&format!("\"{}", "#".repeat(opening - 1)), opening + 1);
    }
    let quote = rest.chars().next().filter(|c| "\"'".contains(*c))?;
    let mut characters = rest.char_indices().skip(1);
    let (_, first) = characters.next()?;
    // What is not closed after one character is a lifetime.
    if quote == '\'' && first != '\\' && characters.next()?.1 != '\'' {
        return None;
    }
    let mut escaped = false;
    let end = rest.char_indices().skip(1).find(|(_, c)| {
        let closing = *c == quote && !escaped;
        escaped = *c == '\\' && !escaped;
        closing
    });
    end.map(|(at, _)| at + 1)
}

#[test]
fn imports_are_found_in_code_and_nowhere_else() {
    let text = r##"
        //! [`crate::comment`]
        use crate::{
            alpha::{one, two::three}, beta,
            gamma as other,
        };
        /* use crate::block; */
        fn f<'a>(text: &'a str) -> crate::delta::Delta {
            let _ = ('"', "crate::text", r#"crate::raw "quoted""#, b'\'', super::super::epsilon());
            super::sibling::call();
            $crate::macros!()
        }
        use crate::*;
        #[cfg(test)]
        mod tests { use crate::{testing, more}; fn g() { "}" } }
        use credit_risk::zeta::Zeta;
    "##;
    let found = imports(&without_tests(&code_of(text)), 2);
    let expected = ["*", "alpha", "beta", "delta", "epsilon", "gamma", "zeta"];
    assert_eq!(found, expected.map(str::to_owned).into());
}
