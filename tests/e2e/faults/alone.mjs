// What may become of a session of which nobody asks anything: its refresh falls due by itself, meets a fault, once or until
// the fault is over, and the client goes on by itself.
import assert from "node:assert/strict";

const lifetime = 6;

/** The refresh succeeds, after a failure of which `noted` tells. `gapMs`: between the two requests, at least. */
export function recovers(outcome, { noted, gapMs = 0 }) {
  return {
    fate: "lives, by itself",
    outcome,
    lifetime,
    async live(trial) {
      await trial.tab.until(() => client.session.generation === 2);
      trial.saw({ proxy: 2, server: 1 });
      const [first, second] = trial.sent;
      assert(second.at - first.at >= gapMs);
      await trial.noted(["sent", ""], noted, ["refreshed", "this-tab"]);
      await trial.goesOn();
    },
  };
}

/** The rotation is lost; the end comes with the access token's, and not before. */
export function endsInTime(code) {
  return {
    fate: "ends with its access token",
    outcome: `${code}, rotation-lost`,
    lifetime,
    async live(trial) {
      const { session } = await trial.tab.look();
      await trial.tab.until(() => client.ended !== null);
      const { ended } = await trial.tab.look();
      assert(new Date(ended.at) >= new Date(session.accessTokenExpiresAt));
      await trial.ended("rotation-lost");
      await trial.noted(
        ["answer-lost", code],
        ["sent", "a replay"],
        ["signed-out", "rotation-lost"],
      );
      trial.saw({ proxy: 2, server: 2 });
    },
  };
}

/** A refusal that ends nothing is not asked again when the access token dies, either. */
export function expires(oauthError) {
  return {
    fate: "lives, expired until told to ask",
    outcome: `oauth ${oauthError}`,
    lifetime,
    async live(trial) {
      const { tab } = trial;
      await tab.until(() => client.session.status === "expired");
      const { error } = await tab.call("getAccessToken");
      assert.equal(error?.code, "oauth");
      assert.equal(error.oauthError, oauthError);
      const { events } = await tab.look();
      const failures = events.filter(({ type }) => type === "refresh-failed");
      assert.equal(failures.length, 1, "the application is told once");
      trial.saw({ proxy: 1, server: 0 });
      await trial.refresh();
      await trial.goesOn();
    },
  };
}

/** The fault stays, past the access token's end: few requests, ever fewer; and when it is over, the session goes on. */
export function outlasts(code, { replays }) {
  return {
    fate: "lives, by itself when it is over",
    outcome: code,
    lifetime,
    times: Infinity,
    async live(trial) {
      const { tab, proxy } = trial;
      await threeFailures(trial);
      proxy.off();
      await tab.until(() => client.session.generation === 2);
      const { history, events } = await tab.look();
      const failed = ({ event }) => event === "refresh-failed";
      const failures = history.filter(failed).length;
      const requests = failures + (replays ? 1 : 0) + 1;
      trial.saw({ proxy: requests, server: 1 });
      assertPatience(trial, { replays });
      for (const { type, error } of events) {
        if (type === "refresh-failed") assert.equal(error.code, code);
      }
      await trial.goesOn();
    },
  };
}

/** No answer can be read, and the server carries every request out: nothing ends before somebody knows that it did. */
export function endsWhenKnown() {
  return {
    fate: "ends when the server’s word arrives",
    outcome: "network, rotation-lost",
    lifetime,
    times: Infinity,
    async live(trial) {
      const { tab, proxy } = trial;
      await threeFailures(trial);
      const { ended } = await tab.look();
      assert.equal(ended, null);
      proxy.off();
      await tab.until(() => client.ended !== null);
      const { length } = trial.sent;
      trial.saw({ proxy: length, server: length });
      assertPatience(trial, { replays: true });
      await trial.ended("rotation-lost");
    },
  };
}

/** The answer that comes again and again holds a token that the API refuses: that is no reason to ask without a pause. */
export function asksInVain() {
  return {
    fate: "lives, and does not storm",
    times: Infinity,
    timeoutSeconds: 1,
    async live(trial) {
      const { tab, proxy } = trial;
      const refusedToken = await trial.refresh();
      await tab.call("getAccessToken", { refusedToken });
      const { length } = trial.sent;
      assert(length < 20, `${length} requests`);
      trial.saw({ proxy: length, server: 1 });
      proxy.off();
      const { value } = await tab.call("getAccessToken", { refusedToken });
      assert.notEqual(value, refusedToken);
      await trial.goesOn();
    },
  };
}

async function threeFailures({ tab }) {
  await tab.until(() => {
    const failed = ({ event }) => event === "refresh-failed";
    return client.history().filter(failed).length >= 3;
  });
}

// But for a lost answer's first replay, no request follows another closely.
function assertPatience({ sent }, { replays }) {
  const gaps = sent.slice(1).map(({ at }, i) => at - sent[i].at);
  for (const gap of gaps.slice(replays ? 1 : 0))
    assert(gap >= 250, `${gap} ms`);
}
