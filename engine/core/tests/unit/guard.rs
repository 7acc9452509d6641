// SPDX-License-Identifier: MIT OR Apache-2.0
use super::*;

#[test]
fn a_long_text_is_cut_at_a_character() {
    let mut error = abi::Error { text: [0xff; 1024] };
    // Two bytes in front, so that the last place falls into an ä.
    write_text(&mut error, &("xx".to_owned() + &"ä\0".repeat(600)));
    let end = error.text.iter().position(|byte| *byte == 0).expect("terminated");
    assert_eq!(end, 1022);
    assert!(std::str::from_utf8(&error.text[..end]).is_ok());
}

#[test]
fn a_panic_is_a_failure_with_its_text() {
    let mut error = abi::Error { text: [0; 1024] };
    let mut panics = 0;
    // SAFETY: `error` is a local.
    let code = unsafe { guard(&mut error, || panics += 1, || panic!("on purpose")) };
    assert_eq!((code, panics), (abi::PANIC, 1));
    assert!(error.text.starts_with(b"a bug of the engine: on purpose\0"));
}
