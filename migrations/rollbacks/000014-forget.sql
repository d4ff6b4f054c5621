--! Undoes: sha1:f883129712b25743c15e523156979fc83d8dbf0b
--! Loses: nothing

-- Undoes "forget".
set local check_function_bodies = off;
drop routine identity.forget_ended(most integer);
