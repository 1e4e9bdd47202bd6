//! Sums of products by Einstein's notation: `"bij,bjk->bik"`.
//!
//! [`Equation`] is what the notation says for operands of some shapes; [`contract`] carries it out on
//! anything that has the few operations of an [`Operand`]: a tensor here, a variable with gradients in
//! the crate above.

mod contract;
mod equation;
mod operand;
#[cfg(test)]
mod tests;

pub use contract::contract;
pub use equation::Equation;
pub use operand::Operand;
