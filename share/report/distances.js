/* How far the groups are from each other. */
const between = (a, b) => a === b ? 0 : a > b ? data.distances[a][b] : data.distances[b][a];

function headOf(names, first) {
	const row = make("tr", make("td", first));
	for (const name of names)
		row.append(set(make("th", named(name)), { scope: "col", title: clean(name) }));
	return make("thead", row);
}

function drawMatrix() {
	const groups = data.groups;
	const what = !data.pooled ? "the groups' mean distributions" : "the groups' pooled distributions";
	if (groups.length < 2) {
		byId("distances-about").textContent = "There is one group only: nothing to compare it with.";
		byId("matrix").remove();
		return;
	}
	byId("distances-about").textContent = distanceName + " distance between " + what + directionText + ", from 0 (alike) to " + (large ? Math.round(data.distance_max) : data.distance_max) + " (nothing in common)" + (data.distance === "wasserstein" ? ", in bytes" : data.distance === "euclidean" ? ", on percent" : "") + ". The stronger the colour, the nearer." + leftOut();
	const body = make("tbody");
	groups.forEach((group, a) => {
		const row = make("tr", set(make("th", named(group.name)), { scope: "row", title: clean(group.name) }));
		groups.forEach((other, b) => {
			const d = between(a, b);
			const cell = a === b ? make("td.self", "·") : make("td", d.toFixed(large ? 0 : 2));
			if (a !== b) {
				cell.style.setProperty("--v", (70 * (1 - Math.min(1, d / data.distance_max))).toFixed(1) + "%");
				cell.title = clean(group.name) + " and " + clean(other.name) + ": " + distance(d);
			}
			row.append(cell);
		});
		body.append(row);
	});
	byId("matrix").append(make("table.matrix" + (groups.length > 14 ? ".wide" : ""), headOf(groups.map((g) => g.name), ""), body));
}
