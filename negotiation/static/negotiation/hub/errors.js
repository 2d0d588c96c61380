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

export const closed = () => new HubError({ code: "client.closed", message: "The connection was closed." });
