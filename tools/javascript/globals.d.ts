// What the pages' scripts find beside the web's own interfaces.

// Our own classes dispatch CustomEvents; a listener of any of them reads `detail`.
interface Event {
  readonly detail: any;
}

// Leaflet (core/static/vendor) and Stripe's card fields come as scripts of their own, Django's words as another.
declare var L: any;
declare var Stripe: any;
declare var gettext: ((text: string) => string) | undefined;
declare var ngettext: ((one: string, many: string, count: number) => string) | undefined;
