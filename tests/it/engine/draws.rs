//! Draws: independence of addresses, and every distribution against its own mathematics.

use bakeoff::engine::draw::{
    Delay, Distribution, DistributionError, Key, Seed, Uniform, binomial, exponential,
};

fn key() -> Key {
    Seed { master: 42, replication: 7 }.key(1, 1)
}

/// One of each, with parameters as a scenario has them, in milliseconds.
fn all() -> Vec<(&'static str, Distribution)> {
    let parts = || -> Result<Vec<(&'static str, Distribution)>, DistributionError> {
        let start = Distribution::log_normal_median_p99(20e3, 60e3)?;
        Ok(vec![
            ("uniform", Distribution::uniform(28e3, 72e3)?),
            ("triangular", Distribution::triangular(10e3, 20e3, 60e3)?),
            ("triangular, mode at the start", Distribution::triangular(10e3, 10e3, 60e3)?),
            ("pert", Distribution::pert(10e3, 20e3, 60e3)?),
            ("exponential", Distribution::exponential(30e3)?),
            ("log-normal by p99", start.clone()),
            ("log-normal by p95", Distribution::log_normal_median_p95(14e3, 40e3)?),
            ("log-normal by sigma", Distribution::log_normal_median_sigma(60e3, 0.3)?),
            ("weibull", Distribution::weibull(1.5, 2_700e3)?),
            ("weibull by p99", Distribution::weibull_median_p99(30e3, 120e3)?),
            ("gamma", Distribution::gamma(2.5, 30e3)?),
            ("gamma, steep", Distribution::gamma(0.4, 30e3)?),
            ("empirical", Distribution::empirical(vec![5e3, 1e3, 2e3, 9e3, 4e3, 30e3])?),
            (
                "mixture",
                Distribution::mixture(vec![
                    (3.0, start.clone()),
                    (1.0, Distribution::uniform(100e3, 200e3)?),
                ])?,
            ),
            ("truncated", start.clone().truncated(Some(10e3), Some(45e3))?),
            ("truncated below", Distribution::gamma(2.5, 30e3)?.truncated(Some(20e3), None)?),
            (
                "truncated mixture",
                Distribution::mixture(vec![(1.0, start), (1.0, Distribution::exponential(50e3)?)])?
                    .truncated(Some(12e3), Some(80e3))?,
            ),
        ])
    };
    parts().expect("the parameters are sound")
}

/// 2^64: a share of it, as a whole number, makes the uniform of that share.
const BITS: f64 = 18_446_744_073_709_551_616.0;

fn quantile(distribution: &Distribution, u: f64) -> f64 {
    distribution.quantile(Uniform::from_bits((u * BITS) as u64))
}

fn assert_close(found: f64, expected: f64, relative: f64) {
    assert!((found / expected - 1.0).abs() < relative, "found {found}, expected {expected}");
}

type Address = Box<dyn Fn(u32) -> Uniform>;

#[test]
fn addresses_are_not_correlated() {
    let seed = Seed { master: 42, replication: 7 };
    let (one, n) = (seed.key(1, 1), 1 << 18);
    let at = |i: u32| one.uniform(i / 16, i % 16);
    let other = |key: Key| move |i: u32| key.uniform(i / 16, i % 16);
    let next_seed = Seed { replication: 8, ..seed };
    let next_master = Seed { master: 43, ..seed };
    let pairs: [(&str, Address); 6] = [
        ("two purposes", Box::new(other(seed.key(2, 1)))),
        ("two names", Box::new(other(seed.key(1, 2)))),
        ("two seeds", Box::new(other(next_seed.key(1, 1)))),
        ("two master seeds", Box::new(other(next_master.key(1, 1)))),
        ("neighbouring entities", Box::new(move |i| one.uniform(i / 16 + 1, i % 16))),
        ("successive occurrences", Box::new(move |i| one.uniform(i / 16, i % 16 + 1))),
    ];
    for (name, other) in pairs {
        // Correlation: its standard error is 1/√n. Joint occupancy of a 16 by 16 grid: chi-square.
        let mut sum = 0.0;
        let mut grid = [0_u32; 256];
        for i in 0..n {
            let (a, b) = (at(i).value(), other(i).value());
            sum += (a - 0.5) * (b - 0.5) * 12.0;
            grid[(a * 16.0) as usize * 16 + (b * 16.0) as usize] += 1;
        }
        let correlation = sum / f64::from(n) * f64::from(n).sqrt();
        assert!(correlation.abs() < 4.0, "{name}: {correlation} standard errors");
        let expected = f64::from(n) / 256.0;
        let chi_square: f64 =
            grid.into_iter().map(|count| (f64::from(count) - expected) * (f64::from(count) - expected)).sum();
        // 255 degrees of freedom: the .0001 and .9999 quantiles.
        let chi_square = chi_square / expected;
        assert!((177.0..347.0).contains(&chi_square), "{name}: chi-square {chi_square}");
    }
}

#[test]
fn every_distribution_passes_kolmogorov_and_smirnov() {
    let n = 100_000;
    for (name, distribution) in all() {
        let mut draws: Vec<f64> = (0..n).map(|i| distribution.quantile(key().uniform(i, 3))).collect();
        draws.sort_by(f64::total_cmp);
        let mut distance: f64 = 0.0;
        for (i, &draw) in draws.iter().enumerate() {
            let (cdf, below) = (distribution.cdf(draw), i as f64 / f64::from(n));
            distance = distance.max(cdf - below).max(below + 1.0 / f64::from(n) - cdf);
        }
        let statistic = distance * f64::from(n).sqrt();
        // The .001 point of the limiting distribution.
        assert!(statistic < 1.949_475, "{name}: {statistic}");
    }
}

#[test]
fn the_distribution_function_undoes_the_quantile() {
    for (name, distribution) in all().into_iter().filter(|(name, _)| !name.contains("mixture")) {
        for i in 1..200 {
            let u = f64::from(i) / 200.0;
            let back = distribution.cdf(quantile(&distribution, u));
            assert!((back - u).abs() < 1e-12, "{name}: {back} for {u}");
        }
        for u in [1e-6, 1e-4, 1.0 - 1e-4, 1.0 - 1e-6] {
            let back = distribution.cdf(quantile(&distribution, u));
            assert!((back - u).abs() < 1e-12, "{name}: {back} for {u}");
        }
    }
}

#[test]
fn means_agree_with_their_closed_forms() {
    let n = 200_000;
    for (name, distribution) in all() {
        let Some(expected) = distribution.mean() else {
            assert!(name.starts_with("truncated"), "{name}");
            continue;
        };
        // The midpoint rule over the unit interval; the heaviest tail here loses 1e-4 to it.
        let of = |i: i32| quantile(&distribution, (f64::from(i) + 0.5) / f64::from(n));
        let mean = (0..n).map(of).sum::<f64>() / f64::from(n);
        assert_close(mean, expected, 2e-4);
    }
}

#[test]
fn medians_and_percentiles_are_the_ones_asked_for() -> Result<(), DistributionError> {
    let log_normal = Distribution::log_normal_median_p99(30.0, 120.0)?;
    assert_close(quantile(&log_normal, 0.5), 30.0, 1e-12);
    assert_close(quantile(&log_normal, 0.99), 120.0, 1e-12);
    assert_close(log_normal.mean().expect("closed form"), 35.828_793_148_762_57, 1e-12);
    let by_p95 = Distribution::log_normal_median_p95(14.0, 40.0)?;
    assert_close(quantile(&by_p95, 0.95), 40.0, 1e-12);
    let weibull = Distribution::weibull_median_p99(30.0, 120.0)?;
    assert_close(quantile(&weibull, 0.5), 30.0, 1e-12);
    assert_close(quantile(&weibull, 0.99), 120.0, 1e-12);
    // Shape 1.3660104228 and scale 39.2325360: 63 % lie below the scale.
    assert_close(weibull.cdf(39.232_536_043_928_7), 1.0 - libm::exp(-1.0), 1e-12);
    assert_close(weibull.mean().expect("closed form"), 35.901_851_201_015_63, 1e-12);
    Ok(())
}

#[test]
fn gamma_and_pert_quantiles_are_exact_to_twelve_figures() -> Result<(), DistributionError> {
    // By bisection in mpmath at 50 digits; shape and unit scale, u, quantile.
    for (shape, u, expected) in [
        (2.5, 0.01, 0.277_149_038_364_138_57),
        (2.5, 0.99, 7.543_136_234_694_494),
        (0.3, 1e-6, 6.972_699_096_409_36e-21),
        (100.0, 0.5, 99.666_864_919_315_49),
    ] {
        let gamma = Distribution::gamma(shape, shape)?;
        assert_close(quantile(&gamma, u), expected, 1e-12 + f64::EPSILON / u);
    }
    // min 0, max 1 and mode 1/6 make a Beta(5/3, 13/3); mode 0 makes a Beta(1, 5).
    let pert = Distribution::pert(0.0, 1.0 / 6.0, 1.0)?;
    for (u, expected) in
        [(0.01, 0.017_724_585_140_487_79), (0.5, 0.251_953_977_141_277_1), (0.999, 0.842_673_259_572_006_5)]
    {
        assert_close(quantile(&pert, u), expected, 1e-12);
    }
    assert_close(quantile(&Distribution::pert(0.0, 0.0, 1.0)?, 0.9), 0.369_042_655_519_806_8, 1e-12);
    Ok(())
}

#[test]
fn truncation_conditions_and_never_clamps() -> Result<(), DistributionError> {
    let base = Distribution::exponential(30.0)?;
    let (min, max) = (10.0, 50.0);
    let truncated = base.clone().truncated(Some(min), Some(max))?;
    let mass = base.cdf(max) - base.cdf(min);
    for x in [10.0, 12.5, 20.0, 33.0, 49.0, 50.0] {
        let expected = (base.cdf(x) - base.cdf(min)) / mass;
        assert!((truncated.cdf(x) - expected).abs() < 1e-14);
    }
    let n = 100_000;
    let draws: Vec<f64> = (0..n).map(|i| truncated.quantile(key().uniform(i, 0))).collect();
    assert!(draws.iter().all(|&draw| draw > min && draw < max), "nothing heaps up at the bounds");
    // Without memory, what exceeds 10 is an exponential cut at 40: mean 10 + 30 - 40 / (e^(4/3) - 1).
    let expected = 40.0 - 40.0 / libm::expm1(4.0 / 3.0);
    assert_close(draws.iter().sum::<f64>() / f64::from(n), expected, 0.005);
    Ok(())
}

#[test]
fn truncation_keeps_the_weight_of_single_values_on_the_bounds() -> Result<(), DistributionError> {
    // Two of the three stretches between order statistics are the point 5.
    let measured = Distribution::empirical(vec![5.0, 5.0, 5.0, 7.0])?;
    let truncated = measured.truncated(Some(5.0), Some(6.0))?;
    assert_close(truncated.cdf(5.0), 0.8, 1e-12);
    assert_eq!(Distribution::fixed(5.0)?.truncated(Some(5.0), Some(5.0))?, Distribution::fixed(5.0)?);
    Ok(())
}

#[test]
fn truncation_of_a_mixture_shifts_its_weights() -> Result<(), DistributionError> {
    let parts = vec![(1.0, Distribution::uniform(0.0, 10.0)?), (1.0, Distribution::uniform(0.0, 40.0)?)];
    let truncated = Distribution::mixture(parts)?.truncated(None, Some(20.0))?;
    // All of the first part stays and half of the second: two thirds to one third.
    assert_close(truncated.cdf(10.0), 2.0 / 3.0 + 1.0 / 3.0 / 2.0, 1e-12);
    assert_close(truncated.mean().expect("uniform parts"), 5.0 * 2.0 / 3.0 + 10.0 / 3.0, 1e-12);
    Ok(())
}

#[test]
fn a_truncation_that_leaves_nothing_is_refused() -> Result<(), DistributionError> {
    let uniform = Distribution::uniform(10.0, 20.0)?;
    assert_eq!(uniform.clone().truncated(Some(30.0), None), Err(DistributionError::NoMass));
    assert_eq!(uniform.clone().truncated(None, Some(5.0)), Err(DistributionError::NoMass));
    assert_eq!(Distribution::fixed(5.0)?.truncated(Some(6.0), None), Err(DistributionError::NoMass));
    assert_eq!(
        uniform.truncated(Some(15.0), Some(12.0)),
        Err(DistributionError::OutOfOrder { lesser: "min", greater: "max" })
    );
    Ok(())
}

#[test]
fn parameters_that_make_no_distribution_are_refused_by_name() {
    use DistributionError::{Empty, Negative, NotFinite, NotPositive, OutOfOrder, OutOfRange};
    let refused = |made: Result<Distribution, DistributionError>| made.expect_err("must be refused");
    assert_eq!(refused(Distribution::fixed(-1.0)), Negative { parameter: "value" });
    assert_eq!(refused(Distribution::fixed(f64::NAN)), NotFinite { parameter: "value" });
    assert_eq!(refused(Distribution::uniform(2.0, 1.0)), OutOfOrder { lesser: "min", greater: "max" });
    assert_eq!(
        refused(Distribution::triangular(1.0, 5.0, 4.0)),
        OutOfOrder { lesser: "mode", greater: "max" }
    );
    assert_eq!(refused(Distribution::pert(3.0, 2.0, 4.0)), OutOfOrder { lesser: "min", greater: "mode" });
    assert_eq!(refused(Distribution::exponential(0.0)), NotPositive { parameter: "mean" });
    assert_eq!(
        refused(Distribution::log_normal_median_p99(5.0, 4.0)),
        OutOfOrder { lesser: "median", greater: "p99" }
    );
    assert_eq!(refused(Distribution::weibull(0.0, 1.0)), NotPositive { parameter: "shape" });
    assert_eq!(
        refused(Distribution::gamma(1e9, 1.0)),
        OutOfRange { parameter: "shape", min: 0.01, max: 1e4 }
    );
    assert_eq!(refused(Distribution::empirical(vec![])), Empty);
    assert_eq!(refused(Distribution::empirical(vec![1.0, f64::INFINITY])), NotFinite { parameter: "values" });
    assert_eq!(refused(Distribution::mixture(vec![])), Empty);
    assert_eq!(
        refused(Distribution::mixture(vec![(-1.0, Distribution::fixed(1.0).expect("sound"))])),
        NotPositive { parameter: "weight" }
    );
    assert_eq!(refused(Distribution::uniform(2.0, 1.0)).to_string(), "min must not exceed max");
}

#[test]
fn an_exponential_draw_is_the_quantile_of_the_distribution() -> Result<(), DistributionError> {
    let distribution = Distribution::exponential(30e3)?;
    for i in 0..1_000 {
        let u = key().uniform(i, 0);
        assert_eq!(exponential(u, 30e3).to_bits(), distribution.quantile(u).to_bits());
    }
    Ok(())
}

/// FNV-1a over words: any changed bit of any draw shows.
fn hash(words: impl Iterator<Item = u64>) -> u64 {
    words.fold(0xcbf2_9ce4_8422_2325, |hash, word| {
        word.to_le_bytes()
            .into_iter()
            .fold(hash, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
    })
}

#[test]
fn a_thousand_draws_of_each_kind_are_pinned_to_the_bit() {
    let mut lines =
        vec![format!("{:016x} address", hash((0..1_000).map(|i| key().uniform(i, i).value().to_bits())))];
    for (name, distribution) in all() {
        let exact = hash((0..1_000).map(|i| distribution.quantile(key().uniform(i, 0)).to_bits()));
        let delay = Delay::from_distribution(distribution);
        let whole = hash((0..1_000).map(|i| delay.sample_at(key(), i, 0).as_ms()));
        lines.push(format!("{exact:016x} {whole:016x} {name}"));
    }
    for (n, p) in [(24_000, 0.001), (24_000, 0.3), (1_000_000_000, 0.02)] {
        let counts = hash((0..1_000).map(|i| binomial(key().uniform(i, 0), n, p)));
        lines.push(format!("{counts:016x} binomial {n} {p}"));
    }
    insta::assert_snapshot!(lines.join("\n"), @r"
    d57c5135045415c9 address
    7da36b0327a8a901 334edd3b200fb95d uniform
    01add35b1b55e58b 55031aee94b7ffe2 triangular
    ac5058e9d4519c11 c0ae085a793935c5 triangular, mode at the start
    9fbfbb99cc9af836 0950683cf0107178 pert
    b17f6ae80284ecb3 f57945657a4be19a exponential
    5eb52ad0f6501049 0011e758a6b4cf65 log-normal by p99
    1f9019e6fc30b420 194fcfa67592b916 log-normal by p95
    edb7950ac4170b68 aa7b4dc4f0dde803 log-normal by sigma
    84b8262ee800f3ed 00c1bb63f48630b2 weibull
    7d305306f9e75490 9cc2397046655ed6 weibull by p99
    4016f444b9804f80 e2aecc551af97180 gamma
    ff93a5d861401731 3b9aa81c1ba1eff6 gamma, steep
    6d4a35b8d389b963 d38ca3a3a9a46c3c empirical
    b9988f46be297642 f883f7fcdc23ae77 mixture
    49e61e09c3beb7f7 7c37e7cd59edcacb truncated
    3cf6b374dd54a028 780870140416d31a truncated below
    10d1bce590efbddc 6b40c311e0d5f394 truncated mixture
    7fe73e93f0c341c1 binomial 24000 0.001
    c71e27af990cf020 binomial 24000 0.3
    08ba7a2dfd0ae73b binomial 1000000000 0.02
    ");
}
