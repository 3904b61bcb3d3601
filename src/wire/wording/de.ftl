# Was Kassen, Kunden und Kassierer lesen. Namen aus dem Programm werden nicht gebeugt.

## Mengen

count_points = { $points } { $points ->
    [one] Punkt
   *[other] Punkte
}
count_visits = { $visits } { $visits ->
    [one] Einkauf
   *[other] Einkäufe
}
count_items = { $items } Stück
count_days = { $days } { $days ->
    [one] Tag
   *[other] Tage
}

## Kassenbon

label_training = SCHULUNGSMODUS - KEIN KASSENBON
label_points = Punkte
label_till_discount = Rabatt an der Kasse
label_paid_with_points = Eingelöst: { count_points }
label_saved = Sie haben gespart
label_discount_at_rate = davon zu { $rate } %
label_lowest_price = Niedrigster Preis der 30 Tage, Zeile { $line }
label_tax_added = MwSt. { $rate } %
label_cash_rounding = Rundung
label_points_earned = Gesammelte Punkte
label_points_spent = Eingelöste Punkte
label_points_converted = Punkte für Gutscheine
label_points_balance = Punktestand
label_points_owed = Punkteschuld
label_cashback = Cashback
label_paid_with_cashback = Mit Cashback bezahlt
label_cashback_earned = Cashback für den Einkauf
label_cashback_spent = Eingelöster Cashback
label_cashback_balance = Cashback-Guthaben
label_cashback_owed = Cashback-Schuld
label_to_tier = Bis { $tier }
label_visits_to_tier = Einkäufe bis { $tier }
label_to_next_reward = Bis zur nächsten Prämie
label_receipt_code = Belegcode
label_voucher_code = Gutscheincode
label_entry_code = Gewinnspielcode
receipt_points_expire = { count_points } gültig bis { $date }
receipt_earned_expire = Heutige Punkte gültig bis { $date }

## Meldungen

tier_level = Stufe: { $tier }
tier_reached = Neue Stufe: { $tier }
tier_highest = Höchste Stufe erreicht: { $tier }
tier_missing_spend = Noch für { $amount } einkaufen, um { $tier } zu erreichen
tier_missing_points = Noch { count_points } bis { $tier }
tier_missing_visits = Noch { count_visits } bis { $tier }
tier_progress = { $percent } % des Weges bis { $tier }
tier_valid_until = { $tier } gilt bis { $date }
tier_keep_spend = { $tier } behalten: bis { $date } noch für { $amount } einkaufen
tier_keep_points = { $tier } behalten: bis { $date } noch { count_points }
tier_keep_visits = { $tier } behalten: bis { $date } noch { count_visits }
points_balance = Punktestand: { count_points }
points_earned = Für diesen Einkauf: { count_points }
points_usable_from = { count_points }, einlösbar ab { $date }
cashback_earned = Cashback für diesen Einkauf: { $amount }
cashback_usable_from = Cashback { $amount }, einlösbar ab { $date }
cashback_spent = Eingelöster Cashback: { $amount }
cashback_balance = Cashback-Guthaben: { $amount }
cashback_owed = Cashback-Schuld: { $amount }
cashback_spend_now = Jetzt einlösbar: { $amount } Cashback
cashback_valid_until = { $amount } Cashback gültig bis { $date }
points_spent = Eingelöst: { count_points }
points_converted = In Gutscheine umgewandelt: { count_points }
points_owed = Punkteschuld: { count_points }
reward_ahead = Noch { count_points } bis { $amount } Rabatt
reward_given = { $label } für { count_points }
reward_ready = Jetzt einlösbar: { $label } für { count_points }
reward_missing = { $label } für { count_points }: noch { $missing }
spend_now = { count_points } jetzt einlösen: { $amount } Rabatt
keep_points = Weiter sammeln: noch { count_points } bis { $amount } Rabatt
level_reached = Ihre Rabattstufe: { count_points }
level_highest = Das ist die höchste Rabattstufe
level_missing_spend = Noch für { $amount } einkaufen, um die Rabattstufe zu erreichen: { count_points }
level_progress = Weg zur Rabattstufe: { $percent } % ({ count_points })
points_expire_in = { count_points } noch { count_days } gültig (bis { $date })
points_expire_today = { count_points } nur noch heute gültig
milestone_visits = Ihr { $visits }. Einkauf! { $label }: { count_points }
milestone_spend = Einkäufe für insgesamt { $amount }! { $label }: { count_points }
milestone_items = { count_items } gesammelt! { $label }: { count_points }
birthday = Alles Gute zum Geburtstag! { $label }
surprise = Eine Überraschung für Sie! { $label }
welcome = Willkommen! Zum Start: { count_points }
referred = Auf Empfehlung: { count_points }
gift_given = Geschenk: { $units }× { $label }
gift_back = Geschenk zurück: { $units }× { $label }
voucher_received = Sie erhalten einen Gutschein: { $label }, gültig bis { $date }
voucher_received_from = Sie erhalten einen Gutschein: { $label }, gültig von { $from } bis { $date }
voucher_lapses_in = Gutschein { $label } noch { count_days } gültig (bis { $date })
voucher_lapses_today = Gutschein { $label } nur noch heute gültig
contest_entries = { $label }: { $entries } { $entries ->
    [one] Gewinnspielcode
   *[other] Gewinnspielcodes
}
code_cancelled = Nicht mehr gültig: { $code }
points_taken_back = Abgezogen: { count_points }
points_forgiven = Erlassen: { count_points }
points_given_back = Zurückgebucht: { count_points }
cashback_taken_back = Zurückgenommener Cashback: { $amount }
cashback_forgiven = Erlassener Cashback: { $amount }
cashback_given_back = Zurückgebuchter Cashback: { $amount }
refund = Rückzahlung: { $amount }
refund_in_cash = Bar auszuzahlen: { $amount }
cash_payable = Bar zu zahlen: { $amount }

## Warum ein Vorteil nicht galt

refused_begins_on = { $label }: gilt ab { $date }
refused_ended_on = { $label }: galt bis { $date }
refused_own_begins_on = { $label }: Ihr Angebot gilt ab { $date }
refused_own_begins_at = { $label }: Ihr Angebot gilt ab { $date }, { $time } Uhr
refused_own_ended_at = { $label }: galt bis { $date }, { $time } Uhr
refused_applies_between = { $label }: gilt von { $from } bis { $to } Uhr
refused_for_tiers = { $label }: nur für { $tiers }
refused_other_is_better = { $other } ist für den Kunden günstiger als { $label }
refused_not_yet = { $label }: gilt noch nicht
refused_over = { $label }: gilt nicht mehr
refused_other_weekday = { $label }: gilt nicht an diesem Wochentag
refused_other_hours = { $label }: gilt nicht zu dieser Uhrzeit
refused_other_store = { $label }: gilt nicht in dieser Filiale
refused_members_only = { $label }: nur für Mitglieder
refused_other_tier = { $label }: nur für andere Stufen
refused_not_in_segment = { $label }: nicht für dieses Mitglied bestimmt
refused_other_balance = { $label }: gilt nur bis zu einem kleineren Punktestand
refused_other_account_kind = { $label }: gilt für eine andere Art von Konto
refused_other_role = { $label }: gilt für eine andere Rolle in der Firma
refused_role_may_not_spend = Diese Person darf die Punkte der Firma nicht einlösen
refused_no_eligible_line = { $label }: nichts im Warenkorb kommt dafür infrage
refused_below_minimum_amount = { $label }: noch für { $amount } einkaufen
refused_below_minimum_quantity = { $label }: noch { $quantity } Stück der Aktionsware
refused_nothing_left = { $label }: die Ware hat bereits den niedrigsten Preis
refused_discount_limit = { $label }: die Rabatte zusammen sind bereits an ihrer Grenze
refused_allocation_limit = { $label }: auf so vielen Zeilen fasst dieser Beleg keine weiteren Rabatte
refused_group_best_is = { $label }: ein anderes Angebot ist für den Kunden günstiger
refused_does_not_stack = { $label }: nicht mit dem bereits gewährten Rabatt kombinierbar
refused_voucher_unknown = Unbekannter Gutschein: { $label }
refused_voucher_used = Gutschein bereits eingelöst: { $label }
refused_voucher_held = Gutschein für einen anderen Einkauf reserviert: { $label }
refused_voucher_of_other = Gutschein gehört einem anderen Mitglied: { $label }
refused_voucher_cancelled = Gutschein nicht mehr gültig, der Einkauf kam zurück: { $label }
refused_no_redemption = Punkte können hier nicht eingelöst werden
refused_below_spend_minimum = Mindestens { count_points } auf einmal einlösbar
refused_not_whole_steps = Punkte nur in Schritten von { $points } einlösbar
refused_not_a_level = Punkte nur in Stufen einlösbar; die nächste: { $points }
refused_between_levels = Punkte nur in Stufen einlösbar; die nächsten: { $below } / { $above }
refused_not_enough_points = Höchstens { count_points } einlösbar
refused_no_cashback = Das Programm hat keinen Cashback
refused_below_cashback_minimum = Mindestens { $amount } Cashback auf einmal
refused_not_enough_cashback = Verfügbar sind nur { $amount } Cashback
refused_cashback_over_share = Auf diesen Einkauf sind höchstens { $amount } Cashback einlösbar
refused_offline_limit = Ohne Verbindung höchstens { count_points } einlösbar
refused_offline_limit_cashback = Ohne Verbindung sind nur { $amount } Cashback verfügbar
refused_role_may_not_spend_cashback = Diese Person darf den Cashback der Firma nicht einlösen
refused_points_missing = { $label }: noch { count_points } nötig
refused_reward_unknown = Unbekannte Prämie: { $label }
refused_over_share = Für diesen Einkauf höchstens { count_points } einlösbar
refused_identify_better = Für diesen Betrag ist eine sicherere Erkennung nötig: Code in der App des Mitglieds scannen
refused_limit_reached = { $label }: bereits so oft genutzt wie möglich
refused_shared_limit_reached = { $label }: Das Angebot ist bereits ausgeschöpft
refused_not_first_purchase = { $label }: nur beim ersten Einkauf
refused_own_referral = { $label }: nicht für das eigene Konto
refused_referrer_unknown = { $label }: Empfehlungscode hier nicht bekannt
refused_referrer_excluded = { $label }: die empfehlende Person nimmt nicht teil
refused_milestone_ahead = { $label }: noch { $missing }
refused_milestone_ahead_visits = { $label }: noch { count_visits }
refused_milestone_ahead_items = { $label }: noch { count_items }
refused_milestone_ahead_amount = { $label }: noch für { $amount } einkaufen
refused_below_own_average = { $label }: noch für { $amount } einkaufen
refused_no_average_yet = { $label }: gilt erst nach einigen Einkäufen
refused_not_birthday = { $label }: nur zum Geburtstag
refused_birthday_used = { $label }: zu diesem Geburtstag bereits genutzt
refused_offer_code_unknown = Code oder Kupon { $label } ist hier nicht bekannt
refused_needs_code = { $label } gilt nur mit Code oder Kupon
refused_coupon_used = Kupon { $label } wurde bereits eingelöst
refused_coupon_unusable = der Wert von Kupon { $label } kann hier nicht eingelöst werden
refused_not_personal = { $label }: dieses Mitglied hat das Angebot nicht
refused_outranked = { $label }: Angebote, die das Mitglied mehr interessieren, gehen vor
