// Rules about levels, as data.
import { acceptedLevels, formatPolicy, LEVELS, parsePolicy } from '@stanzaseal/trust/levels';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('trust policy');

test('the rule of a JID goes before that of its domain, and that before the one for all', () => {
  const policy = parsePolicy(
    JSON.stringify([
      { accept: ['verified'] },
      { domain: 'capulet.example', accept: ['verified', 'endorsed', 'vouched'] },
      { jid: 'tybalt@capulet.example', accept: [] },
    ]),
  );
  assert.equal(acceptedLevels(policy, 'romeo@montague.example'), ['verified']);
  assert.equal(acceptedLevels(policy, 'juliet@capulet.example'), ['verified', 'endorsed', 'vouched']);
  assert.equal(acceptedLevels(policy, 'tybalt@capulet.example'), []);
  assert.equal(acceptedLevels([], 'romeo@montague.example'), LEVELS);
});

test('T22: rules are kept as JIDs are compared', () => {
  const [first, second] = parsePolicy(
    '[{"jid":"Juliet@CAPULET.example.","accept":["verified"]},{"domain":"BÜCHER.example","accept":[]}]',
  );
  assert.is(first?.jid, 'juliet@capulet.example');
  assert.is(second?.domain, 'bücher.example');
});

test('what is half understood is refused, and says where', () => {
  const refused: [string, RegExp][] = [
    ['{', /no JSON/],
    ['{}', /no list/],
    ['[1]', /policy\[0\] is no rule/],
    ['[{"accept":["trusted"]}]', /policy\[0\]\.accept/],
    ['[{"accept":"verified"}]', /policy\[0\]\.accept/],
    ['[{}]', /policy\[0\]\.accept/],
    ['[{"accept":[]},{"acept":[],"accept":[]}]', /policy\[1\]\.acept is not known/],
    ['[{"jid":"a@b.example","domain":"b.example","accept":[]}]', /names a jid and a domain/],
    ['[{"jid":"@","accept":[]}]', /policy\[0\]\.jid is no address/],
    ['[{"domain":"a@b.example","accept":[]}]', /policy\[0\]\.domain is no address/],
    ['[{"accept":[]},{"accept":["verified"]}]', /two rules for the same/],
    ['[{"jid":"A@b.example","accept":[]},{"jid":"a@B.example","accept":[]}]', /two rules for the same/],
  ];
  for (const [json, message] of refused) assert.throws(() => parsePolicy(json), message, json);
});

test('rules survive being written and read', () => {
  const policy = parsePolicy('[{"domain":"capulet.example","accept":["vouched","vouched"]}]');
  assert.equal(parsePolicy(formatPolicy(policy)), policy);
  assert.equal(policy[0]?.accept, ['vouched']);
});

test.run();
