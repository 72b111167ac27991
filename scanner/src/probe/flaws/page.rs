//! Pages of servers that a modern library does not speak to, read by the legacy client.

use super::{Known, Talked, completed, spoken_by_us};
use crate::legacy::{Step, Until};
use crate::observe::{Fact, Http, Seen, Why};
use crate::probe::sessions::Page;
use crate::probe::{Get, HandshakeReply, http};
use crate::wire::Version;
use crate::wire::record::content;

/// Reads pages over the newest version the legacy client speaks with the server; the version comes
/// along.
pub(crate) async fn pages(known: &Known<'_>, page: &Page) -> Option<(Version, Fact<Http>)> {
    let (version, suites) = known.newest(spoken_by_us)?;
    let pages = http::pages(page, None, |get: Get, _| {
        let hello = known.hello(version, &suites);
        let mut steps = completed();
        let body = get.request().into_bytes();
        steps.push(Step::Record { content: content::APPLICATION_DATA, body, spoil: None });
        steps.push(Step::Listen { until: Until::Head });
        async move {
            let Talked { id, heard } = known.talk(format!("{version}: a page"), hello, steps).await;
            let reply = heard.ok().map(|(heard, _)| HandshakeReply {
                completed: heard.handshakes > 0,
                suite: heard.suite,
                http: (!heard.data.is_empty())
                    .then(|| String::from_utf8_lossy(&heard.data).into_owned()),
                ..HandshakeReply::default()
            });
            (id, reply)
        }
    })
    .await;
    Some((version, pages))
}

/// With what the page came compressed: one condition of BREACH.
pub(crate) fn compressed(http: &Fact<Http>) -> Fact<String> {
    let how = http.how.clone();
    let page = match &http.seen {
        Seen::Yes { value } => value,
        Seen::No => return Fact::unknown(Why::NotApplicable, how),
        Seen::Unknown { why } => return Fact::unknown(*why, how),
    };
    let last = page.transactions.last().filter(|last| last.status == 200);
    // An error page or a redirect says nothing of the pages with secrets in them.
    let Some(last) = last else { return Fact::unknown(Why::NotApplicable, how) };
    let encoding =
        last.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-encoding"));
    match encoding {
        Some((_, value)) if !value.eq_ignore_ascii_case("identity") => {
            Fact::yes(value.chars().take(40).collect(), how)
        }
        _ => Fact::no(how),
    }
}
