//! What an expression of a Terraform configuration refers to.

use crate::scenario::tree::{Kind, Node};

/// References through more modules than this go in circles.
const DEPTH_MAX: usize = 30;

/// The steps of an address or a reference such as `module.m["a.b"].kind.name[0]`: names, each with
/// the key in brackets behind it, or nothing.
pub(super) fn steps(address: &str) -> Vec<(&str, &str)> {
    let mut steps = Vec::new();
    let mut rest = address;
    while !rest.is_empty() {
        let (name, after) = rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len()));
        let (key, after) = after.split_at(key_length(after));
        steps.push((name, key));
        rest = after.strip_prefix('.').unwrap_or(after);
    }
    steps
}

fn key_length(text: &str) -> usize {
    let end = if text.starts_with("[\"") {
        text.find("\"]").map(|at| at + 2)
    } else {
        text.find(']').map(|at| at + 1)
    };
    if text.starts_with('[') { end.unwrap_or(text.len()) } else { 0 }
}

/// Resources of the configuration: their module, as names from the root, their type and their name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) module: Vec<String>,
    pub(super) kind: String,
    pub(super) name: String,
    /// The keys of the modules and, last, the resource's own; none where any will do.
    pub(super) keys: Vec<Option<String>>,
    /// Whether its own key is that of who refers to it, because the expression has `each` or
    /// `count.index`; it may also be the only one of its name.
    pub(super) is_own_key: bool,
}

/// Where an expression stands.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) module: Vec<String>,
    /// The keys of the modules.
    pub(super) keys: Vec<Option<String>>,
    /// What `each.key` or `count.index` stand for, in brackets.
    pub(super) own: String,
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
    pub(super) fn targets(self, place: &Place, expression: &Node) -> Vec<Target> {
        let mut found = Vec::new();
        self.follow(place, expression, &mut found, 0);
        found
    }

    fn follow(self, place: &Place, expression: &Node, found: &mut Vec<Target>, depth: usize) {
        if depth > DEPTH_MAX {
            return;
        }
        let references: Vec<Vec<(&str, &str)>> = items(expression.get("references"))
            .iter()
            .filter_map(|node| text(Some(node)).map(steps))
            .collect();
        let has_own = references.iter().any(|steps| matches!(steps[..], [("each" | "count", _), ..]));
        let own = (has_own && !place.own.is_empty()).then(|| place.own.clone());
        for steps in &references {
            match steps[..] {
                [("var", _), (variable, _), ..] => self.caller(place, variable, found, depth),
                [("module", _), (call, key), (output, _), ..] => {
                    let mut inner = Place { own: String::new(), ..place.clone() };
                    inner.module.push(call.to_owned());
                    inner.keys.push(if key.is_empty() { own.clone() } else { Some(key.to_owned()) });
                    let expression = self
                        .module(&inner.module)
                        .and_then(|node| node.get("outputs")?.get(output)?.get("expression"));
                    if let Some(expression) = expression {
                        self.follow(&inner, expression, found, depth + 1);
                    }
                }
                [("local" | "each" | "count" | "path" | "self" | "terraform" | "module" | "var", _), ..] => {}
                [(kind, _), (name, key), ..] => {
                    // `x[1].arn` is given as `x[1].arn`, `x[1]` and `x`: the key counts.
                    let is_keyed = |other: &Vec<(&str, &str)>| matches!(other[..], [(k, _), (n, key), ..] if k == kind && n == name && !key.is_empty());
                    if key.is_empty() && references.iter().any(is_keyed) {
                        continue;
                    }
                    let mut keys = place.keys.clone();
                    keys.push(if key.is_empty() { own.clone() } else { Some(key.to_owned()) });
                    let target = Target {
                        module: place.module.clone(),
                        kind: kind.to_owned(),
                        name: name.to_owned(),
                        keys,
                        is_own_key: key.is_empty() && own.is_some(),
                    };
                    if !found.contains(&target) {
                        found.push(target);
                    }
                }
                _ => {}
            }
        }
    }

    /// Follows what the caller of a module gives to one of its variables.
    fn caller(self, place: &Place, variable: &str, found: &mut Vec<Target>, depth: usize) {
        let Some((last, parent)) = place.module.split_last() else { return };
        let call = self
            .module(parent)
            .and_then(|node| node.get("module_calls")?.get(last)?.get("expressions")?.get(variable));
        let Some(expression) = call else { return };
        let (own, keys) = place.keys.split_last().map_or((None, &[][..]), |(own, keys)| (own.clone(), keys));
        let outer = Place { module: parent.to_vec(), keys: keys.to_vec(), own: own.unwrap_or_default() };
        self.follow(&outer, expression, found, depth + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_falls_into_names_and_keys() {
        assert_eq!(
            steps("module.m[\"a.b\"].kind.name[0].arn"),
            [("module", ""), ("m", "[\"a.b\"]"), ("kind", ""), ("name", "[0]"), ("arn", "")]
        );
        assert_eq!(steps("x[0"), [("x", "[0")]);
        assert_eq!(steps(".."), [("", ""), ("", "")]);
    }
}
