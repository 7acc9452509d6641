// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a file says of itself: names, producers and custom sections at its outermost level.

use wasmparser::{
    ComponentName, ComponentNameSectionReader, CustomSectionReader, KnownCustom, Name, NameSectionReader,
    ProducersSectionReader,
};

/// The custom sections with a text of their own, by the name they have in the file and in our JSON.
pub const TEXT_SECTIONS: [&str; 7] =
    ["version", "description", "authors", "licenses", "source", "homepage", "revision"];

/// Everything that was said; a section that is malformed says nothing.
#[derive(Default)]
pub struct Said {
    pub name: Option<String>,
    /// In the order of `TEXT_SECTIONS`.
    pub texts: [Option<String>; TEXT_SECTIONS.len()],
    pub language: Vec<String>,
    pub processed_by: Vec<String>,
    /// Name and size of each custom section, in order.
    pub sections: Vec<(String, usize)>,
}

impl Said {
    pub fn hear(&mut self, section: &CustomSectionReader) {
        self.sections.push((section.name().to_string(), section.data().len()));
        match section.as_known() {
            KnownCustom::Name(names) => self.name = module_name(names),
            KnownCustom::ComponentName(names) => self.name = component_name(names),
            KnownCustom::Producers(producers) => self.hear_producers(producers),
            _ => {
                let place = TEXT_SECTIONS.iter().position(|name| *name == section.name());
                if let (Some(place), Ok(text)) = (place, std::str::from_utf8(section.data())) {
                    self.texts[place] = Some(text.to_string());
                }
            }
        }
    }

    fn hear_producers(&mut self, producers: ProducersSectionReader) {
        for field in producers.into_iter().flatten() {
            let list = match field.name {
                "language" => &mut self.language,
                "processed-by" => &mut self.processed_by,
                _ => continue,
            };
            for value in field.values.into_iter().flatten() {
                let text = format!("{} {}", value.name, value.version);
                list.push(text.trim_end().to_string());
            }
        }
    }
}

fn module_name(names: NameSectionReader) -> Option<String> {
    names.into_iter().flatten().find_map(|name| match name {
        Name::Module { name, .. } => Some(name.to_string()),
        _ => None,
    })
}

fn component_name(names: ComponentNameSectionReader) -> Option<String> {
    names.into_iter().flatten().find_map(|name| match name {
        ComponentName::Component { name, .. } => Some(name.to_string()),
        _ => None,
    })
}
