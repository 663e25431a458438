"""What the Python models of R1 share: its figures, `HOSTS SEEDS`, and one line of JSON.

The rollout itself is told in common/src/lib.rs.
"""

import json
import math
import resource
import statistics
import sys
import time

TASKS = 8
BATCHES = 10
# Seconds.
BAKE = 300.0
TICK = 60.0
DAEMON_STOP = 2.0
DEREGISTRATION = 1.0

# Log-normal steps: logarithm of the median in seconds, sigma.
PROVISION = (math.log(60.0), 0.3)
DAEMON_START = (math.log(8.0), 0.4)
TASK_START = (math.log(12.0), 0.5)
# Uniform.
TASK_STOP = (0.0, 30.0)
# Exponential: its mean.
CRASH = 30 * 86_400.0


def main(roll):
    """Rolls `roll(hosts, seed) -> (seconds, events)` as often as asked, one after the other."""
    try:
        hosts, seeds = (int(argument) for argument in sys.argv[1:])
    except ValueError:
        sys.exit(f"usage: {sys.argv[0]} HOSTS SEEDS")
    ready = time.process_time()
    ended = [roll(hosts, seed) for seed in range(seeds)]
    cpu_s = time.process_time() - ready
    lengths = [seconds for seconds, _ in ended]
    events = sum(events for _, events in ended)
    line = {
        "hosts": hosts,
        "seeds": seeds,
        "mean_s": statistics.fmean(lengths),
        "se_s": statistics.stdev(lengths) / math.sqrt(seeds) if seeds > 1 else None,
        "events": events,
        "cpu_s": cpu_s,
        "events_per_cpu_s": round(events / cpu_s),
        "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    print(json.dumps(line, separators=(",", ":")))
