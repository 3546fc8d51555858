use evergrant::browser::json::JsJson;
use evergrant::oauth::Json;
use evergrant::session::codec::Tree;
use js_sys::JSON;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn members_are_read_by_their_type() {
    let json = JsJson::parse(r#"{"text":"a","number":1.5,"flag":true,"list":[1,"b"],"none":null}"#);
    let get = |member| json.get(member);
    assert_eq!(get("text").as_str().as_deref(), Some("a"));
    assert_eq!(get("number").as_f64(), 1.5);
    assert!(get("text").as_f64().is_nan());
    assert!(get("flag").is_true());
    assert!(!get("number").is_true());
    assert!(get("none").exists());
    assert_eq!(get("none").as_str(), None);
    assert_eq!(get("number").as_str(), None);
}

#[wasm_bindgen_test]
fn what_an_object_inherits_is_no_member() {
    let json = JsJson::parse("{}");
    assert!(!json.get("toString").exists());
    assert!(!json.get("__proto__").exists());
}

#[wasm_bindgen_test]
fn values_that_are_no_objects_have_no_members() {
    for text in ["1", "\"text\"", "null", "true"] {
        let json = JsJson::parse(text);
        assert!(json.exists(), "{text}");
        assert!(!json.get("length").exists(), "{text}");
    }
}

#[wasm_bindgen_test]
fn what_is_not_json_is_none() {
    assert!(!JsJson::parse("<!doctype html>").exists());
    assert!(!JsJson::parse("").exists());
}

#[wasm_bindgen_test]
fn what_cannot_be_had_is_no_member() {
    let object = js_sys::eval("({ get text() { throw new Error() } })").expect("it is an object");
    assert!(!JsJson(object).get("text").exists());
}

#[wasm_bindgen_test]
fn a_tree_is_taken_apart_and_what_is_left_is_text() {
    let mut json = JsJson::parse(r#"{"a":[1,null],"b":"ä","none":null}"#);
    let mut list = json.take(Some("a"));
    assert_eq!(list.take(None).as_f64(), 1.0);
    assert!(list.take(None).exists(), "null is something");
    assert!(!list.take(None).exists());
    assert!(json.take(Some("none")).exists());
    assert!(!json.take(Some("none")).exists());
    assert!(!json.take(None).exists(), "an object has no elements");
    assert!(!json.take(Some("toString")).exists());
    assert_eq!(json.rest().as_deref(), Some(r#"{"b":"ä"}"#));
}

#[wasm_bindgen_test]
fn of_what_has_no_members_nothing_is_left() {
    for text in ["{}", "[1]", "\"{\"", "5", "null"] {
        let mut json = JsJson::parse(text);
        assert!(json.exists(), "{text}");
        assert!(!json.take(Some("token")).exists(), "{text}");
        assert_eq!(json.rest(), None, "{text}");
    }
}

#[wasm_bindgen_test]
fn a_tree_is_put_together() {
    let mut list = JsJson::parse("[]");
    Tree::put(&mut list, None, JsJson::number(1 << 53));
    Tree::put(&mut list, None, JsJson::flag(true));
    let mut object = JsJson::parse("{}");
    Tree::put(&mut object, Some("list"), list);
    Tree::put(&mut object, Some("text"), JsJson::text("\"\n\u{1F511}"));
    let text = JSON::stringify(&object.0).map(String::from);
    let expected = "{\"list\":[9007199254740992,true],\"text\":\"\\\"\\n\u{1F511}\"}";
    assert_eq!(text.ok().as_deref(), Some(expected));
}

#[wasm_bindgen_test]
fn a_member_named_proto_is_a_member_like_others() {
    let json = r#"{"a":1,"__proto__":{"b":2}}"#;
    let mut json = JsJson::parse(json);
    assert_eq!(json.take(Some("a")).as_f64(), 1.0);
    let rest = json.rest().expect("something is left");
    assert_eq!(rest, r#"{"__proto__":{"b":2}}"#);
    let mut again = JsJson::parse(&rest);
    assert!(!again.get("b").exists());
    Tree::put(&mut again, Some("a"), JsJson::number(3));
    assert_eq!(
        again.rest().as_deref(),
        Some(r#"{"__proto__":{"b":2},"a":3}"#)
    );
    assert!(!JsJson::parse("{}").get("b").exists());
}
