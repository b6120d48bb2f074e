/* Draws the page from the data in it. Every word that came from packets or files goes in as text (textContent,
 * attributes of names that are written here), never as markup; nothing is loaded, nothing is sent. */
(() => {
	"use strict";
	const data = JSON.parse(document.getElementById("data").textContent);
	const WHOLE = 100000; // shares are whole numbers of it
	const two = data.parts === 2;
	let weighing = data.pooled ? "pooled" : "mean";

	// ---- elements ----

	const byId = (id) => document.getElementById(id);

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

	// ---- numbers ----

	const whole = new Intl.NumberFormat("en");
	const count = (n) => whole.format(n);
	const plural = (n, one, many) => count(n) + " " + (n === 1 ? one : many || one + "s");

	function bytes(n) {
		const units = ["B", "kB", "MB", "GB", "TB", "PB"];
		let unit = 0;
		while (n >= 1000 && unit < units.length - 1) {
			n /= 1000;
			unit++;
		}
		return (unit && n < 100 ? n.toFixed(1) : Math.round(n)) + " " + units[unit];
	}

	function percent(share) {
		const p = share / WHOLE * 100;
		if (p === 0)
			return "0 %";
		return p < 0.1 ? "< 0.1 %" : p.toFixed(p < 10 ? 1 : 0) + " %";
	}

	const large = data.distance_max > 10;
	const distance = (d) => d.toFixed(large ? 1 : 3);

	function seconds(s) {
		if (s < 0.001)
			return "0 s";
		if (s < 1)
			return Math.round(s * 1000) + " ms";
		if (s < 120)
			return s.toFixed(1) + " s";
		if (s < 7200)
			return Math.round(s / 60) + " min";
		return s < 172800 ? (s / 3600).toFixed(1) + " h" : s < 3e7 ? Math.round(s / 86400) + " d" : (s / 31556952).toFixed(1) + " years";
	}

	const oneDay = data.read.first.slice(0, 10) === data.read.last.slice(0, 10);
	const moment = (iso) => iso.slice(0, 10) + " " + iso.slice(11, 19);

	const columnBytes = data.fold * data.bin_width;
	/* "64–95", or "1504 and more": the lengths in columns first..last. */
	function range(first, last = first) {
		const from = first * columnBytes;
		if (last === data.columns - 1)
			return from + " and more";
		const to = (last + 1) * columnBytes - 1;
		return from === to ? String(from) : from + "–" + to;
	}
	function binRange(bin) {
		const from = bin * data.bin_width;
		if (bin === data.bins - 1)
			return from + " B and more";
		return data.bin_width === 1 ? from + " B" : from + "–" + (from + data.bin_width - 1) + " B";
	}

	/* So many columns lie between two ticks of an axis, about `wanted` of them in all. */
	function tickStep(wanted) {
		let step = 1;
		while (data.columns / step > wanted)
			step *= 2;
		return step;
	}

	const lengthWord = {
		"ip": "IP packet length",
		"payload": "payload length",
		"frame": "frame length",
		"tls": "TLS record length",
		"tls-data": "length of TLS records with application data",
	}[data.layer];
	const groupWord = { "hostname": "host name" }[data.by] || data.by;
	const things = data.layer.startsWith("tls") ? "records" : "packets";
	const Group = groupWord[0].toUpperCase() + groupWord.slice(1);
	const groupName = (flow) => flow.group === undefined ? flow.label : data.groups[flow.group].name;
	const directionText = two && (data.direction === "source" || data.direction === "destination") ? ", of what the " + data.direction + " sent" : "";
	const distanceName = { "jensen-shannon": "Jensen-Shannon", "chi-squared": "chi-squared", "total-variation": "total variation" }[data.distance] || data.distance[0].toUpperCase() + data.distance.slice(1);

	// ---- top ----

	function drawTop() {
		const read = data.read;
		const names = read.inputs.slice(0, 3).map((input) => brief(input.name));
		const more = read.input_count - names.length;
		const title = data.title ? clean(data.title) : names.join(", ") + (more > 0 ? " and " + count(more) + " more" : "");
		byId("title").textContent = title;
		document.title = title + " – distribooze report";
		byId("maker").textContent = data.program + " · distributions of " + lengthWord;
		byId("lead").textContent = data.fold === 1
			? data.bins + " bins of " + plural(data.bin_width, "byte") + "; the last one takes everything from " + (data.bins - 1) * data.bin_width + " bytes up."
			: data.bins + " bins of " + plural(data.bin_width, "byte") + ", shown " + data.fold + " to a column.";
		const groups = data.groups.length + data.groups_left_out;
		const plain = { "label": "Labels", "protocol": "Protocols", "category": "Categories", "input": "Inputs", "hostname": "Host names", "port": "Ports" };
		const span = (Date.parse(read.last) - Date.parse(read.first)) / 1000;
		for (const [name, value] of [
			[two ? "Flows" : "One-way flows", count(read.flows)],
			["Packets", count(read.packets)],
			["IP bytes", bytes(read.bytes)],
			[plain[data.by], count(groups)],
			["Span of time", seconds(span)],
		])
			byId("tiles").append(make("div", make("dt", name), make("dd", value)));
		byId("foot").textContent = "Made by " + data.program + ". This file is complete in itself: it loads nothing and sends nothing.";
	}

	function drawSwitch() {
		const host = byId("weighing");
		for (const [value, text] of [["mean", "Flows count alike"], ["pooled", "Packets count alike"]]) {
			const button = set(make("button", text), { type: "button", "aria-pressed": String(weighing === value) });
			button.addEventListener("click", () => {
				weighing = value;
				for (const other of host.children)
					other.setAttribute("aria-pressed", String(other === button));
				drawHeat();
				drawCards();
			});
			host.append(button);
		}
	}

	function leftOut() {
		return data.groups_left_out
			? " The " + plural(data.groups.length, "largest group") + " of " + count(data.groups.length + data.groups_left_out) + "; " + plural(data.flows_left_out, "flow") + " of smaller ones are not shown here."
			: "";
	}

	// ---- heat map ----

	const shade = (share) => share > 0 ? Math.max(5, 100 * Math.sqrt(share / WHOLE)).toFixed(1) + "%" : "0%";

	function heatCell(share) {
		const cell = document.createElement("td");
		if (share)
			cell.style.setProperty("--v", shade(share));
		return cell;
	}

	function heatRow(group) {
		const row = make("tr", set(make("th", named(group.name), make("span.faint", count(group.flows))), { scope: "row", title: clean(group.name) + ": " + plural(group.flows, "flow") }));
		for (const share of group[weighing].vector)
			row.append(heatCell(share));
		return row;
	}

	function heatAxis() {
		const step = tickStep(8);
		const row = make("tr", make("td", make("span.hidden", Group)));
		for (let c = 0; c < data.columns; c += step)
			row.append(set(make("th", c * columnBytes + (c ? "" : " bytes")), { scope: "colgroup", colspan: Math.min(step, data.columns - c) }));
		return make("thead", row);
	}

	function readHeat(row, column) {
		const group = data.groups[row];
		return brief(group.name) + " · " + range(column) + " bytes · " + percent(group[weighing].vector[column]);
	}

	let heatCursor = null;
	function drawHeat() {
		const body = make("tbody");
		for (const group of data.groups)
			body.append(heatRow(group));
		const caption = make("caption", make("span.hidden", "Share of each length by " + groupWord));
		byId("heat").replaceChildren(make("table.heat", caption, heatAxis(), body));
		byId("lengths-about").textContent = "How often each " + lengthWord + " occurs, by " + groupWord + directionText + ": " +
			(weighing === "mean" ? "the mean of the flows' own distributions, so that a flow of ten packets says as much as one of a million." : "all packets of the group together, so that long flows prevail.") + leftOut();
		moveHeat(null);
	}

	function moveHeat(place) {
		const rows = byId("heat").querySelectorAll("tbody tr");
		const old = byId("heat").querySelector(".here");
		if (old)
			old.classList.remove("here");
		heatCursor = place;
		byId("heat-reading").textContent = place ? readHeat(place[0], place[1]) : "";
		if (place)
			rows[place[0]].children[place[1] + 1].classList.add("here");
	}

	function listenHeat() {
		const host = byId("heat");
		host.addEventListener("pointerover", (event) => {
			const cell = event.target.closest("tbody td");
			if (cell)
				moveHeat([cell.parentNode.sectionRowIndex, cell.cellIndex - 1]);
		});
		host.addEventListener("pointerleave", () => moveHeat(null));
		host.addEventListener("keydown", (event) => {
			const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
			if (!step)
				return;
			event.preventDefault();
			const [r, c] = heatCursor ? [heatCursor[0] + step[0], heatCursor[1] + step[1]] : [0, 0];
			moveHeat([Math.min(Math.max(r, 0), data.groups.length - 1), Math.min(Math.max(c, 0), data.columns - 1)]);
		});
		const legend = byId("heat-legend");
		legend.append(make("span", "Share:"));
		for (const p of [0, 1, 5, 10, 25, 50, 100]) {
			const swatch = document.createElement("i");
			swatch.style.setProperty("--v", shade(p / 100 * WHOLE));
			legend.append(swatch, make("span", p + " %"));
		}
	}

	// ---- profiles ----

	/* The bars of one side as one path: up from the line at y, or down with direction 1. */
	function barPath(shares, most, y, height, direction) {
		let path = "";
		shares.forEach((share, column) => {
			if (!share)
				return;
			const size = Math.max(share / most * height, height * 0.012);
			path += "M" + (column + 0.06) + " " + y + "h.88v" + (direction * size).toFixed(3) + "h-.88z";
		});
		return path;
	}

	function mirror(sides, className, height) {
		const most = Math.max(1, ...sides.flat());
		const y = two ? height / 2 : height;
		const room = two ? height / 2 - 1 : height - 1;
		const picture = svg("svg", { class: className + (two ? "" : " single"), viewBox: "0 0 " + data.columns + " " + height, preserveAspectRatio: "none", "aria-hidden": "true" });
		picture.append(svg("path", { class: "bars-source", d: barPath(sides[0], most, y, room, -1) }));
		if (two)
			picture.append(svg("path", { class: "bars-destination", d: barPath(sides[1], most, y, room, 1) }));
		picture.append(svg("line", { class: "middle", x1: 0, x2: data.columns, y1: y, y2: y }));
		return picture;
	}

	/* From column, share, share, ... to one array per side. */
	function spread(sparse) {
		const sides = Array.from({ length: data.parts }, () => new Array(data.columns).fill(0));
		for (let i = 0; i < sparse.length; i += 1 + data.parts)
			for (let part = 0; part < data.parts; part++)
				sides[part][sparse[i]] = sparse[i + 1 + part];
		return sides;
	}

	function shapeText(sides) {
		const sums = sides[0].map((share, column) => [share + (two ? sides[1][column] : 0), column]);
		sums.sort((a, b) => b[0] - a[0] || a[1] - b[1]);
		return sums.slice(0, 3).filter((pair) => pair[0]).map((pair) => range(pair[1]) + " B: " + percent(pair[0])).join(", ");
	}

	const tiny = (sparse) => {
		if (!sparse || !sparse.length)
			return make("span.faint", "none");
		const sides = spread(sparse);
		const text = shapeText(sides);
		return set(make("div", mirror(sides, "tiny", 32), make("span.hidden", text)), { title: text });
	};

	function axis() {
		const host = make("div.axis");
		const step = tickStep(6);
		const mark = (column, className, text) => {
			const tick = make(className, text);
			tick.style.left = (100 * column / data.columns) + "%";
			host.append(tick);
		};
		const last = data.columns - 1;
		for (let c = 0; c === 0 || c <= last - step; c += step)
			mark(c, "span", String(c * columnBytes));
		mark(last, "span.last", last * columnBytes + "+"); // it has no end
		return host;
	}

	function numbersTable(sides) {
		const body = make("tbody");
		for (let c = 0; c < data.columns; c++) {
			if (!sides.some((side) => side[c]))
				continue;
			const row = make("tr", set(make("th", range(c)), { scope: "row" }));
			for (const side of sides)
				row.append(make("td.number", percent(side[c])));
			body.append(row);
		}
		const head = make("tr", set(make("th", "bytes"), { scope: "col" }));
		for (const name of two ? ["source", "destination"] : ["share"])
			head.append(set(make("th.number", name), { scope: "col" }));
		return make("table", make("thead", head), body);
	}

	function readSides(sides, column) {
		const text = range(column) + " bytes: ";
		return two ? text + "source " + percent(sides[0][column]) + ", destination " + percent(sides[1][column]) : text + percent(sides[0][column]);
	}

	function chart(sides) {
		const picture = mirror(sides, "profile", 100);
		const most = Math.max(...sides.flat());
		const scale = most ? "bars to " + percent(most) : "";
		const reading = make("span.peak.up", scale);
		const guide = svg("line", { class: "guide", y1: 0, y2: 100, x1: 0, x2: 0, visibility: "hidden" });
		picture.append(guide);
		picture.addEventListener("pointermove", (event) => {
			const box = picture.getBoundingClientRect();
			const column = Math.min(data.columns - 1, Math.max(0, Math.floor((event.clientX - box.left) / box.width * data.columns)));
			set(guide, { x1: column + 0.5, x2: column + 0.5, visibility: "visible" });
			reading.textContent = readSides(sides, column);
		});
		picture.addEventListener("pointerleave", () => {
			guide.setAttribute("visibility", "hidden");
			reading.textContent = scale;
		});
		return make("div.chart", picture, axis(), reading);
	}

	function leading(group) {
		const line = make("p.facts", group.leading.length ? "Most: " : "No " + things + " were counted.");
		for (let i = 0; i < group.leading.length; i += 2)
			add(line, [i ? " · " : "", make("span.whole", binRange(group.leading[i]) + " " + percent(group.leading[i + 1] * WHOLE))]);
		return line;
	}

	function card(group) {
		const sides = group[weighing].sides;
		const numbers = make("details", make("summary", "Numbers"));
		numbers.addEventListener("toggle", () => {
			if (numbers.open && numbers.children.length === 1)
				numbers.append(numbersTable(sides));
		});
		const facts = [plural(group.flows, "flow"), plural(group.packets, "packet"), bytes(group.bytes)];
		if (group.empty)
			facts.push(count(group.empty) + " without " + things);
		const spreadText = "median " + Math.round(group.median) + " B · entropy " + group.entropy.toFixed(2) + " bits · spread " + distance(group.dispersion);
		return make("article.card" + (two ? "" : ".single"), make("h3", named(group.name)), make("p.facts", facts.join(" · ")), chart(sides),
			leading(group), make("p.facts", spreadText), numbers);
	}

	function drawCards() {
		byId("cards").replaceChildren(...data.groups.map(card));
		const about = byId("profiles-about");
		const scale = "Shares of all " + things + ", each picture to its own scale. Spread is the mean " + distanceName + " distance of the flows to their group.";
		if (two)
			about.replaceChildren(make("span.key.source", make("span", "up: what the source sent")), "  ", make("span.key.destination", make("span", "down: what the destination sent")), ". " + scale);
		else
			about.replaceChildren(scale);
	}

	// ---- distances ----

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

	// ---- clusters ----

	const clusterName = (number) => number < 0 ? "noise" : String(number);

	function clusterRow(cluster, columns) {
		const flows = new Map();
		for (let i = 0; i < cluster.labels.length; i += 2)
			flows.set(cluster.labels[i], cluster.labels[i + 1]);
		const [most, times] = [...flows].reduce((a, b) => b[1] > a[1] ? b : a);
		const mostName = most < data.groups.length ? data.groups[most].name : "others";
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
		const method = clusters.auto ? "HDBSCAN" : "DBSCAN";
		const what = clusters.auto ? "of " + clusters.min_samples + " flows and more, dense whatever lies around them" : "of flows that have " + clusters.min_samples + " flows or more within " + distance(clusters.eps) + ", themselves included";
		const listed = clusters.list.filter((c) => c.number >= 0).length;
		byId("clusters-about").textContent = clusters.list.length
			? method + " puts flows together by shape alone, whatever their " + groupWord + ": " + plural(clusters.count, "cluster") + " " + what + ", and " + plural(clusters.noise, "flow") + " in none (noise). Purity " + clusters.purity.toFixed(3) + ", adjusted Rand index against the " + groupWord + "s " + clusters.rand.toFixed(3) + ", noise taken as one cluster." + (listed < clusters.count ? " The " + count(listed) + " largest are shown." : "")
			: "No flow counted any " + things + ": there is nothing to put together.";
		if (!clusters.list.length) {
			byId("cluster-table").remove();
			return;
		}
		const used = new Set();
		for (const cluster of clusters.list)
			for (let i = 0; i < cluster.labels.length; i += 2)
				used.add(cluster.labels[i]);
		const columns = [...used].sort((a, b) => a - b);
		const head = make("tr");
		for (const name of ["Cluster", "Flows", "Mean shape", "Mostly"])
			head.append(set(make(name === "Flows" ? "th.number" : "th", name), { scope: "col" }));
		for (const column of columns)
			head.append(set(make("th.number.group", column < data.groups.length ? named(data.groups[column].name) : "others"), { scope: "col" }));
		byId("cluster-table").append(make("table.rows.clusters" + (columns.length > 9 ? ".many" : ""), make("thead", head), make("tbody", ...clusters.list.map((c) => clusterRow(c, columns)))));
	}

	// ---- flows ----

	const PAGE = 100;
	const sum = (pair) => pair[0] + pair[1];
	const place = (address, port, transport) => {
		const shown = /^(tcp|udp|sctp|dccp|udplite)$/.test(transport) ? (address.includes(":") ? "[" + address + "]:" : address + ":") + port : address;
		return shown;
	};
	const flows = data.flows.rows.map((flow, order) => ({
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
		byId("flows-about").textContent = text;
	}

	function drawFlowSection() {
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

	// ---- what was read ----

	function pairs(title, rows) {
		const body = make("tbody");
		for (const [name, value] of rows)
			body.append(make("tr", set(make("th", name), { scope: "row" }), make("td.number", value)));
		return make("div", make("table.rows", make("caption", title), body));
	}

	function inputTable() {
		const read = data.read;
		const body = make("tbody");
		for (const input of read.inputs)
			body.append(make("tr", set(make("th", named(input.name)), { scope: "row" }), make("td.number", count(input.flows)), make("td.number", count(input.packets)), make("td.number", bytes(input.bytes))));
		const head = make("tr");
		for (const name of ["Input", "Flows", "Packets", "Bytes"])
			head.append(set(make(name === "Input" ? "th" : "th.number", name), { scope: "col" }));
		const caption = "Inputs" + (read.input_count > read.inputs.length ? ": the first " + read.inputs.length + " of " + count(read.input_count) : "");
		return make("div.scroll", make("table.rows", make("caption", caption), make("thead", head), body));
	}

	function drawRead() {
		const read = data.read;
		const troubles = [];
		if (read.failures)
			troubles.push(plural(read.failures, "input") + " could not be read or broke off; what was readable is here");
		if (read.bad_lines)
			troubles.push(plural(read.bad_lines, "line") + " that are no records were passed over");
		byId("read-about").textContent = "From " + moment(read.first) + " to " + moment(read.last) + " UTC." + (troubles.length ? " " + troubles.join("; ") + "." : "");
		const rows = [["Flows read", count(read.records)]];
		if (read.records > read.flows)
			rows.push(["left out by --label or --min-packets", count(read.records - read.flows)]);
		rows.push(["Flows in this report", count(read.flows)]);
		if (read.capture_packets) {
			rows.push(["Packets read from captures", count(read.capture_packets)]);
			if (read.filtered)
				rows.push(["left out by the filter", count(read.filtered)]);
			for (const [name, n] of Object.entries(read.skipped))
				rows.push(["skipped: " + clean(name), count(n)]);
		}
		byId("read-tables").append(inputTable(), pairs("Accounting", rows));
	}

	drawTop();
	drawSwitch();
	drawHeat();
	listenHeat();
	drawCards();
	drawMatrix();
	drawClusters();
	drawFlowSection();
	drawRead();
	document.documentElement.dataset.ready = "yes";
	/* The place that the address asks for was not there until now. */
	const target = location.hash && document.getElementById(location.hash.slice(1));
	if (target)
		target.scrollIntoView({ behavior: "instant" });
})();
