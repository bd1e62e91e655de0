import type { Request, Response } from 'express';
import { z } from 'zod';
import { comingKinds, type PreviewSource } from '../../../../deliveries/preview/source.js';
import { deskPath, publicationDeskOf } from '../../frame/desk.js';

export type SourceRequest = Request<{ id?: string; coming?: string }>;

/** What a request is about; `path`: of the page, below the base path. */
export type Asked = { source: PreviewSource; path: string };

/** What the `:id` of a path is of; `coming`: it has none. */
export type SourceKind = PreviewSource['kind'];

/** By the path; undefined: it names nothing that there could be. */
export function readSource(kind: SourceKind, req: SourceRequest, res: Response): Asked | undefined {
  const here = deskPath(publicationDeskOf(res).publication);
  const digests = `${here}/digests`;
  if (req.params.coming !== undefined) {
    const coming = z.enum(comingKinds).safeParse(req.params.coming);
    if (!coming.success) return undefined;
    return {
      source: { kind: 'coming', coming: coming.data },
      path: `${digests}/coming/${coming.data}/preview`,
    };
  }
  const id = z.uuid().safeParse(req.params.id);
  if (!id.success) return undefined;
  if (kind === 'draft')
    return { source: { kind, draftId: id.data }, path: `${here}/emails/${id.data}/preview` };
  return { source: { kind: 'digest', digestId: id.data }, path: `${digests}/${id.data}/preview` };
}
