--! Undoes: sha1:0c8c4dee430b2e7a1ecf62d0412695e21b169723
--! Loses: nothing

-- Undoes "own organization".
set local check_function_bodies = off;
drop routine identity.link_own_organization(tenant uuid, issuer text, organization text);
