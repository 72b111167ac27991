//! The documents as they are written: every field that is read, and nothing else. All of them may
//! be missing or null. Names and bits are those of `ssllabs-api-docs-v2-deprecated.md`,
//! `ssllabs-api-docs-v3.md` and `-v4.md` in `ssllabs/ssllabs-scan`.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Reads one document, or an array of them.
pub(super) fn read(json: &str) -> Result<Vec<Host>, String> {
    let said = |error: serde_json::Error| error.to_string();
    if json.trim_start().starts_with('[') {
        serde_json::from_str(json).map_err(said)
    } else {
        serde_json::from_str(json).map(|host| vec![host]).map_err(said)
    }
}

/// Declares objects whose fields may all be missing.
macro_rules! objects {
    ($($(#[$meta:meta])* $name:ident {
        $($(#[$field_meta:meta])* $field:ident: $type:ty,)+
    })+) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Debug, Default, Deserialize)]
            #[serde(default, rename_all = "camelCase")]
            pub(super) struct $name {
                $($(#[$field_meta])* pub(super) $field: Option<$type>,)+
            }
        )+
    };
}

objects! {
    /// A host, or one endpoint of it with what belongs to it.
    Host {
        host: String,
        port: u16,
        status_message: String,
        start_time: i64,
        test_time: i64,
        engine_version: String,
        certs: Vec<Cert>,
        endpoints: Vec<Endpoint>,
        endpoint: Endpoint,
    }

    /// One address.
    Endpoint {
        ip_address: String,
        status_message: String,
        grade: String,
        grade_trust_ignored: String,
        has_warnings: bool,
        is_exceptional: bool,
        duration: i64,
        details: Details,
    }

    /// What was found there.
    Details {
        host_start_time: i64,
        // Version 2 only.
        key: Key,
        cert: Cert,
        chain: OldChain,
        sts_status: String,
        sts_response_header: String,
        sts_max_age: i64,
        sts_subdomains: bool,
        sts_preload: bool,
        // Since version 3.
        cert_chains: Vec<CertChain>,
        named_groups: NamedGroups,
        // All versions.
        protocols: Vec<Protocol>,
        suites: Suites,
        cha_cha20_preference: bool,
        server_signature: String,
        reneg_support: i64,
        session_resumption: i64,
        compression_methods: i64,
        supports_npn: bool,
        npn_protocols: String,
        supports_alpn: bool,
        alpn_protocols: String,
        session_tickets: i64,
        ocsp_stapling: bool,
        #[serde(rename = "staplingRevocationStatus")]
        stapling_status: i64,
        sni_required: bool,
        http_status_code: i64,
        http_forwarding: String,
        rc4_with_modern: bool,
        forward_secrecy: i64,
        protocol_intolerance: i64,
        misc_intolerance: i64,
        sims: Sims,
        heartbleed: bool,
        heartbeat: bool,
        open_ssl_ccs: i64,
        #[serde(rename = "openSSLLuckyMinus20")]
        lucky_minus_20: i64,
        ticketbleed: i64,
        bleichenbacher: i64,
        zombie_poodle: i64,
        golden_doodle: i64,
        sleeping_poodle: i64,
        zero_length_padding_oracle: i64,
        poodle: bool,
        poodle_tls: i64,
        fallback_scsv: bool,
        has_sct: i64,
        dh_primes: Vec<String>,
        dh_ys_reuse: bool,
        ecdh_parameter_reuse: bool,
        hsts_policy: HstsPolicy,
        drown_errors: bool,
        drown_vulnerable: bool,
        #[serde(rename = "zeroRTTEnabled")]
        zero_rtt_enabled: i64,
    }

    /// A certificate: of the list of version 3, or of a chain of version 2, or its leaf.
    Cert {
        id: String,
        subject: String,
        issuer_subject: String,
        serial_number: String,
        common_names: Vec<String>,
        alt_names: Vec<String>,
        not_before: i64,
        not_after: i64,
        sig_alg: String,
        #[serde(rename = "crlURIs")]
        crl_uris: Vec<String>,
        #[serde(rename = "ocspURIs")]
        ocsp_uris: Vec<String>,
        crl_revocation_status: i64,
        ocsp_revocation_status: i64,
        dns_caa: bool,
        caa_policy: CaaPolicy,
        validation_type: String,
        issues: i64,
        sct: bool,
        sha1_hash: String,
        sha256_hash: String,
        pin_sha256: String,
        key_alg: String,
        key_size: u32,
        key_strength: u32,
        key_known_debian_insecure: bool,
        raw: String,
    }

    /// Who may issue certificates.
    CaaPolicy {
        policy_hostname: String,
        caa_records: Vec<CaaRecord>,
    }

    /// One CAA record.
    CaaRecord {
        tag: String,
        value: String,
        flags: i64,
    }

    /// The leaf's key, in version 2.
    Key {
        size: u32,
        strength: u32,
        alg: String,
        debian_flaw: bool,
    }

    /// The chain, in version 2.
    OldChain {
        certs: Vec<Cert>,
        issues: i64,
    }

    /// One chain, since version 3.
    CertChain {
        id: String,
        cert_ids: Vec<String>,
        trust_paths: Vec<TrustPath>,
        issues: i64,
        no_sni: bool,
    }

    /// A path to a root.
    TrustPath {
        trust: Vec<Trust>,
    }

    /// What one root store says of it.
    Trust {
        root_store: String,
        is_trusted: bool,
    }

    /// A version that is spoken.
    Protocol {
        id: i64,
        v2_suites_disabled: bool,
    }

    /// The suites of one version, or in version 2 of all.
    SuiteList {
        protocol: i64,
        list: Vec<Suite>,
        preference: bool,
        cha_cha20_preference: bool,
    }

    /// One suite.
    Suite {
        id: u32,
        kx_type: String,
        kx_strength: i64,
        named_group_id: u16,
        dh_bits: i64,
        dh_p: i64,
        dh_ys: i64,
        dh_strength: i64,
        ecdh_bits: i64,
    }

    /// The named groups of all versions.
    NamedGroups {
        list: Vec<NamedGroup>,
        preference: bool,
    }

    /// One named group.
    NamedGroup {
        id: u16,
    }

    /// What clients made of the server.
    Sims {
        results: Vec<Sim>,
    }

    /// What one client made of it.
    Sim {
        client: Client,
        error_code: i64,
        cert_chain_id: String,
        protocol_id: u16,
        suite_id: u32,
    }

    /// The client.
    Client {
        name: String,
        version: String,
    }

    /// Strict-Transport-Security, since late version 2.
    HstsPolicy {
        header: String,
        status: String,
        error: String,
        max_age: i64,
        include_sub_domains: bool,
        preload: bool,
        directives: BTreeMap<String, Option<String>>,
    }
}

/// The suites: a list for each version, or in version 2 one for all.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "OneOrMany")]
pub(super) enum Suites {
    /// One for all.
    Joint(SuiteList),
    /// One for each.
    Each(Vec<SuiteList>),
}

/// What stands in the document, as serde tells it apart.
#[derive(Deserialize)]
#[serde(untagged, expecting = "`suites` is neither a list of suites nor one for each protocol")]
enum OneOrMany {
    Many(Vec<SuiteList>),
    One(SuiteList),
}

impl From<OneOrMany> for Suites {
    fn from(suites: OneOrMany) -> Self {
        match suites {
            OneOrMany::One(list) => Self::Joint(list),
            OneOrMany::Many(lists) => Self::Each(lists),
        }
    }
}
