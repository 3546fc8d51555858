//! `Retry-After`, in the two forms of RFC 9110 §10.2.3.

use std::time::{Duration, UNIX_EPOCH};

use evergrant::oauth::http_date;
use evergrant::oauth::retry_after::{MAX_RETRY_AFTER_MS, read};
use proptest::prelude::*;

use crate::{NOW, raw};

fn wait(retry_after: &str, date: Option<&str>) -> Option<u64> {
    let mut answer = raw(503, "");
    answer.retry_after = Some(retry_after.into());
    answer.date = date.map(Into::into);
    read(&answer, NOW)
}

fn written(milliseconds: u64) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(milliseconds))
}

#[test]
fn seconds_count_from_the_receipt() {
    for (header, milliseconds) in [
        ("120", Some(120_000)),
        (" 120 ", Some(120_000)),
        ("0", Some(0)),
        ("-5", Some(0)),
        ("1.9", Some(1_000)),
        ("3600", Some(MAX_RETRY_AFTER_MS)),
        ("3601", Some(MAX_RETRY_AFTER_MS)),
        ("99999999999999999999999", Some(MAX_RETRY_AFTER_MS)),
        ("", None),
        ("soon", None),
        ("120, 60", None),
    ] {
        assert_eq!(wait(header, None), milliseconds, "{header}");
    }
    assert_eq!(read(&raw(503, ""), NOW), None);
}

#[test]
fn a_date_counts_from_the_servers_own_date() {
    let date = Some("Wed, 21 Oct 2015 07:28:00 GMT");
    assert_eq!(wait("Wed, 21 Oct 2015 07:30:00 GMT", date), Some(120_000));
    assert_eq!(wait("Wed, 21 Oct 2015 07:27:00 GMT", date), Some(0));
    assert_eq!(
        wait("Fri, 21 Oct 2016 07:28:00 GMT", date),
        Some(MAX_RETRY_AFTER_MS)
    );
}

#[test]
fn a_date_counts_from_our_clock_where_the_servers_cannot_be_read() {
    for unreadable in [None, Some("junk")] {
        assert_eq!(wait(&written(NOW + 90_000), unreadable), Some(90_000));
        assert_eq!(wait(&written(NOW - 90_000), unreadable), Some(0));
    }
}

#[test]
fn what_is_no_date_is_no_date() {
    for junk in [
        "",
        "GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 Foo 1994 08:49:37 GMT",
        "Sun, xx Nov 1994 08:49:37 GMT",
        "Sun, 00 Jan 1970 00:00:00 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "Sat, 31 Jan 0000 00:00:00 GMT",
        "Sun, 06 Növ 1994 08:49:3 GMT",
        "2026-01-01T00:00:00.00000 GMT",
    ] {
        assert_eq!(http_date::parse(junk), None, "{junk}");
    }
}

#[test]
fn leap_days_and_the_ends_of_years_are_read() {
    for (date, seconds) in [
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
        ("Tue, 29 Feb 2000 23:59:59 GMT", 951_868_799),
        ("Wed, 01 Mar 2000 00:00:00 GMT", 951_868_800),
        ("Thu, 31 Dec 2026 23:59:59 GMT", 1_798_761_599),
        ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400),
    ] {
        assert_eq!(http_date::parse(date), Some(seconds * 1000), "{date}");
    }
}

proptest! {
    #[test]
    fn every_date_until_the_year_9999_is_read(seconds in 0_u64..253_402_300_800) {
        prop_assert_eq!(http_date::parse(&written(seconds * 1000)), Some(seconds * 1000));
    }
}
