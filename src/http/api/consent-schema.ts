import { z } from 'zod';

/** A consent as the API shows it. */
export const consentSchema = z.object({
  kind: z.string().meta({ description: 'confirmed, unsubscribed, resumed, never, paused or changed.' }),
  wording: z.string().nullable().meta({ description: 'The exact words beside the button.' }),
  wordingVersion: z.string().nullable(),
  source: z.string().nullable().meta({ description: 'The page she asked on.' }),
  requestedAt: z.date().nullable(),
  createdAt: z.date(),
  takenBackAt: z.date().nullable().meta({
    description: 'When it was found that a program had pressed the button: it is no consent. Else null.',
  }),
  requestIp: z.string().nullable().meta({ description: 'Kept as long as evidenceDays says; else null.' }),
  requestAgent: z.string().nullable(),
  confirmIp: z.string().nullable(),
  confirmAgent: z.string().nullable(),
});
