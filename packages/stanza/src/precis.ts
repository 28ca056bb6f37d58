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

// Canonical_Combining_Class=Virama; JavaScript has no property for it.
const VIRAMA_END =
  /[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d3b\u0d3c\u0d4d\u0dca\u0e3a\u0eba\u0f84\u1039\u103a\u1714\u1715\u1734\u17d2\u1a60\u1b44\u1baa\u1bab\u1bf2\u1bf3\u2d7f\ua806\ua82c\ua8c4\ua953\ua9c0\uaaf6\uabed\u{10a3f}\u{11046}\u{11070}\u{1107f}\u{110b9}\u{11133}\u{11134}\u{111c0}\u{11235}\u{112ea}\u{1134d}\u{11442}\u{114c2}\u{115bf}\u{1163f}\u{116b6}\u{1172b}\u{11839}\u{1193d}\u{1193e}\u{119e0}\u{11a34}\u{11a47}\u{11a99}\u{11c3f}\u{11d44}\u{11d45}\u{11d97}]$/u;
// Joining_Type D and R of the scripts on the basic plane (Unicode 14); in others a joiner needs a virama, and is else refused.
const DUAL =
  '\\u0620\\u0626\\u0628\\u062a-\\u062e\\u0633-\\u063f\\u0641-\\u0647\\u0649\\u064a\\u066e\\u066f\\u0678-\\u0687\\u069a-\\u06bf\\u06c1\\u06c2\\u06cc\\u06ce\\u06d0\\u06d1\\u06fa-\\u06fc\\u06ff\\u0712-\\u0714\\u071a-\\u071d\\u071f-\\u0727\\u0729\\u072b\\u072d\\u072e\\u074e-\\u0758\\u075c-\\u076a\\u076d-\\u0770\\u0772\\u0775-\\u0777\\u077a-\\u077f\\u07ca-\\u07ea\\u0841-\\u0845\\u0848\\u084a-\\u0853\\u0855\\u0860\\u0862-\\u0865\\u0868\\u0886\\u0889-\\u088d\\u08a0-\\u08a9\\u08af\\u08b0\\u08b3-\\u08b8\\u08ba-\\u08c8\\u1807\\u1820-\\u1878\\u1887-\\u18a8\\u18aa\\ua840-\\ua871';
const RIGHT =
  '\\u0622-\\u0625\\u0627\\u0629\\u062f-\\u0632\\u0648\\u0671-\\u0673\\u0675-\\u0677\\u0688-\\u0699\\u06c0\\u06c3-\\u06cb\\u06cd\\u06cf\\u06d2\\u06d3\\u06d5\\u06ee\\u06ef\\u0710\\u0715-\\u0719\\u071e\\u0728\\u072a\\u072c\\u072f\\u074d\\u0759-\\u075b\\u076b\\u076c\\u0771\\u0773\\u0774\\u0778\\u0779\\u0840\\u0846\\u0847\\u0849\\u0854\\u0856-\\u0858\\u0867\\u0869\\u086a\\u0870-\\u0882\\u088e\\u08aa-\\u08ac\\u08ae\\u08b1\\u08b2\\u08b9';
const JOINS_BEFORE: RegExp = /* @__PURE__ */ new RegExp(`[${DUAL}\\ua872]\\p{Mn}*$`, 'u');
const JOINS_AFTER: RegExp = /* @__PURE__ */ new RegExp(`^\\p{Mn}*[${DUAL}${RIGHT}]`, 'u');

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
