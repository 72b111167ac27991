//! Certificates: what it costs to read one and to tell what a chain is worth.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256,
    PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256, SignatureAlgorithm, date_time_ymd,
};
use taraf_scanner::pki::CertFacts;
use taraf_scanner::pki::chain::{Question, examine, wanted};
use taraf_scanner::pki::pool::Pool;
use taraf_scanner::pki::store::Stores;

/// A chain of leaf and intermediate, and its root.
struct Chain {
    sent: Vec<Vec<u8>>,
    stores: Stores,
    host: String,
}

fn params(name: &str, names: Vec<String>) -> CertificateParams {
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    if name != "leaf" {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    params
}

/// The authorities have keys of that kind, the leaf as many names. The stores are Mozilla's and one
/// with the root.
fn chain(algorithm: &'static SignatureAlgorithm, names: usize) -> Chain {
    let key = |algorithm| KeyPair::generate_for(algorithm).unwrap();
    let (root_key, int_key) = (key(algorithm), key(algorithm));
    let root = params("root", Vec::new());
    let root_der = root.self_signed(&root_key).unwrap().der().to_vec();
    let int = params("intermediate", Vec::new());
    let by_root = Issuer::from_params(&root, &root_key);
    let int_der = int.signed_by(&int_key, &by_root).unwrap().der().to_vec();
    let names: Vec<_> = (0..names).map(|n| format!("host-{n:04}.department.example.com")).collect();
    let host = names[names.len() - 1].clone();
    let by_int = Issuer::from_params(&int, &int_key);
    let leaf = params("leaf", names);
    let leaf_der = leaf.signed_by(&key(&PKCS_ECDSA_P256_SHA256), &by_int).unwrap().der().to_vec();
    let stores = Stores::mozilla().with("operator", "", vec![root_der]).unwrap();
    Chain { sent: vec![leaf_der, int_der], stores, host }
}

fn pki(c: &mut Criterion) {
    let (short, long) = (chain(&PKCS_ECDSA_P256_SHA256, 2), chain(&PKCS_ECDSA_P256_SHA256, 1000));
    let mut group = c.benchmark_group("read");
    for (name, chain) in [("certificate", &short), ("certificate with 1,000 names", &long)] {
        group.bench_function(name, |b| {
            b.iter(|| CertFacts::read(black_box(&chain.sent[0])).unwrap());
        });
    }
    group.finish();

    let (rsa, p384) = (chain(&PKCS_RSA_SHA256, 2), chain(&PKCS_ECDSA_P384_SHA384, 2));
    let now = date_time_ymd(2026, 11, 1).unix_timestamp();
    let mut group = c.benchmark_group("examine");
    let pool = Pool::default();
    for (name, chain) in [
        ("RSA-2048 chain", &rsa),
        ("P-256 chain", &short),
        ("P-384 chain", &p384),
        ("P-256 chain with 1,000 names", &long),
    ] {
        let sent: Vec<&[u8]> = chain.sent.iter().map(Vec::as_slice).collect();
        let host = &chain.host;
        let question =
            Question { sent: &sent, pool: &pool, stores: &chain.stores, host, now, tlsa: &[] };
        assert!(examine(&question).trust[1].fault.is_none());
        group.bench_function(name, |b| b.iter(|| examine(black_box(&question))));
        group.bench_function(format!("{name}, what is wanted"), |b| {
            b.iter(|| wanted(black_box(&sent), &pool, &chain.stores));
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(30)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = pki
}
criterion_main!(benches);
