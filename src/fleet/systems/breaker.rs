//! The monitors that can halt a deployment: the launch-failure circuit breaker and the alarms.

use crate::fleet::world::{Decider, FleetAgenda, World};
use crate::scenario::Scenario;
use crate::scenario::assumptions::{BreakerCount, BreakerThreshold};

use super::{alarm, rollback};

/// What one deployment phase's breaker has counted.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::fleet) struct Breaker {
    /// Failures since the last success (or ever, if cumulative).
    pub(in crate::fleet) count: u32,
    /// Failures of this instant.
    pub(in crate::fleet) failures_now: u32,
    /// Successes of this instant.
    pub(in crate::fleet) successes_now: u32,
}

impl Breaker {
    /// Takes in what happened at this instant: a success resets before the failures count.
    fn absorb(&mut self, counting: BreakerCount) -> u32 {
        if self.successes_now > 0 && counting == BreakerCount::Consecutive {
            self.count = 0;
        }
        let failures = self.failures_now;
        self.count += failures;
        (self.failures_now, self.successes_now) = (0, 0);
        failures
    }
}

/// The failures that trip the breaker of a deployment over `hosts` instances.
///
/// ECS publishes no formula for daemons; the one of services, half of the count clamped
/// to 3–200 ("Amazon ECS deployment circuit breaker"), agrees with the one threshold
/// that was observed, 3 for a single instance.
pub(in crate::fleet) fn threshold(rule: BreakerThreshold, hosts: u32) -> u32 {
    match rule {
        BreakerThreshold::Clamp => hosts.div_ceil(2).clamp(3, 200),
        BreakerThreshold::Three => 3,
    }
}

/// The breaker that counts a daemon's task, if a deployment phase that is running gave it.
fn breaker_of(w: &mut World, slot: u32, daemon: usize) -> Option<&mut Breaker> {
    let epoch = w.daemon_tasks[w.daemon_row(slot, daemon)].epoch;
    let deployment = w.epochs[usize::from(epoch)].deployment?;
    let deployment = &mut w.deployments[usize::from(deployment)];
    (!deployment.status.is_final() && deployment.phase_epoch() == epoch).then_some(&mut deployment.breaker)
}

/// A daemon launch failed.
pub(in crate::fleet) fn note_failure(w: &mut World, agenda: &mut FleetAgenda, slot: u32, daemon: usize) {
    if let Some(breaker) = breaker_of(w, slot, daemon) {
        breaker.failures_now += 1;
        w.wake(agenda, Decider::Monitors);
    }
}

/// A daemon became healthy.
pub(in crate::fleet) fn note_success(w: &mut World, agenda: &mut FleetAgenda, slot: u32, daemon: usize) {
    if let Some(breaker) = breaker_of(w, slot, daemon) {
        breaker.successes_now += 1;
        if breaker.count > 0 || breaker.failures_now > 0 {
            w.wake(agenda, Decider::Monitors);
        }
    }
}

/// Every open deployment's monitors look at the facts of this instant.
pub(in crate::fleet) fn decide(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda) {
    for index in 0..w.deployments.len() {
        let deployment = &mut w.deployments[index];
        if deployment.status.is_final() {
            continue;
        }
        deployment.breaker_failures += deployment.breaker.absorb(scn.assumptions.breaker_count);
        if deployment.breaker.count >= deployment.threshold {
            rollback::breaker_tripped(scn, w, agenda, index);
            continue;
        }
        alarm::look(scn, w, agenda, index);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r134_the_threshold_is_half_the_hosts_between_three_and_two_hundred() {
        let clamp = |hosts| threshold(BreakerThreshold::Clamp, hosts);
        assert_eq!([1, 6, 7, 25, 400, 800].map(clamp), [3, 3, 4, 13, 200, 200]);
        assert_eq!(threshold(BreakerThreshold::Three, 400), 3);
    }

    #[test]
    fn r135_a_success_resets_before_the_failures_of_its_instant_count() {
        let mut breaker = Breaker { count: 2, failures_now: 1, successes_now: 1 };
        assert_eq!(breaker.absorb(BreakerCount::Consecutive), 1);
        assert_eq!(breaker.count, 1);
        let mut breaker = Breaker { count: 2, failures_now: 1, successes_now: 1 };
        breaker.absorb(BreakerCount::Cumulative);
        assert_eq!(breaker.count, 3);
    }
}
