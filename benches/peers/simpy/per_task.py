"""R1 on SimPy, a process per host and one per task: `per_task.py HOSTS SEEDS`."""

import random
import sys
from pathlib import Path

import simpy

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "common"))
import r1


class Fleet:
    def __init__(self, env, hosts, seed):
        self.env = env
        self.hosts = hosts
        self.rng = random.Random(seed)
        self.batch_left = 0
        self.batch_done = None
        self.replacing = 0
        self.replacing_max = 0
        self.events = 0

    def task(self, draw, law):
        yield self.env.timeout(draw(*law))
        self.events += 1

    def replacement(self):
        env, rng = self.env, self.rng
        self.replacing += 1
        yield env.timeout(rng.lognormvariate(*r1.PROVISION))
        yield env.timeout(rng.lognormvariate(*r1.DAEMON_START))
        for draw, law in (rng.lognormvariate, r1.TASK_START), (rng.uniform, r1.TASK_STOP):
            yield env.all_of([env.process(self.task(draw, law)) for _ in range(r1.TASKS)])
        yield env.timeout(r1.DAEMON_STOP)
        yield env.timeout(r1.DEREGISTRATION)
        self.replacing -= 1
        self.events += 4

    def host(self):
        yield from self.replacement()
        self.batch_left -= 1
        if self.batch_left == 0:
            self.batch_done.succeed()
        while True:
            yield self.env.timeout(self.rng.expovariate(1 / r1.CRASH))
            self.events += 1
            yield from self.replacement()

    def ticker(self):
        while True:
            yield self.env.timeout(r1.TICK)
            self.events += 1
            self.replacing_max = max(self.replacing_max, self.replacing)

    def rollout(self):
        size = -(-self.hosts // r1.BATCHES)
        for first in range(0, self.hosts, size):
            self.batch_left = min(size, self.hosts - first)
            self.batch_done = self.env.event()
            for _ in range(self.batch_left):
                self.env.process(self.host())
            yield self.batch_done
            yield self.env.timeout(r1.BAKE)
            self.events += 1


def roll(hosts, seed):
    env = simpy.Environment()
    fleet = Fleet(env, hosts, seed)
    env.process(fleet.ticker())
    env.run(until=env.process(fleet.rollout()))
    return env.now, fleet.events


r1.main(roll)
