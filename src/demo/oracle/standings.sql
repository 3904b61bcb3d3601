-- Every account on a day (?1, days since 1970).
WITH activity AS (
    SELECT
        account.*,
        max(CASE WHEN kept THEN day END) AS last_day,
        coalesce(sum(paid - refund), 0) AS spend,
        coalesce(sum(kept), 0) AS visits,
        coalesce(sum(CASE WHEN day BETWEEN ?1 - 364 AND ?1 THEN paid - refund END), 0) AS measure
    FROM account LEFT JOIN sale ON sale.customer = account.customer AND booked = 1
    GROUP BY account.customer
),
settled AS (
    SELECT *, CASE WHEN last_day + 365 < ?1 THEN balance ELSE 0 END AS lapsed FROM activity
)
SELECT
    customer, balance - lapsed, debt, issued, spent, restored, clawed_back, expired + lapsed,
    spend, visits,
    CASE WHEN measure >= 30000 THEN 'gold' WHEN measure >= 10000 THEN 'silver' ELSE 'bronze' END,
    date(last_day * 86400, 'unixepoch'),
    CASE WHEN balance - lapsed > 0 THEN date((last_day + 365) * 86400, 'unixepoch') END
FROM settled
ORDER BY customer;
