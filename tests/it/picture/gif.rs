//! Pictures one after the other as an animated GIF. After the first, a frame holds only what changed.

use gif::{DisposalMethod, Encoder, Frame, Repeat};
use resvg::tiny_skia::Pixmap;

/// The moving picture of SVGs made by [`super::svg`], all of one size, each with how long it is shown, in
/// hundredths of a second; it repeats for ever.
pub(crate) fn gif(frames: &[(String, u16)]) -> Vec<u8> {
    let pictures: Vec<(Pixmap, u16)> =
        frames.iter().map(|(svg, delay)| (super::pixels(svg), *delay)).collect();
    let (first, _) = pictures.first().expect("a moving picture has a frame");
    let (width, height) = (side(first.width()), side(first.height()));
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width, height, &[]).expect("a GIF has a header");
    encoder.set_repeat(Repeat::Infinite).expect("a GIF may repeat");
    let mut before: Option<&Pixmap> = None;
    for (picture, delay) in &pictures {
        let area = changed(before, picture);
        let mut pixels = cut(picture, area);
        let mut frame = Frame::from_rgba_speed(area.width, area.height, &mut pixels, 10);
        (frame.left, frame.top, frame.delay, frame.dispose) = (area.x, area.y, *delay, DisposalMethod::Keep);
        encoder.write_frame(&frame).expect("a frame can be written");
        before = Some(picture);
    }
    drop(encoder);
    bytes
}

#[derive(Clone, Copy)]
struct Area {
    x: u16,
    y: u16,
    width: u16,
    height: u16,
}

/// The smallest rectangle outside which both pictures are the same; one pixel if they are the same.
fn changed(before: Option<&Pixmap>, now: &Pixmap) -> Area {
    let whole = Area { x: 0, y: 0, width: side(now.width()), height: side(now.height()) };
    let Some(before) = before else { return whole };
    assert_eq!((before.width(), before.height()), (now.width(), now.height()), "frames are of one size");
    let (mut left, mut top, mut right, mut bottom) = (u16::MAX, u16::MAX, 0, 0);
    for y in 0..whole.height {
        for x in 0..whole.width {
            if before.pixel(x.into(), y.into()) != now.pixel(x.into(), y.into()) {
                (left, top) = (left.min(x), top.min(y));
                (right, bottom) = (right.max(x), bottom.max(y));
            }
        }
    }
    if left > right {
        return Area { x: 0, y: 0, width: 1, height: 1 };
    }
    Area { x: left, y: top, width: right - left + 1, height: bottom - top + 1 }
}

/// The pixels of an area, made opaque: GIF has no half-transparent corner, so it lies on white.
fn cut(picture: &Pixmap, area: Area) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(usize::from(area.width) * usize::from(area.height) * 4);
    for y in area.y..area.y + area.height {
        for x in area.x..area.x + area.width {
            let pixel = picture.pixel(x.into(), y.into()).expect("the area is inside the picture");
            let white = u8::MAX - pixel.alpha();
            // The channels are premultiplied: adding the white that shows through makes them whole.
            pixels.extend([pixel.red() + white, pixel.green() + white, pixel.blue() + white, u8::MAX]);
        }
    }
    pixels
}

fn side(length: u32) -> u16 {
    u16::try_from(length).expect("a GIF is at most 65,535 pixels wide and high")
}
