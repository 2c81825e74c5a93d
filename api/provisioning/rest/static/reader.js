// Shows openapi.json as a page. Everything is written as text, never as markup.
"use strict";

const METHODS = ["get", "post", "put", "patch", "delete"];

function element(name, content, attributes = {}) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...[content].flat());
  return made;
}

function resolve(api, thing) {
  if (!thing || !thing.$ref) return thing || {};
  return thing.$ref.slice(2).split("/").reduce((found, part) => found[part], api);
}

function typeOf(api, schema) {
  const name = schema.$ref ? schema.$ref.split("/").pop() : "";
  const found = resolve(api, schema);
  if (found.anyOf) return found.anyOf.map((one) => typeOf(api, one)).join(" or ");
  if (found.enum) return found.enum.map((value) => JSON.stringify(value)).join(", ");
  if (found.type === "array") return `list of ${typeOf(api, found.items || {})}`;
  return name || [found.type || "any value"].flat().join(" or ");
}

// Members of an object, those of objects inside below their owner.
function members(api, schema, owner = "", seen = []) {
  const found = resolve(api, (schema.anyOf || [schema])[0]); // the other one is null
  const inner = found.type === "array" ? resolve(api, found.items) : found;
  if (seen.includes(inner)) return [];
  return Object.entries(inner.properties || {}).flatMap(([name, member]) => [
    {
      name: owner + name,
      type: typeOf(api, member),
      required: (inner.required || []).includes(name),
      about: resolve(api, member).description || "",
    },
    ...members(api, member, `${owner}${name}.`, [...seen, inner]),
  ]);
}

function table(caption, rows) {
  const head = element("tr", ["Name", "Type", "", ""].map((text) => element("th", text, { scope: "col" })));
  const body = rows.map((row) =>
    element("tr", [
      element("td", element("code", row.name)),
      element("td", row.type),
      element("td", row.required ? "required" : ""),
      element("td", row.about),
    ]),
  );
  return element("table", [element("caption", caption), element("thead", head), element("tbody", body)]);
}

function bodyTables(api, caption, content) {
  return Object.entries(content || {}).flatMap(([mediaType, { schema }]) => {
    const rows = members(api, schema || {});
    return rows.length ? [table(`${caption}, ${mediaType}`, rows)] : [element("p", `${caption}: ${mediaType}`)];
  });
}

function operation(api, path, method, shared, description) {
  const parameters = [...shared, ...(description.parameters || [])].map((one) => resolve(api, one));
  const parts = [element("summary", [
    element("span", method.toUpperCase(), { class: "method" }),
    element("code", path),
    ` ${description.summary || ""}`,
  ])];
  if (description.description) parts.push(element("p", description.description));
  if (parameters.length) {
    parts.push(table("Parameters", parameters.map((one) => ({
      name: one.name,
      type: `${typeOf(api, one.schema || {})} in the ${one.in}`,
      required: one.required,
      about: one.description || (one.schema || {}).description || "",
    }))));
  }
  parts.push(...bodyTables(api, "Body", resolve(api, description.requestBody).content));
  for (const [status, answer] of Object.entries(description.responses || {})) {
    const found = resolve(api, answer);
    const caption = status === "default" ? "Problem" : `${status} ${found.description || ""}`;
    const shown = found.content && !status.startsWith("4") && status !== "default";
    parts.push(...(shown ? bodyTables(api, caption, found.content) : [element("p", caption)]));
  }
  return element("details", parts);
}

function show(api) {
  document.title = `${api.info.title} ${api.info.version}`;
  document.getElementById("title").textContent = document.title;
  document.getElementById("about").textContent = api.info.description || "";
  const sections = new Map(api.tags.map((tag) => [tag.name, [element("h2", tag.name), element("p", tag.description)]]));
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of METHODS.filter((name) => item[name])) {
      const tag = item[method].tags[0];
      sections.get(tag).push(operation(api, path, method, item.parameters || [], item[method]));
    }
  }
  const identified = [...sections].map(([name, content]) => [name, name.replaceAll(" ", "-"), content]);
  document.getElementById("resources").replaceChildren(
    ...identified.map(([name, id]) => element("li", element("a", name, { href: `#${id}` }))),
  );
  document.getElementById("operations").replaceChildren(
    ...identified.map(([, id, content]) => element("section", content, { id })),
  );
}

fetch("openapi.json")
  .then((answer) => {
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    return answer.json();
  })
  .then(show)
  .catch((failure) => {
    document.getElementById("operations").textContent = `The document cannot be shown: ${failure.message}`;
  });
