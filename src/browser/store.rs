//! The record's store: a JavaScript object of `js/`, over IndexedDB or memory.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use js_sys::{JSON, Promise};
use wasm_bindgen::prelude::*;

use super::json::JsJson;
use super::promise::when;
use crate::oauth::Json;
use crate::session::codec;
use crate::session::{Durability, Record, Stamp, StoreFailure, Swap};

#[wasm_bindgen]
extern "C" {
    /// What holds the record, as text under a key.
    pub type JsStore;
    /// Resolves to `{ text, record }`, or null where there is nothing: the text as it stands there,
    /// and what it says, parsed and unsealed; no `record` where that is beyond reading.
    #[wasm_bindgen(catch, structural, method)]
    fn read(this: &JsStore, key: &str) -> Result<Promise, JsValue>;
    /// Resolves to whether the value was written: only if `expected` (undefined: nothing) is what
    /// stands there. `strict`: a power cut must not undo it.
    #[wasm_bindgen(catch, structural, method, js_name = compareAndSwap)]
    fn compare_and_swap(
        this: &JsStore,
        key: &str,
        expected: Option<&str>,
        value: &str,
        strict: bool,
    ) -> Result<Promise, JsValue>;
}

/// The texts that are remembered: of the last reads and writes, whichever of them the next write
/// expects.
const TEXTS: usize = 4;

/// One key of a store. The engine names what it expects by its stamp; what is compared is the text.
pub struct Store {
    store: JsStore,
    key: String,
    /// By stamp; what has none cannot be read, and may be replaced as if nothing stood there.
    texts: RefCell<Vec<(Option<Stamp>, String)>>,
    /// The exception of the last access, if it failed.
    failure: RefCell<JsValue>,
}

impl Store {
    /// The record under `key`.
    #[must_use]
    pub fn new(store: JsStore, key: String) -> Rc<Self> {
        Rc::new(Self {
            store,
            key,
            texts: RefCell::default(),
            failure: RefCell::default(),
        })
    }

    /// The exception of the last access, if it failed; else undefined.
    #[must_use]
    pub fn failure(&self) -> JsValue {
        self.failure.borrow().clone()
    }

    /// Reads the record.
    pub fn read(
        self: &Rc<Self>,
        then: impl FnOnce(Result<Option<Arc<Record>>, StoreFailure>) + 'static,
    ) {
        let store = Rc::clone(self);
        when(self.store.read(&self.key), move |found| {
            then(store.noted(found).and_then(|found| store.decoded(found)));
        });
    }

    /// Writes the record if what stands there has the stamp `expected`. `then` is called in the
    /// task of the write's completion.
    pub fn write(
        self: &Rc<Self>,
        expected: Option<Stamp>,
        record: &Record,
        durability: Durability,
        then: impl FnOnce(Result<Swap, StoreFailure>) + 'static,
    ) {
        let known = self.text(expected);
        if expected.is_some() && known.is_none() {
            return then(Ok(Swap::Lost));
        }
        let value = codec::encode::<JsJson>(record);
        let value = JSON::stringify(&value.0)
            .map(String::from)
            .unwrap_or_default();
        let stamp = record.stamp();
        let strict = durability == Durability::Strict;
        let swapped = self
            .store
            .compare_and_swap(&self.key, known.as_deref(), &value, strict);
        let store = Rc::clone(self);
        when(swapped, move |swapped| {
            then(store.noted(swapped).map(|swapped| {
                if swapped.is_truthy() {
                    store.remember(Some(stamp), value);
                    Swap::Done
                } else {
                    Swap::Lost
                }
            }));
        });
    }

    fn noted(&self, outcome: Result<JsValue, JsValue>) -> Result<JsValue, StoreFailure> {
        let (found, failure) = match outcome {
            Ok(found) => (Ok(found), JsValue::UNDEFINED),
            Err(failure) => (Err(StoreFailure::Unavailable), failure),
        };
        self.failure.replace(failure);
        found
    }

    fn decoded(&self, found: JsValue) -> Result<Option<Arc<Record>>, StoreFailure> {
        if found.is_null() {
            self.forget_unreadable();
            return Ok(None);
        }
        let found = JsJson(found);
        let text = found.get("text").and_then(|text| text.as_str());
        let record = found.get("record").and_then(codec::decode);
        let stamp = record.as_ref().map(|it| it.stamp());
        self.remember(stamp, text.unwrap_or_default());
        record.map(Some).ok_or(StoreFailure::Unreadable)
    }

    fn forget_unreadable(&self) {
        self.texts.borrow_mut().retain(|(stamp, _)| stamp.is_some());
    }

    fn remember(&self, stamp: Option<Stamp>, text: String) {
        let mut texts = self.texts.borrow_mut();
        texts.retain(|(known, _)| *known != stamp);
        if texts.len() == TEXTS {
            texts.remove(0);
        }
        texts.push((stamp, text));
    }

    fn text(&self, stamp: Option<Stamp>) -> Option<String> {
        let texts = self.texts.borrow();
        let (_, text) = texts.iter().find(|(known, _)| *known == stamp)?;
        Some(text.clone())
    }
}
