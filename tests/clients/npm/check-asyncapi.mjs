// Reads an AsyncAPI document and prints what its parser finds wrong; ends with 1 where there is an error.
import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(await readFile(process.argv[2], "utf8"));
const errors = diagnostics.filter(({ severity }) => severity === 0);
for (const { code, message, path } of errors) console.log(code, path.join("/"), message);
if (!document || errors.length) process.exit(1);
const operations = document.operations().all();
const unanswered = operations.filter((one) => one.action() === "receive" && !one.reply());
console.log(`${operations.length} operations, ${unanswered.length} without a reply`);
