//! Pictures of the screen: a drawn buffer becomes SVG, SVG becomes PNG, several become an animated GIF.
//! The same buffer gives the same bytes everywhere: the fonts are in this folder and no other is asked.
//! Knows nothing of the console; `screenshots.rs` says what is shown.

mod cmap;
mod gif;
mod glyph;
mod svg;

use std::path::Path;
use std::sync::{Arc, LazyLock};

use ratatui::buffer::Buffer;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

pub(crate) use gif::gif;
pub(crate) use svg::svg;

const REGULAR: &[u8] = include_bytes!("fonts/JetBrainsMono-Regular.ttf");
const BOLD: &[u8] = include_bytes!("fonts/JetBrainsMono-Bold.ttf");
const FAMILY: &str = "JetBrains Mono";

static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(REGULAR.to_vec());
    fonts.load_font_data(BOLD.to_vec());
    Arc::new(fonts)
});

/// The PNG of an SVG made by [`svg`].
pub(crate) fn png(svg: &str) -> Vec<u8> {
    pixels(svg).encode_png().expect("a pixmap has a PNG")
}

/// Compares a picture with the committed one of that name in `screenshots/`, or, with
/// `SAGEDECK_BLESS=1` in the environment, replaces it.
pub(crate) fn keep(name: &str, bytes: &[u8]) {
    let is_blessing = std::env::var_os("SAGEDECK_BLESS").is_some_and(|value| value == "1");
    keep_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots"), name, bytes, is_blessing);
}

/// The characters of a buffer that would come out as empty boxes.
pub(crate) fn unpaintable(buffer: &Buffer) -> Vec<char> {
    let mut found: Vec<char> = buffer
        .content()
        .iter()
        .flat_map(|cell| cell.symbol().chars())
        .filter(|&character| !glyph::is_drawn(character) && !cmap::has(REGULAR, character))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn keep_in(folder: &Path, name: &str, bytes: &[u8], is_blessing: bool) {
    let path = folder.join(name);
    if is_blessing {
        std::fs::create_dir_all(folder).expect("the folder of the pictures can be made");
        std::fs::write(&path, bytes).expect("the picture can be written");
        return;
    }
    // Other processors may round the edge of a letter otherwise; one kind is enough to notice a change.
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return;
    }
    // A picture that is not there is one that differs.
    let committed = std::fs::read(&path).unwrap_or_default();
    assert!(
        committed == bytes,
        "screenshots/{name} is not what the program draws; `SAGEDECK_BLESS=1 cargo test --test it screenshots` \
         draws it anew"
    );
}

fn pixels(svg: &str) -> Pixmap {
    let options =
        Options { fontdb: Arc::clone(&FONTS), font_family: FAMILY.to_owned(), ..Options::default() };
    let tree = Tree::from_str(svg, &options).expect("our SVG parses");
    let size = tree.size().to_int_size();
    let mut pixmap = Pixmap::new(size.width(), size.height()).expect("a picture has a size");
    resvg::render(&tree, Transform::identity(), &mut pixmap.as_mut());
    pixmap
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::{Color, Modifier, Style};
    use sagedeck::ui::theme::{Catalogue, Depth, Role, SymbolSet};

    use super::*;

    fn sample() -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 24, 5));
        let ground = Style::new().fg(Color::Rgb(217, 224, 234)).bg(Color::Rgb(17, 22, 29));
        buffer.set_style(buffer.area, ground);
        buffer.set_string(0, 0, "╭──────────┬─────────╮", Style::new());
        buffer.set_string(0, 1, "│ -> != <& │●◐○▁▄█░⠹│", Style::new());
        buffer.set_string(0, 2, "╰──────────┴─────────╯", Style::new());
        buffer.set_string(0, 3, "bold", Style::new().fg(Color::LightRed).add_modifier(Modifier::BOLD));
        buffer.set_string(6, 3, "under", Style::new().add_modifier(Modifier::UNDERLINED));
        buffer.set_string(13, 3, "reversed", Style::new().add_modifier(Modifier::REVERSED));
        buffer.set_string(0, 4, "wide 漢 cell", Style::new().bg(Color::Blue));
        buffer
    }

    #[test]
    fn the_same_buffer_gives_the_same_bytes() {
        let one = svg(&sample(), "sample");
        assert_eq!(one, svg(&sample(), "sample"));
        assert_eq!(png(&one), png(&one));
        let frames = [(one.clone(), 50), (one.clone(), 50)];
        assert_eq!(gif(&frames), gif(&frames));
    }

    #[test]
    fn text_stays_text_and_lines_become_shapes() {
        let picture = svg(&sample(), "a <title>");
        assert!(picture.contains("a &lt;title&gt;"));
        assert!(picture.contains("&lt;&amp;"));
        assert!(!picture.contains('─') && !picture.contains('⠹') && !picture.contains('█'));
    }

    #[test]
    fn the_ground_fills_the_picture_and_text_is_painted_on_it() {
        let pixmap = pixels(&svg(&sample(), "sample"));
        let ground = pixmap.pixel(40, pixmap.height() - 4).expect("inside");
        assert_eq!((ground.red(), ground.green(), ground.blue()), (17, 22, 29));
        let other = pixmap.pixels().iter().filter(|pixel| **pixel != ground).count();
        assert!(other > 2_000, "only {other} pixels differ from the ground");
    }

    #[test]
    fn every_glyph_of_the_program_is_paintable() {
        for set in [SymbolSet::Unicode, SymbolSet::Ascii] {
            for symbol in set.symbols().all() {
                let mut buffer = Buffer::empty(Rect::new(0, 0, 1, 1));
                buffer.set_string(0, 0, symbol, Style::new());
                assert_eq!(unpaintable(&buffer), Vec::<char>::new(), "{symbol}");
            }
        }
        assert_eq!(unpaintable(&sample()), ['漢']);
    }

    #[test]
    fn each_theme_shows_its_own_ground() {
        let catalogue = Catalogue::default();
        let theme = catalogue.theme("nord", Depth::TrueColor).expect("nord loads");
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 1));
        buffer.set_style(buffer.area, theme.style(Role::Bg));
        assert!(svg(&buffer, "").contains("#2e3440"));
    }

    #[test]
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    fn a_picture_is_kept_only_when_asked_and_a_differing_one_is_told_of() {
        let folder = tempfile::tempdir().expect("a folder");
        let differs = |bytes: &[u8]| {
            std::panic::catch_unwind(|| keep_in(folder.path(), "one.png", bytes, false)).is_err()
        };
        assert!(differs(b"new"), "it is not there yet");
        keep_in(folder.path(), "one.png", b"new", true);
        assert!(!differs(b"new"));
        assert!(differs(b"newer"));
    }

    #[test]
    fn a_moving_picture_has_its_frames_and_repeats_for_ever() {
        let first = svg(&sample(), "one");
        let mut buffer = sample();
        buffer.set_string(0, 3, "else", Style::new());
        let bytes = gif(&[(first.clone(), 100), (svg(&buffer, "one"), 20), (first, 30)]);
        let mut options = ::gif::DecodeOptions::new();
        options.set_color_output(::gif::ColorOutput::Indexed);
        let mut decoder = options.read_info(bytes.as_slice()).expect("a GIF");
        assert_eq!(decoder.repeat(), ::gif::Repeat::Infinite);
        let mut frames = Vec::new();
        while let Some(frame) = decoder.read_next_frame().expect("a frame") {
            frames.push((frame.delay, frame.width, frame.height));
        }
        let delays: Vec<u16> = frames.iter().map(|frame| frame.0).collect();
        assert_eq!(delays, [100, 20, 30]);
        assert!(frames[1].2 < frames[0].2 / 2, "only what changed is kept: {frames:?}");
    }
}
