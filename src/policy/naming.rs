//! Which configured modem a found one is, and what it is called.

use crate::model::{ModemIdentity, ModemName, SimIdentity};

/// A modem as the configuration knows it. Every key that is there must match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What people call it.
    pub name: ModemName,
    /// Where its session runs; `None`: anywhere.
    pub address: Option<ModemName>,
    /// The device's number, 14 to 17 digits; modems leave out or add the last ones, so 14 digits are compared.
    pub imei: Option<String>,
    /// The card's number.
    pub iccid: Option<String>,
    /// The subscription's number.
    pub imsi: Option<String>,
}

impl Listed {
    fn is(&self, address: &ModemName, modem: &ModemIdentity, sim: &SimIdentity) -> bool {
        let fits = |wanted: &Option<String>, actual: &Option<String>, same: fn(&str, &str) -> bool| {
            wanted.as_ref().is_none_or(|wanted| actual.as_ref().is_some_and(|actual| same(wanted, actual)))
        };
        self.address.as_ref().is_none_or(|wanted| wanted == address)
            && fits(&self.imei, &modem.imei, |wanted, actual| wanted.get(..14) == actual.get(..14))
            // The check digit at the end is left out by some modems.
            && fits(&self.iccid, &sim.iccid, |wanted, actual| wanted.starts_with(actual) || actual.starts_with(wanted))
            && fits(&self.imsi, &sim.imsi, |wanted, actual| wanted == actual)
    }

    fn keys(&self) -> usize {
        let given = [self.address.is_some(), self.imei.is_some(), self.iccid.is_some(), self.imsi.is_some()];
        given.into_iter().filter(|given| *given).count()
    }
}

/// The name of the modem whose session runs at `address`: that of the entry that fits by most keys, the first of several. Where
/// nothing is listed, the address is the name. `None`: modems are listed, and this is none of them.
///
/// `taken` says whether another modem has this name now: cheap ones share an IMEI, and each of them works, the later as `name.2`.
pub fn name(
    listed: &[Listed],
    address: &ModemName,
    modem: &ModemIdentity,
    sim: &SimIdentity,
    taken: impl Fn(&ModemName) -> bool,
) -> Option<Named> {
    if listed.is_empty() {
        return Some(Named { name: address.clone(), entry: address.clone() });
    }
    let fitting = listed.iter().filter(|entry| entry.is(address, modem, sim));
    // An entry that nobody has yet comes first, so that two entries for one IMEI are two modems.
    let entry = fitting.min_by_key(|entry| (taken(&entry.name), usize::MAX - entry.keys()))?.name.clone();
    let numbered = (2u32..).map(|number| ModemName::new(&format!("{entry}.{number}")));
    let free = |name: &ModemName| !taken(name) && (*name == entry || listed.iter().all(|other| other.name != *name));
    let name = std::iter::once(entry.clone()).chain(numbered).find(free)?;
    Some(Named { name, entry })
}

/// What a found modem is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its name, for as long as it is there.
    pub name: ModemName,
    /// The name of its entry, whose limits it follows.
    pub entry: ModemName,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, address: &str, imei: &str, iccid: &str) -> Listed {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let address = some(address).map(|address| ModemName::new(&address));
        Listed { name: ModemName::new(name), address, imei: some(imei), iccid: some(iccid), imsi: None }
    }

    #[test]
    fn every_key_of_an_entry_must_match_and_the_closest_entry_wins() {
        let listed = [
            entry("by-imei", "", "356938035643809", ""),
            entry("by-card", "", "", "8962100012345678901"),
            entry("by-both", "", "356938035643809", "8962100012345678902"),
            entry("by-port", "by-port", "", ""),
            entry("port-and-card", "by-port", "", "8962100012345678903"),
        ];
        let check = |address: &str, imei: &str, iccid: &str, taken: &[&str], expected: Option<&str>| {
            let modem = ModemIdentity { imei: Some(imei.to_owned()), ..ModemIdentity::default() };
            let sim = SimIdentity { iccid: Some(iccid.to_owned()), imsi: None };
            let is_taken = |name: &ModemName| taken.contains(&name.as_str());
            let named = name(&listed, &ModemName::new(address), &modem, &sim, is_taken);
            assert_eq!(named.as_ref().map(|named| named.name.as_str()), expected, "{address} {imei} {iccid}");
        };
        check("1-4", "356938035643809", "8962100012345678900", &[], Some("by-imei"));
        // With the software version in place of the check digit, and without the card's check digit.
        check("1-4", "3569380356438011", "8962100012345678900", &[], Some("by-imei"));
        check("1-4", "1", "896210001234567890", &[], Some("by-card"));
        check("1-4", "356938035643809", "8962100012345678902", &[], Some("by-both"));
        check("by-port", "1", "2", &[], Some("by-port"));
        check("by-port", "1", "8962100012345678903", &[], Some("port-and-card"));
        check("1-4", "1", "2", &[], None);
        check("1-5", "356938035643809", "2", &["by-imei"], Some("by-imei.2"));
        check("1-6", "356938035643809", "2", &["by-imei", "by-imei.2"], Some("by-imei.3"));
    }

    #[test]
    fn where_nothing_is_listed_the_place_is_the_name() {
        let named = name(&[], &ModemName::new("1-4"), &ModemIdentity::default(), &SimIdentity::default(), |_| false);
        assert_eq!(named.map(|named| named.name), Some(ModemName::new("1-4")));
    }

    #[test]
    fn two_entries_for_one_shared_imei_are_two_modems() {
        let listed = [entry("a", "", "356938035643809", ""), entry("b", "", "356938035643809", "")];
        let modem = ModemIdentity { imei: Some("356938035643809".to_owned()), ..ModemIdentity::default() };
        let at = |address, taken: &str| {
            let named =
                name(&listed, &ModemName::new(address), &modem, &SimIdentity::default(), |n| n.as_str() == taken);
            named.map(|named| named.name)
        };
        assert_eq!(at("1-4", ""), Some(ModemName::new("a")));
        assert_eq!(at("1-5", "a"), Some(ModemName::new("b")));
    }
}
