// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is kept of a component so that its traps can be read: for each core module where its code is, the
//! names of its functions and its line table. Guests made all of it, so sizes are bounded and what is
//! not well-formed is left out.
//!
//! Kept as one run of bytes, so that C holds it without knowing what it is. For each module: the range of its
//! code section (two u64), then three parts, each a u64 of length and its bytes. All little-endian.

use crate::{Result, check_wasm_size, refused_wasm};
use std::ops::Range;
use wasmparser::{BinaryReader, Encoding, Parser, Payload};

/// What is kept of one component, at most.
const KEPT_BYTES_MAX: usize = 16 << 20;
/// The subsection of a name section that has the functions' names.
const FUNCTION_NAMES: u8 = 1;

/// One core module; its parts are empty where it has none.
#[derive(Default, Debug, PartialEq)]
pub struct Module<'a> {
    /// Of its code section, in bytes from the beginning of the component.
    pub code: Range<u64>,
    /// A name map, as in the name section.
    pub names: &'a [u8],
    /// `.debug_line` and `.debug_line_str`.
    pub lines: &'a [u8],
    pub line_texts: &'a [u8],
}

/// The bytes to keep; empty when traps could be told no better with them.
pub fn debug_info(wasm: &[u8]) -> Result<Vec<u8>> {
    check_wasm_size(wasm)?;
    let mut kept = Vec::new();
    for module in modules(wasm).map_err(refused_wasm)? {
        module.keep(&mut kept);
    }
    Ok(kept)
}

/// The core modules of a component, or the module itself.
fn modules(wasm: &[u8]) -> wasmparser::Result<Vec<Module<'_>>> {
    let mut found = Vec::new();
    // What is being read, the outermost first; None for components.
    let mut open: Vec<Option<Module>> = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::Version { encoding, .. } => {
                open.push((encoding == Encoding::Module).then(Module::default));
            }
            Payload::CodeSectionStart { range, .. } => {
                if let Some(Some(module)) = open.last_mut() {
                    module.code = range.start as u64..range.end as u64;
                }
            }
            Payload::CustomSection(section) => {
                if let Some(Some(module)) = open.last_mut() {
                    module.add(section.name(), section.data());
                }
            }
            Payload::End(_) => found.extend(open.pop().flatten().filter(Module::is_worth_keeping)),
            _ => {}
        }
    }
    Ok(found)
}

impl<'a> Module<'a> {
    fn add(&mut self, section: &str, data: &'a [u8]) {
        match section {
            "name" => self.names = function_names(data).unwrap_or_default(),
            ".debug_line" => self.lines = data,
            ".debug_line_str" => self.line_texts = data,
            _ => {}
        }
    }

    fn is_worth_keeping(&self) -> bool {
        !self.code.is_empty() && !(self.names.is_empty() && self.lines.is_empty())
    }

    /// Names before lines, and neither when there is no room.
    fn keep(&self, kept: &mut Vec<u8>) {
        kept.extend(self.code.start.to_le_bytes());
        kept.extend(self.code.end.to_le_bytes());
        let mut room = KEPT_BYTES_MAX.saturating_sub(kept.len());
        let mut part = |bytes: &[u8], wanted: bool| {
            let bytes = if wanted && bytes.len() <= room { bytes } else { &[] };
            room -= bytes.len();
            kept.extend((bytes.len() as u64).to_le_bytes());
            kept.extend(bytes);
            !bytes.is_empty()
        };
        part(self.names, true);
        let has_lines = part(self.lines, true);
        part(self.line_texts, has_lines);
    }

    /// The first module in what was kept, taken off it.
    fn take(kept: &mut &'a [u8]) -> Option<Self> {
        let code = take_u64(kept)?..take_u64(kept)?;
        let mut part = || {
            let len = usize::try_from(take_u64(kept)?).ok()?;
            let (part, rest) = kept.split_at_checked(len)?;
            *kept = rest;
            Some(part)
        };
        Some(Module { code, names: part()?, lines: part()?, line_texts: part()? })
    }
}

/// The modules in what `debug_info` made.
pub fn kept_modules(mut kept: &[u8]) -> Vec<Module<'_>> {
    std::iter::from_fn(|| Module::take(&mut kept)).collect()
}

fn take_u64(bytes: &mut &[u8]) -> Option<u64> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(u64::from_le_bytes(*first))
}

fn function_names(name_section: &[u8]) -> wasmparser::Result<&[u8]> {
    let mut reader = BinaryReader::new(name_section, 0);
    while !reader.eof() {
        let kind = reader.read_u8()?;
        let len = reader.read_var_u32()? as usize;
        let data = reader.read_bytes(len)?;
        if kind == FUNCTION_NAMES {
            return Ok(data);
        }
    }
    Ok(&[])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(id: u8, body: &[u8]) -> Vec<u8> {
        let mut out = vec![id];
        let mut len = body.len();
        while len >= 0x80 {
            out.push(len as u8 | 0x80);
            len >>= 7;
        }
        out.push(len as u8);
        out.extend(body);
        out
    }

    fn custom(name: &str, data: &[u8]) -> Vec<u8> {
        let mut body = vec![name.len() as u8];
        body.extend(name.as_bytes());
        body.extend(data);
        section(0, &body)
    }

    /// One function, which does nothing; what is said of it in these sections.
    fn module(sections: &[(&str, &[u8])]) -> Vec<u8> {
        let mut wasm = b"\0asm\x01\0\0\0".to_vec();
        wasm.extend([1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 4, 1, 2, 0, 0x0b]);
        for (name, data) in sections {
            wasm.extend(custom(name, data));
        }
        wasm
    }

    /// Local names, which are not kept, and the name of function 0.
    const NAMES: &[u8] = &[2, 1, 0, 1, 4, 1, 0, 1, b'f'];
    const KEPT_NAMES: &[u8] = &[1, 0, 1, b'f'];

    #[test]
    fn each_module_of_a_component_is_kept_with_its_place() {
        let one = module(&[("name", NAMES), (".debug_line", b"lines"), (".debug_line_str", b"texts")]);
        let other = module(&[(".debug_line", b"more")]);
        let mut component = b"\0asm\x0d\0\x01\0".to_vec();
        component.extend(section(1, &one));
        component.extend(section(1, &module(&[])));
        component.extend(section(1, &other));
        let kept = debug_info(&component).unwrap();
        let modules = kept_modules(&kept);
        assert_eq!(modules.len(), 2);
        let first = &modules[0];
        assert_eq!((first.names, first.lines, first.line_texts), (KEPT_NAMES, &b"lines"[..], &b"texts"[..]));
        assert_eq!(component[first.code.start as usize..first.code.end as usize], [1, 2, 0, 0x0b]);
        assert_eq!(modules[1].lines, b"more");
        assert!(modules[1].code.start > first.code.end);
    }

    #[test]
    fn nothing_is_kept_where_nothing_is_said() {
        assert!(debug_info(&module(&[])).unwrap().is_empty());
        assert!(debug_info(&module(&[("name", &[9, 200, 200])])).unwrap().is_empty());
        assert!(debug_info(b"hello").is_err());
    }

    #[test]
    fn too_much_is_left_out() {
        let lines = vec![7; KEPT_BYTES_MAX];
        let kept = debug_info(&module(&[("name", NAMES), (".debug_line", &lines)])).unwrap();
        assert!(kept.len() < 100);
        assert_eq!(kept_modules(&kept)[0].names, KEPT_NAMES);
        assert!(kept_modules(&kept)[0].lines.is_empty());
    }

    #[test]
    fn what_is_cut_off_is_no_module() {
        let kept = debug_info(&module(&[("name", NAMES), (".debug_line", b"lines")])).unwrap();
        for len in 0..kept.len() {
            assert!(kept_modules(&kept[..len]).is_empty());
        }
    }
}
