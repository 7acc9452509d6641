// SPDX-License-Identifier: MIT OR Apache-2.0
//! What an engine offers to import: the one table that load errors, `engine_offers` and the kit read.

use semver::Version;

/// An interface as it stands in a table.
#[derive(Clone, Copy, Debug)]
pub struct Interface {
    /// `package:name/interface@version`
    pub name: &'static str,
    pub functions: &'static [&'static str],
}

/// An interface of which this engine offers these functions.
#[derive(Clone, Debug)]
pub struct Offer {
    /// `package:name/interface@version`
    pub name: &'static str,
    pub functions: Vec<&'static str>,
}

impl Offer {
    pub fn has(&self, function: &str) -> bool {
        self.functions.contains(&function)
    }
}

/// Everything one engine offers, sorted by name.
#[derive(Clone, Debug, Default)]
pub struct Offers {
    list: Vec<Offer>,
}

impl Offers {
    pub fn new(mut list: Vec<Offer>) -> Self {
        list.sort_by_key(|offer| offer.name);
        Self { list }
    }

    pub fn list(&self) -> &[Offer] {
        &self.list
    }

    /// The offer that an import of this name is linked to: the same name, or a version that may stand for it.
    pub fn find(&self, import: &str) -> Option<&Offer> {
        let wanted = split(import);
        self.list.iter().find(|offer| {
            let offered = split(offer.name);
            offer.name == import || (offered.0 == wanted.0 && same_track(&offered.1, &wanted.1))
        })
    }

    /// The highest version offered of an interface that is asked for in another one.
    pub fn nearest(&self, import: &str) -> Option<&Offer> {
        let (name, _) = split(import);
        let same_name = self.list.iter().filter(|offer| split(offer.name).0 == name);
        same_name.max_by_key(|offer| split(offer.name).1)
    }

    /// The names, one a line.
    pub fn text(&self) -> String {
        self.list.iter().map(|offer| format!("{}\n", offer.name)).collect()
    }

    /// Why this import is refused, with the nearest version that is not.
    pub fn refusal(&self, import: &str) -> String {
        match self.nearest(import) {
            Some(near) => format!("imports {import}: not offered, nearest is {}", near.name),
            None => format!("imports {import}: not offered"),
        }
    }
}

/// Name and version of `name@version`.
pub fn split(interface: &str) -> (&str, Option<Version>) {
    match interface.rsplit_once('@') {
        Some((name, version)) => (name, Version::parse(version).ok()),
        None => (interface, None),
    }
}

/// Whether two versions may stand for one another, as Wasmtime's linker sees it: the leftmost number
/// that is not 0 is the same, and neither is a pre-release.
pub fn same_track(a: &Option<Version>, b: &Option<Version>) -> bool {
    let (Some(a), Some(b)) = (a, b) else { return false };
    if !a.pre.is_empty() || !b.pre.is_empty() {
        return a == b;
    }
    let track = |v: &Version| match (v.major, v.minor) {
        (0, 0) => (0, 0, v.patch),
        (0, minor) => (0, minor, 0),
        (major, _) => (major, 0, 0),
    };
    track(a) == track(b)
}

#[cfg(test)]
#[path = "../tests/unit/offers.rs"]
mod tests;
