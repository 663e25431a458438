//! What event logs name: Region, account and cluster, within the bounds of AWS.

use crate::scenario::codes::Code;
use crate::scenario::model::EventLog;
use crate::scenario::raw::RawSimulation;
use crate::scenario::read::{At, Reader};
use crate::scenario::values::Text;

use super::get;

pub(super) fn event_log(raw: &RawSimulation, reader: &mut Reader<'_>) -> Option<EventLog> {
    let is_region = |text: &str| {
        let parts: Vec<_> = text.split('-').collect();
        let letters = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
        matches!(parts.split_last(), Some((number, words)) if words.len() >= 2
            && words.iter().all(letters) && number.len() == 1 && number.bytes().all(|b| b.is_ascii_digit()))
    };
    let is_account = |text: &str| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    // API_CreateCluster: up to 255 letters, digits, underscores and hyphens.
    let is_cluster = |text: &str| {
        (1..=255).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
    };
    let region = named(raw.region.as_ref()?, is_region, "an AWS Region", "write it like eu-west-1", reader);
    let help = "twelve digits, in quotes: \"123456789012\"";
    let account = named(raw.account_id.as_ref()?, is_account, "an AWS account", help, reader);
    let help = "up to 255 letters, digits, underscores and hyphens";
    let cluster = named(raw.cluster_name.as_ref()?, is_cluster, "a cluster", help, reader);
    Some(EventLog { epoch: *get!(raw.epoch), region: region?, account: account?, cluster: cluster? })
}

fn named(
    text: &At<Text>,
    is_good: impl Fn(&str) -> bool,
    kind: &str,
    help: &str,
    reader: &mut Reader<'_>,
) -> Option<String> {
    let name = &text.value.0;
    if is_good(name) {
        return Some(name.clone());
    }
    reader.problem(Code::BadName, text.place, format!("'{name}' cannot be the name of {kind}")).help(help);
    None
}
