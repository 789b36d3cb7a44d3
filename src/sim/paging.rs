//! Pages and their tokens. A token is opaque and good only for the request that it came from:
//! it carries where to resume and a seal over that and the other members of the request.

use serde_json::Value;

use super::clock::Millis;
use super::context::{Context, Object};
use super::rng::Rng;
use super::wire::Refusal;
use super::world::{Id, Row, Table};

/// Page size when `MaxResults` is absent (aws.md 2).
const DEFAULT_SIZE: usize = 10;
/// How many rows are looked at for one page: beyond it the page is short, as AWS reserves to do.
const SCAN_LIMIT: usize = 5_000;

/// One page of a listing: how long it may be and where it begins.
pub(super) struct Pager {
    size: usize,
    is_sized: bool,
    seal: u64,
    after: Option<(i64, String)>,
}

impl Pager {
    /// Reads `MaxResults` and `NextToken`.
    pub(super) fn of(context: &Context<'_>) -> Result<Self, Refusal> {
        let pager = Self::from_token(context, "NextToken", DEFAULT_SIZE);
        pager.ok_or_else(|| Refusal::validation("Invalid NextToken."))
    }

    /// Reads `MaxResults`, with a default, and the token, by the name it has; `None` if that is none of ours.
    pub(super) fn from_token(context: &Context<'_>, token: &str, size: usize) -> Option<Self> {
        let asked = context.request.get("MaxResults").and_then(Value::as_u64);
        let seal = fingerprint(context);
        let after = match context.text(token) {
            None => None,
            Some(token) => Some(open(token, seal)?),
        };
        let is_sized = asked.is_some();
        Some(Self { size: asked.map_or(size, |asked| asked as usize), is_sized, seal, after })
    }

    /// The same page, of another size if none was asked for.
    pub(super) fn or_of(self, size: usize) -> Self {
        Self { size: if self.is_sized { self.size } else { size }, ..self }
    }

    fn reply(&self, list: &str, rows: Vec<Value>, next: Option<(i64, String)>) -> Value {
        let token = next.map(|(number, text)| close(number, &text, self.seal));
        Object::new().with(list, rows).maybe("NextToken", token).build()
    }

    /// The page of a table, in order of creation or of another time.
    pub(super) fn table<T: Row>(
        &self,
        list: &str,
        table: &Table<T>,
        order: &Order<'_, T>,
        keep: impl Fn(&T) -> bool,
        show: impl Fn(&T) -> Value,
    ) -> Value {
        let after = self.after.as_ref().and_then(|(number, text)| Some((*number, text.parse::<Id>().ok()?)));
        if let Some(time) = order.by {
            return self.by_time(list, table, order, time, after, keep, show);
        }
        let mut rows = Vec::with_capacity(self.size);
        let mut last = None;
        for (scanned, (id, row)) in table.listing(order.domain, after, order.descending).enumerate() {
            let kept = keep(row);
            if scanned == SCAN_LIMIT || (kept && rows.len() == self.size) {
                return self.reply(list, rows, last);
            }
            last = Some((row.created(), id.to_string()));
            if kept {
                rows.push(show(row));
            }
        }
        self.reply(list, rows, None)
    }

    /// Only the rows of the page are sorted, however long the table is.
    #[expect(clippy::too_many_arguments, reason = "one caller, which has them all at hand")]
    fn by_time<T: Row>(
        &self,
        list: &str,
        table: &Table<T>,
        order: &Order<'_, T>,
        time: fn(&T) -> Millis,
        after: Option<(Millis, Id)>,
        keep: impl Fn(&T) -> bool,
        show: impl Fn(&T) -> Value,
    ) -> Value {
        let beyond = |position: (Millis, Id)| match after {
            None => true,
            Some(after) if order.descending => position < after,
            Some(after) => position > after,
        };
        let directed = |left: &(Millis, Id), right: &(Millis, Id)| {
            if order.descending { right.cmp(left) } else { left.cmp(right) }
        };
        let mut positions: Vec<(Millis, Id)> = table
            .listing(order.domain, None, false)
            .filter(|(_, row)| keep(row))
            .map(|(id, row)| (time(row), id))
            .filter(|position| beyond(*position))
            .collect();
        let more = positions.len() > self.size;
        if more {
            positions.select_nth_unstable_by(self.size, directed);
            positions.truncate(self.size);
        }
        positions.sort_unstable_by(directed);
        let next = positions.last().filter(|_| more).map(|(at, id)| (*at, id.to_string()));
        let rows = positions.iter().filter_map(|(_, id)| table.get(*id)).map(show).collect();
        self.reply(list, rows, next)
    }

    /// The page of a short list, given with what it is sorted by.
    pub(super) fn sorted(&self, list: &str, rows: Vec<((i64, String), Value)>, descending: bool) -> Value {
        let (rows, token) = self.cut(rows, descending);
        Object::new().with(list, rows).maybe("NextToken", token).build()
    }

    /// The rows of the page of a short list, and the token of the next page.
    pub(super) fn cut<T>(
        &self,
        mut rows: Vec<((i64, String), T)>,
        descending: bool,
    ) -> (Vec<T>, Option<String>) {
        rows.sort_by(|(left, _), (right, _)| left.cmp(right));
        if descending {
            rows.reverse();
        }
        if let Some(after) = &self.after {
            rows.retain(|(key, _)| if descending { key < after } else { key > after });
        }
        let next = (rows.len() > self.size).then(|| rows[self.size - 1].0.clone());
        rows.truncate(self.size);
        let token = next.map(|(number, text)| close(number, &text, self.seal));
        (rows.into_iter().map(|(_, row)| row).collect(), token)
    }
}

/// Which rows of a table, in which order.
pub(super) struct Order<'a, T> {
    /// Only those of a domain.
    pub(super) domain: Option<&'a str>,
    /// By another time than that of creation.
    pub(super) by: Option<fn(&T) -> Millis>,
    /// Latest first.
    pub(super) descending: bool,
}

fn fnv(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// What makes two requests the same listing: all but the page's size and beginning.
fn fingerprint(context: &Context<'_>) -> u64 {
    let mut members: Vec<String> = context
        .request
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, value)| {
            !matches!(name.as_str(), "NextToken" | "NextPageToken" | "MaxResults") && !value.is_null()
        })
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    members.sort_unstable();
    let scope = context.call.scope;
    fnv(format!("{} {} {} {members:?}", context.call.operation, scope.account, scope.region).as_bytes())
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Writes a token: check sum and position, veiled by a key stream so that nobody reads it.
fn close(number: i64, text: &str, seal: u64) -> String {
    let position = format!("{number}:{text}");
    let sum = fnv(position.as_bytes()) ^ seal;
    let mut bytes = sum.to_be_bytes().to_vec();
    bytes.extend(veil(position.as_bytes(), sum));
    let mut token = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk
            .iter()
            .enumerate()
            .fold(0_u32, |group, (at, byte)| group | u32::from(*byte) << (16 - 8 * at));
        for digit in 0..=chunk.len() {
            token.push(char::from(ALPHABET[(group >> (18 - 6 * digit)) as usize & 63]));
        }
    }
    token
}

fn open(token: &str, seal: u64) -> Option<(i64, String)> {
    let mut bytes = Vec::new();
    for chunk in token.as_bytes().chunks(4) {
        let mut group = 0_u32;
        for (at, letter) in chunk.iter().enumerate() {
            let digit = ALPHABET.iter().position(|other| other == letter)?;
            group |= (digit as u32) << (18 - 6 * at);
        }
        bytes.extend(group.to_be_bytes().get(1..chunk.len())?);
    }
    let (sum, veiled) = bytes.split_first_chunk::<8>()?;
    let sum = u64::from_be_bytes(*sum);
    let position = veil(veiled, sum);
    if fnv(&position) ^ seal != sum {
        return None;
    }
    let position = String::from_utf8(position).ok()?;
    let (number, text) = position.split_once(':')?;
    let opened = (number.parse().ok()?, text.to_owned());
    // Only the spelling that was given out: the last letter of a token has bits to spare.
    (close(opened.0, &opened.1, seal) == token).then_some(opened)
}

fn veil(bytes: &[u8], key: u64) -> Vec<u8> {
    let mut stream = Rng::new(key);
    bytes.iter().map(|byte| byte ^ (stream.next_u64() as u8)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_only_with_its_own_seal_and_unmangled() {
        for text in ["", "1", "22", "a-name"] {
            let token = close(1_700_000_000_123, text, 42);
            assert_eq!(open(&token, 42), Some((1_700_000_000_123, text.to_owned())));
            assert_eq!(open(&token, 43), None);
            for at in 0..token.len() {
                let mut mangled = token.clone().into_bytes();
                mangled[at] = if mangled[at] == b'A' { b'B' } else { b'A' };
                assert_eq!(open(&String::from_utf8(mangled).unwrap(), 42), None, "letter {at} of {token}");
            }
        }
        for nonsense in ["", "x", "nextToken", "ä", "AAAAAAAAAAAAAAAA"] {
            assert_eq!(open(nonsense, 42), None);
        }
    }
}
