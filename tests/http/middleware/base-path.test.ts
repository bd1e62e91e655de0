import { describe, expect, test } from '@jest/globals';
import { pathBelow } from '../../../src/http/middleware/base-path.js';

describe('below /news, what a proxy passes on and what one takes the path from are the same', () => {
  test.each([
    ['/news', '/', '/'],
    ['/news/', '/', '/'],
    ['/news?page=2', '/?page=2', '/?page=2'],
    ['/news/lantern', '/lantern', '/lantern'],
    ['/news/lantern/archive?before=1', '/lantern/archive?before=1', '/lantern/archive?before=1'],
    ['/news/manage/token/address', '/manage/token/address', '/manage/token/address'],
    ['/news/newsroom', '/newsroom', '/newsroom'],
    ['/news/news/archive/1', '/news/archive/1', '/news/archive/1'],
    ['/news/news/feed.xml', '/news/feed.xml', '/news/feed.xml'],
    ['/news/news/subscriptions', '/news/subscriptions', '/news/subscriptions'],
    ['/news/news/manage?done=requested', '/news/manage?done=requested', '/news/manage?done=requested'],
  ])('%s', (asked, taken, below) => {
    expect(pathBelow('/news', asked)).toBe(below);
    expect(pathBelow('/news', taken)).toBe(below);
  });
});

test('the page of a publication called news is asked for by its name, or as the first page', () => {
  expect(pathBelow('/news', '/news/news')).toBe('/news');
  expect(pathBelow('/news', '/news')).toBe('/');
});

test('a path that only begins with the same letters is another one', () => {
  for (const path of ['/newsletter', '/news-room/archive', '/new', '/NEWS/x'])
    expect(pathBelow('/news', path)).toBe(path);
});

test('a path of several words is taken away as a whole', () => {
  expect(pathBelow('/local/letters', '/local/letters/lantern/archive')).toBe('/lantern/archive');
  expect(pathBelow('/local/letters', '/local/archive')).toBe('/local/archive');
  expect(pathBelow('/local/letters', '/local/letters')).toBe('/');
});
