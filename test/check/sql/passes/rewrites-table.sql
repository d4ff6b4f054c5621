--! Message: no copy

--! no-transaction
vacuum (full false, analyze) app.note;
