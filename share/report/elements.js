/* What everything on the page is made of. Every word that came from packets or files goes in as text (textContent,
 * attributes of names that are written here), never as markup; nothing is loaded, nothing is sent.
 *
 * The files of the script are put together in the order of Makefile.am into one module. */
const data = JSON.parse(document.getElementById("data").textContent);
const WHOLE = 100000; // shares are whole numbers of it
const two = data.parts === 2;
let weighing = data.pooled ? "pooled" : "mean";

const byId = (id) => document.getElementById(id);

/* Takes a section away, and the way to it. */
function dropSection(id) {
	byId(id).remove();
	document.querySelector('nav a[href="#' + id + '"]').remove();
}

function add(parent, children) {
	for (const child of children)
		if (child !== null && child !== undefined)
			parent.append(child);
	return parent;
}

/* An element; `name` may carry one class after a dot: make("p.about", "text"). */
function make(name, ...children) {
	const [tag, ...classes] = name.split(".");
	const element = document.createElement(tag);
	if (classes.length)
		element.className = classes.join(" ");
	return add(element, children);
}

function svg(tag, attributes, ...children) {
	const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
	for (const [name, value] of Object.entries(attributes))
		element.setAttribute(name, value);
	return add(element, children);
}

function set(element, attributes) {
	for (const [name, value] of Object.entries(attributes))
		element.setAttribute(name, value);
	return element;
}

/* Characters that would do something instead of being seen. */
const unseen = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
const clean = (text) => String(text).replace(unseen, "\ufffd");

/* A name of more characters is cut; its whole is the element's title. */
const LONGEST = 80;
function brief(text) {
	const characters = [...clean(text)];
	return characters.length > LONGEST ? characters.slice(0, LONGEST - 1).join("") + "…" : characters.join("");
}

/* A name from outside: isolated, so that its direction of writing stays its own affair. */
function named(text) {
	const shown = brief(text);
	const element = make("bdi.name", shown);
	if (shown !== text)
		element.title = clean(text);
	return element;
}
