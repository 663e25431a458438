//! stub
impl super::Intake<'_> {
    pub(super) fn deployments(&mut self, _: &crate::scenario::tree::Node, _: &str) {}
}
