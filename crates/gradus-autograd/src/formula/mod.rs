//! Formulas of your own, fused, with derivatives of any order: [`Var::pointwise`](crate::Var::pointwise).

mod op;
mod sym;
