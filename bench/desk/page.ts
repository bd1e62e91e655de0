/** Asks for a page as an operator's browser does. */
export type Look = (path: string) => Promise<Response>;

/** `path`: of the look with this number, from 0. */
export type DeskPage = { what: string; path: (look: number) => string };
