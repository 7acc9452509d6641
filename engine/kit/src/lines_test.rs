// SPDX-License-Identifier: MIT OR Apache-2.0
use super::*;

/// A component with one module of 64 bytes of code at CODE, with these parts.
const CODE: u64 = 1000;
fn kept(names: &[u8], lines: &[u8], texts: &[u8]) -> Vec<u8> {
    let mut kept = [CODE.to_le_bytes(), (CODE + 64).to_le_bytes()].concat();
    for part in [names, lines, texts] {
        kept.extend((part.len() as u64).to_le_bytes());
        kept.extend(part);
    }
    kept
}

fn names(list: &[(u8, &str)]) -> Vec<u8> {
    let mut map = vec![list.len() as u8];
    for (index, name) in list {
        // A length of two bytes.
        map.extend([*index, name.len() as u8 | 0x80, (name.len() >> 7) as u8]);
        map.extend(name.as_bytes());
    }
    map
}

fn frame(function: u32, address: u64) -> Frame {
    Frame { function, offset: Some(CODE + address) }
}

/// The lists of folders and files as version 4 has them: `code.c` in `src`, `main.c` in none.
const FILES_4: &[u8] = b"src\0\0code.c\0\x01\0\0main.c\0\0\0\0\0";

/// A table of version 4: no special opcodes, the standard ones, FILES_4, and this program.
fn table_4(program: &[u8]) -> Vec<u8> {
    let mut header = vec![1, 1, 1, 0, 1, 10, 0, 1, 1, 1, 1, 0, 0, 0, 1];
    header.extend(FILES_4);
    let mut table = 4u16.to_le_bytes().to_vec();
    table.extend((header.len() as u32).to_le_bytes());
    table.extend(header);
    table.extend(program);
    [&(table.len() as u32).to_le_bytes()[..], &table].concat()
}

const SET_ADDRESS: [u8; 3] = [0, 5, 2];
const COPY: u8 = 1;
const ADVANCE_PC: u8 = 2;
const ADVANCE_LINE: u8 = 3;
const SET_FILE: u8 = 4;
const SET_COLUMN: u8 = 5;
const END: [u8; 3] = [0, 1, 1];

/// From `address` on, 4 bytes of line 12:5, then 4 bytes of line 13 without a column.
fn function_at(address: u32, file: u8) -> Vec<u8> {
    let mut program = SET_ADDRESS.to_vec();
    program.extend(address.to_le_bytes());
    program.extend([SET_FILE, file, ADVANCE_LINE, 11, SET_COLUMN, 5, COPY]);
    program.extend([ADVANCE_PC, 4, ADVANCE_LINE, 1, SET_COLUMN, 0, COPY, ADVANCE_PC, 4]);
    program.extend(END);
    program
}

#[test]
fn a_frame_has_its_name_and_its_line() {
    let names = names(&[(3, "divide"), (7, "handle")]);
    let lines = [table_4(&function_at(8, 1)), table_4(&function_at(32, 2))].concat();
    let kept = kept(&names, &lines, b"");
    let frames = [frame(3, 8), frame(3, 13), frame(7, 33), frame(9, 20), frame(7, 16)];
    let told = "divide at src/code.c:12:5\ndivide at src/code.c:13\nhandle at main.c:12:5\n\
                function 9 (at byte 0x3fc)\nhandle\n";
    assert_eq!(trap_lines(&kept, &frames), told);
}

#[test]
fn a_frame_of_nowhere_has_its_number() {
    let kept = kept(&names(&[(3, "divide")]), b"", b"");
    let frames = [Frame { function: 3, offset: None }, Frame { function: 3, offset: Some(7) }];
    assert_eq!(trap_lines(&kept, &frames), "function 3\nfunction 3 (at byte 0x7)\n");
    assert_eq!(trap_lines(b"", &frames), "function 3\nfunction 3 (at byte 0x7)\n");
    assert_eq!(trap_lines(b"", &[]), "");
}

#[test]
fn functions_that_were_left_out_hide_nothing() {
    // Both begin at 0, as linkers leave them; the real one begins later.
    let lines =
        [table_4(&function_at(0, 2)), table_4(&function_at(4, 1)), table_4(&function_at(0, 2))].concat();
    let told = trap_lines(&kept(&names(&[(1, "f")]), &lines, b""), &[frame(1, 5)]);
    assert_eq!(told, "f at src/code.c:12:5\n");
}

#[test]
fn version_5_has_its_texts_elsewhere() {
    const LINE_STRP: u8 = 0x1f;
    const UDATA: u8 = 0x0f;
    const PATH: u8 = 1;
    const FOLDER: u8 = 2;
    let texts = b"/build\0lib\0code.c\0";
    let mut header = vec![1, 1, 1, 0, 1, 10, 0, 1, 1, 1, 1, 0, 0, 0, 1];
    header.extend([1, PATH, LINE_STRP, 2, 0, 0, 0, 0, 7, 0, 0, 0]);
    header.extend([2, PATH, LINE_STRP, FOLDER, UDATA, 2, 11, 0, 0, 0, 0, 11, 0, 0, 0, 1]);
    let mut table = vec![5, 0, 4, 0];
    table.extend((header.len() as u32).to_le_bytes());
    table.extend(header);
    table.extend(function_at(8, 0));
    table.extend(function_at(24, 1));
    let table = [&(table.len() as u32).to_le_bytes()[..], &table].concat();
    let told = trap_lines(&kept(&names(&[(1, "f")]), &table, texts), &[frame(1, 8), frame(1, 24)]);
    assert_eq!(told, "f at code.c:12:5\nf at lib/code.c:12:5\n");
    // Without the texts there are no places.
    assert_eq!(trap_lines(&kept(&names(&[(1, "f")]), &table, b""), &[frame(1, 8)]), "f\n");
}

#[test]
fn names_are_as_their_authors_wrote_them() {
    let long = format!("_Z{}x{}", 120, "y".repeat(119));
    let names = names(&[
        (0, "_ZN4core9panicking5panic17h0123456789abcdefE"),
        (1, "_ZN5shape4areaEi"),
        (2, "two\nlines\x1b[31m"),
        (3, &"n".repeat(300)),
        (4, ""),
        (5, "_Znonsense"),
        (6, &long),
    ]);
    let frames: Vec<Frame> = (0..7).map(|function| frame(function, 0)).collect();
    let told = trap_lines(&kept(&names, b"", b""), &frames);
    let told: Vec<&str> = told.lines().collect();
    assert_eq!(&told[..3], ["core::panicking::panic", "shape::area(int)", "two?lines?[31m"]);
    assert_eq!(told[3], "n".repeat(TEXT_BYTES_MAX));
    assert_eq!(told[4..6], ["?", "_Znonsense"]);
    assert_eq!(told[6], &long[5..]);
}

#[test]
fn files_that_a_program_makes_up_are_not_kept() {
    let mut program = vec![];
    for _ in 0..100 {
        program.extend([0, 6, 3, b'x', 0, 0, 0, 0]);
    }
    program.extend(function_at(8, 3));
    let told = trap_lines(&kept(&names(&[(1, "f")]), &table_4(&program), b""), &[frame(1, 8)]);
    assert_eq!(told, "f\n");
}

#[test]
fn a_table_with_too_long_a_header_is_passed_over() {
    let mut table = table_4(&function_at(8, 1));
    table[6..10].copy_from_slice(&(HEADER_BYTES_MAX + 1).to_le_bytes());
    let lines = [table, table_4(&function_at(8, 2))].concat();
    let told = trap_lines(&kept(&names(&[(1, "f")]), &lines, b""), &[frame(1, 8)]);
    assert_eq!(told, "f at main.c:12:5\n");
}

/// No input makes it panic, loop or tell more than a line a frame; each byte is changed, and each cut is made.
#[test]
fn what_is_broken_breaks_nothing() {
    let lines = [table_4(&function_at(8, 1)), table_4(&function_at(32, 2))].concat();
    let whole = kept(&names(&[(3, "divide"), (7, "handle")]), &lines, b"texts\0");
    let frames = [frame(3, 8), frame(7, 33)];
    for at in 0..whole.len() {
        for value in [0, 1, 0x7f, 0x80, 0xff, whole[at] ^ 0x10] {
            let mut broken = whole.clone();
            broken[at] = value;
            assert_eq!(trap_lines(&broken, &frames).lines().count(), 2);
        }
        assert_eq!(trap_lines(&whole[..at], &frames).lines().count(), 2);
    }
}

/// As many rows as the bytes allow, in one table, and as many tables: linear, so both end soon.
#[test]
fn the_largest_are_read_in_little_time() {
    let mut program = vec![COPY; 8 << 20];
    program.extend(END);
    let many = table_4(&[]).repeat((8 << 20) / table_4(&[]).len());
    let started = std::time::Instant::now();
    for lines in [table_4(&program), many] {
        assert_eq!(trap_lines(&kept(b"", &lines, b""), &[frame(3, 8)]).lines().count(), 1);
    }
    assert!(started.elapsed().as_secs() < 60);
}
