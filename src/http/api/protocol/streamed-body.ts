import type { Response } from 'express';
import { sendPieces } from '../../middleware/send-pieces.js';

/** A body that is sent as it is made, instead of JSON. Only a GET answers with one: nothing keeps it for a repetition. */
export class StreamedBody {
  constructor(
    readonly file: { type: string; name: string },
    private readonly pieces: AsyncIterable<string>,
  ) {}

  async sendTo(res: Response): Promise<void> {
    // In this order: a name would bring a type of its own.
    res.attachment(this.file.name).type(this.file.type);
    await sendPieces(res, this.pieces);
  }
}
