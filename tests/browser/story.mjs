// The story that run begins: people of every role at the page, in a real browser.
//
//   node story.mjs http://127.0.0.1:PORT FOLDER [SHOTS]

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const [base, folder, shots] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const started = Date.now();
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
let passed = 0;
const complaints = [];
const outside = [];

function told(what) {
  passed += 1;
  console.log(`browser: ${((Date.now() - started) / 1000).toFixed(1)} s: ${what}`);
}

/** Somebody at a browser of their own. */
async function person(options = {}) {
  const context = await browser.newContext({ locale: 'id-ID', viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  page.on('console', (line) => {
    const text = line.text();
    // What is refused on purpose is told by the browser as a failed resource.
    if (line.type() === 'error' && !/Failed to load resource/.test(text)) complaints.push(`${page.url()}: ${text}`);
  });
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(base) && !request.url().startsWith('data:')) outside.push(request.url());
  });
  return page;
}

async function signIn(page, name, password = 'kata sandi untuk uji') {
  await page.goto(`${base}/sign-in`);
  await page.fill('#name', name);
  await page.fill('#password', password);
  await Promise.all([page.waitForNavigation(), page.click('button.main')]);
}

async function signedIn(name, options) {
  const page = await person(options);
  await signIn(page, name);
  assert.equal(new URL(page.url()).pathname, '/', `${name} is signed in`);
  return page;
}

/** A picture, where somebody wants to look at it. */
const shot = (page, name) => (shots ? page.screenshot({ path: join(shots, `${name}.png`), fullPage: true }) : null);

/** The serious findings of axe on this page; of some rules only, where they are named. */
async function findings(page, rules) {
  // The page's own policy lets no script in but its own, and that is as it should be: axe comes in by the back door of the test.
  await page.evaluate(axe);
  const options = { resultTypes: ['violations'], ...(rules ? { runOnly: { type: 'rule', values: rules } } : {}) };
  const report = await page.evaluate(async (how) => window.axe.run(document, how), options);
  return report.violations
    .filter((finding) => ['serious', 'critical'].includes(finding.impact))
    .map((finding) => `${finding.id}: ${finding.help}: ${finding.nodes.slice(0, 3).map((node) => node.html).join(' | ')}`);
}

async function post(page, path, fields) {
  return page.evaluate(async ([where, what]) => {
    const answer = await fetch(where, {
      method: 'POST', redirect: 'manual', credentials: 'same-origin',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(what),
    });
    return { status: answer.status, type: answer.type };
  }, [path, fields]);
}

// 1. Whoever is not signed in sees the sign-in and nothing else.
{
  const page = await person();
  for (const path of ['/', '/jobs', '/jobs/1', '/inbox', '/audit', '/accounts', '/compose']) {
    await page.goto(base + path);
    assert.equal(new URL(page.url()).pathname, '/sign-in', path);
  }
  await signIn(page, 'odi', 'salah sama sekali');
  assert.match(await page.textContent('.note.bad'), /salah/);
  await signIn(page, 'tidak-ada', 'salah sama sekali');
  assert.match(await page.textContent('.note.bad'), /salah/);
  assert.deepEqual(await findings(page), []);
  await shot(page, 'sign-in');
  await page.context().close();
  told('whoever is not signed in sees nothing');
}

const odi = await signedIn('odi');
const ari = await signedIn('ari');
const vina = await signedIn('vina');
const dewi = await signedIn('dewi');
const csrf = (page) => page.inputValue('form[action="/sign-out"] input[name="csrf"]');

// 2. Compose, with the preview alive while it is written.
let job;
{
  await odi.goto(`${base}/compose`);
  await odi.fill('#title', '<script>document.title="owned"</script> siaga');
  await odi.selectOption('#class', 'important');
  await odi.check('input[name="way"][value="numbers"]');
  await odi.fill('#numbers', '0812 1111 2222\n0812 3333 4444\n0812 1111 2222\n12');
  await odi.fill('#text', 'Siaga banjir. “Mohon” waspada 😀');
  await odi.waitForFunction(() => /UCS-2/.test(document.getElementById('counter').textContent));
  await odi.waitForFunction(() => /nomor ganda/.test(document.getElementById('preview').textContent));
  const shown = await odi.textContent('#preview');
  assert.match(shown, /U\+1F600/);
  assert.match(shown, /nomor tidak dapat dipakai/);
  await shot(odi, 'compose-preview');
  await odi.fill('#text', 'Siaga banjir malam ini. Mohon waspada.');
  await odi.waitForFunction(() => /GSM 7 bit/.test(document.getElementById('counter').textContent));
  // A double click sends once.
  const key = await odi.inputValue('input[name="key"]');
  await odi.dblclick('button[value="send"]');
  await odi.waitForURL(/\/jobs\/\d+$/);
  job = Number(new URL(odi.url()).pathname.split('/').pop());
  assert.equal(key.length, 64);
  assert.match(await odi.textContent('h1'), /<script>/, 'the title is text');
  await odi.goto(`${base}/jobs`);
  assert.equal(await odi.locator('tbody th a').count(), 1, 'one job came of it');
  assert.notEqual(await odi.title(), 'owned');
  told('compose with its preview, sent once by a double click');
}

// 3. A job for the whole city waits for a second person, who is not the one who wrote it.
let large;
{
  await odi.goto(`${base}/compose`);
  await odi.fill('#title', 'Undangan semua RW');
  await odi.selectOption('#class', 'important');
  await odi.check('input[name="way"][value="expression"]');
  await odi.fill('#expression', 'peran=RW');
  await odi.fill('#text', 'Yth. {nama}, rapat RW {kelurahan} besok pukul 19.00.');
  await odi.waitForFunction(() => /Coblong/.test(document.getElementById('preview').textContent));
  assert.match(await odi.textContent('#preview'), /Menunggu persetujuan orang kedua/);
  await odi.click('button[value="send"]');
  await odi.waitForURL(/\/jobs\/\d+$/);
  large = Number(new URL(odi.url()).pathname.split('/').pop());
  assert.match(await odi.textContent('#account'), /menunggu/);
  assert.equal(await odi.locator('form[action$="/approve"]').count(), 0);
  const refused = await post(odi, `/jobs/${large}/approve`, { csrf: await csrf(odi) });
  assert.equal(refused.status, 403, 'an operator may not approve');
  // The administrator may submit and approve: but never their own.
  await dewi.goto(`${base}/compose`);
  await dewi.check('input[name="way"][value="expression"]');
  await dewi.fill('#expression', 'peran=RW dan kecamatan=Coblong,Regol,Andir,Sukasari,Cidadap,Antapani,Buahbatu,Cibiru,Gedebage,Lengkong,Cicendo,Sukajadi,Arcamanik,Kiaracondong,Rancasari,Batununggal,Mandalajati,Astanaanyar,Cinambo,Panyileukan,Ujungberung');
  await dewi.fill('#text', 'Percobaan.');
  await dewi.click('button[value="send"]');
  await dewi.waitForURL(/\/jobs\/\d+$/);
  const own = Number(new URL(dewi.url()).pathname.split('/').pop());
  await dewi.goto(`${base}/approvals`);
  assert.match(await dewi.textContent('main'), /dari Anda sendiri/);
  await post(dewi, `/jobs/${own}/approve`, { csrf: await csrf(dewi), reason: 'sendiri' });
  await dewi.goto(`${base}/jobs/${own}`);
  assert.match(await dewi.textContent('.note.bad'), /orang lain yang harus menyetujuinya/);
  await ari.goto(`${base}/approvals`);
  await shot(ari, 'approvals');
  const percobaan = ari.locator('article', { hasText: `Pekerjaan ${own}:` });
  await percobaan.locator('button.bad').click();
  assert.equal(new URL(ari.url()).pathname, '/approvals', 'nothing is decided without a reason');
  assert.equal(await percobaan.count(), 1);
  await percobaan.locator('input[type="text"]').fill('belum perlu');
  await percobaan.locator('button.bad').click();
  await percobaan.waitFor({ state: 'detached' });
  await ari.locator('article', { hasText: 'Undangan semua RW' }).locator('input[type="text"]').fill('sesuai surat 12/2026');
  await ari.locator('article', { hasText: 'Undangan semua RW' }).locator('button.main').click();
  await ari.waitForSelector('.note.good');
  assert.match(await ari.textContent('.note.good'), /disetujui/);
  told('a large job waits for a second person, and is let go by another');
}

// 4. Progress to the end, live: the page is never reloaded.
{
  await odi.goto(`${base}/jobs/${large}`);
  await odi.evaluate(() => { window.same = true; });
  await odi.waitForFunction(() => /diperbarui/.test(document.getElementById('live').textContent));
  await shot(odi, 'job-under-way');
  await odi.waitForFunction(() => document.querySelector('#account .tag.done'), null, { timeout: 60_000 });
  assert.equal(await odi.evaluate(() => window.same), true);
  assert.match(await odi.textContent('#account'), /151 penerima = 0 dikecualikan \+ 151 pesan/);
  assert.match(await odi.textContent('#account'), /Jumlahnya cocok/);
  await odi.reload();
  assert.equal(await odi.locator('svg.tiles rect').count(), 30);
  await shot(odi, 'job-done');
  const download = odi.waitForEvent('download');
  await odi.click('a[download]');
  const csv = readFileSync(await (await download).path(), 'utf8');
  assert.equal(csv.match(/62812\d+/g).length, 151, 'everybody is in the report');
  told('progress to the end without a reload, its account, its map, its report');
}

// 5. What citizens wrote is text, and is answered once.
{
  await odi.goto(`${base}/inbox`);
  await odi.waitForSelector('article');
  assert.match(await odi.textContent('article .text'), /<img src=x onerror=/);
  assert.notEqual(await odi.title(), 'owned');
  assert.equal(await odi.locator('main img').count(), 0);
  await shot(odi, 'inbox');
  const id = (await odi.getAttribute('article h2', 'id')).split('-')[1];
  await odi.click('article:first-of-type details summary');
  await odi.fill(`#text-${id}`, 'Terima kasih, kami periksa.');
  await odi.click(`form[action="/inbox/${id}/reply"] button.main`);
  await odi.waitForSelector('.note.good');
  assert.match(await odi.textContent(`article[aria-labelledby="from-${id}"]`), /Terima kasih, kami periksa/);
  await post(odi, `/inbox/${id}/reply`, { csrf: await csrf(odi), text: 'lagi', back: '/inbox' });
  await odi.goto(`${base}/inbox`);
  assert.match(await odi.textContent('.note.bad'), /dijawab/);
  await odi.locator('form[action$="/read"] button').first().click();
  await odi.waitForSelector('.note.good');
  await odi.goto(`${base}/inbox?state=answered`);
  assert.equal(await odi.locator('article').count(), 1);
  told('an inbound text is text, and is answered once');
}

// 6. A moratorium: entered by the approver, seen by all, ended.
{
  await ari.goto(`${base}/moratoria`);
  await ari.click('details summary');
  const day = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  await ari.fill('#from', `${day(-1)}T00:00`);
  await ari.fill('#until', `${day(3)}T00:00`);
  await ari.check('input[name="class"][value="routine"]');
  await ari.fill('#why', 'masa tenang');
  await ari.click('details button.main');
  await ari.waitForSelector('.note.good');
  await vina.goto(`${base}/moratoria`);
  assert.match(await vina.textContent('tbody'), /masa tenang/);
  assert.equal(await vina.locator('main form').count(), 0);
  await shot(ari, 'moratoria');
  await ari.fill('tbody input[name="reason"]', 'selesai');
  await ari.click('tbody button.bad');
  await ari.waitForSelector('.note.good');
  assert.match(await ari.textContent('.note.good'), /diakhiri/);
  told('a moratorium is entered and ended');
}

// 7. Opt-outs on paper.
{
  await odi.goto(`${base}/optouts`);
  await odi.click('details summary');
  await odi.fill('#number-add', '0812 1000 0003');
  await odi.fill('#letter-add', 'Surat 17/XI');
  await odi.fill('#why-add', 'diminta lewat surat');
  await odi.click('form[action="/optouts/add"] button');
  await odi.waitForSelector('.note.good');
  assert.match(await odi.textContent('tbody'), /\+6281210000003/);
  await odi.fill('#find', '0812 1000 0003');
  await odi.click('form[role="search"] button');
  await odi.waitForURL(/number=/);
  assert.equal(await odi.locator('tbody tr').count(), 1);
  await shot(odi, 'optouts');
  told('an opt-out on paper');
}

// 8. Nobody does what is not theirs, though the form be forged; and no form works from elsewhere.
{
  const paths = [
    ['/jobs/1/pause', ['vina']], ['/jobs/1/resume', ['vina']], ['/jobs/1/cancel', ['vina']],
    [`/jobs/${large}/approve`, ['vina', 'odi']], [`/jobs/${large}/refuse`, ['vina', 'odi']],
    ['/inbox/1/read', ['vina']], ['/inbox/1/reply', ['vina']],
    ['/optouts/add', ['vina', 'ari']], ['/optouts/remove', ['vina', 'ari']],
    ['/moratoria', ['vina', 'odi']], ['/moratoria/1/end', ['vina', 'odi']],
    ['/modems/modem-1/test', ['vina', 'odi', 'ari']], ['/modems/modem-1/resume', ['vina', 'odi', 'ari']],
    ['/audit/verify', ['vina', 'odi', 'ari']],
    ['/accounts', ['vina', 'odi', 'ari']], ['/accounts/dewi/change', ['vina', 'odi', 'ari']],
    ['/accounts/dewi/password', ['vina', 'odi', 'ari']], ['/accounts/dewi/close', ['vina', 'odi', 'ari']],
    ['/tokens', ['vina', 'odi', 'ari']], ['/tokens/x/revoke', ['vina', 'odi', 'ari']],
  ];
  const people = { vina, odi, ari };
  const fields = {
    reason: 'x', number: '0812 1000 0004', letter: 'x', text: 'x', role: 'administrator', name: 'jahat', right: 'manage',
    password: 'kata sandi yang jahat', from: '2026-01-01T00:00', until: '2036-01-01T00:00',
  };
  let tried = 0;
  for (const [path, who] of paths) {
    for (const name of who) {
      const answer = await post(people[name], path, { ...fields, csrf: await csrf(people[name]) });
      assert.equal(answer.status, 403, `${name} ${path}`);
      tried += 1;
    }
  }
  for (const path of ['/inbox', '/optouts', '/audit', '/accounts', '/compose', `/jobs/${large}/report.csv`]) {
    const answer = await vina.evaluate(async (where) => (await fetch(where)).status, path);
    assert.equal(answer, 403, `vina ${path}`);
  }
  await vina.goto(`${base}/jobs/${large}`);
  assert.doesNotMatch(await vina.textContent('main'), /62812|Ketua/, 'a viewer sees no number and no name');
  for (const forged of ['', 'x'.repeat(64), await csrf(ari)]) {
    const answer = await post(odi, `/jobs/${job}/cancel`, { csrf: forged, reason: 'x' });
    assert.equal(answer.status, 403, 'a form without its key');
  }
  const elsewhere = await fetch(`${base}/sign-in`, {
    method: 'POST', redirect: 'manual', headers: { 'Sec-Fetch-Site': 'cross-site', 'Content-Type': 'application/x-www-form-urlencoded' },
    body: 'name=odi&password=x',
  });
  assert.equal(elsewhere.status, 403, 'a form from another site');
  told(`${tried} forged wishes of the wrong role are refused, and every form without its key`);
}

// 9. The administrator's pages: record, accounts, tokens, modems.
{
  await dewi.goto(`${base}/audit?actor=web:ari`);
  assert.match(await dewi.textContent('tbody'), /approved|disetujui/);
  await dewi.click('form[action="/audit/verify"] button');
  await dewi.waitForSelector('.note.good');
  assert.match(await dewi.textContent('.note.good'), /utuh/);
  await shot(dewi, 'audit');
  await dewi.goto(`${base}/accounts`);
  await dewi.locator('details summary').first().click();
  await dewi.fill('#name', 'budi');
  await dewi.selectOption('#role', 'operator');
  await dewi.fill('#password', 'empat kata yang panjang');
  await dewi.click('form[action="/accounts"] button.main');
  await dewi.waitForSelector('.note.good');
  const budi = await person();
  await signIn(budi, 'budi', 'empat kata yang panjang');
  assert.equal(new URL(budi.url()).pathname, '/');
  await budi.goto(`${base}/password`);
  await budi.fill('#old', 'empat kata yang panjang');
  await budi.fill('#new', 'lima kata yang lebih panjang');
  await budi.fill('#again', 'lima kata yang lebih panjang');
  await budi.click('form[action="/password"] button');
  await budi.waitForSelector('#name');
  await signIn(budi, 'budi', 'lima kata yang lebih panjang');
  assert.equal(new URL(budi.url()).pathname, '/');
  await dewi.locator('tr', { hasText: 'budi' }).locator('summary').click();
  await dewi.locator('form[action="/accounts/budi/close"] button').click();
  await dewi.waitForSelector('.note.good');
  await budi.goto(`${base}/jobs`);
  assert.equal(new URL(budi.url()).pathname, '/sign-in', 'a closed account is out at once');
  await budi.context().close();
  await dewi.goto(`${base}/accounts`);
  await dewi.locator('details.act', { hasText: 'Buat token' }).locator('summary').click();
  await dewi.fill('#token-name', 'siaga');
  await dewi.check('input[name="right"][value="view"]');
  await dewi.click('form[action="/tokens"] button.main');
  await dewi.waitForSelector('.note.good .text');
  const token = (await dewi.textContent('.note.good .text')).trim();
  const answer = await fetch(`${base}/api/v1/status`, { headers: { Authorization: `Bearer ${token}` } });
  assert.equal(answer.status, 200, 'the token is good');
  await dewi.goto(`${base}/modems`);
  await shot(dewi, 'modems');
  await dewi.locator('main li a').first().click();
  await dewi.waitForURL(/\/modems\/./);
  await dewi.locator('details.act summary').first().click();
  await dewi.locator('form[action$="/test"] button').click();
  await dewi.waitForSelector('main .note');
  await shot(dewi, 'modem');
  told('record, accounts, tokens and modems are the administrator\'s');
}

// 10. A list as a file, without any script in the browser: every form works by itself.
{
  const plain = await person({ javaScriptEnabled: false });
  await signIn(plain, 'odi');
  await plain.goto(`${base}/compose`);
  const list = join(folder, 'warga "><b>.csv');
  writeFileSync(list, 'nomor,nama\n081255550001,Asep\n081255550002,=2+3\n');
  await plain.fill('#title', 'Dari daftar');
  await plain.check('input[name="way"][value="file"]');
  await plain.setInputFiles('#file', list);
  await plain.fill('#text', 'Yth. {nama}, rapat besok.');
  await plain.click('button[value="check"]');
  await plain.waitForSelector('#preview .facts');
  assert.match(await plain.textContent('#preview'), /Yth\. (Asep|=2\+3), rapat besok/);
  await plain.setInputFiles('#file', list);
  await plain.click('button[value="send"]');
  await plain.waitForURL(/\/jobs\/\d+$/);
  const id = Number(new URL(plain.url()).pathname.split('/').pop());
  assert.match(await plain.textContent('#account'), /2 penerima = 0 dikecualikan \+ 2 pesan/);
  const csv = await plain.context().request.get(`${base}/jobs/${id}/report.csv`);
  assert.doesNotMatch(await csv.text(), /(^|,)"?=2\+3/m, 'no formula in the report');
  await plain.context().close();
  told('a list as a file, without any script');
}

// 11. Every page, in both languages and both colours, on a desk and on a phone.
{
  const pages = ['/', '/jobs', `/jobs/${large}`, `/jobs/${job}`, '/compose', '/approvals', '/inbox', '/optouts', '/moratoria', '/modems',
    '/audit', '/accounts', '/password'];
  const modem = await dewi.evaluate(async () => {
    const html = await (await fetch('/modems')).text();
    return new DOMParser().parseFromString(html, 'text/html').querySelector('main li a').getAttribute('href');
  });
  pages.push(modem);
  const wrong = [];
  let looked = 0;
  // What depends on colour and width is looked at in all four; the rest in two that have both languages.
  const shape = ['color-contrast', 'scrollable-region-focusable', 'target-size'];
  const views = [['id', 'light', 1280], ['en', 'dark', 360], ['en', 'light', 360, shape], ['id', 'dark', 1280, shape]];
  for (const [language, scheme, width, rules] of views) {
    await dewi.emulateMedia({ colorScheme: scheme });
    await dewi.setViewportSize({ width, height: width === 360 ? 740 : 900 });
    await dewi.goto(`${base}/language/${language}?back=/`);
    for (const path of pages) {
      await dewi.goto(base + path);
      assert.equal(await dewi.getAttribute('html', 'lang'), language);
      await dewi.evaluate(() => document.querySelectorAll('details').forEach((each) => { each.open = true; }));
      for (const finding of await findings(dewi, rules)) wrong.push(`${language} ${scheme} ${width} ${path}: ${finding}`);
      const wide = await dewi.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (wide > 0) wrong.push(`${language} ${width} ${path}: ${wide} pixels too wide`);
      await dewi.evaluate(() => document.querySelectorAll('details').forEach((each) => { each.open = false; }));
      const name = path.replace(/\W+/g, '-').replace(/^-|-$/g, '') || 'overview';
      await shot(dewi, `${width}-${scheme}-${language}-${name}`);
      looked += 1;
    }
  }
  assert.deepEqual(wrong, [], wrong.join('\n'));
  told(`${looked} views without a serious finding of axe, none wider than its screen`);
}

// 12. The keyboard reaches everything, and what has the focus is seen.
{
  await vina.goto(`${base}/`);
  await vina.keyboard.press('Tab');
  assert.equal(await vina.evaluate(() => document.activeElement.className), 'skip');
  await vina.keyboard.press('Enter');
  await vina.keyboard.press('Tab');
  assert.equal(await vina.evaluate(() => document.querySelector('main').contains(document.activeElement)), true);
  const outline = await vina.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.notEqual(outline, 'none');
  await Promise.all([vina.waitForNavigation(), vina.click('form[action="/sign-out"] button')]);
  await vina.goto(`${base}/jobs`);
  assert.equal(new URL(vina.url()).pathname, '/sign-in');
  told('the keyboard reaches the content at once; whoever signs out is out');
}

await browser.close();
assert.deepEqual(complaints, [], `the browser complained:\n${complaints.join('\n')}`);
assert.deepEqual(outside, [], `something was asked for from outside:\n${outside.join('\n')}`);
console.log(`browser: ${passed} passed, 0 failed in ${((Date.now() - started) / 1000).toFixed(1)} s`);
