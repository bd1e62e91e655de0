import { z } from 'zod';
import type { PayloadSchema } from '../../../src/operators/activity/kind.js';
import { activityKinds, kindOf } from '../../../src/operators/activity/kinds.js';

/** The rows of the table in docs/history.md, made from the kinds in the code. */
export function documentedKinds(): string[][] {
  return activityKinds.map((name) => {
    const { description, before, after } = kindOf(name);
    return [`\`${name}\``, description, fieldsOf(before), fieldsOf(after)];
  });
}

function fieldsOf(schema: PayloadSchema): string {
  if (schema === null) return '';
  if (schema instanceof z.ZodRecord) return 'settings';
  return Object.keys(schema.shape)
    .map((field) => `\`${field}\``)
    .join(', ');
}
