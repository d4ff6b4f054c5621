--! Message: nobody reads it

-- it must stand before this comment
--! no-transaction -- caught
analyze app.note;
