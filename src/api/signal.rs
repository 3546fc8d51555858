//! What can be said in numbers alone: `js/signals.js` has the same list, and says what the numbers
//! that go with each are.

use crate::browser::driver::Driver;
use crate::browser::platform::lock;
use crate::session::{
    AttemptId, CallId, Failure, Holder, Input, Purpose, Reply, StoreFailure, Swap,
};

const START: u32 = 0;
const TICK: u32 = 1;
const WOKE: u32 = 2;
const VISIBLE: u32 = 3;
const ONLINE: u32 = 4;
const ANNOUNCED: u32 = 5;
const GRANTED: u32 = 6;
const ROBBED: u32 = 7;
const SEEN: u32 = 8;
const LOOKED: u32 = 9;
const MISSING: u32 = 10;
const UNREAD: u32 = 11;
const WRITTEN: u32 = 12;
const LOST: u32 = 13;
const UNWRITTEN: u32 = 14;
const BROKEN: u32 = 15;
const ABORTED: u32 = 16;
const REVOKED: u32 = 17;
const SIGN_OUT: u32 = 18;
const CANCEL: u32 = 19;
const CLOSE: u32 = 20;
/// Not for the engine: it is to be dropped.
pub(super) const FORGET: u32 = 21;

/// Takes a signal; one of no known number is none.
pub(super) fn take(driver: &Driver, what: u32, a: f64, b: f64, c: f64) {
    driver.push(match what {
        START => Input::Start,
        TICK => Input::Tick,
        WOKE => Input::Woke,
        VISIBLE => Input::Visible(a > 0.0),
        ONLINE => Input::Online(a > 0.0),
        ANNOUNCED => Input::Announced(a as u64),
        GRANTED => Input::Granted(lock(a, b)),
        ROBBED => Input::Robbed(lock(a, b)),
        SEEN => return driver.saw(lock(a, b), Holder(c as u64)),
        LOOKED => return driver.looked(),
        MISSING => Input::Read(Purpose(a as u64), Ok(None)),
        UNREAD => Input::Read(Purpose(a as u64), Err(StoreFailure::Unavailable)),
        WRITTEN => Input::Written(Purpose(a as u64), Ok(Swap::Done)),
        LOST => Input::Written(Purpose(a as u64), Ok(Swap::Lost)),
        UNWRITTEN => Input::Written(Purpose(a as u64), Err(StoreFailure::Unavailable)),
        BROKEN => failed(a, Failure::Network),
        ABORTED => failed(a, Failure::Timeout),
        REVOKED => Input::Revoked(Purpose(a as u64), b > 0.0),
        SIGN_OUT => Input::SignOut(CallId(a as u32), b > 0.0),
        CANCEL => Input::Cancel(CallId(a as u32)),
        CLOSE => Input::Close,
        _ => return,
    });
}

fn failed(attempt: f64, how: Failure) -> Input {
    Input::Answered(AttemptId(attempt as u64), Reply::Failed(how))
}
