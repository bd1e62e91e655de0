import { chooseTests } from './select-tests.js';

/** For `npm run test:quick`: every test file that starts no process and no browser, but for the slow ones. */
export default chooseTests(({ startsProcess, isSlow }) => !startsProcess && !isSlow);
