// SPDX-License-Identifier: MIT OR Apache-2.0
//! Writes the C bindings of wit/ into sdk/c/generated. `tools/checks/bindings` says whether they are current.
//!
//! A component exports exactly what its author defined, so its bindings cannot be one file: what is
//! linked is exported. Each part is a world of its own, NAME.c and NAME.h:
//!   imports  the calls into the runtime; the linker drops those that nobody uses
//!   EXPORT   one exported interface: linked when its author defines what stands behind it

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use wit_bindgen_core::Files;
use wit_bindgen_core::wit_parser::Resolve;

const PACKAGE: &str = "airssys:actor";
const VERSION: &str = "0.1.0";
const IMPORTS: [&str; 6] = [
    "mailbox",
    "messaging",
    "context",
    "supervision",
    "timers",
    "capability",
];
const EXPORTS: [&str; 8] = [
    "child",
    "actor",
    "batch",
    "replies",
    "signals",
    "health",
    "state",
    "reconfigure",
];
/// Of WASI, what `airs_log` writes through.
const LOG_IMPORTS: [&str; 1] = ["wasi:cli/stderr@0.2.0"];
/// Texts of WIT, each after those it names.
const PACKAGES: [&str; 3] = ["sdk/c/wit/io.wit", "sdk/c/wit/cli.wit", "wit/actor.wit"];
const MAKERS: [&str; 2] = ["tools/bindings/Cargo.lock", "tools/bindings/src/main.rs"];
const FOLDER: &str = "sdk/c/generated";
const SUMS: &str = "SHA256SUMS";
const SPDX: &str = "// SPDX-License-Identifier: MIT OR Apache-2.0\n";

fn main() -> Result<()> {
    let root = project_root()?;
    let bindings = all_bindings(&root)?;
    write(&root, &bindings)
}

/// The folder above that holds wit/: cargo runs this from anywhere in the project.
fn project_root() -> Result<PathBuf> {
    let here = std::env::current_dir()?;
    let is_root = |folder: &&Path| folder.join("wit/actor.wit").is_file();
    let root = here.ancestors().find(is_root);
    Ok(root
        .context("run this inside the project: no wit/actor.wit here or above")?
        .to_path_buf())
}

fn all_bindings(root: &Path) -> Result<BTreeMap<String, String>> {
    let mut bindings = BTreeMap::new();
    let imports = IMPORTS.iter().map(|name| contract("import", name));
    let log = LOG_IMPORTS.iter().map(|name| format!("import {name};"));
    let imports: String = imports.chain(log).collect();
    add_part(root, "imports", &imports, &mut bindings)?;
    for name in EXPORTS {
        add_part(root, name, &contract("export", name), &mut bindings)?;
    }
    Ok(bindings)
}

fn contract(direction: &str, interface: &str) -> String {
    format!("{direction} {PACKAGE}/{interface}@{VERSION};")
}

fn add_part(
    root: &Path,
    part: &str,
    items: &str,
    bindings: &mut BTreeMap<String, String>,
) -> Result<()> {
    let mut resolve = Resolve::default();
    for package in PACKAGES {
        let text = fs::read_to_string(root.join(package)).with_context(|| package.to_string())?;
        resolve.push_source(package, &text)?;
    }
    let world = format!("package airssys:bindings; world {part} {{ {items} }}");
    let package = resolve.push_source("world.wit", &world)?;
    let world = resolve.select_world(&[package], None)?;

    let options = wit_bindgen_c::Opts {
        // The SDK has its own helpers, and `airssys build` tells the component its types.
        no_helpers: true,
        no_object_file: true,
        ..Default::default()
    };
    let mut files = Files::default();
    options.build().generate(&mut resolve, world, &mut files)?;
    for (name, bytes) in files.iter() {
        bindings.insert(
            name.to_string(),
            format!("{SPDX}{}", std::str::from_utf8(bytes)?),
        );
    }
    Ok(())
}

fn write(root: &Path, bindings: &BTreeMap<String, String>) -> Result<()> {
    let folder = root.join(FOLDER);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    for (name, text) in bindings {
        fs::write(folder.join(name), text).with_context(|| name.clone())?;
    }
    fs::write(folder.join(SUMS), sums(root, bindings)?)?;
    println!("{} files in {FOLDER}", bindings.len());
    Ok(())
}

/// Checksums of what the bindings are made of and of the bindings, as `sha256sum --check` reads them in
/// the root of the project: whether they are current can be told without making them.
fn sums(root: &Path, bindings: &BTreeMap<String, String>) -> Result<String> {
    let mut lines = "# SPDX-License-Identifier: MIT OR Apache-2.0\n".to_string();
    for path in PACKAGES.iter().chain(&MAKERS) {
        let bytes = fs::read(root.join(path)).with_context(|| path.to_string())?;
        lines += &sum_line(&bytes, path);
    }
    for (name, text) in bindings {
        lines += &sum_line(text.as_bytes(), &format!("{FOLDER}/{name}"));
    }
    Ok(lines)
}

fn sum_line(bytes: &[u8], path: &str) -> String {
    let digest: String = Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{digest}  {path}\n")
}
