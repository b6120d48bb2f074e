/* The clusters that the flows fall into. */
const clusterName = (number) => number < 0 ? "noise" : String(number);

const COLUMNS_MOST = 40;
const labelName = (label) => label < data.groups.length ? data.groups[label].name : "others";

/* Its flows by group. */
function flowsOf(cluster) {
	const flows = new Map();
	for (let i = 0; i < cluster.labels.length; i += 2)
		flows.set(cluster.labels[i], cluster.labels[i + 1]);
	return flows;
}

/* The group of most of its flows, and how many these are. */
function mostOf(cluster) {
	const [most, times] = [...flowsOf(cluster)].reduce((a, b) => b[1] > a[1] ? b : a);
	return [labelName(most), times];
}

function clusterRow(cluster, columns) {
	const flows = flowsOf(cluster);
	const [mostName, times] = mostOf(cluster);
	const row = make("tr", set(make("th", clusterName(cluster.number)), { scope: "row" }), make("td.number", count(cluster.flows)), make("td", tiny(cluster.shape)),
		make("td.short", named(mostName), make("span.hint", percent(times / cluster.flows * WHOLE))));
	for (const column of columns) {
		const n = flows.get(column) || 0;
		const cell = make("td.number.part", n ? count(n) : make("span.faint", "·"));
		cell.style.setProperty("--v", (60 * n / cluster.flows).toFixed(1) + "%");
		row.append(cell);
	}
	return row;
}

function drawClusters() {
	const clusters = data.clusters;
	if (!clusters) {
		dropSection("clusters");
		return;
	}
	const method = clusters.auto ? "HDBSCAN" : "DBSCAN";
	const what = clusters.auto ? "of " + clusters.min_samples + " flows and more, dense whatever lies around them" : "of flows that have " + clusters.min_samples + " flows or more within " + distance(clusters.eps) + ", themselves included";
	const listed = clusters.list.filter((c) => c.number >= 0).length;
	byId("clusters-about").textContent = clusters.list.length
		? method + " puts flows together by shape alone, whatever their " + groupWord + ": " + plural(clusters.count, "cluster") + " " + what + ", and " + plural(clusters.noise, "flow") + " in none (noise)." + (clusters.purity === undefined ? " All are of one " + groupWord + ": there is nothing to agree about." : " Purity " + clusters.purity.toFixed(3) + " (all in one cluster: " + clusters.most_frequent.toFixed(3) + "), adjusted Rand index against the " + groupWord + "s " + clusters.rand.toFixed(3) + " (chance: 0), noise taken as one cluster.") + (clusters.silhouette === undefined ? "" : " Silhouette of the flows in clusters " + clusters.silhouette.toFixed(2) + (clusters.silhouette_sampled ? " (of a sample)" : "") + ": 1 is far apart, 0 no gap between clusters.") + (clusters.unseen ? " Looked at were " + count(clusters.seen) + " of " + count(clusters.distinct) + " different shapes, drawn by their flows (seed " + data.flows.seed + "); " + plural(clusters.unseen, "flow") + " of other shapes are in none." : "") + (listed < clusters.count ? " The " + count(listed) + " largest are shown." : "")
		: "No flow counted any " + things + ": there is nothing to put together.";
	if (!clusters.list.length) {
		byId("cluster-table").remove();
		return;
	}
	const used = new Set();
	for (const cluster of clusters.list)
		for (let i = 0; i < cluster.labels.length; i += 2)
			used.add(cluster.labels[i]);
	const all = [...used].sort((a, b) => a - b);
	const columns = all.slice(0, COLUMNS_MOST);
	if (columns.length < all.length)
		byId("clusters-about").append(" Columns are the " + columns.length + " largest " + groupWord + "s; all are in the files.");
	const head = make("tr");
	for (const name of ["Cluster", "Flows", "Mean shape", "Mostly"])
		head.append(set(make(name === "Flows" ? "th.number" : "th", name), { scope: "col" }));
	for (const column of columns)
		head.append(set(make("th.number.group", named(labelName(column))), { scope: "col" }));
	byId("cluster-table").append(make("table.rows.clusters" + (columns.length > 9 ? ".many" : ""), make("thead", head), make("tbody", ...clusters.list.map((c) => clusterRow(c, columns)))));
	offer("clusters", "Clusters", () => clusterRows(all), () => clusterSvg(all));
}

function clusterRows(columns) {
	const rows = [["cluster", "flows", ...columns.map(labelName)]];
	for (const cluster of data.clusters.list)
		rows.push([clusterName(cluster.number), cluster.flows, ...columns.map((column) => flowsOf(cluster).get(column) || 0)]);
	return rows;
}

function clusterSvg(columns) {
	const list = data.clusters.list;
	return gridSvg("Flows by cluster and " + groupWord, list.map((cluster) => clusterName(cluster.number) + " (" + plural(cluster.flows, "flow") + ")"), columns.map(labelName), (r, c) => {
		const n = flowsOf(list[r]).get(columns[c]) || 0;
		return { fill: mixed(paper.empty, paper.near, n / list[r].flows), text: n ? count(n) : "" };
	}, { wide: 44 });
}
