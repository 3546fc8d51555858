//! Runs futures. Those here wait for promises only, whose callbacks wake them when nothing else runs,
//! so they are polled at once: the queue of `wasm-bindgen-futures` costs 1.2 KB more.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};

type Task = Pin<Box<dyn Future<Output = ()>>>;

thread_local! {
    static PENDING: RefCell<Vec<Task>> = const { RefCell::new(Vec::new()) };
}

/// Runs a future.
pub fn spawn(task: impl Future<Output = ()> + 'static) {
    poll(Box::pin(task));
}

/// Polls them all again: they are few, and one that was not meant just goes on waiting.
struct Again;

impl Wake for Again {
    fn wake(self: Arc<Self>) {
        PENDING.take().into_iter().for_each(poll);
    }
}

fn poll(mut task: Task) {
    let waker = Waker::from(Arc::new(Again));
    let mut context = Context::from_waker(&waker);
    if task.as_mut().poll(&mut context).is_pending() {
        PENDING.with_borrow_mut(|pending| pending.push(task));
    }
}
