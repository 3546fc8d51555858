//! Bytes as text, and nothing but what would be written read back.

use evergrant::oauth::base64url::{decode, encode};
use proptest::collection::vec;
use proptest::prelude::*;

#[test]
fn the_examples_of_rfc_4648_section_10_without_their_padding() {
    for (bytes, text) in [
        ("", ""),
        ("f", "Zg"),
        ("fo", "Zm8"),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg"),
        ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"),
    ] {
        assert_eq!(encode(bytes.as_bytes()), text);
        assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()));
    }
}

/// RFC 7515 appendix C.
#[test]
fn its_own_two_letters_are_used() {
    assert_eq!(encode(&[3, 236, 255, 224, 193]), "A-z_4ME");
    assert_eq!(decode("A-z_4ME"), Some(vec![3, 236, 255, 224, 193]));
}

#[test]
fn what_would_be_written_otherwise_is_refused() {
    for text in [
        // Padded.
        "Zg==",
        "Zm8=",
        "Zm9vYg==",
        "=",
        "====",
        "Zg=",
        "Zm9v====", // A letter too many.
        "Z",
        "Zm9vY",
        "A",
        "AAAAA", // Letters of another alphabet.
        "A+z/4ME",
        "Zm9v\n",
        " Zm9v",
        "Zm 9v",
        "Zm.v",
        "Zm9v\0",
        "Zmü9",
        "\u{396}m9v",
        // Bits that say nothing.
        "Zh",
        "Zm9",
        "Zm9vYh",
        "Zm9vYmF",
        "AB",
        "AAB",
        "__",
    ] {
        assert_eq!(decode(text), None, "{text:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes_come_back(bytes in vec(any::<u8>(), 0..70)) {
        let text = encode(&bytes);
        prop_assert!(text.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it)));
        prop_assert_eq!(text.len(), (bytes.len() * 4).div_ceil(3));
        prop_assert_eq!(decode(&text), Some(bytes));
    }

    #[test]
    fn no_two_texts_are_the_same_bytes(text in "[A-Za-z0-9_=+/-]{0,12}|.{0,8}") {
        if let Some(bytes) = decode(&text) {
            prop_assert_eq!(encode(&bytes), text);
        }
    }
}
