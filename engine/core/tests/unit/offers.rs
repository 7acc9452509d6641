// SPDX-License-Identifier: MIT OR Apache-2.0
use super::*;

fn offers() -> Offers {
    let names = ["a:b/c@0.2.6", "a:b/c@0.3.0", "a:b/d@1.4.0"];
    Offers::new(names.iter().map(|name| Offer { name, functions: vec!["f"] }).collect())
}

#[test]
fn a_version_of_the_same_track_is_found() {
    let offers = offers();
    for import in ["a:b/c@0.2.0", "a:b/c@0.2.6", "a:b/c@0.2.99"] {
        assert_eq!(offers.find(import).map(|offer| offer.name), Some("a:b/c@0.2.6"), "{import}");
    }
    assert_eq!(offers.find("a:b/d@1.0.0").map(|offer| offer.name), Some("a:b/d@1.4.0"));
    for import in ["a:b/c@0.1.0", "a:b/d@2.0.0", "a:b/c@0.2.0-rc.1", "a:b/c", "a:b/z@1.0.0"] {
        assert!(offers.find(import).is_none(), "{import}");
    }
}

#[test]
fn a_refusal_names_the_nearest_version() {
    let offers = offers();
    assert_eq!(offers.refusal("a:b/c@0.4.0"), "imports a:b/c@0.4.0: not offered, nearest is a:b/c@0.3.0");
    assert_eq!(offers.refusal("x:y/z@1.0.0"), "imports x:y/z@1.0.0: not offered");
}
