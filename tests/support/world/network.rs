//! Refresh requests on their way, and their answers.

use super::World;
use crate::json::TestJson;
use evergrant::oauth::{Answer, Body, RawAnswer, RefreshToken};
use evergrant::session::{AttemptId, Failure, Input, Reply, Target};

/// A refresh request on its way.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) tab: usize,
    pub(crate) attempt: AttemptId,
    pub(crate) token: RefreshToken,
    pub(crate) target: Target,
    /// It is the keeper that has sent it, and waits for its answer.
    pub(crate) carried: bool,
}

impl World {
    pub(super) fn transmit(&mut self, request: Request) {
        self.sent += 1;
        // One for a session that has been replaced since is another family's.
        let family = |request: &Request| self.server.family(request.token.expose());
        if self
            .requests
            .iter()
            .any(|it| family(it) == family(&request))
        {
            self.overlaps += 1;
        }
        self.judge_sending(&request);
        if self.cut {
            self.arrive(&request, Reply::Failed(Failure::Network));
        } else if self.hold {
            self.requests.push(request);
        } else {
            let reply = self.act(&request);
            self.arrive(&request, reply);
        }
    }

    pub(super) fn abort(&mut self, tab: usize, attempt: AttemptId) {
        self.drop_request(attempt);
        self.tell(tab, attempt, Reply::Failed(Failure::Timeout));
    }

    /// Nobody waits for its answer any more.
    pub(super) fn drop_request(&mut self, attempt: AttemptId) {
        let dropped = self.requests.iter().position(|r| r.attempt == attempt);
        let dropped = dropped.map(|at| self.requests.remove(at));
        if self.aborted_arrive {
            self.stray.extend(dropped);
        }
    }

    fn arrive(&mut self, request: &Request, reply: Reply) {
        if request.carried {
            self.judge_answer(request.attempt, &reply);
            self.keeper_gets(request.attempt, reply);
        } else {
            self.tell(request.tab, request.attempt, reply);
        }
    }

    /// A request reaches the server.
    pub(crate) fn act(&mut self, request: &Request) -> Reply {
        self.judge_arrival(request);
        let reply = self.server.act(request, self.truth());
        self.log(request.tab, || {
            format!("the server answers {}", words(&reply))
        });
        reply
    }

    fn tell(&mut self, tab: usize, attempt: AttemptId, reply: Reply) {
        self.judge_answer(attempt, &reply);
        if self.tabs[tab].frozen {
            self.tabs[tab].stuck = self.now.mono;
        }
        self.answered.push((tab, attempt, reply.clone()));
        self.due(tab, Input::Answered(attempt, reply));
    }

    /// Takes the oldest request off the wire; what becomes of it is the test's business.
    pub(crate) fn take_request(&mut self) -> Request {
        assert!(!self.requests.is_empty(), "no request is under way");
        self.requests.remove(0)
    }

    /// The connection breaks; the oldest request is still under way, and nobody waits for it.
    pub(crate) fn disconnect(&mut self) {
        let request = self.take_request();
        self.stray.push(request.clone());
        self.deliver(&request, Reply::Failed(Failure::Network));
    }

    /// The server answers the oldest request.
    pub(crate) fn answer_next(&mut self) {
        let request = self.take_request();
        let reply = self.act(&request);
        self.deliver(&request, reply);
    }

    /// The oldest request reaches the server; its answer is lost on the way.
    pub(crate) fn lose_answer(&mut self) {
        let request = self.take_request();
        let _ = self.act(&request);
        self.deliver(&request, Reply::Failed(Failure::Network));
    }

    /// The oldest request never reaches the server.
    pub(crate) fn lose_request(&mut self) {
        let request = self.take_request();
        self.deliver(&request, Reply::Failed(Failure::Network));
    }

    /// An answer arrives.
    pub(crate) fn deliver(&mut self, request: &Request, reply: Reply) {
        self.arrive(request, reply);
        self.settle();
    }
}

/// An answer of the token endpoint.
pub(crate) fn reply(status: u16, body: &str) -> Reply {
    reply_after(status, body, None)
}

pub(crate) fn reply_after(status: u16, body: &str, retry_after_s: Option<u64>) -> Reply {
    Reply::Answer(std::sync::Arc::new(answer(status, body, retry_after_s)))
}

/// Likewise, as it stands in an attempt.
pub(crate) fn answer(status: u16, body: &str, retry_after_s: Option<u64>) -> Answer {
    let raw = RawAnswer {
        status,
        body: Body::new(body),
        retry_after_ms: retry_after_s.map_or(0, |seconds| seconds * 1000),
        ..RawAnswer::default()
    };
    Answer::read::<TestJson>(raw)
}

/// Likewise, with a DPoP nonce.
pub(crate) fn reply_with_nonce(status: u16, body: &str, nonce: &str) -> Reply {
    Reply::Answer(std::sync::Arc::new(answer_with_nonce(status, body, nonce)))
}

pub(crate) fn answer_with_nonce(status: u16, body: &str, nonce: &str) -> Answer {
    let raw = answer(status, body, None).raw;
    Answer::read::<TestJson>(RawAnswer {
        dpop_nonce: Some(nonce.into()),
        ..raw
    })
}

fn words(reply: &Reply) -> String {
    match reply {
        Reply::Answer(answer) => format!("{} {}", answer.raw.status, answer.raw.body.expose()),
        Reply::Failed(failure) => format!("{failure:?}"),
    }
}
