//! Kinds of addresses, and which of them may be connected to. No I/O.
//!
//! Addresses that a stranger names, for instance in a certificate, must not lead into the network
//! this program runs in. What an operator names himself may.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use thiserror::Error;

/// Where an address lies, by the IANA special-purpose registries (RFC 6890).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// On the Internet.
    Public,
    /// In a private network: RFC 1918, RFC 4193, the former site-local addresses (RFC 3879), and
    /// addresses shared behind a carrier's NAT (RFC 6598).
    Private,
    /// This machine.
    Loopback,
    /// On the link only: 169.254/16 (RFC 3927) and fe80::/10 (RFC 4291).
    LinkLocal,
    /// The address at which a cloud tells a machine its secrets.
    Metadata,
    /// No single host: unspecified, multicast, broadcast, documentation, benchmarks, reserved.
    Special,
}

impl Scope {
    /// The scope of an address. One that only carries an IPv4 address to a translator or a tunnel
    /// lies where that one lies: IPv4-mapped (RFC 4291), NAT64 (RFC 6052), 6to4 (RFC 3056).
    #[must_use]
    pub fn of(ip: IpAddr) -> Self {
        if is_metadata(ip) {
            return Self::Metadata;
        }
        match ip {
            IpAddr::V4(v4) => Self::of_v4(v4),
            IpAddr::V6(v6) => match inside(v6) {
                Some(v4) => Self::of(IpAddr::V4(v4)),
                None => Self::of_v6(v6),
            },
        }
    }

    fn of_v4(ip: Ipv4Addr) -> Self {
        match ip.octets() {
            [127, ..] => Self::Loopback,
            [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => Self::Private,
            [169, 254, ..] => Self::LinkLocal,
            // This network, protocol assignments, documentation, the 6to4 relays, benchmarks,
            // documentation twice more, multicast, reserved with broadcast.
            [0 | 224..=255, ..]
            | [192, 0, 0 | 2, _]
            | [192, 88, 99, _]
            | [198, 18 | 19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _] => Self::Special,
            _ => Self::Public,
        }
    }

    fn of_v6(ip: Ipv6Addr) -> Self {
        if ip.is_loopback() {
            return Self::Loopback;
        }
        match ip.segments() {
            [0xfc00..=0xfdff, ..] | [0xfec0..=0xfeff, ..] => Self::Private,
            [0xfe80..=0xfebf, ..] => Self::LinkLocal,
            // Protocol assignments with Teredo, benchmarks and ORCHID; documentation twice.
            [0x2001, 0..=0x01ff | 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => Self::Special,
            // What is in use as unicast (RFC 4291 section 2.4); the rest is reserved.
            [0x2000..=0x3fff, ..] => Self::Public,
            _ => Self::Special,
        }
    }

    /// Its bit in a set of scopes.
    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "public",
            Self::Private => "private",
            Self::Loopback => "this machine's own",
            Self::LinkLocal => "link-local",
            Self::Metadata => "a cloud's metadata service",
            Self::Special => "not an address of a host",
        })
    }
}

/// Which addresses may be connected to: some scopes, and networks besides.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Policy {
    scopes: u8,
    networks: Vec<Cidr>,
}

impl Policy {
    /// Every address: for what an operator types at his own command line.
    #[must_use]
    pub fn anything() -> Self {
        Self { scopes: u8::MAX, networks: Vec::new() }
    }

    /// Addresses on the Internet and no others.
    #[must_use]
    pub fn public_only() -> Self {
        Self { scopes: Scope::Public.bit(), networks: Vec::new() }
    }

    /// For addresses that a server at `target` names: public ones, and those of its own kind if
    /// that is private or loopback. So the certificate of a test server may point to its
    /// neighbour, but a server on the Internet never makes us connect to a private address.
    #[must_use]
    pub fn like(target: IpAddr) -> Self {
        let own = match Scope::of(target) {
            scope @ (Scope::Private | Scope::Loopback) => scope.bit(),
            Scope::Public | Scope::LinkLocal | Scope::Metadata | Scope::Special => 0,
        };
        Self { scopes: Scope::Public.bit() | own, networks: Vec::new() }
    }

    /// Allows a network besides. A metadata address within it stays forbidden unless the network
    /// is that single address: nobody who opens 100.64.0.0/10 means the cloud's secrets.
    #[must_use]
    pub fn allow(mut self, network: Cidr) -> Self {
        self.networks.push(network);
        self
    }

    /// Whether this address may be connected to, or why not.
    pub fn permits(&self, ip: IpAddr) -> Result<(), Refused> {
        let scope = Scope::of(ip);
        if self.scopes & scope.bit() != 0 {
            return Ok(());
        }
        let carried = carried(ip);
        let named = |network: &Cidr| {
            (network.contains(ip) || carried.is_some_and(|v4| network.contains(IpAddr::V4(v4))))
                && (scope != Scope::Metadata || network.is_single())
        };
        if self.networks.iter().any(named) {
            return Ok(());
        }
        Err(Refused { ip, scope })
    }
}

/// An address that may not be connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The address.
    pub ip: IpAddr,
    /// Where it lies, which is why.
    pub scope: Scope,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the address {}", self.ip)?;
        if let Some(v4) = carried(self.ip) {
            write!(f, " ({v4})")?;
        }
        match self.scope {
            Scope::Special => write!(f, " is {}", self.scope),
            _ => write!(f, " is {} and not allowed", self.scope),
        }
    }
}

impl std::error::Error for Refused {}

/// A network: an address and how many of its first bits count (RFC 4632).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cidr {
    ip: IpAddr,
    prefix: u8,
}

/// Why a text is no network.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CidrError {
    /// What stands before the slash is no address.
    #[error("`{0}` is not an IP address: write a network as 10.0.0.0/8 or fd00::/8")]
    Address(String),
    /// What stands behind the slash is no prefix length.
    #[error("`/{0}` is not a prefix length: a number from 0 to {1}")]
    Prefix(String, u8),
    /// The address has bits set that do not count.
    #[error("{0}/{1} has bits set beyond the prefix: the network is {2}/{1}")]
    HostBits(IpAddr, u8, IpAddr),
}

impl Cidr {
    /// Whether the address lies in it. An IPv4 address lies in no IPv6 network.
    #[must_use]
    pub fn contains(&self, ip: IpAddr) -> bool {
        self.ip == masked(ip, self.prefix) && self.ip.is_ipv4() == ip.is_ipv4()
    }

    /// Whether it is one address alone.
    #[must_use]
    pub fn is_single(&self) -> bool {
        self.prefix == bits(self.ip)
    }
}

impl FromStr for Cidr {
    type Err = CidrError;

    /// Reads `10.0.0.0/8` or `fd00::/8`; an address alone is a network of one.
    fn from_str(text: &str) -> Result<Self, CidrError> {
        let text = text.trim();
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let ip: IpAddr = address.parse().map_err(|_| CidrError::Address(address.to_owned()))?;
        let most = bits(ip);
        let prefix = match prefix {
            None => most,
            // `parse` alone would take "+8".
            Some(digits) => Some(digits)
                .filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
                .and_then(|digits| digits.parse().ok())
                .filter(|n| *n <= most)
                .ok_or_else(|| CidrError::Prefix(digits.to_owned(), most))?,
        };
        let network = masked(ip, prefix);
        if network != ip {
            return Err(CidrError::HostBits(ip, prefix, network));
        }
        Ok(Self { ip, prefix })
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.ip, self.prefix)
    }
}

/// How many bits an address of this family has.
const fn bits(ip: IpAddr) -> u8 {
    if ip.is_ipv4() { 32 } else { 128 }
}

/// The address with only its first bits left.
fn masked(ip: IpAddr, prefix: u8) -> IpAddr {
    let cut = u32::from(bits(ip).saturating_sub(prefix));
    match ip {
        IpAddr::V4(v4) => {
            Ipv4Addr::from_bits(v4.to_bits() & u32::MAX.checked_shl(cut).unwrap_or(0)).into()
        }
        IpAddr::V6(v6) => {
            Ipv6Addr::from_bits(v6.to_bits() & u128::MAX.checked_shl(cut).unwrap_or(0)).into()
        }
    }
}

/// The IPv4 address that an IPv6 address only carries.
fn carried(ip: IpAddr) -> Option<Ipv4Addr> {
    match ip {
        IpAddr::V4(_) => None,
        IpAddr::V6(v6) => inside(v6),
    }
}

fn inside(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let from = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match ip.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low]
        // The translated form of RFC 2765, which some systems still route.
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x0064, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => Some(from(high, low)),
        _ => None,
    }
}

/// Addresses at which clouds hand out credentials and settings, from their documentation. Some lie
/// in ranges that are otherwise private, link-local or even public.
fn is_metadata(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => matches!(
            v4.octets(),
            // Most clouds; the time and name servers beside it; container roles (AWS ECS, EKS).
            [169, 254, 169, 250..=254] | [169, 254, 170, 2 | 23]
            // Scaleway; Tencent.
            | [169, 254, 42, 42] | [169, 254, 0, 23]
            // Alibaba; Oracle; Azure.
            | [100, 100, 100, 200] | [192, 0, 0, 192] | [168, 63, 129, 16]
        ),
        IpAddr::V6(v6) => matches!(
            v6.segments(),
            // AWS: metadata, time, names, roles of pods; Google; Scaleway.
            [0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x254 | 0x253 | 0x123 | 0x23]
                | [0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254]
                | [0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42]
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn every_address_has_its_scope() {
        use Scope::{LinkLocal, Loopback, Metadata, Private, Public, Special};
        for (address, scope) in [
            ("1.1.1.1", Public),
            ("9.255.255.255", Public),
            ("10.0.0.0", Private),
            ("10.255.255.255", Private),
            ("11.0.0.0", Public),
            ("172.15.255.255", Public),
            ("172.16.0.0", Private),
            ("172.31.255.255", Private),
            ("172.32.0.0", Public),
            ("192.167.255.255", Public),
            ("192.168.0.1", Private),
            ("192.169.0.0", Public),
            ("100.63.255.255", Public),
            ("100.64.0.0", Private),
            ("100.127.255.255", Private),
            ("100.128.0.0", Public),
            ("100.100.100.200", Metadata),
            ("127.0.0.1", Loopback),
            ("127.255.255.255", Loopback),
            ("128.0.0.0", Public),
            ("169.253.255.255", Public),
            ("169.254.0.1", LinkLocal),
            ("169.254.169.254", Metadata),
            ("169.254.170.2", Metadata),
            ("168.63.129.16", Metadata),
            ("168.63.129.17", Public),
            ("192.0.0.1", Special),
            ("192.0.0.192", Metadata),
            ("192.0.1.1", Public),
            ("192.0.2.1", Special),
            ("192.88.99.1", Special),
            ("198.17.255.255", Public),
            ("198.18.0.0", Special),
            ("198.19.255.255", Special),
            ("198.20.0.0", Public),
            ("198.51.100.7", Special),
            ("203.0.113.7", Special),
            ("0.0.0.0", Special),
            ("0.1.2.3", Special),
            ("223.255.255.255", Public),
            ("224.0.0.1", Special),
            ("239.255.255.255", Special),
            ("240.0.0.1", Special),
            ("255.255.255.255", Special),
            ("::", Special),
            ("::1", Loopback),
            ("::2", Special),
            ("::127.0.0.1", Special),
            ("::ffff:127.0.0.1", Loopback),
            ("::ffff:10.0.0.1", Private),
            ("::ffff:8.8.8.8", Public),
            ("::ffff:169.254.169.254", Metadata),
            ("::ffff:0:10.0.0.1", Private),
            ("64:ff9b::10.0.0.1", Private),
            ("64:ff9b::8.8.8.8", Public),
            ("64:ff9b::169.254.169.254", Metadata),
            ("64:ff9b:1::8.8.8.8", Special),
            ("2002:7f00:1::1", Loopback),
            ("2002:c0a8:101::1", Private),
            ("2002:808:808::1", Public),
            ("100::1", Special),
            ("1fff:ffff::1", Special),
            ("2000::1", Public),
            ("2001:0:53aa:64c::1", Special),
            ("2001:2::1", Special),
            ("2001:1ff:ffff::1", Special),
            ("2001:200::1", Public),
            ("2001:db8::1", Special),
            ("2001:4860:4860::8888", Public),
            ("3ffe::1", Public),
            ("3fff::1", Special),
            ("3fff:1000::1", Public),
            ("4000::1", Special),
            ("5f00::1", Special),
            ("fbff::1", Special),
            ("fc00::1", Private),
            ("fd00::1", Private),
            ("fd00:ec2::254", Metadata),
            ("fd20:ce::254", Metadata),
            ("fe7f::1", Special),
            ("fe80::1", LinkLocal),
            ("febf::1", LinkLocal),
            ("fec0::1", Private),
            ("ff02::1", Special),
        ] {
            assert_eq!(Scope::of(ip(address)), scope, "{address}");
        }
    }

    #[test]
    fn a_server_leads_to_its_own_kind_or_to_the_internet() {
        let permitted = |policy: &Policy| {
            ["8.8.8.8", "10.0.0.1", "127.0.0.1", "169.254.1.1", "169.254.169.254", "224.0.0.1"]
                .map(|address| policy.permits(ip(address)).is_ok())
        };
        let only_public = [true, false, false, false, false, false];
        assert_eq!(permitted(&Policy::anything()), [true; 6]);
        assert_eq!(permitted(&Policy::public_only()), only_public);
        assert_eq!(permitted(&Policy::like(ip("1.1.1.1"))), only_public);
        let private = [true, true, false, false, false, false];
        assert_eq!(permitted(&Policy::like(ip("192.168.1.1"))), private);
        assert_eq!(permitted(&Policy::like(ip("fd12::1"))), private);
        let own = [true, false, true, false, false, false];
        assert_eq!(permitted(&Policy::like(ip("::1"))), own);
        for target in ["169.254.1.1", "fe80::1", "169.254.169.254", "224.0.0.1", "192.0.2.1"] {
            assert_eq!(permitted(&Policy::like(ip(target))), only_public, "{target}");
        }
    }

    #[test]
    fn a_network_is_allowed_but_not_the_secrets_in_it() {
        let policy = Policy::public_only()
            .allow("100.64.0.0/10".parse().unwrap())
            .allow("192.0.2.0/24".parse().unwrap());
        for address in ["100.64.0.1", "::ffff:100.64.0.1", "192.0.2.9", "64:ff9b::192.0.2.9"] {
            assert_eq!(policy.permits(ip(address)), Ok(()), "{address}");
        }
        for address in ["100.100.100.200", "10.0.0.1", "::ffff:100.100.100.200", "192.0.3.1"] {
            let expected = address == "192.0.3.1";
            assert_eq!(policy.permits(ip(address)).is_ok(), expected, "{address}");
        }
        let policy = policy.allow("100.100.100.200".parse().unwrap());
        assert_eq!(policy.permits(ip("100.100.100.200")), Ok(()));
    }

    #[test]
    fn a_refusal_says_what_and_why() {
        let says = |address: &str| Policy::public_only().permits(ip(address)).unwrap_err();
        assert_eq!(says("10.0.0.1").to_string(), "the address 10.0.0.1 is private and not allowed");
        assert_eq!(
            says("64:ff9b::10.0.0.1").to_string(),
            "the address 64:ff9b::a00:1 (10.0.0.1) is private and not allowed"
        );
        assert_eq!(
            says("169.254.169.254").to_string(),
            "the address 169.254.169.254 is a cloud's metadata service and not allowed"
        );
        assert_eq!(says("0.0.0.0").to_string(), "the address 0.0.0.0 is not an address of a host");
    }

    #[test]
    fn networks_are_read_and_contain() {
        let network = |text: &str| text.parse::<Cidr>().unwrap();
        for (text, address, inside) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("10.0.0.0/8", "a00::", false),
            ("0.0.0.0/0", "255.255.255.255", true),
            ("0.0.0.0/0", "::", false),
            ("::/0", "ffff::", true),
            ("::/0", "0.0.0.0", false),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.6", false),
            ("fd00::/9", "fd7f::1", true),
            ("fd00::/9", "fd80::1", false),
            (" fe80::1/128 ", "fe80::1", true),
        ] {
            assert_eq!(network(text).contains(ip(address)), inside, "{text} {address}");
        }
        assert_eq!(network("192.0.2.7").to_string(), "192.0.2.7/32");
        assert_eq!(network("FD00::/8").to_string(), "fd00::/8");
    }

    #[test]
    fn what_is_no_network_is_named() {
        for (text, says) in [
            ("", "`` is not an IP address: write a network as 10.0.0.0/8 or fd00::/8"),
            (
                "10.0.0/8",
                "`10.0.0` is not an IP address: write a network as 10.0.0.0/8 or fd00::/8",
            ),
            ("10.0.0.0/33", "`/33` is not a prefix length: a number from 0 to 32"),
            ("10.0.0.0/", "`/` is not a prefix length: a number from 0 to 32"),
            ("10.0.0.0/+8", "`/+8` is not a prefix length: a number from 0 to 32"),
            ("::/129", "`/129` is not a prefix length: a number from 0 to 128"),
            ("::/1/2", "`/1/2` is not a prefix length: a number from 0 to 128"),
            ("10.1.2.3/8", "10.1.2.3/8 has bits set beyond the prefix: the network is 10.0.0.0/8"),
        ] {
            assert_eq!(text.parse::<Cidr>().unwrap_err().to_string(), says);
        }
    }
}
