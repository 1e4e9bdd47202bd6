//! One self-contained HTML page.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use super::{Chart, Picture, Table};
use crate::error::Result;
use crate::measure::ConfusionMatrix;

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

    /// A picture, shown `width` CSS pixels wide with sharp pixels.
    pub fn picture(&mut self, picture: &Picture, width: u32) -> &mut Self {
        self.png(picture.png(), width, picture.caption())
    }

    /// Which classes are taken for which, as a table whose cells are the darker the larger their
    /// share of the true class, with the recall and precision of each class at its ends.
    pub fn confusion(&mut self, matrix: &ConfusionMatrix) -> &mut Self {
        let classes = matrix.classes();
        let mut html = String::from("<thead><tr><th>true \\ read as</th>");
        for class in 0..classes {
            let _ = write!(html, "<th>{class}</th>");
        }
        html += "<th>recall</th></tr></thead><tbody>";
        for truth in 0..classes {
            let row: Vec<u64> = (0..classes).map(|class| matrix.count(truth, class)).collect();
            let total = row.iter().sum::<u64>().max(1) as f64;
            let _ = write!(html, "<tr><td>{truth}</td>");
            for (class, &count) in row.iter().enumerate() {
                // Green where it is right, red where it is wrong; a faint tint shows single cases.
                let hue = if class == truth { "0,158,115" } else { "213,94,0" };
                let share = if count == 0 { 0.0 } else { 0.1 + 0.7 * count as f64 / total };
                let _ =
                    write!(html, "<td style=\"background:rgba({hue},{share:.2})\">{count}</td>");
            }
            let _ = writeln!(html, "<td>{}</td></tr>", percent(matrix.recall(truth)));
        }
        html += "<tr><td>precision</td>";
        for class in 0..classes {
            let _ = write!(html, "<td>{}</td>", percent(matrix.precision(class)));
        }
        let _ = write!(html, "<td>{}</td></tr></tbody>", percent(matrix.accuracy()));
        self.element("table", &html)
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

/// A share as per cent; a dash if there is none.
fn percent(share: f64) -> String {
    if share.is_nan() { "–".to_owned() } else { format!("{:.1} %", 100.0 * share) }
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
    fn a_confusion_is_coloured_by_shares() {
        let mut matrix = ConfusionMatrix::new(2);
        matrix.add(&[0, 0, 0, 0], &[0, 0, 0, 1]).unwrap();
        let html = Page::new("t").confusion(&matrix).to_html();
        // Three of four are right; class 1 never occurs, so it has no recall.
        for cell in
            ["rgba(0,158,115,0.62)\">3", "rgba(213,94,0,0.28)\">1", "0.00)\">0", "<td>–</td>"]
        {
            assert!(html.contains(cell), "{cell}");
        }
        assert!(html.contains("<td>75.0 %</td>") && html.contains("<td>100.0 %</td>"));
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
