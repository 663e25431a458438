//! What has been read of the files so far.

use serde_json::Value;

use crate::scenario::problem::{Code, Problem, Severity};
use crate::scenario::tree::{Place, Sources};

/// What the user says beside the files.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Parameters of templates, by name.
    pub parameters: Vec<(String, String)>,
    /// How many instances each capacity provider has.
    pub instances: Option<u64>,
    /// What instances they are.
    pub instance_type: Option<String>,
    /// Name of the scenario.
    pub name: Option<String>,
}

/// Everything that was read.
#[derive(Debug)]
pub struct Intake<'o> {
    /// The texts of the files.
    pub sources: Sources,
    /// What is wrong with them.
    pub problems: Vec<Problem>,
    pub(super) options: &'o Options,
    /// Names of parameters that some template declares.
    pub(super) declared: Vec<String>,
    pub(super) requests: Vec<Request>,
    pub(super) definitions: Vec<Definition>,
    pub(super) providers: Vec<Provider>,
    pub(super) services: Vec<Service>,
    pub(super) alarms: Vec<Alarm>,
    pub(super) running: Vec<Running>,
    /// Instances of capacity providers that were counted, and where.
    pub(super) counted: Vec<(String, u64, String)>,
    /// What has no place in a scenario, and why it does not matter.
    pub(super) left_out: Vec<String>,
    /// What was taken for granted while reading.
    pub(super) assumed: Vec<String>,
}

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Create,
    Update,
    Delete,
}

/// A request to be sent.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) operation: Operation,
    /// Its members, as the API spells them.
    pub(super) body: Value,
    /// Which file, and what in it.
    pub(super) origin: String,
    pub(super) place: Place,
    /// Whether it is sent together with the one before, as one template or plan sends all of its own.
    pub(super) together: bool,
}

/// A revision of a task definition.
#[derive(Clone, Debug)]
pub(super) struct Definition {
    /// The members of `RegisterDaemonTaskDefinition`.
    pub(super) body: Value,
    pub(super) revision: Option<u64>,
    pub(super) origin: String,
}

/// A capacity provider of managed instances.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Provider {
    pub(super) name: String,
    pub(super) origin: String,
    /// Instance types that it may launch, perhaps with wildcards.
    pub(super) allowed: Vec<String>,
    pub(super) excluded: Vec<String>,
    pub(super) vcpu: (Option<u64>, Option<u64>),
    pub(super) memory: (Option<u64>, Option<u64>),
    pub(super) zones: Option<usize>,
    pub(super) actions_status: Option<String>,
    pub(super) scale_in_after: Option<i64>,
    pub(super) capacity_option: Option<String>,
}

/// Instances that a daemon was seen on, by capacity provider.
#[derive(Clone, Debug)]
pub(super) struct Running {
    pub(super) daemon: String,
    /// What it runs: a name or an ARN.
    pub(super) definition: Option<String>,
    pub(super) providers: Vec<String>,
    pub(super) critical: Option<bool>,
    /// How many instances of each provider run it, where that is known.
    pub(super) instances: Vec<(String, u64)>,
    pub(super) origin: String,
}

/// A service.
#[derive(Clone, Debug)]
pub(super) struct Service {
    pub(super) name: String,
    pub(super) origin: String,
    /// Capacity providers by weight, the heaviest first.
    pub(super) providers: Vec<String>,
    pub(super) desired: Option<u64>,
    pub(super) cpu: Option<u64>,
    pub(super) memory: Option<u64>,
    pub(super) minimum_healthy: Option<u64>,
    pub(super) maximum: Option<u64>,
    pub(super) stop_timeout: Option<u64>,
}

/// An alarm of `CloudWatch`.
#[derive(Clone, Debug)]
pub(super) struct Alarm {
    pub(super) name: String,
    pub(super) origin: String,
    /// Members as `PutMetricAlarm` spells them in camelCase.
    pub(super) body: Value,
}

impl<'o> Intake<'o> {
    /// Nothing yet.
    pub fn new(options: &'o Options) -> Self {
        Self {
            sources: Sources::default(),
            problems: Vec::new(),
            options,
            declared: Vec::new(),
            requests: Vec::new(),
            definitions: Vec::new(),
            providers: Vec::new(),
            services: Vec::new(),
            alarms: Vec::new(),
            running: Vec::new(),
            counted: Vec::new(),
            left_out: Vec::new(),
            assumed: Vec::new(),
        }
    }

    /// Notes a problem at a place.
    pub(super) fn problem(&mut self, code: Code, place: Place, message: impl Into<String>) -> &mut Problem {
        let mut problem = Problem::new(code, message);
        problem.location = self.sources.locate(place);
        self.problems.push(problem);
        self.problems.last_mut().expect("one was pushed just now")
    }

    /// How many errors there are.
    pub(super) fn errors(&self) -> usize {
        self.problems.iter().filter(|problem| problem.severity == Severity::Error).count()
    }

    /// A parameter that no template knows was misspelt, or meant for another file.
    pub(super) fn check_parameters(&mut self) {
        for (name, value) in &self.options.parameters {
            if !self.declared.iter().any(|declared| declared == name) && !name.starts_with("AWS::") {
                let source = self.sources.add("--parameter", &format!("{name}={value}"));
                let place = self.sources.whole(source).part(0, name.len());
                let known = self.declared.clone();
                let help = match known.len() {
                    0 => "no file is a template with parameters".to_owned(),
                    _ => format!("the parameters are: {}", known.join(", ")),
                };
                let help = crate::scenario::read::with_guess(name, &known, help);
                self.problem(Code::Template, place, format!("no template has a parameter '{name}'"))
                    .help(help);
            }
        }
    }

    /// Everything wrong, in the order of the files and of places in them.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        let Self { sources, mut problems, .. } = self;
        problems.sort_by_key(|problem| match &problem.location {
            Some(location) => (sources.index(location), location.span.start),
            None => (usize::MAX, 0),
        });
        problems
    }
}
