// SPDX-License-Identifier: MIT OR Apache-2.0
//! A core module becomes a component.

use crate::{Refused, Result, check_text_size, check_wasm_size};
use wasi_preview1_component_adapter_provider as adapter;
use wasm_metadata::{AddMetadata, AddMetadataField, Authors, Description, Licenses, Source, Version};
use wasmparser::{ExternalKind, Parser, Payload};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{Resolve, SourceMap, UnresolvedPackageGroup, WorldId};

/// What a component says of itself; an empty text is left out.
#[derive(Default)]
pub struct Metadata<'a> {
    pub name: &'a str,
    pub version: &'a str,
    pub description: &'a str,
    pub licenses: &'a str,
    pub authors: &'a str,
    pub source: &'a str,
}

/// Makes a component of `module`, of which the only world in the WIT text `world` tells what it
/// imports and exports. `wit` are the packages that the world names, in any order.
pub fn componentize(module: &[u8], world: &str, wit: &[&str], metadata: &Metadata) -> Result<Vec<u8>> {
    check_wasm_size(module)?;
    let needs = Needs::of(module)?;
    let (resolve, world) = resolve_world(world, wit)?;
    let mut module = module.to_vec();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).map_err(refused)?;
    let mut encoder = ComponentEncoder::default().validate(true).module(&module).map_err(refused)?;
    if let Some(bytes) = needs.adapter() {
        encoder = encoder.adapter(adapter::WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, bytes).map_err(refused)?;
    }
    let component = encoder.encode().map_err(refused)?;
    add_metadata(&component, metadata)
}

/// What a module needs of an adapter from preview 1 of WASI.
#[derive(Default)]
struct Needs {
    preview1: bool,
    /// A program with a `main`, not a library of functions.
    start: bool,
}

impl Needs {
    fn of(module: &[u8]) -> Result<Needs> {
        if !Parser::is_core_wasm(module) {
            return Err(Refused::new("not a core module"));
        }
        let mut needs = Needs::default();
        needs.read(module).map_err(|error| Refused::new(error.to_string()))?;
        Ok(needs)
    }

    fn read(&mut self, module: &[u8]) -> wasmparser::Result<()> {
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        self.preview1 |= import?.module == adapter::WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME;
                    }
                }
                Payload::ExportSection(exports) => {
                    for export in exports {
                        let export = export?;
                        self.start |= export.name == "_start" && export.kind == ExternalKind::Func;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn adapter(&self) -> Option<&'static [u8]> {
        match (self.start, self.preview1) {
            (true, _) => Some(adapter::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER),
            (false, true) => Some(adapter::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER),
            (false, false) => None,
        }
    }
}

fn resolve_world(world: &str, wit: &[&str]) -> Result<(Resolve, WorldId)> {
    let main = parse_wit("world.wit", &with_package(world))?;
    let packages: Result<Vec<_>> = wit.iter().map(|text| parse_wit("package.wit", text)).collect();
    let mut resolve = Resolve::default();
    let package = resolve
        .push_groups(main, packages?)
        .map_err(|error| Refused::new(error.render(&resolve.source_map)))?;
    let world = resolve.select_world(&[package], None).map_err(refused)?;
    Ok((resolve, world))
}

/// A document that names no package gets one, on its first line so that line numbers stay true.
fn with_package(world: &str) -> String {
    let names_one = world.lines().any(|line| line.trim_start().starts_with("package "));
    let header = if names_one { "" } else { "package airssys:guest; " };
    format!("{header}{world}")
}

fn parse_wit(name: &str, text: &str) -> Result<UnresolvedPackageGroup> {
    check_text_size(text.as_bytes())?;
    let mut sources = SourceMap::new();
    sources.push_str(name, text);
    sources.parse().map_err(|(sources, error)| Refused::new(error.render(&sources)))
}

fn add_metadata(component: &[u8], metadata: &Metadata) -> Result<Vec<u8>> {
    let mut add = AddMetadata::default();
    add.name = field(metadata.name, |text| Ok(text.to_string()))?;
    add.version = field(metadata.version, |text| Ok(Version::new(text.to_string())))?;
    add.description = field(metadata.description, |text| Ok(Description::new(text.to_string())))?;
    add.authors = field(metadata.authors, |text| Ok(Authors::new(text.to_string())))?;
    add.licenses = field(metadata.licenses, |text| {
        Licenses::new(text).map_err(|_| Refused::new(format!("'{text}' is no SPDX licence expression")))
    })?;
    add.source = field(metadata.source, |text| {
        Source::new(text).map_err(|_| Refused::new(format!("'{text}' is no address of a source")))
    })?;
    add.processed_by = vec![("airssys".to_string(), env!("CARGO_PKG_VERSION").to_string())];
    add.to_wasm(component).map_err(refused)
}

fn field<T: std::fmt::Debug + Clone>(
    text: &str,
    make: impl FnOnce(&str) -> Result<T>,
) -> Result<AddMetadataField<T>> {
    match text {
        "" => Ok(AddMetadataField::Keep),
        text => make(text).map(AddMetadataField::Set),
    }
}

fn refused(error: anyhow::Error) -> Refused {
    Refused::new(format!("{error:#}"))
}
