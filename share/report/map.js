/* Which clusters are near to each other: a dendrogram, and a map of them and of a sample of flows. */

const map = data.map || { clusters: [], flows: [], tree: [] };
const mapped = map.clusters.map((place, i) => ({ ...place, ...data.clusters.list[i] }));

/* Coordinates from 20 to 380 and 20 to 340, both axes to one scale. */
function mapScale() {
	const all = [...map.clusters, ...map.flows];
	const xs = all.map((p) => p.x), ys = all.map((p) => p.y);
	const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
	const scale = Math.min(360 / (right - left || 1), 320 / (high - low || 1));
	return (p) => [200 + (p.x - (left + right) / 2) * scale, 180 - (p.y - (low + high) / 2) * scale];
}

/* The groups of most of the drawn flows have a colour each, all others are grey. */
function mapColours() {
	const drawn = new Map();
	for (const flow of map.flows)
		if (flow.group !== undefined)
			drawn.set(flow.group, (drawn.get(flow.group) || 0) + flow.drawn);
	const order = [...drawn].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, 7);
	return new Map(order.map(([group], i) => [group, i]));
}

const colourOf = (colours, flow) => colours.has(flow.group) ? colours.get(flow.group) : 7;
const radius = (flows, total) => 7 + 13 * Math.sqrt(flows / total);

function clusterTitle(cluster) {
	const [most, times] = mostOf(cluster);
	return "cluster " + cluster.number + ": " + plural(cluster.flows, "flow") + ", " + brief(most) + " " + percent(times / cluster.flows * WHOLE);
}

/* `flowFill` and `ring` say how flows and clusters look. */
function mapMarks(flowFill, ring, ink) {
	const to = mapScale();
	const colours = mapColours();
	const total = Math.max(1, ...mapped.map((cluster) => cluster.flows));
	const flows = map.flows.map((flow) => {
		const [cx, cy] = to(flow);
		const name = flow.group === undefined ? "others" : data.groups[flow.group].name;
		return svg("circle", { cx: cx.toFixed(1), cy: cy.toFixed(1), r: (2.2 + Math.min(2.3, Math.log10(flow.drawn))).toFixed(1), ...flowFill(colourOf(colours, flow)) }, svg("title", {}, clean(name) + ", " + clusterWord(flow.cluster)));
	});
	const clusters = mapped.map((cluster) => {
		const [x, y] = to(cluster);
		return svg("g", {}, svg("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: radius(cluster.flows, total).toFixed(1), ...ring }), svg("text", { x: x.toFixed(1), y: (y + 3.5).toFixed(1), "text-anchor": "middle", "font-size": 9, ...ink }, String(cluster.number)), svg("title", {}, clusterTitle(cluster)));
	});
	return [...flows, ...clusters];
}

const clusterWord = (number) => number < 0 ? "noise" : "cluster " + number;

function mapLegend() {
	const items = [...mapColours()].map(([group, i]) => make("span.key.series-" + i, make("span", named(data.groups[group].name))));
	if (map.flows.some((flow) => colourOf(mapColours(), flow) === 7))
		items.push(make("span.key.series-7", make("span", "others")));
	return items;
}

function drawMap() {
	if (!data.map) {
		dropSection("map");
		return;
	}
	if (map.flows.length < 2) {
		byId("map-about").textContent = "There are too few flows for a map.";
		byId("map-picture").remove();
		return;
	}
	byId("map-about").textContent = "Flows that are alike lie near to each other" + directionText + ": small dots are " + count(map.flows.length) + " shapes of " + plural(map.drawn, "flow") + " drawn at random (seed " + data.flows.seed + "), rings are clusters, by their number. A plane cannot hold all distances: this one holds " + share(map.share) + " of their squares' sum, so what is near here may be far in truth" + (map.share < 0.5 ? ", and often is" : "") + "; the distances in the tables are exact.";
	byId("map-picture").append(svg("svg", { class: "map", viewBox: "0 0 400 360", role: "img", "aria-label": "Map of " + plural(mapped.length, "cluster") + " and a sample of flows; the table of clusters has their numbers" },
		...mapMarks((colour) => ({ class: "dot series-" + colour }), { class: "ring" }, { class: "ring-number" })), make("p.keys", ...mapLegend()));
	offer("map", "Map", mapRows, mapSvg);
}

function mapRows() {
	const rows = [["what", "x", "y", "flows", "cluster", data.by]];
	for (const cluster of mapped)
		rows.push(["cluster", cluster.x, cluster.y, cluster.flows, cluster.number, mostOf(cluster)[0]]);
	for (const flow of map.flows)
		rows.push(["flow", flow.x, flow.y, flow.drawn, flow.cluster < 0 ? "noise" : flow.cluster, flow.group === undefined ? "others" : data.groups[flow.group].name]);
	return rows;
}

function mapSvg() {
	const legend = [...mapColours()].flatMap(([group, i]) => [svg("rect", { x: 410, y: 40 + 18 * i, width: 10, height: 10, fill: seriesPaper[i] }), svgText(425, 49 + 18 * i, brief(data.groups[group].name).slice(0, 30))]);
	const marks = mapMarks((colour) => ({ fill: seriesPaper[colour], "fill-opacity": 0.75 }), { fill: "none", stroke: paper.ink, "stroke-width": 1 }, { fill: paper.ink });
	const title = "Flows and clusters; the plane holds " + share(map.share) + " of the squared distances";
	return svgFile(640, 380, title, [svgText(12, 16, title, { "font-weight": 600 }), svg("g", { transform: "translate(0 20)" }, ...marks), ...legend]);
}

// ---- dendrogram ----

/* Where each node is: rows of leaves in their order, and heights. */
function treeNodes() {
	const leaves = mapped.length;
	const nodes = mapped.map((_, i) => ({ leaves: [i], height: 0 }));
	for (let i = 0; i < map.tree.length; i += 3) {
		const [a, b, height] = [nodes[map.tree[i]], nodes[map.tree[i + 1]], map.tree[i + 2]];
		nodes.push({ a, b, height, leaves: [...a.leaves, ...b.leaves] });
	}
	const order = leaves ? nodes.at(-1).leaves : [];
	order.forEach((leaf, row) => { nodes[leaf].row = row + 0.5; });
	for (const node of nodes.slice(leaves))
		node.row = (node.a.row + node.b.row) / 2;
	return { nodes, order, top: leaves > 1 ? nodes.at(-1).height : 0 };
}

/* Leaves at the right, the last step at the left; x from 0 to 100, a row is 1 high. */
function treePath({ nodes, top }) {
	const x = (node) => (100 * (1 - node.height / (top || 1))).toFixed(2);
	return nodes.filter((node) => node.a).map((node) => "M" + x(node.a) + " " + node.a.row + "H" + x(node) + "V" + node.b.row + "H" + x(node.b)).join("");
}

function drawTree() {
	if (mapped.length < 2) {
		dropSection("tree");
		return;
	}
	const tree = treeNodes();
	const picture = svg("svg", { class: "tree", viewBox: "-1 0 102 " + mapped.length, preserveAspectRatio: "none", "aria-hidden": "true" }, svg("path", { d: treePath(tree), fill: "none", "vector-effect": "non-scaling-stroke" }));
	const list = make("ol", ...tree.order.map((leaf) => make("li", make("strong", String(mapped[leaf].number)), " ", named(mostOf(mapped[leaf])[0]), make("span.faint", " " + percent(mostOf(mapped[leaf])[1] / mapped[leaf].flows * WHOLE) + " of " + plural(mapped[leaf].flows, "flow")))));
	byId("tree-picture").append(picture, list);
	byId("tree-about").textContent = "Clusters that are near to each other stand together; branches join at the mean " + distanceName + " distance of their clusters, the leftmost at " + distance(tree.top) + ".";
	offer("tree", "Dendrogram", treeRows, () => treeSvg(tree));
}

function treeRows() {
	const rows = [["node", "a", "b", "distance"]];
	const name = (node) => node < mapped.length ? "cluster " + mapped[node].number : "node " + (node - mapped.length);
	for (let i = 0; i < map.tree.length; i += 3)
		rows.push(["node " + i / 3, name(map.tree[i]), name(map.tree[i + 1]), map.tree[i + 2]]);
	return rows;
}

function treeSvg(tree) {
	const high = 18;
	const names = tree.order.map((leaf, row) => svgText(420, 40 + high * (row + 0.7), clusterTitle(mapped[leaf]), { "font-size": 10 }));
	const path = svg("path", { d: treePath(tree), transform: "translate(10 40) scale(4 " + high + ")", fill: "none", stroke: paper.ink, "vector-effect": "non-scaling-stroke" });
	const title = "Clusters by mean distance, the leftmost branch at " + distance(tree.top);
	return svgFile(760, 52 + high * mapped.length, title, [svgText(10, 22, title, { "font-size": 14, "font-weight": 600 }), path, ...names]);
}
