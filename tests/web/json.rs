use evergrant::browser::json::parse;
use evergrant::oauth::Json;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn members_are_read_by_their_type() {
    let json = parse(r#"{"text":"a","number":1.5,"flag":true,"list":[1,"b"],"none":null}"#)
        .expect("it is JSON");
    let get = |member| json.get(member).expect("it is there");
    assert_eq!(get("text").as_str().as_deref(), Some("a"));
    assert_eq!(get("number").as_f64(), Some(1.5));
    assert_eq!(get("flag").as_bool(), Some(true));
    assert_eq!(get("list").items().len(), 2);
    assert_eq!(get("none").as_str(), None);
    assert_eq!(get("number").as_str(), None);
    assert_eq!(json.keys(), ["text", "number", "flag", "list", "none"]);
}

#[wasm_bindgen_test]
fn what_an_object_inherits_is_no_member() {
    let json = parse("{}").expect("it is JSON");
    assert!(json.get("toString").is_none());
    assert!(json.get("__proto__").is_none());
}

#[wasm_bindgen_test]
fn values_that_are_no_objects_have_no_members() {
    for text in ["1", "\"text\"", "null", "true"] {
        let json = parse(text).expect("it is JSON");
        assert!(json.get("length").is_none(), "{text}");
        assert!(json.keys().is_empty() && json.items().is_empty(), "{text}");
    }
    assert!(parse("[1]").expect("it is JSON").keys().is_empty());
}

#[wasm_bindgen_test]
fn what_is_not_json_is_none() {
    assert!(parse("<!doctype html>").is_none());
    assert!(parse("").is_none());
}

#[wasm_bindgen_test]
fn a_value_becomes_text_again() {
    let text = r#"{"a":[1,{"b":"ä"}]}"#;
    assert_eq!(parse(text).expect("it is JSON").to_text(), text);
}
