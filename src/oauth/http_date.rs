//! The date format of HTTP headers (RFC 9110 §5.6.7).

const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";

/// Days from 1 March of the year 0 to 1 January 1970, plus one, since days of a month count from
/// one.
const EPOCH: u64 = 719_469;

/// Reads an IMF-fixdate, the only format that servers may send, like
/// `Sun, 06 Nov 1994 08:49:37 GMT`, in milliseconds since 1970; `None` for anything else, the two
/// obsolete formats included.
///
/// Our own, because the crate `httpdate` adds 2 KB to the compressed module and this 0.5.
pub fn parse(text: &str) -> Option<u64> {
    if text.len() != 29 || !text.ends_with(" GMT") {
        return None;
    }
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u64>().ok();
    let name = text.get(8..11)?.as_bytes();
    let month = MONTHS.chunks(3).position(|month| month == name)? as u64;
    // Counted from March, so that the leap day is the last day of a year.
    let months = (number(12, 16)? * 12 + month).checked_sub(2)?;
    let (year, month) = (months / 12, months % 12);
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5;
    let days = (days + number(5, 7)?).checked_sub(EPOCH)?;
    let minutes = (days * 24 + number(17, 19)?) * 60 + number(20, 22)?;
    Some((minutes * 60 + number(23, 25)?) * 1000)
}
