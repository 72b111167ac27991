//! Remarks about the handshake: sessions, names, randoms, extensions. They cost no grade.

use super::common::{CBC, OLD, given, holds_if, if_absent, if_seen};
use super::{REMARK, text};
use crate::grade::facts::any;
use crate::grade::rule::{Basis, Effort, Evidence, Rule, Severity, Verdict, Who};
use crate::observe::{Fact, Seen};
use crate::wire::Version;

/// Longest life of a ticket that makes no remark, in seconds: 7 days (RFC 8446 section 4.6.1).
const LONGEST_TICKET: u32 = 7 * 86_400;

/// How far a clock may be off, in seconds.
const CLOCK: u64 = 3600;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "R-EARLY-DATA",
        source: "RFC 8446 section 8; without effect in the SSL Labs rating guide",
        basis: Basis::Recorded,
        severity: Severity::Low,
        title: text("0-RTT diterima", "0-RTT is accepted"),
        finding: text(
            "Data awal TLS 1.3 (0-RTT) diterima.",
            "TLS 1.3 early data (0-RTT) is accepted.",
        ),
        fix: text(
            "Matikan 0-RTT, atau pastikan aplikasi menolak permintaan berulang.",
            "Turn 0-RTT off, or see that the application refuses repeated requests.",
        ),
        why: text(
            "Permintaan dalam data awal dapat dihantar semula oleh penyerang.",
            "Requests in early data can be replayed by an attacker.",
        ),
        probe: text(
            "Sesi TLS 1.3 disambung semula dengan data awal; pelayan menerimanya.",
            "A TLS 1.3 session is resumed with early data; the server takes it.",
        ),
        check: |facts| {
            let verdict = if_seen(&facts.endpoint.session.early_data.seen);
            given(facts.speaks_any(&[Version::TLS13]), verdict)
        },
        mend: Some(|facts| facts.endpoint.session.early_data = Fact::no([])),
        ..REMARK
    },
    Rule {
        id: "R-TICKET-LIFE",
        source: "RFC 8446 section 4.6.1; RFC 9325 section 3.4",
        severity: Severity::Low,
        title: text("Hayat tiket sesi terlalu panjang", "Session tickets live too long"),
        finding: text(
            "Tiket sesi sah selama {seconds} saat, melebihi 7 hari.",
            "Session tickets are valid for {seconds} seconds, more than 7 days.",
        ),
        fix: text(
            "Hadkan hayat tiket sesi kepada sehari dan tukar kuncinya dengan kerap.",
            "Limit tickets to a day and change their key often.",
        ),
        why: text(
            "Kunci tiket membuka semua sesi yang disambung dengannya; semakin lama digunakan, \
             semakin besar kesannya jika terdedah.",
            "The ticket key opens every session resumed with it; the longer it is used, the worse \
             if it comes out.",
        ),
        probe: text(
            "Tempoh yang disarankan dibaca daripada tiket sesi.",
            "The hint is read from the ticket.",
        ),
        check: |facts| {
            let ticket = &facts.endpoint.session.ticket_issued;
            let verdict = match &ticket.seen {
                Seen::Yes { value } => {
                    let long = value.filter(|seconds| *seconds > LONGEST_TICKET);
                    holds_if(long.is_some(), || Evidence::of("seconds", long.unwrap_or_default()))
                }
                Seen::No => Verdict::Clear,
                Seen::Unknown { why } => Verdict::Unknown(*why),
            };
            given(facts.speaks_any(&CBC), verdict)
        },
        mend: Some(|facts| {
            facts.endpoint.session.ticket_issued = Fact::yes(Some(86_400), []);
        }),
        ..REMARK
    },
    Rule {
        id: "R-NO-RESUMPTION",
        source: "RFC 8446 section 2.2; RFC 5077",
        title: text("Sesi tidak dapat disambung semula", "No session resumption"),
        finding: text(
            "Sesi tidak dapat disambung semula dengan mana-mana cara.",
            "Sessions cannot be resumed in any way.",
        ),
        fix: text(
            "Aktifkan tiket sesi atau simpanan sesi; pada pengimbang beban (load balancer), \
             kongsi kuncinya.",
            "Enable tickets or a session cache; behind a load balancer, share the key.",
        ),
        why: text(
            "Setiap sambungan memerlukan jabat tangan TLS (handshake) penuh, maka laman lebih \
             perlahan.",
            "Every connection takes a full handshake, so the site is slower.",
        ),
        probe: text(
            "Sesi disambung semula dengan pengenal, tiket dan PSK; semuanya tidak diterima.",
            "A session is resumed by id, ticket and PSK; none is taken.",
        ),
        check: |facts| {
            let session = &facts.endpoint.session;
            let old = facts.speaks_any(&OLD);
            let new = facts.speaks_any(&[Version::TLS13]);
            let within = |exists, fact: &Fact<()>| {
                if exists == Some(false) { Some(false) } else { fact.known() }
            };
            let resumed = any([
                within(old, &session.id_resumed),
                within(old, &session.ticket_resumed),
                within(new, &session.psk_resumed),
            ]);
            Verdict::when(resumed.map(|yes| !yes), crate::observe::Why::NotAsked)
        },
        mend: Some(|facts| {
            let new = facts.speaks(Version::TLS13);
            let session = &mut facts.endpoint.session;
            if new {
                session.psk_resumed = Fact::yes((), []);
            } else {
                session.id_resumed = Fact::yes((), []);
            }
        }),
        ..REMARK
    },
    Rule {
        id: "R-SNI",
        source: "RFC 6066 section 3; without effect in the SSL Labs rating guide",
        basis: Basis::Recorded,
        title: text("SNI diperlukan", "SNI is required"),
        finding: text(
            "Pelayan tidak memberi jawapan kepada klien tanpa nama domain (SNI).",
            "The server does not answer clients without a name (SNI).",
        ),
        fix: text(
            "Tiada tindakan diperlukan, melainkan klien tanpa SNI masih digunakan.",
            "Nothing is needed, unless clients without SNI are still in use.",
        ),
        why: text(
            "Hanya klien yang sangat lama tidak menghantar SNI.",
            "Only very old clients send no SNI.",
        ),
        probe: text(
            "ClientHello tanpa SNI dihantar; pelayan menolaknya.",
            "A ClientHello without SNI is sent; the server refuses it.",
        ),
        check: |facts| {
            let named = facts.target.server_name().is_some();
            given(Some(named), if_seen(&facts.endpoint.sni.required.seen))
        },
        mend: Some(|facts| facts.endpoint.sni.required = Fact::no([])),
        ..REMARK
    },
    Rule {
        id: "R-CLOCK",
        source: "RFC 5246 section 7.4.1.2",
        severity: Severity::Low,
        title: text("Jam pelayan tidak tepat", "The server clock is off"),
        finding: text(
            "Jam pelayan berbeza {seconds} saat daripada masa sebenar.",
            "The server clock is {seconds} seconds off.",
        ),
        fix: text("Segerakkan jam pelayan dengan NTP.", "Synchronise the server clock by NTP."),
        why: text(
            "Jam yang salah menjejaskan semakan sijil, log dan sesi.",
            "A wrong clock disturbs certificate checks, logs and sessions.",
        ),
        probe: text(
            "Empat bait pertama nombor rawak pelayan dalam TLS 1.2 ke bawah ialah masa.",
            "The first four bytes of the server random in TLS 1.2 and older are the time.",
        ),
        check: |facts| {
            let verdict = match &facts.endpoint.randoms.time.seen {
                Seen::Yes { value } => {
                    holds_if(value.unsigned_abs() > CLOCK, || Evidence::of("seconds", value))
                }
                Seen::No => Verdict::NotApplicable,
                Seen::Unknown { why } => Verdict::Unknown(*why),
            };
            given(facts.speaks_any(&OLD), verdict)
        },
        mend: Some(|facts| facts.endpoint.randoms.time = Fact::yes(0, [])),
        ..REMARK
    },
    Rule {
        id: "R-RANDOM",
        source: "RFC 8446 appendix C.1",
        severity: Severity::High,
        title: text("Nombor rawak berulang", "Repeated randoms"),
        finding: text(
            "Nombor rawak pelayan yang sama muncul dalam beberapa sambungan.",
            "The same server random came in several connections.",
        ),
        fix: text(
            "Kemas kini produk; jika pelayan ialah mesin maya, pastikan penjana nombor rawaknya \
             berfungsi.",
            "Update the product; on a virtual machine, see that its random generator works.",
        ),
        why: text(
            "Penjana nombor rawak yang rosak mendedahkan kunci sambungan dan kunci persendirian \
             (private key).",
            "A broken generator gives away the keys of connections and the private key.",
        ),
        probe: text(
            "Nombor rawak daripada semua jabat tangan TLS (handshake) dibandingkan.",
            "The randoms of all handshakes are compared.",
        ),
        who: Who::Supplier,
        effort: Effort::Days,
        check: |facts| if_seen(&facts.endpoint.randoms.repeated.seen),
        mend: Some(|facts| facts.endpoint.randoms.repeated = Fact::no([])),
        ..REMARK
    },
    Rule {
        id: "R-HEARTBEAT",
        source: "RFC 6520; without effect in the SSL Labs rating guide",
        basis: Basis::Recorded,
        title: text("Sambungan heartbeat aktif", "The heartbeat extension is enabled"),
        finding: text(
            "Sambungan heartbeat TLS masih aktif.",
            "The TLS heartbeat extension is still enabled.",
        ),
        fix: text(
            "Kemas kini perisian TLS; versi semasa tidak lagi mempunyai heartbeat.",
            "Update the TLS software; current versions no longer have heartbeat.",
        ),
        why: text(
            "Hampir tiada klien menggunakannya, dan sambungan inilah punca Heartbleed.",
            "Hardly any client uses it, and it is where Heartbleed came from.",
        ),
        probe: text(
            "ClientHello dengan sambungan heartbeat dihantar; pelayan menjawabnya.",
            "A ClientHello with the extension is sent; the server answers it.",
        ),
        effort: Effort::Days,
        check: |facts| if_seen(&facts.endpoint.heartbeat.seen),
        mend: Some(|facts| facts.endpoint.heartbeat = Fact::no([])),
        ..REMARK
    },
    Rule {
        id: "R-NPN",
        source: "draft-agl-tls-nextprotoneg; RFC 7301",
        title: text("NPN masih ditawarkan", "NPN is still offered"),
        finding: text(
            "Rundingan protokol lama NPN masih ditawarkan.",
            "The old protocol negotiation NPN is still offered.",
        ),
        fix: text(
            "Kemas kini perisian; ALPN telah menggantikan NPN.",
            "Update the software; ALPN has taken the place of NPN.",
        ),
        why: text(
            "NPN menunjukkan perisian yang tidak dikemas kini sejak beberapa tahun.",
            "NPN shows software that has not been updated for years.",
        ),
        probe: text(
            "ClientHello dengan sambungan NPN dihantar; pelayan menjawabnya.",
            "A ClientHello with the extension is sent; the server answers it.",
        ),
        effort: Effort::Days,
        check: |facts| given(facts.speaks_any(&CBC), if_seen(&facts.endpoint.npn.seen)),
        mend: Some(|facts| facts.endpoint.npn = Fact::no([])),
        ..REMARK
    },
    Rule {
        id: "R-INTOLERANT-VERSION",
        source: "RFC 8446 appendix D; without effect in the SSL Labs rating guide",
        basis: Basis::Recorded,
        severity: Severity::Medium,
        title: text(
            "Versi TLS baharu tidak diterima dengan betul",
            "Intolerance of newer versions",
        ),
        finding: text(
            "Pelayan memutuskan sambungan apabila klien menawarkan versi TLS yang lebih baharu.",
            "The server breaks off when the client offers a newer TLS version.",
        ),
        fix: text(
            "Kemas kini perisian TLS, tembok api (firewall) atau pengimbang beban (load balancer).",
            "Update the TLS software, the firewall or the load balancer.",
        ),
        why: text(
            "Klien baharu gagal disambung, walaupun kedua-dua pihak mempunyai versi yang sama.",
            "New clients fail to connect, although both sides have a version in common.",
        ),
        probe: text(
            "ClientHello dengan versi 1.3 dan versi masa hadapan dihantar; pelayan tidak \
             menjawabnya seperti biasa.",
            "ClientHellos with version 1.3 and with versions of the future are sent; the server \
             does not answer as usual.",
        ),
        effort: Effort::Days,
        check: |facts| {
            let it = &facts.endpoint.tolerance;
            intolerant(&[&it.tls13, &it.version_0304, &it.version_0499])
        },
        mend: Some(|facts| {
            let it = &mut facts.endpoint.tolerance;
            tolerate([&mut it.tls13, &mut it.version_0304, &mut it.version_0499]);
        }),
        ..REMARK
    },
    Rule {
        id: "R-INTOLERANT-LENGTH",
        source: "RFC 8446 appendix D.1; without effect in the SSL Labs rating guide",
        basis: Basis::Recorded,
        severity: Severity::Medium,
        title: text("ClientHello panjang tidak diterima", "Intolerance of long hellos"),
        finding: text(
            "Pelayan memutuskan sambungan apabila ClientHello panjang.",
            "The server breaks off when the ClientHello is long.",
        ),
        fix: text(
            "Kemas kini perisian TLS, tembok api (firewall) atau pengimbang beban (load balancer).",
            "Update the TLS software, the firewall or the load balancer.",
        ),
        why: text(
            "Klien semasa menghantar ClientHello yang panjang, terutamanya dengan kunci \
             pascakuantum.",
            "Current clients send long ClientHellos, above all with post-quantum keys.",
        ),
        probe: text(
            "ClientHello melebihi 255 bait, 512 bait dan 64 sut sifer (cipher suite) dihantar.",
            "ClientHellos of more than 255 bytes, 512 bytes and 64 suites are sent.",
        ),
        effort: Effort::Days,
        check: |facts| {
            let it = &facts.endpoint.tolerance;
            intolerant(&[&it.over_255, &it.over_512, &it.many_suites])
        },
        mend: Some(|facts| {
            let it = &mut facts.endpoint.tolerance;
            tolerate([&mut it.over_255, &mut it.over_512, &mut it.many_suites]);
        }),
        ..REMARK
    },
    Rule {
        id: "R-INTOLERANT-EXTENSION",
        source: "RFC 8446 section 4.2; without effect in the SSL Labs rating guide",
        basis: Basis::Recorded,
        severity: Severity::Medium,
        title: text("Sambungan TLS baharu tidak diterima", "Intolerance of unknown extensions"),
        finding: text(
            "Pelayan memutuskan sambungan apabila ada sambungan TLS yang tidak dikenalinya.",
            "The server breaks off at an extension it does not know.",
        ),
        fix: text(
            "Kemas kini perisian TLS, tembok api (firewall) atau pengimbang beban (load balancer).",
            "Update the TLS software, the firewall or the load balancer.",
        ),
        why: text(
            "Klien baharu yang menggunakan sambungan TLS baharu gagal disambung.",
            "New clients with new extensions fail to connect.",
        ),
        probe: text(
            "ClientHello dengan sambungan TLS yang tidak berdaftar dihantar.",
            "A ClientHello with an extension nobody has registered is sent.",
        ),
        effort: Effort::Days,
        check: |facts| intolerant(&[&facts.endpoint.tolerance.unknown_extension]),
        mend: Some(|facts| tolerate([&mut facts.endpoint.tolerance.unknown_extension])),
        ..REMARK
    },
    Rule {
        id: "R-INTOLERANT-GREASE",
        source: "RFC 8701",
        severity: Severity::Medium,
        title: text("Nilai GREASE tidak diterima", "Intolerance of GREASE"),
        finding: text(
            "Pelayan memutuskan sambungan apabila klien menghantar nilai GREASE (RFC 8701).",
            "The server breaks off when the client sends GREASE values (RFC 8701).",
        ),
        fix: text(
            "Kemas kini perisian TLS, tembok api (firewall) atau pengimbang beban (load balancer).",
            "Update the TLS software, the firewall or the load balancer.",
        ),
        why: text(
            "Chrome dan Edge sentiasa menghantar nilai ini, maka pengguna gagal disambung.",
            "Chrome and Edge always send these values, so users fail to connect.",
        ),
        probe: text(
            "ClientHello dengan nilai GREASE dihantar.",
            "A ClientHello with GREASE values is sent.",
        ),
        effort: Effort::Days,
        check: |facts| intolerant(&[&facts.endpoint.tolerance.grease]),
        mend: Some(|facts| tolerate([&mut facts.endpoint.tolerance.grease])),
        ..REMARK
    },
    Rule {
        id: "R-INTOLERANT-RETRY",
        source: "RFC 8446 section 4.1.4",
        severity: Severity::Low,
        title: text("HelloRetryRequest tidak dihantar", "No HelloRetryRequest"),
        finding: text(
            "Pelayan TLS 1.3 tidak menghantar HelloRetryRequest apabila kunci klien tidak sesuai.",
            "The TLS 1.3 server sends no HelloRetryRequest when the client has no fitting key.",
        ),
        fix: text("Kemas kini perisian TLS.", "Update the TLS software."),
        why: text(
            "Klien yang meneka kumpulan yang salah gagal disambung.",
            "Clients that guess another group fail to connect.",
        ),
        probe: text(
            "ClientHello TLS 1.3 tanpa kunci dihantar; pelayan tidak meminta kunci.",
            "A TLS 1.3 ClientHello without a key share is sent; the server does not ask for one.",
        ),
        effort: Effort::Days,
        check: |facts| {
            let verdict = intolerant(&[&facts.endpoint.tolerance.empty_key_share]);
            given(facts.speaks_any(&[Version::TLS13]), verdict)
        },
        mend: Some(|facts| tolerate([&mut facts.endpoint.tolerance.empty_key_share])),
        ..REMARK
    },
];

/// Holds if any of them is refused.
fn intolerant(tolerated: &[&Fact<()>]) -> Verdict {
    let verdicts = tolerated.iter().map(|fact| if_absent(&fact.seen));
    let mut result = Verdict::Clear;
    for verdict in verdicts {
        match verdict {
            Verdict::Holds(_) => return verdict,
            Verdict::Unknown(_) => result = verdict,
            _ => {}
        }
    }
    result
}

/// Answered as any other.
fn tolerate<const N: usize>(facts: [&mut Fact<()>; N]) {
    for fact in facts {
        *fact = Fact::yes((), []);
    }
}
