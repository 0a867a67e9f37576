//! What nobody can guess: of a cookie, of a token, of a request that brings no key of its own.

use crate::model::hex;

/// 32 octets of the system's random numbers, lower-case hexadecimal. Errors: the system has none.
pub fn new_secret() -> Result<String, getrandom::Error> {
    let mut octets = [0; 32];
    getrandom::fill(&mut octets)?;
    Ok(hex(octets))
}
