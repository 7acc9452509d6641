// SPDX-License-Identifier: MIT OR Apache-2.0
//! TOML to JSON in which each value carries its place, so that C can say `file:line:column`.

use crate::json::Json;
use crate::{Refused, Result, check_text_size};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

/// Dotted keys and headers nest without brackets, and the parser follows them as deep as they go.
const KEY_PARTS_MAX: usize = 64;

/// Parses `text`. A refusal's text is `line:column: what`, both counted from 1, columns in characters.
pub fn toml_to_json(text: &[u8]) -> Result<String> {
    check_text_size(text).map_err(|Refused(what)| Refused(format!("1:1: {what}")))?;
    let text = match std::str::from_utf8(text) {
        Ok(text) => text,
        Err(error) => {
            let good = std::str::from_utf8(&text[..error.valid_up_to()]).unwrap_or("");
            let (line, column) = Places::new(good).of(good.len());
            return Err(Refused::new(format!("{line}:{column}: not UTF-8")));
        }
    };
    let places = Places::new(text);
    check_key_depth(text, &places)?;
    let table = DeTable::parse(text).map_err(|error| places.refuse(error.span(), error.message()))?;
    let mut json = Json::new();
    Writer { places: &places, json: &mut json }.table(table.get_ref(), (1, 1))?;
    Ok(json.finish())
}

/// Where lines begin, to turn a byte offset into a place for people.
struct Places<'a> {
    text: &'a str,
    line_starts: Vec<usize>,
}

impl<'a> Places<'a> {
    fn new(text: &'a str) -> Self {
        let newlines = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at + 1);
        Places { text, line_starts: std::iter::once(0).chain(newlines).collect() }
    }

    fn of(&self, offset: usize) -> (usize, usize) {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let column = self.text[self.line_starts[line - 1]..offset].chars().count() + 1;
        (line, column)
    }

    fn refuse(&self, span: Option<Range<usize>>, what: &str) -> Refused {
        let (line, column) = self.of(span.map_or(0, |span| span.start));
        Refused::new(format!("{line}:{column}: {what}"))
    }
}

/// Refuses a line with more dots than any sensible key has, outside of strings and comments that
/// cannot tell a key from a value: a value with so many dots would have to be a string, and strings
/// are skipped.
fn check_key_depth(text: &str, places: &Places) -> Result<()> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let mut dots = 0;
        let mut quote = None;
        for (at, b) in line.bytes().enumerate() {
            match (quote, b) {
                (None, b'#') => break,
                (None, b'"' | b'\'') => quote = Some(b),
                (Some(q), b) if b == q => quote = None,
                (None, b'=' | b',') => dots = 0,
                (None, b'.') => {
                    dots += 1;
                    if dots >= KEY_PARTS_MAX {
                        let start = offset + at;
                        return Err(places.refuse(Some(start..start), "a key of too many parts"));
                    }
                }
                _ => {}
            }
        }
        offset += line.len();
    }
    Ok(())
}

type Place = (usize, usize);

struct Writer<'a> {
    places: &'a Places<'a>,
    json: &'a mut Json,
}

impl Writer<'_> {
    fn table(&mut self, table: &DeTable, at: Place) -> Result<()> {
        // The map is ordered by key; people expect the order in which they wrote.
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        self.node(at, "table", |writer| {
            writer.list(entries, |writer, (key, value)| writer.entry(key.get_ref(), key.span(), value))
        })
    }

    fn entry(&mut self, key: &str, span: Range<usize>, value: &Spanned<DeValue>) -> Result<()> {
        let at = self.places.of(span.start);
        let mut outcome = Ok(());
        let places = self.places;
        self.json.object(|json| {
            json.key("key").string(key);
            write_place(json.key("at"), at);
            json.key("value");
            outcome = Writer { places, json }.value(value);
        });
        outcome
    }

    fn value(&mut self, value: &Spanned<DeValue>) -> Result<()> {
        let at = self.places.of(value.span().start);
        match value.get_ref() {
            DeValue::Table(table) => self.table(table, at),
            DeValue::Array(items) => {
                self.node(at, "array", |writer| writer.list(items.iter(), |writer, item| writer.value(item)))
            }
            DeValue::String(text) => self.node(at, "string", |writer| {
                writer.json.string(text);
                Ok(())
            }),
            DeValue::Integer(digits) => {
                let Some(number) = integer(digits) else {
                    let what = "the integer does not fit in 64 bits";
                    return Err(self.places.refuse(Some(value.span()), what));
                };
                self.literal(at, "integer", &number.to_string())
            }
            DeValue::Float(digits) => self.float(at, digits.as_str(), value.span()),
            DeValue::Boolean(flag) => self.literal(at, "boolean", if *flag { "true" } else { "false" }),
            DeValue::Datetime(when) => self.node(at, "datetime", |writer| {
                writer.json.string(&when.to_string());
                Ok(())
            }),
        }
    }

    /// JSON has no infinity and no not-a-number: those are strings.
    fn float(&mut self, at: Place, digits: &str, span: Range<usize>) -> Result<()> {
        match digits.parse::<f64>() {
            Ok(number) if number.is_finite() => self.literal(at, "float", &format!("{number:?}")),
            Ok(_) if digits.contains("inf") || digits.contains("nan") => self.node(at, "float", |writer| {
                writer.json.string(digits);
                Ok(())
            }),
            _ => Err(self.places.refuse(Some(span), "the number does not fit in a float")),
        }
    }

    fn literal(&mut self, at: Place, kind: &str, text: &str) -> Result<()> {
        self.node(at, kind, |writer| {
            writer.json.literal(text);
            Ok(())
        })
    }

    fn node(&mut self, at: Place, kind: &str, value: impl FnOnce(&mut Writer) -> Result<()>) -> Result<()> {
        let mut outcome = Ok(());
        let places = self.places;
        self.json.object(|json| {
            write_place(json.key("at"), at);
            json.key("type").string(kind);
            json.key("value");
            outcome = value(&mut Writer { places, json });
        });
        outcome
    }

    fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        each: impl Fn(&mut Writer, T) -> Result<()>,
    ) -> Result<()> {
        let mut outcome = Ok(());
        let places = self.places;
        self.json.array(|json| {
            let mut writer = Writer { places, json };
            outcome = items.into_iter().try_for_each(|item| each(&mut writer, item));
        });
        outcome
    }
}

fn write_place(json: &mut Json, (line, column): Place) {
    json.array(|json| {
        json.number(line);
        json.number(column);
    });
}

fn integer(digits: &DeInteger) -> Option<i64> {
    i64::from_str_radix(digits.as_str(), digits.radix()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        toml_to_json(text.as_bytes()).unwrap_err().0
    }

    #[test]
    fn values_carry_their_place_and_keep_their_order() {
        let json = toml_to_json("z = 1\n[a]\n\"é\" = \"x\" \ny = [true, 0x10]\n".as_bytes()).unwrap();
        assert_eq!(
            json,
            concat!(
                r#"{"at":[1,1],"type":"table","value":[{"key":"z","at":[1,1],"value":"#,
                r#"{"at":[1,5],"type":"integer","value":1}},{"key":"a","at":[2,2],"value":"#,
                r#"{"at":[2,1],"type":"table","value":[{"key":"é","at":[3,1],"value":"#,
                r#"{"at":[3,7],"type":"string","value":"x"}},{"key":"y","at":[4,1],"value":"#,
                r#"{"at":[4,5],"type":"array","value":[{"at":[4,6],"type":"boolean","value":true},"#,
                r#"{"at":[4,12],"type":"integer","value":16}]}}]}}]}"#
            )
        );
    }

    #[test]
    fn columns_count_characters() {
        assert!(refusal("a = \"ééé\" x").starts_with("1:11: "), "{}", refusal("a = \"ééé\" x"));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        assert!(refusal("a = 1\nb = 2\na = 3\n").starts_with("3:1: "));
        assert!(refusal("a = \"\\q\"").starts_with("1:"));
        assert_eq!(refusal("x = 1\nbig = 9223372036854775808"), "2:7: the integer does not fit in 64 bits");
        assert_eq!(refusal("x = 1e400"), "1:5: the number does not fit in a float");
        assert!(refusal("[a\n").starts_with("1:"));
        assert_eq!(toml_to_json(b"a = 1\nb = '\xff'").unwrap_err().0, "2:6: not UTF-8");
    }

    #[test]
    fn extremes_of_numbers_are_exact() {
        let json =
            toml_to_json(b"a = 9223372036854775807\nb = -9223372036854775808\nc = nan\nd = 1.5").unwrap();
        assert!(json.contains(r#""value":9223372036854775807"#));
        assert!(json.contains(r#""value":-9223372036854775808"#));
        assert!(json.contains(r#""type":"float","value":"nan""#));
        assert!(json.contains(r#""type":"float","value":1.5"#));
    }

    #[test]
    fn nesting_is_bounded() {
        let dotted = format!("{}a = 1", "a.".repeat(200_000));
        assert!(refusal(&dotted).contains("too many parts"));
        let header = format!("[{}a]", "a.".repeat(200_000));
        assert!(refusal(&header).contains("too many parts"));
        let spread = format!("x = 1\n[{}a]", "a . ".repeat(200_000));
        assert!(refusal(&spread).contains("too many parts"));
        let arrays = format!("a = {}", "[".repeat(200_000));
        assert!(refusal(&arrays).starts_with("1:"));
        let tables = format!("a = {}", "{ a = ".repeat(100_000));
        assert!(refusal(&tables).starts_with("1:"));
        let quoted = format!("a = \"{}\"", ".".repeat(1000));
        assert!(toml_to_json(quoted.as_bytes()).is_ok());
        assert!(toml_to_json(&vec![b' '; crate::TEXT_BYTES_MAX + 1]).is_err());
    }
}
