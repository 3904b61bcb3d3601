# What tills, customers and cashiers read. Programme, offer and tier names stay as the programme
# writes them, so they stand where no language has to inflect them.

## Counted things

count_points = { $points } { $points ->
    [one] point
   *[other] points
}
count_visits = { $visits } { $visits ->
    [one] purchase
   *[other] purchases
}
count_items = { $items } { $items ->
    [one] piece
   *[other] pieces
}
count_days = { $days } { $days ->
    [one] day
   *[other] days
}

## Receipt

label_training = TRAINING - NOT A RECEIPT
label_points = Points
label_till_discount = Discount at the till
label_paid_with_points = Paid with { count_points }
label_saved = You saved
label_discount_at_rate = of it at { $rate } % tax
label_lowest_price = Lowest price in 30 days, line { $line }
label_tax_added = Tax { $rate } %
label_cash_rounding = Rounding
label_points_earned = Points earned
label_points_spent = Points spent
label_points_converted = Points for vouchers
label_points_balance = Points balance
label_points_owed = Points owed
label_cashback = Cashback
label_paid_with_cashback = Paid with cashback
label_cashback_earned = Cashback earned
label_cashback_spent = Cashback spent
label_cashback_balance = Cashback balance
label_cashback_owed = Cashback owed
label_to_tier = To { $tier }
label_visits_to_tier = Visits to { $tier }
label_to_next_reward = To the next reward
label_receipt_code = Code
label_voucher_code = Voucher code
label_entry_code = Entry code
receipt_points_expire = { count_points } { $points ->
    [one] expires
   *[other] expire
} after { $date }
receipt_earned_expire = Points of today expire after { $date }

## Messages

tier_level = Level: { $tier }
tier_reached = New { $tier } member
tier_highest = Highest level reached: { $tier }
tier_missing_spend = Buy for { $amount } more to reach { $tier }
tier_missing_points = { count_points } more to reach { $tier }
tier_missing_visits = { count_visits } more to reach { $tier }
tier_progress = { $percent } % of the way to { $tier }
tier_valid_until = { $tier } until { $date }
tier_keep_spend = Keep { $tier }: buy for { $amount } more by { $date }
tier_keep_points = Keep { $tier }: { count_points } more by { $date }
tier_keep_visits = Keep { $tier }: { count_visits } more by { $date }
points_balance = Balance: { count_points }
points_earned = { count_points } for this purchase
points_usable_from = { count_points }, usable from { $date }
cashback_earned = { $amount } cashback for this purchase
cashback_usable_from = { $amount } cashback, usable from { $date }
cashback_spent = { $amount } cashback spent
cashback_balance = Cashback balance: { $amount }
cashback_owed = { $amount } cashback owed
cashback_spend_now = { $amount } cashback can be spent now
cashback_valid_until = { $amount } cashback valid until { $date }
points_spent = { count_points } spent
points_converted = Turned into vouchers: { count_points }
points_owed = { count_points } owed
reward_ahead = { count_points } more for { $amount } off
reward_given = { $label } for { count_points }
reward_ready = To be had now: { $label } for { count_points }
reward_missing = { $label } for { count_points }: { $missing } more
spend_now = Use { count_points } now: { $amount } off
keep_points = Keep them: { count_points } more for { $amount } off
level_reached = Your discount level: { count_points }
level_highest = That is the highest discount level
level_missing_spend = Buy for { $amount } more to reach the discount level of { count_points }
level_progress = { $percent } % of the way to the discount level of { count_points }
points_expire_in = { count_points } valid for { count_days } more, until { $date }
points_expire_today = { count_points } valid until the end of today
milestone_visits = Purchase no. { $visits }! { $label }: { count_points }
milestone_spend = Purchases of { $amount }! { $label }: { count_points }
milestone_items = { count_items } collected! { $label }: { count_points }
birthday = Happy birthday! { $label }
surprise = A surprise for you! { $label }
welcome = Welcome! { count_points } to begin with
referred = For the recommendation: { count_points }
gift_given = Gift: { $units }× { $label }
gift_back = Gift to take back: { $units }× { $label }
voucher_received = You received a voucher: { $label }, valid until { $date }
voucher_received_from = You received a voucher: { $label }, valid from { $from } until { $date }
voucher_lapses_in = Voucher { $label } valid for { count_days } more, until { $date }
voucher_lapses_today = Voucher { $label } valid until the end of today
contest_entries = { $label }: { $entries } { $entries ->
    [one] entry
   *[other] entries
}
code_cancelled = { $code } is no longer valid
points_taken_back = { count_points } taken back
points_forgiven = { count_points } forgiven
points_given_back = { count_points } given back
cashback_taken_back = { $amount } cashback taken back
cashback_forgiven = { $amount } cashback forgiven
cashback_given_back = { $amount } cashback given back
refund = To pay back: { $amount }
refund_in_cash = To pay back in cash: { $amount }
cash_payable = To pay in cash: { $amount }

## Why a benefit did not apply

refused_begins_on = { $label } begins on { $date }
refused_ended_on = { $label } ended on { $date }
refused_own_begins_on = { $label }: your offer begins on { $date }
refused_own_begins_at = { $label }: your offer applies from { $time } on, { $date }
refused_own_ended_at = { $label } ended on { $date } at { $time }
refused_applies_between = { $label } applies from { $from } to { $to }
refused_for_tiers = { $label } is for { $tiers }
refused_other_is_better = { $other } is better for the customer than { $label }
refused_not_yet = { $label } has not begun yet
refused_over = { $label } is over by now
refused_other_weekday = { $label } does not apply on this day of the week
refused_other_hours = { $label } does not apply at this hour
refused_other_store = { $label } does not apply in this store
refused_members_only = { $label } is for members
refused_other_tier = { $label } is for other tiers
refused_not_in_segment = { $label } is not meant for this member
refused_other_balance = { $label } is for smaller balances of points
refused_other_account_kind = { $label } is for other kinds of accounts
refused_other_role = { $label } is for others of the company
refused_role_may_not_spend = this member may not spend the company's points
refused_no_eligible_line = nothing in the basket is eligible for { $label }
refused_below_minimum_amount = { $amount } more and { $label } applies
refused_below_minimum_quantity = { $quantity } more of the eligible products and { $label } applies
refused_nothing_left = { $label } does not apply: what is eligible is at its lowest price already
refused_discount_limit = { $label } does not apply: the discounts together are at their limit already
refused_allocation_limit = { $label } does not apply: this receipt cannot hold more discounts on so many lines
refused_group_best_is = another offer is better for the customer than { $label }
refused_does_not_stack = { $label } cannot be combined with what applies already
refused_voucher_unknown = voucher { $label } is not known
refused_voucher_used = voucher { $label } was used before
refused_voucher_held = voucher { $label } is on hold for another basket
refused_voucher_of_other = voucher { $label } belongs to another member
refused_voucher_cancelled = voucher { $label } is no longer valid: what it was given for came back
refused_no_redemption = points cannot be spent here
refused_below_spend_minimum = at least { count_points } { $points ->
    [one] is
   *[other] are
} spent at once
refused_not_whole_steps = points are spent in steps of { $points }
refused_not_a_level = points are spent level by level; nearest: { $points }
refused_between_levels = points are spent level by level; nearest: { $below } / { $above }
refused_not_enough_points = only { count_points } may be spent
refused_no_cashback = this programme has no cashback
refused_below_cashback_minimum = at least { $amount } of cashback at once
refused_not_enough_cashback = only { $amount } of cashback may be spent
refused_cashback_over_share = this basket takes at most { $amount } of cashback
refused_offline_limit = without a connection only { count_points } may be spent
refused_offline_limit_cashback = without a connection only { $amount } of cashback may be spent
refused_role_may_not_spend_cashback = this member may not spend the company's cashback
refused_points_missing = { count_points } more for { $label }
refused_reward_unknown = reward { $label } is not known
refused_over_share = this basket takes at most { count_points }
refused_identify_better = spending this much needs a better identification: scan the code in the member's app
refused_limit_reached = { $label } was used as often as it may be
refused_shared_limit_reached = { $label }: all of them are given away
refused_not_first_purchase = { $label } is for the first purchase
refused_own_referral = { $label } is not for one's own account
refused_referrer_unknown = { $label }: the code of the recommendation is not known here
refused_referrer_excluded = { $label }: whoever recommended may not take part
refused_milestone_ahead = { $missing } more until { $label }
refused_milestone_ahead_visits = { count_visits } more until { $label }
refused_milestone_ahead_items = { count_items } more until { $label }
refused_milestone_ahead_amount = { $amount } more and { $label } applies
refused_below_own_average = { $amount } more and { $label } applies
refused_no_average_yet = { $label } begins after a few purchases
refused_not_birthday = { $label } is for birthdays
refused_birthday_used = { $label } was given for this birthday already
refused_offer_code_unknown = code or coupon { $label } is not known here
refused_needs_code = { $label } needs a code or a coupon
refused_coupon_used = coupon { $label } was used before
refused_coupon_unusable = coupon { $label } has a value that cannot be used here
refused_not_personal = { $label }: this member does not carry the offer
refused_outranked = { $label }: offers that interest the member more come first
