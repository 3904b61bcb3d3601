# Co czytają kasy, klienci i kasjerzy. Nazwy z programu nie odmieniają się, dlatego stoją po
# dwukropku albo w mianowniku.

## Liczby

count_points = { $points } { $points ->
    [one] punkt
    [few] punkty
    [many] punktów
   *[other] punktu
}
count_points_of = { $points } { $points ->
    [one] punktu
    [few] punktów
    [many] punktów
   *[other] punktu
}
count_visits = { $visits } { $visits ->
    [one] zakup
    [few] zakupy
    [many] zakupów
   *[other] zakupu
}
count_items = { $items } { $items ->
    [one] sztuka
    [few] sztuki
    [many] sztuk
   *[other] sztuki
}
count_days = { $days } { $days ->
    [one] dzień
    [few] dni
    [many] dni
   *[other] dnia
}

## Paragon

label_training = TRYB SZKOLENIOWY - TO NIE JEST PARAGON
label_points = Punkty
label_till_discount = Rabat przy kasie
label_paid_with_points = Wykorzystano: { count_points }
label_saved = Oszczędność
label_discount_at_rate = w tym stawka { $rate }%
label_lowest_price = Najniższa cena z 30 dni, pozycja { $line }
label_tax_added = VAT { $rate }%
label_cash_rounding = Zaokrąglenie
label_points_earned = Zdobyte punkty
label_points_spent = Wykorzystane punkty
label_points_converted = Punkty za bony
label_points_balance = Stan punktów
label_points_owed = Zadłużenie punktowe
label_cashback = Cashback
label_paid_with_cashback = Zapłacono cashbackiem
label_cashback_earned = Cashback za zakupy
label_cashback_spent = Wykorzystany cashback
label_cashback_balance = Stan cashbacku
label_cashback_owed = Zadłużenie cashbacku
label_to_tier = Do poziomu { $tier }
label_visits_to_tier = Zakupów do poziomu { $tier }
label_to_next_reward = Do następnej nagrody
label_receipt_code = Kod
label_voucher_code = Kod bonu
label_entry_code = Kod konkursowy
receipt_points_expire = Ważność { count_points_of } upływa { $date }
receipt_earned_expire = Dzisiejsze punkty są ważne do { $date }

## Komunikaty

tier_level = Poziom: { $tier }
tier_reached = Nowy poziom: { $tier }
tier_highest = Najwyższy poziom osiągnięty: { $tier }
tier_missing_spend = Kup jeszcze za { $amount }, aby osiągnąć poziom { $tier }
tier_missing_points = Do poziomu { $tier } jeszcze { count_points }
tier_missing_visits = Do poziomu { $tier } jeszcze { count_visits }
tier_progress = Droga do poziomu { $tier }: { $percent }%
tier_valid_until = Poziom { $tier } ważny do { $date }
tier_keep_spend = Aby zachować poziom { $tier }: kup do { $date } jeszcze za { $amount }
tier_keep_points = Aby zachować poziom { $tier }: do { $date } jeszcze { count_points }
tier_keep_visits = Aby zachować poziom { $tier }: do { $date } jeszcze { count_visits }
points_balance = Stan: { count_points }
points_earned = Za te zakupy: { count_points }
points_usable_from = { count_points }, do wykorzystania od { $date }
cashback_earned = Cashback za te zakupy: { $amount }
cashback_usable_from = Cashback { $amount }, do wykorzystania od { $date }
cashback_spent = Wykorzystany cashback: { $amount }
cashback_balance = Stan cashbacku: { $amount }
cashback_owed = Zadłużenie cashbacku: { $amount }
cashback_spend_now = Od razu można wykorzystać cashback { $amount }
cashback_valid_until = Cashback { $amount } ważny do { $date }
points_spent = Wykorzystano: { count_points }
points_converted = Wymieniono na bony: { count_points }
points_owed = Zadłużenie: { count_points }
reward_ahead = Do rabatu { $amount } jeszcze { count_points }
reward_given = { $label } za { count_points }
reward_ready = Do odebrania teraz: { $label } za { count_points }
reward_missing = { $label } za { count_points }: brakuje jeszcze { $missing }
spend_now = Wykorzystaj teraz { count_points }: rabat { $amount }
keep_points = Zbieraj dalej: do rabatu { $amount } jeszcze { count_points }
level_reached = Twój próg rabatowy: { count_points }
level_highest = To najwyższy próg rabatowy
level_missing_spend = Kup jeszcze za { $amount }, aby osiągnąć próg rabatowy: { count_points }
level_progress = Droga do progu rabatowego: { $percent }% ({ count_points })
points_expire_in = Ważność { count_points_of } upływa za { count_days } ({ $date })
points_expire_today = Ważność { count_points_of } upływa dzisiaj
milestone_visits = To już { $visits }. zakupy! { $label }: { count_points }
milestone_spend = Zakupy łącznie za { $amount }! { $label }: { count_points }
milestone_items = Zebrano: { count_items }! { $label }: { count_points }
birthday = Wszystkiego najlepszego z okazji urodzin! { $label }
surprise = Niespodzianka dla Ciebie! { $label }
welcome = Witamy! Na początek: { count_points }
referred = Za polecenie: { count_points }
gift_given = Prezent: { $units }× { $label }
gift_back = Do zwrotu prezent: { $units }× { $label }
voucher_received = Otrzymujesz bon: { $label }, ważny do { $date }
voucher_received_from = Otrzymujesz bon: { $label }, ważny od { $from } do { $date }
voucher_lapses_in = Bon { $label } jest ważny jeszcze { count_days } (do { $date })
voucher_lapses_today = Bon { $label } jest ważny już tylko dzisiaj
contest_entries = { $label }: { $entries } { $entries ->
    [one] kod konkursowy
    [few] kody konkursowe
    [many] kodów konkursowych
   *[other] kodu konkursowego
}
code_cancelled = Stracił ważność: { $code }
points_taken_back = Odjęto: { count_points }
points_forgiven = Umorzono: { count_points }
points_given_back = Zwrócono: { count_points }
cashback_taken_back = Cofnięty cashback: { $amount }
cashback_forgiven = Darowany cashback: { $amount }
cashback_given_back = Zwrócony cashback: { $amount }
refund = Do zwrotu: { $amount }
refund_in_cash = Do zwrotu gotówką: { $amount }
cash_payable = Do zapłaty gotówką: { $amount }

## Dlaczego korzyść nie została przyznana

refused_begins_on = { $label }: obowiązuje od { $date }
refused_ended_on = { $label }: ważność upłynęła { $date }
refused_own_begins_on = { $label }: oferta dla ciebie obowiązuje od { $date }
refused_own_begins_at = { $label }: oferta dla ciebie obowiązuje { $date } od { $time }
refused_own_ended_at = { $label }: ważność upłynęła { $date } o { $time }
refused_applies_between = { $label }: obowiązuje od { $from } do { $to }
refused_for_tiers = { $label }: tylko dla poziomu { $tiers }
refused_other_is_better = { $other } jest dla klienta korzystniejsze niż { $label }
refused_not_yet = { $label }: jeszcze nie obowiązuje
refused_over = { $label }: już nie obowiązuje
refused_other_weekday = { $label }: nie obowiązuje w tym dniu tygodnia
refused_other_hours = { $label }: nie obowiązuje o tej godzinie
refused_other_store = { $label }: nie obowiązuje w tym sklepie
refused_members_only = { $label }: tylko dla uczestników programu
refused_other_tier = { $label }: tylko dla innych poziomów
refused_not_in_segment = { $label }: nie dla tego uczestnika
refused_other_balance = { $label }: tylko przy niższym saldzie punktów
refused_other_account_kind = { $label }: dotyczy innego rodzaju konta
refused_other_role = { $label }: dotyczy innej roli w firmie
refused_role_may_not_spend = Ta osoba nie może wykorzystać punktów firmy
refused_no_eligible_line = { $label }: w koszyku nie ma produktów objętych ofertą
refused_below_minimum_amount = { $label }: wystarczy kupić jeszcze za { $amount }
refused_below_minimum_quantity = { $label }: wystarczy dodać jeszcze { $quantity } { $quantity ->
    [one] sztukę
    [few] sztuki
    [many] sztuk
   *[other] sztuki
} wybranych produktów
refused_nothing_left = { $label }: produkty mają już najniższą możliwą cenę
refused_discount_limit = { $label }: łączny rabat jest już najwyższy z dozwolonych
refused_allocation_limit = { $label }: na tylu pozycjach ten paragon nie pomieści więcej rabatów
refused_group_best_is = { $label }: inna oferta jest dla klienta korzystniejsza
refused_does_not_stack = { $label }: nie łączy się z przyznanym już rabatem
refused_voucher_unknown = Nieznany bon: { $label }
refused_voucher_used = Bon został już wykorzystany: { $label }
refused_voucher_held = Bon jest zablokowany dla innych zakupów: { $label }
refused_voucher_of_other = Bon należy do innego uczestnika: { $label }
refused_voucher_cancelled = Bon stracił ważność, zakupy zostały zwrócone: { $label }
refused_no_redemption = Tutaj nie można wykorzystać punktów
refused_below_spend_minimum = Jednorazowo można wykorzystać co najmniej { count_points }
refused_not_whole_steps = Punkty można wykorzystać w wielokrotnościach { $points }
refused_not_a_level = Punkty wykorzystuje się progami; najbliższy: { $points }
refused_between_levels = Punkty wykorzystuje się progami; najbliższe: { $below } / { $above }
refused_not_enough_points = Można wykorzystać najwyżej { count_points }
refused_no_cashback = Program nie ma cashbacku
refused_below_cashback_minimum = Jednorazowo można wykorzystać co najmniej { $amount } cashbacku
refused_not_enough_cashback = Dostępne jest tylko { $amount } cashbacku
refused_cashback_over_share = Na te zakupy można wykorzystać najwyżej { $amount } cashbacku
refused_offline_limit = Bez połączenia można wykorzystać najwyżej { count_points }
refused_offline_limit_cashback = Bez połączenia dostępne jest tylko { $amount } cashbacku
refused_role_may_not_spend_cashback = Ta osoba nie może wykorzystać cashbacku firmy
refused_points_missing = { $label }: brakuje jeszcze { count_points_of }
refused_reward_unknown = Nieznana nagroda: { $label }
refused_over_share = Na te zakupy można wykorzystać najwyżej { count_points }
refused_identify_better = Tak wysoka kwota wymaga silniejszej weryfikacji: zeskanuj kod z aplikacji uczestnika
refused_limit_reached = { $label }: wykorzystano już maksymalną liczbę razy
refused_shared_limit_reached = { $label }: oferta została już wyczerpana
refused_not_first_purchase = { $label }: tylko przy pierwszych zakupach
refused_own_referral = { $label }: nie dotyczy własnego konta
refused_referrer_unknown = { $label }: kod polecenia nie jest tu znany
refused_referrer_excluded = { $label }: osoba polecająca nie może brać udziału
refused_milestone_ahead = { $label }: pozostało { $missing }
refused_milestone_ahead_visits = { $label }: jeszcze { count_visits }
refused_milestone_ahead_items = { $label }: jeszcze { count_items }
refused_milestone_ahead_amount = { $label }: wystarczy kupić jeszcze za { $amount }
refused_below_own_average = { $label }: wystarczy kupić jeszcze za { $amount }
refused_no_average_yet = { $label }: obowiązuje dopiero po kilku zakupach
refused_not_birthday = { $label }: tylko z okazji urodzin
refused_birthday_used = { $label }: z okazji tych urodzin już wykorzystano
refused_offer_code_unknown = kod lub kupon { $label } nie jest tu znany
refused_needs_code = { $label } obowiązuje tylko z kodem lub kuponem
refused_coupon_used = kupon { $label } został już wykorzystany
refused_coupon_unusable = wartości kuponu { $label } nie można tu wykorzystać
refused_not_personal = { $label }: ten uczestnik nie ma tej oferty
refused_outranked = { $label }: pierwszeństwo mają oferty, które bardziej interesują uczestnika
