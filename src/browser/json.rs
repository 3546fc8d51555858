//! [`Json`] and [`Tree`] over what `JSON.parse` gives: typed getters, which are several times
//! smaller than a deserializer.

use wasm_bindgen::prelude::*;

use crate::oauth::Json;
use crate::session::codec::Tree;

/// A JavaScript value that is read, or built, as JSON.
#[derive(Clone, Default)]
pub struct JsJson(pub JsValue);

impl JsJson {
    /// An object without members.
    #[must_use]
    pub fn object() -> Self {
        Self(js_sys::Object::new().into())
    }

    /// Puts a member into an object.
    pub fn put(&mut self, name: &str, value: &Self) {
        js_put(&self.0, Some(name), &value.0);
    }

    /// Puts a string into an object.
    pub fn put_text(&mut self, name: &str, value: &str) {
        self.put(name, &Self::text(value));
    }

    /// Puts a number into an object.
    pub fn put_number(&mut self, name: &str, value: f64) {
        self.put(name, &Self(value.into()));
    }

    /// Puts a boolean into an object.
    pub fn put_flag(&mut self, name: &str, value: bool) {
        self.put(name, &Self::flag(value));
    }
}

#[wasm_bindgen(raw_module = "./tree.js")]
extern "C" {
    #[wasm_bindgen(js_name = parse)]
    fn js_parse(text: &str) -> JsValue;
    #[wasm_bindgen(js_name = get)]
    fn js_get(node: &JsValue, name: &str) -> JsValue;
    #[wasm_bindgen(js_name = take)]
    fn js_take(node: &JsValue, name: Option<&str>) -> JsValue;
    #[wasm_bindgen(js_name = put)]
    fn js_put(node: &JsValue, name: Option<&str>, value: &JsValue);
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

    fn as_str(&self) -> Option<String> {
        self.0.as_string()
    }

    fn as_f64(&self) -> f64 {
        self.0.as_f64().unwrap_or(f64::NAN)
    }

    fn as_bool(&self) -> Option<bool> {
        self.0.as_bool()
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
        Self(JsValue::from_str(value))
    }

    fn flag(value: bool) -> Self {
        Self(JsValue::from_bool(value))
    }

    fn take(&mut self, name: Option<&str>) -> Self {
        Self(js_take(&self.0, name))
    }

    fn exists(&self) -> bool {
        !self.0.is_undefined()
    }

    fn put(&mut self, name: Option<&str>, value: Self) {
        js_put(&self.0, name, &value.0);
    }
}
