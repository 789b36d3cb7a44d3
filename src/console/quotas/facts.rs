//! Everything about one limit, as lines: how full, what more can start and what stands in the way, who holds it, and
//! the requests for more.

use crate::fleet::wording::{Ago, Counted};
use crate::fleet::{
    Holder, Limited, Owner, Query, QuotaRequest, QuotaRow, headroom, holders, plain, room_of_domain, rooms,
};

use super::super::{Console, Line, Tone};
use super::{percent_text, tone_of};

/// More holders than this are counted and not named.
const NAMED: usize = 100;

impl Console {
    /// The lines about the limit with an id.
    pub fn quota_lines(&self, id: &str) -> Vec<Line> {
        let Some(row) = self.quota_row(id) else {
            return vec![Line::text("this limit is not in the list any more", Tone::Muted)];
        };
        let mut lines = self.how_full(row);
        self.what_if(row, &mut lines);
        self.who(row, &mut lines);
        self.requests(row, &mut lines);
        lines
    }

    fn how_full(&self, row: &QuotaRow) -> Vec<Line> {
        let heat = row.heat(self.thresholds());
        let mut lines = Vec::new();
        if let Some(quota) = &row.quota {
            lines.push(Line::fact("quota", quota.name.as_str(), Tone::Plain));
            lines.push(Line::fact("code", quota.code.as_str(), Tone::Plain));
        }
        let place = format!("{} {}", self.fleet.account_label(row.scope.account()), row.scope.region());
        lines.push(Line::fact("where", place, Tone::Plain));
        let used =
            row.used.map_or_else(|| "unknown".to_owned(), |used| format!("{used} {}", row.limited.unit()));
        lines.push(Line::fact("used", used, if row.used.is_some() { Tone::Plain } else { Tone::Unknown }));
        if row.used.is_some_and(|used| used.at_least) {
            lines.push(Line::fact(
                "",
                "at least: a list was not read to its end, or AWS does not say what something runs on",
                Tone::Muted,
            ));
        }
        let limit = row.limit.to_string();
        match row.limit.why_unknown() {
            None => lines.push(Line::fact("limit", limit, Tone::Plain)),
            Some(why) => lines.push(Line::fact("limit", format!("{limit}: {why}"), Tone::Unknown)),
        }
        if let Some(default) = row.default {
            lines.push(Line::fact("AWS's default", plain(default), Tone::Muted));
        }
        if let Some(percent) = percent_text(row) {
            lines.push(Line::fact("full", format!("{percent} ({})", heat.as_str()), tone_of(heat)));
        }
        if row.quota.is_some() {
            let text = if row.adjustable { "yes" } else { "no: AWS does not raise it" };
            lines.push(Line::fact("can be raised", text, Tone::Plain));
        }
        lines
    }

    fn what_if(&self, row: &QuotaRow, lines: &mut Vec<Line>) {
        let Limited::Apps(app_type, instance) = &row.limited else { return };
        let room = headroom(&self.fleet, &row.scope, app_type, instance);
        begin(lines, "what can still start");
        let tone = match room.more {
            None => Tone::Unknown,
            Some(0) => Tone::Error,
            Some(_) => Tone::Ok,
        };
        lines.push(Line::fact("can start", room.to_string(), tone));
        for bound in &room.bounds {
            let more = bound.more.map_or_else(|| "unknown".to_owned(), |more| plain(more as f64));
            let sign = if bound.at_most && bound.more.is_some_and(|more| more > 0) { "at most " } else { "" };
            let tone = if bound.more.is_none() { Tone::Unknown } else { Tone::Muted };
            lines.push(Line::fact("", format!("{sign}{more} by {}", bound.limited), tone));
        }
        for domain in self.fleet.domains.iter().filter(|domain| domain.key.scope == row.scope) {
            let name = self.fleet.domain_label(&domain.key);
            let (text, tone) = match room_of_domain(&self.fleet, &domain.key) {
                Some(0) => (format!("none free in {name}: nothing can start there"), Tone::Error),
                Some(free) => (format!("{} free in {name}", plain(free as f64)), Tone::Muted),
                None => (format!("unknown in {name}"), Tone::Unknown),
            };
            lines.push(Line::fact("addresses", text, tone));
        }
    }

    fn who(&self, row: &QuotaRow, lines: &mut Vec<Line>) {
        if let Limited::Addresses(subnet) = &row.limited {
            let rooms = rooms(&self.fleet);
            let room = rooms.iter().find(|room| room.scope == row.scope && room.subnet == *subnet);
            if let Some(room) = room {
                let name = room.name.as_deref().unwrap_or("—");
                let zone = room.zone.as_deref().unwrap_or("—");
                lines.push(Line::fact("subnet", format!("{name} in {zone}"), Tone::Plain));
            }
        }
        let held = holders(&self.fleet, &row.scope, &row.limited);
        let heading = match row.limited {
            Limited::Addresses(_) => "domains in this subnet, with their running apps",
            _ => "who has them",
        };
        begin(lines, heading);
        if held.is_empty() {
            lines.push(Line::text("nobody", Tone::Muted));
        }
        for holder in held.iter().take(NAMED) {
            lines.push(self.holder(row, holder));
        }
        if held.len() > NAMED {
            lines.push(Line::text(format!("and {} more", held.len() - NAMED), Tone::Muted));
        }
    }

    fn holder(&self, row: &QuotaRow, holder: &Holder) -> Line {
        let domain = self.fleet.domain_label(&holder.domain);
        let (name, place) = match &holder.owner {
            Some(Owner::User(name)) => (name.to_string(), format!(" in {domain}")),
            Some(Owner::Space(name)) => (format!("{name} (shared)"), format!(" in {domain}")),
            None => (domain.to_owned(), String::new()),
        };
        let on = match holder.instances {
            fewer if fewer < holder.count => format!(", on {}", Counted(fewer as usize, "instance")),
            _ => String::new(),
        };
        let unit = match row.limited {
            Limited::Addresses(_) => "apps",
            _ => row.limited.unit(),
        };
        let unit = if holder.count == 1 { unit.strip_suffix('s').unwrap_or(unit) } else { unit };
        Line::fact(&name, format!("{} {unit}{on}{place}", plain(holder.count as f64)), Tone::Plain)
    }

    fn requests(&self, row: &QuotaRow, lines: &mut Vec<Line>) {
        let Some(quota) = &row.quota else { return };
        begin(lines, "requests for more, of the last 90 days");
        let query = Query::QuotaRequests(row.scope.clone());
        match (self.fleet.quotas.requests_for(&row.scope, &quota.code), self.fleet.failure(&query)) {
            (_, Some(problem)) => lines.push(Line::text(problem.to_string(), Tone::Warn)),
            (None, None) => lines.push(Line::text("not read yet", Tone::Muted)),
            (Some(requests), None) => {
                let before = lines.len();
                lines.extend(requests.map(|request| self.request(request)));
                if lines.len() == before {
                    lines.push(Line::text("none", Tone::Muted));
                }
            }
        }
    }

    fn request(&self, request: &QuotaRequest) -> Line {
        let tone = match &request.status {
            status if status.is_open() => Tone::Pending,
            status if status.is_refused() => Tone::Warn,
            _ => Tone::Plain,
        };
        let day = request.created.map_or_else(
            || "at an unknown time".to_owned(),
            |at| format!("{} ({})", at.to_zoned(self.zone.clone()).date(), Ago::since(at, self.now)),
        );
        let wanted = request.desired.map_or_else(|| "an unknown value".to_owned(), plain);
        let case = request.case.as_ref().map_or_else(String::new, |case| format!(", case {case}"));
        let by = request.requester.as_ref().map_or_else(String::new, |requester| format!(", by {requester}"));
        let text = format!("{wanted}: {}, request {}{case}{by}", request.status, request.id);
        Line::fact(&day, text, tone)
    }
}

fn begin(lines: &mut Vec<Line>, heading: &str) {
    lines.push(Line::default());
    lines.push(Line::heading(heading));
}
