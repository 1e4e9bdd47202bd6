//! `pointwise`: formulas of your own, fused, with derivatives of any order.

mod op;
mod sym;
