// Every test file names its suite, asserts something, hides nothing behind `.only` and ends in `.run();`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript6';
import { report } from './findings.mjs';
import { listFiles, listPackages, shown, shownAt } from './repository.mjs';

/** @type {string[]} */
const findings = [];
const files = listPackages().flatMap(({ folder }) => listFiles(join(folder, 'test'), /\.ts$/));
const tests = files.filter((file) => file.endsWith('.test.ts'));
for (const file of tests) checkTest(file);
for (const file of files) {
  // uvu's run() in a file that no runner picks up would be a test that never runs.
  if (!file.endsWith('.test.ts') && /from 'uvu'/.test(readFileSync(file, 'utf8'))) {
    findings.push(`${shown(file)}: uses uvu but is not called *.test.ts`);
  }
}
report('tests', findings, `${tests.length} test files`);

/** @param {string} file */
function checkTest(file) {
  const text = readFileSync(file, 'utf8');
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const seen = { suites: 0, asserts: 0 };
  /** @type {Map<string, boolean>} suite variable to whether it is run */
  const suites = new Map();
  const visit = (/** @type {import('typescript6').Node} */ part) => {
    if (ts.isCallExpression(part)) {
      const callee = part.expression.getText();
      if (callee === 'suite') {
        seen.suites++;
        const [name] = part.arguments;
        const named = name && ((ts.isStringLiteralLike(name) && name.text !== '') || ts.isTemplateExpression(name));
        if (!named) findings.push(`${shownAt(file, text, part.getStart())}: suite() needs a name, written out`);
        if (ts.isVariableDeclaration(part.parent)) suites.set(part.parent.name.getText(), false);
      }
      if (/^assert(\.|$)/.test(callee)) seen.asserts++;
      if (callee.endsWith('.only') && suites.has(callee.slice(0, -5))) {
        findings.push(`${shownAt(file, text, part.getStart())}: ${callee} hides the other tests`);
      }
      if (callee.endsWith('.run') && suites.has(callee.slice(0, -4))) suites.set(callee.slice(0, -4), true);
    }
    ts.forEachChild(part, visit);
  };
  visit(tree);
  if (seen.suites === 0) findings.push(`${shown(file)}: has no suite('name')`);
  if (seen.asserts === 0) findings.push(`${shown(file)}: asserts nothing`);
  for (const [name, isRun] of suites) if (!isRun) findings.push(`${shown(file)}: suite ${name} is never run`);
  const last = tree.statements.at(-1)?.getText() ?? '';
  if (!/\.run\(\);?$/.test(last)) findings.push(`${shown(file)}: its last statement is not .run();`);
}
