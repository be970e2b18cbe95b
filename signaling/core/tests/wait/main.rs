//! Estimates of waits: each formula by a table, what a line learns, and random days.

mod formulas;
mod learning;
mod random;
