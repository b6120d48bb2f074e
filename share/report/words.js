/* Numbers, lengths and names as they are told. */
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

const oneDay = (data.read.first || "").slice(0, 10) === (data.read.last || "").slice(0, 10);
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
/* Flows of libraries, which keep no single ones. */
const ofLibraries = data.read.library_flows || 0;
const singleFlows = data.read.flows - ofLibraries;
const exceptLibraries = ofLibraries && singleFlows ? " Of " + plural(singleFlows, "flow") + "; the " + plural(ofLibraries, "flow") + " of libraries are not among them: libraries keep no single ones." : "";
const groupsWord = data.by.includes(",") ? "groups by " + data.by.split(",").join(" and ")
	: { "hostname": "host names", "category": "categories", "prefix": "prefixes", "vlan": "VLANs", "ja3": "JA3 fingerprints", "ja4": "JA4 fingerprints" }[data.by.split("/")[0]] || groupWord + "s";
const Groups = groupsWord[0].toUpperCase() + groupsWord.slice(1);
const Group = groupWord[0].toUpperCase() + groupWord.slice(1);
const groupName = (flow) => flow.group === undefined ? flow.label : data.groups[flow.group].name;
const directionText = two && (data.direction === "source" || data.direction === "destination") ? ", of what the " + data.direction + " sent" : "";
const distanceName = { "jensen-shannon": "Jensen-Shannon", "chi-squared": "chi-squared", "total-variation": "total variation" }[data.distance] || data.distance[0].toUpperCase() + data.distance.slice(1);
