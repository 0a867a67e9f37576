/// Octets in lower-case hexadecimal, two digits each.
pub fn hex(octets: impl AsRef<[u8]>) -> String {
    octets.as_ref().iter().map(|octet| format!("{octet:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_octet_has_two_digits() {
        assert_eq!(hex([0, 0x0f, 0xa0, 0xff]), "000fa0ff");
        assert_eq!(hex([]), "");
    }
}
