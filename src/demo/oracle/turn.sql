-- One turn: the next event of every customer who has one left, already in `now`.

-- Points lapse when the last purchase of which something is kept is more than 365 days ago.
UPDATE account SET expired = expired + balance, balance = 0
FROM now
WHERE now.customer = account.customer AND balance > 0 AND now.day > 365 + (
    SELECT max(day) FROM sale
    WHERE sale.customer = account.customer AND booked = 1 AND kept = 1
);

-- The tier is that of what was paid in 365 days, before this sale.
UPDATE sale SET multiplier = (
    SELECT CASE WHEN sum(b.paid - b.refund) >= 30000 THEN 1500
                WHEN sum(b.paid - b.refund) >= 10000 THEN 1250
                ELSE 1000 END
    FROM sale AS b
    WHERE b.customer = sale.customer AND b.booked = 1 AND b.day BETWEEN sale.day - 364 AND sale.day
)
FROM now WHERE now.kind = 'sale' AND sale.row = now.row AND who <> 'nobody';

-- Every fifth purchase spends what may be spent: 100 points are 5.00, at most half of the price.
UPDATE sale SET spent = 100 * min((net1 + net2) * 50 / 100 / 500, balance / 100)
FROM now JOIN account USING (customer)
WHERE now.kind = 'sale' AND sale.row = now.row AND who = 'member' AND sale.row % 5 = 0;

UPDATE sale SET
    redeemed = sale.spent / 100 * 500,
    paid = net1 + net2 - sale.spent / 100 * 500
FROM now WHERE now.kind = 'sale' AND sale.row = now.row;

UPDATE sale SET redeemed1 =
    redeemed * net1 / (net1 + net2)
    + (redeemed * net1 / (net1 + net2) + redeemed * net2 / (net1 + net2) < redeemed
       AND redeemed * net1 % (net1 + net2) >= redeemed * net2 % (net1 + net2))
FROM now WHERE now.kind = 'sale' AND sale.row = now.row AND redeemed > 0;

UPDATE sale SET earned = paid * multiplier / 100000, booked = 1
FROM now WHERE now.kind = 'sale' AND sale.row = now.row AND who <> 'nobody';

UPDATE account SET
    issued = issued + sale.earned,
    spent = account.spent + sale.spent,
    balance = balance - sale.spent + sale.earned - min(sale.earned, debt),
    debt = debt - min(sale.earned, debt)
FROM now JOIN sale ON sale.row = now.row
WHERE now.kind = 'sale' AND account.customer = sale.customer AND who <> 'nobody';

-- What comes back: money by the unit, points by what remains of the sale.
INSERT INTO undo (row, customer, who, refund, clawed_back, restored, whole)
WITH back AS (
    SELECT sale.*,
        now.kind <> 'one_unit' OR (units1 = 1 AND units2 = 0) AS whole,
        (net1 - redeemed1) / units1 AS unit_paid,
        redeemed1 / units1 AS unit_redeemed
    FROM now JOIN sale ON sale.row = now.row
    WHERE now.kind <> 'sale'
)
SELECT
    row, customer, who,
    CASE WHEN whole THEN paid ELSE unit_paid END,
    CASE WHEN whole THEN earned
         ELSE earned - min(earned, (paid - unit_paid) * multiplier / 100000) END,
    CASE WHEN whole THEN spent
         WHEN redeemed = 0 THEN 0
         ELSE spent * unit_redeemed / redeemed END,
    whole
FROM back;

UPDATE sale SET refund = undo.refund, kept = NOT undo.whole
FROM undo WHERE done = 0 AND sale.row = undo.row;

-- Points given back settle a debt first; points taken back that are not there become one.
UPDATE account SET
    restored = account.restored + undo.restored,
    balance = balance + undo.restored - min(undo.restored, debt),
    debt = debt - min(undo.restored, debt)
FROM undo WHERE done = 0 AND who <> 'nobody' AND undo.customer = account.customer;

UPDATE account SET
    clawed_back = account.clawed_back + undo.clawed_back,
    balance = balance - min(undo.clawed_back, balance),
    debt = debt + undo.clawed_back - min(undo.clawed_back, balance)
FROM undo WHERE done = 0 AND who <> 'nobody' AND undo.customer = account.customer;

-- Without the sale that came back, the purchase before it is the last one again.
UPDATE account SET expired = expired + balance, balance = 0
FROM now JOIN undo USING (customer)
WHERE done = 0 AND now.customer = account.customer AND balance > 0 AND now.day > 365 + (
    SELECT max(day) FROM sale
    WHERE sale.customer = account.customer AND booked = 1 AND kept = 1
);

UPDATE undo SET done = 1 WHERE done = 0;
