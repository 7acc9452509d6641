// SPDX-License-Identifier: MIT OR Apache-2.0
//! Writes JSON, and nothing else: the kit never reads any.

/// A value under construction. Commas are placed by the writer, braces by `object` and `array`.
pub struct Json {
    out: String,
    /// Whether the innermost open object or array has an element already.
    has_element: bool,
}

impl Json {
    pub fn new() -> Self {
        Json { out: String::new(), has_element: false }
    }

    pub fn finish(self) -> String {
        self.out
    }

    pub fn object(&mut self, body: impl FnOnce(&mut Json)) {
        self.enclosed('{', '}', body);
    }

    pub fn array(&mut self, body: impl FnOnce(&mut Json)) {
        self.enclosed('[', ']', body);
    }

    /// A key of the open object; its value is to follow at once.
    pub fn key(&mut self, key: &str) -> &mut Json {
        self.separate();
        self.quoted(key);
        self.out.push(':');
        self.has_element = false;
        self
    }

    pub fn string(&mut self, text: &str) {
        self.separate();
        self.quoted(text);
    }

    pub fn string_or_null(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.string(text),
            None => self.literal("null"),
        }
    }

    /// A number, `true`, `false` or `null`, written as given.
    pub fn literal(&mut self, text: &str) {
        self.separate();
        self.out.push_str(text);
    }

    pub fn number(&mut self, n: usize) {
        self.literal(&n.to_string());
    }

    pub fn strings<'a>(&mut self, texts: impl IntoIterator<Item = &'a str>) {
        self.array(|json| texts.into_iter().for_each(|text| json.string(text)));
    }

    fn enclosed(&mut self, open: char, close: char, body: impl FnOnce(&mut Json)) {
        self.separate();
        self.out.push(open);
        self.has_element = false;
        body(self);
        self.out.push(close);
        self.has_element = true;
    }

    fn separate(&mut self) {
        if self.has_element {
            self.out.push(',');
        }
        self.has_element = true;
    }

    fn quoted(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                c if (c as u32) < 0x20 => self.out.push_str(&format!("\\u{:04x}", c as u32)),
                c => self.out.push(c),
            }
        }
        self.out.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_stand_between_elements_only() {
        let mut json = Json::new();
        json.object(|json| {
            json.key("a").array(|json| {
                json.number(1);
                json.array(|_| {});
                json.string("x");
            });
            json.key("b").object(|_| {});
            json.key("c").literal("null");
        });
        assert_eq!(json.finish(), r#"{"a":[1,[],"x"],"b":{},"c":null}"#);
    }

    #[test]
    fn control_characters_are_escaped() {
        let mut json = Json::new();
        json.string("a\"b\\c\n\t\r\u{1}é");
        assert_eq!(json.finish(), "\"a\\\"b\\\\c\\n\\t\\r\\u0001é\"");
    }
}
