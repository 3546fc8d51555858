//! `Retry-After`, in the two forms of RFC 9110 §10.2.3.

use std::time::{Duration, UNIX_EPOCH};

use evergrant::oauth::retry_after::{MAX_RETRY_AFTER_MS, read};
use proptest::prelude::*;

use crate::NOW;

fn wait(retry_after: &str, date: Option<&str>) -> u64 {
    read(retry_after, date, NOW, &parse)
}

/// Stands in for the browser's `Date.parse`, which `tests/web` tries.
fn parse(text: &str) -> f64 {
    let since_1970 = httpdate::parse_http_date(text)
        .ok()
        .and_then(|date| date.duration_since(UNIX_EPOCH).ok());
    since_1970.map_or(f64::NAN, |it| it.as_millis() as f64)
}

fn written(milliseconds: u64) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(milliseconds))
}

#[test]
fn seconds_count_from_the_receipt() {
    for (header, milliseconds) in [
        ("120", 120_000),
        (" 120 ", 120_000),
        ("0", 0),
        ("-5", 0),
        ("1.9", 1_000),
        ("3600", MAX_RETRY_AFTER_MS),
        ("3601", MAX_RETRY_AFTER_MS),
        ("99999999999999999999999", MAX_RETRY_AFTER_MS),
    ] {
        assert_eq!(wait(header, None), milliseconds, "{header}");
    }
}

#[test]
fn a_date_counts_from_the_servers_own_date() {
    let date = Some("Wed, 21 Oct 2015 07:28:00 GMT");
    assert_eq!(wait("Wed, 21 Oct 2015 07:30:00 GMT", date), 120_000);
    assert_eq!(wait("Wed, 21 Oct 2015 07:27:00 GMT", date), 0);
    assert_eq!(
        wait("Fri, 21 Oct 2016 07:28:00 GMT", date),
        MAX_RETRY_AFTER_MS
    );
}

#[test]
fn a_date_counts_from_our_clock_where_the_servers_cannot_be_read() {
    for unreadable in [None, Some("junk")] {
        assert_eq!(wait(&written(NOW + 90_000), unreadable), 90_000);
        assert_eq!(wait(&written(NOW - 90_000), unreadable), 0);
    }
}

#[test]
fn what_is_no_date_asks_for_nothing() {
    for junk in [
        "",
        "GMT",
        "soon",
        "120, 60",
        "Sun, 06 Foo 2094 08:49:37 GMT",
        "Sun, xx Nov 2094 08:49:37 GMT",
        "2094-01-01T00:00:00.00000 GMT",
    ] {
        assert_eq!(wait(junk, None), 0, "{junk}");
    }
}

/// A browser's parser reads most of these, by its own time zone or by rules of its own.
#[test]
fn what_is_not_in_the_format_of_headers_is_no_date() {
    for local in [
        "soon 7",
        "soon GMT",
        "Sun, xx Nov 2094 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "7 8 2094",
        "2094-11-06",
        "2094-11-06T08:49:37Z",
        "Sun Nov  6 08:49:37 2094",
        "Sun, 06 Nov 2094 08:49:37 UTC",
    ] {
        let later = |_: &str| NOW as f64 + 90_000.0;
        assert_eq!(read(local, None, NOW, &later), 0, "{local}");
        assert_eq!(
            read(&written(NOW + 90_000), Some(local), NOW, &parse),
            90_000
        );
    }
}

proptest! {
    #[test]
    fn any_two_headers_are_read_within_the_bound(
        header in header(), date in prop::option::of(header()), now in any::<u64>(), moment in any::<f64>(),
    ) {
        for parse in [&parse as &dyn Fn(&str) -> f64, &|_| moment] {
            prop_assert!(read(&header, date.as_deref(), now, parse) <= MAX_RETRY_AFTER_MS);
        }
    }

    #[test]
    fn every_date_is_read(seconds in 0_u64..253_402_297_200, wait_s in 0..MAX_RETRY_AFTER_MS / 1000) {
        let (date, until) = (written(seconds * 1000), written((seconds + wait_s) * 1000));
        prop_assert_eq!(wait(&until, Some(&date)), wait_s * 1000);
    }
}

fn header() -> impl Strategy<Value = String> {
    prop_oneof![
        "-?[0-9]{0,25}(\\.[0-9]{0,3})?",
        "[A-Z][a-z]{2}, [0-9]{2} (Jan|Feb|Mar|Dec|Foo) [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT",
        ".{0,30}",
    ]
}
