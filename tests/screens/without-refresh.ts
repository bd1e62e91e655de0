import type { Page } from 'playwright-core';

/** What shows progress looks again by itself: a picture, and a test, keep the page that they have. @param path that ends its address */
export async function withoutRefresh(page: Page, path: string): Promise<void> {
  await page.route(`**${path}`, async (route) => {
    const response = await route.fetch();
    const headers = Object.entries(response.headers()).filter(([name]) => name !== 'refresh');
    await route.fulfill({ response, headers: Object.fromEntries(headers) });
  });
}
