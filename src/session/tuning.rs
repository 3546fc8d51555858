//! Every tuning constant: its unit, and its reason. Milliseconds unless a name says otherwise.

/// The version of the stored record this code writes. It grows by addition; a record of a higher
/// version is served, never changed.
pub const RECORD_VERSION: u64 = 1;

/// From an attempt's write to its sending, at most. Longer means that this tab was frozen between
/// the two and somebody may have taken the attempt for lost.
pub const SEND_WINDOW_MS: u64 = 2_000;

/// How often a sender that missed its send window begins again before its callers are told.
pub const SEND_RESTARTS: u8 = 2;

/// The longest a single look may count, and how often one looks.
pub const LOOK_MS: u64 = 1_000;

/// What an attempt's bound adds to the send window and the timeout: the time to save an answer. Sooner no
/// session goes on in memory either, however short the timeout is: its own save may have landed.
pub const ATTEMPT_SLACK_MS: u64 = 4_000;

/// How long a posted attempt may wait for its service worker to start and claim it.
pub const KEEPER_START_MS: u64 = 1_000;

/// How often a refresh is posted to a keeper that does not claim it, before its page sends it itself.
pub const POSTS: u8 = 2;

/// More time for an attempt whose lock is still held past its bound, before a session is declared
/// lost: its sender may have just woken with a good answer in hand.
pub const LAST_CHANCE_MS: u64 = 2_000;

/// How long a store that fails at the start is tried again, each second.
pub const OPENING_MS: u64 = 60_000;

/// A save that takes longer is treated as failed (IndexedDB has been seen to hang).
pub const SAVE_MS: u64 = 1_000;

/// How long the family lock's holder watches a tab that has an answer it cannot save, before it
/// makes room for that tab's next refresh.
pub const UNSAVED_MS: u64 = 2_000;

/// How often a refresh is sent again because the server did not like its DPoP proof: for a nonce, for the
/// time in it, and for a nonce that has changed meanwhile.
pub const PROOFS: u8 = 3;

/// Attempts that stand in a record at most.
pub const ATTEMPTS: usize = 4;

/// A lost answer is replayed at once while a server may still forgive it. Servers that do so do it
/// for 5 to 60 s; what the option `graceSeconds` promises beyond that counts too.
pub const FORGIVENESS_MS: u64 = 60_000;

/// The first back-off after a failure, doubled each time.
pub const BACKOFF_BASE_MS: u64 = 1_000;

/// The longest back-off. An outage ends for everybody at some random moment within it.
pub const BACKOFF_CAP_MS: u64 = 60_000;

/// No two tries lie closer than this, whatever the jitter draws.
pub const BACKOFF_FLOOR_MS: u64 = 250;

/// The longest that `retry_at` is believed, counted on our own clock: a wall clock set back must not
/// silence a session for hours.
pub const COOLDOWN_CAP_MS: u64 = 3_600_000;

/// A refusal that ends nothing is tried again, with a dead access token, first after 15 minutes …
pub const STALLED_FIRST_MS: u64 = 900_000;

/// … and then hourly.
pub const STALLED_NEXT_MS: u64 = 3_600_000;

/// No automatic refresh follows its predecessor closer than this, however short tokens live.
pub const REFRESH_FLOOR_MS: u64 = 2_000;

/// A token said to live 0 s is handed out for this long: servers that say so mean "use it now".
pub const SHORTEST_LIFE_MS: u64 = 1_000;

/// The longest a timer is set for: browsers keep delays in 31 bits, and fire at once beyond.
pub const LONGEST_TIMER_MS: u64 = 0x7fff_ffff;

/// How long before a refresh token's known end `session-expiring` fires: five minutes, or a fifth of
/// its life.
pub const EXPIRY_NOTICE_MS: u64 = 300_000;

/// How long a token must live to be handed out, where the caller does not say.
pub const MIN_VALIDITY_MS: u64 = 5_000;

/// Ends that the record remembers.
pub const ENDINGS: usize = 4;

/// Entries of the flight recorder.
pub const HISTORY: usize = 200;

/// Entries of the flight recorder that an ended session leaves in the record.
pub const LAST_WORDS: usize = 20;

/// A write that loses its swap this often in a row gives up with an error; every loss means that
/// somebody else made progress.
pub const SWAPS: u8 = 20;
