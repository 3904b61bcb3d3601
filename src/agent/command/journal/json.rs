//! One record as a JSON object: amounts in minor units, refs and hashes in hexadecimal.

use serde_json::{Map, Value, json};

use super::hex;
use crate::agent::store::ledger::journal::StoredRecord;
use crate::journal::{
    AccountPart, Assign, Body, CashbackPart, Header, MemberPart, RecordRef, RefusedBenefit,
    RunningTotals, Sale, SaleLine, TakenBack, Undo,
};
use crate::loyalty::{
    Applied, Benefit, CarriedOffer, Converted, Draws, EarnedBy, EntryTerms, Expires, ExpiryPolicy,
    Gain, Issued, IssuedBy, IssuedKind, PendingPart, PersonalOffer, Promotion, RemainingSale,
    SpentPart, Subject, TaxMode, Undone, VoucherTypeId,
};
use crate::money::Amount;

/// The whole record.
pub(super) fn object(stored: &StoredRecord) -> Value {
    let record = &stored.record;
    let mut object = header(&record.header);
    object.insert("hash".to_owned(), json!(stored.hash.to_string()));
    object.insert("signature".to_owned(), json!(hex(stored.signature.as_bytes())));
    object.insert("kind".to_owned(), json!(record.body.kind().name()));
    object.insert(record.body.kind().name().to_owned(), body(&record.body));
    Value::Object(object)
}

fn header(header: &Header) -> Map<String, Value> {
    let value = json!({
        "format": header.format,
        "engine": header.engine,
        "device": header.device.to_string(),
        "epoch": header.epoch,
        "sequence": header.sequence,
        "previous": header.previous.to_string(),
        "at": header.clock.wall.to_rfc3339(),
        "offset_minutes": header.clock.offset_minutes,
        "monotonic_ms": header.clock.monotonic_ms,
        "boot": hex(&header.clock.boot.0),
        "clock": header.clock.trust.name(),
        "believed_at": header.believed_at.map(|at| at.to_rfc3339()),
        "store": header.store.as_str(),
        "till": header.till.as_ref().map(|till| till.as_str()),
        "operator": header.operator.as_ref().map(|operator| operator.as_str()),
        "programme_version": header.programme_version,
        "base_cursor": header.base_cursor,
        "checkpoint": header.checkpoint,
        "totals": totals(&header.totals),
    });
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

fn totals(totals: &RunningTotals) -> Value {
    json!({
        "receipts": totals.receipts,
        "gross": totals.gross.value(),
        "discount": totals.discount.value(),
        "redeemed": totals.redeemed.value(),
        "points_issued": totals.points_issued.value(),
        "points_spent": totals.points_spent.value(),
        "cashback_issued": totals.cashback_issued.value(),
        "cashback_spent": totals.cashback_spent.value(),
    })
}

fn taken_back(sums: &TakenBack) -> Value {
    json!({
        "voids": sums.voids,
        "returns": sums.returns,
        "refunded": sums.refunded.value(),
        "points_clawed_back": sums.points_clawed_back.value(),
        "points_restored": sums.points_restored.value(),
        "cashback_clawed_back": sums.cashback_clawed_back.value(),
        "cashback_restored": sums.cashback_restored.value(),
    })
}

fn body(body: &Body) -> Value {
    match body {
        Body::Sale(sale) | Body::Training(sale) => sale_object(sale),
        Body::Void(undo) | Body::Return(undo) => undo_object(undo),
        Body::Assign(assign) => assign_object(assign),
        Body::Adjustment(adjustment) => json!({
            "uid": adjustment.uid.as_str(),
            "member": adjustment.member.to_string(),
            "account": adjustment.account.to_string(),
            "points": adjustment.points.value(),
            "expires": expires(adjustment.expires),
            "cashback": adjustment.cashback.value(),
            "terms": terms(&adjustment.terms),
            "reason": adjustment.reason.as_str(),
            "of": adjustment.of.as_ref().map(|of| of.uid.as_str()),
        }),
        Body::Event(event) => json!({
            "type": event.event_type.as_str(),
            "uid": event.event_uid.as_str(),
            "member": event.member.map(|member| member.to_string()),
            "attributes": event.attributes.values().iter()
                .map(|(name, value)| (name.as_str().to_owned(), json!(value.as_str())))
                .collect::<Map<_, _>>(),
        }),
        Body::Import(import) => json!({
            "source_hash": import.source_hash.to_string(),
            "members": import.members,
            "points": import.points.value(),
            "cursor": import.cursor,
        }),
        Body::BaseChange(change) => {
            json!({ "cursor": change.cursor, "hash": change.hash.to_string() })
        }
        Body::ProgrammeChange(change) => json!({
            "id": change.id.as_str(),
            "version": change.version,
            "hash": change.hash.to_string(),
        }),
        Body::LeaseChange(change) => json!({
            "reason": change.reason.as_str(),
            "dropped_holds": change.dropped_holds,
            "dropped_leases": change.dropped_leases,
        }),
        Body::OutageBegin(outage) => {
            json!({ "cause": outage.cause.name(), "since": outage.since.to_rfc3339() })
        }
        Body::OutageEnd(outage) => {
            json!({ "cause": outage.cause.name(), "begun": outage.begun.to_rfc3339() })
        }
        Body::ClockJump(jump) => {
            json!({ "from": jump.from.to_rfc3339(), "to": jump.to.to_rfc3339() })
        }
        Body::SoftwareChange(change) => json!({
            "from": change.from.as_ref().map(|from| from.as_str()),
            "to": change.to.as_str(),
            "engine": change.engine,
        }),
        Body::KeyChange(change) => json!({
            "public_key": hex(change.public_key.as_bytes()),
            "reason": change.reason.as_str(),
        }),
        Body::Gap(gap) => json!({
            "epoch": gap.epoch,
            "first_sequence": gap.first_sequence,
            "last_sequence": gap.last_sequence,
            "hash": gap.hash.map(|hash| hash.to_string()),
            "reason": gap.reason.as_str(),
        }),
        Body::DailyClosing(closing) => json!({
            "day": closing.day.to_string(),
            "day_totals": totals(&closing.day_totals),
            "perpetual": totals(&closing.perpetual),
            "identified_receipts": closing.identified_receipts,
            "identified_value": closing.identified_value.value(),
            "taken_back": taken_back(&closing.taken_back),
            "closed_before": closing.closed_before,
        }),
    }
}

fn sale_object(sale: &Sale) -> Value {
    json!({
        "uid": sale.uid.as_str(),
        "receipt_number": sale.receipt_number.as_ref().map(|number| number.as_str()),
        "closed_at": sale.closed_at.to_rfc3339(),
        "decided_at": sale.decided_at.to_rfc3339(),
        "currency": sale.currency.to_string(),
        "lines": sale.lines.iter().map(sale_line).collect::<Vec<_>>(),
        "applied": sale.applied.iter().map(applied).collect::<Vec<_>>(),
        "refused": sale.refused.iter().map(refused).collect::<Vec<_>>(),
        "payments": sale.payments.iter()
            .map(|payment| json!({
                "kind": payment.kind.as_str(),
                "amount": payment.amount.value(),
            }))
            .collect::<Vec<_>>(),
        "rounding": sale.rounding.value(),
        "payable": sale.payable.value(),
        "member": sale.member.as_ref().map(member_part),
        "flags": sale.flags.iter().map(|flag| flag.name()).collect::<Vec<_>>(),
        "tax_added": sale.tax == TaxMode::Added,
        "vouchers_unknown": sale.vouchers_unknown.iter().map(|v| v.as_str()).collect::<Vec<_>>(),
        "draws": draws(&sale.draws),
        "voucher_costs": sale.voucher_costs.iter()
            .map(|(voucher, cost)| json!({ "voucher": voucher.as_str(), "cost": cost.value() }))
            .collect::<Vec<_>>(),
        "told": sale.told.as_ref().map(|told| told.iter().map(promotion).collect::<Vec<_>>()),
        "offer_codes": sale.offer_codes.iter().map(|code| code.as_str()).collect::<Vec<_>>(),
        "reactions": sale.reactions.iter()
            .map(|shown| json!({
                "offer": shown.offer.as_str(),
                "variant": shown.variant.as_ref().map(|variant| variant.as_str()),
                "reaction": shown.reaction.name(),
            }))
            .collect::<Vec<_>>(),
    })
}

fn promotion(told: &Promotion) -> Value {
    match told {
        Promotion::Greeting(id) => json!({ "greeting": id.as_str() }),
        Promotion::Offer(id) => json!({ "offer": id.as_str() }),
        Promotion::Rule(id) => json!({ "rule": id.as_str() }),
        Promotion::Reward(id) => json!({ "reward": id.as_str() }),
    }
}

fn sale_line(sold: &SaleLine) -> Value {
    let line = &sold.line;
    json!({
        "line_id": line.line_id.as_str(),
        "sku": line.sku.as_str(),
        "category": line.category.as_ref().map(|category| category.as_str()),
        "quantity_milli": line.quantity.value(),
        "unit_price": line.unit_price.value(),
        "amount": line.amount.value(),
        "tax_rate_thousandths": line.tax_rate.thousandths(),
        "discount": sold.discount.value(),
        "redeemed": sold.redeemed.value(),
        "tax_added": sold.tax.value(),
        "lowest_30d_price": line.lowest_30d_price.map(Amount::value),
        "cost": line.cost.map(Amount::value),
    })
}

fn applied(applied: &Applied) -> Value {
    let mut object = match &applied.benefit {
        Benefit::Offer(offer) => json!({ "offer": offer.as_str() }),
        Benefit::Voucher { voucher, voucher_type } => {
            json!({ "voucher": voucher.as_str(), "voucher_type": voucher_type.as_str() })
        }
        Benefit::Points(points) => json!({ "points": points.value() }),
        Benefit::Cashback => json!({ "cashback": true }),
        Benefit::Reward { reward, points, times } => {
            json!({ "reward": reward.as_str(), "points": points.value(), "times": times })
        }
        Benefit::Gift { offer, times } => json!({ "gift": offer.as_str(), "times": times }),
        Benefit::Till => json!({ "till": true }),
        Benefit::Coupon { offer, number } => {
            json!({ "offer": offer.as_str(), "coupon": number.as_str() })
        }
    };
    object["amount"] = json!(applied.amount.value());
    let allocations = applied
        .allocations
        .iter()
        .map(|part| json!({ "line_id": part.line_id.as_str(), "amount": part.amount.value() }));
    object["allocations"] = allocations.collect();
    object
}

fn refused(refused: &RefusedBenefit) -> Value {
    let subject = match &refused.subject {
        Subject::Offer(offer) => json!({ "offer": offer.as_str() }),
        Subject::Voucher { voucher, voucher_type } => json!({
            "voucher": voucher.as_str(),
            "voucher_type": voucher_type.as_ref().map(VoucherTypeId::as_str),
        }),
        Subject::Rule(rule) => json!({ "rule": rule.as_str() }),
        Subject::Conversion(conversion) => json!({ "conversion": conversion.as_str() }),
        Subject::Spend => json!("spend"),
        Subject::Cashback => json!("spend_cashback"),
        Subject::Reward(reward) => json!({ "reward": reward.as_str() }),
        Subject::Code(code) => json!({ "code": code.as_str() }),
        Subject::Coupon(number) => json!({ "coupon": number.as_str() }),
    };
    json!({ "subject": subject, "reason": refused.code.name(), "missing": refused.missing })
}

fn member_part(part: &MemberPart) -> Value {
    json!({
        "member": part.member.to_string(),
        "account": part.account.to_string(),
        "strength": part.strength.map(|strength| strength.name()),
        "balance_before": part.inputs.balance.value(),
        "debt_before": part.inputs.debt.value(),
        "tier_before": part.inputs.tier.as_ref().map(|tier| tier.as_str()),
        "tier_measure_before": part.inputs.measure,
        "flags": part.inputs.flags.iter().map(|flag| flag.as_str()).collect::<Vec<_>>(),
        "earned": part.earned.value(),
        "earned_by": part.earned_by.iter().map(earned_by).collect::<Vec<_>>(),
        "expires": expires(part.expires),
        "spent": part.spent.value(),
        "spent_from": spent_from(&part.spent_from),
        "converted": converted(&part.converted),
        "tier_after": part.tier_after.as_ref().map(|tier| tier.as_str()),
        "tier_valid_until": part.tier_validity.map(|validity| validity.until.to_string()),
        "terms": terms(&part.terms),
        "issued": part.issued.iter().map(issued).collect::<Vec<_>>(),
        "pending_after": pending(&part.pending_after),
        "cashback": part.cashback.as_ref().map(cashback_part),
        "personal": part.personal.iter().map(carried).collect::<Vec<_>>(),
    })
}

fn carried(carried: &CarriedOffer) -> Value {
    let PersonalOffer { window, score, variant } = &carried.as_carried;
    json!({
        "offer": carried.offer.as_str(),
        "score": score.value(),
        "from": window.from.map(|from| from.to_string()),
        "until": window.until.map(|until| until.to_string()),
        "variant": variant.as_ref().map(|variant| variant.as_str()),
    })
}

fn issued(issued: &Issued) -> Value {
    let mut object = match &issued.what {
        IssuedKind::Voucher { voucher_type, valid_from, valid_until, cost } => json!({
            "voucher": issued.code.as_str(),
            "voucher_type": voucher_type.as_str(),
            "valid_from": valid_from.to_string(),
            "valid_until": valid_until.to_string(),
            "cost": cost.map(Amount::value),
        }),
        IssuedKind::Entry => json!({ "entry": issued.code.as_str() }),
    };
    let (by, id) = match &issued.by {
        IssuedBy::Rule(rule) => ("rule", rule.as_str()),
        IssuedBy::Conversion(conversion) => ("conversion", conversion.as_str()),
        IssuedBy::Reward(reward) => ("reward", reward.as_str()),
    };
    object[by] = json!(id);
    object
}

fn converted(converted: &Converted) -> Value {
    converted
        .by
        .iter()
        .map(|by| {
            json!({
                "conversion": by.conversion.as_str(),
                "points": by.points.value(),
                "times": by.times,
            })
        })
        .collect()
}

fn draws(draws: &Draws) -> Value {
    draws
        .iter()
        .map(|(rule, number)| json!({ "rule": rule.as_str(), "number": number.value() }))
        .collect()
}

fn undo_object(undo: &Undo) -> Value {
    json!({
        "uid": undo.undo_uid.as_str(),
        "of": record_ref(&undo.of),
        "of_kind": undo.of_kind.name(),
        "cash_rounding": undo.cash_rounding.value(),
        "lines": undo.lines.iter()
            .map(|(line, quantity)| json!({
                "line_id": line.as_str(),
                "quantity_milli": quantity.value(),
            }))
            .collect::<Vec<_>>(),
        "rewards": undo.rewards.iter()
            .map(|(reward, times)| json!({ "reward": reward.as_str(), "times": times }))
            .collect::<Vec<_>>(),
        "gifts_back": undo.gifts_back.iter()
            .map(|(offer, times)| json!({ "gift": offer.as_str(), "times": times }))
            .collect::<Vec<_>>(),
        "refund": undo.refund.value(),
        "taxes": undo.taxes.iter()
            .map(|refund| json!({
                "rate_thousandths": refund.rate.thousandths(),
                "total": refund.total.value(),
                "tax": refund.tax.value(),
            }))
            .collect::<Vec<_>>(),
        "account": undo.account.as_ref().map(account_part),
        "vouchers_freed": undo.vouchers_freed.iter().map(|v| v.as_str()).collect::<Vec<_>>(),
        "codes_cancelled": undo.codes_cancelled.iter().map(|c| c.as_str()).collect::<Vec<_>>(),
        "closed_at": undo.closed_at.to_rfc3339(),
        "reason": undo.reason.as_ref().map(|reason| reason.as_str()),
        "flags": undo.flags.iter().map(|flag| flag.name()).collect::<Vec<_>>(),
    })
}

fn account_part(part: &AccountPart) -> Value {
    json!({
        "member": part.member.to_string(),
        "account": part.account.to_string(),
        "sale_day": part.sale_day.to_string(),
        "remaining": match part.remaining {
            RemainingSale::Nothing => "nothing",
            RemainingSale::Some => "some",
        },
        "clawed_back": part.clawed_back.value(),
        "forgiven": part.forgiven.value(),
        "expires": expires(part.expires),
        "restored": spent_from(&part.restored),
        "taken_from": spent_from(&part.taken_from),
        "pending": pending(&part.pending),
        "cashback": cashback_undone(&part.cashback),
        "spend": part.spend.value(),
        "terms": terms(&part.terms),
    })
}

fn assign_object(assign: &Assign) -> Value {
    json!({
        "of": record_ref(&assign.of),
        "member": assign.member.to_string(),
        "account": assign.account.to_string(),
        "earned": assign.earned.value(),
        "earned_by": assign.earned_by.iter().map(earned_by).collect::<Vec<_>>(),
        "expires": expires(assign.expires),
        "spend": assign.spend.value(),
        "terms": terms(&assign.terms),
        "debt_before": assign.debt.value(),
        "sale_at": assign.sale_at.to_rfc3339(),
        "issued": assign.issued.iter().map(issued).collect::<Vec<_>>(),
        "converted": converted(&assign.converted),
        "draws": draws(&assign.draws),
        "cashback": assign.cashback.as_ref().map(cashback_part),
        "tier": assign.tier.as_ref().map(|tier| tier.as_str()),
        "flags": assign.flags.iter().map(|flag| flag.as_str()).collect::<Vec<_>>(),
    })
}

fn record_ref(of: &RecordRef) -> Value {
    json!({
        "device": of.device.to_string(),
        "epoch": of.epoch,
        "sequence": of.sequence,
        "uid": of.uid.as_str(),
    })
}

/// The last day, or what ends the points otherwise.
fn expires(expires: Expires) -> Value {
    match expires {
        Expires::On(day) => json!(day.to_string()),
        Expires::WithActivity => json!("with_activity"),
        Expires::Never => json!("never"),
    }
}

fn terms(terms: &EntryTerms) -> Value {
    let (expiry, days) = match terms.expiry {
        ExpiryPolicy::Sliding { days } => ("sliding", Some(days)),
        ExpiryPolicy::Lots { days } => ("lots", Some(days)),
        ExpiryPolicy::Never => ("never", None),
    };
    json!({ "expiry": expiry, "expiry_days": days, "days_kept": terms.days_kept })
}

fn spent_from(parts: &[SpentPart]) -> Value {
    parts
        .iter()
        .map(|part| json!({ "lot": expires(part.expires), "points": part.value.value() }))
        .collect()
}

fn earned_by(by: &EarnedBy) -> Value {
    let mut object = json!({ "rule": by.rule.as_str() });
    match by.gain {
        Gain::Points(points) => object["points"] = json!(points.value()),
        Gain::Cashback(amount) => object["cashback"] = json!(amount.value()),
    }
    if let Some(day) = by.usable_from {
        object["usable_from"] = json!(day.to_string());
    }
    object
}

fn pending(parts: &[PendingPart]) -> Value {
    let part = |part: &PendingPart| json!({ "usable_from": part.usable_from.to_string(), "points": part.value.value() });
    parts.iter().map(part).collect()
}

fn pending_amounts(parts: &[PendingPart<Amount>]) -> Value {
    let part = |part: &PendingPart<Amount>| json!({ "usable_from": part.usable_from.to_string(), "amount": part.value.value() });
    parts.iter().map(part).collect()
}

fn spent_amounts(parts: &[SpentPart<Amount>]) -> Value {
    let part = |part: &SpentPart<Amount>| json!({ "lot": expires(part.expires), "amount": part.value.value() });
    parts.iter().map(part).collect()
}

fn cashback_part(part: &CashbackPart) -> Value {
    json!({
        "before": part.before.value(),
        "debt_before": part.debt.value(),
        "earned": part.earned.value(),
        "expires": expires(part.expires),
        "spent": part.spent.value(),
        "spent_from": spent_amounts(&part.spent_from),
        "pending_after": pending_amounts(&part.pending_after),
    })
}

fn cashback_undone(undone: &Undone<Amount>) -> Option<Value> {
    (*undone != Undone::default()).then(|| {
        json!({
            "clawed_back": undone.clawed_back.value(),
            "forgiven": undone.forgiven.value(),
            "expires": expires(undone.expires),
            "pending": pending_amounts(&undone.pending),
            "restored": spent_amounts(&undone.restored),
            "taken_from": spent_amounts(&undone.taken_from),
        })
    })
}
