//! What can happen, and how it does.

use super::Story;
use crate::odd::{ELSE, GARBLED, Spelling};
use crate::world::{Channel, StoreMode, forced, living, refused, reply, reply_after, resource};
use evergrant::session::{Code, Failure, Input, Lock, Reply};

/// How many timers fire in one step: whoever waits looks each second, and a day has many.
const TIMERS: usize = 600;

/// Something that happens. The first number is the part whose tab it happens to.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Get(usize),
    Force(usize),
    /// With a resource of its own.
    Resource(usize),
    /// The token that it has was refused by an API.
    Refused(usize),
    /// It must live so many milliseconds more.
    Living(usize, u64),
    /// The newest call is given up.
    Cancel,
    SignOut(usize),
    /// `setTokens`, with those of a new sign-in.
    SignIn(usize),
    Close(usize),
    Pass(u64),
    /// So many milliseconds, in which nothing goes wrong.
    Days(u64),
    /// The machine sleeps; whether the tabs' own clocks go on.
    Sleep(u64, bool),
    /// What comes of getting a request ready, from here on; none: that takes for ever.
    Prepares(Option<Result<(), Code>>),
    /// The server answers the oldest request.
    Answer,
    /// In other words than usual.
    Spelt(usize),
    LoseRequest,
    /// One of [`ELSE`].
    Else(usize),
    Store(usize, StoreMode),
    StoreOfAll(StoreMode),
    Unhang,
    /// The store answers the oldest of what hangs.
    WriteOne,
    Freeze(usize),
    FreezeAfterWrite(usize),
    Thaw(usize),
    Wake(usize),
    Visible(usize, bool),
    Online(usize, bool),
    Wall(i64),
    Channel(Channel),
    /// The server ends the grant.
    Withdraw,
    /// From here on: what a strict server may not forgive.
    LoseAnswer,
    /// The server acts; one of [`GARBLED`] comes back.
    Garble(usize),
    /// The connection breaks, and the request is still under way.
    Disconnect,
    /// Such a request reaches the server.
    Arrive,
    /// Such a request never does.
    Vanish,
    /// Whether its request still reaches the server, at once.
    Reload(usize, bool),
    /// It dies, and its request is still under way.
    Crash(usize),
    Rob,
    /// An engine fails, and with it what it could not save.
    Fail(usize),
    /// How long the keeper takes to start, from here on.
    KeeperDelay(u64),
    KeeperStore(StoreMode),
    KeeperFreeze,
    KeeperFreezeAfterWrite,
    KeeperThaw,
    KeeperDies,
    /// The record cannot be read, or can be again.
    Unreadable(bool),
    /// Nothing forgives this.
    Clear,
    /// Likewise, and something else is there instead.
    Scribble,
    /// Likewise: another issuer's record.
    Foreign,
}

impl Story {
    pub(crate) fn happens(&mut self, step: &Step) {
        self.world.log(usize::MAX, || format!("{step:?}"));
        self.happens_to_calls(step);
        self.happens_to_requests(step);
        self.happens_to_tabs(step);
        self.happens_to_keeper(step);
        self.happens_to_world(step);
        self.check();
    }

    fn tab(&self, part: usize) -> usize {
        self.cast[part % self.cast.len()]
    }

    /// The tab that plays this part, if it can do something by itself.
    fn awake(&self, part: usize) -> Option<usize> {
        let tab = self.tab(part);
        let at = &self.world.tabs[tab];
        (at.alive && !at.frozen && !at.closing).then_some(tab)
    }

    fn happens_to_calls(&mut self, step: &Step) {
        let part = match *step {
            Step::Get(part)
            | Step::Force(part)
            | Step::Resource(part)
            | Step::Refused(part)
            | Step::Living(part, _)
            | Step::SignOut(part)
            | Step::SignIn(part) => part,
            Step::Cancel => {
                if let Some(call) = self.calls.pop() {
                    self.world.send(call.tab, Input::Cancel(call.id));
                }
                return;
            }
            _ => return,
        };
        let Some(tab) = self.awake(part) else {
            return;
        };
        let world = &mut self.world;
        let call = match *step {
            Step::Get(_) => world.get_token(tab),
            Step::Resource(_) => world.ask(tab, resource("https://b.example")),
            Step::Refused(_) => {
                let live = world.tabs[tab].published.live.as_ref();
                let want = live.map_or_else(forced, |live| refused(live.token.expose()));
                world.ask(tab, want)
            }
            Step::Living(_, ms) => world.ask(tab, living(ms)),
            Step::SignOut(_) => world.sign_out(tab),
            Step::SignIn(_) => world.sign_in(tab),
            _ => world.force(tab),
        };
        self.remember(tab, call);
    }

    fn happens_to_requests(&mut self, step: &Step) {
        let world = &mut self.world;
        match *step {
            Step::Arrive if !world.stray.is_empty() => {
                let request = world.stray.remove(0);
                let _ = world.act(&request);
            }
            Step::Vanish => world.stray.clear(),
            _ if world.requests.is_empty() => {}
            Step::Answer => world.answer_next(),
            Step::Spelt(how) => {
                world.server.spelling = Spelling(how);
                world.answer_next();
                world.server.spelling = Spelling::default();
            }
            Step::LoseRequest => world.lose_request(),
            Step::LoseAnswer => world.lose_answer(),
            Step::Disconnect => world.disconnect(),
            Step::Else(which) => {
                let (status, body, wait) = ELSE[which % ELSE.len()];
                let request = world.take_request();
                world.deliver(&request, reply_after(status, body, wait));
            }
            Step::Garble(which) => {
                let (status, body) = GARBLED[which % GARBLED.len()];
                let request = world.take_request();
                let acted = matches!(world.act(&request), Reply::Answer(a) if a.raw.status == 200);
                let reply = match acted {
                    true => reply(status, body),
                    false => Reply::Failed(Failure::Network),
                };
                world.deliver(&request, reply);
            }
            _ => {}
        }
    }

    fn happens_to_tabs(&mut self, step: &Step) {
        match *step {
            Step::Reload(part, arrives) => {
                let tab = self.tab(part);
                let before = self.world.stray.len();
                self.world.crash(tab);
                for request in self.world.stray.split_off(before) {
                    if arrives {
                        let _ = self.world.act(&request);
                    }
                }
                let at = part % self.cast.len();
                self.cast[at] = self.world.open(self.config.clone());
            }
            Step::Crash(part) => {
                let tab = self.tab(part);
                self.world.crash(tab);
            }
            Step::Close(part) => {
                if let Some(tab) = self.awake(part) {
                    self.world.tabs[tab].closing = true;
                    self.world.send(tab, Input::Close);
                }
            }
            Step::Store(part, mode) => {
                let tab = self.tab(part);
                self.world.now_in_mode(tab, mode);
            }
            Step::Freeze(part) => {
                let tab = self.tab(part);
                self.world.freeze(tab);
            }
            Step::FreezeAfterWrite(part) => {
                let tab = self.tab(part);
                self.world.tabs[tab].freezes_after_write = true;
            }
            Step::Thaw(part) => {
                let tab = self.tab(part);
                if self.world.tabs[tab].frozen {
                    self.world.thaw(tab);
                }
            }
            Step::Wake(part) => self.world.send(self.tab(part), Input::Woke),
            Step::Visible(part, it) => self.world.send(self.tab(part), Input::Visible(it)),
            Step::Online(part, it) => self.world.send(self.tab(part), Input::Online(it)),
            Step::Fail(part) => {
                if let Some(tab) = self.awake(part) {
                    self.world.fail_engine(tab, self.config.clone());
                    // The page has told them.
                    self.calls.retain(|call| call.tab != tab);
                }
            }
            _ => {}
        }
    }

    fn happens_to_world(&mut self, step: &Step) {
        let world = &mut self.world;
        match *step {
            Step::Pass(ms) => world.pass_in(ms, TIMERS),
            Step::Days(ms) => {
                world.drain();
                world.hold = false;
                while !world.requests.is_empty() {
                    world.answer_next();
                    world.drain();
                }
                world.pass_in(ms, TIMERS);
                world.hold = true;
            }
            Step::Sleep(ms, counts) => world.sleep(ms, counts),
            Step::StoreOfAll(mode) => {
                for tab in 0..world.tabs.len() {
                    world.now_in_mode(tab, mode);
                }
            }
            Step::Prepares(result) => self.world.prepares = result,
            Step::Unhang => world.unhang(),
            Step::WriteOne => world.write_oldest(),
            Step::Wall(ms) => {
                if ms < 0 {
                    // A cool-down is believed for an hour where the clock was set back under it.
                    self.quiet_ms = 3_700_000;
                }
                if let Some(witness) = &mut world.witness {
                    witness.clock_moved = true;
                }
                world.set_wall(ms);
            }
            Step::Channel(channel) => world.channel = channel,
            Step::Rob if world.held(Lock::FAMILY) => world.rob(Lock::FAMILY),
            Step::Withdraw => world.server.kill(),
            Step::Clear => world.clear(),
            Step::Unreadable(it) => world.becomes_unreadable(it),
            Step::Scribble => world.scribble(),
            Step::Foreign => world.write_foreign(),
            _ => {}
        }
    }

    fn happens_to_keeper(&mut self, step: &Step) {
        let world = &mut self.world;
        match *step {
            Step::KeeperDelay(ms) => world.keeper.delay_ms = Some(ms),
            Step::KeeperStore(mode) => world.keeper.store = mode,
            Step::KeeperFreeze => world.keeper_freezes(),
            Step::KeeperFreezeAfterWrite => world.keeper.freezes_after_write = true,
            Step::KeeperThaw => world.keeper_thaws(),
            Step::KeeperDies => world.keeper_dies(),
            _ => {}
        }
    }
}
