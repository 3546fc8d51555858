//! What happens, line by line, for people.

use super::World;
use super::locks::KEEPER;
use evergrant::session::{Effect, Lock, Settled};

impl World {
    /// Writes a line of the log.
    pub(crate) fn log(&mut self, tab: usize, what: impl FnOnce() -> String) {
        if let Some(log) = &mut self.log {
            let (s, ms) = (self.now.mono.0 / 1_000, self.now.mono.0 % 1_000);
            let who = match tab {
                usize::MAX => "      ".into(),
                KEEPER.. => "keeper".into(),
                tab => format!("tab {tab:2}"),
            };
            log.push(format!("{s:>7}.{ms:03} s  {who}  {}", what()));
        }
    }

    pub(super) fn tell_of(&mut self, tab: usize, effect: &Effect) {
        if self.log.is_none() {
            return;
        }
        let what = match effect {
            Effect::Send {
                attempt,
                posted,
                refresh_token,
                ..
            } => format!(
                "  {} {} as {:x}",
                if *posted { "posts" } else { "sends" },
                refresh_token.expose(),
                attempt.0 & 0xffff
            ),
            Effect::Abort(attempt) => format!("  gives up on {:x}", attempt.0 & 0xffff),
            Effect::Steal(_) => "  steals the family lock".into(),
            Effect::Request(lock) if *lock == Lock::STEAL => "  wants to steal".into(),
            Effect::Emit(event) => format!("  hears {event:?}"),
            Effect::Settle(call, settled) => match settled {
                Ok(Settled::Token(token)) => format!("  call {} gets {}", call.0, token.expose()),
                Ok(other) => format!("  call {} gets {other:?}", call.0),
                Err(error) => format!(
                    "  call {} fails: {:?} {:?}",
                    call.0, error.code, error.reason
                ),
            },
            Effect::Revoke(..) => "  revokes".into(),
            Effect::Closed => "  is closed".into(),
            _ => return,
        };
        self.log(tab, || what);
    }
}
