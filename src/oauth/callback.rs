//! The authorization response, as the browser brings it back in a URL (RFC 6749 §4.1.2).

use super::error_response::ErrorResponse;
use super::secret::Code;

/// An answer that has yet to be checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Callback {
    /// The `state`, by which its request is found.
    pub state: String,
    iss: Option<String>,
    outcome: Result<Code, CallbackFault>,
}

/// Why an answer gives no code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CallbackFault {
    /// It comes from another issuer; or from nobody knows whom, where that must be said (RFC 9207
    /// §2.4).
    Iss,
    /// A parameter of the protocol's stands there twice (RFC 6749 §3.1).
    Repeated,
    /// The server says no (RFC 6749 §4.1.2.1).
    Refused(ErrorResponse),
    /// The code, or the error, is empty.
    NoCode,
}

impl Callback {
    /// Reads the decoded parameters of a URL. `None` without a `state`, or with neither `code`
    /// nor `error`: then it is no answer of ours.
    #[must_use]
    pub fn read(pairs: &[(String, String)]) -> Option<Self> {
        let mut repeated = false;
        let [state, iss, code, error, description] =
            ["state", "iss", "code", "error", "error_description"].map(|name| {
                let mut values = pairs.iter().filter(|(it, _)| it == name);
                let first = values.next().map(|(_, value)| value.as_str());
                repeated |= values.next().is_some();
                first
            });
        code.or(error)?;
        // A parameter without a value counts as omitted (RFC 6749 §3.1).
        let there = |text: &&str| !text.is_empty();
        Some(Callback {
            state: state.filter(there)?.into(),
            iss: iss.map(String::from),
            outcome: match (error.filter(there), code.filter(there)) {
                _ if repeated => Err(CallbackFault::Repeated),
                (Some(error), _) => Err(CallbackFault::Refused(ErrorResponse::of(
                    error.into(),
                    description.unwrap_or_default(),
                ))),
                (_, Some(code)) => Ok(Code::new(code)),
                _ => Err(CallbackFault::NoCode),
            },
        })
    }

    /// The code, if it comes from this issuer; from any, where the server has no name. `iss` is compared
    /// code point by code point, before anything else is believed, and must be there if the server's
    /// metadata promises it (RFC 9207 §2.4).
    pub fn check(self, issuer: Option<&str>, iss_required: bool) -> Result<Code, CallbackFault> {
        match self.iss {
            Some(iss) if issuer.is_some_and(|issuer| issuer != iss) => Err(CallbackFault::Iss),
            None if iss_required => Err(CallbackFault::Iss),
            _ => self.outcome,
        }
    }
}
