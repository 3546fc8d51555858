//! What token endpoints, and what stands before them, really send.

/// Answers given without acting that are neither tokens nor `invalid_grant`: status, body,
/// `Retry-After`.
pub(crate) const ELSE: &[(u16, &str, Option<u64>)] = &[
    (429, "", None),
    (429, "", Some(3)),
    (429, r#"{"error":"invalid_grant"}"#, Some(90)),
    (425, "", None),
    (503, "", None),
    (503, "", Some(3)),
    (503, "<html>Maintenance</html>", Some(120)),
    (500, r#"{"error":"invalid_grant"}"#, None),
    (502, "<html><body>Bad gateway</body></html>", None),
    (408, "", None),
    (404, "<html>Not found</html>", None),
    (403, "<html>Blocked</html>", None),
    (400, "", None),
    (401, "", None),
    (400, "<html>Bad request</html>", None),
    (
        400,
        r#"{"error":"invalid_request","error_description":"please retry"}"#,
        None,
    ),
    (401, r#"{"error":"invalid_client"}"#, None),
    (401, r#"{"error":"unauthorized_client"}"#, None),
    (403, r#"{"error":"access_denied"}"#, None),
    (400, r#"{"error":"something_new"}"#, None),
    (200, r#"{"error":"temporarily_unavailable"}"#, None),
];

/// Answers that take the place of one that the server has given: it has acted, and nobody can tell.
pub(crate) const GARBLED: &[(u16, &str)] = &[
    (200, ""),
    (200, "{}"),
    (200, "<html>Sign in to the hotel's network</html>"),
    (200, r#"{"access_token":"#),
    (500, ""),
    (502, "<html>Bad gateway</html>"),
    (504, ""),
    (408, ""),
];

/// How a good answer is spelt; 0 is plain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spelling(pub(crate) usize);

/// How many there are.
pub(crate) const SPELLINGS: usize = 13;

impl Spelling {
    pub(crate) fn body(self, n: u32, rt: u32, life: u64, refresh: &str) -> String {
        let expires = match self.0 {
            1 => format!(r#","expires_in":"{life}""#),
            2 => String::new(),
            3 => r#","expires_in":0"#.into(),
            4 => r#","expires_in":-1"#.into(),
            5 => format!(r#","expires_in":{life}.5"#),
            6 => r#","expires_in":1e300"#.into(),
            7 => r#","expires_in":null"#.into(),
            _ => format!(r#","expires_in":{life}"#),
        };
        let kind = match self.0 {
            8 => r#","token_type":"bearer""#,
            9 => "",
            _ => r#","token_type":"Bearer""#,
        };
        let more = match self.0 {
            10 => r#","scope":"a b","token_type":"Bearer","unknown":{"deep":[1]}"#,
            11 => r#","id_token":"x.y.z","error":null"#,
            12 => r#","error":"server_error""#,
            _ => "",
        };
        format!(
            r#"{{"access_token":"at{n}","refresh_token":"rt{rt}"{kind}{expires}{refresh}{more}}}"#
        )
    }

    /// Whether a token spelt so lives as long as the server means.
    pub(crate) fn says_how_long(self) -> bool {
        !(2..=7).contains(&self.0)
    }
}
