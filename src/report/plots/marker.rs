//! Markers: points whose form tells them apart where their colour does not.

use super::palette::{Colour, WHITE};
use super::scene::{Fill, Point, Scene};

/// A form, filled or hollow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marker {
    form: Form,
    body: Body,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Dot,
    Square,
    Diamond,
    Triangle,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Body {
    Filled,
    Hollow,
}

impl Marker {
    pub(super) const DOT: Self = Self { form: Form::Dot, body: Body::Filled };
    pub(super) const SQUARE: Self = Self { form: Form::Square, body: Body::Filled };
    pub(super) const DIAMOND: Self = Self { form: Form::Diamond, body: Body::Filled };
    pub(super) const TRIANGLE: Self = Self { form: Form::Triangle, body: Body::Filled };
    pub(super) const RING: Self = Self { form: Form::Dot, body: Body::Hollow };
    pub(super) const BOX: Self = Self { form: Form::Square, body: Body::Hollow };
    pub(super) const LOZENGE: Self = Self { form: Form::Diamond, body: Body::Hollow };
    pub(super) const DELTA: Self = Self { form: Form::Triangle, body: Body::Hollow };

    /// Draws the marker around a point.
    pub(super) fn draw(self, scene: &mut Scene, at: Point, colour: Colour) {
        self.form.draw(scene, at, 1.0, colour);
        if self.body == Body::Hollow {
            self.form.draw(scene, at, 0.5, WHITE);
        }
    }
}

impl Form {
    /// All forms cover about the same area at a `scale` of 1.
    fn draw(self, scene: &mut Scene, (x, y): Point, scale: f64, colour: Colour) {
        let fill = Fill { colour, opacity: 1.0 };
        match self {
            Self::Dot => scene.dot((x, y), 4.0 * scale, colour),
            Self::Square => {
                let r = 3.5 * scale;
                scene.rect((x - r, y - r), (x + r, y + r), fill);
            }
            Self::Diamond => {
                let r = 5.0 * scale;
                let (left, right) = ((x - r, y), (x + r, y));
                scene.area(vec![left, (x, y - r), right], vec![left, (x, y + r), right], fill);
            }
            Self::Triangle => {
                let r = 4.75 * scale;
                let (left, right) = ((x - r, y + r * 0.75), (x + r, y + r * 0.75));
                scene.area(vec![left, (x, y - r), right], vec![left, right], fill);
            }
        }
    }
}

/// Which way an arrow points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Towards {
    Left,
    Right,
    Up,
    Down,
}

/// Draws the head of an arrow with its tip at a point: what goes on beyond it.
pub(super) fn arrow_head(scene: &mut Scene, (x, y): Point, towards: Towards, colour: Colour) {
    const LONG: f64 = 7.0;
    const HALF: f64 = 3.5;
    let (upper, lower) = match towards {
        Towards::Left => (vec![(x, y), (x + LONG, y - HALF)], vec![(x, y), (x + LONG, y + HALF)]),
        Towards::Right => (vec![(x - LONG, y - HALF), (x, y)], vec![(x - LONG, y + HALF), (x, y)]),
        Towards::Up => {
            let base = y + LONG;
            (vec![(x - HALF, base), (x, y), (x + HALF, base)], vec![(x - HALF, base), (x + HALF, base)])
        }
        Towards::Down => {
            let base = y - LONG;
            (vec![(x - HALF, base), (x + HALF, base)], vec![(x - HALF, base), (x, y), (x + HALF, base)])
        }
    };
    scene.area(upper, lower, Fill { colour, opacity: 1.0 });
}
