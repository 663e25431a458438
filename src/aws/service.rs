//! The requests of the ECS daemon API as tables of shapes.
//!
//! Members, which of them are required, and the words they take are those of the
//! service model of ECS (API version 2014-11-13); bounds are those of its pages
//! `API_CreateDaemon`, `API_RegisterDaemonTaskDefinition`, `API_HealthCheck`,
//! `API_ContainerRestartPolicy` and `API_Tag`, and of the `CloudFormation` schema of
//! `AWS::ECS::Daemon` for `BakeTimeInMinutes`. Where no page gives a bound, none is set here.

use super::shape::{Member, Record, Rule, Shape};

macro_rules! record {
    ($($name:literal $shape:expr $(, $required:ident)? ;)*) => {
        Record { members: &[$(Member { name: $name, shape: &$shape, required: record!(@ $($required)?) }),*] }
    };
    (@ required) => { true };
    (@) => { false };
}

/// A count of which only the sign has a documented bound.
const POSITIVE: Shape = Shape::Whole(1, i32::MAX as i64);
const COUNT: Shape = Shape::Whole(0, i32::MAX as i64);
const ANY_WHOLE: Shape = Shape::Whole(i32::MIN as i64, i32::MAX as i64);
const FREE: Shape = Shape::Text(Rule::Free);
const FILLED: Shape = Shape::Text(Rule::Filled);
const NAME: Shape = Shape::Text(Rule::Name);
const FREE_LIST: Shape = Shape::List(&FREE, 0, usize::MAX);
const PROVIDER: Shape = Shape::Text(Rule::Resource("capacity-provider"));
const PROVIDERS: Shape = Shape::List(&PROVIDER, 1, usize::MAX);
const DEFINITION: Shape = Shape::Text(Rule::Definition);
const DAEMON: Shape = Shape::Text(Rule::Resource("daemon"));
const PROPAGATE: Shape = Shape::Word(&["DAEMON", "NONE"]);
const ALARM: Shape = Shape::Text(Rule::Resource("alarm"));
const MODE: Shape = Shape::Word(&["none", "shared"]);

const ALARMS: Shape = Shape::Record(&record! {
    "alarmNames" Shape::List(&ALARM, 0, usize::MAX);
    "enable" Shape::Flag;
});

const CONFIGURATION: Shape = Shape::Record(&record! {
    "drainPercent" Shape::Number(0.0, 100.0);
    "alarms" ALARMS;
    "bakeTimeInMinutes" Shape::Whole(0, 1440);
});

/// `CreateDaemon`.
pub static CREATE_DAEMON: Record = record! {
    "daemonName" NAME, required;
    "clusterArn" Shape::Text(Rule::Resource("cluster"));
    "daemonTaskDefinitionArn" DEFINITION, required;
    "capacityProviderArns" PROVIDERS, required;
    "deploymentConfiguration" CONFIGURATION;
    "tags" Shape::Tags;
    "propagateTags" PROPAGATE;
    "enableECSManagedTags" Shape::Flag;
    "enableExecuteCommand" Shape::Flag;
    "clientToken" Shape::Text(Rule::Token);
    "critical" Shape::Flag;
};

/// `UpdateDaemon`.
pub static UPDATE_DAEMON: Record = record! {
    "daemonArn" DAEMON, required;
    "daemonTaskDefinitionArn" DEFINITION, required;
    "capacityProviderArns" PROVIDERS, required;
    "deploymentConfiguration" CONFIGURATION;
    "propagateTags" PROPAGATE;
    "enableECSManagedTags" Shape::Flag;
    "enableExecuteCommand" Shape::Flag;
    "critical" Shape::Flag;
};

/// `DeleteDaemon`.
pub static DELETE_DAEMON: Record = record! {
    "daemonArn" DAEMON, required;
};

/// `RegisterDaemonTaskDefinition`.
pub static REGISTER: Record = record! {
    "family" NAME, required;
    "taskRoleArn" FREE;
    "executionRoleArn" FREE;
    "containerDefinitions" CONTAINERS, required;
    "cpu" Shape::Text(Rule::Cpu);
    "memory" Shape::Text(Rule::Memory);
    "volumes" VOLUMES;
    "tags" Shape::Tags;
    "pidMode" MODE;
    "ipcMode" MODE;
};

/// `containerDefinitions` of a daemon task definition.
pub static CONTAINERS: Shape = Shape::List(&Shape::Record(&CONTAINER), 1, usize::MAX);

/// `volumes` of a daemon task definition.
pub static VOLUMES: Shape = Shape::List(
    &Shape::Record(&record! {
        "name" FREE;
        "host" Shape::Record(&record! { "sourcePath" FREE; });
        "logDriverVolumeConfiguration" Shape::Record(&record! { "driver" LOG_DRIVER, required; });
    }),
    0,
    usize::MAX,
);

const LOG_DRIVER: Shape =
    Shape::Word(&["json-file", "syslog", "journald", "gelf", "fluentd", "awslogs", "splunk", "awsfirelens"]);

const SECRETS: Shape = Shape::List(
    &Shape::Record(&record! { "name" FREE, required; "valueFrom" FREE, required; }),
    0,
    usize::MAX,
);

const ULIMIT: Shape = Shape::Word(&[
    "core",
    "cpu",
    "data",
    "fsize",
    "locks",
    "memlock",
    "msgqueue",
    "nice",
    "nofile",
    "nproc",
    "rss",
    "rtprio",
    "rttime",
    "sigpending",
    "stack",
]);

const CONDITION: Shape = Shape::Word(&["START", "COMPLETE", "SUCCESS", "HEALTHY"]);
const PERMISSION: Shape = Shape::Word(&["read", "write", "mknod"]);

const LINUX: Shape = Shape::Record(&record! {
    "capabilities" Shape::Record(&record! { "add" FREE_LIST; "drop" FREE_LIST; });
    "devices" Shape::List(&Shape::Record(&record! {
        "hostPath" FREE, required;
        "containerPath" FREE;
        "permissions" Shape::List(&PERMISSION, 0, usize::MAX);
    }), 0, usize::MAX);
    "initProcessEnabled" Shape::Flag;
    "tmpfs" Shape::List(&Shape::Record(&record! {
        "containerPath" FREE, required;
        "size" ANY_WHOLE, required;
        "mountOptions" FREE_LIST;
    }), 0, usize::MAX);
});

/// A container of a daemon.
pub static CONTAINER: Record = record! {
    "name" NAME;
    "image" FILLED, required;
    "memory" POSITIVE;
    "memoryReservation" POSITIVE;
    "repositoryCredentials" Shape::Record(&record! { "credentialsParameter" FREE, required; });
    "healthCheck" Shape::Record(&record! {
        "command" Shape::List(&FREE, 1, usize::MAX), required;
        "interval" Shape::Whole(5, 300);
        "timeout" Shape::Whole(2, 60);
        "retries" Shape::Whole(1, 10);
        "startPeriod" Shape::Whole(0, 300);
    });
    "cpu" COUNT;
    "essential" Shape::Flag;
    "entryPoint" FREE_LIST;
    "command" FREE_LIST;
    "workingDirectory" FREE;
    "environmentFiles" Shape::List(&Shape::Record(&record! {
        "value" FREE, required;
        "type" Shape::Word(&["s3"]), required;
    }), 0, usize::MAX);
    "environment" Shape::List(&Shape::Record(&record! { "name" FREE; "value" FREE; }), 0, usize::MAX);
    "secrets" SECRETS;
    "readonlyRootFilesystem" Shape::Flag;
    "mountPoints" Shape::List(&Shape::Record(&record! {
        "sourceVolume" FREE;
        "containerPath" FREE;
        "readOnly" Shape::Flag;
    }), 0, usize::MAX);
    "logConfiguration" Shape::Record(&record! {
        "logDriver" LOG_DRIVER, required;
        "options" Shape::Texts;
        "secretOptions" SECRETS;
    });
    "firelensConfiguration" Shape::Record(&record! {
        "type" Shape::Word(&["fluentd", "fluentbit"]), required;
        "options" Shape::Texts;
    });
    "privileged" Shape::Flag;
    "user" FREE;
    "ulimits" Shape::List(&Shape::Record(&record! {
        "name" ULIMIT, required;
        "softLimit" ANY_WHOLE, required;
        "hardLimit" ANY_WHOLE, required;
    }), 0, usize::MAX);
    "linuxParameters" LINUX;
    "dependsOn" Shape::List(&Shape::Record(&record! {
        "containerName" FREE, required;
        "condition" CONDITION, required;
    }), 0, usize::MAX);
    "startTimeout" COUNT;
    "stopTimeout" COUNT;
    "systemControls" Shape::List(&Shape::Record(&record! { "namespace" FREE; "value" FREE; }), 0, usize::MAX);
    "interactive" Shape::Flag;
    "pseudoTerminal" Shape::Flag;
    "restartPolicy" Shape::Record(&record! {
        "enabled" Shape::Flag, required;
        "ignoredExitCodes" Shape::List(&ANY_WHOLE, 0, 50);
        "restartAttemptPeriod" Shape::Whole(60, 1800);
    });
};
