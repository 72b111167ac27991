//! The hellos that questions are made of. They stay small unless size is the question, because old
//! stacks and middleboxes drop long ones: at most 64 suites and 512 bytes, or 200 where even that
//! is too much.

use crate::wire::suites::{self, Auth, Cipher, Kx, Mode, SuiteInfo};
use crate::wire::{ClientHello, Ext, Group, Scheme, Suite, Version, groups, shares};

/// Most suites in an ordinary hello: with the renegotiation signal they are 64.
pub(crate) const MOST_SUITES: usize = 63;

/// Most key shares in one hello: what clients send, and short of many thousand bytes.
pub(crate) const MOST_SHARES: usize = 4;

/// Most suites in a hello that must stay short.
const MOST_SUITES_SMALL: usize = 16;

/// How long a hello the server takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Size {
    /// Under 200 bytes with a name of usual length, and 16 suites.
    Small,
    /// Under 512 bytes, and 64 suites.
    Ordinary,
    /// As long as it takes.
    Long,
}

impl Size {
    /// Most suites in one hello of this size.
    pub(crate) fn most_suites(self) -> usize {
        match self {
            Self::Small => MOST_SUITES_SMALL,
            Self::Ordinary => MOST_SUITES,
            Self::Long => 512,
        }
    }
}

/// What goes into every hello to one endpoint.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    /// Server name, if one is sent.
    pub(crate) server_name: Option<String>,
    pub(crate) size: Size,
    /// Leave out every extension that is not needed.
    pub(crate) bare: bool,
    /// Fill hellos of 256 to 511 bytes up to 512, as browsers do: some load balancers never answer
    /// those (RFC 7685 section 1).
    pub(crate) padded: bool,
}

impl Base {
    /// A hello of TLS 1.2 or older with these suites.
    pub(crate) fn hello(
        &self,
        version: Version,
        suites: &[Suite],
        random: [u8; 32],
    ) -> ClientHello {
        let mut extensions = Vec::new();
        if version > Version::SSL3 {
            extensions.extend(self.server_name.clone().map(Ext::ServerName));
            extensions.push(Ext::Groups(self.groups()));
            let formats = if self.size == Size::Small { vec![0] } else { vec![0, 1, 2] };
            extensions.push(Ext::PointFormats(formats));
            if version >= Version::TLS12 {
                extensions.push(Ext::Schemes(self.schemes()));
            }
            if !self.bare {
                extensions.push(Ext::EncryptThenMac);
                extensions.push(Ext::ExtendedMasterSecret);
            }
        }
        let mut suites = suites.to_vec();
        suites.push(Suite::EMPTY_RENEGOTIATION_INFO_SCSV);
        self.fill(ClientHello {
            // TLS 1.0 in the record of a first hello is what everybody takes (RFC 8446 5.1).
            record_version: if version == Version::SSL3 { version } else { Version::TLS10 },
            version,
            random,
            session_id: Vec::new(),
            suites,
            compression: vec![0],
            extensions,
        })
    }

    /// A hello of TLS 1.3 with an empty `key_share`, so that the server names suite and group in a
    /// HelloRetryRequest (RFC 8446 section 4.2.8). `versions` may hold older ones.
    pub(crate) fn hello13(
        &self,
        versions: &[Version],
        suites: &[Suite],
        groups: &[Group],
        random: [u8; 32],
    ) -> ClientHello {
        let mut extensions = Vec::new();
        extensions.extend(self.server_name.clone().map(Ext::ServerName));
        extensions.push(Ext::Groups(groups.to_vec()));
        if versions.iter().any(|v| *v < Version::TLS13) {
            extensions.push(Ext::PointFormats(vec![0]));
            if !self.bare {
                extensions.push(Ext::ExtendedMasterSecret);
            }
        }
        extensions.push(Ext::Schemes(self.schemes()));
        extensions.push(Ext::SupportedVersions(versions.to_vec()));
        extensions.push(Ext::PskModes(vec![1]));
        extensions.push(Ext::KeyShares(Vec::new()));
        let mut suites = suites.to_vec();
        if versions.iter().any(|v| *v < Version::TLS13) {
            suites.push(Suite::EMPTY_RENEGOTIATION_INFO_SCSV);
        }
        self.fill(ClientHello {
            record_version: Version::TLS10,
            version: Version::TLS12,
            random,
            session_id: random.to_vec(),
            suites,
            compression: vec![0],
            extensions,
        })
    }

    /// A hello of TLS 1.3 and TLS 1.2 under 255 bytes, with what is most common.
    pub(crate) fn short13(&self, random: [u8; 32]) -> ClientHello {
        let small = Self { size: Size::Small, bare: true, ..self.clone() };
        let (new, _) = suites_for(Version::TLS13);
        let (old, _) = suites_for(Version::TLS12);
        let suites: Vec<Suite> = new.into_iter().chain(old.into_iter().take(12)).collect();
        let groups = FIRST_GROUPS.get(..5).unwrap_or_default();
        small.hello13(&[Version::TLS13, Version::TLS12], &suites, groups, random)
    }

    fn fill(&self, mut hello: ClientHello) -> ClientHello {
        let length = hello.message_len();
        if self.padded && !hello.extensions.is_empty() && (256..512).contains(&length) {
            let missing = 512_usize.saturating_sub(length + 4);
            hello.extensions.push(Ext::Padding(u16::try_from(missing).unwrap_or(0)));
        }
        hello
    }

    /// Named groups for hellos of TLS 1.2 and older. With the finite-field ones: some servers take
    /// DHE suites only from clients that name such a group (RFC 7919 section 4).
    pub(crate) fn groups(&self) -> Vec<Group> {
        match self.size {
            Size::Small => FIRST_GROUPS.iter().copied().take(4).chain([Group::FFDHE2048]).collect(),
            _ => groups_for(Version::TLS12).into_iter().chain(FFDHE).collect(),
        }
    }

    fn schemes(&self) -> Vec<Scheme> {
        let most = if self.size == Size::Small { 8 } else { SCHEMES.len() };
        SCHEMES.iter().copied().take(most).collect()
    }
}

const FIRST_GROUPS: [Group; 7] = [
    Group::X25519,
    Group::SECP256R1,
    Group::SECP384R1,
    Group::SECP521R1,
    Group::X448,
    Group(22), // secp256k1
    Group(26), // brainpoolP256r1
];

/// Finite-field groups (RFC 7919 appendix A).
const FFDHE: [Group; 5] = [Group(256), Group(257), Group(258), Group(259), Group(260)];

/// Every signature scheme a server may use, most common first.
pub(crate) const SCHEMES: [Scheme; 25] = [
    Scheme::ECDSA_SECP256R1_SHA256,
    Scheme::RSA_PSS_RSAE_SHA256,
    Scheme::RSA_PKCS1_SHA256,
    Scheme::ECDSA_SECP384R1_SHA384,
    Scheme::RSA_PSS_RSAE_SHA384,
    Scheme::RSA_PKCS1_SHA384,
    Scheme::RSA_PSS_RSAE_SHA512,
    Scheme::RSA_PKCS1_SHA512,
    Scheme::ECDSA_SECP521R1_SHA512,
    Scheme::ED25519,
    Scheme::RSA_PKCS1_SHA1,
    Scheme::ECDSA_SHA1,
    Scheme::DSA_SHA1,
    Scheme::DSA_SHA256,
    Scheme::ED448,
    Scheme::RSA_PSS_PSS_SHA256,
    Scheme::RSA_PSS_PSS_SHA384,
    Scheme::RSA_PSS_PSS_SHA512,
    Scheme::RSA_PKCS1_SHA224,
    Scheme::ECDSA_SHA224,
    Scheme::DSA_SHA224,
    Scheme::ECDSA_BRAINPOOLP256R1TLS13_SHA256,
    Scheme::ECDSA_BRAINPOOLP384R1TLS13_SHA384,
    Scheme::ECDSA_BRAINPOOLP512R1TLS13_SHA512,
    Scheme::RSA_PKCS1_MD5,
];

/// Every group that fits a version, most common first. For TLS 1.2 and older only elliptic curves.
pub(crate) fn groups_for(version: Version) -> Vec<Group> {
    let mut list = Vec::new();
    if version == Version::TLS13 {
        list.push(Group::X25519MLKEM768);
    }
    list.extend(FIRST_GROUPS.iter().filter(|g| g.info().is_some_and(|i| i.fits(version))));
    let fits = groups::all().iter().filter(|i| i.fits(version));
    for info in fits {
        let ec = info.kind == groups::GroupKind::Ec;
        if (ec || version == Version::TLS13) && !list.contains(&info.group) {
            list.push(info.group);
        }
    }
    list
}

/// Groups of TLS 1.3, and those of older versions behind them.
pub(crate) fn groups_of_all_versions() -> Vec<Group> {
    let mut list = groups_for(Version::TLS13);
    let old = groups_for(Version::TLS12).into_iter().filter(|g| !list.contains(g));
    let old: Vec<Group> = old.collect();
    list.extend(old);
    list
}

/// The suites to offer in a version: first those found in the field, most common first; then the
/// rest, with those that ought not to be negotiated in a version so old: some servers do.
pub(crate) fn suites_for(version: Version) -> (Vec<Suite>, Vec<Suite>) {
    let old = (Version::SSL3..=Version::TLS12).contains(&version);
    let mut fits: Vec<&SuiteInfo> = suites::all()
        .iter()
        .filter(|i| i.fits(version) || (old && i.last == Version::TLS12 && version > Version::SSL3))
        .filter(|i| i.suite != Suite(0))
        .collect();
    fits.sort_by_key(|info| rank(info));
    let common = |i: &&SuiteInfo| is_common(i) && i.fits(version);
    let (common, rare): (Vec<_>, Vec<_>) = fits.into_iter().partition(common);
    let ids = |list: Vec<&SuiteInfo>| list.into_iter().map(|i| i.suite).collect();
    (ids(common), ids(rare))
}

/// TLS_NULL_WITH_NULL_NULL is the state before a handshake, not an offer (RFC 5246 A.5); the
/// table has it, offers do not.
fn is_common(info: &SuiteInfo) -> bool {
    let kx = matches!(info.kx, Kx::Ecdhe | Kx::Dhe | Kx::Rsa | Kx::Any);
    let auth = matches!(info.auth, Auth::Rsa | Auth::Ecdsa | Auth::Any);
    let cipher =
        matches!(info.cipher, Cipher::Aes | Cipher::Chacha20 | Cipher::TripleDes | Cipher::Rc4);
    let old_number = info.suite.0 & 0xff00 == 0xcc00 && info.suite.0 < 0xcca0;
    kx && auth && cipher && info.bits >= 112 && !old_number && !info.is_export()
}

/// How common a suite is: forward secrecy before none, AEAD before CBC, and so on. Lower is more.
fn rank(info: &SuiteInfo) -> (u8, u8, u8, u32) {
    let cipher = match (info.cipher, info.mode) {
        (Cipher::Aes, Mode::Gcm) => 0,
        (Cipher::Chacha20, _) => 1,
        (Cipher::Aes, Mode::Cbc) => 2,
        (Cipher::TripleDes, _) => 3,
        (Cipher::Rc4, _) => 4,
        (Cipher::Aes, _) => 5,
        _ => 6,
    };
    let kx = match info.kx {
        Kx::Any => 0,
        Kx::Ecdhe => 1,
        Kx::Rsa => 2,
        Kx::Dhe => 3,
        _ => 4,
    };
    let auth = match info.auth {
        Auth::Any => 0,
        Auth::Rsa => 1,
        Auth::Ecdsa => 2,
        _ => 3,
    };
    (cipher, kx, auth, info.suite.0)
}

/// True for a suite some servers take only because the client names it first.
pub(crate) fn is_chacha(suite: Suite) -> bool {
    suite.info().is_some_and(|i| i.cipher == Cipher::Chacha20)
}

/// Names ChaCha20 suites last: servers that honour a client who wants them first, or before AES,
/// would otherwise answer out of their order.
pub(crate) fn chacha_last(suites: &mut [Suite]) {
    suites.sort_by_key(|s| is_chacha(*s));
}

/// The same TLS 1.3 hello with a share for each group it names (those that have one).
pub(crate) fn with_shares(mut hello: ClientHello) -> ClientHello {
    let random = hello.random;
    let offered = hello.extensions.iter().find_map(|e| match e {
        Ext::Groups(groups) => Some(groups.clone()),
        _ => None,
    });
    let shares: Vec<(Group, Vec<u8>)> = offered
        .unwrap_or_default()
        .into_iter()
        .filter_map(|g| shares::dummy(g, &random).map(|share| (g, share)))
        .take(MOST_SHARES)
        .collect();
    for ext in &mut hello.extensions {
        if let Ext::KeyShares(list) = ext {
            list.clone_from(&shares);
        }
    }
    hello
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_hellos_stay_under_512_bytes_and_small_ones_under_200() {
        let server_name = Some("a-rather-long-name.of-a-subdomain.agency.gov.my".to_owned());
        let ordinary = Base { server_name, size: Size::Ordinary, bare: false, padded: false };
        let small = Base { size: Size::Small, ..ordinary.clone() };
        for version in [Version::SSL3, Version::TLS10, Version::TLS12] {
            let (common, _) = suites_for(version);
            assert!(common.len() <= MOST_SUITES, "{version}: {}", common.len());
            let n = common.len().min(Size::Small.most_suites());
            assert!(ordinary.hello(version, &common, [0; 32]).message_len() <= 512);
            assert!(small.hello(version, &common[..n], [0; 32]).message_len() <= 200);
        }
        assert!(ordinary.short13([0; 32]).message_len() <= 255);
        let (new, _) = suites_for(Version::TLS13);
        let groups = groups_for(Version::TLS13);
        let hello = ordinary.hello13(&[Version::TLS13], &new, &groups, [0; 32]);
        assert!(hello.message_len() <= 512, "{}", hello.message_len());
    }

    #[test]
    fn chacha_is_named_last() {
        let (chacha, gcm, cbc) = (Suite(0xcca8), Suite(0xc02f), Suite(0xc013));
        let mut list = [cbc, chacha, gcm];
        chacha_last(&mut list);
        assert_eq!(list, [cbc, gcm, chacha]);
    }

    #[test]
    fn every_suite_that_fits_is_offered_once() {
        let (common, rare) = suites_for(Version::TLS12);
        let mut all = [common, rare].concat();
        let n = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), n);
        assert!(n > 300, "{n}");
        assert!(!all.contains(&Suite(0)));
    }
}
