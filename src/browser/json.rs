//! [`Json`] over what `JSON.parse` gives: typed getters, which are several times smaller than a
//! deserializer.

use js_sys::{Array, JSON, Object, Reflect};
use wasm_bindgen::prelude::*;

use crate::oauth::Json;

/// A JavaScript value that is read as JSON.
#[derive(Clone)]
pub struct JsJson(pub JsValue);

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = Object, js_name = hasOwn)]
    fn has_own(object: &JsValue, member: &JsValue) -> Result<bool, JsValue>;
}

/// Parses JSON text (RFC 8259); `None` where it is none.
#[must_use]
pub fn parse(text: &str) -> Option<JsJson> {
    JSON::parse(text).ok().map(JsJson)
}

impl Json for JsJson {
    fn get(&self, member: &str) -> Option<Self> {
        let member = JsValue::from_str(member);
        if !self.0.is_object() || !has_own(&self.0, &member).ok()? {
            return None;
        }
        Reflect::get(&self.0, &member).ok().map(JsJson)
    }

    fn as_str(&self) -> Option<String> {
        self.0.as_string()
    }

    fn as_f64(&self) -> Option<f64> {
        self.0.as_f64()
    }

    fn as_bool(&self) -> Option<bool> {
        self.0.as_bool()
    }

    fn items(&self) -> Vec<Self> {
        if !Array::is_array(&self.0) {
            return Vec::new();
        }
        let items: &Array = self.0.unchecked_ref();
        items.iter().map(JsJson).collect()
    }

    fn keys(&self) -> Vec<String> {
        if !self.0.is_object() || Array::is_array(&self.0) {
            return Vec::new();
        }
        let names = Object::keys(self.0.unchecked_ref::<Object>());
        names.iter().filter_map(|name| name.as_string()).collect()
    }

    fn to_text(&self) -> String {
        let text = JSON::stringify(&self.0).ok();
        text.map(String::from).unwrap_or_default()
    }
}
