//! stub
impl super::Intake<'_> {
    pub(super) fn template(&mut self, _: &crate::scenario::tree::Node, _: &str) {}
}
