/**
 * What an XML file of the stanza corpus cannot say of itself: which group it belongs to and, where it must not be
 * sealed, why. `stanzaTwins.ts` puts both into the JSON twin.
 */

/** Names of the corpus files (without extension) by group; every file is in exactly one. */
export const stanzaGroups: Readonly<Record<string, readonly string[]>> = {
  chat: names(
    'chat-',
    'plain normal explicit-normal subject thread multilang headline full-address pretty-printed direct-invite',
    'forwarded geoloc call-proposal attention real-time-text',
  ),
  groupchat: names('groupchat-', 'plain reply mention correction subject private mediated-invite'),
  receipts: names('receipt-', 'request received'),
  markers: names('marker-', 'markable received displayed acknowledged'),
  'chat-states': names('chatstate-', 'active composing paused inactive gone'),
  correction: names('', 'correction'),
  retraction: names('', 'retraction'),
  reply: names('', 'reply'),
  reactions: names('reactions-', 'add remove'),
  oob: names('', 'oob'),
  'xhtml-im': names('', 'xhtml-im xhtml-im-multilang'),
  'file-sharing': names('', 'file-sharing file-sharing-encrypted sticker'),
  references: names('reference-', 'mention data'),
  styling: names('', 'styling styling-unstyled'),
  spoiler: names('', 'spoiler spoiler-hint'),
  fastening: names('', 'fastening fastening-clear attaching'),
  'origin-id': names('', 'origin-id'),
  custom: names(
    'custom-',
    'prefix-on-root root-prefixed prefix-rebound default-undeclared attributes-same-local-name',
    'prefixed-same-namespace odd-namespaces odd-names reserved-looking mixed-content deep many-children ephemeral',
  ),
  attributes: names('attribute-', 'escapes white-space unicode spacing'),
  text: names(
    'text-',
    'cdata numeric-references named-references line-endings white-space only-white-space empty-body',
    'empty-body-element no-children end-tag-no-children invisible normalization-forms stacked-marks long-body',
    'hostile-names looks-like-markup',
  ),
  scripts: names(
    'script-',
    'latin greek cyrillic hebrew arabic syriac-thaana devanagari indic tamil thai chinese japanese korean georgian',
    'armenian ethiopic khmer tibetan mongolian myanmar other-living historic mathematical',
  ),
  emoji: names('', 'emoji emoji-skin-tones emoji-zwj emoji-flags'),
  presence: names(
    'presence-',
    'directed-caps show-status-priority avatar-idle empty unavailable subscribe subscribed undirected probe',
    'muc-join muc-status muc-leave muc-broadcast',
  ),
  iq: names(
    'iq-',
    'roster-get roster-get-server roster-set roster-remove roster-result roster-push vcard-get vcard-result vcard4-set',
    'disco-info-get disco-info-result disco-items-get disco-items-result ping ping-result version-get version-result',
    'last-get last-result time-result jingle-session-initiate jingle-session-terminate error command-execute',
    'command-form mam-query',
  ),
  outside: names('outside-', 'hints stanza-id addresses eme only'),
  transport: names(
    'transport-',
    'carbon-received carbon-sent mam-result mam-result-groupchat mam-fin message-error delayed-offline room-history',
    'pubsub-event',
  ),
};

const roomReads = 'the room service must read it';
const roomPresence = 'presence in a room is rewritten by the room and has no rule in profile 0';
const ownServer = 'the own server must read it';
const fromServer = 'made by a server, for parsing only';

/** The files that are not sealed, each with the reason; all others are. */
export const unsealable: Readonly<Record<string, string>> = {
  'groupchat-subject': roomReads,
  'groupchat-private': 'private messages through a room are not sealed in profile 0',
  'groupchat-mediated-invite': roomReads,
  'presence-undirected': 'undirected presence goes to everybody and is not sealed in profile 0',
  'presence-probe': ownServer,
  'presence-muc-join': roomReads,
  'presence-muc-status': roomPresence,
  'presence-muc-leave': roomPresence,
  'presence-muc-broadcast': fromServer,
  'iq-roster-get-server': ownServer,
  'iq-roster-push': fromServer,
  'iq-mam-query': ownServer,
  'transport-carbon-received': fromServer,
  'transport-carbon-sent': fromServer,
  'transport-mam-result': fromServer,
  'transport-mam-result-groupchat': fromServer,
  'transport-mam-fin': fromServer,
  'transport-message-error': 'a bounce: reported by its id, never opened',
  'transport-delayed-offline': 'received from the spool with the marks of the server, for parsing only',
  'transport-room-history': 'received from the room with its marks, for parsing only',
  'transport-pubsub-event': fromServer,
};

function names(prefix: string, ...lists: string[]): string[] {
  return lists.flatMap((list) => list.split(' ')).map((name) => prefix + name);
}
