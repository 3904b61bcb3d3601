-- Lines and offers of every purchase. Divisions are of whole numbers and cut off.
INSERT INTO sale (row, customer, day, who, undone, units1, units2, gross, discount, net1, net2)
WITH
sold AS (
    SELECT
        row, customer, date, cents,
        unixepoch(date) / 86400 AS day,
        max(units, 1) AS units,
        CASE
            WHEN row % 100 = 57 THEN 'late'
            WHEN row % 50 = 7 THEN 'nobody'
            ELSE 'member'
        END AS who,
        CASE
            WHEN row % 97 = 0 THEN 'next_day'
            WHEN row % 101 = 0 THEN 'one_unit'
            WHEN row % 211 = 0 THEN 'void'
        END AS undone
    FROM purchase
),
lined AS (
    SELECT *, cents / units AS price, units - cents % units AS units1, cents % units AS units2
    FROM sold
),
-- In Advent, one CD costs a member 9.99: the dearest.
fixed AS (
    SELECT *,
        CASE
            WHEN who = 'member' AND date BETWEEN '1997-12-01' AND '1997-12-24'
            THEN max(0, price + (units2 > 0) - 999)
            ELSE 0
        END AS fixed
    FROM lined
),
after_fixed AS (
    SELECT *,
        units1 * price - CASE WHEN units2 = 0 THEN fixed ELSE 0 END AS left1,
        units2 * (price + 1) - CASE WHEN units2 > 0 THEN fixed ELSE 0 END AS left2
    FROM fixed
),
-- From five CDs on, 5 % off for a member, a half cent is a cent, at most 20.00.
percent AS (
    SELECT *,
        CASE
            WHEN who = 'member' AND units >= 5 THEN min(((left1 + left2) * 5 + 50) / 100, 2000)
            ELSE 0
        END AS percent
    FROM after_fixed
),
-- Split over the lines in proportion; the odd cent goes to the larger remainder.
split AS (
    SELECT *,
        coalesce(
            percent * left1 / (left1 + left2)
            + (percent * left1 / (left1 + left2) + percent * left2 / (left1 + left2) < percent
               AND percent * left1 % (left1 + left2) >= percent * left2 % (left1 + left2)),
            0
        ) AS percent1
    FROM percent
)
SELECT
    row, customer, day, who, undone, units1, units2,
    cents, fixed + percent, left1 - percent1, left2 - (percent - percent1)
FROM split;

-- A customer brings back what was bought the day before, then buys. A void or the return of one
-- unit follows its sale at once.
INSERT INTO event (turn, row, customer, day, kind)
SELECT
    row_number() OVER (PARTITION BY customer ORDER BY day, phase, row, step),
    row, customer, day, kind
FROM (
    SELECT row, customer, day, 'sale' AS kind, 1 AS phase, 0 AS step FROM sale
    UNION ALL
    SELECT row, customer, day, undone, 1, 1 FROM sale WHERE undone IN ('one_unit', 'void')
    UNION ALL
    SELECT row, customer, day + 1, undone, 0, 0 FROM sale WHERE undone = 'next_day'
);
