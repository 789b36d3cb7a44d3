//! Whether a TrueType font has a character: reads the `cmap` table, segment format 4, and nothing else.

/// Whether `font` has a glyph for `character`, which must be of the basic plane.
pub(crate) fn has(font: &[u8], character: char) -> bool {
    u16::try_from(u32::from(character)).is_ok_and(|code| lookup(font, code).unwrap_or(false))
}

fn lookup(font: &[u8], code: u16) -> Option<bool> {
    let cmap = table(font, *b"cmap")?;
    let subtables = usize::from(u16_at(cmap, 2)?);
    for index in 0..subtables {
        let record = 4 + index * 8;
        let subtable = cmap.get(u32_at(cmap, record + 4)?..)?;
        if u16_at(subtable, 0)? == 4 {
            return segment(subtable, code);
        }
    }
    None
}

/// The tables of `OpenType`, "cmap format 4": parallel arrays of segment ends, starts, deltas and offsets.
fn segment(subtable: &[u8], code: u16) -> Option<bool> {
    let bytes = usize::from(u16_at(subtable, 6)?);
    let (ends, starts, deltas, offsets) = (14, 16 + bytes, 16 + 2 * bytes, 16 + 3 * bytes);
    for at in (0..bytes).step_by(2) {
        if u16_at(subtable, ends + at)? < code {
            continue;
        }
        let start = u16_at(subtable, starts + at)?;
        if start > code {
            return Some(false);
        }
        let delta = u16_at(subtable, deltas + at)?;
        let offset = usize::from(u16_at(subtable, offsets + at)?);
        if offset == 0 {
            return Some(code.wrapping_add(delta) != 0);
        }
        let glyph = offsets + at + offset + 2 * usize::from(code - start);
        return Some(u16_at(subtable, glyph)? != 0);
    }
    Some(false)
}

fn table(font: &[u8], tag: [u8; 4]) -> Option<&[u8]> {
    let tables = usize::from(u16_at(font, 4)?);
    (0..tables).map(|index| 12 + index * 16).find_map(|record| {
        let name = font.get(record..record + 4)?;
        if name == tag.as_slice() { font.get(u32_at(font, record + 8)?..) } else { None }
    })
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?)).ok()
}
