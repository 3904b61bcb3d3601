# Čo čítajú pokladnice, zákazníci a pokladníci. Názvy z programu sa neskloňujú, preto stoja za
# dvojbodkou alebo v prvom páde.

## Počty

count_points = { $points } { $points ->
    [one] bod
    [few] body
    [many] bodu
   *[other] bodov
}
count_points_of = { $points } { $points ->
    [one] bodu
    [few] bodov
    [many] bodu
   *[other] bodov
}
count_visits = { $visits } { $visits ->
    [one] nákup
    [few] nákupy
    [many] nákupu
   *[other] nákupov
}
count_items = { $items } { $items ->
    [one] kus
    [few] kusy
    [many] kusa
   *[other] kusov
}
count_days = { $days } { $days ->
    [one] deň
    [few] dni
    [many] dňa
   *[other] dní
}

## Účtenka

label_training = ŠKOLIACI REŽIM - NEPLATNÝ DOKLAD
label_points = Body
label_till_discount = Zľava pri pokladnici
label_paid_with_points = Uplatnené: { count_points }
label_saved = Ušetrili ste
label_discount_at_rate = z toho v sadzbe { $rate } %
label_lowest_price = Najnižšia cena za 30 dní, riadok { $line }
label_tax_added = DPH { $rate } %
label_cash_rounding = Zaokrúhlenie
label_points_earned = Získané body
label_points_spent = Uplatnené body
label_points_converted = Body za poukazy
label_points_balance = Stav bodov
label_points_owed = Bodový dlh
label_cashback = Cashback
label_paid_with_cashback = Zaplatené cashbackom
label_cashback_earned = Cashback za nákup
label_cashback_spent = Uplatnený cashback
label_cashback_balance = Stav cashbacku
label_cashback_owed = Dlh na cashbacku
label_to_tier = Do úrovne { $tier }
label_visits_to_tier = Nákupov do úrovne { $tier }
label_to_next_reward = Do ďalšej odmeny
label_receipt_code = Kód
label_voucher_code = Kód poukazu
label_entry_code = Súťažný kód
receipt_points_expire = Platnosť { count_points_of } sa končí { $date }
receipt_earned_expire = Dnešné body platia do { $date }

## Správy

tier_level = Úroveň: { $tier }
tier_reached = Nová úroveň: { $tier }
tier_highest = Máte najvyššiu úroveň: { $tier }
tier_missing_spend = Nakúpte ešte za { $amount } a získate úroveň { $tier }
tier_missing_points = Do úrovne { $tier } ešte { count_points }
tier_missing_visits = Do úrovne { $tier } ešte { count_visits }
tier_progress = Cesta k úrovni { $tier }: { $percent } %
tier_valid_until = Úroveň { $tier } platí do { $date }
tier_keep_spend = Úroveň { $tier } si udržíte: nakúpte do { $date } ešte za { $amount }
tier_keep_points = Úroveň { $tier } si udržíte: do { $date } ešte { count_points }
tier_keep_visits = Úroveň { $tier } si udržíte: do { $date } ešte { count_visits }
points_balance = Stav: { count_points }
points_earned = Za tento nákup: { count_points }
points_usable_from = { count_points }, na uplatnenie od { $date }
cashback_earned = Cashback za tento nákup: { $amount }
cashback_usable_from = Cashback { $amount }, na uplatnenie od { $date }
cashback_spent = Uplatnený cashback: { $amount }
cashback_balance = Stav cashbacku: { $amount }
cashback_owed = Dlh na cashbacku: { $amount }
cashback_spend_now = Ihneď možno uplatniť cashback { $amount }
cashback_valid_until = Platnosť cashbacku { $amount } sa končí { $date }
points_spent = Uplatnené: { count_points }
points_converted = Vymenené za poukazy: { count_points }
points_owed = Bodový dlh: { count_points }
reward_ahead = Do zľavy { $amount } ešte { count_points }
reward_given = { $label } za { count_points }
reward_ready = Ihneď k dispozícii: { $label } za { count_points }
reward_missing = { $label } za { count_points }: chýba ešte { $missing }
spend_now = Uplatniť hneď { count_points }: zľava { $amount }
keep_points = Šetriť ďalej: do zľavy { $amount } ešte { count_points }
level_reached = Vaša zľavová úroveň: { count_points }
level_highest = To je najvyššia zľavová úroveň
level_missing_spend = Nakúpte ešte za { $amount } a získate zľavovú úroveň: { count_points }
level_progress = Cesta k zľavovej úrovni: { $percent } % ({ count_points })
points_expire_in = Platnosť { count_points_of } sa končí o { count_days } ({ $date })
points_expire_today = Platnosť { count_points_of } sa končí dnes
milestone_visits = Váš { $visits }. nákup! { $label }: { count_points }
milestone_spend = Nákupy spolu za { $amount }! { $label }: { count_points }
milestone_items = Nazbierané: { count_items }! { $label }: { count_points }
birthday = Všetko najlepšie k narodeninám! { $label }
surprise = Prekvapenie pre vás! { $label }
welcome = Vitajte! Na začiatok: { count_points }
referred = Za odporúčanie: { count_points }
gift_given = Darček: { $units }× { $label }
gift_back = Na vrátenie darček: { $units }× { $label }
voucher_received = Získali ste poukaz: { $label }, platí do { $date }
voucher_received_from = Získali ste poukaz: { $label }, platí od { $from } do { $date }
voucher_lapses_in = Poukaz { $label } platí ešte { count_days } (do { $date })
voucher_lapses_today = Poukaz { $label } platí už len dnes
contest_entries = { $label }: { $entries } { $entries ->
    [one] súťažný kód
    [few] súťažné kódy
    [many] súťažného kódu
   *[other] súťažných kódov
}
code_cancelled = Už neplatí: { $code }
points_taken_back = Odpočítané: { count_points }
points_forgiven = Odpustené: { count_points }
points_given_back = Vrátené: { count_points }
cashback_taken_back = Odobratý cashback: { $amount }
cashback_forgiven = Odpustený cashback: { $amount }
cashback_given_back = Vrátený cashback: { $amount }
refund = Na vrátenie: { $amount }
refund_in_cash = V hotovosti na vrátenie: { $amount }
cash_payable = V hotovosti na zaplatenie: { $amount }

## Prečo výhoda neplatila

refused_begins_on = { $label }: platí od { $date }
refused_ended_on = { $label }: platnosť sa skončila { $date }
refused_own_begins_on = { $label }: vaša ponuka platí od { $date }
refused_own_begins_at = { $label }: vaša ponuka platí { $date } od { $time }
refused_own_ended_at = { $label }: platnosť sa skončila { $date } o { $time }
refused_applies_between = { $label }: platí od { $from } do { $to }
refused_for_tiers = { $label }: len pre úroveň { $tiers }
refused_other_is_better = { $other } je pre zákazníka výhodnejšie ako { $label }
refused_not_yet = { $label }: ešte neplatí
refused_over = { $label }: už neplatí
refused_other_weekday = { $label }: v tento deň v týždni neplatí
refused_other_hours = { $label }: v túto hodinu neplatí
refused_other_store = { $label }: v tejto predajni neplatí
refused_members_only = { $label }: len pre členov
refused_other_tier = { $label }: len pre iné úrovne
refused_not_in_segment = { $label }: nie je určené pre tohto člena
refused_other_balance = { $label }: platí len do nižšieho zostatku bodov
refused_other_account_kind = { $label }: platí pre iný druh účtu
refused_other_role = { $label }: platí pre inú rolu vo firme
refused_role_may_not_spend = Táto osoba nesmie uplatniť body firmy
refused_no_eligible_line = { $label }: v košíku nie je nič, na čo sa vzťahuje
refused_below_minimum_amount = { $label }: stačí nakúpiť ešte za { $amount }
refused_below_minimum_quantity = { $label }: stačí pridať ešte { $quantity } { $quantity ->
    [one] kus
    [few] kusy
    [many] kusa
   *[other] kusov
} vybraného tovaru
refused_nothing_left = { $label }: tovar už má najnižšiu možnú cenu
refused_discount_limit = { $label }: zľavy spolu už dosiahli povolenú hranicu
refused_allocation_limit = { $label }: na toľkých riadkoch sa na tento doklad nezmestí viac zliav
refused_group_best_is = { $label }: iná ponuka je pre zákazníka výhodnejšia
refused_does_not_stack = { $label }: nedá sa kombinovať s už uplatnenou zľavou
refused_voucher_unknown = Neznámy poukaz: { $label }
refused_voucher_used = Poukaz už bol uplatnený: { $label }
refused_voucher_held = Poukaz je zablokovaný pre iný nákup: { $label }
refused_voucher_of_other = Poukaz patrí inému členovi: { $label }
refused_voucher_cancelled = Poukaz už neplatí, nákup bol vrátený: { $label }
refused_no_redemption = Body sa tu nedajú uplatniť
refused_below_spend_minimum = Naraz možno uplatniť najmenej { count_points }
refused_not_whole_steps = Body sa uplatňujú po násobkoch { $points }
refused_not_a_level = Body sa uplatňujú po úrovniach; najbližšia: { $points }
refused_between_levels = Body sa uplatňujú po úrovniach; najbližšie: { $below } / { $above }
refused_not_enough_points = Uplatniť možno najviac { count_points }
refused_no_cashback = Program nemá cashback
refused_below_cashback_minimum = Naraz možno uplatniť najmenej { $amount } cashbacku
refused_not_enough_cashback = K dispozícii je len { $amount } cashbacku
refused_cashback_over_share = Na tento nákup možno uplatniť najviac { $amount } cashbacku
refused_offline_limit = Bez spojenia možno uplatniť najviac { count_points }
refused_offline_limit_cashback = Bez spojenia je k dispozícii len { $amount } cashbacku
refused_role_may_not_spend_cashback = Táto osoba nesmie uplatniť cashback firmy
refused_points_missing = { $label }: chýba ešte { count_points }
refused_reward_unknown = Neznáma odmena: { $label }
refused_over_share = Na tento nákup možno uplatniť najviac { count_points }
refused_identify_better = Pri takej vysokej sume treba silnejšie overenie: naskenujte kód z aplikácie člena
refused_limit_reached = { $label }: už bolo využité toľkokrát, koľkokrát je možné
refused_shared_limit_reached = { $label }: ponuka je už vyčerpaná
refused_not_first_purchase = { $label }: len pri prvom nákupe
refused_own_referral = { $label }: neplatí pre vlastný účet
refused_referrer_unknown = { $label }: kód odporúčania tu nie je známy
refused_referrer_excluded = { $label }: odporúčajúci sa nemôže zúčastniť
refused_milestone_ahead = { $label }: zostáva { $missing }
refused_milestone_ahead_visits = { $label }: ešte { count_visits }
refused_milestone_ahead_items = { $label }: ešte { count_items }
refused_milestone_ahead_amount = { $label }: stačí nakúpiť ešte za { $amount }
refused_below_own_average = { $label }: stačí nakúpiť ešte za { $amount }
refused_no_average_yet = { $label }: platí až po niekoľkých nákupoch
refused_not_birthday = { $label }: len k narodeninám
refused_birthday_used = { $label }: k týmto narodeninám už bolo využité
refused_offer_code_unknown = kód alebo kupón { $label } tu nepoznáme
refused_needs_code = { $label } platí len s kódom alebo kupónom
refused_coupon_used = kupón { $label } už bol uplatnený
refused_coupon_unusable = hodnotu kupónu { $label } tu nemožno uplatniť
refused_not_personal = { $label }: tento člen ponuku nemá
refused_outranked = { $label }: prednosť majú ponuky, ktoré člena zaujímajú viac
