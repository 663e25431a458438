"""R1 on SimulSI, a process per host, which waits for its tasks one after the other: `per_host.py HOSTS SEEDS`."""

import sys
from pathlib import Path

from simulsi import Simulation
from simulsi.randomness import Exponential, LogNormal, Uniform

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "common"))
import r1

PROVISION = LogNormal(*r1.PROVISION)
DAEMON_START = LogNormal(*r1.DAEMON_START)
TASK_START = LogNormal(*r1.TASK_START)
TASK_STOP = Uniform(*r1.TASK_STOP)
CRASH = Exponential(mean=r1.CRASH)


class Fleet:
    def __init__(self, sim, hosts):
        self.sim = sim
        self.hosts = hosts
        self.luck = sim.stream("luck")
        self.batch_left = 0
        self.batch_done = None
        self.replacing = 0
        self.replacing_max = 0
        self.events = 0

    def replacement(self):
        luck = self.luck
        self.replacing += 1
        yield PROVISION.sample(luck)
        yield DAEMON_START.sample(luck)
        for law in TASK_START, TASK_STOP:
            elapsed = 0.0
            for delay in sorted([law.sample(luck) for _ in range(r1.TASKS)]):
                yield delay - elapsed
                elapsed = delay
                self.events += 1
        yield r1.DAEMON_STOP
        yield r1.DEREGISTRATION
        self.replacing -= 1
        self.events += 4

    def host(self):
        yield from self.replacement()
        self.batch_left -= 1
        if self.batch_left == 0:
            self.batch_done.succeed()
        while True:
            yield CRASH.sample(self.luck)
            self.events += 1
            yield from self.replacement()

    def ticker(self):
        while True:
            yield r1.TICK
            self.events += 1
            self.replacing_max = max(self.replacing_max, self.replacing)

    def rollout(self):
        sim = self.sim
        size = -(-self.hosts // r1.BATCHES)
        for first in range(0, self.hosts, size):
            self.batch_left = min(size, self.hosts - first)
            self.batch_done = sim.signal("batch done")
            for _ in range(self.batch_left):
                sim.process(self.host())
            yield self.batch_done
            yield r1.BAKE
            self.events += 1
        sim.stop()


def roll(hosts, seed):
    sim = Simulation(seed=seed, keep_entity_history=False, keep_values=False, record_series=False)
    fleet = Fleet(sim, hosts)
    sim.process(fleet.ticker())
    sim.process(fleet.rollout())
    result = sim.run()
    return result.end_time, fleet.events


r1.main(roll)
