/** What a reply, report or webhook says of one mail to one recipient. What each does to the reader is in the policy. */
export type EventClass =
  /** The address is bad for good. */
  | 'hard'
  /** The mailbox or its server cannot take it now. */
  | 'soft'
  /** It is about us, our mail, or a rule against it: nothing that the reader's address is to blame for. */
  | 'sender-fault'
  /** Still being tried. */
  | 'delayed'
  | 'complaint'
  | 'unsubscribe'
  /** An absence note, or a question whether we are a person. */
  | 'auto-reply'
  /** Nothing that changes anything: delivered, read, or no report at all. */
  | 'none';

/** Whom it is about: one mailbox, every mailbox of its domain, or us as the sender. */
export type EventScope = 'mailbox' | 'domain' | 'us';
