//! What must hold after every event.
use super::world::World;
use crate::engine::time::SimTime;
use crate::scenario::Scenario;
pub(super) fn invariants(_scn: &Scenario, _w: &World, _now: SimTime) {}
