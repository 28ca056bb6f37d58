/**
 * Pictures and words of short strings. Their order is part of the protocol: both sides must show the same.
 * @module
 */

/** A picture with its word. */
export interface Picture {
  /** One character, an emoji. */
  readonly symbol: string;
  /** Its English word, for who reads it aloud or does not see it. */
  readonly word: string;
}

const TABLE =
  '⚓ anchor 🐜 ant 🍎 apple 🎈 balloon 🍌 banana 🐻 bear 🔔 bell 🚲 bicycle 🐦 bird 📖 book 👢 boot 🌵 cactus 🍰 cake 🐪 camel 📷 camera ' +
  '🏰 castle 🐱 cat 🍒 cherries ⏰ clock 🌽 corn 👑 crown 🐶 dog 🐬 dolphin 🚪 door 👂 ear 🐘 elephant 🔥 fire 🐟 fish 🐸 frog 🎁 gift ' +
  '🍇 grapes 🎸 guitar 🔨 hammer 🐴 horse 🏠 house 🔑 key 🍋 lemon ⚡ lightning 🔒 lock 🌙 moon 🍄 mushroom 👃 nose 🐙 octopus 🐧 penguin ' +
  '🎹 piano 🍕 pizza 🌈 rainbow 💍 ring 🚀 rocket 🐌 snail ⛄ snowman 👓 spectacles ⭐ star 🌻 sunflower ⛺ tent 🐯 tiger 🚜 tractor 🌳 tree ' +
  '🎺 trumpet 🐢 turtle ☔ umbrella ⌚ watch 🐳 whale 🐺 wolf';

/** Sixty-four pictures in the alphabet's order of their words, each shown in colour without a variation selector. */
export const PICTURES: readonly Picture[] = /* @__PURE__ */ readTable();

/** Words for the thirty-two characters, those of letters after the ICAO's. */
export const SPELLING: readonly string[] = /* @__PURE__ */ (
  'zero one two three four five six seven eight nine alfa bravo charlie delta echo foxtrot golf hotel juliett kilo mike november ' +
  'papa quebec romeo sierra tango victor whiskey xray yankee zulu'
).split(' ');

function readTable(): Picture[] {
  const cells = TABLE.split(' ');
  return Array.from({ length: cells.length / 2 }, (_, i) => ({
    symbol: cells[2 * i] as string,
    word: cells[2 * i + 1] as string,
  }));
}
