//! Two models, one of which knows the condition.

use crate::own::log_total;
use crate::{Canvas, Causal, Error, Logits, Mark, Masked, Pos, Ragged, Result, Start, State, Want};

/// Classifier-free guidance: out = plain + scale·(conditional − plain), two calls of a model for one.
///
/// Scale 1 is the conditional model, 0 the plain one; larger scales exaggerate the condition. For
/// tokens, `out` are log-probabilities, so the law is proportional to conditional^scale ·
/// plain^(1 − scale); an id that one of both excludes stays out. For continuous values `out` is the
/// estimate of a [`Denoise`](crate::flow::Denoise).
///
/// Both models are fed the same tokens, but each its own start token. Text conditions go before the
/// rows of one of them through [`After`](crate::After). The pair counts as one call in
/// [`Stats`](crate::Stats).
///
/// # Examples
/// ```
/// use gradus_generate::exact::Chain;
/// use gradus_generate::{Ar, Guided, Request, Strategy};
/// // Against a coin, scale 2 squares the odds of staying: 81 to 1 instead of 9 to 1.
/// let guided = Guided { conditional: Chain::new(0.1)?, plain: Chain::new(0.5)?, scale: 2.0 };
/// let output = Ar::default().run(&guided, Request::new([1]).seed(7).max(1))?.collect_all()?;
/// let stays: f64 = 81.0 / 82.0;
/// assert!((output.log_probs(0)[1].unwrap_or(0.0) - stays.ln()).abs() < 1e-12);
/// # Ok::<(), gradus_generate::Error>(())
/// ```
///
/// # Reference
/// Ho & Salimans 2022, "Classifier-Free Diffusion Guidance"; w there is `scale` − 1. For tokens:
/// Sanchez et al. 2023, "Stay on topic with Classifier-Free Guidance", eq. 7.
#[derive(Debug, Clone, Copy)]
pub struct Guided<C, P> {
    /// The model that is told the condition.
    pub conditional: C,
    /// The model that is not.
    pub plain: P,
    /// How far to go.
    pub scale: f64,
}

/// What both models of a [`Guided`] remember.
#[derive(Debug, Clone)]
pub struct GuidedState<C, P> {
    conditional: C,
    plain: P,
    /// Tokens that each row was fed.
    fed: Vec<usize>,
    /// The open marks of both.
    marks: Option<(Mark, Mark)>,
}

impl<C: State, P: State> State for GuidedState<C, P> {
    fn rows(&self) -> usize {
        self.fed.len()
    }

    fn len(&self, row: usize) -> usize {
        self.fed[row]
    }

    fn mark(&mut self) -> Mark {
        self.marks = Some((self.conditional.mark(), self.plain.mark()));
        Mark::new(self.fed.clone())
    }

    fn rewind(&mut self, row: usize, mark: &Mark, keep: usize) -> Result<()> {
        let len = mark.target(row, keep, self.fed.get(row).copied().unwrap_or(0))?;
        let Some((conditional, plain)) = &self.marks else {
            return Err(Error::Missing { what: "an open mark to go back to" });
        };
        self.conditional.rewind(row, conditional, keep)?;
        self.plain.rewind(row, plain, keep)?;
        self.fed[row] = len;
        Ok(())
    }

    fn retain(&mut self, rows: &[usize]) {
        self.conditional.retain(rows);
        self.plain.retain(rows);
        self.fed = rows.iter().map(|&r| self.fed[r]).collect();
        self.marks = None;
    }
}

impl<C, P> Guided<C, P> {
    /// Refuses two models that do not speak of the same ids.
    fn check(&self, conditional: usize, plain: usize) -> Result<()> {
        if !self.scale.is_finite() {
            let (name, expected) = ("guidance scale", "finite");
            return Err(Error::Parameter { name, expected, got: self.scale });
        }
        let what = "vocabulary of the plain model, as large as the conditional one's";
        let (expected, got) = (conditional, plain);
        if expected == got { Ok(()) } else { Err(Error::Length { what, expected, got }) }
    }

    /// Appends the guided rows to `out`.
    fn blend(&self, conditional: &Logits, plain: &Logits, out: &mut Logits) -> Result<()> {
        conditional.expect_rows(plain.rows())?;
        for k in 0..plain.rows() {
            let (c, p) = (conditional.row(k), plain.row(k));
            // The ends of the scale are the models themselves, bit for bit.
            match self.scale {
                1.0 => out.extend(c)?,
                0.0 => out.extend(p)?,
                scale => out.extend(&blended(c, p, scale))?,
            }
        }
        Ok(())
    }
}

/// Log-probabilities up to a constant. A row that cannot be drawn from stays one.
fn blended(conditional: &[f64], plain: &[f64], scale: f64) -> Vec<f64> {
    let (c_total, p_total) = match (log_total(conditional), log_total(plain)) {
        (Ok(c), Ok(p)) => (c, p),
        (Err(Error::EmptySupport { .. }), _) | (_, Err(Error::EmptySupport { .. })) => {
            return vec![f64::NEG_INFINITY; conditional.len()];
        }
        _ => return vec![f64::NAN; conditional.len()],
    };
    let of = |(c, p): (&f64, &f64)| {
        if *c == f64::NEG_INFINITY || *p == f64::NEG_INFINITY {
            return f64::NEG_INFINITY;
        }
        let (c, p) = (c - c_total, p - p_total);
        p + scale * (c - p)
    };
    conditional.iter().zip(plain).map(of).collect()
}

impl<C: Causal, P: Causal> Causal for Guided<C, P> {
    type State = GuidedState<C::State, P::State>;

    fn vocab(&self) -> usize {
        self.conditional.vocab()
    }

    fn start(&self) -> Start {
        self.conditional.start()
    }

    fn context(&self) -> Option<usize> {
        match (self.conditional.context(), self.plain.context()) {
            (Some(c), Some(p)) => Some(c.min(p)),
            (c, p) => c.or(p),
        }
    }

    fn alike(&self, row: usize, other: usize) -> bool {
        self.conditional.alike(row, other) && self.plain.alike(row, other)
    }

    /// # Errors
    /// [`Error::Contradiction`] unless both models begin rows in the same way: each with its own start
    /// token, or both with the same one or none. [`Error::Length`] for vocabularies of two sizes,
    /// [`Error::Parameter`] for a scale that is not finite.
    fn begin(&self, rows: usize) -> Result<Self::State> {
        self.check(self.conditional.vocab(), self.plain.vocab())?;
        match (self.conditional.start(), self.plain.start()) {
            (Start::Always(_), Start::Always(_)) => {}
            (c, p) if c == p => {}
            _ => {
                let (what, with) = ("the start of one model", "that of the other");
                return Err(Error::Contradiction { what, with });
            }
        }
        let (conditional, plain) = (self.conditional.begin(rows)?, self.plain.begin(rows)?);
        Ok(GuidedState { conditional, plain, fed: vec![0; rows], marks: None })
    }

    fn feed(&self, s: &mut Self::State, new: &Ragged, want: Want, out: &mut Logits) -> Result<()> {
        let (expected, got) = (s.fed.len(), new.rows());
        if expected != got {
            return Err(Error::Length { what: "rows fed to a state", expected, got });
        }
        let mut other = Ragged::new();
        for (row, fed) in new.iter().zip(&s.fed) {
            match (self.plain.start(), row) {
                (Start::Always(id), [_, rest @ ..]) if *fed == 0 => {
                    other.push(&[&[id], rest].concat());
                }
                _ => other.push(row),
            }
        }
        let (mut c, mut p) = (Logits::new(self.vocab()), Logits::new(self.vocab()));
        self.conditional.feed(&mut s.conditional, new, want, &mut c)?;
        self.plain.feed(&mut s.plain, &other, want, &mut p)?;
        s.fed.iter_mut().zip(new.iter()).for_each(|(fed, row)| *fed += row.len());
        self.blend(&c, &p, out)
    }
}

impl<C: Masked, P: Masked> Masked for Guided<C, P> {
    fn vocab(&self) -> usize {
        self.conditional.vocab()
    }

    fn fill(&self, canvas: &Canvas, at: &[Pos], out: &mut Logits) -> Result<()> {
        self.check(self.conditional.vocab(), self.plain.vocab())?;
        let vocab = self.conditional.vocab();
        let (mut c, mut p) = (Logits::new(vocab), Logits::new(vocab));
        self.conditional.fill(canvas, at, &mut c)?;
        self.plain.fill(canvas, at, &mut p)?;
        self.blend(&c, &p, out)
    }

    fn settle(&self, canvas: &Canvas, end: usize) -> Result<usize> {
        Ok(self.conditional.settle(canvas, end)? + self.plain.settle(canvas, end)?)
    }
}
