//! The recurrent network.

use gradus::nn::{Gru, Linear, Module, RecurrentConfig, Result};
use gradus::prelude::{Ctx, Keys, Layer, Var};

/// Reads a window hour by hour; what it has gathered at the end, and the last hour itself, make
/// the forecast.
///
/// # Shapes
/// - `x`: `[B, T, F]` → `[B, 1]`
#[derive(Debug, Module)]
pub(crate) struct GruForecast {
    gru: Gru,
    gathered: Linear,
    now: Linear,
}

impl GruForecast {
    pub(crate) fn new(features: usize, hidden: usize, keys: &mut Keys) -> Result<Self> {
        Ok(Self {
            gru: RecurrentConfig::new(features, hidden).gru(keys)?,
            gathered: Linear::new(hidden, 1, keys)?,
            now: Linear::new(features, 1, keys)?,
        })
    }
}

impl Layer for GruForecast {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        let (_, state) = ctx.at("gru", |ctx| self.gru.run(x, None, None, ctx))?;
        let gathered = self.gathered.forward(&state.select(0, 0)?, ctx)?; // (B, 1)
        let now = self.now.forward(&x.select(1, x.dims()[1] - 1)?, ctx)?; // (B, 1)
        Ok(gathered.add(&now)?)
    }
}
