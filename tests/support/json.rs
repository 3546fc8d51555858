//! [`Json`] and [`Tree`] over serde_json: the tests' stand-in for the browser's `JSON.parse`.

use evergrant::oauth::Json;
use evergrant::session::codec::Tree;
use serde_json::Value;

/// A value; or none, which is not null.
#[derive(Clone, Debug, Default)]
pub(crate) struct TestJson(pub(crate) Option<Value>);

pub(crate) fn parse(text: &str) -> Option<TestJson> {
    let value = serde_json::from_str(text).ok()?;
    Some(TestJson(Some(value)))
}

impl Json for TestJson {
    fn parse(text: &str) -> Self {
        parse(text).unwrap_or_default()
    }

    fn get(&self, member: &str) -> Self {
        let members = self.0.as_ref().and_then(Value::as_object);
        Self(members.and_then(|members| members.get(member)).cloned())
    }

    fn at(&self, index: usize) -> Self {
        let items = self.0.as_ref().and_then(Value::as_array);
        Self(items.and_then(|items| items.get(index)).cloned())
    }

    fn is_there(&self) -> bool {
        self.exists()
    }

    fn as_str(&self) -> Option<String> {
        self.0.as_ref()?.as_str().map(String::from)
    }

    fn as_f64(&self) -> f64 {
        self.0.as_ref().and_then(Value::as_f64).unwrap_or(f64::NAN)
    }

    fn is_true(&self) -> bool {
        self.0 == Some(Value::Bool(true))
    }
}

impl Tree for TestJson {
    fn rest(&self) -> Option<String> {
        let members = self.0.as_ref()?.as_object()?;
        (!members.is_empty()).then(|| Value::from(members.clone()).to_string())
    }

    fn number(value: u64) -> Self {
        Self(Some(value.into()))
    }

    fn text(value: &str) -> Self {
        Self(Some(value.into()))
    }

    fn flag(value: bool) -> Self {
        Self(Some(value.into()))
    }

    fn take(&mut self, name: Option<&str>) -> Self {
        Self(match (name, &mut self.0) {
            (Some(name), Some(Value::Object(members))) => members.remove(name),
            (None, Some(Value::Array(items))) if !items.is_empty() => Some(items.remove(0)),
            _ => None,
        })
    }

    fn exists(&self) -> bool {
        self.0.is_some()
    }

    fn put(&mut self, name: Option<&str>, value: Self) {
        let value = value.0.expect("nothing is not put anywhere");
        match (name, &mut self.0) {
            (Some(name), Some(Value::Object(members))) => {
                members.insert(name.to_owned(), value);
            }
            (None, Some(Value::Array(items))) => items.push(value),
            other => panic!("{other:?} takes no {value}"),
        }
    }
}
