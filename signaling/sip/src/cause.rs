//! Why a call ended, in the words of the centre, and what SIP says for it.
//!
//! Both ways: statuses (RFC 3261 §21), and the Reason header (RFC 3326) that CANCEL and BYE carry.

use crate::words;

/// Why a call ended.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Cause {
    /// Somebody who talked hung up.
    Hangup,
    /// The caller gave up before anybody answered.
    Cancelled,
    /// The called party talks already.
    Busy,
    /// It rang, and nobody answered.
    NoAnswer,
    /// The called party refused.
    Rejected,
    /// There is no such number or user.
    NotFound,
    /// The called party is not there: not registered, or its network does not answer.
    Unreachable,
    /// The two could not agree on how to talk: no common codec.
    NotAcceptable,
    /// Who calls may not: a wrong login, a barred number.
    Forbidden,
    /// Nobody answered us at all: a transaction or the session timer ran out.
    Timeout,
    /// A server on the way failed.
    ServerError {
        /// Its status, 500 to 599.
        status: u16,
    },
    /// Anything else.
    Other {
        /// The status, 300 to 699.
        status: u16,
    },
}

impl Cause {
    /// What a final response of `status`, 300 to 699, to our INVITE means.
    #[must_use]
    pub const fn from_status(status: u16) -> Self {
        match status {
            // RFC 3261 §21.4.2, §21.4.4, §21.4.8: who we are is not good enough.
            401 | 403 | 407 => Self::Forbidden,
            // §21.4.5, §21.4.11, §21.4.23, §21.6.3; 485 is more than one.
            404 | 410 | 484 | 485 | 604 => Self::NotFound,
            // §21.4.9: nobody answered in time. §21.5.5: nobody further on did.
            408 | 504 => Self::Timeout,
            // §21.4.13, §21.4.14: neither body nor scheme is understood; §21.4.26, §21.6.4.
            415 | 416 | 488 | 606 => Self::NotAcceptable,
            // §21.4.18: there, but does not answer now.
            480 => Self::NoAnswer,
            // §21.4.24, §21.6.1.
            486 | 600 => Self::Busy,
            // §21.4.25: our own CANCEL worked.
            487 => Self::Cancelled,
            // §21.6.2; RFC 8197 §4; RFC 8688 §3; RFC 5079 §5.
            603 | 607 | 608 | 433 => Self::Rejected,
            // §21.5.4: a proxy says so of the next hop. RFC 5626 §11.6: a broken flow.
            502 | 430 => Self::Unreachable,
            500 | 501 | 503 | 505..=599 => Self::ServerError { status },
            _ => Self::Other { status },
        }
    }

    /// The final response that tells a caller, as status and reason phrase.
    ///
    /// A refusal is one agent's, never the whole centre's: 480 and no 6xx, which would make the
    /// proxies on the way give up every other branch (RFC 3261 §21.6).
    #[must_use]
    pub const fn response(self) -> (u16, &'static str) {
        match self {
            // Somebody who hangs up before anybody answered.
            Self::Hangup | Self::Cancelled => (487, "Request Terminated"),
            Self::Busy => (486, "Busy Here"),
            Self::NoAnswer | Self::Rejected | Self::Unreachable => (480, "Temporarily Unavailable"),
            Self::NotFound => (404, "Not Found"),
            Self::NotAcceptable => (488, "Not Acceptable Here"),
            Self::Forbidden => (403, "Forbidden"),
            Self::Timeout => (408, "Request Timeout"),
            Self::ServerError { status } => match status {
                503 => (503, "Service Unavailable"),
                _ => (500, "Server Internal Error"),
            },
            Self::Other { status } => match phrase(status) {
                Some(phrase) => (status, phrase),
                None => (480, "Temporarily Unavailable"),
            },
        }
    }

    /// The cause of the telephone network (ITU-T Q.850 §2.2.5) that comes nearest.
    #[must_use]
    pub const fn q850(self) -> u8 {
        match self {
            Self::Hangup | Self::Cancelled => 16,
            Self::Busy => 17,
            Self::NoAnswer => 19,
            Self::Rejected => 21,
            Self::NotFound => 1,
            Self::Unreachable => 20,
            Self::NotAcceptable => 88,
            Self::Forbidden => 57,
            Self::Timeout => 102,
            Self::ServerError { .. } => 41,
            Self::Other { .. } => 31,
        }
    }

    /// What a cause of the telephone network means (ITU-T Q.850 §2.2.5; RFC 3398 §7.2.4.1 maps
    /// the same ones to statuses).
    #[must_use]
    pub const fn from_q850(cause: u8) -> Self {
        match cause {
            // No number, no route, changed, out of order at that address, incomplete.
            1 | 2 | 3 | 22 | 26 | 28 => Self::NotFound,
            16 => Self::Hangup,
            17 => Self::Busy,
            18 | 19 => Self::NoAnswer,
            20 | 27 => Self::Unreachable,
            21 => Self::Rejected,
            29 | 50 | 52 | 54 | 55 | 57 | 87 => Self::Forbidden,
            58 | 65 | 70 | 79 | 88 => Self::NotAcceptable,
            34 | 38 | 41 | 42 | 47 => Self::ServerError { status: 503 },
            102 => Self::Timeout,
            _ => Self::Other { status: 480 },
        }
    }

    /// What a BYE means that came with these Reason headers, one by one: without any that we
    /// understand, somebody hung up.
    #[must_use]
    pub fn of_bye(reasons: &[&str]) -> Self {
        for reason in read_reasons(reasons) {
            match reason.protocol {
                // A status of 2xx says how well it went, as a cause it is a hangup.
                Protocol::Sip if reason.cause >= 300 => return Self::from_status(reason.cause),
                Protocol::Sip => return Self::Hangup,
                Protocol::Q850 => {
                    let cause = u8::try_from(reason.cause).map(Self::from_q850);
                    return match cause {
                        Ok(Self::Other { .. }) | Err(_) => Self::Hangup,
                        Ok(known) => known,
                    };
                }
                Protocol::Other => {}
            }
        }
        Self::Hangup
    }

    /// The values of the Reason headers (RFC 3326 §2) of a BYE or CANCEL for this cause: SIP first,
    /// then Q.850 for gateways.
    #[must_use]
    pub fn reasons(self) -> [String; 2] {
        // Of a call that was answered, and went well to its end.
        let (status, phrase) = if self == Self::Hangup {
            (200, "OK")
        } else {
            self.response()
        };
        let sip = Reason {
            protocol: Protocol::Sip,
            cause: status,
            text: Some(phrase.to_owned()),
        };
        let q850 = Reason {
            protocol: Protocol::Q850,
            cause: self.q850().into(),
            text: None,
        };
        [sip.to_string(), q850.to_string()]
    }
}

/// The value of the Reason header for the branches that did not win: phones then do not show a
/// missed call (RFC 3326 §3.1).
pub const COMPLETED_ELSEWHERE: &str = "SIP;cause=200;text=\"Call completed elsewhere\"";

/// Whose causes a Reason header gives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Protocol {
    /// Statuses of SIP.
    Sip,
    /// Causes of the telephone network (ITU-T Q.850).
    Q850,
    /// Anybody else's.
    Other,
}

/// One value of a Reason header (RFC 3326 §2).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reason {
    /// Whose cause it is.
    pub protocol: Protocol,
    /// The cause.
    pub cause: u16,
    /// A text for people, cleaned.
    pub text: Option<String>,
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let protocol = match self.protocol {
            Protocol::Sip | Protocol::Other => "SIP",
            Protocol::Q850 => "Q.850",
        };
        write!(f, "{protocol};cause={}", self.cause)?;
        match self.text.as_deref().and_then(words::quoted_name) {
            Some(text) => write!(f, ";text={text}"),
            None => Ok(()),
        }
    }
}

/// Reads Reason headers; what cannot be read is left out.
#[must_use]
pub fn read_reasons(values: &[&str]) -> Vec<Reason> {
    let one = |value: &str| {
        let (protocol, parameters) = value.split_once(';')?;
        let parameters = words::Parameters::parse(parameters)?;
        let protocol = match protocol.trim().to_ascii_uppercase().as_str() {
            "SIP" => Protocol::Sip,
            "Q.850" => Protocol::Q850,
            _ => Protocol::Other,
        };
        Some(Reason {
            protocol,
            cause: parameters.get("cause")?.parse().ok()?,
            text: parameters.get("text").and_then(words::display_name),
        })
    };
    values
        .iter()
        .take(8)
        .flat_map(|value| words::split_commas(value))
        .filter_map(one)
        .collect()
}

/// The reason phrase of a final response that refuses (RFC 3261 §21 and the RFCs that add to it).
#[must_use]
pub const fn phrase(status: u16) -> Option<&'static str> {
    Some(match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        410 => "Gone",
        413 => "Request Entity Too Large",
        415 => "Unsupported Media Type",
        416 => "Unsupported URI Scheme",
        420 => "Bad Extension",
        421 => "Extension Required",
        422 => "Session Interval Too Small",
        423 => "Interval Too Brief",
        433 => "Anonymity Disallowed",
        480 => "Temporarily Unavailable",
        481 => "Call/Transaction Does Not Exist",
        482 => "Loop Detected",
        483 => "Too Many Hops",
        484 => "Address Incomplete",
        485 => "Ambiguous",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        489 => "Bad Event",
        491 => "Request Pending",
        493 => "Undecipherable",
        500 => "Server Internal Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Server Time-out",
        505 => "Version Not Supported",
        513 => "Message Too Large",
        600 => "Busy Everywhere",
        603 => "Decline",
        604 => "Does Not Exist Anywhere",
        606 => "Not Acceptable",
        607 => "Unwanted",
        608 => "Rejected",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
