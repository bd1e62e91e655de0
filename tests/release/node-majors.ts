/** The versions of Node on which a packed release is proved. */
export const NODE_MAJORS = ['20', '22', '24', '26'];
