# Co čtou pokladny, zákazníci a pokladní. Názvy z programu se neskloňují, proto stojí za dvojtečkou
# nebo v prvním pádě.

## Počty

count_points = { $points } { $points ->
    [one] bod
    [few] body
    [many] bodu
   *[other] bodů
}
count_points_of = { $points } { $points ->
    [one] bodu
    [few] bodů
    [many] bodu
   *[other] bodů
}
count_visits = { $visits } { $visits ->
    [one] nákup
    [few] nákupy
    [many] nákupu
   *[other] nákupů
}
count_items = { $items } { $items ->
    [one] kus
    [few] kusy
    [many] kusu
   *[other] kusů
}
count_days = { $days } { $days ->
    [one] den
    [few] dny
    [many] dne
   *[other] dní
}

## Účtenka

label_training = ŠKOLICÍ REŽIM - NEPLATNÝ DOKLAD
label_points = Body
label_till_discount = Sleva na pokladně
label_paid_with_points = Uplatněno: { count_points }
label_saved = Ušetřili jste
label_discount_at_rate = z toho v sazbě { $rate } %
label_lowest_price = Nejnižší cena za 30 dní, řádek { $line }
label_tax_added = DPH { $rate } %
label_cash_rounding = Zaokrouhlení
label_points_earned = Získané body
label_points_spent = Uplatněné body
label_points_converted = Body za poukazy
label_points_balance = Stav bodů
label_points_owed = Bodový dluh
label_cashback = Cashback
label_paid_with_cashback = Zaplaceno cashbackem
label_cashback_earned = Cashback za nákup
label_cashback_spent = Uplatněný cashback
label_cashback_balance = Stav cashbacku
label_cashback_owed = Dluh na cashbacku
label_to_tier = Do úrovně { $tier }
label_visits_to_tier = Nákupů do úrovně { $tier }
label_to_next_reward = Do další odměny
label_receipt_code = Kód
label_voucher_code = Kód poukazu
label_entry_code = Soutěžní kód
receipt_points_expire = Platnost { count_points_of } končí { $date }
receipt_earned_expire = Dnešní body platí do { $date }

## Zprávy

tier_level = Úroveň: { $tier }
tier_reached = Nová úroveň: { $tier }
tier_highest = Máte nejvyšší úroveň: { $tier }
tier_missing_spend = Nakupte ještě za { $amount } a získáte úroveň { $tier }
tier_missing_points = Do úrovně { $tier } ještě { count_points }
tier_missing_visits = Do úrovně { $tier } ještě { count_visits }
tier_progress = Cesta k úrovni { $tier }: { $percent } %
tier_valid_until = Úroveň { $tier } platí do { $date }
tier_keep_spend = Úroveň { $tier } si udržíte: nakupte do { $date } ještě za { $amount }
tier_keep_points = Úroveň { $tier } si udržíte: do { $date } ještě { count_points }
tier_keep_visits = Úroveň { $tier } si udržíte: do { $date } ještě { count_visits }
points_balance = Stav: { count_points }
points_earned = Za tento nákup: { count_points }
points_usable_from = { count_points }, k uplatnění od { $date }
cashback_earned = Cashback za tento nákup: { $amount }
cashback_usable_from = Cashback { $amount }, k uplatnění od { $date }
cashback_spent = Uplatněný cashback: { $amount }
cashback_balance = Stav cashbacku: { $amount }
cashback_owed = Dluh na cashbacku: { $amount }
cashback_spend_now = Ihned lze uplatnit cashback { $amount }
cashback_valid_until = Platnost cashbacku { $amount } končí { $date }
points_spent = Uplatněno: { count_points }
points_converted = Vyměněno za poukazy: { count_points }
points_owed = Bodový dluh: { count_points }
reward_ahead = Do slevy { $amount } ještě { count_points }
reward_given = { $label } za { count_points }
reward_ready = Ihned k dispozici: { $label } za { count_points }
reward_missing = { $label } za { count_points }: chybí ještě { $missing }
spend_now = Uplatnit hned { count_points }: sleva { $amount }
keep_points = Šetřit dál: do slevy { $amount } ještě { count_points }
level_reached = Vaše slevová úroveň: { count_points }
level_highest = To je nejvyšší slevová úroveň
level_missing_spend = Nakupte ještě za { $amount } a získáte slevovou úroveň: { count_points }
level_progress = Cesta k slevové úrovni: { $percent } % ({ count_points })
points_expire_in = Platnost { count_points_of } končí za { count_days } ({ $date })
points_expire_today = Platnost { count_points_of } končí dnes
milestone_visits = Váš { $visits }. nákup! { $label }: { count_points }
milestone_spend = Nákupy celkem za { $amount }! { $label }: { count_points }
milestone_items = Nasbíráno: { count_items }! { $label }: { count_points }
birthday = Všechno nejlepší k narozeninám! { $label }
surprise = Překvapení pro vás! { $label }
welcome = Vítejte! Na začátek: { count_points }
referred = Za doporučení: { count_points }
gift_given = Dárek: { $units }× { $label }
gift_back = K vrácení dárek: { $units }× { $label }
voucher_received = Získali jste poukaz: { $label }, platí do { $date }
voucher_received_from = Získali jste poukaz: { $label }, platí od { $from } do { $date }
voucher_lapses_in = Poukaz { $label } platí ještě { count_days } (do { $date })
voucher_lapses_today = Poukaz { $label } platí už jen dnes
contest_entries = { $label }: { $entries } { $entries ->
    [one] soutěžní kód
    [few] soutěžní kódy
    [many] soutěžního kódu
   *[other] soutěžních kódů
}
code_cancelled = Už neplatí: { $code }
points_taken_back = Odečteno: { count_points }
points_forgiven = Prominuto: { count_points }
points_given_back = Vráceno: { count_points }
cashback_taken_back = Odebraný cashback: { $amount }
cashback_forgiven = Prominutý cashback: { $amount }
cashback_given_back = Vrácený cashback: { $amount }
refund = K vrácení: { $amount }
refund_in_cash = V hotovosti k vrácení: { $amount }
cash_payable = V hotovosti k zaplacení: { $amount }

## Proč výhoda neplatila

refused_begins_on = { $label }: platí od { $date }
refused_ended_on = { $label }: platnost skončila { $date }
refused_own_begins_on = { $label }: vaše nabídka platí od { $date }
refused_own_begins_at = { $label }: vaše nabídka platí { $date } od { $time }
refused_own_ended_at = { $label }: platnost skončila { $date } v { $time }
refused_applies_between = { $label }: platí od { $from } do { $to }
refused_for_tiers = { $label }: jen pro úroveň { $tiers }
refused_other_is_better = { $other } je pro zákazníka výhodnější než { $label }
refused_not_yet = { $label }: ještě neplatí
refused_over = { $label }: už neplatí
refused_other_weekday = { $label }: v tento den v týdnu neplatí
refused_other_hours = { $label }: v tuto hodinu neplatí
refused_other_store = { $label }: v této prodejně neplatí
refused_members_only = { $label }: jen pro členy
refused_other_tier = { $label }: jen pro jiné úrovně
refused_not_in_segment = { $label }: není určeno pro tohoto člena
refused_other_balance = { $label }: platí jen do nižšího zůstatku bodů
refused_other_account_kind = { $label }: platí pro jiný druh účtu
refused_other_role = { $label }: platí pro jinou roli ve firmě
refused_role_may_not_spend = Tato osoba nesmí uplatnit body firmy
refused_no_eligible_line = { $label }: v košíku není nic, na co se vztahuje
refused_below_minimum_amount = { $label }: stačí nakoupit ještě za { $amount }
refused_below_minimum_quantity = { $label }: stačí přidat ještě { $quantity } { $quantity ->
    [one] kus
    [few] kusy
    [many] kusu
   *[other] kusů
} vybraného zboží
refused_nothing_left = { $label }: zboží už má nejnižší možnou cenu
refused_discount_limit = { $label }: slevy dohromady už dosáhly povolené hranice
refused_allocation_limit = { $label }: na tolika řádcích se na tento doklad nevejde víc slev
refused_group_best_is = { $label }: jiná nabídka je pro zákazníka výhodnější
refused_does_not_stack = { $label }: nelze kombinovat s již uplatněnou slevou
refused_voucher_unknown = Neznámý poukaz: { $label }
refused_voucher_used = Poukaz už byl uplatněn: { $label }
refused_voucher_held = Poukaz je zablokován pro jiný nákup: { $label }
refused_voucher_of_other = Poukaz patří jinému členovi: { $label }
refused_voucher_cancelled = Poukaz už neplatí, nákup byl vrácen: { $label }
refused_no_redemption = Body zde nelze uplatnit
refused_below_spend_minimum = Najednou lze uplatnit nejméně { count_points }
refused_not_whole_steps = Body se uplatňují po násobcích { $points }
refused_not_a_level = Body se uplatňují po úrovních; nejbližší: { $points }
refused_between_levels = Body se uplatňují po úrovních; nejbližší: { $below } / { $above }
refused_not_enough_points = Uplatnit lze nejvýše { count_points }
refused_no_cashback = Program nemá cashback
refused_below_cashback_minimum = Najednou lze uplatnit nejméně { $amount } cashbacku
refused_not_enough_cashback = K dispozici je jen { $amount } cashbacku
refused_cashback_over_share = Na tento nákup lze uplatnit nejvýše { $amount } cashbacku
refused_offline_limit = Bez spojení lze uplatnit nejvýše { count_points }
refused_offline_limit_cashback = Bez spojení je k dispozici jen { $amount } cashbacku
refused_role_may_not_spend_cashback = Tato osoba nesmí uplatnit cashback firmy
refused_points_missing = { $label }: chybí ještě { count_points }
refused_reward_unknown = Neznámá odměna: { $label }
refused_over_share = Na tento nákup lze uplatnit nejvýše { count_points }
refused_identify_better = Pro tak vysokou částku je třeba silnější ověření: naskenujte kód z aplikace člena
refused_limit_reached = { $label }: už bylo využito tolikrát, kolikrát je možné
refused_shared_limit_reached = { $label }: nabídka je již vyčerpána
refused_not_first_purchase = { $label }: jen při prvním nákupu
refused_own_referral = { $label }: neplatí pro vlastní účet
refused_referrer_unknown = { $label }: kód doporučení zde není znám
refused_referrer_excluded = { $label }: doporučující se nemůže účastnit
refused_milestone_ahead = { $label }: zbývá { $missing }
refused_milestone_ahead_visits = { $label }: ještě { count_visits }
refused_milestone_ahead_items = { $label }: ještě { count_items }
refused_milestone_ahead_amount = { $label }: stačí nakoupit ještě za { $amount }
refused_below_own_average = { $label }: stačí nakoupit ještě za { $amount }
refused_no_average_yet = { $label }: platí až po několika nákupech
refused_not_birthday = { $label }: jen k narozeninám
refused_birthday_used = { $label }: k těmto narozeninám už bylo využito
refused_offer_code_unknown = kód nebo kupón { $label } zde neznáme
refused_needs_code = { $label } platí jen s kódem nebo kupónem
refused_coupon_used = kupón { $label } už byl uplatněn
refused_coupon_unusable = hodnotu kupónu { $label } zde nelze uplatnit
refused_not_personal = { $label }: tento člen nabídku nemá
refused_outranked = { $label }: přednost mají nabídky, které člena zajímají víc
