/** In a file of its own, which is loaded when something is fetched and then is compiled into one piece. */
export { Client } from 'undici';
