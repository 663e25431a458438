//! Paints a scene onto a plotters backend.
//!
//! The backends count in whole pixels, so both are given a canvas several times
//! the size: the SVG shrinks it by its `viewBox`, the PNG by averaging.

use plotters::backend::DrawingBackend;
use plotters::prelude::{RGBAColor, RGBColor, SVGBackend, ShapeStyle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, FontTransform, TextStyle as PlottersText};

use super::palette::Colour;
use super::scene::{Anchor, Fill, Point, Scene, Shape, Stroke, TextStyle, Turn};
use super::{Format, PlotError};

/// Across, then down, in whole pixels of a backend.
type Pixel = (i32, i32);

/// Eighths of a logical pixel: finer than any eye, and still short numbers.
const SVG_SCALE: f64 = 8.0;
/// plotters gives sizes as line heights and writes 1/1.24 of them as `font-size`.
const SVG_LINE_EM: f64 = 1.24;

/// A line of more dashes than this, some five times across the widest frame, is drawn solid.
const DASHES_MAX: f64 = 800.0;

/// How a backend is to be addressed.
struct Surface {
    /// Backend pixels per logical pixel.
    scale: f64,
    /// Backend pixels of text size per pixel of em.
    line_em: f64,
    /// What to lower a vertically centred text by, in ems.
    drop_em: f64,
    /// Where the canvas of the backend begins and ends, in logical pixels down.
    window: (f64, f64),
    /// Whether strokes and areas are the backend's or ours.
    lines: Lines,
}

/// Who draws wide lines and areas.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lines {
    /// The backend, as one element each.
    Native,
    /// The painter, column by column and segment by segment: the polygon filler of
    /// the bitmap backend loses columns of shapes that double back.
    #[cfg(feature = "png")]
    Pieced,
}

/// The bytes of a scene in a format.
///
/// # Errors
/// When the format is not built in, or the backend fails.
pub(super) fn render(scene: &Scene, format: Format) -> Result<Vec<u8>, PlotError> {
    match format {
        Format::Svg => svg(scene),
        #[cfg(feature = "png")]
        Format::Png => bitmap::png(scene),
        #[cfg(not(feature = "png"))]
        Format::Png => Err(PlotError::NoPng),
    }
}

fn svg(scene: &Scene) -> Result<Vec<u8>, PlotError> {
    #[cfg(feature = "png")]
    super::font::register()?;
    let size = ((scene.width * SVG_SCALE) as u32, (scene.height * SVG_SCALE) as u32);
    let mut document = String::new();
    {
        let mut backend = SVGBackend::with_string(&mut document, size);
        let surface = Surface {
            scale: SVG_SCALE,
            line_em: SVG_LINE_EM,
            drop_em: 0.0,
            window: (0.0, scene.height),
            lines: Lines::Native,
        };
        surface.paint(scene, &mut backend)?;
        backend.present().map_err(failed)?;
    }
    let body = document.split_once('\n').map_or("", |(_, body)| body);
    let head = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"0 0 {} {}\" role=\"img\">\n\
         <title>{}</title>\n<desc>{}</desc>\n",
        scene.width,
        scene.height,
        size.0,
        size.1,
        escaped(&scene.title),
        escaped(&scene.description),
    );
    Ok((head + &merged(body)).into_bytes())
}

/// The elements of an SVG with neighbouring lines of one look joined into one path.
///
/// plotters knows no `stroke-dasharray`, so each dash is an element; joined they take a fifth of the room.
fn merged(body: &str) -> String {
    let mut done = String::with_capacity(body.len());
    let mut open: Option<&str> = None;
    for line in body.lines() {
        let polyline = line.strip_prefix("<polyline").and_then(|l| l.strip_suffix("\"/>"));
        let polyline = polyline.and_then(|l| l.split_once(" points=\""));
        if open.is_some() && open != polyline.map(|(look, _)| look) {
            done.push_str("\"/>\n");
            open = None;
        }
        if let Some((look, points)) = polyline {
            if open.is_none() {
                done.extend(["<path", look, " d=\""]);
                open = Some(look);
            }
            done.extend(["M", points.trim_end()]);
        } else {
            done.extend([line, "\n"]);
        }
    }
    done
}

/// Character data for XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn failed(error: impl std::fmt::Display) -> PlotError {
    PlotError::Backend(error.to_string())
}

impl Surface {
    fn paint<B: DrawingBackend>(&self, scene: &Scene, backend: &mut B) -> Result<(), PlotError> {
        let paper = style(super::palette::WHITE, 1.0, 1);
        let corner = self.at((scene.width, self.window.1));
        backend.draw_rect((0, 0), corner, &paper, true).map_err(failed)?;
        for shape in scene.shapes.iter().filter(|s| self.shows(s)) {
            match shape {
                Shape::Line { points, stroke } => self.line(backend, points, stroke),
                Shape::Area { upper, lower, fill } => self.area(backend, upper, lower, fill),
                Shape::Rect { from, to, fill } => {
                    let style = style(fill.colour, fill.opacity, 1);
                    backend.draw_rect(self.at(*from), self.at(*to), &style, true).map_err(failed)
                }
                Shape::Dot { at, radius, colour } => {
                    let radius = libm::round(radius * self.scale) as u32;
                    backend.draw_circle(self.at(*at), radius, &style(*colour, 1.0, 1), true).map_err(failed)
                }
                Shape::Text { at, text, style } => self.text(backend, *at, text, style),
            }?;
        }
        Ok(())
    }

    /// Whether any part of a shape may lie in the window.
    fn shows(&self, shape: &Shape) -> bool {
        let (top, bottom) = shape.reach();
        bottom >= self.window.0 && top <= self.window.1
    }

    /// A logical point in backend pixels.
    fn at(&self, point: Point) -> Pixel {
        let whole = |v: f64| libm::round(v * self.scale) as i32;
        (whole(point.0), whole(point.1) - whole(self.window.0))
    }

    fn line<B: DrawingBackend>(
        &self,
        backend: &mut B,
        points: &[Point],
        stroke: &Stroke,
    ) -> Result<(), PlotError> {
        let width = libm::round(stroke.width * self.scale).max(1.0) as u32;
        let style = style(stroke.colour, 1.0, width);
        for piece in dashes(points, stroke.dash.pattern()) {
            let piece: Vec<Pixel> = piece.iter().map(|p| self.at(*p)).collect();
            match self.lines {
                Lines::Native => backend.draw_path(piece, &style).map_err(failed)?,
                #[cfg(feature = "png")]
                Lines::Pieced => bitmap::stroke(backend, &piece, width, &style)?,
            }
        }
        Ok(())
    }

    fn area<B: DrawingBackend>(
        &self,
        backend: &mut B,
        upper: &[Point],
        lower: &[Point],
        fill: &Fill,
    ) -> Result<(), PlotError> {
        let style = style(fill.colour, fill.opacity, 1);
        let upper: Vec<Pixel> = upper.iter().map(|p| self.at(*p)).collect();
        let lower: Vec<Pixel> = lower.iter().map(|p| self.at(*p)).collect();
        match self.lines {
            Lines::Native => {
                let outline = upper.into_iter().chain(lower.into_iter().rev());
                backend.fill_polygon(outline, &style).map_err(failed)
            }
            #[cfg(feature = "png")]
            Lines::Pieced => bitmap::fill(backend, &upper, &lower, &style),
        }
    }

    fn text<B: DrawingBackend>(
        &self,
        backend: &mut B,
        at: Point,
        text: &str,
        style: &TextStyle,
    ) -> Result<(), PlotError> {
        let h_pos = match style.anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let drop = self.drop_em * style.size;
        let (turn, at) = match style.turn {
            Turn::Level => (FontTransform::None, (at.0, at.1 + drop)),
            Turn::Upwards => (FontTransform::Rotate270, (at.0 + drop, at.1)),
        };
        let size = style.size * self.scale * self.line_em;
        let font = FontDesc::new(FontFamily::SansSerif, size, FontStyle::Normal).transform(turn);
        let Colour(r, g, b) = style.colour;
        let colour = RGBColor(r, g, b);
        let look = PlottersText::from(font).color(&colour).pos(Pos::new(h_pos, VPos::Center));
        backend.draw_text(text, &look, self.at(at)).map_err(failed)
    }
}

fn style(colour: Colour, opacity: f64, stroke_width: u32) -> ShapeStyle {
    let Colour(r, g, b) = colour;
    let color: RGBAColor = RGBColor(r, g, b).mix(opacity);
    ShapeStyle { color, filled: true, stroke_width }
}

/// Cuts a line into its dashes; `pattern` has lengths of ink and gap in turn.
///
/// A line so ragged that its dashes would run together stays whole.
fn dashes(points: &[Point], pattern: &[f64]) -> Vec<Vec<Point>> {
    let length: f64 = points.windows(2).map(|w| distance(w[0], w[1])).sum();
    if pattern.is_empty() || length / pattern.iter().sum::<f64>() > DASHES_MAX {
        return vec![points.to_vec()];
    }
    let mut done: Vec<Vec<Point>> = Vec::new();
    let mut dash: Vec<Point> = points.first().copied().into_iter().collect();
    let (mut phase, mut left) = (0, pattern[0]);
    for pair in points.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let length = distance(from, to);
        let mut gone = 0.0;
        while length - gone > left {
            gone += left;
            let along = gone / length;
            let turn = (from.0 + (to.0 - from.0) * along, from.1 + (to.1 - from.1) * along);
            if phase % 2 == 0 {
                dash.push(turn);
                done.push(std::mem::take(&mut dash));
            } else {
                dash = vec![turn];
            }
            phase = (phase + 1) % pattern.len();
            left = pattern[phase];
        }
        left -= length - gone;
        if phase % 2 == 0 {
            dash.push(to);
        }
    }
    if dash.len() > 1 {
        done.push(dash);
    }
    done
}

fn distance(a: Point, b: Point) -> f64 {
    libm::hypot(b.0 - a.0, b.1 - a.1)
}

#[cfg(feature = "png")]
mod bitmap {
    //! What only the bitmap needs.

    use plotters::backend::DrawingBackend;
    use plotters::prelude::{BitMapBackend, ShapeStyle};

    use super::{Lines, Pixel, PlotError, Scene, Surface, failed};
    use crate::report::plots::font;

    /// Pixels of the picture per logical pixel, for screens of high density.
    const DENSITY: usize = 2;
    /// Pixels painted per pixel of the picture, each way; their mean smooths the edges.
    const OVERSAMPLING: usize = 2;
    /// Height painted at a time, in logical pixels: a picture of thousands would take gigabytes at once.
    const STRIP: usize = 1024;
    /// Where plotters puts a centred line in Roboto, against where an SVG has it.
    const DROP_EM: f64 = 0.16;

    pub(super) fn png(scene: &Scene) -> Result<Vec<u8>, PlotError> {
        let (w, h) = (scene.width as usize, scene.height as usize);
        encoded(&pixels(scene, STRIP)?, w * DENSITY, h * DENSITY)
    }

    /// The pixels of the picture, painted in strips of some logical pixels in height.
    pub(super) fn pixels(scene: &Scene, strip: usize) -> Result<Vec<u8>, PlotError> {
        font::register()?;
        let factor = DENSITY * OVERSAMPLING;
        let (width, height) = (scene.width as usize * factor, scene.height as usize);
        let mut done = Vec::with_capacity(width * height * DENSITY * 3 / OVERSAMPLING);
        for top in (0..height).step_by(strip) {
            let bottom = (top + strip).min(height);
            let rows = (bottom - top) * factor;
            let mut pixels = vec![0; width * rows * 3];
            {
                let mut backend = BitMapBackend::with_buffer(&mut pixels, (width as u32, rows as u32));
                let surface = Surface {
                    scale: factor as f64,
                    line_em: font::LINE_EM,
                    drop_em: DROP_EM,
                    window: (top as f64, bottom as f64),
                    lines: Lines::Pieced,
                };
                surface.paint(scene, &mut backend)?;
                backend.present().map_err(failed)?;
            }
            done.append(&mut averaged(&pixels, width));
        }
        Ok(done)
    }

    /// The mean of each square of `OVERSAMPLING` by `OVERSAMPLING` pixels.
    fn averaged(pixels: &[u8], width: usize) -> Vec<u8> {
        let squares = (OVERSAMPLING * OVERSAMPLING) as u32;
        let mut small = Vec::with_capacity(pixels.len() / squares as usize);
        for rows in pixels.chunks_exact(width * 3 * OVERSAMPLING) {
            for x in 0..width / OVERSAMPLING {
                for channel in 0..3 {
                    let sum: u32 = (0..OVERSAMPLING * OVERSAMPLING)
                        .map(|i| {
                            let column = x * OVERSAMPLING + i % OVERSAMPLING;
                            u32::from(rows[((i / OVERSAMPLING) * width + column) * 3 + channel])
                        })
                        .sum();
                    small.push(((sum + squares / 2) / squares) as u8);
                }
            }
        }
        small
    }

    fn encoded(pixels: &[u8], width: usize, height: usize) -> Result<Vec<u8>, PlotError> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::Balanced);
        let mut writer = encoder.write_header().map_err(failed)?;
        writer.write_image_data(pixels).map_err(failed)?;
        writer.finish().map_err(failed)?;
        Ok(bytes)
    }

    /// A wide line as one rectangle per segment with round joins.
    pub(super) fn stroke<B: DrawingBackend>(
        backend: &mut B,
        points: &[Pixel],
        width: u32,
        style: &ShapeStyle,
    ) -> Result<(), PlotError> {
        for pair in points.windows(2) {
            backend.fill_polygon(quad(pair[0], pair[1], f64::from(width)), style).map_err(failed)?;
        }
        for joint in points.iter().skip(1).take(points.len().saturating_sub(2)) {
            backend.draw_circle(*joint, width / 2, style, true).map_err(failed)?;
        }
        Ok(())
    }

    /// The rectangle of the given width around a segment.
    fn quad(from: Pixel, to: Pixel, width: f64) -> [Pixel; 4] {
        let (dx, dy) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
        let length = libm::hypot(dx, dy).max(1.0);
        let aside = (-dy / length * width / 2.0, dx / length * width / 2.0);
        let corner = |p: Pixel, side: f64| {
            let x = libm::round(f64::from(p.0) + side * aside.0);
            let y = libm::round(f64::from(p.1) + side * aside.1);
            (x as i32, y as i32)
        };
        [corner(from, 1.0), corner(to, 1.0), corner(to, -1.0), corner(from, -1.0)]
    }

    /// What lies between two edges, column by column.
    pub(super) fn fill<B: DrawingBackend>(
        backend: &mut B,
        upper: &[Pixel],
        lower: &[Pixel],
        style: &ShapeStyle,
    ) -> Result<(), PlotError> {
        let (Some(first), Some(last)) = (upper.first(), upper.last()) else { return Ok(()) };
        let (mut top, mut bottom) = (Edge::new(upper), Edge::new(lower));
        for x in first.0..last.0 {
            let (y0, y1) = (top.at(x), bottom.at(x));
            if y0 < y1 {
                backend.draw_rect((x, y0), (x + 1, y1), style, true).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// Reads an edge from left to right.
    struct Edge<'a> {
        points: &'a [Pixel],
    }

    impl<'a> Edge<'a> {
        fn new(points: &'a [Pixel]) -> Self {
            Self { points }
        }

        /// Height at column `x`; columns must be asked for in order.
        fn at(&mut self, x: i32) -> i32 {
            while let [_, next, _, ..] = self.points
                && next.0 <= x
            {
                self.points = &self.points[1..];
            }
            match self.points {
                [a, b, ..] if b.0 > a.0 => {
                    let along = f64::from(x - a.0) / f64::from(b.0 - a.0);
                    let y = f64::from(a.1) + f64::from(b.1 - a.1) * along.clamp(0.0, 1.0);
                    libm::round(y) as i32
                }
                [.., last] => last.1,
                [] => 0,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dashed_line_is_as_long_as_its_share_of_ink() {
        let line = [(0.0, 0.0), (30.0, 40.0), (30.0, 90.0)];
        let pieces = dashes(&line, &[4.0, 1.0]);
        let length = |p: &[Point]| p.windows(2).map(|w| distance(w[0], w[1])).sum::<f64>();
        let ink: f64 = pieces.iter().map(|p| length(p)).sum();
        assert_eq!(pieces.len(), 20);
        assert!((ink - 80.0).abs() < 1e-9, "{ink}");
    }

    #[test]
    fn a_dash_turns_the_corners_of_its_line() {
        let pieces = dashes(&[(0.0, 0.0), (3.0, 0.0), (3.0, 3.0)], &[5.0, 2.0]);
        assert_eq!(pieces, [vec![(0.0, 0.0), (3.0, 0.0), (3.0, 2.0)]]);
    }

    #[test]
    fn a_line_too_ragged_for_dashes_stays_whole() {
        let ragged: Vec<Point> = (0..600).map(|i| (f64::from(i), f64::from(i % 2 * 100))).collect();
        assert_eq!(dashes(&ragged, &[1.5, 3.0]), [ragged]);
    }

    #[test]
    fn dashes_of_one_look_become_one_path() {
        let body = "<rect x=\"1\"/>\n<polyline stroke=\"a\" points=\"1,2 3,4 \"/>\n\
                    <polyline stroke=\"a\" points=\"5,6 7,8 \"/>\n<polyline stroke=\"b\" points=\"0,0 1,1 \"/>\n</svg>\n";
        let joined = "<rect x=\"1\"/>\n<path stroke=\"a\" d=\"M1,2 3,4M5,6 7,8\"/>\n\
                      <path stroke=\"b\" d=\"M0,0 1,1\"/>\n</svg>\n";
        assert_eq!(merged(body), joined);
    }

    #[cfg(feature = "png")]
    #[test]
    fn a_picture_painted_in_strips_is_the_picture_painted_at_once() {
        use super::super::palette::{BLUE, Dash};
        let mut scene = Scene::new(120.0, 90.0);
        scene.area(vec![(5.0, 80.0), (60.0, 3.0), (110.0, 70.0)], vec![(5.0, 85.0), (110.0, 85.0)], FILL);
        scene.rect((20.0, 10.0), (50.0, 88.0), FILL);
        scene.line(
            vec![(2.0, 2.0), (60.0, 85.0), (118.0, 5.0)],
            Stroke { colour: BLUE, width: 1.8, dash: Dash::Long },
        );
        scene.dot((80.0, 40.0), 9.0, BLUE);
        scene.text((5.0, 41.0), "level text", TextStyle::sized(14.0));
        scene.text((100.0, 45.0), "upwards", TextStyle::sized(14.0).anchored(Anchor::Middle).upwards());
        let whole = bitmap::pixels(&scene, 90).unwrap();
        for strip in [7, 40, 64] {
            assert!(bitmap::pixels(&scene, strip).unwrap() == whole, "strips of {strip}");
        }
    }

    #[cfg(feature = "png")]
    const FILL: Fill = Fill { colour: super::super::palette::VERMILION, opacity: 0.5 };

    #[test]
    fn markup_in_a_title_is_escaped() {
        assert_eq!(escaped("a<b>&c"), "a&lt;b&gt;&amp;c");
    }
}
