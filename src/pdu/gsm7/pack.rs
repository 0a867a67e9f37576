/// Packs septets into octets (23.038 §6.1.2.1.1): the first septet in the lowest bits, zeros at the end.
///
/// `fill_bits` (0 to 6) zeros stand before the first septet, so that it begins on a septet boundary after a user data
/// header (23.040 §9.2.3.24).
pub fn pack(septets: &[u8], fill_bits: usize) -> Vec<u8> {
    let mut octets = Vec::with_capacity((fill_bits + septets.len() * 7).div_ceil(8));
    pack_into(&mut octets, septets, fill_bits);
    octets
}

/// As [`pack`], behind what `octets` holds already.
pub(in crate::pdu) fn pack_into(octets: &mut Vec<u8>, septets: &[u8], fill_bits: usize) {
    let mut pending: u16 = 0;
    let mut bits = fill_bits;
    for septet in septets {
        pending |= u16::from(septet & 0x7F) << bits;
        bits += 7;
        if bits >= 8 {
            octets.push(pending as u8);
            pending >>= 8;
            bits -= 8;
        }
    }
    if bits > 0 {
        octets.push(pending as u8);
    }
}

/// Unpacks at most `count` septets, after `fill_bits` (0 to 6) bits; fewer where the octets hold fewer.
pub fn unpack(octets: &[u8], fill_bits: usize, count: usize) -> Vec<u8> {
    let held = (octets.len() * 8).saturating_sub(fill_bits) / 7;
    let count = count.min(held);
    let mut septets = Vec::with_capacity(count);
    for number in 0..count {
        let bit = fill_bits + number * 7;
        let low = octets[bit / 8];
        let high = octets.get(bit / 8 + 1).copied().unwrap_or(0);
        let both = u16::from_le_bytes([low, high]);
        septets.push((both >> (bit % 8)) as u8 & 0x7F);
    }
    septets
}

/// The fill bits after a header of this many octets, its length octet included.
pub(in crate::pdu) fn fill_bits(header_octets: usize) -> usize {
    (7 - header_octets * 8 % 7) % 7
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pdu::hex;

    #[test]
    fn septets_pack_as_the_standard_draws_them() {
        let check = |septets: &[u8], fill: usize, packed: &str| {
            assert_eq!(hex::encode(&pack(septets, fill)), packed, "{septets:?} after {fill}");
            assert_eq!(unpack(&hex::decode(packed).expect("hexadecimal"), fill, septets.len()), septets);
        };
        check(b"", 0, "");
        check(b"hello", 0, "E8329BFD06");
        check(b"12345678", 0, "31D98C56B3DD70");
        check(b"1234567\0", 0, "31D98C56B3DD00");
        check(b"a", 1, "C2");
        check(b"ab", 6, "40580C");
    }

    #[test]
    fn fill_bits_complete_the_septet_that_the_header_began() {
        let check = |header: usize, fill: usize| assert_eq!(fill_bits(header), fill, "{header}");
        for (header, fill) in [(0, 0), (3, 4), (4, 3), (5, 2), (6, 1), (7, 0), (8, 6), (9, 5)] {
            check(header, fill);
        }
    }

    proptest! {
        #[test]
        fn unpacking_gives_back_what_was_packed(septets in prop::collection::vec(0u8..128, 0..200), fill in 0usize..7) {
            let packed = pack(&septets, fill);
            prop_assert_eq!(packed.len(), (fill + septets.len() * 7).div_ceil(8));
            prop_assert_eq!(unpack(&packed, fill, septets.len()), septets);
        }

        #[test]
        fn unpacking_asks_for_no_more_than_there_is(octets in prop::collection::vec(any::<u8>(), 0..20), fill in 0usize..7, count in 0usize..300) {
            prop_assert!(unpack(&octets, fill, count).len() <= octets.len() * 8 / 7);
        }
    }
}
