//! Makes the certificates of the zoo.

use std::rc::Rc;

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, IsCa, Issuer,
    KeyPair, PKCS_ECDSA_P256_SHA256, SignatureAlgorithm, date_time_ymd,
};

/// The time of the scan in every case: 1 November 2026.
pub fn now() -> i64 {
    date_time_ymd(2026, 11, 1).unix_timestamp()
}

/// The host in most cases.
pub const HOST: &str = "www.example.test";

/// An authority.
#[derive(Clone)]
pub struct Ca {
    pub params: CertificateParams,
    pub key: Rc<KeyPair>,
    pub der: Vec<u8>,
}

/// Changes what is in a certificate before it is signed.
pub type Tweak<'a> = &'a dyn Fn(&mut CertificateParams);

/// No change.
pub const PLAIN: Tweak<'static> = &|_| {};

pub fn key(algorithm: &'static SignatureAlgorithm) -> Rc<KeyPair> {
    Rc::new(KeyPair::generate_for(algorithm).unwrap())
}

fn p256() -> Rc<KeyPair> {
    key(&PKCS_ECDSA_P256_SHA256)
}

/// Valid for the year of the scan, if nothing else is said.
fn params(name: &str, names: &[&str], tweak: Tweak<'_>) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name = DistinguishedName::new();
    if !name.is_empty() {
        params.distinguished_name.push(DnType::CommonName, name);
    }
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
    tweak(&mut params);
    params
}

fn authority(params: &mut CertificateParams) {
    if params.is_ca == IsCa::NoCa {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
}

impl Ca {
    pub fn root(name: &str) -> Self {
        Self::root_with(name, p256(), PLAIN)
    }

    pub fn root_with(name: &str, key: Rc<KeyPair>, tweak: Tweak<'_>) -> Self {
        let mut params = params(name, &[], tweak);
        authority(&mut params);
        let der = params.self_signed(&*key).unwrap().der().to_vec();
        Self { params, key, der }
    }

    pub fn ca(&self, name: &str) -> Self {
        self.ca_with(name, p256(), PLAIN)
    }

    pub fn ca_with(&self, name: &str, key: Rc<KeyPair>, tweak: Tweak<'_>) -> Self {
        let mut params = params(name, &[], tweak);
        authority(&mut params);
        let der = self.sign(&params, &key);
        Self { params, key, der }
    }

    /// A certificate that may not issue any, in the shape of one that does.
    pub fn not_ca(&self, name: &str) -> Self {
        let (params, key) = (params(name, &[], PLAIN), p256());
        let der = self.sign(&params, &key);
        Self { params, key, der }
    }

    /// A certificate for [`HOST`].
    pub fn leaf(&self) -> Vec<u8> {
        self.leaf_with(&[HOST], PLAIN)
    }

    pub fn leaf_with(&self, names: &[&str], tweak: Tweak<'_>) -> Vec<u8> {
        self.sign(&params("", names, tweak), &p256())
    }

    fn sign(&self, params: &CertificateParams, key: &KeyPair) -> Vec<u8> {
        let issuer = Issuer::from_params(&self.params, &*self.key);
        params.signed_by(key, &issuer).unwrap().der().to_vec()
    }
}

/// A leaf that signed itself.
pub fn self_signed(tweak: Tweak<'_>) -> Vec<u8> {
    params("appliance", &[HOST], tweak).self_signed(&*p256()).unwrap().der().to_vec()
}

pub fn years(from: i32, to: i32) -> impl Fn(&mut CertificateParams) {
    move |params| {
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(to, 1, 1);
    }
}

/// The address of the issuer's certificate (RFC 5280 section 4.2.2.1).
pub fn issuer_at(uri: &str) -> CustomExtension {
    let wrap = |tag: u8, body: Vec<u8>| [vec![tag, u8::try_from(body.len()).unwrap()], body];
    let ca_issuers = vec![0x06, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, 2];
    let at = wrap(0x86, uri.as_bytes().to_vec()).concat();
    let description = wrap(0x30, [ca_issuers, at].concat()).concat();
    let content = wrap(0x30, description).concat();
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], content)
}

/// One of the certificates made once with OpenSSL, see `README.md`.
pub fn old(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/chains/{name}.pem", env!("CARGO_MANIFEST_DIR"));
    let pem = std::fs::read_to_string(path).unwrap();
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    taraf_scanner::pki::decode(&body).unwrap()
}
