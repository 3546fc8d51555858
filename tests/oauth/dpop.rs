//! Proofs of possession, and nonces.

use evergrant::oauth::base64url::{decode, encode};
use evergrant::oauth::dpop::{Proof, PublicKey, is_nonce, joined};
use evergrant::oauth::{ErrorResponse, Jwt, RawAnswer};
use serde_json::{Value, json};

use crate::json::TestJson;
use crate::sha256;

/// RFC 9449 §4.1.
fn key() -> PublicKey {
    PublicKey {
        x: "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs".into(),
        y: "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA".into(),
    }
}

fn proof(key: &PublicKey) -> Proof<'_> {
    Proof {
        key,
        method: "POST",
        url: "https://server.example.com/token",
        jti: "-BwC3ESc6acc2lTc",
        iat_s: 1_562_262_616,
        nonce: None,
        ath: None,
    }
}

/// The header and the claims of a proof.
fn parts(proof: &Proof<'_>) -> (Value, Value) {
    let input = proof.signing_input();
    let (header, claims) = input.split_once('.').expect("two parts");
    let [header, claims] = [header, claims].map(|part| {
        let json = decode(part).expect("base64url");
        serde_json::from_slice(&json).expect("JSON")
    });
    (header, claims)
}

/// RFC 7638 §3.1, §3.2; the key and its `jkt` are those of RFC 9449 §4.1 and §6.1.
#[test]
fn the_thumbprint_of_rfc_9449_section_6_1() {
    let input = key().thumbprint_input();
    assert_eq!(
        input,
        r#"{"crv":"P-256","kty":"EC","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs","y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA"}"#
    );
    assert_eq!(
        encode(&sha256(&input)),
        "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
    );
}

/// RFC 9449 §4.2, figure 3.
#[test]
fn the_proof_of_rfc_9449_section_4_2() {
    let key = key();
    let (header, claims) = parts(&proof(&key));
    assert_eq!(
        header,
        json!({
            "typ": "dpop+jwt",
            "alg": "ES256",
            "jwk": {
                "kty": "EC",
                "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
                "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
                "crv": "P-256",
            },
        })
    );
    assert_eq!(
        claims,
        json!({
            "jti": "-BwC3ESc6acc2lTc",
            "htm": "POST",
            "htu": "https://server.example.com/token",
            "iat": 1_562_262_616,
        })
    );
}

/// RFC 9449 §7.1 and §8: with the hash of the access token, and with a nonce.
#[test]
fn a_proof_goes_with_a_token_and_with_a_nonce() {
    let key = key();
    let ath = encode(&sha256("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"));
    assert_eq!(ath, "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
    let (_, claims) = parts(&Proof {
        method: "GET",
        url: "https://resource.example.org/protectedresource",
        jti: "e1j3V_bKic8-LAEB",
        iat_s: 1_562_262_618,
        nonce: Some("eyJ7S_zG.eyJH0-Z.HX4w-7v"),
        ath: Some(&ath),
        ..proof(&key)
    });
    assert_eq!(
        claims,
        json!({
            "jti": "e1j3V_bKic8-LAEB",
            "htm": "GET",
            "htu": "https://resource.example.org/protectedresource",
            "iat": 1_562_262_618,
            "nonce": "eyJ7S_zG.eyJH0-Z.HX4w-7v",
            "ath": "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo",
        })
    );
}

#[test]
fn query_and_fragment_are_left_out() {
    let key = key();
    for (url, htu) in [
        ("https://a.example/b?c=d", "https://a.example/b"),
        ("https://a.example/b#c", "https://a.example/b"),
        ("https://a.example/b?c#d?e", "https://a.example/b"),
        ("https://a.example/b#c?d", "https://a.example/b"),
        ("https://a.example/?", "https://a.example/"),
        ("https://a.example/b;c/d", "https://a.example/b;c/d"),
        ("", ""),
    ] {
        let (_, claims) = parts(&Proof { url, ..proof(&key) });
        assert_eq!(claims["htu"], htu);
    }
}

#[test]
fn foreign_text_stays_within_its_string() {
    let hostile = "\",\"htu\":\"https://evil.test\\\u{0}\u{1}\u{1f}\u{7f}\n\t\u{2028}€\u{1f600}/";
    let key = PublicKey {
        x: hostile.into(),
        y: "\\".into(),
    };
    let (header, claims) = parts(&Proof {
        method: hostile,
        jti: hostile,
        nonce: Some(hostile),
        ath: Some(hostile),
        ..proof(&key)
    });
    assert_eq!(header["jwk"]["x"], hostile);
    assert_eq!(header["jwk"]["y"], "\\");
    assert_eq!(claims["htu"], "https://server.example.com/token");
    for claim in ["htm", "jti", "nonce", "ath"] {
        assert_eq!(claims[claim], hostile);
    }
    assert_eq!(claims.as_object().map(serde_json::Map::len), Some(6));
}

#[test]
fn any_time_is_written_as_a_number() {
    let key = key();
    for iat_s in [0, 9, 10, 1_562_262_616, u64::MAX] {
        let (_, claims) = parts(&Proof {
            iat_s,
            ..proof(&key)
        });
        assert_eq!(claims["iat"], iat_s);
    }
}

#[test]
fn a_proof_is_a_jwt() {
    let key = key();
    let input = proof(&key).signing_input();
    let jwt = Jwt::<TestJson>::read(&joined(&input, &[7; 64])).expect("a token");
    assert_eq!(jwt.alg, "ES256");
    assert_eq!(jwt.signing_input, input);
    assert_eq!(jwt.signature, [7; 64]);
}

/// RFC 9449 §8.1.
#[test]
fn a_nonce_is_of_the_letters_that_it_may_have() {
    let longest = "n".repeat(512);
    for nonce in [
        "eyJ7S_zG.eyJH0-Z.HX4w-7v",
        "!",
        "#$%&'()*+,-./:;<=>?@[]^_`{|}~",
        &longest,
    ] {
        assert!(is_nonce(nonce), "{nonce}");
    }
    let too_long = "n".repeat(513);
    for nonce in [
        "",
        " ",
        "a b",
        "a\"",
        "a\\",
        "a\n",
        "a\r\nEvil: 1",
        "ü",
        "\u{7f}",
        "\0",
        &too_long,
    ] {
        assert!(!is_nonce(nonce), "{nonce:?}");
    }
}

#[test]
fn an_answer_brings_a_nonce_if_it_can_be_believed() {
    let nonce = |nonce: Option<&str>| {
        let raw = RawAnswer {
            dpop_nonce: nonce.map(String::from),
            ..RawAnswer::default()
        };
        raw.nonce().map(String::from)
    };
    assert_eq!(nonce(Some("n1")).as_deref(), Some("n1"));
    assert_eq!(nonce(Some("n 1")), None);
    assert_eq!(nonce(None), None);
}

/// RFC 9449 §5, §8; the third is Keycloak's.
#[test]
fn a_refused_proof_is_told_from_a_wanted_nonce() {
    for (error, description, nonce, proof) in [
        (
            "use_dpop_nonce",
            "Authorization server requires nonce in DPoP proof",
            true,
            false,
        ),
        ("invalid_dpop_proof", "", false, true),
        ("invalid_request", "DPoP proof is not active", false, true),
        ("invalid_request", "invalid dpop", false, true),
        ("invalid_request", "the DPOP's iat", false, true),
        ("invalid_request", "dpo p", false, false),
        ("invalid_request", "dpo", false, false),
        ("invalid_request", "", false, false),
        ("invalid_grant", "DPoP proof is not active", false, false),
        ("invalid_token", "DPoP", false, false),
        ("USE_DPOP_NONCE", "", false, false),
        ("", "DPoP", false, false),
    ] {
        let refused = ErrorResponse {
            error: error.into(),
            description: description.into(),
        };
        assert_eq!(refused.wants_nonce(), nonce, "{error} {description}");
        assert_eq!(refused.doubts_proof(), proof, "{error} {description}");
    }
}
