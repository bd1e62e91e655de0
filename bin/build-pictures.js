// `npm run pictures` draws what has to be a picture of dots, into templates/assets: one JPEG for each story of the demo newspaper,
// since mail programs show no SVG, and the favicon.ico that browsers ask for. It needs the Chromium that the tests use; what it
// writes is committed.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const target = fileURLToPath(new URL('../templates/assets', import.meta.url));
const [WIDTH, HEIGHT] = [640, 336];
const ICON_SIZE = 48;

const skies = {
  dusk: ['#24384a', '#7d6a72', '#e3a473'],
  day: ['#6d9fb8', '#a9cbd3', '#eee3cf'],
  dawn: ['#5d6d8c', '#c79a98', '#f4d3a4'],
  night: ['#0f1826', '#1d2b3d', '#33475a'],
  rain: ['#56646e', '#82919a', '#b3bcbf'],
};

/** A sky, and what stands before it. */
const outside = (sky, body) =>
  `${gradient('sky', skies[sky])}<rect width="640" height="336" fill="url(#sky)"/>${body}`;
/** A wall and a table, and what stands on it. */
const inside = (wall, table, body) =>
  `<rect width="640" height="336" fill="${wall}"/><rect y="236" width="640" height="100" fill="${table}"/>${body}`;

const gradient = (id, [top, middle, bottom]) =>
  `<linearGradient id="${id}" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${top}"/><stop offset=".5" stop-color="${middle}"/><stop offset="1" stop-color="${bottom}"/></linearGradient>`;
const sea = (y, colours = ['#7d8f97', '#44606e', '#1b2f3c']) =>
  `${gradient('sea', colours)}<rect y="${y}" width="640" height="${336 - y}" fill="url(#sea)"/>` +
  `<g stroke="#fff" stroke-opacity=".28" stroke-width="2" stroke-linecap="round">${[16, 38, 64, 90]
    .map((down, row) =>
      [40, 210, 380, 520].map((x) => `<path d="M${x + row * 31} ${y + down}h${26 + row * 8}"/>`).join(''),
    )
    .join('')}</g>`;
const hills = (y, fill) =>
  `<path d="M0 ${y}c70-44 130-40 200-14s110 18 170-8 130-30 190-6 60 16 80 12v60H0z" fill="${fill}"/>`;
const houses = (x, y, fill = '#2a2f38') =>
  `<path d="M${x} ${y}v-44l24-20 24 20v12h26v-30l22-18 22 18v34h22v-26l20-16 20 16v54z" fill="${fill}"/>` +
  `<g fill="#f6c765">${[
    [16, -34],
    [30, -34],
    [86, -28],
    [100, -28],
    [150, -24],
  ]
    .map(([dx, dy]) => `<rect x="${x + dx}" y="${y + dy}" width="7" height="10"/>`)
    .join('')}</g>`;
const stars = [40, 110, 190, 270, 350, 430, 520, 600]
  .map((x, at) => `<circle cx="${x}" cy="${26 + ((at * 37) % 70)}" r="1.6" fill="#fff4d6"/>`)
  .join('');
const steam = (x, y) =>
  `<g fill="none" stroke="#fff" stroke-opacity=".6" stroke-width="5" stroke-linecap="round">${[0, 26, 52].map((dx) => `<path d="M${x + dx} ${y}q-10-16 0-30t0-30"/>`).join('')}</g>`;
const bird = (x, y, size) =>
  `<path d="M${x} ${y}q${size}-${size} ${2 * size} 0q${size}-${size} ${2 * size} 0" fill="none" stroke="#23262c" stroke-width="3" stroke-linecap="round"/>`;
const repeat = (count, draw) => Array.from({ length: count }, (_, at) => draw(at)).join('');

const pictures = {
  'who-owns-the-yellow-buoy': outside(
    'day',
    `${hills(190, '#7f94a0')}${sea(200)}<path d="M0 250h150v16h34v18h34v52H0z" fill="#8a8378"/>` +
      '<g transform="rotate(-7 400 220)"><path d="M392 96h12v52h-12z" fill="#3a3f47"/><rect x="366" y="110" width="64" height="34" rx="3" fill="#27384a"/>' +
      '<path d="M340 236l36-92h48l36 92z" fill="#e8b62c"/><ellipse cx="400" cy="244" rx="92" ry="30" fill="#d9a41c"/><path d="M326 256q74 34 148 0l-10 26q-64 20-128 0z" fill="#6d5a2c"/><circle cx="430" cy="200" r="9" fill="#c08f12"/></g>',
  ),
  'the-light-on-gannet-rock': outside(
    'night',
    `${stars}${sea(232, ['#33475a', '#1d2b3d', '#0c141f'])}<path d="M250 246c20-40 60-64 96-64s86 26 110 64z" fill="#12161d"/>` +
      '<path d="M334 184l7-92h26l7 92z" fill="#d9d2c4"/><path d="M337 150h34l2 24h-38z" fill="#8e3d27"/><path d="M334 92h40v-6h-40zM342 86V68h24v18z" fill="#12161d"/><path d="M340 68l14-12 14 12z" fill="#12161d"/>' +
      `<path d="M0 300h640v36H0z" fill="#0a0e14"/>${repeat(16, (at) => `<g fill="#0a0e14"><circle cx="${30 + at * 39}" cy="${284 + (at % 3) * 4}" r="7"/><rect x="${22 + at * 39}" y="${290 + (at % 3) * 4}" width="16" height="30" rx="7"/></g>`)}`,
  ),
  'night-shift-at-the-ice-house': outside(
    'night',
    `${stars}<path d="M60 300V120l190-60 190 60v180z" fill="#3b4855"/><rect x="140" y="170" width="90" height="130" fill="#f6d489"/><rect x="270" y="150" width="110" height="60" fill="#9fc6d6"/>` +
      `<path d="M380 230l150 60v24H380z" fill="#566676"/>${repeat(26, (at) => `<path d="M${392 + (at % 9) * 18} ${250 + Math.floor(at / 9) * 22 + (at % 4) * 6}l9-5 7 8-8 7z" fill="#e4f1f5"/>`)}<path d="M0 300h640v36H0z" fill="#161c24"/><circle cx="186" cy="206" r="14" fill="#3a2f2a"/><path d="M164 300v-54q0-24 22-24t22 24v54z" fill="#3a2f2a"/>`,
  ),
  'the-ferry-learns-to-whisper': outside(
    'dawn',
    `${hills(196, '#8c8494')}${sea(208, ['#c9a79f', '#6d7f8c', '#2f4553'])}<path d="M120 232h400l-34 44H160z" fill="#f1ead9"/><path d="M120 232h400l-6 10H128z" fill="#a4452a"/><path d="M190 232v-46h240v46z" fill="#e7dcc6"/><path d="M240 186v-32h120v32z" fill="#f1ead9"/>` +
      `<g fill="#33475a">${repeat(7, (at) => `<rect x="${206 + at * 31}" y="198" width="18" height="16" rx="3"/>`)}<rect x="254" y="162" width="92" height="12" rx="3"/></g><path d="M386 186v-40h22v40z" fill="#a4452a"/>${bird(470, 110, 12)}${bird(520, 140, 9)}`,
  ),
  'soup-for-a-wet-tuesday': inside(
    '#c9d2d3',
    '#8a5a3b',
    `<rect x="60" y="30" width="180" height="150" fill="#7e929c"/><path d="M60 105h180M150 30v150" stroke="#f1ead9" stroke-width="8"/><rect x="60" y="30" width="180" height="150" fill="none" stroke="#f1ead9" stroke-width="10"/><g stroke="#dfe8ea" stroke-width="2">${repeat(14, (at) => `<path d="M${74 + at * 12} ${40 + ((at * 29) % 90)}l-8 30"/>`)}</g>` +
      `${steam(374, 150)}<path d="M290 180h220q-6 82-80 90h-60q-74-8-80-90z" fill="#2f5d62"/><ellipse cx="400" cy="182" rx="110" ry="26" fill="#3f7479"/><ellipse cx="400" cy="184" rx="94" ry="19" fill="#d98a3a"/><g fill="#6f8f3f"><circle cx="370" cy="182" r="6"/><circle cx="414" cy="190" r="6"/><circle cx="446" cy="180" r="5"/></g><path d="M500 170l70-70" stroke="#b9a58a" stroke-width="12" stroke-linecap="round"/>`,
  ),
  'the-right-way-with-mussels': inside(
    '#e9e1d0',
    '#5b6f73',
    `${steam(290, 110)}<path d="M150 150h340v100q0 40-50 40H200q-50 0-50-40z" fill="#2b3440"/><rect x="110" y="160" width="50" height="22" rx="11" fill="#2b3440"/><rect x="480" y="160" width="50" height="22" rx="11" fill="#2b3440"/><ellipse cx="320" cy="152" rx="170" ry="32" fill="#1d242d"/>` +
      repeat(
        11,
        (at) =>
          `<g transform="translate(${186 + at * 26} ${140 + (at % 3) * 12}) rotate(${((at * 47) % 120) - 60})"><path d="M0 0q24-20 40 0q-16 16-40 0z" fill="#27304a"/><path d="M6 1q18-10 28 0" fill="none" stroke="#e79a4c" stroke-width="6" stroke-linecap="round"/></g>`,
      ),
  ),
  'what-to-do-with-green-tomatoes': inside(
    '#f0e6cf',
    '#a9794f',
    repeat(
      6,
      (at) =>
        `<g transform="translate(${140 + at * 72} ${190 - (at % 2) * 18})"><circle r="46" fill="${['#7fa04a', '#93b257', '#6d8f3e', '#a7b95b', '#84a34c', '#c98d4b'][at]}"/><ellipse cx="-14" cy="-16" rx="12" ry="8" fill="#fff" fill-opacity=".25"/><path d="M0-44l6 12 14-4-8 12 10 10-16-2-6 14-6-14-16 2 10-10-8-12 14 4z" fill="#3f5a2a"/></g>`,
    ) + '<path d="M80 214h480l-30 66H110z" fill="#8d5f39"/><path d="M80 214h480l-6 16H86z" fill="#7a5130"/>',
  ),
  'a-bun-older-than-the-bakery': inside(
    '#7a4b32',
    '#d8b98a',
    `<path d="M180 236a140 140 0 0 1 280 0z" fill="#35231b"/><path d="M214 236a106 106 0 0 1 212 0z" fill="#e07b2c"/><path d="M250 236q20-60 34-34q14-50 36 0q26-34 32 34z" fill="#f6c765"/>` +
      repeat(
        5,
        (at) =>
          `<g transform="translate(${90 + at * 116} 274)"><ellipse rx="50" ry="30" fill="#b8702f"/><ellipse cy="-6" rx="44" ry="22" fill="#d3944a"/><path d="M-30-8q30-24 60 0" fill="none" stroke="#f1dfb8" stroke-width="5"/></g>`,
      ),
  ),
  'the-curlews-are-back': outside(
    'dawn',
    `${hills(180, '#9a8f93')}<path d="M0 200h640v136H0z" fill="#7b7452"/><path d="M0 230q140-30 240 10t260 0 140 8v30q-120 12-240-6t-220 10-180-6z" fill="#c9b39c"/>` +
      `<g stroke="#4e4a33" stroke-width="3">${repeat(30, (at) => `<path d="M${14 + at * 21} ${330 - (at % 3) * 8}q4-20 ${at % 2 ? 12 : -8}-34"/>`)}</g>` +
      [
        [220, 210, 1],
        [400, 230, 0.8],
      ]
        .map(
          ([x, y, size]) =>
            `<g transform="translate(${x} ${y}) scale(${size})"><ellipse rx="44" ry="24" fill="#6d5640"/><path d="M30-10q24-30 20-44" stroke="#6d5640" stroke-width="14" fill="none" stroke-linecap="round"/><circle cx="50" cy="-58" r="13" fill="#6d5640"/><path d="M60-60q50 4 70 44" fill="none" stroke="#2f2720" stroke-width="5" stroke-linecap="round"/><path d="M-10 22v52M12 22v52" stroke="#2f2720" stroke-width="4"/></g>`,
        )
        .join('') +
      bird(90, 80, 14) +
      bird(150, 110, 10) +
      bird(500, 70, 12),
  ),
  'reading-the-tideline': outside(
    'day',
    `${sea(120)}<path d="M0 190q160-34 320 0t320-6v152H0z" fill="#d9c49a"/><path d="M0 236q160-34 320 0t320-6" fill="none" stroke="#6b5b3a" stroke-width="12" stroke-dasharray="26 10 8 14"/>` +
      '<g transform="translate(160 270)"><path d="M0 0c0-30 50-30 50 0s-30 34-36 14 20-24 22-8" fill="none" stroke="#b8845a" stroke-width="9"/></g><path d="M300 300l30-30 12 38-36-8 40-18z" fill="#c9603d"/><path d="M430 270h70l-12 40h-46z" fill="#5d8b86" fill-opacity=".8"/><rect x="452" y="252" width="22" height="20" fill="#5d8b86"/><path d="M560 300q16-26 36-6" fill="none" stroke="#3f5a2a" stroke-width="8"/>',
  ),
  'a-map-of-quiet-places': inside(
    '#b7c4b4',
    '#6d5640',
    '<g transform="rotate(-3 320 170)"><path d="M110 50l140 24 140-24 140 24v220l-140-24-140 24-140-24z" fill="#f1e7cc"/><path d="M250 74v220M390 50v220" stroke="#d3c39a" stroke-width="4"/><path d="M110 160q80-30 140 10t140 0 140 20v104l-140-24-140 24-140-24z" fill="#a9c4c9"/>' +
      '<g fill="none" stroke="#a4452a" stroke-width="5" stroke-dasharray="10 8"><path d="M150 110q60 60 130 20t120 30 90-40"/></g>' +
      [
        [150, 108],
        [282, 130],
        [400, 160],
        [488, 118],
      ]
        .map(
          ([x, y]) =>
            `<path d="M${x} ${y}c-22-28-14-44 0-44s22 16 0 44z" fill="#a4452a"/><circle cx="${x}" cy="${y - 28}" r="5" fill="#f1e7cc"/>`,
        )
        .join('') +
      '</g>',
  ),
  'counting-rockpools-by-lamplight': outside(
    'night',
    `${stars}<path d="M0 210q90-50 180-20t160-20 180 10 120-10v166H0z" fill="#1a212b"/>` +
      [
        [130, 270, 90],
        [330, 296, 110],
        [520, 262, 80],
      ]
        .map(
          ([x, y, r]) =>
            `<ellipse cx="${x}" cy="${y}" rx="${r}" ry="${r / 4}" fill="#4f7f8a"/><ellipse cx="${x}" cy="${y - 2}" rx="${r * 0.7}" ry="${r / 7}" fill="#f0c674" fill-opacity=".5"/>`,
        )
        .join('') +
      '<circle cx="420" cy="150" r="90" fill="#f6c765" fill-opacity=".18"/><circle cx="420" cy="150" r="52" fill="#f6c765" fill-opacity=".3"/><path d="M404 132h32v40h-32z" fill="#fff0c4"/><path d="M400 172h40v10h-40zM400 124h40v8h-40z" fill="#2b2f36"/><path d="M406 124q14-26 28 0" fill="none" stroke="#2b2f36" stroke-width="4"/><path d="M456 262v-70q0-26 22-26t22 26v70z" fill="#0d1117"/><circle cx="478" cy="148" r="18" fill="#0d1117"/><path d="M466 190l-40-40" stroke="#0d1117" stroke-width="12" stroke-linecap="round"/>',
  ),
  'the-library-lends-a-ladder': inside(
    '#d8cbb0',
    '#7a5a3c',
    repeat(
      3,
      (row) =>
        `<rect x="40" y="${30 + row * 70}" width="560" height="8" fill="#6d4f33"/>` +
        repeat(
          26,
          (at) =>
            `<rect x="${46 + at * 21}" y="${-24 + 54 + row * 70 + ((at * 13 + row * 7) % 14) - 4 + 12}" width="15" height="${56 - ((at * 13 + row * 7) % 14)}" fill="${['#a4452a', '#2f5d62', '#c9a14a', '#4b5a66', '#7f8f54', '#8e5a6b'][(at + row) % 6]}"/>`,
        ),
    ) +
      `<rect x="40" y="240" width="560" height="8" fill="#6d4f33"/><g stroke="#e9d3a2" stroke-width="12" stroke-linecap="round"><path d="M380 320L440 20M460 320L500 20"/><g stroke-width="9">${repeat(7, (at) => `<path d="M${386 + at * 8.4} ${292 - at * 42}h${72 - at * 3}"/>`)}</g></g>`,
  ),
  'forty-two-chairs': outside(
    'dusk',
    `${houses(30, 220)}${houses(240, 220)}${houses(450, 220)}<path d="M0 220h640v116H0z" fill="#6a5d57"/><path d="M60 270h520v14H60z" fill="#efe6d6"/>` +
      repeat(
        10,
        (at) =>
          `<g stroke="${['#a4452a', '#2f5d62', '#c9a14a', '#efe6d6'][at % 4]}" stroke-width="5" fill="none"><path d="M${74 + at * 52} 330v-26h26v26M${74 + at * 52} 304v-34M${74 + at * 52} 282h4"/></g>`,
      ) +
      `<path d="M0 110q160 50 320 0t320 0" fill="none" stroke="#23262c" stroke-width="3"/>${repeat(15, (at) => `<circle cx="${22 + at * 43}" cy="${122 + Math.abs(Math.sin(at / 2.35)) * 18}" r="6" fill="#f6c765"/>`)}`,
  ),
  'the-clock-that-is-four-minutes-slow': outside(
    'day',
    '<path d="M210 336V120l110-80 110 80v216z" fill="#b49a7c"/><path d="M196 122L320 26l124 96-10 12L320 50 206 134z" fill="#7a4b32"/><circle cx="320" cy="180" r="82" fill="#f6efdf"/><circle cx="320" cy="180" r="82" fill="none" stroke="#5b4636" stroke-width="9"/>' +
      repeat(
        12,
        (at) =>
          `<path d="M320 108v14" stroke="#5b4636" stroke-width="6" transform="rotate(${at * 30} 320 180)"/>`,
      ) +
      `<path d="M320 180v-56" stroke="#23262c" stroke-width="7" stroke-linecap="round" transform="rotate(-24 320 180)"/><path d="M320 180v-38" stroke="#23262c" stroke-width="9" stroke-linecap="round" transform="rotate(80 320 180)"/><circle cx="320" cy="180" r="7" fill="#a4452a"/><path d="M290 336v-44q0-26 30-26t30 26v44z" fill="#5b4636"/>${bird(80, 90, 12)}${bird(520, 70, 14)}${bird(470, 120, 9)}`,
  ),
  'the-last-typewriter-repairer': inside(
    '#94a39b',
    '#5b4030',
    `<rect x="250" y="40" width="140" height="120" fill="#f6efdf"/><g stroke="#b9b09c" stroke-width="4">${repeat(5, (at) => `<path d="M270 ${62 + at * 18}h${at === 4 ? 50 : 100}"/>`)}</g><rect x="170" y="140" width="300" height="30" rx="15" fill="#23262c"/><circle cx="168" cy="155" r="18" fill="#3a3f47"/><circle cx="472" cy="155" r="18" fill="#3a3f47"/><path d="M190 170h260l40 110H150z" fill="#a4452a"/>` +
      repeat(3, (row) =>
        repeat(
          9 + row,
          (at) => `<circle cx="${204 - row * 14 + at * 29}" cy="${200 + row * 28}" r="10" fill="#f6efdf"/>`,
        ),
      ) +
      '<rect x="150" y="280" width="340" height="16" rx="6" fill="#6d2b1a"/>',
  ),
  'tide-tables': outside(
    'rain',
    `${hills(170, '#6d7a82')}${sea(190, ['#9aa6aa', '#5d707a', '#2c3f4a'])}<path d="M400 60h70v276h-70z" fill="#efe6d6"/>${repeat(9, (at) => `<path d="M400 ${84 + at * 28}h${at % 2 ? 24 : 40}" stroke="#23262c" stroke-width="5"/>`)}<path d="M400 230h70v106h-70z" fill="#2c3f4a" fill-opacity=".55"/><path d="M0 292h330v14h40v30H0z" fill="#7b756b"/>${bird(120, 80, 14)}${bird(200, 110, 10)}`,
  ),
};

// oxlint-disable-next-line node/no-process-env
const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find(
  (path) => path !== undefined && existsSync(path),
);
if (executablePath === undefined) throw new Error('There is no Chromium here. CHROMIUM names one.');
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
const page = await browser.newPage({ viewport: { width: WIDTH, height: HEIGHT } });
for (const [name, drawing] of Object.entries(pictures)) {
  await page.setContent(
    `<!doctype html><style>body{margin:0}svg{display:block}</style><svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}">${drawing}</svg>`,
  );
  await page.screenshot({ path: join(target, `demo-${name}.jpg`), type: 'jpeg', quality: 78 });
}
await page.setViewportSize({ width: ICON_SIZE, height: ICON_SIZE });
await page.setContent(
  `<!doctype html><style>body{margin:0}svg{display:block;width:100%;height:100vh}</style>${readFileSync(join(target, 'mark.svg'), 'utf8')}`,
);
const icon = await page.screenshot({ type: 'png', omitBackground: true });
writeFileSync(join(target, 'favicon.ico'), Buffer.concat([iconHeader(icon.length), icon]));
await browser.close();
process.stdout.write(`${Object.keys(pictures).length} pictures and favicon.ico in templates/assets\n`);

/** A directory of one PNG (the ICO format as Windows Vista and all browsers read it). */
function iconHeader(length) {
  const header = Buffer.alloc(22);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(1, 4);
  header.writeUInt8(ICON_SIZE, 6);
  header.writeUInt8(ICON_SIZE, 7);
  header.writeUInt16LE(1, 10);
  header.writeUInt16LE(32, 12);
  header.writeUInt32LE(length, 14);
  header.writeUInt32LE(header.length, 18);
  return header;
}
