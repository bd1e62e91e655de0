export type CommentSignUpResult =
  | { kind: 'asked' }
  | { kind: 'refused'; reason: string; suggestion: string | null };

/** Signs a commenter up as a publisher's server would: by the POST of the sign-up form, over HTTP. */
export async function subscribeCommenter(
  origin: string,
  slug: string,
  { email, source }: { email: unknown; source: string },
): Promise<CommentSignUpResult> {
  const answer = await fetch(`${origin}/${slug}/subscriptions`, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify({ email, source }),
    signal: AbortSignal.timeout(10_000),
  });
  if (answer.ok) return { kind: 'asked' };
  const { detail = '', suggestion = null } = (await answer.json()) as {
    detail?: string;
    suggestion?: string;
  };
  return { kind: 'refused', reason: detail, suggestion };
}
