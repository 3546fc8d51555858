//! [`Json`] and [`Tree`] over what `JSON.parse` gives: typed getters, which are several times
//! smaller than a deserializer.

use wasm_bindgen::prelude::*;

use crate::oauth::Json;
use crate::session::codec::Tree;

/// A JavaScript value that is read, or built, as JSON.
#[derive(Clone, Default)]
pub struct JsJson(pub JsValue);

impl JsJson {
    /// A list without elements.
    #[must_use]
    pub fn list() -> Self {
        Self(js_sys::Array::new().into())
    }

    /// Adds an element to a list.
    pub fn add(&mut self, value: &Self) {
        js_put(&self.0, None, &value.0);
    }

    /// Adds a string to a list, or undefined.
    pub fn add_text(&mut self, value: Option<&str>) {
        self.add(&value.map_or_else(Self::default, Self::text));
    }

    /// Bytes.
    #[must_use]
    pub fn bytes(bytes: &[u8]) -> Self {
        Self(js_sys::Uint8Array::from(bytes).into())
    }

    /// The bytes that it is; none for anything else.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let bytes = self.0.dyn_ref::<js_sys::Uint8Array>();
        bytes.map(js_sys::Uint8Array::to_vec).unwrap_or_default()
    }

    /// Adds a number to a list.
    pub fn add_number(&mut self, value: u64) {
        self.add(&Self::number(value));
    }
}

#[wasm_bindgen(raw_module = "./tree.js")]
extern "C" {
    /// Never throws: a getter that throws is caught there.
    #[wasm_bindgen(js_name = get)]
    fn js_get(node: &JsValue, name: &str) -> JsValue;
    /// Never throws: the same function.
    #[wasm_bindgen(js_name = get)]
    fn js_at(node: &JsValue, index: usize) -> JsValue;
    /// Never throws: it takes out of what `JSON.parse` made, which nothing freezes or traps.
    #[wasm_bindgen(js_name = take)]
    fn js_take(node: &JsValue, name: Option<&str>) -> JsValue;
    /// Never throws: it defines the member, which no setter and nothing frozen can object to.
    #[wasm_bindgen(js_name = put)]
    fn js_put(node: &JsValue, name: Option<&str>, value: &JsValue);
    /// Never throws: of what is no JSON, undefined comes back.
    #[wasm_bindgen(js_name = parse)]
    fn js_parse(text: &str) -> JsValue;
    /// Never throws: of what is too deep to be written, undefined comes back.
    #[wasm_bindgen(js_name = rest)]
    fn js_rest(node: &JsValue) -> Option<String>;
}

impl Json for JsJson {
    fn parse(text: &str) -> Self {
        Self(js_parse(text))
    }

    fn get(&self, member: &str) -> Self {
        Self(js_get(&self.0, member))
    }

    fn at(&self, index: usize) -> Self {
        if js_sys::Array::is_array(&self.0) {
            Self(js_at(&self.0, index))
        } else {
            Self::default()
        }
    }

    fn is_there(&self) -> bool {
        self.exists()
    }

    fn as_str(&self) -> Option<String> {
        self.0.as_string()
    }

    fn as_f64(&self) -> f64 {
        self.0.as_f64().unwrap_or(f64::NAN)
    }

    fn is_true(&self) -> bool {
        self.0 == JsValue::TRUE
    }
}

impl Tree for JsJson {
    fn rest(&self) -> Option<String> {
        js_rest(&self.0)
    }

    fn number(value: u64) -> Self {
        Self(JsValue::from_f64(value as f64))
    }

    fn text(value: &str) -> Self {
        Self(serde_wasm_bindgen::to_value(value).unwrap_or_default())
    }

    fn flag(value: bool) -> Self {
        Self(JsValue::from_bool(value))
    }

    fn take(&mut self, name: Option<&str>) -> Self {
        Self(js_take(&self.0, name))
    }

    fn exists(&self) -> bool {
        self.0 != JsValue::UNDEFINED
    }

    fn put(&mut self, name: Option<&str>, value: Self) {
        js_put(&self.0, name, &value.0);
    }
}
