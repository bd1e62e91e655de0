// node movedecl.mjs ROOT spec.json : {"decls":[{"from":"src/a.ts","to":"src/b.ts","names":["x"]}], "delete":["file"]}
import { createRequire } from 'node:module';
const require = createRequire('/tmp/tools/package.json');
const { Project, Node } = require('ts-morph');
import fs from 'node:fs'; import path from 'node:path'; import { execFileSync } from 'node:child_process';
const root = process.argv[2]; process.chdir(root);
const spec = JSON.parse(fs.readFileSync(process.argv[3], 'utf8'));
const project = new Project({ tsConfigFilePath: 'tsconfig.json', skipAddingFilesFromTsConfig: true, manipulationSettings: { quoteKind: "'" , useTrailingCommas: true} });
const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' }).split('\n').filter((f) => /\.ts$/.test(f) && /^(src|workers|tests|bench)\//.test(f) && fs.existsSync(f));
project.addSourceFilesAtPaths(files);
const touched = new Set();
const rel = (from, to) => { let r = path.relative(path.dirname(from), to).replace(/\.ts$/, '.js'); return r.startsWith('.') ? r : './' + r; };
for (const { from, to, names } of spec.decls) {
  const src = project.getSourceFileOrThrow(path.resolve(from));
  const dst = project.getSourceFile(path.resolve(to)) ?? project.createSourceFile(path.resolve(to), '');
  touched.add(src).add(dst);
  for (const name of names) {
    let st = src.getStatements().find((s) => (Node.isVariableStatement(s) ? s.getDeclarations().some((d) => d.getName() === name) : s.getName?.() === name));
    if (!st) { console.log('NO', from, name); continue; }
    const text = src.getFullText().slice(st.getStart(true), st.getEnd());
    const exported = st.isExported?.() ?? false;
    if (exported) {
      for (const f of project.getSourceFiles()) {
        for (const imp of f.getImportDeclarations()) {
          if (imp.getModuleSpecifierSourceFile() !== src) continue;
          const ni = imp.getNamedImports().find((n) => n.getName() === name);
          if (!ni) continue;
          const isType = imp.isTypeOnly() || ni.isTypeOnly(); const alias = ni.getAliasNode()?.getText();
          ni.remove(); if (imp.getNamedImports().length === 0 && !imp.getDefaultImport()) imp.remove();
          if (f === dst) continue;
          const target = f.getImportDeclarations().find((i) => i.getModuleSpecifierSourceFile() === dst && (!i.isTypeOnly() || isType));
          if (target) target.addNamedImport({ name, ...(alias && { alias }), isTypeOnly: isType && !target.isTypeOnly() });
          else f.addImportDeclaration({ moduleSpecifier: rel(f.getFilePath(), dst.getFilePath()), namedImports: [{ name, ...(alias && { alias }) }], isTypeOnly: isType });
          touched.add(f);
        }
      }
    }
    st.remove();
    dst.addStatements('\n' + text);
  }
}
for (const f of touched) if (!f.wasForgotten?.()) {
  f.fixMissingImports({}, { importModuleSpecifierEnding: 'js', importModuleSpecifierPreference: 'relative', quotePreference: 'single', preferTypeOnlyAutoImports: true });
}
for (const f of touched) for (const imp of f.getImportDeclarations()) for (const n of imp.getNamedImports()) {
  const id = n.getAliasNode() ?? n.getNameNode();
  const used = f.getDescendantsOfKind(80 /* Identifier */).some((x) => x.getText() === id.getText() && x !== id && x !== n.getNameNode() && !x.getFirstAncestorByKind(project.constructor ? 272 : 0)?.getModuleSpecifierValue);
  if (!used) { n.remove(); if (imp.getNamedImports().length === 0 && !imp.getDefaultImport()) { imp.remove(); break; } }
}
for (const d of spec.delete ?? []) { const f = project.getSourceFile(path.resolve(d)); const left = f?.getStatements().filter((s) => !Node.isImportDeclaration(s)).length; if (left) console.log('LEFT IN', d, left); f?.delete(); }
project.saveSync();
console.log('touched', touched.size);
