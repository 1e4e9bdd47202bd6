//! Where the trait lives, as seen from the calling crate.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Error, Ident, Result};

/// Packages that export the trait and its types, best first, each with the module they are in.
const HOMES: [(&str, Option<&str>); 3] =
    [("gradus-nn", None), ("gradus", Some("nn")), ("gradus-autograd", None)];

/// The path in front of `Module`, `Path`, `Slot` and `SlotMut`.
///
/// # Errors
/// If the calling crate depends on none of the packages that export them.
pub(crate) fn crate_path() -> Result<TokenStream> {
    for (package, module) in HOMES {
        let Ok(found) = crate_name(package) else { continue };
        // A package's own tests and examples see it under its name; its library declares
        // `extern crate self`.
        let name = match found {
            FoundCrate::Itself => package.replace('-', "_"),
            FoundCrate::Name(name) => name,
        };
        let krate = Ident::new(&name, Span::call_site());
        let module = module.map(|module| Ident::new(module, Span::call_site()));
        return Ok(match module {
            Some(module) => quote!(::#krate::#module),
            None => quote!(::#krate),
        });
    }
    Err(Error::new(Span::call_site(), "derive(Module) needs a dependency on gradus or gradus-nn"))
}
