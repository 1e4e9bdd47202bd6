//! A factor that changes with the step.

use super::{Transformation, Updates};
use crate::{Result, Schedule};

/// Multiplies every update by a schedule's factor.
///
/// The optimizer's own learning rate has a schedule already; this one is for a part of the chain.
#[derive(Debug, Clone, PartialEq)]
pub struct ScaleBySchedule {
    schedule: Schedule,
}

/// Multiplies every update by `schedule.factor(step)`.
///
/// # Errors
/// [`crate::Error::InvalidConfig`] if a setting of the schedule is outside its range.
pub fn scale_by_schedule(schedule: Schedule) -> Result<ScaleBySchedule> {
    schedule.check()?;
    Ok(ScaleBySchedule { schedule })
}

impl Transformation for ScaleBySchedule {
    fn apply(&mut self, updates: &mut Updates) -> Result<()> {
        let factor = self.schedule.factor(updates.step);
        updates.map(|item| Ok(item.update.mul_scalar(factor)?))
    }
}
