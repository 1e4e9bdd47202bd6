//! Checks of what sequence models are given.

use gradus_tensor::{DType, Tensor};

use crate::error::{Error, Result};

/// B and T of tokens `[B, T]`, all of them below `vocab`.
pub(crate) fn token_dims(model: &'static str, tokens: &Tensor, vocab: usize) -> Result<[usize; 2]> {
    let &[rows, len] = tokens.dims() else {
        let (name, expected, got) = ("tokens", "[B, T]", tokens.shape().clone());
        return Err(Error::InputShape { model, name, expected, got });
    };
    tokens.to_vec::<i64>()?.into_iter().try_for_each(|token| check_token(model, token, vocab))?;
    Ok([rows, len])
}

/// Refuses a token that is not below `vocab`.
pub(crate) fn check_token(model: &'static str, token: i64, vocab: usize) -> Result<()> {
    let known = usize::try_from(token).is_ok_and(|token| token < vocab);
    if known { Ok(()) } else { Err(Error::Token { model, token, vocab }) }
}

/// Refuses classes that are not one for each row and below `known`; none if that is 0.
pub(crate) fn check_classes(
    model: &'static str,
    classes: Option<&Tensor>,
    rows: usize,
    known: usize,
) -> Result<()> {
    if let Some(classes) = classes.filter(|classes| classes.rank() != 1) {
        let (name, expected, got) = ("classes", "[B]", classes.shape().clone());
        return Err(Error::InputShape { model, name, expected, got });
    }
    let classes = classes.map(Tensor::to_vec::<i64>).transpose()?.unwrap_or_default();
    let (expected, got) = (if known > 0 { rows } else { 0 }, classes.len());
    if expected != got {
        return Err(Error::Classes { model, expected, got });
    }
    match classes.iter().find(|&&class| !usize::try_from(class).is_ok_and(|c| c < known)) {
        Some(&class) => Err(Error::Class { model, class, classes: known }),
        None => Ok(()),
    }
}

/// The tokens of rows that are fed one after the other: the first must be the start token, and it alone.
pub(crate) fn check_fed(model: &'static str, held: usize, fed: &[u32], vocab: usize) -> Result<()> {
    let plain = match fed {
        [first, plain @ ..] if held == 0 => {
            let (start, got) = (vocab as u32, *first);
            if got != start {
                return Err(Error::Start { model, start, got });
            }
            plain
        }
        _ => fed,
    };
    plain.iter().try_for_each(|&token| check_token(model, i64::from(token), vocab))
}

/// Rows `[B, T]` as a model sees them that predicts each token: the start token, then all but the last.
pub(crate) fn after_start(tokens: &Tensor, start: usize) -> Result<Tensor> {
    let [rows, len] = [tokens.size(0)?, tokens.size(1)?];
    let first = Tensor::full([rows, len.min(1)], start as f64, DType::I64)?;
    Ok(Tensor::cat(&[&first, &tokens.narrow(1, 0, len.saturating_sub(1))?], 1)?)
}

/// Refuses a request of another number of rows.
pub(crate) fn check_rows(
    what: &'static str,
    expected: usize,
    got: usize,
) -> gradus_generate::Result<()> {
    if expected == got {
        Ok(())
    } else {
        Err(gradus_generate::Error::Length { what, expected, got })
    }
}
