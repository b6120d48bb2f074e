/* The shapes that most flows of a group have: small pictures, each with its number of flows and inputs. */

const GROUPS_AT_FIRST = 12;

function shapeNote(typical, shape) {
	return plural(shape.flows, "flow") + " (" + percent(shape.flows / typical.flows * WHOLE) + ")" + (shape.inputs === undefined ? "" : ", " + plural(shape.inputs, "input"));
}

function shapeFigure(typical, shape) {
	const sides = spread(shape.shape);
	const text = shapeText(sides);
	return set(make("figure.shape", mirror(sides, "small", 60), make("figcaption", shapeNote(typical, shape), make("span.hint", text))), { title: text });
}

/* How many kinds there are, and how much of the group is in those that are shown. */
function familyText(typical, shown) {
	if (!typical.shapes.length)
		return typical.means_only ? "A library without cells knows no shapes, but the mean." : "No " + things + " were counted.";
	const kinds = plural(typical.all, "kind") + " of shape by " + (typical.steps ? typical.steps + " steps" : "no steps at all");
	if (typical.shapes[0].flows === 1 && typical.flows > 1)
		return kinds + ": no two of " + plural(typical.flows, "flow") + " are of one kind.";
	return kinds + (shown < typical.flows ? "; these hold " + percent(shown / typical.flows * WHOLE) + " of " + plural(typical.flows, "flow") : "") + "." + (typical.means_only ? " Flows of a library without cells are not among them." : "");
}

function shapeRow(typical, index) {
	const shown = typical.shapes.reduce((flows, shape) => flows + shape.flows, 0);
	return make("article.family", make("h3", named(data.groups[index].name)),
		make("p.facts", familyText(typical, shown)),
		make("div.shapes", ...typical.shapes.map((shape) => shapeFigure(typical, shape))));
}

function shapeRows() {
	const columns = sideColumns();
	const rows = [[data.by, "flows", "inputs", ...columns.map(([name]) => name)]];
	data.typical.forEach((typical, i) => {
		for (const shape of typical.shapes) {
			const sides = spread(shape.shape);
			rows.push([data.groups[i].name, shape.flows, shape.inputs, ...columns.map(([, of]) => of(sides))]);
		}
	});
	return rows;
}

function drawShapes() {
	const list = data.typical.map(shapeRow);
	const more = set(make("button", "Show the other " + count(list.length - GROUPS_AT_FIRST)), { type: "button" });
	byId("shapes-about").textContent = "Kinds of shape that flows of a " + groupWord + " have, the most frequent first" + (two ? ", source up, destination down" : "") + ", each picture to its own scale; a mean can look like none of them. Flows are of one kind when the root of each of their shares falls into the same of so many steps." + (data.typical.length < data.groups.length ? " Of the " + count(data.typical.length) + " largest." : "") + leftOut();
	byId("families").append(...list.slice(0, GROUPS_AT_FIRST));
	if (list.length > GROUPS_AT_FIRST) {
		byId("families").after(make("p.more", more));
		more.addEventListener("click", () => {
			byId("families").append(...list.slice(GROUPS_AT_FIRST));
			more.parentNode.remove();
		});
	}
	const charts = () => data.typical.flatMap((typical, i) => typical.shapes.map((shape) => ({ title: data.groups[i].name, note: shapeNote(typical, shape), sides: spread(shape.shape) })));
	offer("shapes", "Typical shapes", shapeRows, () => chartsSvg("Typical shapes", charts()));
}
