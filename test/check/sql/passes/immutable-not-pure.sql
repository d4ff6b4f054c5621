create function platform.tenant_id() returns uuid language sql stable
return nullif(current_setting('freehold.tenant_id', true), '')::uuid;
comment on function platform.tenant_id() is 'Stable.';
create function platform.half(amount bigint) returns bigint language sql immutable
return amount / 2;
comment on function platform.half(bigint) is 'Pure.';
create function platform.quarter(amount bigint) returns bigint language sql immutable
return platform.half(platform.half(amount));
comment on function platform.quarter(bigint) is 'Pure, of pure parts.';
