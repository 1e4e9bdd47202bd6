//! The header of npy files: a Python dictionary of three entries.
//!
//! ```text
//! header = '{' { string ':' value ',' } '}'
//! value  = string | 'True' | 'False' | '(' { integer ',' } ')'
//! ```
//! The last comma before a closing bracket may be left out, and spaces may stand anywhere.

use std::fmt::Write;

use gradus_core::Shape;

use crate::element::Element;

/// What stands in the header.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Header {
    pub(crate) element: Element,
    pub(crate) endian: Endian,
    pub(crate) order: Order,
    pub(crate) shape: Shape,
}

/// Which byte of an element comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endian {
    Little,
    Big,
}

/// Which dimension moves fastest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// The last one.
    C,
    /// The first one.
    Fortran,
}

/// Why a header is refused.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fault {
    /// It is not a dictionary of these three entries.
    Syntax { expected: &'static str, got: String },
    /// The element type is not one of ours.
    Element { descr: String },
}

/// The element types by their names without the mark of endianness.
const ELEMENTS: [(&str, Element); 11] = [
    ("b1", Element::Bool),
    ("u1", Element::U8),
    ("i1", Element::I8),
    ("i2", Element::I16),
    ("u2", Element::U16),
    ("f2", Element::F16),
    ("i4", Element::I32),
    ("u4", Element::U32),
    ("f4", Element::F32),
    ("f8", Element::F64),
    ("i8", Element::I64),
];

impl Header {
    /// The header of a little-endian, row-major array; `None` if NumPy lacks the element type.
    pub(crate) fn text(element: Element, shape: &Shape) -> Option<String> {
        let (name, _) = ELEMENTS.iter().find(|(_, e)| *e == element)?;
        let endian = if element.size() == 1 { '|' } else { '<' };
        let mut extents = String::new();
        for d in shape.dims() {
            // As Python writes tuples: "()", "(3,)", "(3, 4)".
            let space = if extents.is_empty() { "" } else { " " };
            write!(extents, "{space}{d},").expect("a string takes any text");
        }
        if shape.rank() > 1 {
            extents.pop();
        }
        Some(format!(
            "{{'descr': '{endian}{name}', 'fortran_order': False, 'shape': ({extents}), }}"
        ))
    }

    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        let mut parser = Parser { rest: text };
        let (mut descr, mut order, mut shape) = (None, None, None);
        parser.expect("{", "a Python dictionary")?;
        while !parser.take("}") {
            match parser.string()? {
                "descr" => {
                    parser.expect(":", "a colon")?;
                    descr = Some(parser.string()?);
                }
                "fortran_order" => {
                    parser.expect(":", "a colon")?;
                    order = Some(parser.order()?);
                }
                "shape" => {
                    parser.expect(":", "a colon")?;
                    shape = Some(parser.shape()?);
                }
                other => return Err(fault("one of descr, fortran_order, shape", other)),
            }
            parser.comma("}")?;
        }
        if !parser.rest.trim().is_empty() {
            return Err(fault("the end of the header", parser.rest));
        }
        let (Some(descr), Some(order), Some(shape)) = (descr, order, shape) else {
            return Err(fault("all of descr, fortran_order, shape", text));
        };
        let (element, endian) =
            element(descr).ok_or_else(|| Fault::Element { descr: descr.to_owned() })?;
        Ok(Self { element, endian, order, shape })
    }
}

fn element(descr: &str) -> Option<(Element, Endian)> {
    let (mark, name) = descr.split_at_checked(1)?;
    let endian = match mark {
        "<" | "|" => Endian::Little,
        ">" => Endian::Big,
        _ => return None,
    };
    let (_, element) = ELEMENTS.iter().find(|(n, _)| *n == name)?;
    // "|" means that there is no endianness, which is true of single bytes only.
    ((mark == "|") <= (element.size() == 1)).then_some((*element, endian))
}

fn fault(expected: &'static str, got: &str) -> Fault {
    // Enough to see what it is; a header can be long.
    Fault::Syntax { expected, got: format!("{:?}", got.chars().take(40).collect::<String>()) }
}

/// What is still to be read.
struct Parser<'a> {
    rest: &'a str,
}

impl<'a> Parser<'a> {
    fn take(&mut self, token: &str) -> bool {
        let rest = self.rest.trim_start().strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, token: &str, expected: &'static str) -> Result<(), Fault> {
        if self.take(token) { Ok(()) } else { Err(fault(expected, self.rest)) }
    }

    /// A comma, which may be left out before `close`.
    fn comma(&mut self, close: &str) -> Result<(), Fault> {
        if self.take(",") || self.rest.trim_start().starts_with(close) {
            return Ok(());
        }
        Err(fault("a comma", self.rest))
    }

    fn string(&mut self) -> Result<&'a str, Fault> {
        let start = self.rest.trim_start();
        let quote = start.chars().next().filter(|c| matches!(c, '\'' | '"'));
        let text = quote.and_then(|quote| start[1..].split_once(quote));
        let (text, rest) = text.ok_or_else(|| fault("a string", start))?;
        self.rest = rest;
        Ok(text)
    }

    fn order(&mut self) -> Result<Order, Fault> {
        if self.take("False") {
            Ok(Order::C)
        } else if self.take("True") {
            Ok(Order::Fortran)
        } else {
            Err(fault("True or False", self.rest))
        }
    }

    fn shape(&mut self) -> Result<Shape, Fault> {
        self.expect("(", "a tuple")?;
        let mut extents = Vec::new();
        while !self.take(")") {
            let start = self.rest.trim_start();
            let end = start.find(|c: char| !c.is_ascii_digit()).unwrap_or(start.len());
            let extent = start[..end].parse().ok().filter(|&d: &usize| d <= isize::MAX as usize);
            extents.push(extent.ok_or_else(|| fault("an extent", start))?);
            self.rest = &start[end..];
            self.comma(")")?;
        }
        Ok(Shape::from(extents))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_written_as_numpy_does() {
        let text = |element, shape: &[usize]| Header::text(element, &Shape::from(shape));
        let expected = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }";
        assert_eq!(text(Element::F32, &[3, 4]).unwrap(), expected);
        assert!(
            text(Element::U8, &[3])
                .unwrap()
                .contains("'|u1', 'fortran_order': False, 'shape': (3,),")
        );
        assert!(text(Element::Bool, &[]).unwrap().contains("'shape': ()"));
        assert_eq!(text(Element::BF16, &[]), None);
    }

    #[test]
    fn what_numpy_may_write_is_read() {
        let old = " { 'shape' : ( 3 ,4) ,'fortran_order':True , \"descr\":\">i2\" }  \n";
        let header = Header::parse(old).unwrap();
        assert_eq!((header.element, header.endian), (Element::I16, Endian::Big));
        assert_eq!((header.order, header.shape), (Order::Fortran, Shape::from([3, 4])));
    }

    #[test]
    fn other_dictionaries_are_refused() {
        let good = "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }";
        assert!(Header::parse(good).is_ok());
        for (from, to) in [
            ("'shape'", "'form'"),
            ("(3,)", "[3]"),
            ("(3,)", "(-3,)"),
            ("(3,)", "(3,,)"),
            ("(3,)", "(3"),
            ("(3,)", "(99999999999999999999,)"),
            ("(3,)", "(18446744073709551615,)"),
            ("False", "0"),
            ("}", ""),
            ("}", "} x"),
            (",", ""),
            ("'<f4'", "<f4"),
            ("{", ""),
            (":", "="),
        ] {
            let bad = good.replacen(from, to, 1);
            assert!(matches!(Header::parse(&bad), Err(Fault::Syntax { .. })), "{bad}");
        }
        for descr in ["|f4", "<f16", "<c8", "|O", "<U3", "f4", "", "é4", "=f4"] {
            let bad = good.replace("<f4", descr);
            assert_eq!(Header::parse(&bad), Err(Fault::Element { descr: descr.to_owned() }));
        }
        assert!(Header::parse("{}").is_err());
    }
}
