// SPDX-License-Identifier: MIT OR Apache-2.0
//! A trap's frames as lines for people: functions' names and, where the guest has DWARF, file and line.
//!
//! The DWARF is a guest's: hostile. Only line tables are read, one after the other, in one pass that keeps
//! nothing but the best row for each frame: time is linear in bytes that `debug` bounds, memory is that of
//! one table's header, which is bounded here. (What inlining hid is not told: that is in `.debug_info`,
//! where one byte may stand for much work.)

use crate::debug::{Module, kept_modules};
use gimli::{
    AttributeValue, DebugLine, DebugLineOffset, EndianSlice, LineInstruction, LineRow, LittleEndian,
};
use std::fmt::{self, Write};
use wasmparser::{BinaryReader, NameMap};

/// A frame as the engine tells it: the function's index in its module, and where in the component it was.
pub struct Frame {
    pub function: u32,
    pub offset: Option<u64>,
}

/// Bytes of the header of one line table: of its lists of folders and files.
const HEADER_BYTES_MAX: u32 = 256 << 10;
/// Bytes of a function's name, and of a file's.
const TEXT_BYTES_MAX: usize = 160;
/// Addresses of 32-bit WebAssembly.
const ADDRESS_BYTES: u8 = 4;

type Bytes<'a> = EndianSlice<'a, LittleEndian>;

/// One line a frame, in their order, none of them empty: `divide at src/handler.c:12:5`.
pub fn trap_lines(kept: &[u8], frames: &[Frame]) -> String {
    let modules = kept_modules(kept);
    let mut told: Vec<Told> = frames.iter().map(|_| Told::default()).collect();
    for module in &modules {
        let mut wanted = Vec::new();
        for (frame, told) in frames.iter().zip(&mut told) {
            let offset = frame.offset.filter(|offset| module.code.contains(offset));
            if let Some(offset) = offset {
                wanted.push(Wanted { function: frame.function, address: offset - module.code.start, told });
            }
        }
        if !wanted.is_empty() {
            find_names(module, &mut wanted);
            find_places(module, &mut wanted);
        }
    }
    frames.iter().zip(&told).map(|(frame, told)| told.line(frame)).collect()
}

/// What was found out of a frame.
#[derive(Default)]
struct Told {
    name: Option<String>,
    place: Option<Place>,
}

struct Place {
    /// Where the run of rows begins in which it was found.
    sequence: u64,
    text: String,
}

/// A frame in the module that is being read.
struct Wanted<'a> {
    function: u32,
    /// From the beginning of the code section, as DWARF counts.
    address: u64,
    told: &'a mut Told,
}

impl Told {
    fn line(&self, frame: &Frame) -> String {
        let mut line = match (&self.name, frame.offset) {
            (Some(name), _) => name.clone(),
            (None, None) => format!("function {}", frame.function),
            (None, Some(offset)) => format!("function {} (at byte {offset:#x})", frame.function),
        };
        if let Some(place) = &self.place {
            line.push_str(" at ");
            line.push_str(&place.text);
        }
        line.push('\n');
        line
    }
}

// ---------------------------------------------------------------- names

fn find_names(module: &Module, wanted: &mut [Wanted]) {
    let Ok(names) = NameMap::new(BinaryReader::new(module.names, 0)) else { return };
    // From the first name that is not well-formed on there are none.
    for naming in names.into_iter().map_while(Result::ok) {
        for frame in wanted.iter_mut().filter(|frame| frame.function == naming.index) {
            frame.told.name.get_or_insert_with(|| readable(naming.name));
        }
    }
}

/// A function's name as its author wrote it.
fn readable(name: &str) -> String {
    let mut text = Tidy::default();
    let done = if let Ok(name) = rustc_demangle::try_demangle(name) {
        // Without the hash that Rust adds.
        write!(text, "{name:#}")
    } else if name.starts_with("_Z") && name.len() <= TEXT_BYTES_MAX {
        cpp(name, &mut text)
    } else {
        text.write_str(name)
    };
    // It is full: what fits is shown.
    let _ = done;
    if text.0.is_empty() { "?".into() } else { text.0 }
}

fn cpp(name: &str, text: &mut Tidy) -> fmt::Result {
    let options = cpp_demangle::DemangleOptions::new().no_return_type();
    match cpp_demangle::Symbol::new(name) {
        Ok(symbol) => symbol.structured_demangle(text, &options),
        Err(_) => text.write_str(name),
    }
}

/// At most TEXT_BYTES_MAX bytes of one line; an error when there is more.
#[derive(Default)]
struct Tidy(String);

impl Write for Tidy {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|c| self.write_char(c))
    }

    fn write_char(&mut self, c: char) -> fmt::Result {
        let c = if c.is_control() { '?' } else { c };
        if self.0.len() + c.len_utf8() > TEXT_BYTES_MAX {
            return Err(fmt::Error);
        }
        self.0.push(c);
        Ok(())
    }
}

// ---------------------------------------------------------------- places

fn find_places(module: &Module, wanted: &mut [Wanted]) {
    let mut at = 0;
    while let Some(table) = Table::at(module, at) {
        at = table.end;
        // One that is not well-formed says what it says before that.
        if table.header_bytes <= HEADER_BYTES_MAX {
            let _ = table.read(module, wanted);
        }
    }
}

/// One line table of a `.debug_line` section: that of a compilation unit.
struct Table {
    start: usize,
    end: usize,
    header_bytes: u32,
}

impl Table {
    /// Reads the lengths only. None at the end of the section, or where it makes no sense.
    fn at(module: &Module, start: usize) -> Option<Self> {
        let u32_at = |at: usize| Some(u32::from_le_bytes(*module.lines.get(at..)?.first_chunk()?));
        // 0xffffffff would be 64-bit DWARF, which is not made for 32-bit WebAssembly: past the end, too.
        let end = start.checked_add(4)?.checked_add(u32_at(start)? as usize)?;
        let version = u16::from_le_bytes(*module.lines.get(start + 4..)?.first_chunk()?);
        let header_at = if version >= 5 { start + 8 } else { start + 6 };
        let table = Table { start, end, header_bytes: u32_at(header_at)? };
        (end <= module.lines.len()).then_some(table)
    }

    fn read(&self, module: &Module, wanted: &mut [Wanted]) -> gimli::Result<()> {
        let section = DebugLine::new(module.lines, LittleEndian);
        let mut program = section.program(DebugLineOffset(self.start), ADDRESS_BYTES, None, None)?;
        let mut instructions = program.header().instructions();
        let mut row = LineRow::new(program.header());
        let mut run = Run::default();
        while let Some(instruction) = instructions.next_instruction(program.header())? {
            // A file more for each few bytes: nobody makes these, and memory is not theirs.
            if matches!(instruction, LineInstruction::DefineFile(_)) {
                continue;
            }
            if row.execute(instruction, &mut program)? {
                run.add(&row, wanted, |file| path(program.header(), file, module.line_texts));
                row.reset(program.header());
            }
        }
        Ok(())
    }
}

/// Rows of which the addresses grow: of one function, or of some. A row is what holds from its address up
/// to that of the next.
#[derive(Default)]
struct Run {
    start: Option<u64>,
    last: Option<LineRow>,
}

impl Run {
    fn add(&mut self, row: &LineRow, wanted: &mut [Wanted], path: impl Fn(u64) -> Option<String>) {
        let start = *self.start.get_or_insert(row.address());
        if let Some(last) = self.last {
            let range = last.address()..row.address();
            for frame in wanted.iter_mut().filter(|frame| range.contains(&frame.address)) {
                // Functions that the linker left out have their rows at 0: what begins later is nearer.
                if frame.told.place.as_ref().is_none_or(|place| place.sequence < start) {
                    let text = path(last.file_index()).map(|path| place_text(&path, &last));
                    frame.told.place =
                        text.map(|text| Place { sequence: start, text }).or(frame.told.place.take());
                }
            }
        }
        self.last = (!row.end_sequence()).then_some(*row);
        self.start = (!row.end_sequence()).then_some(start);
    }
}

fn place_text(path: &str, row: &LineRow) -> String {
    let mut text = path.to_string();
    if let Some(line) = row.line() {
        text.push_str(&format!(":{line}"));
        if let gimli::ColumnType::Column(column) = row.column() {
            text.push_str(&format!(":{column}"));
        }
    }
    text
}

/// The path of a file, as it was given to the compiler: relative where that was.
fn path(header: &gimli::LineProgramHeader<Bytes>, file: u64, texts: &[u8]) -> Option<String> {
    let entry = header.file(file)?;
    let name = text_of(entry.path_name(), texts)?;
    let mut path = Tidy::default();
    // Folder 0 is where the compiler ran, which says something of that machine only.
    let folder = match entry.directory_index() {
        0 => None,
        _ => entry.directory(header).and_then(|folder| text_of(folder, texts)),
    };
    if let Some(folder) = folder.filter(|_| !name.starts_with(b"/")) {
        write!(path, "{}/", String::from_utf8_lossy(folder.trim_ascii_end())).ok()?;
    }
    write!(path, "{}", String::from_utf8_lossy(name)).ok()?;
    Some(path.0)
}

fn text_of<'a>(value: AttributeValue<Bytes<'a>>, texts: &'a [u8]) -> Option<&'a [u8]> {
    let text = match value {
        AttributeValue::String(text) => text.slice(),
        AttributeValue::DebugLineStrRef(offset) => {
            let text = texts.get(offset.0..)?;
            &text[..text.iter().position(|byte| *byte == 0)?]
        }
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
#[path = "lines_test.rs"]
mod tests;
