//! A card as a page that needs nothing else: no scripts, no fonts, no addresses.
//!
//! Written as XML that every browser reads as HTML, by the writer of the charts, which escapes
//! everything.

use super::{
    ModelCard,
    blocks::{Block, Table},
    story::{Pictures, story},
};
use crate::{credit::training::ModelEvidence, report::charts::document::Document};

/// Colours in light and dark, and paper.
const STYLE: &str = "\
:root{color-scheme:light dark;--page:#fff;--ink:#1f2328;--faint:#57606a;--rule:#dfe3e8}\
@media (prefers-color-scheme:dark){:root{--page:#14181d;--ink:#e6e9ed;--faint:#a3adb8;--rule:#333b44}}\
body{margin:0 auto;max-width:60rem;padding:1.5rem;background:var(--page);color:var(--ink);\
font:16px/1.5 system-ui,sans-serif}\
h1,h2,h3{line-height:1.25;overflow-wrap:anywhere}\
h2{margin-top:2.5rem;border-bottom:1px solid var(--rule)}\
.wide{overflow-x:auto}\
table{border-collapse:collapse;margin:1rem 0;font-size:.875rem}\
caption{text-align:left;color:var(--faint);padding:.25rem 0}\
th,td{border-bottom:1px solid var(--rule);padding:.25rem .75rem .25rem 0;text-align:left;\
vertical-align:top;overflow-wrap:anywhere}\
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\
dl{display:grid;grid-template-columns:minmax(8rem,16rem) 1fr;gap:.25rem 1rem}\
dt{color:var(--faint)}dd{margin:0;overflow-wrap:anywhere}\
figure{margin:1.5rem 0}\
.credit-chart{max-width:100%;height:auto;max-height:36rem}\
@media print{:root{color-scheme:light;--page:#fff;--ink:#000;--faint:#444;--rule:#bbb}\
body{max-width:none;padding:0;font-size:10pt}.wide{overflow:visible}.n{white-space:normal}\
h2,h3,caption{break-after:avoid}tr,figure{break-inside:avoid}thead{display:table-header-group}}";

/// The card as an HTML page, with charts of its bins and of `evidence`, if that is stored.
///
/// Whatever characteristics and levels are called stays text.
pub fn html(card: &ModelCard, evidence: Option<&ModelEvidence>) -> String {
    let mut page = Document::new();
    page.open("html", &[("lang", "en")]);
    page.open("head", &[]);
    page.shape("meta", &[("charset", "utf-8")]);
    page.shape(
        "meta",
        &[("name", "viewport"), ("content", "width=device-width")],
    );
    page.text("title", &[], &format!("Model card {}", card.model.model_id));
    page.text("style", &[], STYLE);
    page.close("head");
    page.open("body", &[]);
    page.open("main", &[]);
    for block in story(card, Pictures::With(evidence)) {
        write(&mut page, &block);
    }
    for tag in ["main", "body", "html"] {
        page.close(tag);
    }
    format!("<!DOCTYPE html>\n{}\n", page.finish())
}

fn write(page: &mut Document, block: &Block) {
    match block {
        Block::Heading(1, text) => page.text("h1", &[], text),
        Block::Heading(2, text) => page.text("h2", &[], text),
        Block::Heading(_, text) => page.text("h3", &[], text),
        Block::Paragraph(text) => page.text("p", &[], text),
        Block::Facts(facts) => {
            page.open("dl", &[]);
            for (name, value) in facts {
                page.text("dt", &[], name);
                page.text("dd", &[], value);
            }
            page.close("dl");
        }
        Block::List(items) => {
            page.open("ul", &[]);
            items.iter().for_each(|item| page.text("li", &[], item));
            page.close("ul");
        }
        Block::Table(table) => write_table(page, table),
        Block::Picture(svg) => {
            page.open("figure", &[]);
            page.embed(svg);
            page.close("figure");
        }
    }
}

fn write_table(page: &mut Document, table: &Table) {
    page.open("div", &[("class", "wide")]);
    page.open("table", &[]);
    page.text("caption", &[], &table.caption);
    page.open("thead", &[]);
    page.open("tr", &[]);
    for (at, name) in table.header.iter().enumerate() {
        let class = if at < table.words { "" } else { "n" };
        page.text("th", &[("scope", "col"), ("class", class)], name);
    }
    page.close("tr");
    page.close("thead");
    page.open("tbody", &[]);
    for row in &table.rows {
        page.open("tr", &[]);
        for (at, cell) in row.iter().enumerate() {
            let class = if at < table.words { "" } else { "n" };
            page.text("td", &[("class", class)], cell);
        }
        page.close("tr");
    }
    for tag in ["tbody", "table", "div"] {
        page.close(tag);
    }
}
