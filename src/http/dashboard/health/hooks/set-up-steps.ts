import type { Provider } from '../../../../events/providers/provider.js';

/** What is pasted here before a hook can be set up. */
export type ProofField = { name: 'topicArn' | 'key'; label: string; help: string; type: 'text' | 'password' };

type SetUp = {
  steps: readonly string[];
  /** Null: a secret is made here. */
  field: ProofField | null;
  source: string;
};

/** How a webhook is set up at each provider. The pages named are the providers’ own. */
export const setUps: Readonly<Record<Provider, SetUp>> = {
  ses: {
    steps: [
      'In Amazon SNS, in the region in which you send, make a standard topic, and paste its ARN here.',
      'In Amazon SES, for the identity you send from, have bounces and complaints published to the topic, with the original headers. Switch email feedback forwarding off.',
      'In SNS, subscribe the address to the topic, with the protocol HTTPS, without raw message delivery. It is confirmed by itself.',
    ],
    field: {
      name: 'topicArn',
      label: 'ARN of the topic',
      help: 'Like arn:aws:sns:eu-west-1:123456789012:mail.',
      type: 'text',
    },
    source: 'https://docs.aws.amazon.com/ses/latest/dg/configure-sns-notifications.html',
  },
  mailgun: {
    steps: [
      'In Mailgun, under API Security, copy the HTTP webhook signing key, and paste it here.',
      'Under Webhooks, for your domain, add the address for: permanent failure, temporary failure, spam complaints, unsubscribes.',
    ],
    field: {
      name: 'key',
      label: 'HTTP webhook signing key',
      help: 'It is stored encrypted.',
      type: 'password',
    },
    source: 'https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks',
  },
  postmark: {
    steps: [
      'Make the hook here. You get an address with a secret in it, which is shown once.',
      'In Postmark, in the stream you send with, add it as a webhook for: bounce, spam complaint, subscription change.',
    ],
    field: null,
    source: 'https://postmarkapp.com/developer/webhooks/webhooks-overview',
  },
  sendgrid: {
    steps: [
      'In SendGrid, under Mail Settings, add an event webhook with the address for: dropped, deferred, bounced, spam reports, unsubscribes.',
      'Under its security features, turn the signed event webhook on, and paste the verification key here.',
    ],
    field: {
      name: 'key',
      label: 'Verification key',
      help: 'A public key: it begins with MFkw.',
      type: 'text',
    },
    source:
      'https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features',
  },
  brevo: {
    steps: [
      'Make the hook here. You get an address with a secret in it, which is shown once.',
      'In Brevo, under Transactional, Settings, Webhook, add it for: soft bounce, hard bounce, invalid email, blocked, error, complaint, unsubscribed.',
    ],
    field: null,
    source: 'https://developers.brevo.com/docs/secured-webhooks',
  },
};
