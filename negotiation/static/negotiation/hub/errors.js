/** A refusal, by the hub or by the client itself (codes `client.*`). */
export class HubError extends Error {
  /** @param {{code: string, message?: string, params?: object, fields?: object}} error */
  constructor({ code, message = code, params = {}, fields = {} }) {
    super(message);
    this.name = "HubError";
    this.code = code;
    this.params = params;
    this.fields = fields;
  }
}

// Never reached a socket: certain that nothing happened.
export const unsent = () => new HubError({ code: "client.unsent", message: "This could not be sent. Nothing was done." });

// Reached a socket that died before the answer: the log will tell.
export const unconfirmed = () =>
  new HubError({ code: "client.unconfirmed", message: "No answer came. The room shows what counts once you are back." });

// The sign-in ended, here or on another device; what no socket had taken was not done.
export const signedOut = () =>
  new HubError({ code: "client.signed_out", message: "You are signed out. It was not sent, nothing was done." });

// The hub refuses this page for good; what no socket had taken was not done.
export const refused = () =>
  new HubError({ code: "client.refused", message: "The connection was refused. Reload the page. Nothing was done." });

export const closed = () => new HubError({ code: "client.closed", message: "The connection was closed." });
