/* The table of flows: sorted, filtered, a page at a time. */
const PAGE = 100;
const sum = (pair) => pair[0] + pair[1];
const place = (address, port, transport) => {
	const shown = /^(tcp|udp|sctp|dccp|udplite)$/.test(transport) ? (address.includes(":") ? "[" + address + "]:" : address + ":") + port : address;
	return shown;
};
const flows = (data.flows ? data.flows.rows : []).map((flow, order) => ({
	...flow,
	order,
	name: groupName(flow),
	from: place(flow.source, flow.source_port, flow.transport),
	to: place(flow.destination, flow.destination_port, flow.transport),
	packetSum: sum(flow.packets),
	byteSum: sum(flow.bytes),
	hostText: flow.host || "",
	inputText: (data.read.inputs[flow.input] || {}).name || "",
	stranger: flow.nearest !== undefined,
}));
for (const flow of flows)
	flow.text = [flow.name, flow.from, flow.to, flow.hostText, flow.application || "", flow.transport, flow.inputText].join(" ").toLowerCase();

const byHost = data.by === "hostname";
const columns = [
	["Distance", (f) => f.distance === undefined ? -1 : f.distance, "number"],
	[Group, (f) => f.name, ""],
	["Lengths", null, ""],
	["Source", (f) => f.from, "place"],
	["Destination", (f) => f.to, "place"],
	byHost ? ["Label", (f) => f.application, ""] : ["Host name", (f) => f.hostText, "host"],
	["Packets", (f) => f.packetSum, "number"],
	["Bytes", (f) => f.byteSum, "number"],
	["Lasted", (f) => f.seconds, "number"],
	["Start", (f) => f.start, "short"],
	["Cluster", (f) => f.cluster === undefined ? 1e9 : f.cluster < 0 ? 1e8 : f.cluster, "number"],
];
const view = { column: -1, down: true, limit: PAGE };

function flowRow(flow) {
	const label = make(byHost ? "td.host" : "td.label", named(flow.name));
	if (flow.application && flow.application !== flow.name && !byHost)
		label.append(make("span.hint", named(flow.application)));
	if (flow.outlier)
		label.append(" ", make("span.badge", "outlier"));
	if (flow.stranger)
		label.append(make("span.hint", "nearer to ", named(data.groups[flow.nearest].name)));
	return make("tr", make("td.number", flow.distance === undefined ? "–" : distance(flow.distance)), label, make("td", tiny(flow.shape)),
		make("td.place", flow.from), make("td.place", flow.to, make("span.hint", clean(flow.transport))), byHost ? make("td.label", named(flow.application)) : make("td.host", flow.host ? named(flow.host) : ""),
		set(make("td.number", count(flow.packetSum)), two ? { title: "source " + count(flow.packets[0]) + ", destination " + count(flow.packets[1]) } : {}),
		make("td.number", bytes(flow.byteSum)), make("td.number", seconds(flow.seconds)), set(make("td.short", flow.start.slice(11, 19), oneDay ? null : make("span.hint", flow.start.slice(0, 10))), { title: moment(flow.start) + " in " + clean(flow.inputText) }),
		make("td.number", flow.cluster === undefined ? "–" : clusterName(flow.cluster)));
}

const compare = (a, b) => typeof a === "string" ? (a < b ? -1 : a > b ? 1 : 0) : a - b;

function chosen() {
	const words = byId("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
	const group = byId("group-choice").value;
	const list = flows.filter((f) => (!group || f.name === group) && (!byId("only-outliers").checked || f.outlier) &&
		(!byId("only-strangers").checked || f.stranger) && words.every((word) => f.text.includes(word)));
	if (view.column >= 0) {
		const value = columns[view.column][1];
		list.sort((a, b) => (view.down ? -1 : 1) * compare(value(a), value(b)) || a.order - b.order);
	}
	return list;
}

function drawFlows() {
	const list = chosen();
	const body = byId("flow-table").querySelector("tbody");
	body.replaceChildren(...list.slice(0, view.limit).map(flowRow));
	byId("flow-table").querySelectorAll("th").forEach((th, i) => {
		if (columns[i][1])
			th.setAttribute("aria-sort", i !== view.column ? "none" : view.down ? "descending" : "ascending");
	});
	const listed = Math.min(view.limit, list.length);
	byId("flow-count").textContent = (listed < list.length ? "Rows 1 to " + count(listed) + " of " + count(list.length) : plural(list.length, "row")) +
		(list.length < flows.length ? ", filtered from " + count(flows.length) : "") + (view.column < 0 ? ", outliers first, then by distance." : ".");
	const more = byId("more");
	more.hidden = listed === list.length;
	more.textContent = "Show " + count(Math.min(PAGE, list.length - listed)) + " more";
}

function flowHead() {
	const row = make("tr");
	columns.forEach(([name, value, kind], i) => {
		const th = set(make(kind === "number" ? "th.number" : "th"), { scope: "col" });
		if (value) {
			const button = set(make("button", name), { type: "button" });
			button.addEventListener("click", () => {
				const numeric = kind === "number";
				view.down = view.column === i ? !view.down : numeric && name !== "Cluster";
				view.column = i;
				drawFlows();
			});
			th.append(button);
		} else {
			th.append(name);
		}
		row.append(th);
	});
	return make("thead", row);
}

function aboutFlows() {
	const f = data.flows;
	const others = flows.length - f.outliers_shown;
	let text = "How far each flow is from its own " + groupWord + "'s distribution (" + distanceName + directionText + "). Outliers lie beyond their group's upper quartile by more than one and a half times the distance between its quartiles. ";
	if (flows.length === f.total)
		text += "All " + plural(f.total, "flow") + " are here, " + (f.outliers ? plural(f.outliers, "outlier") + " among them." : "none of them an outlier.");
	else
		text += "Showing " + count(flows.length) + " of " + count(f.total) + ": " + (f.outliers_shown < f.outliers ? "the " + count(f.outliers_shown) + " farthest of " + plural(f.outliers, "outlier") : f.outliers === 0 ? "there are no outliers" : f.outliers === 1 ? "the only outlier" : "all " + count(f.outliers) + " outliers") + " and a seeded sample of " + count(others) + " others. The other sections are about all flows.";
	byId("flows-about").textContent = text + exceptLibraries;
}

function drawFlowSection() {
	if (!data.flows) {
		dropSection("flows");
		document.querySelector(".skip").remove();
		return;
	}
	aboutFlows();
	byId("flow-table").append(make("table.rows", make("caption", make("span.hidden", "Flows")), flowHead(), make("tbody")));
	byId("group-word").textContent = Group;
	const choice = byId("group-choice");
	choice.append(set(make("option", "all"), { value: "" }));
	for (const name of [...new Set(flows.map((f) => f.name))].sort(compare))
		choice.append(set(make("option", brief(name)), { value: name }));
	const again = () => {
		view.limit = PAGE;
		drawFlows();
	};
	byId("filter").addEventListener("input", again);
	for (const id of ["group-choice", "only-outliers", "only-strangers"])
		byId(id).addEventListener("change", again);
	byId("tools").addEventListener("submit", (event) => event.preventDefault());
	byId("reset").addEventListener("click", () => {
		view.column = -1;
		again();
	});
	byId("more").addEventListener("click", () => {
		view.limit += PAGE;
		drawFlows();
	});
	drawFlows();
}
