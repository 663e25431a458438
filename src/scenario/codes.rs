//! The codes of problems: what each is called, and its long text.
//!
//! A code is forever: it may fall out of use, but it never comes to mean something else.

use super::problem::Severity;

macro_rules! codes {
    ($( $variant:ident = $id:literal $name:literal $severity:ident $text:literal ; )+) => {
        /// Which rule a problem breaks; the long text is [`Code::about`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $( #[doc = concat!($id, ", ", $name)] $variant, )+ }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its short form, `S003`; warnings begin with an `L`.
            pub const fn id(self) -> &'static str {
                match self { $( Self::$variant => $id, )+ }
            }

            /// Its name in words, `unknown-key`.
            pub const fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )+ }
            }

            /// Whether it keeps a scenario from being run.
            pub const fn severity(self) -> Severity {
                match self { $( Self::$variant => Severity::$severity, )+ }
            }

            /// The long text: what the rule is, why there is one, and what to do.
            pub const fn about(self) -> &'static str {
                match self { $( Self::$variant => $text, )+ }
            }
        }
    };
}

impl Code {
    /// The code of that short form or name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.id().eq_ignore_ascii_case(name) || code.name().eq_ignore_ascii_case(name))
    }
}

codes! {
    Syntax = "S001" "syntax" Error
        "The text is not readable as YAML 1.2 (of which JSON is a part), so nothing can be said about its content. Usual causes: a tab in the indentation, a bracket or a quote that is never closed, a colon inside an unquoted text, a second document after '---', or a tag such as !Ref, which a scenario does not know. Only the first place is told, because what follows cannot be trusted.";
    DuplicateKey = "S002" "duplicate-key" Error
        "A key is given twice in one mapping. YAML does not say which of the two would count, and parsers differ; so neither does. Remove one.";
    UnknownKey = "S003" "unknown-key" Error
        "A key that means nothing here. It is refused rather than skipped, because a setting that was misspelt and ignored would give results for a scenario that nobody meant. Keys are camelCase and, where ECS or CloudWatch has the field, spelt as there. The message lists the keys that are known in this place.";
    MissingKey = "S004" "missing-key" Error
        "A key that has no default is missing. What may be left out, and what then holds, is shown by `bakeoff show` and written in the JSON Schema that `bakeoff schema` prints.";
    WrongType = "S005" "wrong-type" Error
        "The value is of another kind than the key takes: a text instead of a number, one value instead of a list. Watch for texts that look like something else: YAML 1.2 reads true and false as booleans and 12 as a number, but yes, no and 12:30 as texts. Quotes make anything a text.";
    BareNumber = "S006" "bare-number" Error
        "A duration without its unit. Milliseconds, seconds and minutes all occur in this field, and a wrong guess would be off by a factor of 60 or 1000; so durations are texts with their unit, such as 90s, 15m or 2h 30m. The exception are fields which AWS itself gives as a number (bakeTimeInMinutes, an alarm's period, the times of a health check, stopTimeout): these take AWS's number in AWS's unit, or a duration.";
    BadDuration = "S007" "bad-duration" Error
        "The text is no duration. Durations are one or more numbers with units from large to small: w d h m s ms (min is a minute too), as in 2h 30m, 1.5s or 14d; the ISO 8601 forms of weeks, days and times (P1DT12H, PT90S) are read as well. The simulated clock steps by milliseconds, so nothing finer can be said, and nothing is longer than a hundred years.";
    OutOfRange = "S008" "out-of-range" Error
        "The number lies outside of what the field can hold. Bounds of fields that ECS or CloudWatch has are those of their APIs; the others keep counts and times within what can be simulated. Percentages go from 0 to 100, as in AWS; probabilities, shares and error rates go from 0 to 1.";
    NotFinite = "S009" "not-finite" Error
        "The number is infinite, not a number, or too large to be held. No quantity of a scenario is: leave a key out where there is no limit.";
    UnknownValue = "S010" "unknown-value" Error
        "The field takes one of a few words, and this is none of them. Upper and lower case count, as they do in AWS's APIs.";
    ExactlyOne = "S011" "exactly-one" Error
        "The entry must say exactly one of several things: a timeline entry is one request, a defect is of one kind, an alarm watches one metric, a log-normal distribution has one of p99, p95 and sigma beside its median. Write two entries for two things.";
    NotModelled = "S012" "not-modelled" Error
        "This is a meaningful setting which this version does not simulate. It is refused, because leaving it aside silently would answer a question that was not asked. The help says what comes nearest.";
    UnknownName = "S013" "unknown-name" Error
        "A name that nothing in the file has: a service, capacity provider, daemon, alarm, task definition or column. Names are case-sensitive. Where AWS takes an ARN, an ARN resolves by its last part, so `arn:aws:ecs:eu-west-1:123456789012:daemon/prod/agent` is the daemon named agent.";
    DuplicateName = "S014" "duplicate-name" Error
        "Two things of one kind have the same name, or one list names a thing twice. Names address the random draws as well as the reader, so they must be unique.";
    BadName = "S015" "bad-name" Error
        "The text cannot be a name here. A daemon's name has up to 255 letters, digits, underscores and hyphens (API_CreateDaemon); a scenario's name is also that of a directory; a client token has up to 36 printable ASCII characters; an ARN must be whole and of the kind of thing that is wanted.";
    Distribution = "S016" "distribution" Error
        "The parameters make no distribution: bounds in the wrong order, a median above its p99, a truncation that leaves nothing, no values at all. A truncation by min and max conditions the distribution, it does not move what lies outside to the bounds; so some of it must lie between them.";
    File = "S017" "file" Error
        "A file that the scenario names cannot be read, or does not hold what it should. Paths are relative to the scenario file. A CSV column holds durations, or plain numbers when its name ends in _ms, _s or _min; a request is the JSON that would be sent to ECS.";
    BadOverride = "S018" "bad-override" Error
        "A KEY=VALUE that leads nowhere. KEY is a dotted path into the scenario, such as simulation.horizon or capacityProviders.general.instances; elements of lists are addressed by number, counted from 0, or by their name. drainPercent, bakeTimeInMinutes and alarms alone mean those of the scenario's one deployment, so they need there to be exactly one. VALUE is read as YAML.";
    InstanceType = "S019" "instance-type" Error
        "The instance type is not in the table that comes with this version. Give cpu (1024 units a vCPU) and memory (MiB) instead; with both, the name is only a name.";
    InstanceSize = "S020" "instance-size" Error
        "The size of an instance is unknown or nothing is left of it. Give instanceType, or cpu and memory, and see that `reserved` leaves something for tasks.";
    TaskTooLarge = "S021" "task-too-large" Error
        "No instance of the capacity provider can hold such a task beside its daemons, not even an empty one, so it could never run. Make the task smaller or the instances larger.";
    LayoutImpossible = "S022" "layout-impossible" Error
        "At the start all tasks are running, spread over the availability zones and then evenly over instances, each beside the daemons that run there already. They do not fit. Add instances, or take away tasks. What is free after the start matters as well: a drain starts replacements before it stops anything.";
    DaemonExists = "S023" "daemon-exists" Error
        "A CreateDaemon for a daemon that is there at that moment. Use updateDaemon, or delete it first.";
    DaemonAbsent = "S024" "daemon-absent" Error
        "An UpdateDaemon or DeleteDaemon for a daemon that is not there at that moment: it was never created, is created later on the timeline, or has been deleted before. Requests happen in order of time, and in the order of the file where times are equal.";
    DrainPercent = "S025" "drain-percent" Error
        "A drainPercent below 1. The ECS developer guide gives 1.0 to 100.0 (managed-daemons-deployments), while the API's own model takes 0 to 100; the guide is followed unless `assumptions.drainPercentBelowOne: minOne` says that such a value is meant: a batch is one instance at least. A percentage is not a share: a tenth of the fleet is 10, not 0.1.";
    TwoClusters = "S026" "two-clusters" Error
        "The requests name different clusters. A scenario is one cluster: names are resolved within it, and capacity is shared in it. Write one scenario for each.";
    NoTraffic = "S027" "no-traffic" Error
        "An alarm or a defect is about the error rate of a service that has no traffic. Without requests there are no errors and no datapoints, so it could never have an effect. Give the service `traffic: { requestsPerSecond: … }`.";
    AlarmPeriods = "S028" "alarm-periods" Error
        "The periods of an alarm make no sense to CloudWatch: a period is 10 or 30 seconds or a multiple of 60, datapointsToAlarm is at most evaluationPeriods, and together the evaluated periods reach back a day at most, or a week for periods of an hour or more (API_PutMetricAlarm).";
    Order = "S029" "order" Error
        "Two times are in the wrong order: an instance cannot be forced out before it is drained, and scripted states of an alarm come in order of time.";
    Quota = "S030" "quota" Error
        "The instances at the start already exceed a limit: maxInstances of their capacity provider, or the account's quota of vCPUs. A limit below the start would only mean that nothing is ever replaced.";
    BeyondHorizon = "S031" "beyond-horizon" Error
        "Something is to happen after the horizon, where every run has ended. Move it, or make the horizon longer.";
    NoSeeds = "S032" "no-seeds" Error
        "There is no seed to run: the number is 0 or the range is empty. A range A..B leaves B out.";
    Zero = "S033" "zero" Error
        "Zero where something must take time or be there: what is repeated at an interval of zero would never let the clock go on.";
    Check = "S034" "check" Error
        "The text is no check. A check compares an estimate with a bound, as in `p95(rollout_duration_min) <= 150`, `P(rolled_back) <= 0.2 @ 95%` or `P(min_running_tasks_pct < 100) <= 0.05`; the estimates are mean, min, max, p1 to p99.9, P(…) and delta(…) of one of them, whose bound may be relative, as in `delta(p95(rollout_duration_min)) <= +5%`. `all deployments end` is one as well. A target of --precision is an estimate with `=2%` or `=±0.5` behind it.";
    UnknownMetric = "S035" "unknown-metric" Error
        "There is no such metric, or it is not of the kind that is wanted: mean and quantiles are of numbers, P(…) is of booleans, of conditions on numbers, and of deployment_status. With several deployments d1_, d2_ … before a name pick one; with several services min_running_tasks_pct_<service> picks one. `bakeoff about METRIC` tells about each.";
    Sweep = "S036" "sweep" Error
        "The axis of a sweep does not lead to a setting, has no values, or has a value that the setting cannot take. An axis is a dotted path as for --set with a list of values, or `{ from, to, step }` of numbers. `constraints` are conditions that every combination has to meet, such as `drainPercent * bakeTimeInMinutes <= 500`; they compute with numbers and with durations, which count as milliseconds. `latinHypercube: 40` takes that many points spread over all axes instead of every combination, and then a range needs no step. Every value is tried, so that a sweep cannot fail on its way.";
    Ambiguous = "S037" "ambiguous" Error
        "What is left out could mean several things here. A service may leave out its capacity provider only where there is one, an alarm its service or daemon likewise.";
    TooLarge = "S038" "too-large" Error
        "The file is larger or nested deeper than any scenario has reason to be, or its aliases expand without bound. Reading stops there, to keep a hostile file from taking all memory.";
    BadTag = "S039" "bad-tag" Error
        "A tag breaks AWS's rules: at most 50 on a resource, each key once, keys up to 128 and values up to 256 characters, and no key that begins with aws: (API_CreateDaemon). Tags have no effect on a simulation, but the request would be refused.";
    Empty = "S040" "empty" Error
        "An empty list or an empty name where something is needed: a scenario has at least one capacity provider, a daemon runs on at least one, an alarm that is scripted has at least one state.";
    NotImportable = "S041" "not-importable" Error
        "The file is of no kind that `bakeoff import` knows. It knows requests as the AWS CLI's --cli-input-json takes them (CreateDaemon, UpdateDaemon, DeleteDaemon, RegisterDaemonTaskDefinition; one, or a list of them), answers of DescribeDaemonDeployments, CloudFormation templates in YAML or JSON, and Terraform plans as `terraform show -json` prints them. What a file is, is told from its content and not from its name. docs/import.md has an example of each.";
    ParamValidation = "S042" "param-validation" Error
        "A member of a request is missing, unknown, or of the wrong type. The AWS CLI and SDKs refuse that themselves before anything is sent, and call it ParamValidation; a request that is sent all the same gets an InvalidParameterException or a ClientException from ECS. Members are spelt as in the API: camelCase, or as the tool that wrote the file spells them.";
    ApiBounds = "S043" "api-bounds" Error
        "ECS would refuse the value. The message begins with the error that it answers: InvalidParameterException for a parameter outside of its bounds (lengths, characters, words, ranges; pages API_CreateDaemon, API_Tag, API_HealthCheck, API_ContainerRestartPolicy), ClientException for an identifier or a definition that is not valid. A CLI skeleton whose empty texts have not been filled in is refused for these as well: take them out.";
    Template = "S044" "template" Error
        "A CloudFormation template says something that cannot be resolved: a function that is unknown or has the wrong arguments, a Ref to something that is not in the template, a parameter without a value, a condition or a mapping that is not there. Give parameters as `--parameter NAME=VALUE`; of what CloudFormation fills in itself (AWS::Region, AWS::AccountId, AWS::StackName …) placeholders stand in, and `--parameter AWS::Region=eu-west-1` replaces them. Only values that matter to the simulation must be known.";
    NothingToImport = "S045" "nothing-to-import" Error
        "The file is well-formed and holds no ECS daemon and no capacity provider of managed instances, so there is nothing to simulate. Fargate and Auto Scaling groups have no managed daemons.";
    UnknownUntilApply = "S046" "unknown-until-apply" Error
        "A Terraform plan gives a value only after it has been applied, and the expression behind it does not lead to a resource of the plan. References through local values are not in a plan; write the reference directly, or plan again after the resource exists.";
    ImportConflict = "S047" "import-conflict" Error
        "Two of the files say different things of the same thing: a daemon is created twice, a capacity provider is described twice with different types. Import them one by one.";
    PortClash = "S055" "port-clash" Error
        "Two daemons that run at the start bind the same port on instances of one capacity provider, or one binds a port twice. All daemons of an instance share one network namespace (managed-daemons-task-definitions), so they could never have come up together. When an update brings such a clash it is no mistake of the file: the daemon that starts later fails to start, and the circuit breaker counts it.";

    NoZone = "S060" "no-zone" Error
        "A fault names a zone that no capacity provider in its reach has. Zones are counted from 0, so a provider with `availabilityZones: 3` has the zones 0, 1 and 2; zone 0 of one provider is zone 0 of the others too.";
    NotSpot = "S061" "not-spot" Error
        "Spot interruptions where there is nothing to interrupt: `spot` on a capacity provider that is not `capacityOptionType: SPOT`, or a spotShock that reaches no such provider. Other instances are kept until they are given back.";
    NoUtilization = "S062" "no-utilization" Error
        "An alarm or a defect is about the utilisation of a daemon, and the file does not say how much a sound task of it uses. Give every daemonTaskDefinition that the daemon runs `utilization: { cpu: 20, memory: 35 }`, in percent of what the task reserves.";
    BadSize = "S063" "bad-size" Error
        "The text is no amount of bytes, or no rate. Amounts are a number with one of the units kB, MB, GB (powers of ten) and KiB, MiB, GiB (powers of two), as in 297MB or 5.1GB; a rate has /s behind it, as in 12MB/s. An image has at most 1000 GB, and a pull runs at 10 kB/s at least.";

    DaemonTooLarge = "L101" "daemon-too-large" Warning
        "On the smallest instances of its capacity providers the daemon leaves too little room for a task of some service, or finds none itself. A critical daemon that finds no room keeps every new instance from becoming ACTIVE, until the circuit breaker trips.";
    DaemonShare = "L102" "daemon-share" Warning
        "The daemons take more than a tenth of an instance. What they take, applications cannot have, on every host; small instances feel it most.";
    EveryProvider = "L103" "every-provider" Warning
        "The daemon runs on every capacity provider, and these have instances of different sizes. Requirements that suit the large ones may be too much for the small ones; it is a common slip to choose all providers where only some were meant.";
    NoHealthCheck = "L104" "no-health-check" Warning
        "The daemon's containers have no health check. ECS then only notices a daemon that stops: one that hangs goes unseen, by the circuit breaker and by auto repair alike (managed-daemons-auto-repair). An instance also counts as ready as soon as the daemon runs.";
    SlowAlarm = "L105" "slow-alarm" Warning
        "The alarm needs longer to turn red than the bake time lasts: its periods to alarm, the time until a datapoint is visible, and the interval at which ECS looks. What goes wrong on the last batch is then found after the deployment has succeeded, when nothing rolls back any more.";
    StuckDrain = "L106" "stuck-drain" Warning
        "minimumHealthyPercent and maximumPercent leave no room for a drain: no task may stop before its replacement is healthy, and no replacement may start before a task stops. The deployment waits for ever (container-instance-draining). The same happens with few tasks, where the percentages round to the same number.";
    QuotaBelowSurge = "L107" "quota-below-surge" Warning
        "Each instance that drains is replaced before it goes, so a batch needs as many instances on top as it drains. The quota or maxInstances does not allow so many: launches are refused and tried again, and the rollout is slower than its drainPercent says. With no room at all it can stall.";
    CriticalReset = "L108" "critical-reset" Warning
        "The update leaves `critical` out, and the daemon is not critical now. Settings are not kept from one request to the next: left out, critical becomes true (managed-daemons-create-manage).";
    SettingsReset = "L109" "settings-reset" Warning
        "The update leaves out settings that an earlier request had given. Nothing is kept from one request to the next: drainPercent goes back to 25, the bake time to 0, and alarms are off (managed-daemons-create-manage).";
    AlarmsNotEnabled = "L110" "alarms-not-enabled" Warning
        "Alarms are named, but `enable` is not true. The API's default is false (API_DaemonAlarmConfiguration): the alarms do nothing. Say `enable: true`, or `enable: false` to show that it is meant.";
    PercentAsShare = "L111" "percent-as-share" Warning
        "A percentage below 1, which looks like a share. AWS counts percentages from 0 to 100: half of the tasks is 50, not 0.5.";
    DefectWithoutWitness = "L112" "defect-without-witness" Warning
        "Nothing in the scenario can notice this defect: hangs is seen only by a health check, degrades only by an alarm that a deployment watches. It will be missed in every run; if that is the point, all is well.";
    NoDeployment = "L113" "no-deployment" Warning
        "The timeline is empty, so nothing is rolled out: every run watches the fleet until the horizon. That is useful as a baseline; otherwise a timeline entry is missing.";
    BreakerBlind = "L114" "breaker-blind" Warning
        "The deployment has neither alarms nor a bake time, and its target revision has a defect that acts only after the start. The circuit breaker counts failures to start, so it cannot see it.";
    Unused = "L115" "unused" Warning
        "Defined and never used: an alarm that no deployment watches, a task definition that no daemon runs, a capacity provider without tasks and daemons. It has no effect on any run.";
    NoisyAlarm = "L116" "noisy-alarm" Warning
        "The alarm watches an error rate, and a handful of failed requests in one period is enough to cross its threshold. With so little traffic errors come in lumps, so a sound revision can be rolled back by chance; the simulation draws them as counts and shows how often. Give the alarm a longer period, ask for more datapoints, or put the threshold where a handful does not reach.";
    WholeFleetBatch = "L117" "whole-fleet-batch" Warning
        "One batch drains every instance of the capacity provider at once. Nothing stops a bad revision before it is everywhere, as many instances again are needed at the same time, and no alarm has anything sound to compare with. drainPercent is a percentage of the instances of each capacity provider (managed-daemons-deployments).";
    ExtraBatch = "L118" "extra-batch" Warning
        "A batch is drainPercent of the instances, rounded down, so what is left over makes batches of its own: 25 instances at 25 % are five batches, 6 6 6 6 1, and not four. Each batch costs a decision, a launch and a drain. How ECS rounds is not published; `bakeoff about A1`.";
    IdleBake = "L119" "idle-bake" Warning
        "The deployment bakes, and no alarm is watched meanwhile. The bake time is for alarms to turn red in (managed-daemons-deployments); the circuit breaker counts failures to start, of which a finished rollout has none to come. It only makes the deployment longer.";
    RedAtStart = "L120" "red-at-start" Warning
        "The alarm is red already when the deployment is requested. Alarms that are in ALARM at the start are ignored, so that this one cannot stop the deployment however bad it gets (managed-daemons-deployments); whether it counts again once it has been OK is open, `bakeoff about A15`.";
    RepairEverywhere = "L121" "repair-everywhere" Warning
        "Auto repair has no limit here, and a critical daemon has a health check. When what the health check depends on fails for all of them, a backend or a network, every daemon turns UNHEALTHY at once and the whole fleet is drained. Only the limit of 20 % stands against that, if it holds for daemons at all: `bakeoff about A9`.";
    DrainWaits = "L122" "drain-waits" Warning
        "Tasks on the instances to be drained cannot be told to stop: standalone tasks run to their end, and protected ones until their protection ends (container-instance-draining). Every batch with one of them waits for it, up to the seven days after which an instance is deregistered by force.";
    PortTaken = "L123" "port-taken" Warning
        "The target revision binds a port that another daemon of the same capacity provider binds. All daemons of an instance share one network namespace (managed-daemons-task-definitions), so whichever starts second fails, on every new instance: the circuit breaker will trip.";
    DilutedAlarm = "L124" "diluted-alarm" Warning
        "The alarm watches the CPU or memory of the daemon, which CloudWatch averages over all of its tasks in the cluster, old and new revisions together (managed-daemons-metrics). What a bad revision uses on the first batch is diluted by all the instances that still run the old one, so the alarm turns red late or never. Watch what the service beside it does, or set the threshold for the share of the first batch.";
}
