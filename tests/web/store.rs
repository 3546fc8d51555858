use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use evergrant::browser::store::{JsStore, Store};
use evergrant::session::{Durability, Record, StoreFailure, Swap};
use js_sys::{Function, Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::idb::{get, swap};
use crate::support::{set, unique, until};

#[wasm_bindgen(module = "/tests/web/modules.js")]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_name = getItem)]
    static GET_ITEM: Function;
    #[wasm_bindgen(thread_local_v2, js_name = compareAndSwap)]
    static COMPARE_AND_SWAP: Function;
}

#[wasm_bindgen(module = "/tests/web/modules.js")]
extern "C" {
    #[wasm_bindgen(js_name = read)]
    fn read_record(store: &JsValue, key: &str) -> Promise;
}

const RECORD: &str = r#"{"version":1,"seq":5,"issuer":"https://as.example"}"#;

/// A store over IndexedDB, put together as `js/client.js` does.
fn open(key: &str) -> Rc<Store> {
    let idb = Object::new();
    GET_ITEM.with(|it| set(&idb, "getItem", it));
    let read =
        Closure::<dyn FnMut(String) -> Promise>::new(move |key: String| read_record(&idb, &key));
    let records = Object::new();
    set(&records, "read", &read.into_js_value());
    COMPARE_AND_SWAP.with(|it| set(&records, "compareAndSwap", it));
    Store::new(records.unchecked_into::<JsStore>(), key.to_owned())
}

async fn read(store: &Rc<Store>) -> Result<Option<Arc<Record>>, StoreFailure> {
    let found = Rc::new(RefCell::new(None));
    let slot = Rc::clone(&found);
    store.read(move |it| {
        slot.borrow_mut().replace(it);
    });
    until("it is read", || found.borrow().is_some()).await;
    found.take().expect("it was waited for")
}

async fn write(store: &Rc<Store>, before: Option<&Record>, record: &Record) -> Swap {
    let swapped = Rc::new(RefCell::new(None));
    let slot = Rc::clone(&swapped);
    let expected = before.map(Record::stamp);
    store.write(expected, record, Durability::Strict, move |it| {
        slot.borrow_mut().replace(it);
    });
    until("it is written", || swapped.borrow().is_some()).await;
    let swapped = swapped.take().expect("it was waited for");
    swapped.expect("the store works")
}

fn after(record: &Record, writes: u64) -> Record {
    let mut next = record.clone();
    next.seq += writes;
    next
}

#[wasm_bindgen_test]
async fn what_is_written_can_be_read_and_replaced() {
    let key = unique("store");
    let store = open(&key);
    assert_eq!(read(&store).await, Ok(None));
    assert!(swap(&key, None, RECORD).await);
    let first = read(&store)
        .await
        .expect("it is good")
        .expect("it is there");
    let second = after(&first, 1);
    assert_eq!(write(&store, Some(&first), &second).await, Swap::Done);
    assert_eq!(read(&store).await, Ok(Some(Arc::new(second.clone()))));
    let third = after(&second, 1);
    assert_eq!(write(&store, Some(&second), &third).await, Swap::Done);
}

#[wasm_bindgen_test]
async fn what_another_tab_has_replaced_is_not_overwritten() {
    let key = unique("store");
    let (store, another) = (open(&key), open(&key));
    assert!(swap(&key, None, RECORD).await);
    let first = read(&store)
        .await
        .expect("it is good")
        .expect("it is there");
    read(&another).await.expect("it is good");
    let (ours, theirs) = (after(&first, 1), after(&first, 10));
    assert_eq!(write(&another, Some(&first), &theirs).await, Swap::Done);
    assert_eq!(write(&store, Some(&first), &ours).await, Swap::Lost);
    assert_eq!(write(&store, None, &ours).await, Swap::Lost);
    assert_eq!(read(&store).await, Ok(Some(Arc::new(theirs))));
}

#[wasm_bindgen_test]
async fn a_text_that_differs_without_a_new_seq_counts_as_replaced() {
    let key = unique("store");
    let store = open(&key);
    assert!(swap(&key, None, RECORD).await);
    let first = read(&store)
        .await
        .expect("it is good")
        .expect("it is there");
    let altered = RECORD.replace("https://as.example", "https://other.example");
    assert!(swap(&key, Some(RECORD), &altered).await);
    assert_eq!(write(&store, Some(&first), &first).await, Swap::Lost);
}

#[wasm_bindgen_test]
async fn what_is_no_record_is_unreadable() {
    for text in ["", "<html>", "{}", "[1]", "null"] {
        let key = unique("store");
        assert!(swap(&key, None, text).await);
        assert_eq!(
            read(&open(&key)).await,
            Err(StoreFailure::Unreadable),
            "{text}"
        );
        assert_eq!(get(&key).await, text);
    }
}

#[wasm_bindgen_test]
async fn a_store_that_fails_is_unavailable_and_its_exception_is_kept() {
    let records = Object::new();
    let read_fails = Closure::<dyn FnMut(String) -> Promise>::new(|_| {
        Promise::reject(&js_sys::Error::new("the disk is gone"))
    });
    set(&records, "read", &read_fails.into_js_value());
    let store = Store::new(records.unchecked_into::<JsStore>(), "key".to_owned());
    assert_eq!(read(&store).await, Err(StoreFailure::Unavailable));
    let failure: js_sys::Error = store.failure().unchecked_into();
    assert_eq!(failure.message(), "the disk is gone");
}
