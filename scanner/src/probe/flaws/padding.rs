//! What a server tells about CBC records that are damaged: in the padding, in the MAC, or in both.
//!
//! Each question completes a handshake and then says one record. Whoever does as RFC 5246 section
//! 6.2.3.2 says answers all damaged ones alike, with the alert `bad_record_mac`. The record with
//! both faults is what the others are measured by: nothing in it is right.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use super::reaction::{Ending, Reaction, reaction, table};
use super::{Known, Shown, completed, spoken_by_us};
use crate::legacy::{Spoil, Step, Until};
use crate::observe::{Fact, Oracle, Why};
use crate::wire::record::content;
use crate::wire::suites::{Cipher, Mac, SuiteInfo};
use crate::wire::{Alert, Suite, Version};

/// What the answers show of each flaw.
pub(super) struct Padding {
    pub(super) poodle_tls: Shown<()>,
    pub(super) lucky_minus_20: Shown<()>,
    pub(super) zombie_poodle: Shown<Oracle>,
    pub(super) goldendoodle: Shown<Oracle>,
    pub(super) sleeping_poodle: Shown<Oracle>,
    pub(super) zero_length: Shown<Oracle>,
}

impl Padding {
    fn unknown(why: Why, how: &[u32]) -> Self {
        Self {
            poodle_tls: Shown::unknown(why, how),
            lucky_minus_20: Shown::unknown(why, how),
            zombie_poodle: Shown::unknown(why, how),
            goldendoodle: Shown::unknown(why, how),
            sleeping_poodle: Shown::unknown(why, how),
            zero_length: Shown::unknown(why, how),
        }
    }
}

/// A damaged record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Both,
    Mac,
    Padding,
    Overlong,
    AllPadding,
    /// As [`Form::Both`], without a payload.
    EmptyBoth,
    /// As [`Form::Mac`], without a payload.
    EmptyMac,
}

/// All but the first.
const OTHERS: [Form; 6] =
    [Form::Mac, Form::Padding, Form::Overlong, Form::AllPadding, Form::EmptyBoth, Form::EmptyMac];

/// Times a difference must be seen again.
const AGAIN: usize = 2;

impl Form {
    fn spoil(self) -> Spoil {
        match self {
            Self::Both | Self::EmptyBoth => Spoil::Both,
            Self::Mac | Self::EmptyMac => Spoil::Mac,
            Self::Padding => Spoil::Padding,
            Self::Overlong => Spoil::Overlong,
            Self::AllPadding => Spoil::AllPadding,
        }
    }

    fn is_empty(self) -> bool {
        matches!(self, Self::EmptyBoth | Self::EmptyMac)
    }

    /// What it is measured by.
    fn measure(self) -> Self {
        if self.is_empty() { Self::EmptyBoth } else { Self::Both }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Both => "wrong padding and MAC",
            Self::Mac => "wrong MAC",
            Self::Padding => "wrong padding",
            Self::Overlong => "padding longer than the record",
            Self::AllPadding => "nothing but padding",
            Self::EmptyBoth => "empty, wrong padding and MAC",
            Self::EmptyMac => "empty, wrong MAC",
        }
    }
}

/// What became of one form: the questions, and the reaction if there is one that can be relied on.
struct Found {
    how: Vec<u32>,
    reaction: Result<Reaction, Why>,
}

/// Asks with every form, in the newest version with CBC suites. `payload` is what the records would
/// say if they were not damaged: it should bring an answer.
pub(super) async fn padding(known: &Known<'_>, payload: &[u8]) -> Padding {
    let fits = |suite: &SuiteInfo| spoken_by_us(suite) && suite.is_cbc();
    let newest = known.newest(fits);
    let chosen = newest.and_then(|(version, suites)| Some((version, choice(&suites)?)));
    let Some((version, suite)) = chosen else {
        return Padding::unknown(Why::NotApplicable, &[]);
    };
    let mut asking = Asking { known, version, suite: suite.suite, payload, greets: false };
    // Where the server speaks first, its greeting must not be taken for an answer.
    let mut first = asking.ask(Form::Both).await;
    if first.reaction.as_ref().is_ok_and(Reaction::has_data) {
        asking.greets = true;
        let again = asking.ask(Form::Both).await;
        first = Found { how: [first.how, again.how].concat(), reaction: again.reaction };
    }
    match &first.reaction {
        Err(why) => return Padding::unknown(*why, &first.how),
        // What is said after a record without anything right is no answer to it.
        Ok(reaction) if reaction.has_data() => return Padding::unknown(Why::Garbled, &first.how),
        Ok(_) => {}
    }
    let mut found = BTreeMap::from([(Form::Both, first)]);
    let others = OTHERS.iter().map(|form| asking.ask(*form));
    found.extend(OTHERS.into_iter().zip(join_all(others).await));
    let doubtful = differing(&found);
    for _ in 0..AGAIN {
        let again = join_all(doubtful.iter().map(|form| asking.ask(*form))).await;
        for (form, again) in doubtful.iter().zip(again) {
            if let Some(found) = found.get_mut(form) {
                confirm(found, again);
            }
        }
    }
    Answers { found }.read(suite.cipher == Cipher::Aes)
}

/// The suite to ask with: the code for AES with HMAC-SHA1 is where most of these flaws were found.
fn choice(suites: &[Suite]) -> Option<&'static SuiteInfo> {
    suites.iter().filter_map(|suite| suite.info()).min_by_key(|suite| match suite.cipher {
        Cipher::Aes if suite.mac == Mac::Sha1 => 0,
        Cipher::Aes => 1,
        Cipher::TripleDes => 2,
        _ => 3,
    })
}

struct Asking<'a> {
    known: &'a Known<'a>,
    version: Version,
    suite: Suite,
    payload: &'a [u8],
    /// The server speaks first.
    greets: bool,
}

impl Asking<'_> {
    async fn ask(&self, form: Form) -> Found {
        let about = format!("{} {}: record with {}", self.version, self.suite, form.name());
        let hello = self.known.hello(self.version, &[self.suite]);
        let steps = self.steps(form);
        let listens = steps.len() - 1;
        let talked = self.known.talk(about, hello, steps).await;
        // Without a handshake there was no record to answer.
        let reaction = match &talked.heard {
            Ok((heard, _)) if heard.handshakes == 0 => Err(Why::NoHandshake),
            _ => reaction(&talked, listens),
        };
        Found { how: vec![talked.id], reaction }
    }

    fn steps(&self, form: Form) -> Vec<Step> {
        let body = if form.is_empty() { Vec::new() } else { self.payload.to_vec() };
        let mut steps = completed();
        if self.greets {
            steps.push(Step::Listen { until: Until::Data });
        }
        steps.push(Step::Record {
            content: content::APPLICATION_DATA,
            body,
            spoil: Some(form.spoil()),
        });
        steps.push(Step::Listen { until: Until::Close });
        steps
    }
}

/// The forms whose reactions differ from what they are measured by, and that.
fn differing(found: &BTreeMap<Form, Found>) -> Vec<Form> {
    let reaction = |form| found.get(&form).and_then(|found: &Found| found.reaction.as_ref().ok());
    let mut forms = Vec::new();
    for form in OTHERS {
        let pair = reaction(form).zip(reaction(form.measure()));
        if pair.is_some_and(|(reaction, measure)| reaction != measure) {
            forms.extend([form, form.measure()]);
        }
    }
    forms.sort_unstable();
    forms.dedup();
    forms
}

/// Takes in that it was asked again.
fn confirm(found: &mut Found, again: Found) {
    found.how.extend(again.how);
    let differs = match (&found.reaction, again.reaction) {
        (Ok(_), Err(why)) => Some(why),
        (Ok(first), Ok(second)) if *first != second => Some(Why::Inconsistent),
        _ => None,
    };
    if let Some(why) = differs {
        found.reaction = Err(why);
    }
}

/// What was found of all forms.
struct Answers {
    found: BTreeMap<Form, Found>,
}

/// What the answers say of one flaw: `None` is no.
type Verdict<T> = Result<Option<T>, Why>;

impl Answers {
    fn read(&self, is_aes: bool) -> Padding {
        use Form::{AllPadding, Both, EmptyBoth, EmptyMac, Mac, Overlong};
        let lucky = if is_aes { self.lucky_minus_20() } else { Err(Why::NotApplicable) };
        let sleeping = self.sleeping_poodle(lucky == Ok(Some(())));
        let long = [Both, Overlong, AllPadding];
        Padding {
            poodle_tls: self.shown(&[Both, Form::Padding], self.poodle_tls()),
            lucky_minus_20: match lucky {
                Err(Why::NotApplicable) => Shown::unknown(Why::NotApplicable, []),
                lucky => self.shown(&long, lucky),
            },
            zombie_poodle: self.shown(&[Both, Mac], self.zombie_poodle()),
            goldendoodle: self.shown(&[Both, Form::Padding], self.goldendoodle()),
            sleeping_poodle: self.shown(&long, sleeping),
            zero_length: self.shown(&[Both, Mac, EmptyBoth, EmptyMac], self.zero_length()),
        }
    }

    /// The verdict with the forms it rests on.
    fn shown<T>(&self, forms: &[Form], verdict: Verdict<T>) -> Shown<T> {
        let found = || forms.iter().filter_map(|form| Some((form, self.found.get(form)?)));
        let mut how: Vec<u32> = found().flat_map(|(_, found)| found.how.iter().copied()).collect();
        how.sort_unstable();
        let rows = found().filter_map(|(form, f)| Some((form.name(), f.reaction.as_ref().ok()?)));
        match verdict {
            Err(why) => Shown::unknown(why, how),
            Ok(Some(value)) => Shown::with(Fact::yes(value, how), table(rows)),
            Ok(None) => Shown::with(Fact::no(how), table(rows)),
        }
    }

    /// The reaction to one form.
    fn of(&self, form: Form) -> Result<&Reaction, Why> {
        match self.found.get(&form).map(|found| &found.reaction) {
            Some(Ok(reaction)) => Ok(reaction),
            Some(Err(why)) => Err(*why),
            None => Err(Why::NotAsked),
        }
    }

    /// Yes if padding of a wrong length shows it in one way or the other.
    fn of_long<T>(&self, shows: impl Fn(&Reaction) -> Option<T>) -> Verdict<T> {
        let (overlong, all) = (self.of(Form::Overlong), self.of(Form::AllPadding));
        for reaction in [overlong, all].into_iter().flatten() {
            if let Some(value) = shows(reaction) {
                return Ok(Some(value));
            }
        }
        overlong.and(all).map(|_| None)
    }

    /// A record whose padding is wrong is taken: nobody looked at it.
    fn poodle_tls(&self) -> Verdict<()> {
        let (padding, both) = (self.of(Form::Padding)?, self.of(Form::Both)?);
        Ok(taken(padding, both).then_some(()))
    }

    /// Wrong padding is told apart, though the record is not taken: with a right MAC behind it, or
    /// with any.
    fn goldendoodle(&self) -> Verdict<Oracle> {
        let (padding, both) = (self.of(Form::Padding)?, self.of(Form::Both)?);
        if taken(padding, both) {
            return Ok(None);
        }
        let any = if self.minds_padding() { self.of(Form::Mac)? } else { padding };
        Ok(oracle(padding, both).or_else(|| oracle(any, both)))
    }

    /// Right padding before a wrong MAC is told apart.
    fn zombie_poodle(&self) -> Verdict<Oracle> {
        let told = oracle(self.of(Form::Mac)?, self.of(Form::Both)?);
        Ok(told.filter(|_| !self.minds_padding()))
    }

    /// True if a wrong MAC has the answer that belongs to it, and wrong padding another one. Then
    /// it is the padding that stands out; else it is the MAC.
    fn minds_padding(&self) -> bool {
        let proper = |form| self.of(form).is_ok_and(Reaction::is_proper);
        proper(Form::Mac) && !proper(Form::Both)
    }

    /// The same, but only in records without a payload.
    fn zero_length(&self) -> Verdict<Oracle> {
        let both = self.of(Form::Both)?;
        let Some(told) = oracle(self.of(Form::EmptyMac)?, self.of(Form::EmptyBoth)?) else {
            return Ok(None);
        };
        Ok((self.of(Form::Mac)? == both).then_some(told))
    }

    /// The length of the payload was worked out from padding that does not fit into the record,
    /// and found too long: the code of CVE-2016-2107.
    fn lucky_minus_20(&self) -> Verdict<()> {
        let both = self.of(Form::Both)?;
        let measured = both.alerted(Alert::BAD_RECORD_MAC) && !both.alerted(Alert::RECORD_OVERFLOW);
        self.of_long(|long| (measured && long.alerted(Alert::RECORD_OVERFLOW)).then_some(()))
    }

    /// Padding that does not fit into the record is told apart by what becomes of the connection.
    fn sleeping_poodle(&self, is_lucky: bool) -> Verdict<Oracle> {
        let both = self.of(Form::Both)?;
        if is_lucky {
            return Ok(None);
        }
        self.of_long(|long| oracle(long, both).filter(|_| long.words == both.words))
    }
}

/// True if a record with wrong padding was taken as if it were right: it was answered, or nothing
/// was held against it.
fn taken(padding: &Reaction, both: &Reaction) -> bool {
    let unobjected = |r: &Reaction| r.words.is_empty() && r.ending == Ending::Open;
    let answered = padding.has_data() && !both.has_data();
    answered || (unobjected(padding) && !unobjected(both))
}

/// What two reactions tell apart.
fn oracle(one: &Reaction, other: &Reaction) -> Option<Oracle> {
    if one == other {
        None
    } else if one.visibly_differs(other) {
        Some(Oracle::Exploitable)
    } else {
        Some(Oracle::Observable)
    }
}

#[cfg(test)]
mod tests {
    use super::super::reaction::testing::{Server, alert, at_last_step, refused};
    use super::*;
    use crate::legacy::{Heard, Talk, Word};
    use crate::probe::End;

    const AES_CBC: u32 = 0x002f;
    const TRIPLE_DES: u32 = 0x000a;
    const AES_GCM: u32 = 0x009c;

    fn form(talk: &Talk) -> Form {
        let said = talk.steps.iter().find_map(|step| match step {
            Step::Record { body, spoil: Some(spoil), .. } => Some((*spoil, body.is_empty())),
            _ => None,
        });
        let (spoil, empty) = said.unwrap();
        let all = [Form::Both].into_iter().chain(OTHERS);
        all.into_iter().find(|f| f.spoil() == spoil && f.is_empty() == empty).unwrap()
    }

    fn said(talk: &Talk, words: &[Word], end: End) -> (Heard, End) {
        (Heard { handshakes: 1, ..at_last_step(talk, words) }, end)
    }

    fn ask_with(suite: u32, answer: impl FnMut(&Talk) -> (Heard, End)) -> (Padding, usize) {
        let server = Server::new(Version::TLS12, &[suite]);
        let known = server.known();
        server.run(padding(&known, b"GET / HTTP/1.1\r\n\r\n"), answer)
    }

    /// A server that reacts like this to these forms, and as it should to others.
    fn ask(odd: &[(Form, &[Word], End)]) -> (Padding, usize) {
        ask_with(AES_CBC, |talk| {
            let form = form(talk);
            match odd.iter().find(|(other, ..)| *other == form) {
                Some((_, words, end)) => said(talk, words, end.clone()),
                None => said(talk, &[alert(20)], End::Closed),
            }
        })
    }

    /// What is yes, in the order of the fields; `None` stands for unknown.
    fn known(padding: &Padding) -> [Option<bool>; 6] {
        [
            padding.poodle_tls.fact.known(),
            padding.lucky_minus_20.fact.known(),
            padding.zombie_poodle.fact.known(),
            padding.goldendoodle.fact.known(),
            padding.sleeping_poodle.fact.known(),
            padding.zero_length.fact.known(),
        ]
    }

    const NO: Option<bool> = Some(false);
    const YES: Option<bool> = Some(true);

    #[test]
    fn a_server_that_answers_all_alike_tells_nothing() {
        let (padding, asked) = ask(&[]);
        assert_eq!(known(&padding), [NO; 6]);
        assert_eq!(asked, 7);
        assert_eq!(
            padding.zombie_poodle.evidence.as_deref(),
            Some("wrong padding and MAC, wrong MAC: alert bad_record_mac, closed")
        );
    }

    #[test]
    fn a_server_without_cbc_is_not_asked() {
        let (padding, asked) = ask_with(AES_GCM, refused);
        assert_eq!(padding.poodle_tls.fact, Fact::unknown(Why::NotApplicable, []));
        assert_eq!((known(&padding), asked), ([None; 6], 0));
    }

    #[test]
    fn without_a_handshake_nothing_is_known() {
        let (padding, asked) =
            ask_with(AES_CBC, |talk| (at_last_step(talk, &[alert(40)]), End::Closed));
        assert_eq!(
            padding.goldendoodle.fact.seen,
            crate::observe::Seen::Unknown { why: Why::NoHandshake }
        );
        assert_eq!((known(&padding), asked), ([None; 6], 1));
    }

    #[test]
    fn wrong_padding_that_is_taken_is_poodle() {
        let data = [Word::Data { length: 300 }];
        let (padding, asked) = ask(&[(Form::Padding, &data, End::Enough)]);
        assert_eq!(known(&padding), [YES, NO, NO, NO, NO, NO]);
        assert_eq!(asked, 7 + 4);
        let (padding, _) = ask(&[(Form::Padding, &[], End::Silent)]);
        assert_eq!(known(&padding), [YES, NO, NO, NO, NO, NO]);
    }

    #[test]
    fn wrong_padding_told_apart_is_goldendoodle() {
        let (padding, _) = ask(&[(Form::Padding, &[alert(21)], End::Closed)]);
        assert_eq!(known(&padding), [NO, NO, NO, YES, NO, NO]);
        assert_eq!(padding.goldendoodle.fact.value(), Some(&Oracle::Observable));
        let (padding, _) = ask(&[(Form::Padding, &[], End::Closed)]);
        assert_eq!(padding.goldendoodle.fact.value(), Some(&Oracle::Exploitable));
    }

    #[test]
    fn wrong_padding_told_apart_whatever_the_mac_is_goldendoodle_too() {
        let (padding, _) = ask_with(AES_CBC, |talk| {
            let is_mac = matches!(form(talk), Form::Mac | Form::EmptyMac);
            said(talk, &[alert(if is_mac { 20 } else { 21 })], End::Closed)
        });
        assert_eq!(known(&padding), [NO, NO, NO, YES, NO, NO]);
        assert_eq!(padding.goldendoodle.fact.value(), Some(&Oracle::Observable));
        let (padding, _) = ask(&[(Form::Mac, &[alert(21)], End::Closed)]);
        assert_eq!(known(&padding), [NO, NO, YES, NO, NO, NO]);
    }

    #[test]
    fn a_wrong_mac_told_apart_is_zombie_poodle() {
        let (padding, _) = ask(&[(Form::Mac, &[alert(20)], End::Silent)]);
        assert_eq!(known(&padding), [NO, NO, YES, NO, NO, NO]);
        assert_eq!(padding.zombie_poodle.fact.value(), Some(&Oracle::Exploitable));
    }

    #[test]
    fn an_empty_record_told_apart_counts_only_by_itself() {
        let odd = |form| (form, &[][..], End::Closed);
        let (padding, asked) = ask(&[odd(Form::EmptyMac)]);
        assert_eq!(known(&padding), [NO, NO, NO, NO, NO, YES]);
        assert_eq!(asked, 7 + 4);
        let (padding, _) = ask(&[odd(Form::EmptyMac), odd(Form::Mac)]);
        assert_eq!(known(&padding), [NO, NO, YES, NO, NO, NO]);
    }

    #[test]
    fn an_overflow_is_lucky_and_nothing_else() {
        let (padding, asked) = ask(&[
            (Form::AllPadding, &[alert(22)], End::Closed),
            (Form::Overlong, &[alert(20)], End::Silent),
        ]);
        assert_eq!(known(&padding), [NO, YES, NO, NO, NO, NO]);
        assert_eq!(asked, 7 + 6);
        let (padding, _) = ask_with(TRIPLE_DES, |talk| {
            let number = if form(talk) == Form::AllPadding { 22 } else { 20 };
            said(talk, &[alert(number)], End::Closed)
        });
        assert_eq!(padding.lucky_minus_20.fact, Fact::unknown(Why::NotApplicable, []));
    }

    #[test]
    fn a_connection_left_open_is_sleeping_poodle() {
        let (padding, _) = ask(&[(Form::Overlong, &[alert(20)], End::Silent)]);
        assert_eq!(known(&padding), [NO, NO, NO, NO, YES, NO]);
        assert_eq!(padding.sleeping_poodle.fact.value(), Some(&Oracle::Exploitable));
    }

    #[test]
    fn a_difference_that_does_not_come_again_is_none() {
        let mut macs = 0;
        let (padding, _) = ask_with(AES_CBC, |talk| {
            macs += usize::from(form(talk) == Form::Mac);
            let number = if form(talk) == Form::Mac && macs < 3 { 51 } else { 20 };
            said(talk, &[alert(number)], End::Closed)
        });
        let inconsistent = Fact::<Oracle>::unknown(Why::Inconsistent, []).seen;
        assert_eq!(padding.zombie_poodle.fact.seen, inconsistent);
        assert_eq!(known(&padding), [NO, NO, None, NO, NO, NO]);
    }

    #[test]
    fn what_moves_the_measure_leaves_nothing_known() {
        let mut boths = 0;
        let (padding, _) = ask_with(AES_CBC, |talk| {
            boths += usize::from(form(talk) == Form::Both);
            let odd = form(talk) == Form::Both && boths == 1;
            said(talk, &[alert(if odd { 51 } else { 20 })], End::Closed)
        });
        assert_eq!(known(&padding), [None; 6]);
    }

    #[test]
    fn a_greeting_is_no_answer() {
        let data = Word::Data { length: 60 };
        let (padding, asked) = ask_with(AES_CBC, |talk| {
            let waits = talk.steps.contains(&Step::Listen { until: Until::Data });
            let (mut heard, _) = said(talk, &[alert(20)], End::Closed);
            if waits {
                heard.words.insert(0, (5, data.clone()));
                return (heard, End::Closed);
            }
            heard.words = vec![(6, data.clone())];
            (heard, End::Enough)
        });
        assert_eq!(known(&padding), [NO; 6]);
        assert_eq!(asked, 8);
        // Who answers whatever comes cannot be asked.
        let (padding, asked) =
            ask_with(AES_CBC, |talk| said(talk, std::slice::from_ref(&data), End::Enough));
        assert_eq!((known(&padding), asked), ([None; 6], 2));
    }

    #[test]
    fn aes_with_sha1_is_asked_first() {
        let chosen = |numbers: &[u32]| {
            let suites: Vec<Suite> = numbers.iter().map(|number| Suite(*number)).collect();
            choice(&suites).map(|info| info.suite.0)
        };
        assert_eq!(chosen(&[TRIPLE_DES, 0x003c, AES_CBC, 0xc013]), Some(AES_CBC));
        assert_eq!(chosen(&[TRIPLE_DES, 0x003c]), Some(0x003c));
        assert_eq!(chosen(&[0x0009, TRIPLE_DES]), Some(TRIPLE_DES));
        assert_eq!(chosen(&[]), None);
    }
}
