// What may become of a session whose refresh, asked for by the application, meets a fault once: each fate drives one to its
// end, and asserts it.
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

/** Nobody notices. */
export function unnoticed() {
  return {
    fate: "lives",
    async live(trial) {
      await trial.refresh();
      await trial.noted(["sent", ""], ["refreshed", "this-tab"]);
      trial.saw({ proxy: 1, server: 1 });
      await trial.goesOn();
    },
  };
}

/** The answer is lost and the server has not rotated: the replay brings the next. `code`: what the loss is called. */
export function replayed(code) {
  return {
    fate: "lives, by a replay",
    outcome: code,
    async live(trial) {
      await trial.refresh();
      await trial.noted(
        ["answer-lost", code],
        ["sent", "a replay"],
        ["refreshed", "this-tab"],
      );
      trial.saw({ proxy: 2, server: 1 });
      await trial.goesOn();
    },
  };
}

/** The answer is lost, and a strict server has rotated: the access token is served as long as it is good, and no longer. */
export function rotationLost(code) {
  return {
    fate: "ends with its access token",
    outcome: `${code}, rotation-lost`,
    async live(trial) {
      const { tab } = trial;
      const before = await tab.call("getAccessToken");
      const { error } = await trial.force();
      assert.equal(error?.code, "oauth");
      assert.equal(error.oauthError, "invalid_grant");
      assert.deepEqual(await tab.call("getAccessToken"), before);
      const { events, session } = await tab.look();
      const notice = events.find(({ type }) => type === "session-expiring");
      assert.equal(notice?.at, session.accessTokenExpiresAt);
      // Whoever asks for more meanwhile costs no request.
      assert.equal((await trial.force()).error?.code, "oauth");

      // The server has revoked all there was of that sign-in.
      assert.equal(await tab.callApi(), 401);
      const refusedToken = before.value;
      const over = await tab.call("getAccessToken", { refusedToken });
      assert.equal(over.error?.code, "session-ended");
      assert.equal(over.error.reason, "rotation-lost");
      await trial.ended("rotation-lost");
      await trial.noted(
        ["answer-lost", code],
        ["sent", "a replay"],
        ["rotation-lost", "served to the end of the access token"],
        ["signed-out", "rotation-lost"],
      );
      trial.saw({ proxy: 2, server: 2 });
      assert(trial.arrived[1].reused, "the replay is the reuse");
    },
  };
}

/** A refusal that is not about the refresh token ends nothing, and is not asked again but by an application that insists. */
export function stalls(status, oauthError) {
  return {
    fate: "lives, asks again if told to",
    outcome: ["oauth", oauthError].join(" ").trim(),
    async live(trial) {
      const { tab } = trial;
      const before = await tab.call("getAccessToken");
      const { error } = await trial.force();
      assert.equal(error?.code, "oauth");
      assert.equal(error.oauthError, oauthError);
      assert.equal(error.status, status);
      assert.deepEqual(await tab.call("getAccessToken"), before);
      assert.equal(await tab.callApi(), 200);
      await trial.noted(["sent", ""], ["refresh-failed", "oauth"]);
      trial.saw({ proxy: 1, server: 0 });
      await trial.refresh();
      trial.saw({ proxy: 2, server: 1 });
      await trial.goesOn();
    },
  };
}

/** The server, or something before it, asks for time: nobody asks before it is over. */
export function waits(code, status, atLeastMs) {
  return {
    fate: "lives, waits as told",
    outcome: code,
    async live(trial) {
      const { tab } = trial;
      const before = await tab.call("getAccessToken");
      const asked = Date.now();
      const { error } = await trial.force();
      assert.equal(error?.code, code);
      assert.equal(error.status, status);
      assert(error.retryAt >= asked + atLeastMs, "it says until when");
      const early = await trial.force();
      // On a slow machine it may be over already.
      if (early.error) {
        assert.equal(early.error.code, code);
        assert.equal(early.error.retryAt, error.retryAt);
        trial.saw({ proxy: 1, server: 0 });
        assert.deepEqual(await tab.call("getAccessToken"), before);
        await pause(Math.max(0, error.retryAt - Date.now()));
        await trial.refresh();
      }
      const [first, second] = trial.sent;
      assert(second.at - first.at >= atLeastMs, "it has waited");
      await trial.noted(
        ["sent", ""],
        ["refresh-failed", code],
        ["refreshed", "this-tab"],
      );
      trial.cost = 2;
      trial.saw({ proxy: 2, server: 1 });
      await trial.goesOn();
    },
  };
}

/** The server's word about the refresh token itself. */
export function ends(reason) {
  return {
    fate: "ends",
    outcome: reason,
    async live(trial) {
      const { error } = await trial.force();
      assert.equal(error?.code, "session-ended");
      assert.equal(error.reason, reason);
      await trial.ended(reason);
      await trial.noted(["sent", ""], ["signed-out", reason]);
      trial.saw({ proxy: 1, server: 0 });
    },
  };
}

/** The answer before comes again: it is as good as it was. */
export function sameAnswer() {
  return {
    fate: "lives with the token before",
    async live(trial) {
      const earlier = await trial.refresh();
      const { value } = await trial.force();
      assert.equal(value, earlier);
      await trial.noted(["refreshed", "this-tab"], ["refreshed", "this-tab"]);
      trial.saw({ proxy: 2, server: 1 });
      assert.equal(await trial.tab.callApi(), 200);
      await trial.goesOn();
    },
  };
}
