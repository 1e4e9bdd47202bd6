//! From the type's syntax to the impl.

use std::collections::HashSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::{Data, DeriveInput, Error, Fields, Ident, Member, Result, Type, ext::IdentExt};

use crate::attributes::{Role, refuse, role};

/// A field that is visited: how to reach it, and under which name.
struct Visited<'a> {
    member: Member,
    name: String,
    ty: &'a Type,
}

/// The impl of `Module`.
///
/// # Errors
/// For a union, a misused attribute, or two fields with the same name.
pub(crate) fn module(input: &DeriveInput, krate: &TokenStream) -> Result<TokenStream> {
    refuse(&input.attrs, "a type")?;
    let mut types = Vec::new();
    let arms = match &input.data {
        Data::Struct(data) => vec![arm(&quote!(Self), &data.fields, krate, &mut types)?],
        Data::Enum(data) => {
            let mut arms = Vec::new();
            for variant in &data.variants {
                refuse(&variant.attrs, "a variant")?;
                let name = &variant.ident;
                arms.push(arm(&quote!(Self::#name), &variant.fields, krate, &mut types)?);
            }
            arms
        }
        Data::Union(data) => {
            let message = "derive(Module) works on structs and enums, not on unions";
            return Err(Error::new(data.union_token.span, message));
        }
    };
    // An enum without variants has no value to match on a reference.
    let (body, body_mut) = if arms.is_empty() {
        (quote!(match *self {}), quote!(match *self {}))
    } else {
        let (arms, arms_mut): (Vec<_>, Vec<_>) = arms.into_iter().unzip();
        (quote!(match self { #(#arms)* }), quote!(match self { #(#arms_mut)* }))
    };
    Ok(wrap(input, krate, &types, &[body, body_mut]))
}

/// One arm of the match in `visit`, and one of that in `visit_mut`.
fn arm<'a>(
    constructor: &TokenStream,
    fields: &'a Fields,
    krate: &TokenStream,
    types: &mut Vec<&'a Type>,
) -> Result<(TokenStream, TokenStream)> {
    let visited = visited(fields)?;
    types.extend(visited.iter().map(|field| field.ty));
    let bindings: Vec<Ident> = (0..visited.len()).map(|i| format_ident!("field_{i}")).collect();
    let members: Vec<_> = visited.iter().map(|field| &field.member).collect();
    let pattern = quote!(#constructor { #(#members: #bindings,)* .. });
    let walk = |method: TokenStream| {
        let steps = visited.iter().zip(&bindings).map(|(field, binding)| {
            let name = &field.name;
            quote! {
                path.push(#name);
                #krate::Module::#method(#binding, path, f);
                path.pop();
            }
        });
        quote!(#pattern => { #(#steps)* })
    };
    Ok((walk(quote!(visit)), walk(quote!(visit_mut))))
}

/// The fields that are not skipped, with their names in the state dict.
fn visited(fields: &Fields) -> Result<Vec<Visited<'_>>> {
    let mut names = HashSet::new();
    let mut visited = Vec::new();
    for (field, member) in fields.iter().zip(fields.members()) {
        let name = match role(&field.attrs)? {
            Role::Skip => continue,
            Role::Rename(name) => name.value(),
            Role::Visit => match &member {
                Member::Named(name) => name.unraw().to_string(),
                Member::Unnamed(index) => index.index.to_string(),
            },
        };
        if !names.insert(name.clone()) {
            let message = format!("two fields are visited under the name `{name}`");
            return Err(Error::new_spanned(field, message));
        }
        visited.push(Visited { member, name, ty: &field.ty });
    }
    Ok(visited)
}

/// Puts the two bodies into the impl, with bounds on the type parameters that are visited.
fn wrap(
    input: &DeriveInput,
    krate: &TokenStream,
    types: &[&Type],
    [body, body_mut]: &[TokenStream; 2],
) -> TokenStream {
    let mut generics = input.generics.clone();
    for parameter in generics.type_params_mut() {
        if types.iter().any(|ty| mentions(ty.to_token_stream(), &parameter.ident)) {
            parameter.bounds.push(syn::parse_quote!(#krate::Module));
        }
    }
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let name = &input.ident;
    quote! {
        #[automatically_derived]
        impl #impl_generics #krate::Module for #name #type_generics #where_clause {
            fn visit<'gradus>(
                &'gradus self,
                path: &mut #krate::Path,
                f: &mut dyn ::core::ops::FnMut(&#krate::Path, #krate::Slot<'gradus>),
            ) {
                let _ = (&path, &f); // a module without fields visits nothing
                #body
            }

            fn visit_mut<'gradus>(
                &'gradus mut self,
                path: &mut #krate::Path,
                f: &mut dyn ::core::ops::FnMut(&#krate::Path, #krate::SlotMut<'gradus>),
            ) {
                let _ = (&path, &f);
                #body_mut
            }
        }
    }
}

/// Whether an identifier occurs among the tokens.
fn mentions(tokens: TokenStream, ident: &Ident) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(found) => found == *ident,
        TokenTree::Group(group) => mentions(group.stream(), ident),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    fn fault(input: &DeriveInput) -> String {
        module(input, &quote!(::nn)).unwrap_err().to_string()
    }

    #[test]
    fn a_misused_attribute_is_told_in_plain_words() {
        let one = "a field takes one of `skip` and `rename`, once";
        assert_eq!(
            fault(&parse_quote!(
                struct A(#[module(skip, skip)] B);
            )),
            one
        );
        assert_eq!(
            fault(&parse_quote!(
                struct A(#[module(skip, rename = "b")] B);
            )),
            one
        );
        let unknown = "expected `skip` or `rename = \"name\"`";
        assert_eq!(
            fault(&parse_quote!(
                struct A(#[module(ignore)] B);
            )),
            unknown
        );
        let segment = "a name must not be empty or contain a dot";
        assert_eq!(
            fault(&parse_quote!(
                struct A(#[module(rename = "a.b")] B);
            )),
            segment
        );
        let place = "#[module(…)] belongs on a field, not on a variant";
        assert_eq!(
            fault(&parse_quote!(
                enum A {
                    #[module(skip)]
                    B(C),
                }
            )),
            place
        );
        assert!(
            fault(&parse_quote!(
                #[module(skip)]
                struct A;
            ))
            .ends_with("not on a type")
        );
    }

    #[test]
    fn a_type_that_cannot_be_a_module_is_told_in_plain_words() {
        let twice = "two fields are visited under the name `0`";
        assert_eq!(
            fault(&parse_quote!(
                struct A(B, #[module(rename = "0")] C);
            )),
            twice
        );
        let union = "derive(Module) works on structs and enums, not on unions";
        assert_eq!(fault(&parse_quote!(union A { a: u8 })), union);
    }

    #[test]
    fn the_trait_is_named_through_the_given_path() {
        let input = parse_quote!(
            struct A<T> {
                a: Vec<T>,
            }
        );
        let code = module(&input, &quote!(::gradus::nn)).unwrap().to_string();
        assert!(code.contains("impl < T : :: gradus :: nn :: Module >"), "{code}");
        assert!(code.contains(":: gradus :: nn :: Module :: visit (field_0 , path , f)"), "{code}");
    }
}
