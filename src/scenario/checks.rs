//! The grammar of `checks:`.

/// One assertion about the results.
#[derive(Clone, Debug, PartialEq)]
pub struct Check;
