//! What was found so far.

use bellwire_proto::admin::{Finding, Kind};

/// The most errors, and the most warnings, that are told at once.
const MOST: usize = 500;

/// What was found so far.
#[derive(Default)]
pub(super) struct Report {
    errors: Vec<Finding>,
    warnings: Vec<Finding>,
}

impl Report {
    /// Where to write what is found about one document.
    pub(super) fn on(&mut self, kind: Kind, id: impl ToString) -> Doc<'_> {
        Doc {
            report: self,
            kind,
            id: id.to_string(),
        }
    }

    /// Whether nothing was found.
    pub(super) fn is_empty(&self) -> bool {
        self.errors.is_empty() && self.warnings.is_empty()
    }

    /// Errors, then warnings.
    pub(super) fn findings(mut self) -> Vec<Finding> {
        self.errors.append(&mut self.warnings);
        self.errors
    }
}

/// One document, and the report that its findings go to.
pub(super) struct Doc<'r> {
    report: &'r mut Report,
    kind: Kind,
    id: String,
}

impl Doc<'_> {
    /// Something that stands in the way of saving.
    pub(super) fn error(&mut self, at: impl Into<String>, say: impl Into<String>) {
        let finding = self.finding(at.into(), say.into(), true);
        if self.report.errors.len() < MOST {
            self.report.errors.push(finding);
        }
    }

    /// Something strange.
    pub(super) fn warn(&mut self, at: impl Into<String>, say: impl Into<String>) {
        let finding = self.finding(at.into(), say.into(), false);
        if self.report.warnings.len() < MOST {
            self.report.warnings.push(finding);
        }
    }

    fn finding(&self, at: String, say: String, error: bool) -> Finding {
        Finding {
            kind: self.kind,
            id: self.id.clone(),
            at,
            say,
            error,
        }
    }
}
