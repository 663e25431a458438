//! What befalls the fleet: faults of the timeline, spot interruptions.

use serde_json::json;

use super::{COUNT_MAX, FailureRate};
use crate::scenario::read::record;
use crate::scenario::values::{Share, Span, Text, Whole, words};

record! {
    /// the loss of an availability zone.
    RawAzOutage {
        /// Which zone, counted from 0.
        "zone" zone: Whole<0, 99> = Required,
        /// Of which capacity provider; of all that have such a zone if left out.
        "capacityProvider" capacity_provider: Text = Optional,
        /// How long launches into the zone fail.
        "lasts" lasts: Span = Required,
    }
}

record! {
    /// an outage of the image registry.
    RawRegistryOutage {
        /// Share of the image pulls that fail.
        "share" share: Share = Default(json!(1.0)),
        /// How long.
        "lasts" lasts: Span = Required,
    }
}

record! {
    /// a shortage of capacity.
    RawCapacityShortage {
        /// Of which capacity provider; of all if left out.
        "capacityProvider" capacity_provider: Text = Optional,
        /// In which zone, counted from 0; in all if left out.
        "zone" zone: Whole<0, 99> = Optional,
        /// How long EC2 refuses launches.
        "lasts" lasts: Span = Required,
    }
}

record! {
    /// an outage of what the health checks depend on.
    RawDependencyOutage {
        /// Whose health checks fail, by name or ARN; those of all daemons if left out.
        "daemon" daemon: Text = Optional,
        /// Share of the hosts on which they do.
        "share" share: Share = Default(json!(1.0)),
        /// How long.
        "lasts" lasts: Span = Required,
    }
}

record! {
    /// a shock to spot capacity.
    RawSpotShock {
        /// Of which capacity provider; of all that are spot if left out.
        "capacityProvider" capacity_provider: Text = Optional,
        /// In which zone, counted from 0; in all if left out.
        "zone" zone: Whole<0, 99> = Optional,
        /// Share of the instances that are interrupted.
        "share" share: Share = Default(json!(1.0)),
        /// Over how long their notices are spread.
        "lasts" lasts: Span = Default(json!("3m")),
    }
}

record! {
    /// a loss of instances.
    RawInstanceFailure {
        /// How many, picked at random.
        "count" count: Whole<1, COUNT_MAX> = Required,
        /// Of which capacity provider; of all if left out.
        "capacityProvider" capacity_provider: Text = Optional,
        /// Over how long the losses are spread; all at once if left out.
        "lasts" lasts: Span = Default(json!("0s")),
    }
}

record! {
    /// a disconnection of ECS agents.
    RawAgentDisconnection {
        /// Share of the instances that lose touch with ECS.
        "share" share: Share = Optional,
        /// How many of them do, picked at random.
        "count" count: Whole<1, COUNT_MAX> = Optional,
        /// Of which capacity provider; of all if left out.
        "capacityProvider" capacity_provider: Text = Optional,
        /// How long.
        "lasts" lasts: Span = Required,
    }
    one of ["share", "count"]
}

words! {
    /// `capacityOptionType` of the ECS API.
    CapacityOptionType {
        /// Kept until it is given back.
        OnDemand = "ON_DEMAND",
        /// Taken back by EC2 at two minutes' notice.
        Spot = "SPOT",
        /// From a capacity reservation; kept like `ON_DEMAND`.
        Reserved = "RESERVED",
    }
}

record! {
    /// the spot interruptions.
    RawSpot {
        /// Expected interruptions of an instance in a month of 30 days, each on its own.
        "interruptionsPerInstanceMonth" interruptions_per_instance_month: FailureRate =
            Default(json!(0.05)),
        /// Interruptions of many instances of a zone together.
        "shocks" shocks: RawShocks = Optional,
    }
}

record! {
    /// the spot shocks.
    RawShocks {
        /// Expected shocks of a zone in a month of 30 days.
        "perMonth" per_month: FailureRate = Required,
        /// Share of the zone's instances that a shock interrupts.
        "share" share: Share = Required,
        /// Over how long the notices of a shock are spread.
        "within" within: Span = Default(json!("3m")),
    }
}
