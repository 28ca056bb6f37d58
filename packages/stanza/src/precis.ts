/**
 * The string classes of PRECIS (RFC 8264), as far as JIDs need them. Code points are judged by the Unicode version of the runtime;
 * what that version does not know is unassigned, and so refused.
 * @module
 */

/** UsernameCaseMapped (RFC 8265 §3.3), or `undefined` if the text is refused. */
export function usernameCaseMapped(text: string): string | undefined {
  return stable(text, (input) => {
    // The class is checked before NFC too, which would otherwise hide what it composes away (RFC 8265 §3.3.1).
    const mapped = mapWidth(input);
    if (!isIdentifierClass(mapped)) return undefined;
    const lower = mapped.toLowerCase().normalize('NFC');
    return isIdentifierClass(lower) && followsBidiRule(lower) ? lower : undefined;
  });
}

/** OpaqueString (RFC 8265 §4.2), or `undefined` if the text is refused. */
export function opaqueString(text: string): string | undefined {
  return stable(text, (input) => {
    if (!isFreeformClass(input)) return undefined;
    const mapped = input.replace(/\p{Zs}/gu, ' ').normalize('NFC');
    return isFreeformClass(mapped) ? mapped : undefined;
  });
}

/** Whether a text is not empty and of the IdentifierClass (RFC 8264 §4.2, §8). */
export function isIdentifierClass(text: string): boolean {
  return inClass(text, /[\p{Ll}\p{Lu}\p{Lo}\p{Nd}\p{Lm}\p{Mn}\p{Mc}]/u, false);
}

/** Whether a text is not empty and of the FreeformClass (RFC 8264 §4.3, §8). */
export function isFreeformClass(text: string): boolean {
  return inClass(text, /[\p{L}\p{M}\p{N}\p{Zs}\p{S}\p{P}]/u, true);
}

/** Rules are applied again until nothing changes, at most four times in all (RFC 8264 §7). */
function stable(text: string, apply: (input: string) => string | undefined): string | undefined {
  let input = text;
  for (let round = 0; round < 4; round++) {
    const output = apply(input);
    if (output === undefined || output === input) return output;
    input = output;
  }
  return undefined;
}

/** Full-width and half-width forms become what they are forms of (RFC 8265 §3.3.2); half-width Hangul stays, and is refused for it. */
function mapWidth(text: string): string {
  return text.replace(/[\u3000\uff01-\uff9f\uffe0-\uffee]/g, (form) => form.normalize('NFKC'));
}

// RFC 8264 §9.6 (Exceptions), those that may stand anywhere and those that may not stand at all.
const VALID = /[\u00df\u03c2\u06fd\u06fe\u0f0b\u3007]/;
const INVALID = /[\u0640\u07fa\u302e\u302f\u3031-\u3035\u303b]/;
// Those that depend on their neighbours (RFC 5892 Appendix A).
const CONTEXTUAL = /[\u00b7\u0375\u05f3\u05f4\u0660-\u0669\u06f0-\u06f9\u200c\u200d\u30fb]/;
// RFC 8264 §9.9 (OldHangulJamo), §9.13 (PrecisIgnorableProperties), §9.12 (Controls).
const NEVER =
  /[\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7c6\ud7cb-\ud7fb\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\p{Cc}]/u;

function inClass(text: string, categories: RegExp, freeform: boolean): boolean {
  if (text === '') return false;
  let at = 0;
  // The order is that of the algorithm in RFC 8264 §8.
  for (const character of text) {
    const here = at;
    at += character.length;
    if (VALID.test(character)) continue;
    if (CONTEXTUAL.test(character)) {
      if (!fitsContext(text, here, character)) return false;
      continue;
    }
    if (INVALID.test(character)) return false;
    if (character >= '!' && character <= '~') continue; // ASCII7 (§9.11)
    if (NEVER.test(character)) return false;
    if (!freeform && character.normalize('NFKC') !== character) return false; // HasCompat (§9.17)
    if (!categories.test(character)) return false;
  }
  return true;
}

/** RFC 5892 Appendix A.1 to A.9. */
function fitsContext(text: string, at: number, character: string): boolean {
  const before = text.slice(0, at);
  const after = text.slice(at + character.length);
  switch (character) {
    case '\u200c':
      return VIRAMA_END.test(before) || (JOINS_BEFORE.test(before) && JOINS_AFTER.test(after));
    case '\u200d':
      return VIRAMA_END.test(before);
    case '\u00b7':
      return before.endsWith('l') && after.startsWith('l');
    case '\u0375':
      return /^\p{Script=Greek}/u.test(after);
    case '\u05f3':
    case '\u05f4':
      return /\p{Script=Hebrew}$/u.test(before);
    case '\u30fb':
      return /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u.test(text);
    default:
      return character < '\u06f0' ? !/[\u06f0-\u06f9]/.test(text) : !/[\u0660-\u0669]/.test(text);
  }
}

/** What ends with a virama (Canonical_Combining_Class 9); JavaScript has no property for it. */
export const VIRAMA_END: RegExp = /* @__PURE__ */ new RegExp(
  `[${
    /* @__PURE__ */ ranges(
      ',4j].]].]].]].]].]].]].]]-k]^]n]-z]-m].]]0g]/r]^]+@w]^]|].{]>k]1a]-c]^],d]^].6i]H>d]+c].u].l]-j]3s]1t]A<o]+:d]+g]l]+w]-w]^].i]-r]/r]-`]1r].]]1z].]]-t]-r]2k]2a]^]/_],q]p],o]7c]2b]^],o]',
    )
  }]$`,
  'u',
);
// Joining_Type D and R of the scripts on the basic plane (Unicode 14); in others a joiner needs a virama, and is else refused.
const DUAL: string = /* @__PURE__ */ ranges(
  '+;]]c]_]_abi_c_]^]+a]^]flp+b_]^]g]_]_]^]+f_`]p_c`_e_]_]_]^]+]gak``_]`_`b,h+],ta`]_f_]h]_``]{]`apfc]^]`b_k-C|]v,ul+^_]+-Fs+n',
);
const RIGHT: string = /* @__PURE__ */ ranges(
  '+;_`_]_]c`s]+f___nn+d]`e_]_]`]^]_]v]^]+^]bab]g]_]_]`]{]i_m]^]b]_]^]a]^]0d]c]^]_]h]__l]_]^]coi]y__]`]^]d]',
);
/** What a joiner may follow (RFC 5892 Appendix A.1). */
export const JOINS_BEFORE: RegExp = /* @__PURE__ */ new RegExp(`[${DUAL}\\ua872]\\p{Mn}*$`, 'u');
/** What may follow a joiner. */
export const JOINS_AFTER: RegExp = /* @__PURE__ */ new RegExp(`^\\p{Mn}*[${DUAL}${RIGHT}]`, 'u');

/**
 * Ranges of code points for an expression: of each how far it begins behind the end of the one before it, and how far it reaches. Numbers to
 * base 32, `]` to `|` for a last digit and `*` to `I` for one before it: escapes, and what they stand for, weigh more than twice as much in a page.
 */
function ranges(packed: string): string {
  let [text, point, number, between] = ['', 0, 0, ''];
  for (const character of packed) {
    const unit = character.charCodeAt(0);
    number = number * 32 + unit - (unit < 93 ? 42 : 93);
    if (unit < 93) continue;
    point += number;
    text += `${between}\\u{${point.toString(16)}}`;
    number = 0;
    between = between === '' ? '-' : '';
  }
  return text;
}

// Bidi classes of what the IdentifierClass holds; JavaScript has no property for them either. All else is class L.
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const MARK = /(?![\u0cbf\u0cc6\u{11a07}\u{11a08}\u{11c3f}])\p{Mn}/u;
const ARABIC_NUMBER = /[\u0660-\u0669\u{10d30}-\u{10d39}]/u;
const EUROPEAN_NUMBER = /[0-9\u06f0-\u06f9]/;
const NEUTRAL =
  /[!-/:-@[-`{-~\u00b7\u02b9\u02ba\u02c6-\u02cf\u02ec\u0375\u200c\u200d\u2e2f\u30fb\ua67f\ua717-\ua71f\ua788]/;

/** The Bidi Rule (RFC 5893 §2), which binds texts with a right-to-left code point only (RFC 8265 §3.3.2). */
export function followsBidiRule(text: string): boolean {
  let first = '';
  let last = '';
  let kinds = '';
  for (const character of text) {
    const kind = bidiKind(character);
    first ||= kind;
    if (kind !== 'M') last = kind;
    if (!kinds.includes(kind)) kinds += kind;
  }
  if (!/[RA]/.test(kinds.replace('M', ''))) return true;
  // Conditions 1 to 4: it begins and stays right-to-left, ends in a letter or number, and has one kind of number.
  return first === 'R' && !kinds.includes('L') && /[REA]/.test(last) && !(kinds.includes('E') && kinds.includes('A'));
}

/** `R` for R and AL, `A` for AN, `E` for EN, `M` for NSM, `N` for ES, CS, ET, ON and BN, `L` for L. */
function bidiKind(character: string): string {
  if (EUROPEAN_NUMBER.test(character)) return 'E';
  if (NEUTRAL.test(character)) return 'N';
  if (character < '\u0300') return 'L';
  if (MARK.test(character)) return 'M';
  if (ARABIC_NUMBER.test(character)) return 'A';
  return RIGHT_TO_LEFT.test(character) ? 'R' : 'L';
}
