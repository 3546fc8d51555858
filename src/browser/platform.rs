//! The web APIs that carry no secret: locks, timer, channel, life cycle. They are `js/platform.js`,
//! which is smaller than bindings would be; what happens there comes back through [`api`](crate::api).

use wasm_bindgen::prelude::*;

use crate::session::time::Mono;
use crate::session::{AttemptId, Holder, LineageId, Lock};

#[wasm_bindgen]
extern "C" {
    /// The platform of one engine. None of its functions throws.
    pub type Platform;
    #[wasm_bindgen(structural, method, js_name = wakeAt)]
    fn js_wake_at(this: &Platform, mono_ms: Option<f64>);
    #[wasm_bindgen(structural, method, js_name = announce)]
    fn js_announce(this: &Platform, seq: f64);
    #[wasm_bindgen(structural, method, js_name = request)]
    fn js_request(this: &Platform, kind: u32, id: f64);
    #[wasm_bindgen(structural, method, js_name = release)]
    fn js_release(this: &Platform, kind: u32, id: f64);
    /// Lock by lock: kind and ID.
    #[wasm_bindgen(structural, method, js_name = look)]
    fn js_look(this: &Platform, locks: &[f64]);
}

impl Platform {
    /// Sets the one timer, or clears it.
    pub fn wake_at(&self, due: Mono) {
        self.js_wake_at((due != Mono::NEVER).then_some(due.0 as f64));
    }

    /// Tells the other tabs that the record has this `seq` now.
    pub fn announce(&self, seq: u64) {
        self.js_announce(seq as f64);
    }

    /// Queues for a lock.
    pub fn request(&self, lock: Lock) {
        let (kind, id) = number(lock);
        self.js_request(kind, id);
    }

    /// Lets a lock go, or leaves its queue.
    pub fn release(&self, lock: Lock) {
        let (kind, id) = number(lock);
        self.js_release(kind, id);
    }

    /// Looks who holds these locks.
    pub fn look(&self, locks: &[Lock]) {
        let pairs = locks.iter().map(|lock| number(*lock));
        let pairs: Vec<f64> = pairs.flat_map(|(kind, id)| [kind.into(), id]).collect();
        self.js_look(&pairs);
    }
}

/// The lock that `js/platform.js` means.
#[must_use]
pub fn lock(kind: u32, id: f64) -> Lock {
    match kind {
        0 => Lock::Family,
        1 => Lock::Attempt(AttemptId(id as u64)),
        _ => Lock::Unsaved(LineageId(id as u64)),
    }
}

/// What [`Platform::look`] saw, lock by lock: kind, ID, and the holder's number; 0 for nobody, 1 for
/// what cannot be seen.
#[must_use]
pub fn seen(triples: &[f64]) -> Vec<(Lock, Holder)> {
    let triples = triples.as_chunks().0.iter();
    let seen = triples.map(|[kind, id, holder]| {
        let holder = match *holder as u64 {
            0 => Holder::Nobody,
            1 => Holder::Unseen,
            number => Holder::Somebody(number),
        };
        (lock(*kind as u32, *id), holder)
    });
    seen.collect()
}

fn number(lock: Lock) -> (u32, f64) {
    match lock {
        Lock::Family => (0, 0.0),
        Lock::Attempt(id) => (1, id.0 as f64),
        Lock::Unsaved(id) => (2, id.0 as f64),
    }
}
