--! Message: contract joins

-- Conformance: what a view of the contract joins may be null, whatever its table says.

--!include platform/contract_columns.sql
