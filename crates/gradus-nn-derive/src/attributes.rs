//! The `#[module(…)]` attribute of a field.

use syn::{Attribute, Error, LitStr, Result, spanned::Spanned};

/// How a field takes part in the walk.
pub(crate) enum Role {
    /// Visited under its own name or index.
    Visit,
    /// Visited under the given name.
    Rename(LitStr),
    /// Left out.
    Skip,
}

/// Reads a field's attributes.
///
/// # Errors
/// If an option is unknown, given twice, or a name cannot be a path segment.
pub(crate) fn role(attributes: &[Attribute]) -> Result<Role> {
    let mut role = Role::Visit;
    for attribute in attributes.iter().filter(|a| a.path().is_ident("module")) {
        attribute.parse_nested_meta(|meta| {
            if !matches!(role, Role::Visit) {
                return Err(meta.error("a field takes one of `skip` and `rename`, once"));
            }
            if meta.path.is_ident("skip") {
                role = Role::Skip;
            } else if meta.path.is_ident("rename") {
                role = Role::Rename(segment(meta.value()?.parse()?)?);
            } else {
                return Err(meta.error("expected `skip` or `rename = \"name\"`"));
            }
            Ok(())
        })?;
    }
    Ok(role)
}

/// Refuses `#[module(…)]` where it has no meaning.
///
/// # Errors
/// If there is such an attribute.
pub(crate) fn refuse(attributes: &[Attribute], place: &str) -> Result<()> {
    match attributes.iter().find(|a| a.path().is_ident("module")) {
        None => Ok(()),
        Some(attribute) => Err(Error::new(
            attribute.span(),
            format!("#[module(…)] belongs on a field, not on {place}"),
        )),
    }
}

/// A name that stays one segment when the path is joined with dots.
fn segment(name: LitStr) -> Result<LitStr> {
    if name.value().is_empty() || name.value().contains('.') {
        return Err(Error::new(name.span(), "a name must not be empty or contain a dot"));
    }
    Ok(name)
}
