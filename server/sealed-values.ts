/** What is sealed is a token, and may become the value of a header (RFC 9110, section 5.5): the database cannot look at it any more. */
const token = /^[\t\x20-\x7e]{1,4000}$/;

/** Why a text cannot be sealed; undefined when it can. */
export const tokenProblem = (plain: string): string | undefined =>
  token.test(plain) ? undefined : 'A secret value is 1 to 4,000 characters of printable ASCII.';
