/**
 * Which levels are enough to be sealed to: rules as data, so that they can be shown, carried and compared.
 *
 * ```json
 * [
 *   { "jid": "romeo@montague.example", "accept": ["verified"] },
 *   { "domain": "capulet.example", "accept": ["verified", "endorsed", "vouched"] },
 *   { "accept": ["verified"] }
 * ]
 * ```
 * The rule of a JID goes before that of its domain, and that before the one which names neither. Without any, every level is enough.
 * @module
 */
import { bareJid, parseJid } from '@stanzaseal/stanza';
import { LEVELS, type Level } from './level.js';

/** A rule. */
export interface TrustRule {
  /** Bare JID it is for. */
  readonly jid?: string;
  /** Domain it is for. */
  readonly domain?: string;
  /** The levels that are enough. Each is named: `endorsed` does not follow from `vouched`, nor the other way round. */
  readonly accept: readonly Level[];
}

/** Rules, of which no two are for the same. */
export type TrustPolicy = readonly TrustRule[];

/**
 * Reads rules from JSON.
 * @throws TypeError naming what is wrong: a rule half understood is worse than none
 * @example
 * const policy = parsePolicy('[{ "accept": ["verified"] }]');
 */
export function parsePolicy(json: string): TrustPolicy {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (cause) {
    throw new TypeError('policy is no JSON', { cause });
  }
  if (!Array.isArray(parsed)) throw new TypeError('policy is no list of rules');
  const rules = parsed.map((rule, index) => checkedRule(rule, index));
  const subjects = rules.map(({ jid, domain }) => jid ?? domain ?? '');
  if (new Set(subjects).size !== subjects.length) throw new TypeError('policy has two rules for the same');
  return rules;
}

/** JSON of rules, as `parsePolicy` reads it. */
export function formatPolicy(policy: TrustPolicy): string {
  return JSON.stringify(policy);
}

/** The levels that are enough for a bare JID. */
export function acceptedLevels(policy: TrustPolicy, jid: string): readonly Level[] {
  const { domain } = parseJid(jid);
  const rule =
    policy.find((one) => one.jid === jid) ??
    policy.find((one) => one.domain === domain) ??
    policy.find((one) => one.jid === undefined && one.domain === undefined);
  return rule?.accept ?? LEVELS;
}

function checkedRule(value: unknown, index: number): TrustRule {
  const name = `policy[${index}]`;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError(`${name} is no rule`);
  const { jid, domain, accept, ...more } = value as Record<string, unknown>;
  for (const key of Object.keys(more)) throw new TypeError(`${name}.${key} is not known`);
  if (jid !== undefined && domain !== undefined) throw new TypeError(`${name} names a jid and a domain`);
  if (!Array.isArray(accept) || accept.some((level) => !LEVELS.includes(level as Level))) {
    throw new TypeError(`${name}.accept is no list of ${LEVELS.join(', ')}`);
  }
  return {
    ...(jid === undefined ? {} : { jid: normalised(jid, `${name}.jid`, (text) => bareJid(text)) }),
    ...(domain === undefined ? {} : { domain: normalised(domain, `${name}.domain`, domainOf) }),
    accept: [...new Set(accept as Level[])],
  };
}

function domainOf(text: string): string {
  const { local, domain, resource } = parseJid(text);
  if (local !== '' || resource !== '') throw new TypeError('is no domain');
  return domain;
}

/** Rules are kept as JIDs are compared: normalised (T22). */
function normalised(value: unknown, name: string, read: (text: string) => string): string {
  if (typeof value !== 'string') throw new TypeError(`${name} is no text`);
  try {
    return read(value);
  } catch (cause) {
    throw new TypeError(`${name} is no address`, { cause });
  }
}
