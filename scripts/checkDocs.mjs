// Every name that a public entry point exports has a doc comment. (typescript6: TypeScript 7 has no compiler API.)
import { existsSync } from 'node:fs';
import ts from 'typescript6';
import { report } from './findings.mjs';
import { listEntryPoints, listPublicPackages, root, shown } from './repository.mjs';

const condition = '@stanzaseal/source';
const entries = listPublicPackages().flatMap((entry) => listEntryPoints(entry, condition));
/** @type {Set<string>} */
const findings = new Set(
  entries.filter(({ target }) => !existsSync(target)).map(({ target }) => `${shown(target)}: missing`),
);
const files = [...new Set(entries.map(({ target }) => target).filter((target) => existsSync(target)))];
const program = ts.createProgram(files, {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  customConditions: [condition],
  noLib: true,
  types: [],
});
const checker = program.getTypeChecker();
let names = 0;
for (const file of files) {
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (module === undefined) {
    findings.add(`${shown(file)}: exports nothing`);
    continue;
  }
  for (const exported of checker.getExportsOfModule(module)) checkName(exported, file);
}
report('docs', [...findings], `${names} exported names of ${files.length} entry points`);

/** @param {import('typescript6').Symbol} exported @param {string} file */
function checkName(exported, file) {
  names++;
  const original = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
  const declaration = original.declarations?.[0];
  if (declaration === undefined) return void findings.add(`${shown(file)}: export ${exported.name} leads nowhere`);
  const source = declaration.getSourceFile();
  if (!source.fileName.startsWith(root) || source.fileName.includes('node_modules')) return;
  if (ts.displayPartsToString(original.getDocumentationComment(checker)).trim() !== '') return;
  const { line } = source.getLineAndCharacterOfPosition(declaration.getStart());
  findings.add(`${shown(source.fileName)}:${line + 1}: ${exported.name} has no doc comment`);
}
