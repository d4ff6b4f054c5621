import type { DefElem } from 'libpg-query';
import type { Finding, Rule } from '../rule.ts';
import { statementsOf } from '../rule.ts';
import { relationName, stringConstant, walk } from '../walk.ts';

/** The one function that writes policies: a second place would be a second definition of who sees what. */
const POLICY_WRITER = 'platform.write_policies';

export const policyElsewhere: Rule = {
  code: 'policy-elsewhere',
  reason: `Policies are written by ${POLICY_WRITER} alone, from the declaration: one form, reviewed once.`,
  safe: "select platform.declare_entity('app.thing', ...)",
  *check(file) {
    for (const entry of file.entries) {
      if (entry.routine?.name === POLICY_WRITER) continue;
      const found: Finding[] = [];
      for (const unit of entry.units) {
        // looked for in the text below, which need not be readable
        if (unit.dynamic) continue;
        walk(unit.tree, {
          CreatePolicyStmt: (policy) => {
            const line =
              policy.table?.location === undefined
                ? entry.statement.line
                : unit.lineAt(policy.table.location);
            found.push({ line, message: `policy ${policy.policy_name} on ${relationName(policy.table)}` });
          },
          AlterPolicyStmt: (policy) => {
            found.push({ line: entry.statement.line, message: `policy ${policy.policy_name} is altered` });
          },
          A_Const: (constant) => {
            // graphile-worker enables row-level security on tables of its own, which hold no tenant's rows
            const text = (constant.sval?.sval ?? '').replaceAll(
              /create policy \w+ on graphile_worker\b/gi,
              '',
            );
            if (!entry.routine || !/\b(create|alter)\s+policy\b/i.test(text)) return;
            found.push({
              line: unit.lineAt(constant.location),
              message: `${entry.routine.name} writes a policy`,
            });
          },
        });
      }
      yield* found;
    }
  },
};

export const bypassesRowSecurity: Rule = {
  code: 'bypasses-row-security',
  reason: 'Row-level security is enabled and forced for everyone, the owner included.',
  safe: 'a narrow NOLOGIN role with a policy of its own, which owns the definer function that needs to look across tenants',
  *check(file) {
    for (const entry of file.entries) {
      const found: Finding[] = [];
      for (const unit of entry.units) {
        walk(unit.tree, {
          AlterTableCmd: (command) => {
            if (command.subtype === 'AT_DisableRowSecurity' || command.subtype === 'AT_NoForceRowSecurity') {
              found.push({ line: entry.statement.line, message: 'row-level security is switched off' });
            }
          },
          CreateRoleStmt: (role) => {
            if (grantsPower(role.options))
              found.push({
                line: entry.statement.line,
                message: `role ${role.role} bypasses row-level security`,
              });
          },
          AlterRoleStmt: (role) => {
            if (grantsPower(role.options))
              found.push({
                line: entry.statement.line,
                message: `role ${role.role?.rolename} bypasses row-level security`,
              });
          },
          VariableSetStmt: (setting) => {
            if (setting.name === 'row_security')
              found.push({ line: entry.statement.line, message: 'row_security is set' });
          },
        });
      }
      yield* found;
    }
  },
};

function grantsPower(options: unknown): boolean {
  let power = false;
  walk(options, {
    DefElem: (option: DefElem) => {
      if (!['bypassrls', 'superuser'].includes(option.defname ?? '')) return;
      power ||= option.arg !== undefined && 'Boolean' in option.arg && option.arg.Boolean.boolval === true;
    },
  });
  return power;
}

export const grantToPublic: Rule = {
  code: 'grant-to-public',
  reason: 'PUBLIC is every login there will ever be.',
  safe: 'grant ... to freehold_user',
  *check(file) {
    for (const entry of file.entries) {
      const found: Finding[] = [];
      for (const unit of entry.units) {
        walk(unit.tree, {
          GrantStmt: (grant) => {
            if (!grant.is_grant) return;
            walk(grant.grantees, {
              RoleSpec: (role) => {
                if (role.roletype === 'ROLESPEC_PUBLIC')
                  found.push({ line: unit.lineAt(role.location), message: 'a grant to public' });
              },
            });
          },
        });
      }
      yield* found;
    }
  },
};

export const grantAll: Rule = {
  code: 'grant-all',
  reason: 'ALL grows with each PostgreSQL version, and TRUNCATE ignores row-level security.',
  safe: 'grant select, insert, update (name, status) on ...',
  *check(file) {
    for (const { body, line } of statementsOf(file, 'GrantStmt')) {
      if (!body.is_grant) continue;
      const names = (body.privileges ?? []).flatMap((p) =>
        'AccessPriv' in p ? [p.AccessPriv.priv_name ?? ''] : [],
      );
      if (names.length === 0) yield { line, message: 'grant all' };
      if (names.includes('truncate')) yield { line, message: 'grant truncate' };
    }
  },
};

export const viewWithoutInvoker: Rule = {
  code: 'view-without-invoker',
  reason: 'A view reads as its owner, which sees the tables with the policies of the owner.',
  safe: 'create view app.x with (security_invoker = true) as ...',
  *check(file) {
    for (const { body, line } of statementsOf(file, 'ViewStmt')) {
      const options = (body.options ?? []).flatMap((node) => ('DefElem' in node ? [node.DefElem] : []));
      const invoker = options.find((option) => option.defname === 'security_invoker');
      if (!invoker || !isOn(invoker)) {
        yield { line, message: `view ${relationName(body.view)} is not security_invoker` };
      }
    }
    for (const { body, line } of statementsOf(file, 'AlterTableStmt')) {
      if (body.objtype !== 'OBJECT_VIEW') continue;
      for (const node of body.cmds ?? []) {
        const { subtype, def } = 'AlterTableCmd' in node ? node.AlterTableCmd : {};
        const options = def && 'List' in def ? (def.List.items ?? []) : [];
        for (const option of options) {
          if (!('DefElem' in option) || option.DefElem.defname !== 'security_invoker') continue;
          if (subtype === 'AT_ResetRelOptions' || !isOn(option.DefElem))
            yield { line, message: `view ${relationName(body.relation)} is security_invoker no more` };
        }
      }
    }
  },
};

/** A boolean option: present without a value, or with one that PostgreSQL reads as true. */
function isOn({ arg }: DefElem): boolean {
  if (!arg) return true;
  if ('Integer' in arg) return arg.Integer.ival === 1;
  return 'String' in arg && /^(true|on|yes)$/i.test(arg.String.sval ?? '');
}

export const sessionSetting: Rule = {
  code: 'session-setting',
  reason: 'A setting of the session outlives the transaction: with a pool it becomes the next request’s.',
  safe: "set_config('name', value, true), or set local",
  *check(file) {
    for (const entry of file.entries) {
      const found: Finding[] = [];
      for (const unit of entry.units) {
        walk(unit.tree, {
          FuncCall: (call) => {
            const name = call.funcname?.at(-1);
            if (!name || !('String' in name) || name.String.sval !== 'set_config') return;
            const local = call.args?.[2];
            const isFalse =
              local &&
              'A_Const' in local &&
              local.A_Const.boolval !== undefined &&
              !local.A_Const.boolval.boolval;
            const setting = stringConstant(call.args?.[0]);
            if (isFalse)
              found.push({
                line: unit.lineAt(call.location),
                message: `set_config(${setting ?? '...'}) for the session`,
              });
          },
        });
        // a function that EXECUTE makes has a SET clause as others have
        if (!entry.routine || unit.dynamic) continue;
        walk(unit.tree, {
          VariableSetStmt: (setting) => {
            if (setting.is_local || setting.kind !== 'VAR_SET_VALUE') return;
            // the SET clause of CREATE FUNCTION is undone at its end
            if (entry.units[0] === unit && 'CreateFunctionStmt' in entry.statement.tree) return;
            found.push({ line: unit.lineAt(0), message: `set ${setting.name} for the session` });
          },
        });
      }
      yield* found;
    }
  },
};
