//! One self-contained HTML page.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use super::{Chart, Table};
use crate::error::Result;

const STYLE: &str = include_str!("page.css");

/// A page of headings, texts, tables, charts and pictures, with everything inside the one file.
///
/// # Examples
/// ```
/// use gradus_train::report::{Page, Table};
/// let mut page = Page::new("A run");
/// page.heading("Result").paragraph("Loss < 0.1 after 20 epochs.");
/// page.table(Table::new(["epoch", "loss"]).row(["20", "0.09"]));
/// assert!(page.to_html().contains("Loss &lt; 0.1"));
/// ```
#[derive(Debug, Clone)]
pub struct Page {
    title: String,
    body: String,
}

impl Page {
    /// An empty page.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), body: String::new() }
    }

    /// A section's title.
    pub fn heading(&mut self, text: &str) -> &mut Self {
        self.element("h2", &escape(text))
    }

    /// A paragraph of plain text.
    pub fn paragraph(&mut self, text: &str) -> &mut Self {
        self.element("p", &escape(text))
    }

    /// Text whose line breaks and spaces are kept: samples of generated text, model summaries.
    pub fn verbatim(&mut self, text: &str) -> &mut Self {
        self.element("pre", &escape(text))
    }

    /// The same under a line that opens and closes it, for what few will read.
    pub fn folded(&mut self, line: &str, text: &str) -> &mut Self {
        let inner = format!("<summary>{}</summary><pre>{}</pre>", escape(line), escape(text));
        self.element("details", &inner)
    }

    /// A table.
    pub fn table(&mut self, table: &Table) -> &mut Self {
        let cells = |row: &[String], tag: &str| {
            row.iter().fold(String::new(), |s, c| s + &format!("<{tag}>{}</{tag}>", escape(c)))
        };
        let mut html = format!("<thead><tr>{}</tr></thead><tbody>", cells(table.header(), "th"));
        for row in table.rows() {
            let _ = writeln!(html, "<tr>{}</tr>", cells(row, "td"));
        }
        self.element("table", &(html + "</tbody>"))
    }

    /// A chart, drawn as SVG.
    ///
    /// # Errors
    /// [`crate::Error::Plot`] if the chart cannot be drawn.
    pub fn chart(&mut self, chart: &Chart) -> Result<&mut Self> {
        let svg = chart.to_svg()?;
        Ok(self.element("figure", &svg))
    }

    /// A PNG picture under a caption, shown `width` CSS pixels wide with sharp pixels.
    pub fn png(&mut self, bytes: &[u8], width: u32, caption: &str) -> &mut Self {
        use base64::Engine as _;
        let data = base64::engine::general_purpose::STANDARD.encode(bytes);
        let caption = escape(caption);
        self.element(
            "figure",
            &format!(
                "<img width=\"{width}\" alt=\"{caption}\" src=\"data:image/png;base64,{data}\">\
                 <figcaption>{caption}</figcaption>"
            ),
        )
    }

    /// The whole page.
    pub fn to_html(&self) -> String {
        let title = escape(&self.title);
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
             <h1>{title}</h1>\n{}</main>\n</body>\n</html>\n",
            self.body
        )
    }

    /// Writes the page, whole or not at all.
    ///
    /// # Errors
    /// [`crate::Error::Io`] naming the path.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let html = self.to_html();
        Ok(gradus_io::write_atomic(path, |file| file.write_all(html.as_bytes()))?)
    }

    fn element(&mut self, tag: &str, inner: &str) -> &mut Self {
        let _ = writeln!(self.body, "<{tag}>{inner}</{tag}>");
        self
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_on_the_page_is_read_as_markup() {
        let mut page = Page::new("<script>");
        page.heading("a & b").table(Table::new(["\"x\""]).row(["<td>"])).verbatim("</pre>");
        let html = page.to_html();
        assert!(!html.contains("<script>") && !html.contains("<td><td>"));
        assert!(html.contains("a &amp; b") && html.contains("&lt;/pre&gt;"));
    }

    #[test]
    fn the_page_needs_no_other_file() {
        let mut page = Page::new("t");
        page.png(&[1, 2, 3], 10, "three bytes");
        let html = page.to_html();
        assert!(html.contains("data:image/png;base64,AQID"));
        assert!(!html.contains("http"));
    }
}
