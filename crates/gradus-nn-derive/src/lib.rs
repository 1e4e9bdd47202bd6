//! The derive macro behind `#[derive(Module)]`.
//!
//! A module is a tree of named parameters and buffers. The macro writes the walk over that tree:
//! every field of a struct, and of the variant at hand of an enum, is visited under its own name
//! (a tuple field under its index). The trait is `gradus_autograd::Module`, which `gradus-nn` and
//! the umbrella `gradus` (as `gradus::nn`) re-export together with this macro; the generated code
//! names whichever of them the calling crate depends on.
//!
//! The crate knows syntax only: no tensor, no parameter.
#![forbid(unsafe_code)]

mod attributes;
mod crate_path;
mod expand;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Implements `Module`: every field is visited under its name.
///
/// Works on structs and enums, with named, tuple or no fields. A type parameter that occurs in a
/// visited field gets the bound `Module`. The fields of an enum's variant are visited without the
/// variant's name.
///
/// # Attributes on a field
/// - `#[module(skip)]`: the field is not part of the module and need not implement `Module`.
/// - `#[module(rename = "name")]`: the field is visited under another name.
///
/// # Examples
/// ```text
/// #[derive(Module)]
/// struct Mlp {
///     #[module(rename = "fc1")]
///     hidden: Linear,
///     output: Linear,
///     #[module(skip)]
///     activation: Activation,
/// }
/// // Parameters: fc1.weight, fc1.bias, output.weight, output.bias
/// ```
#[proc_macro_derive(Module, attributes(module))]
pub fn derive_module(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    crate_path::crate_path()
        .and_then(|krate| expand::module(&input, &krate))
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}
