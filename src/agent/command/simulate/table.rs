//! The outcome of a simulation for people.

use super::report::{
    CashbackReport, EntriesReport, ProgrammeReport, QuantilesReport, Report, RewardReport,
    SpendName, VouchersName, VouchersReport,
};

/// What stands where there is no figure.
const NONE: &str = "-";

/// The report as text.
pub(super) fn text(report: &Report) -> String {
    let programmes: Vec<(&str, &ProgrammeReport)> = [("draft", Some(&report.draft))]
        .into_iter()
        .chain([("current", report.current.as_ref())])
        .filter_map(|(role, programme)| Some((role, programme?)))
        .collect();
    let mut lines = head(report, &programmes);
    lines.push(String::new());
    lines.extend(aligned(&figures(&programmes)));
    lines.push(String::new());
    lines.extend(aligned(&rewards(&programmes)));
    for handed_out in [vouchers(&programmes), entries(&programmes)] {
        if handed_out.len() > 1 {
            lines.push(String::new());
            lines.extend(aligned(&handed_out));
        }
    }
    for (role, programme) in &programmes {
        if programme.offers_never_applied > 0 {
            let offers = programme.offers_never_applied;
            lines.push(format!("{role}: {offers} offers never applied for a member"));
        }
    }
    lines.join("\n")
}

fn head(report: &Report, programmes: &[(&str, &ProgrammeReport)]) -> Vec<String> {
    let mut lines: Vec<String> = programmes
        .iter()
        .map(|(role, programme)| {
            let ProgrammeReport { programme: id, version, name, currency, .. } = programme;
            format!("{role}: programme {id} version {version} ({name}), {currency}")
        })
        .collect();
    let draft = &report.draft;
    if let (Some(first), Some(last)) = (&draft.first_day, &draft.last_day) {
        lines.push(format!("log: {first} to {last}"));
    }
    let left_out = [
        (report.training_left_out, "receipts and returns in training"),
        (report.repeated_left_out, "receipts and returns repeated"),
        (report.of_unknown_left_out, "returns of receipts that the log does not have before"),
    ];
    for (count, what) in left_out.into_iter().filter(|(count, _)| *count > 0) {
        lines.push(format!("left out: {count} {what}"));
    }
    for (role, programme) in programmes.iter().filter(|(_, p)| p.returns_impossible > 0) {
        let count = programme.returns_impossible;
        lines.push(format!("{role}: {count} returns named no goods or more than was left"));
    }
    lines.push(format!(
        "assumed: members buy as they did whatever the programme, begin with no points, {} and {}",
        match report.spend {
            SpendName::Whenever => "spend all they may as soon as they may (--spend whenever)",
            SpendName::Never => "never spend any (--spend never)",
        },
        match report.vouchers {
            VouchersName::Used =>
                "bring every valid voucher to each purchase and use what applies (--vouchers used)",
            VouchersName::Never => "never use a voucher (--vouchers never)",
        },
    ));
    lines.push(
        "assumed: nobody takes a reward of the catalogue; reached is one that the balance holds"
            .to_owned(),
    );
    lines.push(
        "not known: flags, birthdays, vouchers from elsewhere; what asks for them never applies"
            .to_owned(),
    );
    lines
}

fn figures(programmes: &[(&str, &ProgrammeReport)]) -> Vec<Vec<String>> {
    let row = |label: &str, figure: &dyn Fn(&ProgrammeReport) -> String| {
        let figures = programmes.iter().map(|(_, programme)| figure(programme));
        std::iter::once(label.to_owned()).chain(figures).collect()
    };
    let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| NONE.to_owned());
    let roles = programmes.iter().map(|(role, _)| (*role).to_owned());
    let has_cashback = programmes.iter().any(|(_, programme)| programme.cashback.is_some());
    let spent =
        if has_cashback { "points and cashback spent, as money" } else { "points spent, as money" };
    let mut rows: Vec<Vec<String>> = vec![
        std::iter::once(String::new()).chain(roles).collect(),
        row("receipts", &|p| p.receipts.to_string()),
        row("receipts of members", &|p| p.receipts_of_members.to_string()),
        row("returns", &|p| p.returns.to_string()),
        row("members who bought", &|p| p.members.to_string()),
        row("sales before loyalty", &|p| p.sales.clone()),
        row("discounts", &|p| p.discounts.clone()),
        row(spent, &|p| p.redeemed.clone()),
        row("cost: both together", &|p| p.cost.clone()),
        row("cost, % of sales", &|p| or_none(&p.cost_percent)),
        row("paid back", &|p| p.refunded.clone()),
        row("points issued", &|p| p.points_issued.to_string()),
        row("points of who referred", &|p| p.points_of_referrers.to_string()),
        row("points spent", &|p| p.points_spent.to_string()),
        row("points given back", &|p| p.points_restored.to_string()),
        row("points taken back", &|p| p.points_taken_back.to_string()),
        row("points expired", &|p| p.points_expired.to_string()),
        row("points outstanding", &|p| p.points_outstanding.to_string()),
        row("points owed", &|p| p.points_owed.to_string()),
        row("worth of the outstanding", &|p| or_none(&p.outstanding_worth)),
        row("of it spendable today", &|p| or_none(&p.spendable_worth)),
    ];
    if has_cashback {
        let cashback = |label, figure: fn(&CashbackReport) -> &String| {
            row(label, &|p| {
                p.cashback.as_ref().map_or(NONE.to_owned(), |sums| figure(sums).clone())
            })
        };
        rows.extend([
            cashback("cashback issued", |sums| &sums.issued),
            cashback("cashback spent", |sums| &sums.spent),
            cashback("cashback given back by returns", |sums| &sums.restored),
            cashback("cashback taken back by returns", |sums| &sums.taken_back),
            cashback("cashback expired", |sums| &sums.expired),
            cashback("cashback outstanding", |sums| &sums.outstanding),
            cashback("cashback owed", |sums| &sums.owed),
        ]);
    }
    rows
}

/// A row for each reward and programme, the same reward of both one below the other.
fn rewards(programmes: &[(&str, &ProgrammeReport)]) -> Vec<Vec<String>> {
    let title = [
        "who ever reaches",
        "",
        "members",
        "%",
        "days: median",
        "90 %",
        "purchases: median",
        "90 %",
    ];
    let mut rows = vec![title.map(str::to_owned).to_vec()];
    let mut told: Vec<(&str, Option<&str>)> = Vec::new();
    for (_, programme) in programmes {
        for reward in &programme.rewards {
            let key = (reward.kind, reward.id.as_deref());
            if told.contains(&key) {
                continue;
            }
            told.push(key);
            let same = |other: &&RewardReport| (other.kind, other.id.as_deref()) == key;
            for (role, programme) in programmes {
                let row = programme.rewards.iter().find(same).map(|found| reward_row(role, found));
                rows.extend(row);
            }
        }
    }
    rows
}

fn reward_row(role: &str, reward: &RewardReport) -> Vec<String> {
    let label = match &reward.id {
        Some(id) => format!("{} {id} ({})", reward.kind, reward.name),
        None => reward.name.clone(),
    };
    let figure = |quantiles: Option<QuantilesReport>, of: fn(QuantilesReport) -> u32| {
        quantiles.map_or_else(|| NONE.to_owned(), |quantiles| of(quantiles).to_string())
    };
    vec![
        label,
        role.to_owned(),
        reward.members.to_string(),
        reward.members_percent.clone().unwrap_or_else(|| NONE.to_owned()),
        figure(reward.days, |q| q.median),
        figure(reward.days, |q| q.p90),
        figure(reward.purchases, |q| q.median),
        figure(reward.purchases, |q| q.p90),
    ]
}

/// A row for each kind of voucher and programme.
fn vouchers(programmes: &[(&str, &ProgrammeReport)]) -> Vec<Vec<String>> {
    let title = [
        "vouchers",
        "",
        "handed out",
        "used",
        "lapsed",
        "withdrawn",
        "open",
        "discount",
        "cost",
        "cost of open",
    ];
    let row = |role: &str, vouchers: &VouchersReport| {
        vec![
            format!("{} ({})", vouchers.id, vouchers.name),
            role.to_owned(),
            vouchers.handed_out.to_string(),
            vouchers.used.to_string(),
            vouchers.lapsed.to_string(),
            vouchers.withdrawn.to_string(),
            vouchers.open.to_string(),
            vouchers.discount.clone(),
            vouchers.cost.clone(),
            vouchers.open_cost.clone().unwrap_or_else(|| NONE.to_owned()),
        ]
    };
    let mut rows = vec![title.map(str::to_owned).to_vec()];
    for (role, programme) in programmes {
        rows.extend(programme.vouchers.iter().map(|vouchers| row(role, vouchers)));
    }
    rows
}

/// A row for each contest and programme.
fn entries(programmes: &[(&str, &ProgrammeReport)]) -> Vec<Vec<String>> {
    let title = ["contest entries", "", "handed out", "withdrawn"];
    let row = |role: &str, entries: &EntriesReport| {
        let EntriesReport { id, name, handed_out, withdrawn } = entries;
        let label = format!("{id} ({name})");
        vec![label, role.to_owned(), handed_out.to_string(), withdrawn.to_string()]
    };
    let mut rows = vec![title.map(str::to_owned).to_vec()];
    for (role, programme) in programmes {
        rows.extend(programme.entries.iter().map(|entries| row(role, entries)));
    }
    rows
}

/// Rows as lines: the first column on the left, figures on the right.
fn aligned(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or_default()).collect();
    let line = |row: &Vec<String>| {
        let mut text = String::new();
        for (column, cell) in row.iter().enumerate() {
            let width = widths[column];
            let cell =
                if column == 0 { format!("{cell:<width$}") } else { format!("  {cell:>width$}") };
            text.push_str(&cell);
        }
        text.trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}
