/** As much of JSON Schema as the schemas of docs/cli use. */
import { readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

/** Gives a function that checks values against `docs/cli/NAME.schema.json`; a member that the schema does not name is a failure. */
export function conformsTo(name: string): (value: unknown) => void {
  const schema: Schema = JSON.parse(
    readFileSync(new URL(`../../../docs/cli/${name}.schema.json`, import.meta.url), 'utf8'),
  );
  const check = (value: unknown, { $ref, ...inline }: Schema, path: string): void => {
    const rules = $ref === undefined ? inline : (schema.$defs?.[$ref.replace('#/$defs/', '')] as Schema);
    const { type } = rules;
    if (rules.enum !== undefined) assert.ok(rules.enum.includes(value), `${path}: ${value}`);
    else if (type === 'array') assert.ok(Array.isArray(value), path);
    else if (type === 'integer')
      assert.ok(Number.isSafeInteger(value) && (value as number) >= (rules.minimum ?? 0), path);
    else if (type !== undefined) assert.is(typeof value, type, path);
    if (rules.pattern !== undefined) assert.match(value as string, new RegExp(rules.pattern), path);
    if (type === 'array') for (const item of value as unknown[]) check(item, rules.items as Schema, `${path}[]`);
    if (type !== 'object') return;
    for (const member of rules.required ?? []) assert.ok(member in (value as object), `${path}.${member} is there`);
    for (const [member, inside] of Object.entries(value as object)) {
      const rule = rules.properties?.[member];
      assert.ok(rule, `${path}.${member} is in the schema`);
      check(inside, rule, `${path}.${member}`);
    }
  };
  return (value) => check(value, schema, name);
}
