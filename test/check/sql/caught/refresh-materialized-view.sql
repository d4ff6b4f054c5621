--! Message: totals

refresh materialized view platform.totals; -- caught
