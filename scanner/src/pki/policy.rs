//! Certificate policies (RFC 5280 section 4.2.1.4): what an authority says it validated.

use super::find;
use crate::observe::Validation;

/// What the policies, in dotted numbers, say was validated; of several the most, `None` if none of
/// them says. Anybody can write these numbers into a certificate: they mean something only below
/// an authority that is held to them.
#[must_use]
pub fn validation(policies: &[String]) -> Option<Validation> {
    let known = policies.iter().filter_map(|id| {
        let own = EXTENDED.contains(&id.as_str()).then_some(Validation::Extended);
        find(&RESERVED, id).or(own)
    });
    known.max_by_key(|validation| match validation {
        Validation::Domain => 0,
        Validation::Individual => 1,
        Validation::Organisation => 2,
        Validation::Extended => 3,
    })
}

/// The policies the CA/Browser Forum reserved (Baseline Requirements section 7.1.6.1).
const RESERVED: [(&str, Validation); 4] = [
    ("2.23.140.1.1", Validation::Extended),
    ("2.23.140.1.2.1", Validation::Domain),
    ("2.23.140.1.2.2", Validation::Organisation),
    ("2.23.140.1.2.3", Validation::Individual),
];

/// Policies of single authorities for extended validation, from before there was a common one, as
/// their practice statements and the browsers had them.
const EXTENDED: [&str; 20] = [
    "1.2.616.1.113527.2.5.1.1",     // Certum
    "1.3.159.1.17.1",               // Actalis
    "1.3.6.1.4.1.14370.1.6",        // GeoTrust
    "1.3.6.1.4.1.14777.6.1.1",      // Izenpe
    "1.3.6.1.4.1.23223.1.1.1",      // StartCom
    "1.3.6.1.4.1.4146.1.1",         // GlobalSign
    "1.3.6.1.4.1.6334.1.100.1",     // Cybertrust
    "1.3.6.1.4.1.6449.1.2.1.5.1",   // Comodo, now Sectigo
    "1.3.6.1.4.1.782.1.2.1.8.1",    // Network Solutions
    "1.3.6.1.4.1.7879.13.24.1",     // T-Systems
    "1.3.6.1.4.1.8024.0.2.100.1.2", // QuoVadis
    "2.16.578.1.26.1.3.3",          // Buypass
    "2.16.756.1.89.1.2.1.1",        // SwissSign
    "2.16.840.1.113733.1.7.23.6",   // VeriSign
    "2.16.840.1.113733.1.7.48.1",   // thawte
    "2.16.840.1.114028.10.1.2",     // Entrust
    "2.16.840.1.114404.1.1.2.4.1",  // Trustwave
    "2.16.840.1.114412.2.1",        // DigiCert
    "2.16.840.1.114413.1.7.23.3",   // GoDaddy
    "2.16.840.1.114414.1.7.23.3",   // Starfield
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_that_is_said_counts() {
        let said = |ids: &[&str]| {
            let ids: Vec<_> = ids.iter().map(|id| (*id).to_owned()).collect();
            validation(&ids)
        };
        assert_eq!(said(&[]), None);
        assert_eq!(said(&["2.5.29.32.0", "2.23.140.1.2", "2.23.140.1.2.1.1"]), None);
        assert_eq!(said(&["2.23.140.1.2.1"]), Some(Validation::Domain));
        assert_eq!(said(&["2.23.140.1.2.3", "2.23.140.1.2.1"]), Some(Validation::Individual));
        assert_eq!(said(&["2.23.140.1.2.2", "2.23.140.1.2.3"]), Some(Validation::Organisation));
        assert_eq!(said(&["2.23.140.1.2.2", "2.23.140.1.1"]), Some(Validation::Extended));
        let digicert = ["2.23.140.1.2.2", "2.16.840.1.114412.2.1"];
        assert_eq!(said(&digicert), Some(Validation::Extended));
    }

    #[test]
    fn the_table_is_sorted() {
        assert!(EXTENDED.is_sorted_by(|one, next| one < next));
    }
}
