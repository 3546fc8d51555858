//! The flight recorder as JavaScript sees it.

use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

use crate::session::Entry;

/// An array of `[at, event, detail]`; the time in milliseconds since 1970.
pub(super) fn history(entries: &[Entry]) -> JsValue {
    let entries: Vec<(f64, &str, &str)> = entries
        .iter()
        .map(|entry| {
            (
                entry.at.0 as f64,
                entry.event.as_str(),
                entry.detail.as_str(),
            )
        })
        .collect();
    entries.serialize(&Serializer::new()).unwrap_or_default()
}
