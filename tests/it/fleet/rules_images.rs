//! Image pulls: size over throughput, once an instance, and again on every new one.

use bakeoff::engine::time::SimTime;
use serde_json::{Value, json};

use super::kit::{fixed, half, quiet, run, run_seed};

fn image(throughput: &Value) -> Value {
    json!({ "size": "120MB", "throughput": throughput })
}

/// The same size as [`half`], and four of them on a host.
fn small(name: &str, desired: u32) -> Value {
    let mut value = half(name, desired);
    value["memory"] = json!(512);
    value
}

#[test]
fn r387_a_start_takes_size_over_throughput_on_top_unless_the_instance_has_the_image() {
    let mut value = fixed(1);
    value["daemonTaskDefinitions"][1]["image"] = image(&json!("12MB/s"));
    let mut web = small("web", 2);
    web["image"] = image(&json!("6MB/s"));
    value["services"] = json!([web]);
    let scale = |at: &str, count: u32| json!({ "at": at, "scaleService": { "service": "web", "desiredCount": count } });
    value["timeline"].as_array_mut().unwrap().extend([scale("30s", 3), scale("10m", 4)]);
    let told = run(&value);
    // The host of the start has what runs there.
    told.tells("0:00:38 task web/2 RUNNING on p/0.0");
    // Registered at 1:35: 10 s for the daemon's image and 5 s to start.
    told.tells("0:01:50 daemon agent (agent:2) on p/0.1 RUNNING");
    // All three are placed at once, and while no pull has finished each pulls for itself: 20 s and 8 s.
    for task in 0..3 {
        told.tells_at(&format!("task web/{task} RUNNING on p/0.1"), &["0:02:18"]);
    }
    told.tells("0:10:08 task web/3 RUNNING on p/0.1");
}

#[test]
fn r379_a_pull_is_over_when_it_is_over_and_the_next_task_waits_for_none() {
    // The second comes 10 s into the first pull of 20 s: it has a pull of its own.
    let mut value = quiet(1, "10m");
    let mut web = small("web", 0);
    web["image"] = image(&json!("6MB/s"));
    value["services"] = json!([web]);
    value["timeline"] = json!([
        { "at": "1m", "scaleService": { "service": "web", "desiredCount": 1 } },
        { "at": "70s", "scaleService": { "service": "web", "desiredCount": 2 } },
        { "at": "80s", "scaleService": { "service": "web", "desiredCount": 3 } },
    ]);
    let told = run(&value);
    told.tells(
        "0:01:28 task web/0 RUNNING on p/0.0
        0:01:38 task web/1 RUNNING on p/0.0
        0:01:28 task web/2 RUNNING on p/0.0",
    );
}

#[test]
fn r378_each_pull_draws_its_rate() {
    let pull = |throughput: Value, seed: u64| {
        let mut value = fixed(1);
        value["daemonTaskDefinitions"][1]["image"] = image(&throughput);
        let running = run_seed(&value, seed).at("daemon agent (agent:2) on p/0.1 RUNNING")[0];
        running.since(SimTime::from_ms(100_000)).as_secs()
    };
    let uniform = json!({ "uniform": { "min": "8MB/s", "max": "15MB/s" } });
    let pulls: Vec<f64> = (0..30).map(|seed| pull(uniform.clone(), seed)).collect();
    assert!(pulls.iter().all(|pull| (8.0..=15.0).contains(pull)), "{pulls:?}");
    let mean = pulls.iter().sum::<f64>() / 30.0;
    // 120 MB at U(8, 15) MB/s: the mean is 120 ln(15/8) / 7 = 10.78 s.
    assert!((9.5..=12.0).contains(&mean), "{mean}");
    let median = json!({ "logNormal": { "median": "12MB/s", "p99": "30MB/s" } });
    let mut pulls: Vec<f64> = (0..31).map(|seed| pull(median.clone(), seed)).collect();
    pulls.sort_by(f64::total_cmp);
    assert!((8.0..=12.5).contains(&pulls[15]), "{pulls:?}");
    // The measured case: 297 MB in 35 s at 8.5 MB/s.
    let mut value = fixed(1);
    value["daemonTaskDefinitions"][1]["image"] = json!({ "size": "297MB", "throughput": "8.5MB/s" });
    let running = run(&value).at("daemon agent (agent:2) on p/0.1 RUNNING")[0];
    assert_eq!(running, SimTime::from_ms(100_000 + 34_941));
}
