--! no-transaction -- caught
--! Message: the message is lost

analyze app.note;
