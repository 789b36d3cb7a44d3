//! Stretches of time as Cost Explorer takes them. Knows no bill.

use serde_json::{Value, json};

use super::validation;
use crate::sim::billing::{Day, MONTHS_KEPT, date_of, day_named, month_start};
use crate::sim::wire::Refusal;

/// How an answer is cut into periods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Granularity {
    Daily,
    Monthly,
}

impl Granularity {
    /// Reads `Granularity`. By the hour is for those who have opted in and pay for it.
    pub(super) fn read(request: &Value) -> Result<Self, Refusal> {
        match request.get("Granularity").and_then(Value::as_str) {
            Some("DAILY") => Ok(Self::Daily),
            Some("MONTHLY") => Ok(Self::Monthly),
            _ => Err(validation(
                "Hourly granularity is not enabled. Please opt in to hourly and resource-level granularity first",
            )),
        }
    }
}

/// From a day to before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) from: Day,
    pub(super) until: Day,
}

impl Period {
    /// Reads `TimePeriod`: within the months for which there are bills.
    pub(super) fn read(request: &Value, today: Day) -> Result<Self, Refusal> {
        let period = Self::read_any(request)?;
        if period.from < month_start(today, -MONTHS_KEPT) {
            let months = MONTHS_KEPT + 1;
            return Err(validation(format!("You haven't enabled historical data beyond {months} months")));
        }
        if period.until > month_start(today, 1) {
            return Err(validation("end date past the beginning of next month"));
        }
        Ok(period)
    }

    /// Reads `TimePeriod`, wherever it lies.
    pub(super) fn read_any(request: &Value) -> Result<Self, Refusal> {
        let day = |member: &str| {
            let text = request["TimePeriod"][member].as_str().unwrap_or_default();
            day_named(text).ok_or_else(|| {
                let name = member.to_lowercase();
                validation(format!("Failed to parse {name} date {text}: it must be a date as yyyy-MM-dd"))
            })
        };
        let period = Self { from: day("Start")?, until: day("End")? };
        if period.from >= period.until {
            return Err(validation("Start date (and hour) should be before end date (and hour)"));
        }
        Ok(period)
    }

    /// Cut into days or months; the first and last month may be cut short.
    pub(super) fn parts(self, granularity: Granularity) -> Vec<Self> {
        let mut parts = Vec::new();
        let mut from = self.from;
        while from < self.until {
            let until = match granularity {
                Granularity::Daily => from + 1,
                Granularity::Monthly => month_start(from, 1).min(self.until),
            };
            parts.push(Self { from, until });
            from = until;
        }
        parts
    }

    pub(super) fn to_json(self) -> Value {
        json!({"Start": date_of(self.from).to_string(), "End": date_of(self.until).to_string()})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(start: &str, end: &str) -> Result<Period, String> {
        let today = day_named("2026-11-22").unwrap();
        Period::read(&json!({"TimePeriod": {"Start": start, "End": end}}), today)
            .map_err(|refusal| refusal.message)
    }

    #[test]
    fn a_period_lies_within_the_months_that_are_kept() {
        assert!(read("2025-10-01", "2026-12-01").is_ok());
        assert_eq!(
            read("2025-09-30", "2026-11-01"),
            Err("You haven't enabled historical data beyond 14 months".into())
        );
        assert_eq!(read("2026-11-01", "2026-12-02"), Err("end date past the beginning of next month".into()));
        for (start, end) in [("2026-11-02", "2026-11-02"), ("2026-11-03", "2026-11-02")] {
            assert!(read(start, end).unwrap_err().contains("should be before end date"));
        }
        assert!(read("2026-02-30", "2026-03-02").unwrap_err().contains("start date 2026-02-30"));
        assert!(read("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z").is_err());
    }

    #[test]
    fn months_are_cut_where_the_period_is() {
        let parts = read("2026-09-28", "2026-11-03").unwrap().parts(Granularity::Monthly);
        let shown: Vec<_> = parts.iter().map(|part| part.to_json().to_string()).collect();
        assert_eq!(
            shown,
            [
                r#"{"Start":"2026-09-28","End":"2026-10-01"}"#,
                r#"{"Start":"2026-10-01","End":"2026-11-01"}"#,
                r#"{"Start":"2026-11-01","End":"2026-11-03"}"#
            ]
        );
        assert_eq!(read("2026-10-30", "2026-11-03").unwrap().parts(Granularity::Daily).len(), 4);
    }
}
