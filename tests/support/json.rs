//! [`Json`] over serde_json: the tests' stand-in for the browser's `JSON.parse`.

use evergrant::oauth::Json;

#[derive(Clone)]
pub(crate) struct TestJson(pub(crate) serde_json::Value);

pub(crate) fn parse(text: &str) -> Option<TestJson> {
    serde_json::from_str(text).ok().map(TestJson)
}

impl Json for TestJson {
    fn get(&self, member: &str) -> Option<Self> {
        self.0.as_object()?.get(member).cloned().map(TestJson)
    }

    fn as_str(&self) -> Option<String> {
        self.0.as_str().map(String::from)
    }

    fn as_f64(&self) -> Option<f64> {
        self.0.as_f64()
    }

    fn as_bool(&self) -> Option<bool> {
        self.0.as_bool()
    }

    fn items(&self) -> Vec<Self> {
        let items = self.0.as_array().into_iter().flatten();
        items.cloned().map(TestJson).collect()
    }

    fn keys(&self) -> Vec<String> {
        let members = self.0.as_object().into_iter().flatten();
        members.map(|(name, _)| name.clone()).collect()
    }

    fn to_text(&self) -> String {
        self.0.to_string()
    }
}
