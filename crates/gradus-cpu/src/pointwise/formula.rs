//! The macro that writes a formula.

/// Writes a type with a formula of some numbers, and perhaps of constants.
///
/// The numbers are any [`Number`](crate::pointwise::Number), the constants `f64`.
///
/// # Examples
/// ```
/// gradus_cpu::pointwise! {
///     /// x σ(βx), with a gate.
///     struct Gated { beta: f64 }
///     |x, gate| x * (x * beta).sigmoid() * gate
/// }
/// let mut y = [0.0f64];
/// gradus_cpu::pointwise::forward(&Gated { beta: 0.0 }, [&[3.0], &[4.0]], &mut y);
/// assert_eq!(y, [6.0]);
/// ```
#[macro_export]
macro_rules! pointwise {
    ($(#[$meta:meta])* $vis:vis struct $name:ident; |$($x:ident),+| $body:expr) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy)]
        $vis struct $name;
        $crate::pointwise!(@call $name, [], [$($x),+], $body);
    };
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($(#[$of:meta])* $field:ident: f64),+ $(,)? } |$($x:ident),+| $body:expr) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy)]
        $vis struct $name {
            $($(#[$of])* $vis $field: f64,)+
        }
        $crate::pointwise!(@call $name, [$($field),+], [$($x),+], $body);
    };
    (@call $name:ident, [$($field:ident),*], [$($x:ident),+], $body:expr) => {
        impl $crate::pointwise::Pointwise<{ [$(stringify!($x)),+].len() }> for $name {
            #[inline(always)]
            fn call<S: $crate::pointwise::Number>(
                &self,
                [$($x),+]: [S; [$(stringify!($x)),+].len()],
            ) -> S {
                let Self { $($field),* } = *self;
                $body
            }
        }
    };
}
