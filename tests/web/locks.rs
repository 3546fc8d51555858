use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{Notes, unique, until};

#[wasm_bindgen(module = "/tests/web/modules.js")]
extern "C" {
    #[wasm_bindgen(js_name = openLocks)]
    fn open_locks(missing: &Function) -> Locks;

    type Locks;
    #[wasm_bindgen(method, structural)]
    fn request(this: &Locks, name: &str, granted: &Function, robbed: &Function);
    #[wasm_bindgen(method, structural, js_name = request)]
    fn take(this: &Locks, name: &str, granted: &Function, robbed: &Function, steal: bool);
    #[wasm_bindgen(method, structural)]
    fn release(this: &Locks, name: &str);
    #[wasm_bindgen(method, structural)]
    fn holders(this: &Locks, names: &Array) -> Promise;
    #[wasm_bindgen(method, structural)]
    fn close(this: &Locks);
    #[wasm_bindgen(method, structural, js_name = close)]
    fn close_but(this: &Locks, kept: &Array);
}

#[wasm_bindgen(module = "/tests/web/modules.js")]
extern "C" {
    fn steal(name: &str) -> Promise;
}

fn request(locks: &Locks, lock: &str, who: &str, notes: &Notes) {
    let granted = notes.callback(who);
    let robbed = notes.callback(&format!("{who} robbed"));
    locks.request(lock, &granted, &robbed);
}

async fn held(locks: &Locks, lock: &str) -> bool {
    let holders = JsFuture::from(locks.holders(&Array::of1(&lock.into())));
    let holders: Array = holders.await.expect("one can look").into();
    holders.get(0) != 0
}

#[wasm_bindgen_test]
async fn a_second_request_waits_until_the_first_is_let_go() {
    let (lock, notes) = (unique("lock"), Notes::default());
    let missing = notes.callback("missing");
    let (one, other) = (open_locks(&missing), open_locks(&missing));
    assert!(!held(&one, &lock).await);
    request(&one, &lock, "one", &notes);
    request(&other, &lock, "other", &notes);
    until("one has it", || !notes.all().is_empty()).await;
    assert!(held(&other, &lock).await);
    assert_eq!(notes.all(), ["one"]);
    one.release(&lock);
    until("the other has it", || notes.all().len() == 2).await;
    assert_eq!(notes.all(), ["one", "other"]);
    other.close();
}

#[wasm_bindgen_test]
async fn a_request_that_was_taken_back_is_not_granted() {
    let (lock, notes) = (unique("lock"), Notes::default());
    let missing = notes.callback("missing");
    let locks = [(); 3].map(|()| open_locks(&missing));
    for (locks, who) in locks.iter().zip(["first", "second", "third"]) {
        request(locks, &lock, who, &notes);
    }
    locks[1].release(&lock);
    until("the first has it", || !notes.all().is_empty()).await;
    locks[0].release(&lock);
    until("the third has it", || notes.all().len() == 2).await;
    assert_eq!(notes.all(), ["first", "third"]);
    locks[2].close();
}

#[wasm_bindgen_test]
async fn a_holder_hears_of_a_steal() {
    let (lock, notes) = (unique("lock"), Notes::default());
    let locks = open_locks(&notes.callback("missing"));
    request(&locks, &lock, "holder", &notes);
    until("it has it", || !notes.all().is_empty()).await;
    JsFuture::from(steal(&lock)).await.expect("it is stolen");
    until("it hears of it", || notes.all().len() == 2).await;
    assert_eq!(notes.all(), ["holder", "holder robbed"]);
}

#[wasm_bindgen_test]
async fn a_thief_has_the_lock_before_all_who_wait() {
    let (lock, notes) = (unique("lock"), Notes::default());
    let missing = notes.callback("missing");
    let locks = [(); 3].map(|()| open_locks(&missing));
    for (locks, who) in locks.iter().zip(["holder", "waiter", "thief"]) {
        request(locks, &lock, who, &notes);
    }
    until("the holder has it", || !notes.all().is_empty()).await;
    let (granted, robbed) = (notes.callback("stolen"), notes.callback("thief robbed"));
    locks[2].take(&lock, &granted, &robbed, true);
    until("both hear of it", || notes.all().len() == 3).await;
    let mut heard = notes.all();
    heard.sort_unstable();
    assert_eq!(heard, ["holder", "holder robbed", "stolen"]);
    locks[2].release(&lock);
    until("the waiter has its turn", || notes.all().len() == 4).await;
    assert_eq!(notes.all()[3], "waiter");
    locks[1].close();
}

#[wasm_bindgen_test]
async fn what_is_kept_stays_held_until_it_is_let_go() {
    let (kept, lock, notes) = (unique("lock"), unique("lock"), Notes::default());
    let locks = open_locks(&notes.callback("missing"));
    for name in [&kept, &lock] {
        request(&locks, name, name, &notes);
    }
    until("both are held", || notes.all().len() == 2).await;
    locks.close_but(&Array::of1(&kept.as_str().into()));
    while held(&locks, &lock).await {}
    assert!(held(&locks, &kept).await);
    locks.release(&kept);
    while held(&locks, &kept).await {}
}

#[wasm_bindgen_test]
async fn closing_lets_everything_go() {
    let (lock, notes) = (unique("lock"), Notes::default());
    let missing = notes.callback("missing");
    let (one, other) = (open_locks(&missing), open_locks(&missing));
    request(&one, &lock, "one", &notes);
    until("one has it", || !notes.all().is_empty()).await;
    request(&other, &lock, "other", &notes);
    one.close();
    until("the other has it", || notes.all().len() == 2).await;
    assert_eq!(notes.all(), ["one", "other"]);
    other.close();
}
