/** What readers are brought from. `name`: as they know it; it stands in their mails. */
const products = [
  { id: 'mailchimp', name: 'Mailchimp' },
  { id: 'substack', name: 'Substack' },
  { id: 'jetpack', name: 'WordPress.com' },
  { id: 'mailpoet', name: 'MailPoet' },
  { id: 'ghost', name: 'Ghost' },
  { id: 'listmonk', name: 'listmonk' },
  { id: 'buttondown', name: 'Buttondown' },
  { id: 'beehiiv', name: 'beehiiv' },
  { id: 'kit', name: 'Kit' },
  { id: 'keila', name: 'Keila' },
] as const;

export type ProductId = (typeof products)[number]['id'] | 'other';

export const productIds = [...products.map(({ id }) => id), 'other'] as readonly ProductId[];

/** A list of another kind has no name of its own. */
export function productName(id: ProductId): string {
  return products.find((product) => product.id === id)?.name ?? 'another list';
}
