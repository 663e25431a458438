//! The fleet over time.

use bakeoff::report::plots::{Band, Fleet, Format, fleet_state};

use super::rollout::{fleet, one_sample, seeds};
use super::{heading, svg, words};

#[test]
#[expect(clippy::too_many_lines, reason = "the snapshot is one picture")]
fn an_svg_is_the_same_with_and_without_a_font_built_in() {
    // The features are tested in separate builds: what joins them is this one snapshot.
    let document = svg(fleet_state(&heading("One sample", 9), &one_sample(), Format::Svg).unwrap());
    insta::assert_snapshot!(document, @r##"
<svg xmlns="http://www.w3.org/2000/svg" width="960" height="362" viewBox="0 0 7680 2896" role="img">
<title>One sample</title>
<desc>agent-upgrade · 9 seeds · line: median; dots: mean; shaded: 5th to 95th percentile. Over time: revision 7.</desc>
<rect x="0" y="0" width="7680" height="2896" opacity="1" fill="#FFFFFF" stroke="none"/>
<text x="128" y="192" dy="0.5ex" text-anchor="start" font-family="sans-serif" font-size="144" opacity="1" fill="#222222">
One sample
</text>
<text x="128" y="376" dy="0.5ex" text-anchor="start" font-family="sans-serif" font-size="100" opacity="1" fill="#595959">
agent-upgrade · 9 seeds · line: median; dots: mean; shaded: 5th to 95th percentile
</text>
<path fill="none" opacity="1" stroke="#E4E4E4" stroke-width="8" d="M736,2480 6048,2480"/>
<text x="672" y="2480" dy="0.5ex" text-anchor="end" font-family="sans-serif" font-size="96" opacity="1" fill="#222222">
0
</text>
<path fill="none" opacity="1" stroke="#E4E4E4" stroke-width="8" d="M736,2114 6048,2114"/>
<text x="672" y="2114" dy="0.5ex" text-anchor="end" font-family="sans-serif" font-size="96" opacity="1" fill="#222222">
1
</text>
<path fill="none" opacity="1" stroke="#E4E4E4" stroke-width="8" d="M736,1749 6048,1749"/>
<text x="672" y="1749" dy="0.5ex" text-anchor="end" font-family="sans-serif" font-size="96" opacity="1" fill="#222222">
2
</text>
<path fill="none" opacity="1" stroke="#E4E4E4" stroke-width="8" d="M736,1383 6048,1383"/>
<text x="672" y="1383" dy="0.5ex" text-anchor="end" font-family="sans-serif" font-size="96" opacity="1" fill="#222222">
3
</text>
<path fill="none" opacity="1" stroke="#E4E4E4" stroke-width="8" d="M736,1017 6048,1017"/>
<text x="672" y="1017" dy="0.5ex" text-anchor="end" font-family="sans-serif" font-size="96" opacity="1" fill="#222222">
4
</text>
<path fill="none" opacity="1" stroke="#E4E4E4" stroke-width="8" d="M736,651 6048,651"/>
<text x="672" y="651" dy="0.5ex" text-anchor="end" font-family="sans-serif" font-size="96" opacity="1" fill="#222222">
5
</text>
<path fill="none" opacity="1" stroke="#222222" stroke-width="8" d="M736,2480 6048,2480"/>
<text x="128" y="1520" dy="0.5ex" text-anchor="middle" font-family="sans-serif" font-size="96" opacity="1" fill="#595959" transform="rotate(270, 128, 1520)">
ACTIVE instances
</text>
<path fill="none" opacity="1" stroke="#595959" stroke-width="8" d="M6048,651 6048,651"/>
<circle cx="6048" cy="651" r="24" opacity="1" fill="#595959" stroke="none" stroke-width="1"/>
<circle cx="6048" cy="651" r="24" opacity="1" fill="#595959" stroke="none" stroke-width="1"/>
<rect x="6176" y="576" width="240" height="96" opacity="0.18" fill="#595959" stroke="none"/>
<path fill="none" opacity="1" stroke="#595959" stroke-width="14" d="M6176,624 6248,624M6280,624 6352,624M6384,624 6416,624"/>
<text x="6480" y="624" dy="0.5ex" text-anchor="start" font-family="sans-serif" font-size="96" opacity="1" fill="#222222">
revision 7
</text>
<path fill="none" opacity="1" stroke="#222222" stroke-width="8" d="M736,2480 736,2520M1621,2480 1621,2520M2507,2480 2507,2520M3392,2480 3392,2520M4277,2480 4277,2520M5163,2480 5163,2520M6048,2480 6048,2520"/>
<text x="736" y="2600" dy="0.5ex" text-anchor="middle" font-family="sans-serif" font-size="96" opacity="1" fill="#222222">
0.0
</text>
<text x="1621" y="2600" dy="0.5ex" text-anchor="middle" font-family="sans-serif" font-size="96" opacity="1" fill="#222222">
0.5
</text>
<text x="2507" y="2600" dy="0.5ex" text-anchor="middle" font-family="sans-serif" font-size="96" opacity="1" fill="#222222">
1.0
</text>
<text x="3392" y="2600" dy="0.5ex" text-anchor="middle" font-family="sans-serif" font-size="96" opacity="1" fill="#222222">
1.5
</text>
<text x="4277" y="2600" dy="0.5ex" text-anchor="middle" font-family="sans-serif" font-size="96" opacity="1" fill="#222222">
2.0
</text>
<text x="5163" y="2600" dy="0.5ex" text-anchor="middle" font-family="sans-serif" font-size="96" opacity="1" fill="#222222">
2.5
</text>
<text x="6048" y="2600" dy="0.5ex" text-anchor="middle" font-family="sans-serif" font-size="96" opacity="1" fill="#222222">
3.0
</text>
<text x="3392" y="2768" dy="0.5ex" text-anchor="middle" font-family="sans-serif" font-size="96" opacity="1" fill="#595959">
time since the run began, minutes
</text>
</svg>
"##);
}

#[test]
fn the_fleet_shows_its_states_marks_seeds_and_units() {
    let text = words(&svg(fleet_state(&heading("Fleet", 200), &fleet(&seeds(40)), Format::Svg).unwrap()));
    for word in [
        "Fleet",
        "agent-upgrade · 200 seeds · line: median; dots: mean; shaded: 5th to 95th percentile",
        "revision 7",
        "revision 8",
        "draining",
        "starting",
        "deregistering",
        "deployment created",
        "azOutage us-east-1b",
        "ACTIVE instances",
        "instances in transition",
        "time since the run began, minutes",
    ] {
        assert!(text.contains(word), "no '{word}' in {text}");
    }
}

#[test]
fn a_week_at_a_sample_a_second_is_thinned_to_what_can_be_seen() {
    let t: Vec<f64> = (0..604_800).map(|i| f64::from(i) / 60.0).collect();
    let noisy: Vec<f64> = (0..604_800u32).map(|i| f64::from(i.wrapping_mul(2_654_435_761) >> 20)).collect();
    let busy = Band {
        p5: noisy.clone(),
        p95: noisy.clone(),
        p50: noisy.clone(),
        mean: noisy,
        label: "busy".into(),
        t_min: t,
    };
    let bytes =
        fleet_state(&heading("Busy", 9), &Fleet { active: vec![busy], ..Fleet::default() }, Format::Svg)
            .unwrap();
    assert!(bytes.len() < 4_000_000, "{}", bytes.len());
}
