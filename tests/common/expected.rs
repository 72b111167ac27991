//! What a scan must say of a configuration, fact by fact.

use std::collections::BTreeSet;
use std::fmt::Debug;

use taraf_scanner::observe::{AlpnMismatch, Contact, Endpoint, Fact, Suites};
use taraf_scanner::wire::suites::Kx;
use taraf_scanner::wire::{Group, Scheme, Suite, Version};

use super::config::{
    Config, Key, Order, is_cbc, is_chacha, is_dhe, is_ecdhe, key_for, key_of, signer_of,
};
use super::simulated::Server;

/// How much must be known. Nothing may ever be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// Everything that the configuration decides.
    All,
    /// Protocols and suites; other facts may be unknown.
    Main,
    /// Nothing.
    Truth,
}

/// What a fact must be.
enum Want<T> {
    Yes(T),
    No,
    /// The configuration has no answer, so neither has the scan.
    Unknown,
    NotYes,
    Any,
}

struct Check<'a> {
    config: &'a Config,
    endpoint: &'a Endpoint,
    demand: Demand,
    faults: Vec<String>,
}

/// Application protocols a scan can name, of those that configurations have.
const NAMED: [&str; 4] = ["h2", "http/1.1", "http/1.0", "spdy/3.1"];

/// All that is wrong with the facts.
pub fn faults(config: &Config, endpoint: &Endpoint, demand: Demand) -> Vec<String> {
    let mut config = config.effective();
    if demand != Demand::All {
        // What builds on a version that stayed open is right if it is right for the others.
        let open = |v: Version| {
            endpoint.protocols.iter().any(|p| p.version == v && p.spoken.known().is_none())
        };
        let lost: Vec<Version> = config.versions.iter().copied().filter(|v| open(*v)).collect();
        if demand == Demand::Main && !lost.is_empty() {
            return vec![format!("{lost:?} left open")];
        }
        config.versions.retain(|v| !lost.contains(v));
        config.suites.retain(|v, _| !lost.contains(v));
    }
    let mut check = Check { config: &config, endpoint, demand, faults: Vec::new() };
    if endpoint.contact != Contact::Tls {
        let must = demand != Demand::Truth && !config.versions.is_empty();
        check.fault(must, || format!("contact is {:?}", endpoint.contact));
        return check.faults;
    }
    check.protocols();
    for version in config.versions.clone() {
        check.suites(version);
    }
    for suites in &endpoint.suites {
        check.fault(!config.has(suites.version), || format!("suites of {}", suites.version));
    }
    check.groups();
    check.finite_fields();
    check.schemes();
    check.chains();
    check.application_protocols();
    check.sessions();
    check.extensions();
    check.names();
    check.tolerance();
    check.rest();
    check.faults
}

/// The most connections that a server without quirks may cost. One for each suite, two more for
/// its place in the order; the same for groups; one for each signature scheme; and what is asked
/// whatever the server has: a round of 7 versions, in each version at most 3 sets in each of 6
/// searches and 6 lists of rare suites that hold nothing, the other facts with 44.
pub fn most_connections(config: &Config) -> usize {
    let suites: usize = config.suites.values().map(|list| 3 * list.len() + 24).sum();
    let groups = 2 * (config.groups13.len() + config.groups_old.len()) + 12;
    7 + suites + groups + config.schemes.len() + 44
}

impl Check<'_> {
    fn fault(&mut self, is: bool, text: impl FnOnce() -> String) {
        if is {
            self.faults.push(text());
        }
    }

    fn fact<T: PartialEq + Debug>(&mut self, what: &str, fact: &Fact<T>, want: &Want<T>) {
        self.fact_if(what, fact, want, self.demand == Demand::All);
    }

    fn fact_if<T: PartialEq + Debug>(
        &mut self,
        what: &str,
        fact: &Fact<T>,
        want: &Want<T>,
        must: bool,
    ) {
        let known = fact.known();
        let (right, wanted) = match want {
            Want::Yes(value) => {
                let right = fact.value().map_or(known.is_none() && !must, |v| v == value);
                (right, format!("yes {value:?}"))
            }
            Want::No => (known.map_or(!must, |is| !is), "no".to_owned()),
            Want::Unknown => (known.is_none(), "unknown".to_owned()),
            Want::NotYes => (known != Some(true), "not yes".to_owned()),
            Want::Any => (true, String::new()),
        };
        self.fault(!right, || format!("{what}: {:?}, wanted {wanted}", fact.seen));
    }

    fn protocols(&mut self) {
        let must = self.demand != Demand::Truth;
        for protocol in &self.endpoint.protocols {
            let version = protocol.version;
            let silent = version == Version::SSL2 && self.config.quirks.silent_to_ssl2;
            let want = match self.config.has(version) {
                // A server that keeps silent leaves it open.
                false if silent => Want::Unknown,
                has => yes_no(has),
            };
            self.fact_if(&format!("{version}"), &protocol.spoken, &want, must);
        }
        let versions: Vec<Version> = self.endpoint.protocols.iter().map(|p| p.version).collect();
        self.fault(versions != Version::ALL, || format!("protocols are {versions:?}"));
    }

    fn suites(&mut self, version: Version) {
        let must = self.demand != Demand::Truth;
        let Some(found) = self.endpoint.suites.iter().find(|s| s.version == version) else {
            let spoken =
                self.endpoint.protocols.iter().any(|p| p.version == version && p.spoken.is_yes());
            return self.fault(must || spoken, || format!("no suites of {version}"));
        };
        let ours = self.config.suites(version);
        let missing: Vec<Suite> =
            ours.iter().copied().filter(|s| !found.accepted.contains(s)).collect();
        let extra: Vec<Suite> =
            found.accepted.iter().copied().filter(|s| !ours.contains(s)).collect();
        let distinct: BTreeSet<&Suite> = found.accepted.iter().collect();
        let open = missing.iter().all(|s| found.unsettled.contains(s));
        self.fault(!extra.is_empty(), || format!("{version} has no {extra:?}"));
        self.fault(distinct.len() < found.accepted.len(), || format!("{version} has twins"));
        self.fault(!missing.is_empty() && (must || !open), || {
            format!("{version} has {missing:?}, unsettled {:?}", found.unsettled)
        });
        self.fault(must && !found.unsettled.is_empty(), || {
            format!("{version} leaves open {:?}", found.unsettled)
        });
        if version > Version::SSL2 && missing.is_empty() && extra.is_empty() {
            self.order(version, found);
        }
    }

    fn order(&mut self, version: Version, found: &Suites) {
        let ours = self.config.suites(version);
        let others = ours.iter().filter(|s| !is_chacha(**s)).count();
        let chacha = ours.len() - others;
        let first_is_chacha = ours.first().is_some_and(|s| is_chacha(*s));
        // Both mixed: only then does ChaCha20 first make a difference.
        let mixed = others > 0 && chacha > 0;
        let by_chacha = self.config.order == Order::ServerButChacha && mixed;
        let (by_server, preference) = match self.config.order {
            _ if ours.len() < 2 => (Want::Unknown, Want::Unknown),
            // One of each in either order is just what a server does that follows the client.
            _ if by_chacha && others == 1 && chacha == 1 => (Want::Any, Want::Any),
            Order::Client => (Want::No, Want::NotYes),
            _ if !mixed => (Want::Yes(()), Want::NotYes),
            Order::Server if first_is_chacha => (Want::Yes(()), Want::NotYes),
            Order::Server => (Want::Yes(()), Want::No),
            Order::ServerButChacha if first_is_chacha => (Want::Yes(()), Want::Any),
            Order::ServerButChacha => (Want::Yes(()), Want::Yes(())),
        };
        self.fact(&format!("{version}: server's order"), &found.server_order, &by_server);
        self.fact(&format!("{version}: ChaCha20"), &found.chacha_preference, &preference);
        // Where whole questions stayed without an answer, so may the order.
        let ordered = found.server_order.is_yes() && self.demand == Demand::All;
        let right = found.accepted == ours || matches!(by_server, Want::Any);
        self.fault(ordered && !right, || {
            format!("{version} in the order {:?}, wanted {ours:?}", found.accepted)
        });
    }

    fn groups(&mut self) {
        if self.config.has(Version::TLS13) {
            let ours = self.config.groups13.clone();
            self.groups_of(Version::TLS13, &ours, self.demand == Demand::All);
        }
        let Some(version) = self.config.newest_old() else { return };
        let elliptic = |s: &Suite| s.info().is_some_and(|i| i.kx == Kx::Ecdhe);
        if version > Version::SSL3 && self.config.suites(version).iter().any(elliptic) {
            let ours = self.config.groups_old.clone();
            // The curve of the certificate, where it is wanted beside each other one, hides those
            // that the server likes less.
            let must = self.demand == Demand::All && self.config.curve_bound.is_none();
            self.groups_of(version, &ours, must);
        }
    }

    fn groups_of(&mut self, version: Version, ours: &[Group], must: bool) {
        let Some(found) = self.endpoint.groups.iter().find(|g| g.version == version) else {
            return self.fault(must, || format!("no groups of {version}"));
        };
        let missing: Vec<&Group> = ours.iter().filter(|g| !found.accepted.contains(g)).collect();
        let extra: Vec<&Group> = found.accepted.iter().filter(|g| !ours.contains(g)).collect();
        let open = missing.iter().all(|g| found.unsettled.contains(g));
        self.fault(!extra.is_empty(), || format!("{version} has no groups {extra:?}"));
        self.fault(!missing.is_empty() && (must || !open), || {
            format!("{version} has groups {missing:?}, unsettled {:?}", found.unsettled)
        });
        self.fault(must && !found.unsettled.is_empty(), || {
            format!("{version} leaves groups open {:?}", found.unsettled)
        });
        if ours.len() < 2 || !missing.is_empty() {
            return;
        }
        let is13 = version == Version::TLS13;
        let want = yes_no(self.config.groups_by_server);
        let must_order = must && is13;
        self.fact_if(
            &format!("{version}: order of groups"),
            &found.server_order,
            &want,
            must_order,
        );
        let ordered = found.server_order.is_yes() && must_order;
        // Only the favourite is asked for: to sort the rest would cost a question each.
        self.fault(ordered && found.accepted.first() != ours.first(), || {
            format!("{version} groups in the order {:?}, wanted {ours:?}", found.accepted)
        });
    }

    fn finite_fields(&mut self) {
        let must = self.demand == Demand::All;
        let mut wanted = BTreeSet::new();
        let mut elliptic = false;
        for version in self.config.old_versions() {
            for suite in self.config.suites(version) {
                if is_dhe(*suite) {
                    wanted.insert((version, *suite));
                }
                elliptic |= is_ecdhe(*suite);
            }
        }
        let prime: String = self.config.dh.prime.iter().map(|b| format!("{b:02x}")).collect();
        let bits = self.config.dh.prime.len() * 8;
        let mut seen = BTreeSet::new();
        for dh in &self.endpoint.dh {
            let right = dh.prime == prime && usize::from(dh.bits) == bits && dh.generator == "02";
            self.fault(!right, || format!("a group of {} bits: {}", dh.bits, dh.prime));
            seen.extend(dh.suites.iter().copied());
        }
        self.fault(!seen.is_subset(&wanted) || (must && seen != wanted), || {
            format!("DH was seen with {seen:?}, wanted {wanted:?}")
        });
        let reuse = &self.endpoint.reuse;
        let dh = if wanted.is_empty() { Want::Unknown } else { yes_no(self.config.dh.reuse) };
        self.fact("reuse of DH", &reuse.dh, &dh);
        let ecdh = if elliptic { yes_no(self.config.ecdh_reuse) } else { Want::Unknown };
        self.fact("reuse of ECDH", &reuse.ecdh, &ecdh);
        let plain = |s: &Suite| s.info().is_some_and(|i| matches!(i.kx, Kx::Dhe | Kx::DheExport));
        let newest = self.config.newest_old();
        let any = newest.is_some_and(|v| self.config.suites(v).iter().any(plain));
        let want = match newest {
            Some(Version::SSL3) => Want::Any, // Its hellos name no group in any case.
            Some(_) if any => yes_no(!self.config.dh.needs_named),
            _ => Want::Unknown,
        };
        self.fact("DHE without a named group", &self.endpoint.dhe_without_named_group, &want);
    }

    fn schemes(&mut self) {
        let signs = |key: Key| {
            self.config
                .suites(Version::TLS12)
                .iter()
                .any(|s| signer_of(*s) == Some(key) && (is_dhe(*s) || is_ecdhe(*s)))
        };
        let (rsa, ecdsa) = (signs(Key::Rsa), signs(Key::Ecdsa));
        let ours: BTreeSet<Scheme> = (self.config.schemes.iter().copied())
            .filter(|s| match key_for(*s) {
                Some(Key::Rsa) => rsa,
                Some(Key::Ecdsa) => ecdsa,
                None => false,
            })
            .collect();
        let found = &self.endpoint.schemes;
        let accepted: BTreeSet<Scheme> = found.accepted.iter().copied().collect();
        let missing: Vec<&Scheme> = ours.difference(&accepted).collect();
        let open = missing.iter().all(|s| found.unsettled.contains(s));
        let must = self.demand == Demand::All;
        // Nothing at all was asked where the version itself stayed open.
        let asked = !found.how.is_empty();
        self.fault(!accepted.is_subset(&ours), || format!("schemes {accepted:?}, wanted {ours:?}"));
        self.fault(!missing.is_empty() && (must || (asked && !open)), || {
            format!("schemes {missing:?} missing, unsettled {:?}", found.unsettled)
        });
        for (version, scheme) in &found.used {
            let has = self.config.schemes.contains(scheme) && self.config.has(*version);
            self.fault(!has, || format!("{scheme} used in {version}"));
        }
    }

    fn chains(&mut self) {
        let der = |id: &String| self.endpoint.certificates.get(id).cloned().unwrap_or_default();
        let found: Vec<Vec<String>> =
            self.endpoint.chains.iter().map(|c| c.certificates.iter().map(der).collect()).collect();
        let text = |chain: Vec<Vec<u8>>| chain.iter().map(|c| base64(c)).collect::<Vec<_>>();
        let (mut may, mut must) = (Vec::new(), Vec::new());
        for (has, key) in [(self.config.keys.rsa, Key::Rsa), (self.config.keys.ecdsa, Key::Ecdsa)] {
            for named in [true, false].into_iter().filter(|_| has) {
                may.push(text(Config::chain(key, named)));
            }
            let sent = |v: Version| {
                v > Version::SSL3 && self.config.suites(v).iter().any(|s| key_of(*s) == Some(key))
            };
            // Without an older version, it takes a handshake of TLS 1.3 for each key.
            let only13 = self.config.versions == [Version::TLS13];
            let completes = only13 && Server::completes(self.config, Version::TLS13);
            if self.config.old_versions().any(sent) || (has && completes) {
                must.push(text(Config::chain(key, true)));
            }
        }
        may.push(vec![base64(&Config::chain(Key::Rsa, true)[0])]);
        for chain in &found {
            self.fault(!may.contains(chain), || format!("a chain {chain:?}"));
        }
        let all = self.demand == Demand::All;
        for chain in must {
            self.fault(all && !found.contains(&chain), || format!("no chain {chain:?}"));
        }
        let completes = Server::completes(self.config, Version::TLS13);
        let must = self.demand == Demand::All && completes;
        self.fault(must && found.is_empty(), || "no chain of TLS 1.3".to_owned());
    }

    fn application_protocols(&mut self) {
        let ours: BTreeSet<&str> =
            (self.config.alpn.iter().map(String::as_str)).filter(|p| NAMED.contains(p)).collect();
        let strict = self.config.alpn_strict && !self.config.alpn.is_empty();
        let is_asked = match self.config.newest_old() {
            Some(Version::SSL3) => false,
            Some(_) => true,
            None => Server::completes(self.config, Version::TLS13),
        };
        let want = match (is_asked, ours.is_empty(), strict) {
            (false, ..) => Want::Unknown,
            (true, true, true) => Want::Yes(BTreeSet::new()),
            (true, true, false) => Want::No,
            (true, false, _) => Want::Yes(ours.clone()),
        };
        let found = Fact {
            seen: match &self.endpoint.alpn.seen {
                taraf_scanner::observe::Seen::Yes { value } => taraf_scanner::observe::Seen::Yes {
                    value: value.iter().map(String::as_str).collect::<BTreeSet<_>>(),
                },
                taraf_scanner::observe::Seen::No => taraf_scanner::observe::Seen::No,
                taraf_scanner::observe::Seen::Unknown { why } => {
                    taraf_scanner::observe::Seen::Unknown { why: *why }
                }
            },
            how: self.endpoint.alpn.how.clone(),
        };
        self.fact("ALPN", &found, &want);
        let mismatch = match (is_asked, strict) {
            (false, _) => Want::Unknown,
            // Nothing was offered that it does not have.
            _ if ours.len() == NAMED.len() => Want::Any,
            (_, true) => Want::Yes(AlpnMismatch::Refused),
            (_, false) => Want::Yes(AlpnMismatch::Ignored),
        };
        self.fact("ALPN mismatch", &self.endpoint.alpn_mismatch, &mismatch);
    }

    fn sessions(&mut self) {
        let (ours, found) = (self.config.sessions.clone(), &self.endpoint.session);
        let completes12 = Server::completes(self.config, Version::TLS12);
        let completes13 = Server::completes(self.config, Version::TLS13);
        let old = self.config.newest_old();
        let is_tls = old.is_some_and(|v| v > Version::SSL3);
        let when = |is: bool, want: Want<()>| if is { want } else { Want::Unknown };
        self.fact("session ids", &found.id_issued, &when(old.is_some(), yes_no(ours.ids)));
        let resumed = match (old.is_some(), ours.ids, completes12) {
            (false, ..) | (true, true, false) => Want::Unknown,
            (_, false, _) => Want::No,
            (_, true, true) => yes_no(ours.ids_resume),
        };
        self.fact("resumption by id", &found.id_resumed, &resumed);
        let issued = Fact { seen: found.ticket_issued.seen.clone(), how: vec![] };
        let is_right = match (is_tls, issued.known()) {
            (true, Some(is)) => is == ours.tickets,
            (true, None) => self.demand != Demand::All,
            (false, known) => known.is_none(),
        };
        self.fault(!is_right, || format!("tickets: {:?}", issued.seen));
        let resumed = match (is_tls, ours.tickets, completes12) {
            (false, ..) | (true, true, false) => Want::Unknown,
            (_, false, _) => Want::No,
            (_, true, true) => yes_no(ours.tickets_resume),
        };
        self.fact("resumption by ticket", &found.ticket_resumed, &resumed);
        let issued = match (completes13, ours.psks) {
            (false, _) => Want::Unknown,
            (true, 0) => Want::No,
            (true, n) => Want::Yes(n),
        };
        self.fact("PSKs", &found.psk_issued, &issued);
        let resumes = ours.psks > 0 && ours.psks_resume;
        self.fact("resumption by PSK", &found.psk_resumed, &when(completes13, yes_no(resumes)));
        let early = resumes && ours.early_data;
        self.fact("early data", &found.early_data, &when(completes13, yes_no(early)));
        let http = &self.endpoint.http;
        let (status, age) =
            (http.value().map(|h| h.status), http.value().and_then(|h| h.hsts.max_age));
        let page = self.config.page.as_ref().filter(|_| completes12 || completes13);
        let right = match (page, http.known()) {
            (Some(page), Some(_)) => status == Some(page.status) && age == page.hsts,
            (Some(_), None) => self.demand != Demand::All,
            (None, known) => known.is_none(),
        };
        self.fault(!right, || format!("HTTP {:?}, wanted {page:?}", http.seen));
    }

    fn extensions(&mut self) {
        let (ours, e) = (self.config.extensions.clone(), self.endpoint);
        let newest = self.config.newest_old();
        let is_tls = newest.is_some_and(|v| v > Version::SSL3);
        let tls = |f: fn(Suite) -> bool| {
            let old = self.config.old_versions().filter(|v| *v > Version::SSL3);
            old.flat_map(|v| self.config.suites(v)).any(|s| f(*s))
        };
        let (elliptic, cbc) = (tls(is_ecdhe), tls(is_cbc));
        let when = |is: bool, want: Want<()>| if is { want } else { Want::Unknown };
        let renegotiation = when(newest.is_some(), yes_no(ours.renegotiation));
        self.fact("secure renegotiation", &e.secure_renegotiation, &renegotiation);
        let master = when(is_tls, yes_no(ours.master_secret));
        self.fact("extended master secret", &e.extended_master_secret, &master);
        let mac = if cbc { yes_no(ours.encrypt_then_mac) } else { Want::NotYes };
        self.fact("encrypt-then-MAC", &e.encrypt_then_mac, &mac);
        let formats = match (elliptic, ours.point_formats) {
            (false, _) => Want::NotYes,
            (true, Some(list)) => Want::Yes(list),
            (true, None) => Want::No,
        };
        self.fact("point formats", &e.point_formats, &formats);
        let value = |has: Option<u8>| match (is_tls, has) {
            (false, _) => Want::Unknown,
            (true, Some(n)) => Want::Yes(n),
            (true, None) => Want::No,
        };
        self.fact("heartbeat", &e.heartbeat, &value(ours.heartbeat));
        let length = value(ours.fragment_length.then_some(4));
        self.fact("maximum fragment length", &e.max_fragment_length, &length);
        let npn = match (is_tls, ours.npn) {
            (false, _) => Want::Unknown,
            (true, Some(list)) => Want::Yes(list),
            (true, None) => Want::No,
        };
        self.fact("NPN", &e.npn, &npn);
        let scts = match (is_tls, &ours.scts) {
            (false, _) => Want::Unknown,
            (true, Some(list)) => Want::Yes(base64(list)),
            (true, None) => Want::No,
        };
        self.fact("SCTs", &e.scts, &scts);
        let certified = newest
            .filter(|_| is_tls)
            .is_some_and(|v| self.config.suites(v).iter().any(|s| key_of(*s).is_some()));
        let completes =
            [Version::TLS12, Version::TLS13].into_iter().any(|v| Server::completes(self.config, v));
        let staple = match &ours.staple {
            _ if !certified && !completes => Want::NotYes,
            Some(response) => Want::Yes(base64(response)),
            None => Want::No,
        };
        self.fact("staple", &e.ocsp_staple, &staple);
        let compression = match (newest.is_some(), self.config.compression) {
            (false, _) => Want::Unknown,
            (true, true) => Want::Yes(1),
            (true, false) => Want::No,
        };
        self.fact("compression", &e.compression, &compression);
    }

    fn names(&mut self) {
        let newest = self.config.newest_old().filter(|v| *v > Version::SSL3);
        let is_seen = match newest {
            Some(v) => self.config.suites(v).iter().any(|s| key_of(*s).is_some()),
            None => Server::completes(self.config, Version::TLS13),
        };
        let must = self.demand == Demand::All && is_seen;
        let names = self.config.names.clone();
        let required = yes_no(names.required);
        self.fact_if("name required", &self.endpoint.sni.required, &required, must);
        let unrecognised = Want::Yes(names.unrecognised);
        self.fact_if("unknown name", &self.endpoint.sni.unrecognised, &unrecognised, must);
    }

    fn tolerance(&mut self) {
        let quirks = self.config.quirks.clone();
        let t = &self.endpoint.tolerance;
        let is_asked = self.config.versions.iter().any(|v| *v > Version::SSL3);
        // An answer in SSL 3.0 to a newer hello may show that nothing in it is minded.
        let takes = |takes: bool| if is_asked { yes_no(takes) } else { Want::Any };
        let short = quirks.most_hello.is_some();
        let tls13 = match self.config.versions.iter().any(|v| *v > Version::SSL2) {
            true => yes_no(!quirks.no_tls13),
            false => Want::Any,
        };
        self.fact("TLS 1.3 hello", &t.tls13, &tls13);
        self.fact("GREASE", &t.grease, &takes(!quirks.no_grease && !quirks.no_unknown_extension));
        self.fact("unknown extension", &t.unknown_extension, &takes(!quirks.no_unknown_extension));
        self.fact("over 255", &t.over_255, &takes(quirks.most_hello != Some(255)));
        self.fact("over 512", &t.over_512, &takes(!short));
        // Many suites make a hello long.
        let many = if short { Want::Any } else { takes(quirks.most_suites.is_none()) };
        self.fact("many suites", &t.many_suites, &many);
        self.fact("version 0x0499", &t.version_0499, &takes(true));
        self.fact_if("version 0x0304", &t.version_0304, &takes(true), false);
        let share = match self.config.has(Version::TLS13) {
            true => yes_no(!quirks.no_empty_share && !quirks.never_retries),
            false => Want::Unknown,
        };
        self.fact("empty key_share", &t.empty_key_share, &share);
    }

    fn rest(&mut self) {
        let count = self.config.versions.iter().filter(|v| **v >= Version::SSL3).count();
        let scsv = if count >= 2 { yes_no(self.config.scsv) } else { Want::Unknown };
        self.fact("fallback", &self.endpoint.fallback_scsv, &scsv);
        self.fact("repeated random", &self.endpoint.randoms.repeated, &Want::NotYes);
        self.fact("clock", &self.endpoint.randoms.time, &Want::NotYes);
        let known = self.endpoint.client_auth.known();
        self.fault(known == Some(true), || "a client certificate".to_owned());
    }
}

fn yes_no(is: bool) -> Want<()> {
    if is { Want::Yes(()) } else { Want::No }
}

/// RFC 4648 section 4.
pub fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let n = (0..3).fold(0, |n, i| n << 8 | usize::from(three.get(i).copied().unwrap_or(0)));
        for i in 0..4 {
            let digit = char::from(ALPHABET[n >> (18 - 6 * i) & 63]);
            text.push(if i <= three.len() { digit } else { '=' });
        }
    }
    text
}
