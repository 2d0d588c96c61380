// A small client by openapi-typescript and openapi-fetch: it compiles only where every step has a type of its own.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

// A type that tells something: neither any, nor never, nor unknown.
type Known<T> = 0 extends 1 & T ? never : [T] extends [never] ? never : unknown extends T ? never : T;
type Negotiation = components["schemas"]["Negotiation"];

const client = createClient<paths>({ baseUrl: "http://127.0.0.1:8000" });

export async function haggle(token: string): Promise<string> {
  const headers = { Authorization: `Token ${token}` };
  const found = await client.GET("/api/properties/search/", { params: { query: { location: "Sylhet", guests: 2 } } });
  if (found.error) throw new Error(found.error.code);
  const first: Known<(typeof found.data.results)[number]> | undefined = found.data.results[0];
  if (!first) return "Nothing is free.";

  const path = { property_id: first.property_id };
  const home = await client.GET("/api/property/{property_id}/", { params: { path } });
  if (home.error) throw new Error(home.error.message);
  const photo: Known<string> | undefined = home.data.photos[0]?.image_data;

  const stay = { start_date: "2027-03-01", end_date: "2027-03-04", number_of_guests: 2, booking_type: "stay" as const };
  const quote = await client.GET("/api/property/{property_id}/quote/", { params: { path, query: stay } });
  if (quote.error) throw new Error(quote.error.code);
  const listed: Known<string> = quote.data.stay;

  const opened = await client.POST("/api/nego/start_negotiation_by_guest/", {
    headers,
    body: { property_id: first.property_id, ...stay, guest_price: (Number(listed) * 0.9).toFixed(2) },
  });
  if (opened.error) {
    const code: Known<typeof opened.error.code> = opened.error.code;
    throw new Error(code === "dates.taken" ? "Somebody was faster." : code);
  }

  const id = { negotiation_id: opened.data.id };
  const details = await client.GET("/api/nego/negotiation_details/{negotiation_id}/", { headers, params: { path: id } });
  if (details.error) throw new Error(details.error.code);
  const negotiation: Known<Negotiation> = details.data.negotiation;
  for (const entry of details.data.entries) {
    if (entry.kind === "offer.made") return `${entry.data.offer.amount} of ${listed}, ${photo ?? "no photo"}`;
  }
  const status: Known<Negotiation["status"]> = negotiation.status;
  return status;
}
