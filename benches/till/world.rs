//! A shop to measure on: members, 500 offers, baskets, a data folder.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tillward::wire::programme::ProgrammeFile;

use crate::Outcome;

/// Offers of the programme, all live.
pub const OFFERS: u64 = 500;
/// Products; offers name 250 of them.
const SKUS: u64 = 2_000;
/// Categories, of which offers name 150.
const CATEGORIES: u64 = 300;

/// The binary that is measured; `TILLWARD_BENCH_BINARY` names another build of it.
pub fn binary() -> PathBuf {
    let other = std::env::var_os("TILLWARD_BENCH_BINARY");
    other.map_or_else(|| env!("CARGO_BIN_EXE_tillward").into(), PathBuf::from)
}

/// The binary on a data folder, free of the developer's own settings.
pub fn command(data: &Path) -> Command {
    let mut command = Command::new(binary());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TILLWARD_")) {
        command.env_remove(name);
    }
    command.env("TILLWARD__STORE__DATA_DIR", data).env("XDG_CONFIG_HOME", data);
    command
}

/// A data folder with a programme and so many members in it, and what its making took.
pub struct World {
    pub data: PathBuf,
    pub members: u64,
    pub import_seconds: f64,
}

impl World {
    /// Makes one through the real commands, as a technician would.
    pub fn make(folder: &Path, members: u64) -> Outcome<Self> {
        let data = folder.join(format!("data-{members}"));
        Self::under(data, members, &programme_text(OFFERS))
    }

    /// A folder of its own with members under a programme.
    pub fn under(data: PathBuf, members: u64, programme_text: &str) -> Outcome<Self> {
        let folder = data.parent().ok_or("a data folder has one above it")?.to_owned();
        let world = Self { data, members, import_seconds: 0.0 };
        world.activate(programme_text)?;
        let data = world.data;
        let file = folder.join("members.jsonl");
        let carried = programme_text.contains(PERSONAL);
        write_members(
            &file,
            members,
            if carried { personal_offers_of } else { |_| String::new() },
        )?;
        let began = Instant::now();
        succeed(command(&data).args(["import", "members"]).arg(&file))?;
        let import_seconds = began.elapsed().as_secs_f64();
        fs::remove_file(&file)?;
        Ok(Self { data, members, import_seconds })
    }

    /// A folder of its own with the same content.
    pub fn copy_to(&self, data: PathBuf) -> Outcome<Self> {
        copy_folder(&self.data, &data)?;
        Ok(Self { data, ..*self })
    }

    /// Puts another programme in force.
    pub fn activate(&self, programme_text: &str) -> Outcome<()> {
        let folder = self.data.parent().ok_or("a data folder has one above it")?;
        let programme = folder.join("programme.toml");
        fs::write(&programme, programme_text)?;
        succeed(command(&self.data).args(["programme", "activate"]).arg(&programme))
    }

    /// The size of the base in MiB.
    pub fn base_mib(&self) -> Outcome<f64> {
        let mut bytes = 0;
        for file in fs::read_dir(&self.data)? {
            let file = file?;
            if file.file_name().to_string_lossy().starts_with("base") {
                bytes += file.metadata()?.len();
            }
        }
        Ok(bytes as f64 / 1024.0 / 1024.0)
    }
}

fn copy_folder(from: &Path, to: &Path) -> Outcome<()> {
    fs::create_dir_all(to)?;
    for file in fs::read_dir(from)? {
        let (file, to) = (file?, to);
        let target = to.join(file.file_name());
        if file.file_type()?.is_dir() {
            copy_folder(&file.path(), &target)?;
        } else {
            fs::copy(file.path(), target)?;
        }
    }
    Ok(())
}

fn succeed(command: &mut Command) -> Outcome<()> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)).into())
}

/// SplitMix64: the same shop in every run.
#[derive(Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.roll() % bound
    }
}

/// The ref of a member by number: 128 bits that look random.
pub fn member_ref(number: u64) -> String {
    let mut dice = Dice::new(number.wrapping_mul(0xd134_2543_de82_ef95));
    format!("{:016x}{:016x}", dice.roll(), dice.roll())
}

/// The card of a member: EAN-13 with the prefix of the retailer's own.
fn card(number: u64) -> String {
    with_check_digit(format!("20{number:010}"))
}

/// Twelve digits with the thirteenth.
fn with_check_digit(digits: String) -> String {
    let weighted = digits.bytes().zip([1, 3].into_iter().cycle());
    let sum: u64 = weighted.map(|(digit, weight)| u64::from(digit - b'0') * weight).sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// The voucher of a member: one in a hundred holds one.
fn voucher_of(member: u64) -> Option<String> {
    (member % 100 == 0).then(|| format!("V{member}"))
}

/// The leaflet's code that a member gives: one in four gives one.
fn offer_code_of(member: u64) -> Option<String> {
    (member % 4 == 0).then(|| format!("CODE{}", 7 + 20 * (member / 4 % 25)))
}

/// The coupon that an offer comes by: a GS1 number without a serial, so that each may bring it.
fn coupon_of(offer: u64) -> String {
    with_check_digit(format!("950110{offer:06}"))
}

/// The coupon that a member brings: one in ten brings one.
fn brought_coupon_of(member: u64) -> Option<String> {
    (member % 10 == 3).then(|| format!("]C1255{}", coupon_of(21 + 50 * (member / 10 % 10))))
}

/// How a programme says that an offer is for those who carry it.
const PERSONAL: &str = "personal = true";

/// The personal offers of a member: one in a hundred carries some.
fn personal_offers_of(member: u64) -> String {
    if member % 100 != 0 {
        return String::new();
    }
    let offer = |at: u64| {
        let number = 12 + 50 * ((member / 100 + at) % 10);
        format!(r#"{{"offer":"o{number}","score":{}}}"#, 100 * at)
    };
    format!(r#","offers":[{}]"#, [1, 2, 3].map(offer).join(","))
}

fn write_members(path: &Path, members: u64, offers_of: fn(u64) -> String) -> Outcome<()> {
    let today = &now()[..10];
    let mut file = BufWriter::new(File::create(path)?);
    for number in 0..members {
        let vouchers = match voucher_of(number) {
            Some(code) => format!(r#","vouchers":[{{"code":"{code}","type":"ten"}}]"#),
            None => String::new(),
        };
        let offers = offers_of(number);
        writeln!(
            file,
            r#"{{"member":"{}","codes":["{}"],"points":{},"last_purchase":"{today}"{vouchers}{offers}}}"#,
            member_ref(number),
            card(number),
            number % 3_000,
        )?;
    }
    file.flush()?;
    Ok(())
}

/// Now as a till writes it.
pub fn now() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    chrono::DateTime::from_timestamp(seconds, 0).unwrap_or_default().to_rfc3339()
}

const RULES: &str = r#"format = 1
id = "bench"
version = 1
name = "Bench"
currency = "CZK"
zone = "Europe/Prague"

[tiers]
measure = "spend"
window = "rolling_days"
days = 365

[[tiers.steps]]
id = "bronze"
name = "Bronze"
threshold = "0.00"

[[tiers.steps]]
id = "silver"
name = "Silver"
threshold = "1000.00"
multiplier = "1.5"

[redemption]
step = 100
step_value = "10.00"
minimum = 100

[[voucher_types]]
id = "ten"
name = "Ten"
kind = "amount"
amount = "10.00"
minimum = { amount = "50.00" }

[[earn]]
id = "base"
kind = "per_amount"
points = 1
amount = "10.00"
"#;

/// Rules that look at what an account did before, or hand something out.
const MORE_RULES: &str = r#"
[[earn]]
id = "hello"
kind = "welcome"
points = 50

[[earn]]
id = "tenth-visit"
kind = "milestone"
points = 50
measure = "visits"
at = 10
repeat = "every"

[[earn]]
id = "thousand"
kind = "milestone"
points = 20
measure = "spend"
at = "1000.00"
repeat = "every"

[[earn]]
id = "fresh"
kind = "per_item"
points = 1
scope = { categories = ["c7", "c77", "c177"] }
limits = [{ window = "day", uses = 1000 }]

[[earn]]
id = "birthday"
kind = "per_visit"
points = 10
audience = { birthday = { days_before = 3, days_after = 3 } }

[[earn]]
id = "more-than-usual"
kind = "above_average"
points = 1
amount = "20.00"

[[earn]]
id = "next-time"
kind = "per_visit"
minimum = { amount = "5000.00" }
[earn.voucher]
type = "ten"
days = 14

[[earn]]
id = "back"
kind = "cashback"
percent = "1"

[[earn]]
id = "lucky"
kind = "per_visit"
points = 40
chance_bp = 250
shared_limits = [{ per = "store", window = "day", uses = 1000000, offline = "approximate" }]

[cashback]
expiry = { mode = "lots", days = 180 }

[[conversions]]
id = "full-purse"
points = 1000
at = 2900
voucher = { type = "ten", days = 60 }

[messages]
promotional_max = 20

[[greetings]]
id = "hello"
text = { en = "Good to see you" }

[[greetings]]
id = "silver"
priority = 1
text = { cs = "Děkujeme za věrnost", en = "Thank you for your loyalty" }
audience = { tiers = ["silver"] }
"#;

/// 500 offers of every kind: 300 on products, of which 50 are price lists or on units and 10 gifts, 180 on
/// categories in groups of which the best applies, 20 on the basket with a minimum that most baskets do not reach.
/// One in ten has a limit, 20 a limit over all customers, 25 come by a code, 10 by a coupon, 10 are for
/// those who carry them, one in five is for some members only; beside them rewards, vouchers, milestones,
/// cashback, a conversion, a surprise and greetings. Limits are beyond reach and most members alike, so that
/// what one quote says holds for another member's receipt.
pub fn programme_text(offers: u64) -> String {
    offers_text(offers, &who_how_often_and_why, format!("{RULES}{MORE_RULES}{}", rewards_text()))
}

/// The same offers for every member, as often as they apply, and points for what is spent: the
/// least that a shop has. Put in force after the other.
pub fn plain_programme_text(offers: u64) -> String {
    let head = RULES.replacen("version = 1", "version = 2", 1);
    offers_text(offers, &|_| String::new(), head)
}

fn rewards_text() -> String {
    let mut text = String::new();
    for number in 0..10 {
        let _ = write!(
            text,
            "\n[[rewards]]\nid = \"r{number}\"\nname = \"Reward {number}\"\nkind = \"item\"\n\
             points = {}\nscope = {{ categories = [\"c{}\"] }}\n",
            100 + number * 50,
            number * 30
        );
    }
    text
}

fn offers_text(offers: u64, terms_of: &dyn Fn(u64) -> String, mut text: String) -> String {
    for number in 0..offers {
        let _ = write!(text, "\n[[offers]]\nid = \"o{number}\"\nname = \"Offer {number}\"\n");
        text.push_str(&terms_of(number));
        if number % 10 == 5 {
            text.push_str(&priced_or_by_units(number * SKUS / offers, number));
            continue;
        }
        if number % 50 == 36 {
            text.push_str(&gift(number * SKUS / offers));
            continue;
        }
        let benefit = match number % 5 {
            0 => "kind = \"fixed_price\"\nprice = \"0.01\"\nquantity_max = \"1\"",
            1 => "kind = \"line_percent\"\npercent = \"10\"",
            2 => "kind = \"line_amount_each\"\namount = \"1.50\"",
            3 => "kind = \"basket_percent\"\npercent = \"2\"",
            _ => "kind = \"basket_amount\"\namount = \"5.00\"",
        };
        text.push_str(benefit);
        text.push('\n');
        let (sku, category) = (number * SKUS / offers, number * CATEGORIES / offers);
        let terms = match number % 10 {
            // Five in ten: products.
            0 | 1 | 2 | 6 | 7 => format!("scope = {{ skus = [\"p{sku}\", \"p{}\"] }}", sku + 1),
            // One in fifty: the basket, in one group, a part of them out of reach.
            4 | 9 if number % 25 == 4 => {
                format!("group = \"basket\"\nminimum = {{ amount = \"{}.00\" }}", 20 + number * 2)
            }
            // The others: categories, in forty groups.
            _ => format!(
                "group = \"g{}\"\nscope = {{ categories = [\"c{category}\"] }}",
                number % 40
            ),
        };
        text.push_str(&terms);
        text.push('\n');
    }
    text
}

/// For whom an offer is, how often it may be used, and what calls for it.
fn who_how_often_and_why(number: u64) -> String {
    let mut text = String::new();
    match number % 10 {
        0 => text.push_str("audience = { excluded_flags = [\"staff\"] }\n"),
        1 => text.push_str("limits = [{ window = \"year\", uses = 1000 }]\n"),
        6 => text.push_str("audience = { tiers = [\"bronze\", \"silver\"] }\n"),
        _ => {}
    }
    if number % 20 == 7 {
        let _ = writeln!(text, "codes = [\"CODE{number}\"]");
    }
    match number % 50 {
        12 => text.push_str(&format!("{PERSONAL}\n")),
        21 => {
            let _ = writeln!(text, "coupon = {{ number = \"{}\" }}", coupon_of(number));
        }
        _ => {}
    }
    if number % 25 == 2 {
        text.push_str(
            "shared_limits = [{ per = \"store\", window = \"day\", uses = 1000000, \
             offline = \"approximate\" }]\n",
        );
    }
    text
}

/// As bad as a sound file can be: offers that cover everything, as many as a check takes. First
/// a percentage that leaves prices of no whole unit, then those whose search is the longest, bundles
/// of five parts that never save anything, then sets of all units.
pub fn worst_programme_text() -> String {
    let bundle = format!(
        "kind = \"bundle\"\nprice = \"1000000000\"\nparts = [{}]\n",
        [0, 1, 2, 3, 4]
            .map(|part| format!("{{ scope = {{ categories = [\"all/{part}\"] }} }}"))
            .join(", ")
    );
    let sets = "kind = \"buy_get\"\nbuy = 3\nget = 1\n".to_owned();
    let percent = "kind = \"line_percent\"\npercent = \"7\"\n".to_owned();
    let mut text = String::from(RULES);
    for (kind, gives, most) in [("percent", percent, 1), ("bundle", bundle, 9), ("sets", sets, 999)]
    {
        for number in 0..most {
            let id = format!("{kind}{number}");
            let more = format!("{text}\n[[offers]]\nid = \"{id}\"\nname = \"{id}\"\n{gives}");
            if ProgrammeFile::check(&more).is_err() {
                break;
            }
            text = more;
        }
    }
    text
}

/// Lines as the worst programme would have them: all in all offers, none like another, each fit for
/// one part of a bundle, which leaves the most sets of parts to look at, of as many units as a line
/// may have.
pub fn worst_lines(count: usize) -> Vec<Value> {
    let line = |number: usize| {
        let (units, price) = (1_000_000, 1 + number % 97);
        json!({
            "line_id": format!("{}", number + 1),
            "sku": format!("w{number}"),
            "category": format!("all/{}", number % 5),
            "quantity": format!("{units}.000"),
            "unit_price": price,
            "amount": units * price,
            "tax_rate": "21",
        })
    };
    (0..count).map(line).collect()
}

/// What an offer gives that is a price list or on units, on two products.
fn priced_or_by_units(sku: u64, number: u64) -> String {
    let (one, other) = (format!("\"p{sku}\""), format!("\"p{}\"", sku + 1));
    let scope = format!("scope = {{ skus = [{one}, {other}] }}");
    match number / 10 % 5 {
        0 => format!(
            "kind = \"price_list\"\nprices = [{{ sku = {one}, price = \"19.90\" }}, {{ sku = {other}, price = \"29.90\" }}]\n"
        ),
        1 => format!("kind = \"buy_get\"\nbuy = 2\nget = 1\n{scope}\n"),
        2 => format!("kind = \"units_for_price\"\nunits = 2\nprice = \"99.00\"\n{scope}\n"),
        3 => format!(
            "kind = \"bundle\"\npercent = \"20\"\nparts = [{{ scope = {{ skus = [{one}] }} }}, {{ scope = {{ skus = [{other}] }} }}]\n"
        ),
        _ => format!(
            "kind = \"quantity_percent\"\nsteps = [{{ from = 2, percent = \"5\" }}]\n{scope}\n"
        ),
    }
}

/// A gift with two of a product.
fn gift(sku: u64) -> String {
    format!(
        "kind = \"gift\"\nsku = \"gift\"\nscope = {{ skus = [\"p{sku}\"] }}\nminimum = {{ quantity = \"2\" }}\n"
    )
}

/// Lines of a basket, as the API takes them.
pub fn lines(dice: &mut Dice, count: usize) -> Vec<Value> {
    let line = |number: usize| {
        let (units, price) = (1 + dice.below(3), 500 + dice.below(20_000));
        json!({
            "line_id": format!("{}", number + 1),
            "sku": format!("p{}", dice.below(SKUS)),
            "category": format!("c{}/fresh", dice.below(CATEGORIES)),
            "quantity": format!("{units}.000"),
            "unit_price": price,
            "amount": units * price,
            "tax_rate": "21",
        })
    };
    (0..count).map(line).collect()
}

/// A quote's body for a member.
pub fn quote_body(lines: &[Value], member: u64) -> Value {
    json!({
        "till": "1", "currency": "CZK", "member": member_ref(member), "lines": lines,
        "vouchers": Vec::from_iter(voucher_of(member)),
        "offer_codes": Vec::from_iter(offer_code_of(member).into_iter().chain(brought_coupon_of(member))),
    })
}

/// Receipts of three lines whose payable is what the programme decides.
pub struct Receipts {
    /// Before and after the member.
    parts: Vec<(String, String)>,
    members: u64,
}

impl Receipts {
    /// Of so many different baskets; `payable` asks the agent.
    pub fn new(members: u64, mut payable: impl FnMut(&Value) -> Outcome<i64>) -> Outcome<Self> {
        let mut dice = Dice::new(3);
        let mut parts = Vec::new();
        for _ in 0..64 {
            let lines = lines(&mut dice, 3);
            let payable = payable(&quote_body(&lines, 1))?;
            let body = json!({
                "till": "1", "currency": "CZK", "closed_at": now(), "member": "#",
                "lines": lines, "payable": payable,
                "payments": [{ "type": "card", "amount": payable }],
            });
            let text = body.to_string();
            let (before, after) = text.split_once('#').ok_or("no place for the member")?;
            parts.push((before.to_owned(), after.to_owned()));
        }
        Ok(Self { parts, members })
    }

    /// The body of a receipt of some member.
    pub fn body(&self, dice: &mut Dice) -> String {
        let (before, after) = &self.parts[dice.below(self.parts.len() as u64) as usize];
        let member = dice.below(self.members);
        // Whoever carries offers would be given more than the quote of another said.
        let alike = if personal_offers_of(member).is_empty() { member } else { member + 1 };
        format!("{before}{}{after}", member_ref(alike))
    }
}
