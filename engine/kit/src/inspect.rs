// SPDX-License-Identifier: MIT OR Apache-2.0
//! Describes a component or a core module as JSON; see `engine_kit_inspect` in engine.h.

use crate::json::Json;
use crate::metadata::{Said, TEXT_SECTIONS};
use crate::{Refused, Result, check_wasm_size};
use airssys_engine_core::offers::{Offers, same_track, split};
use semver::Version;
use std::collections::BTreeMap;
use wasmparser::{ExternalKind, Parser, Payload, Validator, WasmFeatures};
use wit_component::DecodedWasm;
use wit_parser::{Resolve, TypeDefKind, WorldId, WorldItem, WorldKey};

/// The contract between a component and this runtime.
const CONTRACT: &str = "airssys:actor/";
const CONTRACT_EXPORTS: [&str; 8] =
    ["child", "actor", "batch", "replies", "signals", "health", "state", "reconfigure"];
/// A program with a `main` is a contract of its own.
const MAIN: &str = "wasi:cli/run";
const MAIN_TRACK: Version = Version::new(0, 2, 0);
const CONTRACT_TRACK: Version = Version::new(0, 1, 0);

/// Describes `wasm`; `offers` is what the runtime has.
pub fn inspect(wasm: &[u8], offers: &Offers) -> Result<String> {
    check_wasm_size(wasm)?;
    let is_component = check_header(wasm)?;
    Validator::new_with_features(WasmFeatures::all())
        .validate_all(wasm)
        .map_err(|error| Refused::new(error.to_string()))?;
    let said = listen(wasm)?;
    let surface = if is_component { component_surface(wasm)? } else { module_surface(wasm)? };
    Ok(describe(wasm, is_component, &said, &surface, offers))
}

/// Says whether it is a component; anything but Wasm is refused in words for people.
fn check_header(wasm: &[u8]) -> Result<bool> {
    if !wasm.starts_with(b"\0asm") {
        return Err(Refused::new("not WebAssembly: it does not begin with \\0asm"));
    }
    if wasm.len() < 8 {
        return Err(Refused::new("truncated: shorter than the header of WebAssembly"));
    }
    Ok(Parser::is_component(wasm))
}

/// One interface (or module, or function of the world itself) with its functions.
struct Interface {
    name: String,
    functions: Vec<String>,
    /// Whether anything in it exists at run time; an interface of types only links to anything.
    has_items: bool,
}

#[derive(Default)]
struct Surface {
    imports: Vec<Interface>,
    exports: Vec<Interface>,
}

impl Surface {
    fn contract(&self) -> Vec<&str> {
        self.exports.iter().filter_map(|export| contract_word(&export.name)).collect()
    }
}

fn contract_word(export: &str) -> Option<&str> {
    let (name, version) = split(export);
    if name == MAIN && same_track(&Some(MAIN_TRACK), &version) {
        return Some("main");
    }
    let word = name.strip_prefix(CONTRACT)?;
    (CONTRACT_EXPORTS.contains(&word) && same_track(&Some(CONTRACT_TRACK), &version)).then_some(word)
}

/// Reads the custom sections of the outermost module or component.
fn listen(wasm: &[u8]) -> Result<Said> {
    let mut said = Said::default();
    let mut depth = 0usize;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(|error| Refused::new(error.to_string()))? {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::CustomSection(section) if depth == 1 => said.hear(&section),
            _ => {}
        }
    }
    Ok(said)
}

fn component_surface(wasm: &[u8]) -> Result<Surface> {
    match wit_component::decode(wasm) {
        Ok(DecodedWasm::Component(resolve, world)) => Ok(world_surface(&resolve, world)),
        Ok(DecodedWasm::WitPackage(..)) => {
            Err(Refused::new("a WIT package in binary form, which describes components and is none"))
        }
        Err(error) => Err(Refused::new(format!("a component that no WIT describes: {error:#}"))),
    }
}

fn world_surface(resolve: &Resolve, world: WorldId) -> Surface {
    let world = &resolve.worlds[world];
    let read = |items: &mut dyn Iterator<Item = (&WorldKey, &WorldItem)>| {
        items.filter_map(|(key, item)| world_item(resolve, key, item)).collect()
    };
    Surface { imports: read(&mut world.imports.iter()), exports: read(&mut world.exports.iter()) }
}

fn world_item(resolve: &Resolve, key: &WorldKey, item: &WorldItem) -> Option<Interface> {
    let name = resolve.name_world_key(key);
    match item {
        WorldItem::Interface { id, .. } => {
            let interface = &resolve.interfaces[*id];
            let functions: Vec<String> = interface.functions.keys().cloned().collect();
            let has_resource =
                interface.types.values().any(|id| resolve.types[*id].kind == TypeDefKind::Resource);
            Some(Interface { name, has_items: has_resource || !functions.is_empty(), functions })
        }
        WorldItem::Function(function) => {
            Some(Interface { name, functions: vec![function.name.clone()], has_items: true })
        }
        WorldItem::Type { .. } => None,
    }
}

fn module_surface(wasm: &[u8]) -> Result<Surface> {
    let mut surface = Surface::default();
    read_module(wasm, &mut surface).map_err(|error| Refused::new(error.to_string()))?;
    Ok(surface)
}

fn read_module(wasm: &[u8], surface: &mut Surface) -> wasmparser::Result<()> {
    let mut imports: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    imports.entry(import.module.to_string()).or_default().push(import.name.to_string());
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    let is_function = export.kind == ExternalKind::Func;
                    let functions = if is_function { vec![export.name.to_string()] } else { Vec::new() };
                    surface.exports.push(Interface {
                        name: export.name.to_string(),
                        functions,
                        has_items: true,
                    });
                }
            }
            _ => {}
        }
    }
    surface.imports =
        imports.into_iter().map(|(name, functions)| Interface { name, functions, has_items: true }).collect();
    Ok(())
}

fn describe(wasm: &[u8], is_component: bool, said: &Said, surface: &Surface, offers: &Offers) -> String {
    let mut json = Json::new();
    json.object(|json| {
        json.key("kind").string(if is_component { "component" } else { "module" });
        json.key("bytes").number(wasm.len());
        json.key("contract").strings(surface.contract());
        json.key("metadata").object(|json| describe_metadata(json, said));
        json.key("exports").array(|json| {
            for export in &surface.exports {
                json.object(|json| describe_interface(json, export));
            }
        });
        json.key("imports").array(|json| {
            for import in &surface.imports {
                json.object(|json| describe_import(json, import, offers));
            }
        });
        json.key("custom_sections").array(|json| {
            for (name, bytes) in &said.sections {
                json.object(|json| {
                    json.key("name").string(name);
                    json.key("bytes").number(*bytes);
                });
            }
        });
    });
    json.finish()
}

fn describe_metadata(json: &mut Json, said: &Said) {
    json.key("name").string_or_null(said.name.as_deref());
    for (name, text) in TEXT_SECTIONS.iter().zip(&said.texts) {
        json.key(name).string_or_null(text.as_deref());
    }
    json.key("language").strings(said.language.iter().map(String::as_str));
    json.key("processed_by").strings(said.processed_by.iter().map(String::as_str));
}

fn describe_interface(json: &mut Json, interface: &Interface) {
    json.key("name").string(&interface.name);
    json.key("functions").strings(interface.functions.iter().map(String::as_str));
}

/// An interface is offered when each of its functions is; one that has nothing at run time links to anything.
fn describe_import(json: &mut Json, import: &Interface, offers: &Offers) {
    describe_interface(json, import);
    let found = offers.find(&import.name);
    let missing: Vec<&str> = match found {
        Some(offer) => import.functions.iter().map(String::as_str).filter(|f| !offer.has(f)).collect(),
        None => import.functions.iter().map(String::as_str).collect(),
    };
    let offered = missing.is_empty() && (found.is_some() || !import.has_items);
    json.key("offered").literal(if offered { "true" } else { "false" });
    let nearest = found.or_else(|| offers.nearest(&import.name));
    json.key("offer").string_or_null(nearest.map(|offer| offer.name));
    json.key("missing").strings(missing);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::componentize::{Metadata, componentize};
    use airssys_engine_core::offers::Offer;

    const WIT: &str = include_str!("../../../wit/actor.wit");
    const WORLD: &str =
        "world guest { import airssys:actor/messaging@0.1.0; import airssys:actor/types@0.1.0; }";

    /// A module that imports one function of `messaging` and calls nothing.
    fn module() -> Vec<u8> {
        fn text(out: &mut Vec<u8>, text: &str) {
            out.push(text.len() as u8);
            out.extend(text.as_bytes());
        }
        let mut import = vec![1];
        text(&mut import, "airssys:actor/messaging@0.1.0");
        text(&mut import, "self-id");
        import.extend([0, 0]);
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        module.extend([1, 5, 1, 0x60, 0, 1, 0x7e]);
        module.extend([2, import.len() as u8]);
        module.extend(import);
        module
    }

    fn offers(name: &'static str, functions: &[&'static str]) -> Offers {
        Offers::new(vec![Offer { name, functions: functions.to_vec() }])
    }

    fn component(metadata: &Metadata) -> Vec<u8> {
        componentize(&module(), WORLD, &[WIT], metadata).unwrap()
    }

    #[test]
    fn a_component_is_described() {
        let metadata = Metadata { name: "greeter", version: "1.2.3", licenses: "MIT", ..Metadata::default() };
        let json =
            inspect(&component(&metadata), &offers("airssys:actor/messaging@0.1.4", &["self-id"])).unwrap();
        assert!(json.contains(r#""kind":"component""#), "{json}");
        assert!(json.contains(r#""name":"greeter","version":"1.2.3","description":null"#), "{json}");
        assert!(json.contains(r#""licenses":"MIT""#), "{json}");
        assert!(
            json.contains(
                r#""name":"airssys:actor/messaging@0.1.0","functions":["self-id"],"offered":true,"offer":"airssys:actor/messaging@0.1.4""#
            ),
            "{json}"
        );
    }

    #[test]
    fn an_import_that_is_not_offered_is_marked() {
        let component = component(&Metadata::default());
        let said = |offers| inspect(&component, &offers).unwrap();
        let later = said(offers("airssys:actor/messaging@0.2.0", &["self-id"]));
        let wanted = r#""offered":false,"offer":"airssys:actor/messaging@0.2.0","missing":["self-id"]"#;
        assert!(later.contains(wanted), "{later}");
        let partly = said(offers("airssys:actor/messaging@0.1.0", &["send"]));
        let wanted = r#""offered":false,"offer":"airssys:actor/messaging@0.1.0","missing":["self-id"]"#;
        assert!(partly.contains(wanted), "{partly}");
    }

    #[test]
    fn a_module_is_described_as_one() {
        let json = inspect(&module(), &Offers::default()).unwrap();
        assert!(json.starts_with(r#"{"kind":"module""#));
        assert!(json.contains(r#""name":"airssys:actor/messaging@0.1.0","functions":["self-id"]"#));
    }

    #[test]
    fn each_truncation_is_refused() {
        let whole = component(&Metadata { name: "greeter", ..Metadata::default() });
        for len in 0..whole.len() {
            let answer = inspect(&whole[..len], &Offers::default());
            // A component may end after any whole section; what is left is then described truly.
            assert!(answer.is_err() || answer.unwrap().contains(r#""kind":"component""#), "at {len}");
        }
        assert!(inspect(b"", &Offers::default()).unwrap_err().0.contains("empty"));
        assert!(inspect(b"#!/bin/sh", &Offers::default()).unwrap_err().0.contains("not WebAssembly"));
    }

    /// Components in components, each with nothing but the next.
    fn nested(depth: usize) -> Vec<u8> {
        let mut inner = b"\0asm\x0d\0\x01\0".to_vec();
        for _ in 0..depth {
            let mut outer = b"\0asm\x0d\0\x01\0\x04".to_vec();
            let mut len = inner.len();
            while len >= 0x80 {
                outer.push((len & 0x7f) as u8 | 0x80);
                len >>= 7;
            }
            outer.push(len as u8);
            outer.extend(inner);
            inner = outer;
        }
        inner
    }

    #[test]
    fn nesting_is_survived() {
        assert!(inspect(&nested(2), &Offers::default()).is_ok());
        let _ = inspect(&nested(5_000), &Offers::default());
    }

    #[test]
    fn each_flipped_byte_is_survived() {
        let whole = component(&Metadata { name: "greeter", ..Metadata::default() });
        for at in 0..whole.len() {
            for mask in [0x01, 0x80, 0xff] {
                let mut bent = whole.clone();
                bent[at] ^= mask;
                let _ = inspect(&bent, &Offers::default());
            }
        }
    }

    #[test]
    fn a_world_that_the_module_does_not_meet_is_refused() {
        let world = "world guest { import airssys:actor/messaging@0.1.0; export airssys:actor/batch@0.1.0; }";
        let error = componentize(&module(), world, &[WIT], &Metadata::default()).unwrap_err().0;
        assert!(error.contains("batch"), "{error}");
        let error = componentize(&module(), "world guest {", &[WIT], &Metadata::default()).unwrap_err().0;
        assert!(error.contains("world.wit:1:"), "{error}");
        let unknown = "world guest { import airssys:actor/telepathy@0.1.0; }";
        assert!(componentize(&module(), unknown, &[WIT], &Metadata::default()).is_err());
        assert!(componentize(b"\0asm", WORLD, &[WIT], &Metadata::default()).is_err());
    }

    #[test]
    fn a_licence_that_is_none_is_refused() {
        let metadata = Metadata { licenses: "do what you like", ..Metadata::default() };
        let error = componentize(&module(), WORLD, &[WIT], &metadata).unwrap_err().0;
        assert!(error.contains("SPDX"), "{error}");
    }
}
