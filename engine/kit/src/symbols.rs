// SPDX-License-Identifier: MIT OR Apache-2.0
//! The functions that a core module defines for others.

use crate::{Refused, Result, check_wasm_size};
use std::collections::BTreeSet;
use wasmparser::{
    ExternalKind, KnownCustom, Linking, LinkingSectionReader, Parser, Payload, SymbolFlags, SymbolInfo,
};

/// Names, sorted and without repeats: the global functions of an object file's symbol table, and the
/// exported functions of a linked module.
pub fn symbols(module: &[u8]) -> Result<Vec<String>> {
    check_wasm_size(module)?;
    if !Parser::is_core_wasm(module) {
        return Err(Refused::new("not a core module"));
    }
    let mut names = BTreeSet::new();
    collect(module, &mut names).map_err(|error| Refused::new(error.to_string()))?;
    Ok(names.into_iter().collect())
}

fn collect(module: &[u8], names: &mut BTreeSet<String>) -> wasmparser::Result<()> {
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    if export.kind == ExternalKind::Func {
                        names.insert(export.name.to_string());
                    }
                }
            }
            Payload::CustomSection(section) => {
                if let KnownCustom::Linking(linking) = section.as_known() {
                    collect_linking(linking, names)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn collect_linking(linking: LinkingSectionReader, names: &mut BTreeSet<String>) -> wasmparser::Result<()> {
    for subsection in linking.subsections() {
        let Linking::SymbolTable(table) = subsection? else {
            continue;
        };
        for symbol in table {
            if let SymbolInfo::Func { flags, name: Some(name), .. } = symbol?
                && !flags.intersects(SymbolFlags::UNDEFINED | SymbolFlags::BINDING_LOCAL)
            {
                names.insert(name.to_string());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A custom section with a linking table: (flags, name) each a function of index 0.
    fn object(table: &[(u8, &str)]) -> Vec<u8> {
        let mut symbols = vec![table.len() as u8];
        for (flags, name) in table {
            symbols.extend([0, *flags, 0, name.len() as u8]);
            symbols.extend(name.as_bytes());
        }
        let mut body = vec![7];
        body.extend(b"linking");
        body.extend([2, 8, symbols.len() as u8]);
        body.extend(symbols);
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        // One function of type () -> (), so that index 0 is there.
        module.extend([1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 4, 1, 2, 0, 0x0b]);
        module.extend([0, body.len() as u8]);
        module.extend(body);
        module
    }

    #[test]
    fn an_object_file_names_its_global_functions() {
        const LOCAL: u8 = 2;
        const HIDDEN: u8 = 4;
        let module = object(&[(HIDDEN, "actor_handle"), (LOCAL, "helper"), (0, "actor_start")]);
        assert_eq!(symbols(&module).unwrap(), ["actor_handle", "actor_start"]);
    }

    #[test]
    fn a_linked_module_names_its_exports() {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        module.extend([1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 7, 1, 3, b'r', b'u', b'n', 0, 0]);
        module.extend([10, 4, 1, 2, 0, 0x0b]);
        assert_eq!(symbols(&module).unwrap(), ["run"]);
    }

    #[test]
    fn what_is_no_module_is_refused() {
        assert!(symbols(b"").is_err());
        assert!(symbols(b"hello").is_err());
        assert!(symbols(b"\0asm\x0d\0\x01\0").is_err());
        let whole = object(&[(0, "f")]);
        for len in 9..whole.len() {
            let _ = symbols(&whole[..len]);
        }
    }
}
