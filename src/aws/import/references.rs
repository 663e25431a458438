//! What an expression of a Terraform configuration refers to.

use crate::scenario::tree::{Kind, Node};

/// References through more modules than this go in circles.
const DEPTH_MAX: usize = 30;

/// A resource of the configuration: its module, as names from the root, its type and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) module: Vec<String>,
    pub(super) kind: String,
    pub(super) name: String,
}

/// The configuration part of a plan.
#[derive(Clone, Copy, Debug)]
pub(super) struct Configuration<'n> {
    root: Option<&'n Node>,
}

fn items(node: Option<&Node>) -> &[Node] {
    match node.map(|node| &node.kind) {
        Some(Kind::List(nodes)) => nodes,
        _ => &[],
    }
}

fn text(node: Option<&Node>) -> Option<&str> {
    match node.map(|node| &node.kind) {
        Some(Kind::Text(text)) => Some(text),
        _ => None,
    }
}

impl<'n> Configuration<'n> {
    pub(super) fn of(plan: &'n Node) -> Self {
        Self { root: plan.get("configuration").and_then(|node| node.get("root_module")) }
    }

    fn module(self, path: &[String]) -> Option<&'n Node> {
        path.iter().try_fold(self.root?, |module, name| module.get("module_calls")?.get(name)?.get("module"))
    }

    /// The expression of an attribute of a resource.
    pub(super) fn expression(
        self,
        module: &[String],
        kind: &str,
        name: &str,
        path: &[&str],
    ) -> Option<&'n Node> {
        let resources = items(self.module(module)?.get("resources"));
        let own = |node: &&Node| text(node.get("type")) == Some(kind) && text(node.get("name")) == Some(name);
        let mut node = resources.iter().find(own)?.get("expressions")?;
        for key in path {
            node = match &node.kind {
                Kind::List(blocks) => blocks.first()?.get(key)?,
                _ => node.get(key)?,
            };
        }
        Some(node)
    }

    /// The resources that an expression refers to, through variables and outputs of modules.
    pub(super) fn targets(self, module: &[String], expression: &Node) -> Vec<Target> {
        let mut found = Vec::new();
        self.follow(module, expression, &mut found, 0);
        found
    }

    fn follow(self, module: &[String], expression: &Node, found: &mut Vec<Target>, depth: usize) {
        if depth > DEPTH_MAX {
            return;
        }
        for reference in items(expression.get("references")).iter().filter_map(|node| text(Some(node))) {
            let parts: Vec<&str> =
                reference.split('.').map(|part| part.split('[').next().unwrap_or(part)).collect();
            match &parts[..] {
                ["var", variable, ..] => {
                    let Some((last, parent)) = module.split_last() else { continue };
                    let call = self.module(parent).and_then(|node| {
                        node.get("module_calls")?.get(last)?.get("expressions")?.get(variable)
                    });
                    if let Some(expression) = call {
                        self.follow(parent, expression, found, depth + 1);
                    }
                }
                ["module", call, output, ..] => {
                    let mut inner = module.to_vec();
                    inner.push((*call).to_owned());
                    let expression = self
                        .module(&inner)
                        .and_then(|node| node.get("outputs")?.get(output)?.get("expression"));
                    if let Some(expression) = expression {
                        self.follow(&inner, expression, found, depth + 1);
                    }
                }
                ["local" | "each" | "count" | "path" | "self" | "terraform" | "module" | "var", ..] => {}
                [kind, name, ..] => {
                    let target = Target {
                        module: module.to_vec(),
                        kind: (*kind).to_owned(),
                        name: (*name).to_owned(),
                    };
                    if !found.contains(&target) {
                        found.push(target);
                    }
                }
                _ => {}
            }
        }
    }
}
