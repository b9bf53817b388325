//! Writing the elements of a drawing.

use quick_xml::{
    Writer,
    events::{BytesEnd, BytesStart, BytesText, Event},
};

use super::text::{Label, clean};

/// Attributes of an element: names and values.
pub type Attributes<'a> = [(&'static str, &'a str)];

/// An XML document that grows in memory; everything in it is escaped.
pub struct Document(Writer<Vec<u8>>);

impl Document {
    /// An empty document.
    pub fn new() -> Self {
        Self(Writer::new(Vec::new()))
    }

    /// Begins an element, which [`Document::close`] ends.
    pub fn open(&mut self, name: &'static str, attributes: &Attributes<'_>) {
        self.write(Event::Start(start(name, attributes)));
    }

    /// Ends the element begun last.
    pub fn close(&mut self, name: &'static str) {
        self.write(Event::End(BytesEnd::new(name)));
    }

    /// An element without content.
    pub fn shape(&mut self, name: &'static str, attributes: &Attributes<'_>) {
        self.write(Event::Empty(start(name, attributes)));
    }

    /// A shape that tells `title` to those who point at it.
    pub fn titled(&mut self, name: &'static str, attributes: &Attributes<'_>, title: &str) {
        self.open(name, attributes);
        self.text("title", &[], title);
        self.close(name);
    }

    /// An element with text as its content.
    pub fn text(&mut self, name: &'static str, attributes: &Attributes<'_>, content: &str) {
        self.open(name, attributes);
        self.write(Event::Text(BytesText::new(&clean(content))));
        self.close(name);
    }

    /// A name that is drawn, and after it `more`; the whole name as its title.
    pub fn label(&mut self, attributes: &Attributes<'_>, label: &Label, more: &str) {
        self.open("text", attributes);
        if let Some(whole) = &label.whole {
            self.text("title", &[], whole);
        }
        let shown = if more.is_empty() {
            label.shown.clone()
        } else {
            format!("{}{more}", label.told())
        };
        self.write(Event::Text(BytesText::new(&clean(&shown))));
        self.close("text");
    }

    /// A whole document that this writer has written, within this one.
    pub fn embed(&mut self, written: &str) {
        self.write(Event::Text(BytesText::from_escaped(written)));
    }

    /// The document as text.
    pub fn finish(self) -> String {
        String::from_utf8_lossy(&self.0.into_inner()).into_owned()
    }

    fn write(&mut self, event: Event<'_>) {
        let written = self.0.write_event(event);
        debug_assert!(written.is_ok(), "writing to memory does not fail");
    }
}

fn start<'a>(name: &'static str, attributes: &Attributes<'a>) -> BytesStart<'a> {
    let mut element = BytesStart::new(name);
    for &(key, value) in attributes {
        element.push_attribute((key, clean(value).as_ref()));
    }
    element
}
