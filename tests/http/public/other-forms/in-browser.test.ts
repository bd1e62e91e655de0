import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { openPublisherSite, pageOf, type Site } from '../../../embed/publisher-site.js';
import { openBrowser, openBrowserWindow, type BrowserWindow } from '../../../support/browser.js';
import { describeInChromium } from '../../../support/chromium-tests.js';
import { readMails } from '../../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';

const LIST = '5ab87a04-3f24-4f01-8297-8138cfa4670d';
const AUDIENCE = '736e00623f';
const HONEYPOT = `b_0bd97d7dcd9deb229d0972a78_${AUDIENCE}`;

describeInChromium("a form that another product gave out, on a publisher's page", () => {
  let testApp: TestApp;
  let site: Site;
  let browser: Browser;
  const visitors: BrowserWindow[] = [];

  beforeAll(async () => {
    testApp = await openTestApp();
    await testApp.createPublication({ formLists: [LIST] });
    await testApp.createPublication({ slug: 'town', name: 'The Town Crier', formLists: [AUDIENCE] });
    site = await openPublisherSite();
    browser = await openBrowser();
  }, 60_000);

  afterAll(async () => {
    for (const visitor of visitors) await visitor.close();
    await browser.close();
    await site.close();
    await testApp.close();
  });

  async function visit(html: string): Promise<Page> {
    site.put('/story', pageOf(html));
    const visitor = await openBrowserWindow(browser, { width: 390 });
    visitors.push(visitor);
    visitor.page.setDefaultTimeout(10_000);
    await visitor.page.goto(`${site.url}/story`);
    return visitor.page;
  }

  const mailedTo = async () => {
    await testApp.runDueJobs();
    return (await readMails(testApp)).map(({ to, subject }) => `${to}: ${subject}`);
  };

  test('by listmonk leads to "check your inbox"', async () => {
    const page = await visit(`
      <form method="post" action="${testApp.url}/subscription/form" class="listmonk-form"><div>
        <h3>Subscribe</h3><input type="hidden" name="nonce" />
        <p><input type="email" name="email" required placeholder="E-mail" /></p>
        <p><input type="text" name="name" placeholder="Name (optional)" /></p>
        <p><input id="5ab87" type="checkbox" name="l" checked value="${LIST}" /><label for="5ab87">Harbour</label></p>
        <input type="submit" value="Subscribe" /></div></form>`);
    await page.getByPlaceholder('E-mail').fill('amina@example.com');
    await page.getByPlaceholder('Name (optional)').fill('Amina');
    await page.getByRole('button', { name: 'Subscribe' }).click();
    await page.getByRole('heading', { name: 'Check your inbox' }).waitFor();
    expect(new URL(page.url()).pathname).toMatch(/^\/check-inbox\//);
    expect(await mailedTo()).toEqual([expect.stringMatching(/^amina@example\.com: .*Lantern/)]);
  });

  test("by a script that asks listmonk's API shows what that answers", async () => {
    const page = await visit(`
      <form id="form"><input name="email" aria-label="Email"><input type="hidden" name="l" value="${LIST}">
        <button>Join</button></form><p id="answer"></p>
      <script>form.onsubmit = async (event) => { event.preventDefault();
        const { email } = Object.fromEntries(new FormData(form));
        const answer = await fetch('${testApp.url}/api/public/subscription', { method: 'POST',
          headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ email, list_uuids: [form.l.value] }) });
        const { data, message } = await answer.json();
        document.getElementById('answer').textContent = data ? 'optin ' + data.has_optin : message; };</script>`);
    await page.getByLabel('Email').fill('nobody@');
    await page.getByRole('button', { name: 'Join' }).click();
    await page.getByText("That doesn't look complete.").waitFor();
    await page.getByLabel('Email').fill('faraja@example.com');
    await page.getByRole('button', { name: 'Join' }).click();
    await page.getByText('optin true').waitFor();
    expect(await mailedTo()).toContainEqual(expect.stringMatching(/^faraja@example\.com: /));
  });

  const mailchimp = (action: string) => `
    <div id="mc_embed_signup"><form action="${action}" method="post" id="mc-embedded-subscribe-form" class="validate" novalidate>
      <div id="mc_embed_signup_scroll"><h2>Subscribe</h2>
      <label for="mce-EMAIL">Email Address</label><input type="email" name="EMAIL" class="required email" id="mce-EMAIL" value="" required>
      <label for="mce-FNAME">First Name</label><input type="text" name="FNAME" id="mce-FNAME" value="">
      <div id="mce-responses"><div class="response" id="mce-response"></div></div>
      <div aria-hidden="true" style="position: absolute; left: -5000px;"><input type="text" name="${HONEYPOT}" tabindex="-1" value=""></div>
      <input type="submit" name="subscribe" id="mc-embedded-subscribe" class="button" value="Subscribe"></div></form></div>`;

  test('by Mailchimp, without its script, leads to "check your inbox"', async () => {
    const page = await visit(
      mailchimp(`${testApp.url}/subscribe/post?u=0bd97d7dcd9deb229d0972a78&amp;id=${AUDIENCE}&amp;f_id=00d1`),
    );
    await page.getByLabel('Email Address').fill('neema@example.com');
    await page.getByRole('button', { name: 'Subscribe' }).click();
    await page.getByRole('heading', { name: 'Check your inbox' }).waitFor();
    expect(await mailedTo()).toContainEqual(expect.stringMatching(/^neema@example\.com: .*Town Crier/));
  });

  test('by Mailchimp, with a script that does what its own does, shows the answer on the page', async () => {
    const page = await visit(`
      ${mailchimp(`${testApp.url}/subscribe/post?u=0bd97d7dcd9deb229d0972a78&amp;id=${AUDIENCE}`)}
      <script>
        const form = document.getElementById('mc-embedded-subscribe-form');
        let asked = 0;
        form.addEventListener('submit', (event) => { event.preventDefault();
          const name = 'jQuery19_' + ++asked;
          window[name] = ({ result, msg }) => { document.getElementById('mce-response').innerHTML = result + ': ' + msg; };
          const tag = document.createElement('script');
          tag.src = form.action.replace('/post?', '/post-json?') + '&c=' + name + '&' +
            new URLSearchParams(new FormData(form)) + '&_=' + Date.now();
          document.body.append(tag); });
      </script>`);
    await page.getByRole('button', { name: 'Subscribe' }).click();
    await page.getByText('error: 0 - Enter your email address.').waitFor();
    await page.getByLabel('Email Address').fill('zawadi@example.com');
    await page.getByRole('button', { name: 'Subscribe' }).click();
    await page.getByText('success: If we may write to this address').waitFor();
    expect(await mailedTo()).toContainEqual(expect.stringMatching(/^zawadi@example\.com: .*Town Crier/));
  });
});
