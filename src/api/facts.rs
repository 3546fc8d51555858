//! Facts in a fixed order, as `js/` hands them over; they are used up.

use crate::browser::json::JsJson;
use crate::oauth::Json;
use crate::session::codec::Tree;

/// A list that is taken apart from its beginning.
pub(super) struct Facts(pub(super) JsJson);

impl Facts {
    /// A string; none for anything else.
    pub(super) fn maybe_text(&mut self) -> Option<String> {
        self.0.take(None).as_str()
    }

    /// A string; empty for anything else.
    pub(super) fn text(&mut self) -> String {
        self.maybe_text().unwrap_or_default()
    }

    /// A number, 0 or more; none for anything else.
    pub(super) fn number(&mut self) -> Option<u64> {
        let number = self.0.take(None).as_f64();
        (number >= 0.0).then_some(number as u64)
    }

    /// Whether it is true.
    pub(super) fn flag(&mut self) -> bool {
        self.0.take(None).is_true()
    }

    /// Bytes; none for anything else.
    pub(super) fn bytes(&mut self) -> Vec<u8> {
        self.0.take(None).to_bytes()
    }

    /// A list in the list.
    pub(super) fn list(&mut self) -> Self {
        Self(self.0.take(None))
    }

    /// Strings, to the end of the list.
    pub(super) fn texts(mut self) -> Vec<String> {
        let mut texts = Vec::new();
        while let Some(text) = self.maybe_text() {
            texts.push(text);
        }
        texts
    }

    /// Names and values by turns, to the end of the list.
    pub(super) fn pairs(mut self) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        while let (Some(name), Some(value)) = (self.maybe_text(), self.maybe_text()) {
            pairs.push((name, value));
        }
        pairs
    }
}
