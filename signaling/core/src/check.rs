//! Whether a centre can work as it is set up, and where it cannot: told in words, with the place in
//! the document. Errors stand in the way of saving; warnings are for people to judge.

mod book;
mod conditions;
mod dialling;
mod forms;
mod hours;
mod loops;
mod queues;
mod reach;
mod report;
mod rules;
mod sites;
mod sizes;
mod telephones;
mod texts;
mod trunks;
mod users;

use bellwire_proto::{admin::Finding, setup::Setup};

use book::Book;
use report::Report;

/// Everything that is wrong or strange about `setup`: errors first, at most 500 of either.
///
/// What is too large to look at closely has no other findings than that.
#[must_use]
pub fn check(setup: &Setup) -> Vec<Finding> {
    let mut report = Report::default();
    sizes::check(setup, &mut report);
    if !report.is_empty() {
        return report.findings();
    }
    let book = Book::new(setup);
    sites::check(setup, &book, &mut report);
    queues::check(setup, &book, &mut report);
    users::check(setup, &book, &mut report);
    telephones::check(setup, &book, &mut report);
    trunks::check(setup, &mut report);
    dialling::check(setup, &mut report);
    hours::check(setup, &mut report);
    rules::check(setup, &book, &mut report);
    forms::check(setup, &book, &mut report);
    loops::check(setup, &book, &mut report);
    reach::check(setup, &book, &mut report);
    texts::lists(setup, &mut report);
    report.findings()
}

#[cfg(test)]
mod tests;
