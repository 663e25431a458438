//! What ECS and EC2 do: free functions, the only writers of the world's tables.
//!
//! Facts come in as events; systems that decide (monitors, deployments, repair,
//! services, launches) do so once per instant, in that order.

pub(super) mod alarm;
pub(super) mod breaker;
pub(super) mod daemons;
pub(super) mod demand;
pub(super) mod deployment;
pub(super) mod draining;
pub(super) mod faults;
pub(super) mod images;
pub(super) mod lanes;
pub(super) mod placement;
pub(super) mod provisioning;
pub(super) mod recall;
pub(super) mod registration;
pub(super) mod repair;
pub(super) mod rollback;
pub(super) mod scale_in;
pub(super) mod scaling;
pub(super) mod services;
pub(super) mod standalone;
pub(super) mod utilization;
