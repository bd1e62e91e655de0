const globals = new URL('./globals.js', import.meta.url).href;

/** Jest's own package of this name throws outside the sandboxes of Jest. */
export function resolve(specifier, context, next) {
  if (specifier === '@jest/globals') return { url: globals, format: 'module', shortCircuit: true };
  return next(specifier, context);
}
