//! What the server makes of hellos out of the ordinary. One hello with everything unusual in it is
//! enough for a server that minds none of it; only when that fails is each asked alone.

use futures_util::join;

use super::desk::{Answer, Desk};
use super::offer::{self, Base, Size};
use super::versions::Spoken;
use crate::observe::{Fact, Refusal, Tolerance, Why};
use crate::wire::flight::{KeyExchange, Stop};
use crate::wire::{ClientHello, Ext, Extension, Group, Suite, Version};

/// Reserved values (RFC 8701): a server must not mind them.
const GREASE: u16 = 0x3a3a;

/// An extension number nobody has registered.
const NOBODYS_EXTENSION: Extension = Extension(0x7a69);

/// One hello with it all: TLS 1.3, reserved values, an unknown extension, over 512 bytes, over 64
/// suites. If it is not answered with a flight, each is to be asked alone.
pub(crate) async fn stress(desk: &Desk, base: &Base) -> (u32, Answer) {
    let versions =
        [Version(GREASE), Version::TLS13, Version::TLS12, Version::TLS11, Version::TLS10];
    let (new, newer) = offer::suites_for(Version::TLS13);
    let (common, rare) = offer::suites_for(Version::TLS12);
    // The usual ones last: a server that reads only the first part of the list finds none of them.
    let suites: Vec<Suite> =
        [vec![Suite(GREASE.into())], rare, newer, new, common].into_iter().flatten().collect();
    let mut groups = vec![Group(GREASE)];
    groups.extend(offer::groups_of_all_versions());
    let mut hello = base.hello13(&versions, &suites, &groups, desk.random());
    hello.extensions.insert(0, Ext::Raw(Extension(GREASE), Vec::new()));
    hello.extensions.push(Ext::Raw(NOBODYS_EXTENSION, vec![1, 2, 3]));
    let a = desk.hello("everything unusual at once", hello, Stop::Hello).await;
    (a.id, a.answer)
}

/// What an answer to [`stress`] proves.
pub(crate) fn all(id: u32) -> Tolerance {
    let yes = || Fact::yes((), [id]);
    Tolerance {
        grease: yes(),
        over_255: yes(),
        over_512: yes(),
        many_suites: yes(),
        unknown_extension: yes(),
        ..Tolerance::default()
    }
}

/// What [`stress`] left open, each alone, and versions of the future; `far` is the question that
/// showed the far future to be no trouble.
pub(crate) async fn rest(desk: &Desk, spoken: &Spoken, far: Option<u32>) -> Tolerance {
    let mut known = spoken.tolerance.clone();
    let Some(plain) = plain(desk, spoken) else { return known };
    let ask = |about: &'static str, change: fn(&mut ClientHello, &Base)| {
        let (mut hello, base) = (plain(), spoken.base.clone());
        change(&mut hello, &base);
        async move { verdict(desk, about, hello).await }
    };
    let open = known.grease.known().is_none();
    let alone = async {
        if !open {
            return None;
        }
        Some(join!(
            ask("reserved values", grease),
            ask("an unknown extension", |hello, _| {
                hello.extensions.push(Ext::Raw(NOBODYS_EXTENSION, vec![1, 2, 3]));
            }),
            ask("over 255 bytes", |hello, _| pad(hello, 260)),
            ask("over 512 bytes", |hello, _| pad(hello, 600)),
            ask("more than 64 suites", |hello, _| {
                let (common, rare) = offer::suites_for(Version::TLS12);
                let more = rare.into_iter().chain(common).filter(|s| !hello.suites.contains(s));
                let more: Vec<Suite> = more.take(70).collect();
                hello.suites.splice(0..0, more);
            }),
        ))
    };
    let future = async {
        // A version field beyond TLS 1.2 has no meaning since TLS 1.3, but must not be refused
        // (RFC 5246 appendix E.1).
        let far = match far {
            Some(id) => Fact::yes((), [id]),
            None => ask("version 0x0499", |hello, _| hello.version = Version::FAR).await,
        };
        let near = if far.is_yes() {
            Fact::default()
        } else {
            ask("version 0x0304", |hello, _| hello.version = Version::TLS13).await
        };
        (near, far)
    };
    let (alone, (near, far)) = join!(alone, future);
    known.version_0304 = near;
    known.version_0499 = far;
    if let Some((grease, unknown, over_255, over_512, many)) = alone {
        known.grease = grease;
        known.unknown_extension = unknown;
        if known.over_255.known().is_none() {
            known.over_255 = over_255;
        }
        known.over_512 = over_512;
        known.many_suites = many;
    }
    known
}

/// A hello the server is known to answer.
fn plain<'a>(desk: &'a Desk, spoken: &'a Spoken) -> Option<impl Fn() -> ClientHello + 'a> {
    let version = spoken.newest_old().filter(|v| *v > Version::SSL3);
    let suite = version.and_then(|v| spoken.first_suite(v));
    let modern = spoken.first_suite(Version::TLS13);
    if suite.is_none() && modern.is_none() {
        return None;
    }
    Some(move || match (version, suite, modern) {
        (Some(version), Some(suite), _) => {
            let base = Base { size: Size::Small, bare: true, ..spoken.base.clone() };
            let mut hello = base.hello(version, &[suite], desk.random());
            // A short list may lack the only group the server has.
            let first = spoken.first(version).map(|seen| &seen.flight.key_exchange);
            if let Some(Some(KeyExchange::Ecdhe { group: Some(group), .. })) = first {
                for ext in &mut hello.extensions {
                    if let Ext::Groups(groups) = ext
                        && !groups.contains(group)
                    {
                        groups.push(*group);
                    }
                }
            }
            hello
        }
        (_, _, suite) => {
            let groups = offer::groups_for(Version::TLS13);
            let suites: Vec<Suite> = suite.into_iter().collect();
            let hello = spoken.base.hello13(&[Version::TLS13], &suites, &groups, desk.random());
            if spoken.needs_shares { offer::with_shares(hello) } else { hello }
        }
    })
}

async fn verdict(desk: &Desk, about: &str, hello: ClientHello) -> Fact<()> {
    let a = desk.hello(format!("tolerates {about}"), hello, Stop::Hello).await;
    match a.answer {
        Answer::Flight(_) => Fact::yes((), [a.id]),
        Answer::Refused(
            Refusal::Alert { .. } | Refusal::Close | Refusal::Reset | Refusal::OtherVersion { .. },
        ) => Fact::no([a.id]),
        Answer::Unknown(why) => Fact::unknown(why, [a.id]),
        _ => Fact::unknown(Why::Garbled, [a.id]),
    }
}

fn grease(hello: &mut ClientHello, _: &Base) {
    hello.suites.insert(0, Suite(GREASE.into()));
    for ext in &mut hello.extensions {
        match ext {
            Ext::Groups(groups) => groups.insert(0, Group(GREASE)),
            Ext::SupportedVersions(versions) => versions.insert(0, Version(GREASE)),
            _ => {}
        }
    }
    hello.extensions.insert(0, Ext::Raw(Extension(GREASE), Vec::new()));
}

/// Pads the message to `length` bytes (RFC 7685).
fn pad(hello: &mut ClientHello, length: usize) {
    let missing = length.saturating_sub(hello.message_len() + 4);
    hello.extensions.push(Ext::Padding(u16::try_from(missing).unwrap_or(0)));
}
