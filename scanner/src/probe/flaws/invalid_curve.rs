//! Invalid curve: is a point taken that is not on the curve?
//!
//! Adding points does not use the last coefficient of the curve's equation, so that a point on
//! another curve, where it has a small order, is multiplied all the same. Then the shared secret is
//! one of very few values, whatever the server's key. The client guesses it: if the handshake is
//! completed, the guess was right and the point was taken.

use futures_util::future::join_all;
use num_bigint::BigUint;

use super::reaction::{Ending, Reaction, reaction, table};
use super::{Known, Shown, spoken_by_us};
use crate::legacy::{Exchange, Keys, Step};
use crate::observe::{Fact, Why};
use crate::wire::suites::{Kx, SuiteInfo};
use crate::wire::{Alert, ClientHello, Ext, Extension, Group};

/// Bytes of a coordinate.
const WIDTH: usize = 32;

/// The orders of the points sent. A multiple of a point of order 3 is the point itself or its
/// inverse, which have the same secret, with two keys in three; of a point of order 2, the point
/// itself with every other key. One of each is missed by one server in 6; but then the handshake
/// fails at its end and not at the point, and the answer is unknown.
const ORDERS: [Order; 2] = [Order::Three, Order::Two];

/// Coordinates tried until one has a point; every other one has.
const MOST_TRIES: u32 = 128;

/// The order of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Two,
    Three,
}

impl Order {
    fn name(self) -> &'static str {
        match self {
            Self::Two => "point of order 2",
            Self::Three => "point of order 3",
        }
    }
}

/// Sends points that are not on P-256.
pub(super) async fn invalid_curve(known: &Known<'_>) -> Shown<()> {
    let fits = |suite: &SuiteInfo| spoken_by_us(suite) && suite.kx == Kx::Ecdhe;
    let Some((version, suites)) = known.newest(fits) else {
        return Shown::unknown(Why::NotApplicable, []);
    };
    let field = Field::p256();
    let talks = ORDERS.iter().map(|order| {
        let about = format!("{version}: {} that is not on the curve", order.name());
        let point = field.stray(*order, &known.desk.random());
        let hello = only_p256(known.hello(version, &suites));
        async move { Some(known.talk(about, hello, steps(&point?)).await) }
    });
    let (mut how, mut completed, mut reactions) = (Vec::new(), false, Vec::new());
    for talked in join_all(talks).await.into_iter().flatten() {
        how.push(talked.id);
        completed |= matches!(&talked.heard, Ok((heard, _)) if heard.handshakes > 0);
        reactions.push(reaction(&talked, LISTENS));
    }
    read(how, completed, reactions)
}

/// The step that waits for the server's Finished.
const LISTENS: usize = 4;

fn steps(point: &Point) -> Vec<Step> {
    let exchange = Exchange::Point { point: point.encoded(), secret: fixed(&point.x) };
    vec![
        Step::Flight,
        Step::KeyExchange { exchange },
        Step::ChangeCipherSpec { keys: Keys::Agreed },
        Step::Finished { right: true },
        Step::Established,
    ]
}

/// The hello with no other group.
fn only_p256(mut hello: ClientHello) -> ClientHello {
    hello.extensions.retain(|ext| ext.extension() != Extension::SUPPORTED_GROUPS);
    hello.extensions.push(Ext::Groups(vec![Group::SECP256R1]));
    hello
}

/// What follows from the reactions.
fn read(how: Vec<u32>, completed: bool, reactions: Vec<Result<Reaction, Why>>) -> Shown<()> {
    if completed {
        let evidence = "a handshake with a point of small order was completed";
        return Shown::with(Fact::yes((), how), evidence);
    }
    let reactions: Result<Vec<Reaction>, Why> = reactions.into_iter().collect();
    match reactions {
        // The hello itself is refused: this group is not spoken.
        Err(Why::NoHandshake) => Shown::unknown(Why::NotApplicable, how),
        Err(why) => Shown::unknown(why, how),
        Ok(reactions) if reactions.is_empty() => Shown::unknown(Why::NotAsked, how),
        // Who neither goes on nor closes may not be done yet.
        Ok(reactions) if reactions.iter().any(is_silence) => Shown::unknown(Why::Timeout, how),
        // Both were computed with, and both guesses may have been wrong.
        Ok(reactions) if reactions.iter().all(goes_on) => Shown::unknown(Why::Inconsistent, how),
        Ok(reactions) => {
            let names = ORDERS.iter().map(|order| order.name());
            Shown::with(Fact::no(how), table(names.zip(&reactions)))
        }
    }
}

/// True if the point was not what the server minded.
fn goes_on(reaction: &Reaction) -> bool {
    let late = [Alert::BAD_RECORD_MAC, Alert(21), Alert(51)];
    late.into_iter().any(|alert| reaction.alerted(alert))
}

fn is_silence(reaction: &Reaction) -> bool {
    reaction.words.is_empty() && reaction.ending != Ending::Closed
}

/// The field of P-256, and the coefficient of its equation y² = x³ + ax + b that is used in adding
/// points.
struct Field {
    p: BigUint,
    a: BigUint,
    /// The coefficient that is not used.
    b: BigUint,
}

/// A point, and the last coefficient of the curve it is on.
struct Point {
    x: BigUint,
    y: BigUint,
    #[cfg(test)]
    b: BigUint,
}

impl Point {
    /// The uncompressed form (SEC 1 section 2.3.3).
    fn encoded(&self) -> Vec<u8> {
        [vec![4], fixed(&self.x), fixed(&self.y)].concat()
    }
}

/// The number in as many bytes as a coordinate has.
fn fixed(number: &BigUint) -> Vec<u8> {
    let bytes = number.to_bytes_be();
    let mut fixed = vec![0; WIDTH.saturating_sub(bytes.len())];
    fixed.extend(bytes);
    fixed
}

impl Field {
    fn p256() -> Self {
        // p = 2^256 - 2^224 + 2^192 + 2^96 - 1 (SP 800-186 section 3.2.1.3).
        let bit = |n: u32| BigUint::from(1_u8) << n;
        let p = bit(256) - bit(224) + bit(192) + bit(96) - 1_u8;
        let a = &p - 3_u8;
        let b = BigUint::from_bytes_be(&[
            0x5a, 0xc6, 0x35, 0xd8, 0xaa, 0x3a, 0x93, 0xe7, 0xb3, 0xeb, 0xbd, 0x55, 0x76, 0x98,
            0x86, 0xbc, 0x65, 0x1d, 0x06, 0xb0, 0xcc, 0x53, 0xb0, 0xf6, 0x3b, 0xce, 0x3c, 0x3e,
            0x27, 0xd2, 0x60, 0x4b,
        ]);
        Self { p, a, b }
    }

    /// A point of this order on a curve that differs from P-256 in the last coefficient.
    fn stray(&self, order: Order, random: &[u8]) -> Option<Point> {
        let start = BigUint::from_bytes_be(random);
        (0..MOST_TRIES).map(|n| (&start + n) % &self.p).find_map(|x| match order {
            Order::Two => self.order_2(x),
            Order::Three => self.order_3(x),
        })
    }

    /// Points of order 2 are those with y = 0: b' = -(x³ + ax).
    fn order_2(&self, x: BigUint) -> Option<Point> {
        let b = self.minus(&BigUint::ZERO, &self.rest(&x));
        self.is_other_curve(&b).then_some(Point {
            x,
            y: BigUint::ZERO,
            #[cfg(test)]
            b,
        })
    }

    /// Points of order 3 are the roots of the division polynomial 3x⁴ + 6ax² + 12b'x - a². It
    /// gives b' for each x; y there is if x³ + ax + b' is a square.
    fn order_3(&self, x: BigUint) -> Option<Point> {
        let square = &x * &x % &self.p;
        let known = (3_u8 * &square * &square + 6_u8 * &self.a * &square) % &self.p;
        let inverse = self.inverse(&(12_u8 * &x))?;
        let b = self.minus(&(&self.a * &self.a), &known) * inverse % &self.p;
        let y2 = (self.rest(&x) + &b) % &self.p;
        // p = 3 mod 4, so this is a root if there is one.
        let y = y2.modpow(&((&self.p + 1_u8) >> 2_u8), &self.p);
        let is_root = &y * &y % &self.p == y2 && y != BigUint::ZERO;
        (is_root && self.is_other_curve(&b)).then_some(Point {
            x,
            y,
            #[cfg(test)]
            b,
        })
    }

    /// True if it is a curve (4a³ + 27b² is not zero), and not P-256.
    fn is_other_curve(&self, b: &BigUint) -> bool {
        let discriminant = (4_u8 * &self.a * &self.a * &self.a + 27_u8 * b * b) % &self.p;
        *b != self.b && discriminant != BigUint::ZERO
    }

    /// x³ + ax.
    fn rest(&self, x: &BigUint) -> BigUint {
        (x * x * x + &self.a * x) % &self.p
    }

    fn minus(&self, one: &BigUint, other: &BigUint) -> BigUint {
        (one % &self.p + &self.p - other % &self.p) % &self.p
    }

    fn inverse(&self, number: &BigUint) -> Option<BigUint> {
        let number = number % &self.p;
        (number != BigUint::ZERO).then(|| number.modpow(&(&self.p - 2_u8), &self.p))
    }
}

#[cfg(test)]
mod tests {
    use super::super::reaction::testing::{Server, alert, at_last_step, refused};
    use super::*;
    use crate::legacy::{Heard, Talk};
    use crate::probe::End;
    use crate::wire::Version;

    const ECDHE: u32 = 0xc02f;

    fn is_on(field: &Field, point: &Point, b: &BigUint) -> bool {
        &point.y * &point.y % &field.p == (field.rest(&point.x) + b) % &field.p
    }

    /// The point added to itself, which never looks at the last coefficient; `None`: infinity.
    fn doubled(field: &Field, point: &Point) -> Option<(BigUint, BigUint)> {
        let over = 3_u8 * &point.x * &point.x + &field.a;
        let slope = over * field.inverse(&(2_u8 * &point.y))? % &field.p;
        let x = field.minus(&(&slope * &slope), &(2_u8 * &point.x));
        let y = field.minus(&(&slope * field.minus(&point.x, &x)), &point.y);
        Some((x, y))
    }

    #[test]
    fn the_field_is_that_of_p256() {
        let field = Field::p256();
        // The base point of P-256 (SP 800-186 section 3.2.1.3).
        let number = |hex: &[u8]| BigUint::parse_bytes(hex, 16).unwrap();
        let base = Point {
            x: number(b"6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
            y: number(b"4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"),
            b: field.b.clone(),
        };
        assert!(is_on(&field, &base, &base.b));
    }

    #[test]
    fn a_point_of_order_3_doubles_to_its_inverse() {
        let field = Field::p256();
        for seed in [[0; 32], [1; 32], [0xff; 32], [0x5a; 32]] {
            let point = field.stray(Order::Three, &seed).unwrap();
            assert!(is_on(&field, &point, &point.b));
            assert!(!is_on(&field, &point, &field.b));
            let (x, y) = doubled(&field, &point).unwrap();
            assert_eq!((&x, y), (&point.x, &field.p - &point.y));
            assert_eq!(point.encoded().len(), 1 + 2 * WIDTH);
        }
    }

    #[test]
    fn a_point_of_order_2_doubles_to_infinity() {
        let field = Field::p256();
        let point = field.stray(Order::Two, &[7; 32]).unwrap();
        assert!(is_on(&field, &point, &point.b));
        assert!(!is_on(&field, &point, &field.b));
        assert_eq!(doubled(&field, &point), None);
    }

    #[test]
    fn numbers_have_the_width_of_a_coordinate() {
        assert_eq!(fixed(&BigUint::from(5_u8)).len(), WIDTH);
        assert_eq!(fixed(&BigUint::ZERO), vec![0; WIDTH]);
    }

    fn ask(suite: u32, answer: impl FnMut(&Talk) -> (Heard, End)) -> (Shown<()>, usize) {
        let server = Server::new(Version::TLS12, &[suite]);
        let known = server.known();
        server.run(invalid_curve(&known), answer)
    }

    #[test]
    fn a_point_that_is_refused_each_time_is_refused() {
        let (shown, asked) = ask(ECDHE, |talk| {
            let groups = Ext::Groups(vec![Group::SECP256R1]);
            assert_eq!(talk.hello.extension(Extension::SUPPORTED_GROUPS), Some(&groups));
            assert_eq!(talk.steps.len(), LISTENS + 1);
            (at_last_step(talk, &[alert(47)]), End::Closed)
        });
        assert!(shown.fact.is_no());
        assert_eq!(asked, 2);
        assert_eq!(
            shown.evidence.as_deref(),
            Some("point of order 3, point of order 2: alert illegal_parameter, closed")
        );
    }

    #[test]
    fn a_handshake_that_only_fails_at_its_end_decides_nothing() {
        let (shown, _) = ask(ECDHE, |talk| (at_last_step(talk, &[alert(20)]), End::Closed));
        assert_eq!(shown.fact.seen, Fact::<()>::unknown(Why::Inconsistent, []).seen);
    }

    #[test]
    fn one_completed_handshake_shows_it() {
        let mut count = 0;
        let (shown, _) = ask(ECDHE, |talk| {
            count += 1;
            if count == 2 {
                return (Heard { handshakes: 1, ..at_last_step(talk, &[]) }, End::Enough);
            }
            (at_last_step(talk, &[alert(20)]), End::Closed)
        });
        assert!(shown.fact.is_yes());
    }

    #[test]
    fn silence_decides_nothing() {
        let (shown, _) = ask(ECDHE, |talk| (at_last_step(talk, &[]), End::Silent));
        assert_eq!(shown.fact.seen, Fact::<()>::unknown(Why::Timeout, []).seen);
    }

    #[test]
    fn where_the_group_or_the_key_exchange_is_not_spoken_there_is_no_question() {
        let (shown, _) = ask(ECDHE, refused);
        assert_eq!(shown.fact.seen, Fact::<()>::unknown(Why::NotApplicable, []).seen);
        let (shown, asked) = ask(0x002f, refused);
        assert_eq!(shown.fact, Fact::unknown(Why::NotApplicable, []));
        assert_eq!(asked, 0);
    }
}
