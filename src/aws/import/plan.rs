//! stub
impl super::Intake<'_> {
    pub(super) fn plan(&mut self, _: &crate::scenario::tree::Node, _: &str) {}
}
