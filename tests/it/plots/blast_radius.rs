//! How far a defect gets.

use bakeoff::report::plots::{BlastRadius, Format, blast_radius};

use super::{heading, svg, words};

#[test]
fn a_blast_radius_is_a_share_of_the_seeds_with_a_defect() {
    let data = BlastRadius { pct: vec![0.0, 0.0, 0.0, 0.0, 10.0, 60.0, 100.0, 100.0], defective: 5 };
    let text = words(&svg(blast_radius(&heading("Blast", 8), &data, Format::Svg).unwrap()));
    let squeezed = text.replace('|', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    for word in [
        "8 seeds · 5 of them drew a defect",
        "spared altogether: 1 of 5 seeds",
        "half the fleet or more: 3 of 5 seeds",
        "the whole fleet: 2 of 5 seeds",
        "worst seed: 100% of the fleet",
    ] {
        assert!(squeezed.contains(word), "no '{word}' in {squeezed}");
    }
}

#[test]
fn a_scenario_without_defects_says_so_instead_of_drawing_an_empty_frame() {
    let harmless = BlastRadius { pct: vec![0.0; 200], defective: 0 };
    let text = words(&svg(blast_radius(&heading("Blast", 200), &harmless, Format::Svg).unwrap()));
    assert!(text.contains("no seed drew a defect"), "{text}");
}
