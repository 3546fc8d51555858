//! What happened, by number: `js/signals.js` has the same list, and says what goes with each.

use super::facts::Facts;
use crate::browser::driver::Driver;
use crate::browser::fetch;
use crate::browser::json::JsJson;
use crate::browser::platform::lock;
use crate::oauth::{AccessToken, Json, TokenResponse};
use crate::session::codec::{self, Tree};
use crate::session::time::Wall;
use crate::session::{
    AttemptId, Binding, CallId, Code, Failure, Holder, Input, Purpose, Reply, StoreFailure, Swap,
    Target, Want,
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
const FOUND: u32 = 10;
const UNREADABLE: u32 = 11;
const MISSING: u32 = 12;
const UNREAD: u32 = 13;
const WRITTEN: u32 = 14;
const LOST: u32 = 15;
const UNWRITTEN: u32 = 16;
const PREPARED: u32 = 17;
const ANSWERED: u32 = 18;
const BROKEN: u32 = 19;
const ABORTED: u32 = 20;
const REVOKED: u32 = 21;
const GET_TOKEN: u32 = 22;
const GET_NEW_TOKEN: u32 = 23;
const SET_TOKENS: u32 = 24;
const SIGN_OUT: u32 = 25;
const CANCEL: u32 = 26;
const CLOSE: u32 = 27;
/// Not for the engine: it is to be dropped.
pub(super) const FORGET: u32 = 28;
const RESTARTED: u32 = 29;
const KEEPER: u32 = 30;
const READY: u32 = 31;
const UNREADY: u32 = 32;

/// What it means; nothing, if its number is not known, or its value makes no sense.
pub(super) fn read(driver: &Driver, what: u32, a: f64, b: f64, value: JsJson) -> Option<Input> {
    // What the numbers are depends on the signal.
    let (lock, purpose) = (lock(a, b), Purpose(a as u64));
    let (attempt, call, flag) = (AttemptId(a as u64), CallId(a as u32), b > 0.0);
    Some(match what {
        START => Input::Start,
        RESTARTED => Input::Restarted(a as u32),
        KEEPER => Input::Keeper(a > 0.0),
        TICK => Input::Tick,
        WOKE => Input::Woke,
        VISIBLE => Input::Visible(a > 0.0),
        ONLINE => Input::Online(a > 0.0),
        ANNOUNCED => Input::Announced(a as u64),
        GRANTED => Input::Granted(lock),
        ROBBED => Input::Robbed(lock),
        SEEN => {
            driver.saw(lock, Holder(value.as_f64() as u64));
            return None;
        }
        LOOKED => Input::Seen(driver.looked()),
        FOUND => Input::Read(purpose, Ok(Some(codec::decode(value)?))),
        MISSING => Input::Read(purpose, Ok(None)),
        UNREADABLE => Input::Read(purpose, Err(StoreFailure::Unreadable)),
        UNREAD => Input::Read(purpose, Err(StoreFailure::Unavailable)),
        WRITTEN => Input::Written(purpose, Ok(Swap::Done)),
        LOST => Input::Written(purpose, Ok(Swap::Lost)),
        UNWRITTEN => Input::Written(purpose, Err(StoreFailure::Unavailable)),
        PREPARED => {
            fetch::send(value);
            return None;
        }
        ANSWERED => Input::Answered(attempt, driver.answered(value)),
        BROKEN => failed(attempt, Failure::Network),
        ABORTED => failed(attempt, Failure::Timeout),
        REVOKED => Input::Revoked(purpose, flag),
        GET_TOKEN => get_token(call, b, false, value),
        GET_NEW_TOKEN => get_token(call, b, true, value),
        SET_TOKENS => {
            let mut facts = Facts(value);
            let tokens = TokenResponse::read(&facts.0.take(None))?;
            let binding = facts.maybe_text().map(|key| Binding {
                key,
                nonce: facts.maybe_text(),
            });
            Input::SetTokens(call, Box::new(tokens), Wall(b as u64), binding)
        }
        READY => Input::Prepared(attempt, Ok(())),
        UNREADY => Input::Prepared(attempt, Err(code(&value))),
        SIGN_OUT => Input::SignOut(call, flag),
        CANCEL => Input::Cancel(call),
        CLOSE => Input::Close,
        _ => return None,
    })
}

fn failed(attempt: AttemptId, how: Failure) -> Input {
    Input::Answered(attempt, Reply::Failed(how))
}

/// Why a request cannot be got ready.
fn code(name: &JsJson) -> Code {
    let name = name.as_str();
    let codes = [
        Code::Network,
        Code::Timeout,
        Code::Server,
        Code::Storage,
        Code::SessionEnded,
    ];
    let named = |code: &Code| name.as_deref() == Some(code.as_str());
    codes.into_iter().find(named).unwrap_or(Code::BadResponse)
}

fn get_token(call: CallId, min_validity_ms: f64, force: bool, facts: JsJson) -> Input {
    let mut facts = Facts(facts);
    let want = Want {
        refused: facts.maybe_text().map(AccessToken::new),
        target: Target {
            resource: facts.maybe_text(),
            scope: facts.maybe_text(),
        },
        min_validity_ms: (min_validity_ms >= 0.0).then_some(min_validity_ms as u64),
        force,
    };
    Input::GetToken(call, Box::new(want))
}
