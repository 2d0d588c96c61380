/** The headers that say who asks: a token, or for the session cookie its CSRF token. */
export function credentials(token, csrf) {
  if (token) return { Authorization: `Token ${token}` };
  const value = typeof csrf === "function" ? csrf() : csrf;
  return value ? { "X-CSRFToken": value } : {};
}
