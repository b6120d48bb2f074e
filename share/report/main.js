/* Draws everything. */
drawTop();
drawVerdicts();
drawDrift();
drawSwitch();
drawHeat();
listenHeat();
drawCards();
offer("profiles", "Profiles", profileRows, profileSvg);
drawShapes();
drawTimeSection();
drawMatrix();
drawClusters();
drawTree();
drawMap();
drawScores();
drawFlowSection();
drawRead();
document.documentElement.dataset.ready = "yes";
/* The place that the address asks for was not there until now. */
const target = location.hash && document.getElementById(location.hash.slice(1));
if (target)
	target.scrollIntoView({ behavior: "instant" });
