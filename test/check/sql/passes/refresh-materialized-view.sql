--! Message: totals

refresh materialized view concurrently platform.totals;
