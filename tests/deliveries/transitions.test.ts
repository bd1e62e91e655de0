import { expect, test } from '@jest/globals';
import { deliveryStates } from '../../src/deliveries/delivery.js';
import { NOTICE_TRANSITIONS } from '../../src/deliveries/notices/transitions.js';
import { DELIVERY_TRANSITIONS } from '../../src/deliveries/transitions.js';
import { statesBefore, statesIn } from '../../src/platform/db/transitions.js';

test.each([
  ['deliveries', DELIVERY_TRANSITIONS],
  ['notices', NOTICE_TRANSITIONS],
])('the table of %s names every state, and lets no mail leave the state accepted', (_, table) => {
  expect(statesIn<string>(table).toSorted()).toEqual(deliveryStates.toSorted());
  expect(table.map(({ from }): string | null => from)).not.toContain('accepted');
});

test('only waiting mails, and those that may be sent again, are claimed', () => {
  expect(statesBefore(DELIVERY_TRANSITIONS, 'claim')).toEqual(['queued', 'deferred', 'uncertain']);
  expect(statesBefore(DELIVERY_TRANSITIONS, 'record')).toEqual(['sending', 'uncertain']);
  expect(statesBefore(NOTICE_TRANSITIONS, 'claim')).toEqual(['queued', 'deferred']);
});
