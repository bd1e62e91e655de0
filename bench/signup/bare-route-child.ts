import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { z } from 'zod';
import { serveParent } from '../support/child-process.js';

// What the sign-up route is measured against: Express, a JSON body read with zod, an answer, and nothing else.

const schema = z.object({ email: z.email(), timezone: z.string().max(60).optional() });

const app = express();
app.disable('x-powered-by');
app.post('/:pub/subscriptions', express.json({ limit: '20kb' }), (req, res) => {
  const form = schema.safeParse(req.body);
  if (form.success) res.status(202).json({ status: 'check-inbox' });
  else res.status(422).json({ status: 'malformed' });
});
const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');

serveParent(() => ({ port: (server.address() as AddressInfo).port }));
