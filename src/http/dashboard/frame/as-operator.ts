import type { Response } from 'express';
import { actingAs } from '../../../platform/actor.js';
import type { Context } from '../../../platform/context.js';
import { deskOf } from './desk.js';

/** The context of a change that the signed-in operator makes; one without an account runs commands on the server. */
export function asOperator<Base extends object>(context: Base, res: Response): Base & Pick<Context, 'actor'> {
  const { operator } = deskOf(res);
  return actingAs(
    context,
    operator === undefined ? { kind: 'command-line' } : { kind: 'operator', id: operator.id },
  );
}
